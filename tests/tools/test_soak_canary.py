"""How soon edits flow again: what the soak's clock counts, and what it does not."""

import random
from collections.abc import Mapping
from typing import Any, cast

import pytest
from tools.soak.canary import Canaries
from tools.soak.protocol import Outsider


class Ends:
    """Two services that hold what they were sent; a test carries values from one to the other."""

    def __init__(self) -> None:
        """Begin without values."""
        self.erp, self.crm = self, self
        self.rows: dict[str, dict[str, Any]] = {}
        self.struck = {"429": 3, "truncate": 1}

    def crm_rows(self, _collection: str, condition: str) -> list[dict[str, Any]]:
        """Find the account of a customer."""
        number = condition.split("'")[1]
        return [{"accountid": number, "@odata.etag": "1"}]

    def erp_path(self, _page: str, number: str) -> str:
        """Name a customer."""
        return f"erp/{number}"

    def crm_path(self, _collection: str, number: str) -> str:
        """Name an account."""
        return f"crm/{number}"

    def send(self, method: str, path: str, body: Mapping[str, str] | None = None, _tag: str = "") -> Any:
        """Keep what is written, return what is kept."""
        row = self.rows.setdefault(path, {"@odata.etag": "1", "Fax_No": "", "fax": ""})
        if method == "PATCH":
            row |= body or {}
        return row

    def sign_in(self) -> None:
        """Sign in again."""

    def edited(self) -> list[str]:
        """Return the records that carry a value which the other side does not have yet."""
        there = {str(row["Fax_No"] or row["fax"]): path for path, row in self.rows.items()}
        return [path for value, path in there.items() if value]

    def carry(self, path: str) -> None:
        """Do what the synchronization does."""
        side, _, number = path.partition("/")
        row = self.rows[path]
        if side == "erp":
            self.rows[f"crm/{number}"]["fax"] = row["Fax_No"]
        else:
            self.rows[f"erp/{number}"]["Fax_No"] = row["fax"]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that is set."""
    now = [100.0]
    monkeypatch.setattr("tools.soak.canary.time.monotonic", lambda: now[0])
    return now


@pytest.fixture
def ends() -> Ends:
    """Both services."""
    held = Ends()
    for number in ("C1", "C2", "C3"):
        held.send("GET", f"erp/{number}")
        held.send("GET", f"crm/{number}")
    return held


def canaries_of(ends: Ends) -> Canaries:
    """Return what measures over these services."""
    return Canaries(
        outsider=cast("Outsider", ends),
        numbers=("C1", "C2", "C3"),
        randomness=random.Random(4),
        struck=lambda: ends.struck,
    )


def test_the_first_of_two_edits_that_arrives_is_counted(ends: Ends, clock: list[float]) -> None:
    """One that a fault holds back is no reason to say that nothing flows."""
    canaries = canaries_of(ends)
    canaries.release()
    first, second = ends.edited()
    assert first.split("/")[1] != second.split("/")[1]
    canaries.process_started("synch")
    clock[0] += 3
    canaries.look()
    assert canaries.is_waiting
    ends.carry(second)
    clock[0] += 1
    canaries.look()
    assert canaries.times("synch") == [4.0]
    assert not canaries.is_waiting


def test_only_the_time_in_which_a_process_works_is_counted(ends: Ends, clock: list[float]) -> None:
    """Who decides conflicts between two processes takes time of their own; the command after the kill is named."""
    canaries = canaries_of(ends)
    canaries.release()
    canaries.process_started("synch")
    clock[0] += 2
    canaries.process_ended()
    clock[0] += 60
    canaries.process_started("synch --full")
    ends.carry(ends.edited()[0])
    clock[0] += 1
    canaries.look()
    assert canaries.times("synch") == [3.0]
    assert not canaries.times("synch --full")


def test_a_process_that_is_killed_before_is_told_by_itself(ends: Ends, clock: list[float]) -> None:
    """The next one starts the clock anew, and so does a service that was away."""
    canaries = canaries_of(ends)
    canaries.release()
    canaries.process_started("synch")
    clock[0] += 5
    canaries.process_killed()
    canaries.release()
    assert len(ends.edited()) == 2
    canaries.process_started("synch --full")
    clock[0] += 30
    canaries.service_restarted()
    clock[0] += 2
    ends.carry(ends.edited()[0])
    canaries.look()
    assert canaries.slowest("synch") == 5.0
    assert not canaries.times("synch")
    assert canaries.times("synch --full") == [2.0]


def test_a_flow_tells_what_struck_meanwhile(ends: Ends, clock: list[float]) -> None:
    """Only what came since the edits were made counts."""
    canaries = canaries_of(ends)
    canaries.release()
    canaries.process_started("synch")
    ends.struck["429"] += 2
    ends.carry(ends.edited()[0])
    clock[0] += 7
    canaries.look()
    assert [(each.seconds, dict(each.struck)) for each in canaries.flows] == [(7.0, {"429": 2})]
