"""What is erased of a record, and what is not its own: other records, mappings, sides and texts."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.store.conftest import CUSTOMER, SetClock

from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.domain.synch_job import SynchJob
from interlace.engine.memory import BatchResult, JournalEntry
from interlace.store.connection_store import ConnectionStore
from interlace.store.erased_entries import ErasedKeys
from interlace.store.journal import JournalSelection
from interlace.store.sent_requests import RequestSelection, SentRequest
from interlace.store.state_store import StateStore

MakeJob = Callable[..., SynchJob]
PERSON = ErasedKeys(erp="1", crm="a")


def entry(key: str, source_key: str, *, side: Side = Side.CRM, name: str = "Ada Lind") -> JournalEntry:
    """Make an entry of a write of a name."""
    return JournalEntry(
        mapping=CUSTOMER,
        side=side,
        key=key,
        source_key=source_key,
        action="modify",
        job_id="j1",
        before={"name": "Nobody"},
        after={"name": name},
    )


def kept_values(state: StateStore) -> list[bool]:
    """Tell of each entry, in its order, whether it still holds values."""
    return [each.has_values for each in state.queries.journalled_writes("c", JournalSelection())]


def test_only_the_record_s_own_entries_lose_their_values(
    state: StateStore, store: ConnectionStore, make_job: MakeJob
) -> None:
    """On both sides; the same key of the other side, of another record or of another mapping is somebody else's."""
    own = [entry("a", "1"), entry("1", "a", side=Side.ERP)]
    others = [
        entry("b", "2"),
        entry("a", "9", side=Side.ERP),
        replace(entry("a", "1"), mapping=MappingName("CONTACT")),
    ]
    store.remember(BatchResult(job=make_job(), journal=[*own, *others]))
    told = state.erasing("c", {}).erase(CUSTOMER, PERSON, "ada")
    assert (told.entries, told.sequence, kept_values(state)) == (
        2,
        6,
        [False, False, True, True, True, False],
    )
    (erasure,) = state.erasures()
    assert (erasure.keys, erasure.by, erasure.entries, erasure.lines) == (PERSON, "ada", 2, 0)
    assert state.queries.verify_journal("c").holds
    again = state.erasing("c", {}).erase(CUSTOMER, PERSON, "ada")
    assert (again.entries, again.has_erased) == (0, False)


@pytest.mark.parametrize("count", [1, 450])
def test_requests_that_tell_a_value_go_unless_it_is_another_record_s_too(
    state: StateStore, store: ConnectionStore, make_job: MakeJob, clock: SetClock, count: int
) -> None:
    """However many values there were; what others hold as well says nothing of the record."""
    names = [f"Ada the {number:03}" for number in range(count)]
    store.remember(
        BatchResult(
            job=make_job(),
            journal=[*(entry("a", "1", name=each) for each in names), entry("b", "2", name="Berlin")],
        )
    )
    said = (
        f"{names[-1]} is too long",
        "Nobody is too long",
        "There is no such record.",
        "Berlin is too long",
    )
    state.sent_requests.keep(
        "c",
        [
            SentRequest(
                sent_at=clock(),
                side="crm",
                method="PATCH",
                address="accounts",
                status=400,
                milliseconds=1,
                correlation_id="",
                run_id="",
                mapping=CUSTOMER,
                record="a" if each.startswith("There") else "",
                message=each,
                exchange="",
            )
            for each in said
        ],
    )
    told = state.erasing("c", {}).erase(CUSTOMER, PERSON, "ada")
    assert told.entries == count
    assert state.queries.verify_journal("c").holds
    left = {each.message for each in state.sent_requests.selected("c", RequestSelection())}
    assert left == {"Nobody is too long", "Berlin is too long"}
