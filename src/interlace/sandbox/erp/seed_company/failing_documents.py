"""The demo company's records that fail because of others: what belongs to failing customers, and odd units."""

from collections.abc import Iterator

from interlace.sandbox.erp.seed_company.amounts import Record
from interlace.sandbox.erp.seed_company.company import seed_company
from interlace.sandbox.erp.seed_company.intended_failures import (
    IntendedFailure,
    Outcome,
    intended_failures,
)

_OPEN = ("Not Started", "In Progress")


def failing_documents(customers: int) -> Iterator[IntendedFailure]:
    """Yield the statistics, opportunities and invoices of failing customers, and prices per odd units."""
    failing = {
        each.key[0]
        for each in intended_failures(customers)
        if each.mapping == "CUSTOMER" and each.outcome is Outcome.FAILS
    }
    companies: dict[object, object] = {}
    units: dict[object, object] = {}
    invoices: set[object] = set()
    for customer in sorted(failing):
        yield _failure("Customer_Statistics", (customer,), "STATISTICS", f"customer {customer} fails itself")
    for table, row in seed_company(customers):
        number = row.get("No")
        if table == "Contact_Business_Relation" and row.get("No") in failing:
            companies[row["Contact_No"]] = number
        elif table == "Item":
            units[number] = row.get("Base_Unit_of_Measure")
        elif table == "Opportunity" and row["Status"] in _OPEN and row["Contact_Company_No"] in companies:
            yield _failure("Opportunity", (number,), "OPPORTUNITY", "its customer fails itself")
        elif table == "Sales_Invoice_Header" and row["Sell_to_Customer_No"] in failing:
            invoices.add(number)
            yield _failure(table, (number,), "POSTEDSALESINV-INV", "its customer fails itself")
        elif table == "Sales_Invoice_Line" and row["Document_No"] in invoices:
            line = (row["Document_No"], row["Line_No"])
            yield _failure(table, line, "POSTEDSALESLINE-INV", "its invoice fails itself")
        elif table == "Sales_Price" and row.get("Unit_of_Measure_Code") not in (None, units[row["Item_No"]]):
            yield _failure(
                table, _price_key(row), "SALESPRC-PRODPRICE", "the CRM's unit group lacks the price's unit"
            )


def _price_key(row: Record) -> tuple[object, ...]:
    return (
        row["Item_No"],
        "Customer_x0020_Price_x0020_Group",
        row["Sales_Code"],
        row.get("Starting_Date", "0001-01-01"),
        row.get("Currency_Code", ""),
        row.get("Variant_Code", ""),
        row["Unit_of_Measure_Code"],
        row.get("Minimum_Quantity", 0),
    )


def _failure(table: str, key: tuple[object, ...], mapping: str, wrong: str) -> IntendedFailure:
    return IntendedFailure(
        table=table, key=tuple(map(str, key)), mapping=mapping, outcome=Outcome.FAILS, wrong=wrong
    )
