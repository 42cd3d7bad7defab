"""An ERP that numbers its customers itself: accounts become customers exactly once, also when the answer is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.both_ends import Interlace
from tests.cli.numbered_company import BEFORE_CUSTOMER, Numbered, open_numbered

from interlace.sandbox.faults import Fault, FaultMoment


@pytest.fixture
def numbered(interlace: Interlace, tmp_path: Path) -> Iterator[Numbered]:
    """A company whose number series allow no numbers by hand, in step with its organization."""
    with open_numbered(interlace, tmp_path, (*BEFORE_CUSTOMER, "CUSTOMER")) as company:
        yield company


def test_account_becomes_a_customer_with_the_next_number(numbered: Numbered) -> None:
    """The ERP chooses the number, our mark stands in the search name, and the next run has nothing to do."""
    numbered.add_account()
    numbered.run("synch", "CUSTOMER", "--full")
    [customer] = numbered.customers()
    assert customer["No"].startswith("C0")
    assert customer["Search_Name"].startswith("CRM")
    [shown] = numbered.run("couplings", "show", customer["No"], "--json").objects[:1]
    assert shown["erp_key"] == customer["No"]
    numbered.run("synch", "CUSTOMER", "--full")
    assert len(numbered.customers()) == 1


def test_customer_whose_answer_was_lost_is_found_by_its_mark(numbered: Numbered) -> None:
    """The create is not sent again: the next run finds what it made and couples it."""
    numbered.add_account()
    numbered.erp.faults.faults.append(
        Fault(method="POST", path_contains="CustomerCard", moment=FaultMoment.AFTER)
    )
    numbered.run("synch", "CUSTOMER", "--full")
    numbered.run("synch", "CUSTOMER", "--full")
    [customer] = numbered.customers()
    assert numbered.run("couplings", "show", customer["No"]).code == 0
    sent = [line for line in numbered.erp.requests if line.method == "POST" and "CustomerCard" in line.path]
    assert len(sent) == 1
