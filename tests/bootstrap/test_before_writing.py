"""Whoever writes asks both ends first who they are and what our accounts may do: in one place."""

from pathlib import Path

import interlace
from interlace.bootstrap.before_writing import needs_of_writes
from interlace.domain.keys import MappingName
from interlace.domain.plan import Operation
from interlace.domain.privilege import Access, Need
from interlace.domain.side import Side

CUSTOMER, CONTACT = MappingName("CUSTOMER"), MappingName("CONTACT")


def test_nobody_confirms_the_ends_without_asking_for_privileges() -> None:
    """Only jobs ask by themselves, for they remember the answer from run to run."""
    root = Path(interlace.__file__).parent
    callers = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if "await confirm_ends(" in path.read_text(encoding="utf-8")
    }
    assert callers == {"bootstrap/before_writing.py", "bootstrap/synch_work.py"}


def test_planned_writes_need_what_they_are() -> None:
    """Each operation needs its own access, and names every mapping that asks for it."""
    account = (Side.CRM, "account")
    found = needs_of_writes(
        [
            (CUSTOMER, *account, Operation.DELETE),
            (CONTACT, *account, Operation.DELETE),
            (CUSTOMER, *account, Operation.CREATE),
            (CUSTOMER, *account, Operation.CHANGE),
        ]
    )
    assert found == {
        Need(side=Side.CRM, table="account", access=Access.DELETE): (CUSTOMER, CONTACT),
        Need(side=Side.CRM, table="account", access=Access.CREATE): (CUSTOMER,),
        Need(side=Side.CRM, table="account", access=Access.WRITE): (CUSTOMER,),
    }
