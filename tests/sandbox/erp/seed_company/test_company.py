"""The demo company as a whole: sizes, fields, relations, and that it is the same every time."""

from collections import Counter
from hashlib import sha256
from itertools import islice

import pytest

from interlace.sandbox.erp.declaration import FieldType
from interlace.sandbox.erp.option_members import OPTION_MEMBERS
from interlace.sandbox.erp.seed_company import seed_company, seed_users
from interlace.sandbox.erp.tables import TABLES

Company = dict[str, list[dict[str, object]]]


def _fingerprint(customers: int, seed: int) -> str:
    digest = sha256()
    for row in seed_company(customers, seed):
        digest.update(repr(row).encode())
    return digest.hexdigest()


def test_the_company_has_the_size_that_is_promised(company: Company) -> None:
    """A thousand customers, 2,500 persons, 400 items, 2,000 prices, 30 resources, 12 known sales people."""
    customers_contacts = [
        row for row in company["Contact"] if row.get("Contact_Business_Relation") == "Customer"
    ]
    assert len(company["Customer"]) == 1000
    assert Counter(row["Type"] for row in customers_contacts) == {"Company": 1000, "Person": 2500}
    assert len(company["Item"]) == 400
    assert len(company["Sales_Price"]) == 2000
    assert len(company["Resource"]) == 30
    assert len(company["Customer_Price_Group"]) == 6
    assert len(company["Salesperson_Purchaser"]) == 13
    assert len(seed_users()) == 12


def test_customers_live_in_eight_countries_and_pay_in_five_currencies(company: Company) -> None:
    """Every country and every currency has a noticeable share."""
    countries = Counter(row["Country_Region_Code"] for row in company["Customer"])
    currencies = Counter(row["Currency_Code"] for row in company["Customer"])
    assert set(countries) == {"DE", "AT", "FI", "NO", "GB", "US", "MX", "RU"}
    assert set(currencies) == {"", "USD", "GBP", "NOK", "MXN"}
    assert min(countries.values()) >= 40
    assert min(currencies.values()) >= 20


def test_the_same_arguments_give_the_same_company() -> None:
    """Two runs agree byte for byte; another seed gives another company."""
    assert _fingerprint(40, 1) == _fingerprint(40, 1)
    assert _fingerprint(40, 1) != _fingerprint(40, 2)


def test_a_bigger_company_begins_with_the_customers_of_the_smaller_one(company: Company) -> None:
    """A customer does not change when more customers follow."""
    wanted = company["Customer"][:100]
    bigger = (row for table, row in seed_company(50_000) if table == "Customer")
    assert list(islice(bigger, 100)) == wanted


def test_every_value_fits_its_field(company: Company) -> None:
    """Fields exist, texts are not too long, codes are upper case and trimmed, choices are members."""
    for name, rows in company.items():
        fields = TABLES[name].by_name
        for row in rows:
            for field_name, value in row.items():
                field = fields[field_name]
                if field.type in {FieldType.CODE, FieldType.TEXT}:
                    assert isinstance(value, str)
                    assert len(value) <= field.length, (name, field_name, value)
                if field.type is FieldType.CODE:
                    assert value == str(value).strip().upper(), (name, field_name, value)
                if field.type is FieldType.OPTION:
                    assert value in OPTION_MEMBERS[field.option], (name, field_name, value)


def test_keys_are_unique_and_relations_exist(company: Company) -> None:
    """No key comes twice, and every code and number that refers to a record finds it."""
    keys: dict[str, set[tuple[object, ...]]] = {}
    for name, rows in company.items():
        key_fields = [TABLES[name].by_name[part] for part in TABLES[name].key]
        keys[name] = {tuple(row.get(field.name, field.blank) for field in key_fields) for row in rows}
        assert len(keys[name]) == len(rows), name
    for name, rows in company.items():
        for field in TABLES[name].relations:
            for row in rows:
                value = row.get(field.name, "")
                assert value == "" or (value,) in keys[field.relation], (name, field.name, value)


def test_related_records_come_first() -> None:
    """Whoever loads the rows in order never meets a reference to a code table that is still to come."""
    seen: dict[str, set[object]] = {}
    later = {"Primary_Contact_No"}
    for name, row in seed_company(60):
        table = TABLES[name]
        seen.setdefault(name, set()).add(row.get(table.key[0], ""))
        for field in table.relations:
            value = row.get(field.name, "")
            if value and field.name not in later:
                assert value in seen[field.relation], (name, field.name, value)


def test_mail_addresses_are_unique_and_lead_nowhere() -> None:
    """Twenty thousand customers and their persons have different addresses at reserved example domains."""
    mails: Counter[str] = Counter()
    names: Counter[tuple[object, object]] = Counter()
    for table, row in seed_company(20_000):
        if table == "Item":
            break
        if table == "Contact" and row.get("Contact_Business_Relation") == "Customer":
            mails[str(row["E_Mail"])] += 1
        if table == "Customer":
            names[row["Country_Region_Code"], row["Name"]] += 1
    assert len(mails) == 70_000
    assert all(mail.isascii() and mail.endswith(".example") for mail in mails)
    assert max(names.values()) == 1


def test_every_price_group_has_one_currency(company: Company) -> None:
    """Without the intended troublemaker, all prices of a group are in the group's currency."""
    currencies: dict[object, Counter[object]] = {}
    for row in company["Sales_Price"]:
        if row["Sales_Type"] == "Customer Price Group":
            currencies.setdefault(row["Sales_Code"], Counter())[row["Currency_Code"]] += 1
    assert len(currencies) == 6
    assert min(currencies.pop("OBJEKT").values()) == 1
    assert all(len(found) == 1 for found in currencies.values())


def test_every_item_has_its_base_unit_among_its_units(company: Company) -> None:
    """The base unit counts one; the item that is meant to lack one is the only exception."""
    units = {
        (row["Item_No"], row["Code"])
        for row in company["Item_Unit_of_Measure"]
        if row["Qty_per_Unit_of_Measure"] == 1
    }
    without = [row["No"] for row in company["Item"] if (row["No"], row["Base_Unit_of_Measure"]) not in units]
    assert without == ["1037"]


def test_users_of_the_crm_agree_with_the_salespeople(company: Company) -> None:
    """Code, name, mail and telephone of the twelve users are those of the ERP's sales people."""
    people = {row["Code"]: row for row in company["Salesperson_Purchaser"]}
    for user in seed_users():
        person = people[user.code]
        assert (person["Name"], person["E_Mail"], person["Phone_No"]) == (user.name, user.email, user.phone)


@pytest.mark.parametrize("customers", [0, 1, 3, 29])
def test_a_tiny_company_works_too(customers: int) -> None:
    """Any number of customers gives a whole company."""
    tables = Counter(table for table, _ in seed_company(customers))
    assert tables["Customer"] == customers
    assert tables["Sales_Price"] == 2000
    assert tables["Sales_Invoice_Header"] == 3 * customers
