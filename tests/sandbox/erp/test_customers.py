"""Customers and their contacts through both protocols."""

from typing import Any

from interlace.sandbox.erp import load_rows


def test_customer_gets_number_and_company_contact(erp: Any) -> None:
    """A new customer takes the next number of its series and brings a company contact with it."""
    first = erp.post(f"{erp.company}/customers", {"displayName": "Möbel Åse"})
    second = erp.post(f"{erp.company}/customers", {"displayName": "Тёплый дом"})
    assert (first["number"], second["number"]) == ("C00010", "C00020")
    relations = erp.values(f"{erp.pages}/ContactBusinessRelations")
    assert [(row["No"], row["Link_to_Table"]) for row in relations] == [
        ("C00010", "Customer"),
        ("C00020", "Customer"),
    ]
    contacts = erp.values(f"{erp.company}/contacts?$select=displayName,type,contactBusinessRelation")
    assert [row["displayName"] for row in contacts] == ["Möbel Åse", "Тёплый дом"]
    assert {row["contactBusinessRelation"] for row in contacts} == {"Customer"}


def test_customer_and_company_contact_stay_in_step(erp: Any) -> None:
    """A change of the customer reaches its company contact, and the other way round."""
    erp.post(f"{erp.pages}/CustomerCard", {"Name": "A"})
    erp.patch(f"{erp.pages}/CustomerCard('C00010')", {"City": "Köln", "Name": "B"})
    contact = erp.get(f"{erp.pages}/ContactCard('CT000001')")
    assert (contact["Name"], contact["City"], contact["Company_Name"]) == ("B", "Köln", "B")
    erp.patch(f"{erp.pages}/ContactCard('CT000001')", {"E_Mail": "info@example.com"})
    assert erp.get(f"{erp.pages}/CustomerCard('C00010')")["E_Mail"] == "info@example.com"


def test_person_names_are_joined_and_taken_apart(erp: Any) -> None:
    """A person's name follows its parts, and the parts follow the name."""
    person = erp.post(f"{erp.pages}/ContactCard", {"Type": "Person", "First_Name": "Eva", "Surname": "Öst"})
    assert person["Name"] == "Eva Öst"
    changed = erp.patch(f"{erp.pages}/ContactCard('{person['No']}')", {"Name": "Eva Maria Öst"})
    assert (changed["First_Name"], changed["Middle_Name"], changed["Surname"]) == ("Eva", "Maria", "Öst")


def test_primary_contact_must_belong_to_the_customer(erp: Any) -> None:
    """The primary contact is a person of the customer's company; its name is shown on the customer."""
    erp.post(f"{erp.pages}/CustomerCard", {"Name": "A"})
    erp.post(
        f"{erp.pages}/ContactCard",
        {"Type": "Person", "Name": "Eva Öst", "No": "P1", "Company_No": "CT000001"},
    )
    erp.post(f"{erp.pages}/ContactCard", {"Type": "Person", "Name": "Jon Ek", "No": "P2"})
    customer = f"{erp.pages}/CustomerCard('C00010')"
    assert erp.patch(customer, {"Primary_Contact_No": "P1"})["Contact"] == "Eva Öst"
    status, code, message = erp.refused("PATCH", customer, {"Primary_Contact_No": "P2"}, {"If-Match": "*"})
    assert (status, code) == (400, "Application_DialogException")
    assert "P2" in message
    assert "C00010" in message


def test_api_shows_ids_and_codes_of_related_records(erp: Any) -> None:
    """Ids and codes of related records are set by either, agree, and show the local currency for blank."""
    currency = erp.values(f"{erp.company}/currencies?$filter=code eq 'USD'")[0]
    terms = erp.values(f"{erp.company}/paymentTerms")[0]
    customer = erp.post(
        f"{erp.company}/customers",
        {"displayName": "A", "currencyId": currency["id"], "paymentTermsId": terms["id"]},
    )
    assert (customer["currencyCode"], customer["paymentTermsId"]) == ("USD", terms["id"])
    page = erp.get(f"{erp.pages}/CustomerCard('C00010')")
    assert (page["Currency_Code"], page["Payment_Terms_Code"]) == ("USD", "30 DAYS")
    local = erp.patch(f"{erp.company}/customers({customer['id']})", {"currencyCode": "EUR"})
    assert (local["currencyCode"], local["currencyId"]) == ("EUR", "00000000-0000-0000-0000-000000000000")
    assert erp.get(f"{erp.pages}/CustomerCard('C00010')")["Currency_Code"] == ""


def test_unknown_code_is_refused_with_the_field(erp: Any) -> None:
    """A code that names no record is refused, and the message names field and value."""
    for field, value in (("Salesperson_Code", "ZZ"), ("Currency_Code", "XXX"), ("Payment_Terms_Code", "NO")):
        status, code, message = erp.refused("POST", f"{erp.pages}/CustomerCard", {"Name": "A", field: value})
        assert (status, code) == (400, "Internal_InvalidTableRelation")
        assert field.replace("_", " ") in message
        assert value in message
    assert erp.values(f"{erp.pages}/CustomerCard") == []


def test_too_long_text_is_refused(erp: Any) -> None:
    """A text longer than its field is refused with the code that clients know."""
    refused = erp.refused("POST", f"{erp.company}/customers", {"displayName": "x" * 101})
    assert refused[:2] == (400, "Application_StringExceededLength")


def test_codes_are_trimmed_and_upper_cased(erp: Any) -> None:
    """A code field keeps its value in capitals and without blanks around it."""
    customer = erp.post(
        f"{erp.pages}/CustomerCard", {"No": " k-1 ", "Name": "A", "Country_Region_Code": "de"}
    )
    assert (customer["No"], customer["Country_Region_Code"]) == ("K-1", "DE")


def test_manual_numbers_can_be_forbidden(open_erp: Any) -> None:
    """A company that forbids manual numbers refuses a number of the client's choice."""
    erp = open_erp(manual_numbers=False)
    refused = erp.refused("POST", f"{erp.company}/customers", {"displayName": "A", "number": "X1"})
    assert refused[:2] == (400, "Application_DialogException")
    assert erp.post(f"{erp.company}/customers", {"displayName": "A"})["number"] == "C00010"


def test_same_number_twice_is_refused(erp: Any) -> None:
    """A key that exists already is refused and nothing is written."""
    erp.post(f"{erp.pages}/CustomerCard", {"No": "K1", "Name": "A"})
    refused = erp.refused("POST", f"{erp.pages}/CustomerCard", {"No": "k1", "Name": "B"})
    assert refused[:2] == (400, "Internal_EntityWithSameKeyExists")
    assert erp.get(f"{erp.pages}/CustomerCard('K1')")["Name"] == "A"


def test_customer_with_ledger_entries_is_not_deleted(erp: Any, open_erp: Any) -> None:
    """Ledger entries forbid the deletion of their customer; another one goes with its relation."""
    customer = erp.post(f"{erp.company}/customers", {"displayName": "A"})
    other = erp.post(f"{erp.company}/customers", {"displayName": "B"})
    load_rows(
        erp.app.records,
        [("Cust_Ledger_Entry", {"Entry_No": 1, "Customer_No": "C00010", "Remaining_Amt_LCY": "12.50"})],
    )
    status, code, message = erp.refused("DELETE", f"{erp.company}/customers({customer['id']})")
    assert (status, code) == (400, "Application_DialogException")
    assert "C00010" in message
    assert erp.send("DELETE", f"{erp.company}/customers({other['id']})").status == 204
    assert [row["No"] for row in erp.values(f"{erp.pages}/ContactBusinessRelations")] == ["C00010"]


def test_customer_who_pays_for_the_documents_of_another_one_is_not_deleted(erp: Any) -> None:
    """A line that is billed to a customer keeps him; without it he goes."""
    customer = erp.post(f"{erp.company}/customers", {"displayName": "A"})
    line = {"Document_Type": "Order", "Document_No": "O1", "Line_No": 10000}
    load_rows(erp.app.records, [("Sales_Line", {**line, "Bill_to_Customer_No": "C00010"})])
    address = f"{erp.company}/customers({customer['id']})"
    status, code, message = erp.refused("DELETE", address)
    assert (status, code) == (400, "Application_DialogException")
    assert "customer C00010 because there is at least one outstanding sales document" in message
    with erp.app.records.store.transaction():
        [held] = erp.app.records.find_equal("Sales_Line", Bill_to_Customer_No="C00010")
        erp.app.records.delete(held)
    assert erp.send("DELETE", address).status == 204


def test_balance_is_computed_and_moves_no_tag(erp: Any) -> None:
    """The balance is the sum of the ledger; a new entry changes neither etag nor modification time."""
    before = erp.post(f"{erp.company}/customers", {"displayName": "A"})
    erp.clock.advance(hours=1)
    entries = [
        {"Entry_No": 1, "Remaining_Amt_LCY": "12.50", "Sales_LCY": "10.50", "Due_Date": "2026-10-01"},
        {"Entry_No": 2, "Remaining_Amt_LCY": "0.07", "Sales_LCY": "0.06", "Due_Date": "2027-01-01"},
    ]
    load_rows(
        erp.app.records, [("Cust_Ledger_Entry", {"Customer_No": "C00010", **entry}) for entry in entries]
    )
    after = erp.get(f"{erp.company}/customers({before['id']})")
    assert after["balanceDue"] == 12.5
    assert after["@odata.etag"] == before["@odata.etag"]
    assert after["lastModifiedDateTime"] == before["lastModifiedDateTime"]
    page = erp.get(f"{erp.pages}/CustomerCard('C00010')")
    assert (page["Balance_LCY"], page["Balance_Due_LCY"], page["Sales_LCY"]) == (12.57, 12.5, 10.56)


def test_rename_keeps_the_id_and_takes_references_along(erp: Any) -> None:
    """A number changed through the API keeps the record's id and renames it everywhere."""
    customer = erp.post(f"{erp.company}/customers", {"displayName": "A"})
    renamed = erp.patch(f"{erp.company}/customers({customer['id']})", {"number": "NEW"})
    assert (renamed["id"], renamed["number"]) == (customer["id"], "NEW")
    assert [row["No"] for row in erp.values(f"{erp.pages}/ContactBusinessRelations")] == ["NEW"]
    refused = erp.refused("PATCH", f"{erp.pages}/CustomerCard('NEW')", {"No": "X"}, {"If-Match": "*"})
    assert refused[0] == 400


def test_posted_id_is_ignored_unless_switched_on(erp: Any, open_erp: Any) -> None:
    """The real pages number records themselves; the switch makes the sandbox behave like the extension."""
    wanted = "6f0a3a5c-0000-4000-8000-000000000001"
    ignored = erp.post(f"{erp.company}/customers", {"displayName": "A", "id": wanted})
    assert ignored["id"] != wanted
    editable = open_erp(editable_ids=True)
    assert editable.post(f"{editable.company}/customers", {"displayName": "A", "id": wanted})["id"] == wanted


def test_manual_numbers_are_forbidden_series_by_series(erp: Any) -> None:
    """Without Manual Nos. a number series refuses numbers by hand; the other tables still take them."""
    pages = erp.pages
    series = erp.get(f"{pages}/SalesReceivablesSetup('')")["Customer_Nos"]
    tag = erp.get(f"{pages}/NoSeries('{series}')")["@odata.etag"]
    erp.patch(f"{pages}/NoSeries('{series}')", {"Manual_Nos": False}, tag)
    refused = erp.refused("POST", f"{pages}/CustomerCard", {"No": "K1", "Name": "A"})
    assert refused[:2] == (400, "Application_DialogException")
    assert erp.post(f"{pages}/ContactCard", {"No": "K1", "Name": "A"})["No"] == "K1"
