"""The intended troublemakers are in the company as declared, and nothing else is wrong with it."""

from decimal import Decimal

from interlace.sandbox.erp.seed_company import IntendedFailure, Outcome, intended_failures, seed_company
from interlace.sandbox.erp.tables import TABLES

Company = dict[str, list[dict[str, object]]]


def _find(company: Company, failure: IntendedFailure) -> dict[str, object]:
    fields = [TABLES[failure.table].by_name[part] for part in TABLES[failure.table].key]
    for row in company[failure.table]:
        if tuple(str(row.get(field.name, field.blank)) for field in fields) == failure.key:
            return row
    message = f"no such record: {failure}"
    raise AssertionError(message)


def test_every_troublemaker_exists(company: Company) -> None:
    """Each declared record is found under its key."""
    for failure in intended_failures(1000):
        assert _find(company, failure)


def test_only_declared_customers_fail(company: Company) -> None:
    """Customers of the agent, with a long home page or a negative credit limit are those declared."""
    wrong = {
        row["No"]
        for row in company["Customer"]
        if row["Salesperson_Code"] == "HV"
        or len(str(row["Home_Page"])) > 200
        or Decimal(str(row["Credit_Limit_LCY"])) < 0
    }
    declared = {
        failure.key[0]
        for failure in intended_failures(1000)
        if failure.mapping == "CUSTOMER" and failure.outcome is Outcome.FAILS
    }
    assert wrong == declared
    assert len(declared) == 5


def test_only_the_persons_of_failing_customers_fail(company: Company) -> None:
    """The declared contacts are exactly the persons of the customers that fail."""
    failures = intended_failures(1000)
    customers = {
        failure.key[0]
        for failure in failures
        if failure.mapping == "CUSTOMER" and failure.outcome is Outcome.FAILS
    }
    companies = {row["Contact_No"] for row in company["Contact_Business_Relation"] if row["No"] in customers}
    persons = {
        row["No"]
        for row in company["Contact"]
        if row["Type"] == "Person" and row.get("Company_No") in companies
    }
    assert persons == {failure.key[0] for failure in failures if failure.mapping == "CONTACT"}


def test_a_small_company_declares_only_what_it_has() -> None:
    """With ten customers only the troublemakers among them are declared."""
    customers = {failure.key[0] for failure in intended_failures(10) if failure.table == "Customer"}
    assert customers == {"C00030", "C00100"}


def test_without_troublemakers_nothing_is_wrong() -> None:
    """The option removes every troublemaker."""
    for table, row in seed_company(40, troublemakers=False):
        if table == "Customer":
            assert row["Salesperson_Code"] != "HV"
            assert len(str(row["Home_Page"])) <= 200
            assert "Blocked" not in row
        if table == "Item":
            assert row["Base_Unit_of_Measure"]
        if table == "Payment_Terms":
            assert "," not in str(row["Code"])
        if table == "Sales_Price" and row["Sales_Code"] == "OBJEKT":
            assert row["Currency_Code"] == ""
