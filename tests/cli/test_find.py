"""`interlace find`: what Tell Me finds, at the command line, over both embedded services."""

from collections.abc import Mapping
from typing import Any

from tests.cli.both_ends import BothEnds, Interlace

_REQUESTS_MAX = 50
"""For both services together; sign-in and descriptions of tables are among them."""


def _records(interlace: Interlace, *arguments: str) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return the records that are found, by mapping and key."""
    ended = interlace("find", *arguments, "--json")
    assert ended.code == 0
    assert "did not answer" not in ended.err
    return {(each["mapping"], each["key"]): each for each in ended.objects if each["kind"] == "record"}


def test_records_of_every_table_are_found(synchronized: Interlace, both_ends: BothEnds) -> None:
    """Coupled or not, by number or by a part of the name; each service is asked a bounded number of times."""
    customers = synchronized("records", "list", "CUSTOMER", "--limit", "200", "--json").objects
    for view in ("coupled", "uncoupled", "failed"):
        row = next(each for each in customers if each["status"] == view or view == "uncoupled")
        for typed in (row["number"], row["caption"][:-1].upper()):
            found = _records(synchronized, typed)
            assert found["CUSTOMER", row["number"]]["status"] == row["status"], typed
    both_ends.erp.requests.clear()
    both_ends.crm.requests.clear()
    item = synchronized("records", "list", "ITEM-PRODUCT", "--limit", "1", "--json").only
    assert ("ITEM-PRODUCT", item["number"]) in _records(synchronized, item["number"])
    assert len(both_ends.erp.requests) <= _REQUESTS_MAX
    assert len(both_ends.crm.requests) <= _REQUESTS_MAX


def test_pages_and_commands_stand_in_the_table(synchronized: Interlace) -> None:
    """With where they are; no service is asked when nobody wants it, and what nobody knows is said."""
    shown = synchronized("find", "--memory-only", "plan")
    assert "Plans" in shown.out
    assert "interlace plans stop" in shown.out
    nothing = synchronized("find", "--memory-only", "no such thing anywhere")
    assert (nothing.code, nothing.out) == (0, "")
    assert "Nothing is called that" in nothing.err
