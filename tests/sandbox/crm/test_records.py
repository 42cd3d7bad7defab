"""Creating, reading, changing and clearing records through the Web API."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from tests.sandbox.crm.conftest import EVERYTHING, Client, refusal

KEY = "11111111-2222-4333-8444-555555555555"


def test_create_answers_204_with_the_address_of_the_record(client: Client) -> None:
    """The new id stands at the end of OData-EntityId, in parentheses."""
    response = client.send("POST", "accounts", {"name": "Contoso"})
    assert response.status == 204
    assert response.body == b""
    assert str(response.header("OData-EntityId")).startswith("http://127.0.0.1/api/data/v9.2/accounts(")


def test_create_with_representation_answers_201_and_the_row(client: Client) -> None:
    """Prefer: return=representation gives the created row and the select of the address."""
    response = client.send(
        "POST", "accounts?$select=name", {"name": "Contoso"}, {"Prefer": "return=representation"}
    )
    row = json.loads(response.body)
    assert response.status == 201
    assert response.header("Preference-Applied") == "return=representation"
    assert row["name"] == "Contoso"
    assert row["@odata.context"].endswith("$metadata#accounts(name)/$entity")


def test_the_client_chooses_the_key(client: Client) -> None:
    """A primary key in the body is honoured, and a second record with it is refused."""
    assert client.create("accounts", {"accountid": KEY, "name": "A"}) == KEY
    assert refusal(client.send("POST", "accounts", {"accountid": KEY})) == (412, "0x80040237")


def test_money_keeps_its_digits_and_gets_a_base_twin(client: Client) -> None:
    """Amounts are exact; the twin is divided by the rate of the row's currency."""
    pounds = client.create(
        "transactioncurrencies",
        {
            "currencyname": "Pound",
            "isocurrencycode": "GBP",
            "currencysymbol": "£",
            "currencyprecision": 2,
            "exchangerate": 0.8,
        },
    )
    account = client.create(
        "accounts",
        {
            "name": "A",
            "creditlimit": 1000.10,
            "transactioncurrencyid@odata.bind": f"/transactioncurrencies({pounds})",
        },
    )
    row = client.get(f"accounts({account})")
    assert (row["creditlimit"], row["exchangerate"]) == (Decimal("1000.1"), Decimal("0.8"))
    assert row["creditlimit_base"] == Decimal("1250.1250")


@pytest.mark.parametrize(
    "form", ["/contacts({})", "contacts({})", "http://127.0.0.1/api/data/v9.2/contacts({})"]
)
def test_lookups_are_bound_in_every_form_and_read_as_value(client: Client, form: str) -> None:
    """Relative, rooted and absolute references bind; the lookup is read as _x_value."""
    contact = client.create("contacts", {"firstname": "Åsa", "lastname": "Öberg"})
    account = client.create("accounts", {"name": "A", "primarycontactid@odata.bind": form.format(contact)})
    assert client.get(f"accounts({account})")["_primarycontactid_value"] == contact


def test_writing_a_lookup_value_directly_is_refused(client: Client) -> None:
    """_x_value is for reading only."""
    response = client.send("POST", "accounts", {"name": "A", "_primarycontactid_value": KEY})
    assert refusal(response) == (400, "0x80048d19")


def test_a_navigation_name_in_wrong_case_is_undeclared(client: Client) -> None:
    """Navigation names are case-sensitive."""
    response = client.send("POST", "accounts", {"PrimaryContactId@odata.bind": f"/contacts({KEY})"})
    assert refusal(response) == (400, "0x80048d19")


def test_a_bind_to_a_missing_record_is_refused(client: Client) -> None:
    """A lookup never dangles."""
    response = client.send(
        "POST", "accounts", {"name": "A", "primarycontactid@odata.bind": f"/contacts({KEY})"}
    )
    assert refusal(response) == (404, "0x80040217")


@pytest.mark.parametrize("body", [{"primarycontactid@odata.bind": None}, {"primarycontactid": None}])
def test_null_clears_a_lookup(client: Client, body: dict[str, None]) -> None:
    """A null bind and a null navigation property both clear."""
    contact = client.create("contacts", {"lastname": "L"})
    account = client.create("accounts", {"primarycontactid@odata.bind": f"/contacts({contact})"})
    assert client.patch(f"accounts({account})", body).status == 204
    assert client.get(f"accounts({account})")["_primarycontactid_value"] is None


def test_the_customer_of_a_contact_may_be_account_or_contact(client: Client) -> None:
    """Binding one target of a polymorphic lookup replaces the other and moves the shadow."""
    account = client.create("accounts", {"name": "A"})
    boss = client.create("contacts", {"lastname": "Boss"})
    contact = client.create(
        "contacts", {"lastname": "L", "parentcustomerid_account@odata.bind": f"/accounts({account})"}
    )
    row = client.get(f"contacts({contact})")
    assert (row["_parentcustomerid_value"], row["_accountid_value"]) == (account, account)
    client.patch(f"contacts({contact})", {"parentcustomerid_contact@odata.bind": f"/contacts({boss})"})
    row = client.get(f"contacts({contact})", Prefer=EVERYTHING)
    assert (row["_parentcustomerid_value"], row["_accountid_value"]) == (boss, None)
    assert row["_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"] == "contact"


def test_deep_insert_creates_both_sides(client: Client) -> None:
    """Objects under navigation properties are created with the record."""
    account = client.create(
        "accounts",
        {
            "name": "A",
            "primarycontactid": {"firstname": "P", "lastname": "Q"},
            "contact_customer_accounts": [{"lastname": "One"}, {"lastname": "Two"}],
        },
    )
    row = client.get(
        f"accounts({account})?$expand=primarycontactid($select=fullname),"
        "contact_customer_accounts($select=lastname;$orderby=lastname)"
    )
    assert row["primarycontactid"]["fullname"] == "P Q"
    assert [entry["lastname"] for entry in row["contact_customer_accounts"]] == ["One", "Two"]


def test_a_broken_deep_insert_leaves_nothing(client: Client) -> None:
    """The record and what is nested in it are one transaction."""
    body = {"name": "A", "contact_customer_accounts": [{"lastname": "x" * 51}]}
    assert refusal(client.send("POST", "accounts", body)) == (400, "0x80044331")
    assert client.get("accounts")["value"] == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "x" * 161}, "0x80044331"),
        ({"creditlimit": -1}, "0x80044330"),
        ({"numberofemployees": 2_000_000_000}, "0x8004432f"),
        ({"paymenttermscode": 99}, "0x8004431a"),
        ({"creditonhold": "yes"}, "0x80048d19"),
        ({"name": 5}, "0x80048d19"),
        ({"nosuchcolumn": 1}, "0x80048d19"),
        ({"statecode": 1}, "0x80048408"),
        ({"statuscode": 2}, "0x80048408"),
    ],
)
def test_bad_values_are_refused_with_their_code(client: Client, body: dict[str, object], code: str) -> None:
    """Length, range, choice, type, unknown column and initial state each have a code."""
    assert refusal(client.send("POST", "accounts", body)) == (400, code)


def test_the_length_refusal_names_column_table_and_limit(client: Client) -> None:
    """People see what is too long and how long it may be."""
    message = json.loads(client.send("POST", "accounts", {"name": "x" * 161}).body)["error"]["message"]
    assert "'name'" in message
    assert "'account'" in message
    assert "'160'" in message


def test_read_only_columns_are_taken_without_effect(client: Client) -> None:
    """A client that sends what it read does not fail."""
    account = client.create(
        "accounts", {"name": "A", "createdon": "2001-01-01T00:00:00Z", "versionnumber": 7}
    )
    row = client.get(f"accounts({account})")
    assert row["createdon"] == "2026-03-01T12:00:00Z"
    assert row["versionnumber"] != 7


def test_empty_text_is_null(client: Client) -> None:
    """The service keeps no empty texts."""
    account = client.create("accounts", {"name": "A", "fax": ""})
    assert client.get(f"accounts({account})")["fax"] is None


def test_common_columns_follow_the_caller_and_the_clock(client: Client) -> None:
    """Created, modified, owner and version are the server's business."""
    account = client.create("accounts", {"name": "A"})
    client.clock.forward(minutes=30)
    client.patch(f"accounts({account})", {"name": "B"})
    row = client.get(f"accounts({account})", Prefer=EVERYTHING)
    assert (row["createdon"], row["modifiedon"]) == ("2026-03-01T12:00:00Z", "2026-03-01T12:30:00Z")
    assert row["@odata.etag"] == f'W/"{row["versionnumber"]}"'
    assert row["_ownerid_value"] == row["_createdby_value"] == client.get("WhoAmI")["UserId"]
    assert row["_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"] == "systemuser"
    assert (row["statecode"], row["statuscode"]) == (0, 1)
    assert row["statecode@OData.Community.Display.V1.FormattedValue"] == "Active"


def test_a_record_may_be_owned_by_another_user_or_a_team(client: Client) -> None:
    """The owner is a user or a team; the derived columns say which."""
    user = client.get("systemusers?$select=fullname&$filter=fullname eq 'Anna Berg'")["value"][0][
        "systemuserid"
    ]
    team = client.get("teams?$select=name")["value"][0]["teamid"]
    account = client.create("accounts", {"ownerid@odata.bind": f"/systemusers({user})"})
    assert client.get(f"accounts({account})")["_owninguser_value"] == user
    client.patch(f"accounts({account})", {"ownerid@odata.bind": f"/teams({team})"})
    row = client.get(f"accounts({account})")
    assert (row["_ownerid_value"], row["_owningteam_value"], row["_owninguser_value"]) == (team, team, None)


def test_deactivate_and_reactivate(client: Client) -> None:
    """A state takes its default reason; a reason of the wrong state is refused."""
    account = client.create("accounts", {"name": "A"})
    client.patch(f"accounts({account})", {"statecode": 1})
    assert client.get(f"accounts({account})")["statuscode"] == 2
    assert refusal(client.patch(f"accounts({account})", {"statuscode": 1})) == (400, "0x80048408")
    assert client.patch(f"accounts({account})", {"statecode": 0, "statuscode": 1}).status == 204


def test_single_properties(client: Client) -> None:
    """A property is read, set and cleared by itself."""
    account = client.create("accounts", {"name": "A", "fax": "1"})
    assert client.get(f"accounts({account})/name")["value"] == "A"
    assert client.send("GET", f"accounts({account})/fax/$value").body == b"1"
    assert client.send("PUT", f"accounts({account})/name", {"value": "B"}).status == 204
    assert client.send("DELETE", f"accounts({account})/fax").status == 204
    assert client.send("GET", f"accounts({account})/fax").status == 204
    assert client.get(f"accounts({account})")["name"] == "B"


def test_links_are_set_and_cleared_by_reference(client: Client) -> None:
    """$ref works on single and collection navigation properties."""
    account = client.create("accounts", {"name": "A"})
    contact = client.create("contacts", {"lastname": "L"})
    reference = {"@odata.id": f"http://127.0.0.1/api/data/v9.2/contacts({contact})"}
    assert client.send("PUT", f"accounts({account})/primarycontactid/$ref", reference).status == 204
    assert client.get(f"accounts({account})/primarycontactid?$select=lastname")["lastname"] == "L"
    assert client.send("POST", f"accounts({account})/contact_customer_accounts/$ref", reference).status == 204
    listed = client.get(f"accounts({account})/contact_customer_accounts/$ref")
    assert listed["value"] == [reference]
    assert client.send("DELETE", f"accounts({account})/primarycontactid/$ref").status == 204
    assert (
        client.send("DELETE", f"accounts({account})/contact_customer_accounts({contact})/$ref").status == 204
    )
    assert client.get(f"accounts({account})/contact_customer_accounts")["value"] == []


def test_roles_are_assigned_to_users(client: Client) -> None:
    """Many-to-many links are rows of their own and expand on both sides."""
    user = client.get("systemusers?$filter=fullname eq 'Anna Berg'")["value"][0]["systemuserid"]
    role = client.get("roles?$filter=name eq 'System Customizer'")["value"][0]["roleid"]
    reference = {"@odata.id": f"http://127.0.0.1/api/data/v9.2/roles({role})"}
    assert (
        client.send("POST", f"systemusers({user})/systemuserroles_association/$ref", reference).status == 204
    )
    found = client.get(
        f"systemusers({user})?$select=fullname&$expand=systemuserroles_association($select=name)"
    )
    assert "System Customizer" in [entry["name"] for entry in found["systemuserroles_association"]]
    address = f"systemusers({user})/systemuserroles_association/$ref?$id=roles({role})"
    assert client.send("DELETE", address).status == 204
    left = client.get(f"systemusers({user})/systemuserroles_association")["value"]
    assert {entry["name"] for entry in left} == {"Salesperson", "Interlace Availability User"}


def test_annotations_come_only_when_asked_for(client: Client) -> None:
    """Without the preference a row holds plain columns."""
    account = client.create("accounts", {"name": "A", "creditlimit": 5})
    plain = client.get(f"accounts({account})")
    assert [name for name in plain if "@" in name] == ["@odata.context", "@odata.etag"]
    wanted = 'odata.include-annotations="OData.Community.Display.V1.FormattedValue"'
    row = client.get(f"accounts({account})?$select=creditlimit,_ownerid_value", Prefer=wanted)
    assert row["creditlimit@OData.Community.Display.V1.FormattedValue"] == "€5.00"
    assert row["_ownerid_value@OData.Community.Display.V1.FormattedValue"] == "# Interlace Integration"
    assert "_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname" not in row


def test_missing_records_and_resources_answer_404(client: Client) -> None:
    """A record, a set and a segment that do not exist are told apart by code."""
    assert refusal(client.send("GET", f"accounts({KEY})")) == (404, "0x80040217")
    assert refusal(client.send("GET", "nosuchsets")) == (404, "0x80060888")


def test_impersonation_keeps_the_real_caller(client: Client) -> None:
    """MSCRMCallerID acts as another user and remembers who really called."""
    user = client.get("systemusers?$filter=fullname eq 'Anna Berg'")["value"][0]["systemuserid"]
    response = client.send(
        "POST", "accounts", {"name": "A"}, {"MSCRMCallerID": user, "Prefer": "return=representation"}
    )
    row = json.loads(response.body)
    assert row["_createdby_value"] == user
    assert row["_createdonbehalfby_value"] == client.get("WhoAmI")["UserId"]
