"""What a search among documents costs must not depend on how many documents there are."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from interlace.sandbox.erp import load_rows

_NUMBERS = ("O00003", "O00007")


def _documents(count: int) -> Iterator[tuple[str, dict[str, object]]]:
    for place in range(count):
        number, customer = f"O{place:05d}", f"K{place % 20:02d}"
        document = {"Document_Type": "Order", "Bill_to_Customer_No": customer}
        yield "Sales_Header", {**document, "No": number, "External_Document_No": f"MARK{place}"}
        yield "Sales_Line", {**document, "Document_No": number, "Line_No": 10000, "Outstanding_Amount_LCY": 5}


def _filtered(service: str, field: str, values: tuple[str, ...]) -> str:
    return f"{service}?$filter={quote(' or '.join(f'{field} eq {value!r}' for value in values))}"


def _steps(erp: Any, address: str, *, rows: int) -> int:
    """Ask for something and count, in hundreds, the steps that the store takes."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection = erp.app.records.store._connection  # noqa: SLF001  (it alone counts its steps)
    connection.set_progress_handler(count, 100)
    found = erp.values(f"{erp.pages}/{address}")
    connection.set_progress_handler(None, 0)
    assert len(found) == rows
    return steps


@pytest.mark.parametrize(
    "address",
    [
        _filtered("SalesOrder", "No", _NUMBERS),
        _filtered("SalesOrder", "External_Document_No", ("MARK3", "MARK7")),
        _filtered("SalesOrderSalesLines", "Document_No", _NUMBERS),
    ],
)
def test_alternatives_are_found_by_an_index(open_erp: Any, address: str) -> None:
    """Some orders and their lines are found at the same cost among 50 and among 2,000."""
    costs = []
    for count in (50, 2000):
        erp = open_erp()
        load_rows(erp.app.records, _documents(count))
        costs.append(_steps(erp, address, rows=2))
    assert costs[1] <= costs[0] + 2


def test_what_customers_owe_is_summed_over_their_own_lines(open_erp: Any) -> None:
    """The statistics of customers cost the same whatever others have ordered."""
    numbers = tuple(f"K{place}" for place in range(60, 100))
    costs = []
    for others in (50, 2000):
        erp = open_erp()
        load_rows(erp.app.records, (("Customer", {"No": number, "Name": number}) for number in numbers))
        load_rows(erp.app.records, _documents(others))
        costs.append(_steps(erp, _filtered("CustomerStatistics", "No", numbers), rows=40))
    assert costs[1] <= costs[0] + 2
