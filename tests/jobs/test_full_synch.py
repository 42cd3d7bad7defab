"""Full synchronizations as durable work, on SQLite and on PostgreSQL."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.jobs.fake_work import FakeWork, batches_done, every_batch, line, lines_of_three_waves

from interlace.domain.full_synch_review import InitialSynchRecommendation, PassStatus, progress
from interlace.domain.job_queue_entry import JobQueueEntry, JobQueueEntryKind, JobQueueEntryStatus
from interlace.domain.keys import MappingName
from interlace.jobs.job_client import JobClient
from interlace.jobs.job_engine import JobEngine, WorkerOptions
from interlace.jobs.ports import NothingToRestart
from interlace.store.state_store import StateStore

FINISHED = JobQueueEntryStatus.FINISHED
ERROR = JobQueueEntryStatus.ERROR
HELD = JobQueueEntryStatus.ON_HOLD
Until = Callable[[Callable[[], bool]], None]


@pytest.fixture
def work(state: StateStore, tmp_path: Path) -> FakeWork:
    """Work that only counts."""
    return FakeWork(state=state, done=tmp_path / "done")


@pytest.fixture
def client(
    urls: tuple[str, str], state: StateStore, work: FakeWork, quick: WorkerOptions
) -> Iterator[JobClient]:
    """A client beside a running worker."""
    with JobEngine(urls[1], work, state, quick) as engine, engine.client() as opened:
        yield opened


def run(client: JobClient, state: StateStore, until: Until, run_id: str = "r1") -> dict[str, object]:
    """Wait for a full synchronization to end; gives the statuses of its lines."""
    until(lambda: not client.full_synch_is_running(run_id))
    review = state.reviews.read(run_id)
    assert review is not None
    return {each.mapping: each.status for each in review.lines}


def test_lines_run_after_those_they_depend_on(
    client: JobClient, state: StateStore, work: FakeWork, until: Until
) -> None:
    """Every batch is done once, children after their parents, longer mappings in several segments."""
    lines = lines_of_three_waves()
    state.reviews.create("r1", "c", lines)
    client.start_full_synch("c", "r1")
    assert set(run(client, state, until).values()) == {FINISHED}
    done = batches_done(work.done)
    assert sorted(done) == every_batch([each.mapping for each in lines], 5)
    assert done.index(("CUSTOMER", 0)) > max(done.index(("SALESPEOPLE", 4)), done.index(("CURRENCY", 4)))
    assert done.index(("CONTACT", 0)) > done.index(("CUSTOMER", 4))
    review = state.reviews.read("r1")
    assert review is not None
    assert {each.to_status for each in review.lines} == {PassStatus.SUCCESS}
    counted = progress(review.lines, datetime.now(UTC))
    assert (counted.done, counted.expected, counted.seconds_left) == (200, 200, 0.0)
    kinds = {each.kind: each.status for each in state.job_queue_entries.list("c")}
    assert kinds == {JobQueueEntryKind.FULL_SYNCH: FINISHED, JobQueueEntryKind.SYNCH_MAPPING: FINISHED}


def test_a_line_in_a_freeze_window_waits_and_the_others_go_on(
    urls: tuple[str, str], state: StateStore, work: FakeWork, quick: WorkerOptions, until: Until
) -> None:
    """It takes no slot from other lines, tells why it waits, and what depends on it follows after the window."""
    work.frozen.add("CURRENCY")
    state.reviews.create("r1", "c", lines_of_three_waves())
    one_at_a_time = replace(quick, mappings_at_once=1)

    def status(mapping: str) -> tuple[object, str]:
        """Return a line's status and message."""
        review = state.reviews.read("r1")
        assert review is not None
        found = review.line(MappingName(mapping))
        return found.status, found.message

    with JobEngine(urls[1], work, state, one_at_a_time) as engine, engine.client() as client:
        client.start_full_synch("c", "r1")
        until(lambda: "freeze window" in status("CURRENCY")[1] and status("SALESPEOPLE")[0] is FINISHED)
        assert status("CURRENCY")[0] is JobQueueEntryStatus.READY
        assert status("CUSTOMER")[0] is None
        assert client.full_synch_is_running("r1")
        work.frozen.clear()
        assert set(run(client, state, until).values()) == {FINISHED}
    assert sorted(batches_done(work.done)) == every_batch(
        ["SALESPEOPLE", "CURRENCY", "CUSTOMER", "CONTACT"], 5
    )
    assert status("CURRENCY") == (FINISHED, "")


def test_a_failed_parent_blocks_its_children_and_says_so(
    client: JobClient, state: StateStore, work: FakeWork, until: Until
) -> None:
    """The line is in Error, its children stay blank with the reason, and a restart goes on from there."""
    work.stops["CURRENCY"] = "The table CURRENCY is empty; 5 records were there before."
    state.reviews.create("r1", "c", lines_of_three_waves())
    client.start_full_synch("c", "r1")
    statuses = run(client, state, until)
    assert statuses == {"SALESPEOPLE": FINISHED, "CURRENCY": ERROR, "CUSTOMER": None, "CONTACT": None}
    review = state.reviews.read("r1")
    assert review is not None
    assert review.line(MappingName("CURRENCY")).message == work.stops["CURRENCY"]
    assert "CONTACT was not started because CURRENCY" in review.line(MappingName("CONTACT")).message

    work.stops.clear()
    assert client.restart_full_synch("c", "r1") == ["CURRENCY", "CUSTOMER", "CONTACT"]
    assert set(run(client, state, until).values()) == {FINISHED}
    assert sorted(batches_done(work.done)) == every_batch(statuses, 5)


def test_restart_of_every_line_begins_at_the_first_record(
    client: JobClient, state: StateStore, work: FakeWork, until: Until
) -> None:
    """With `every`, each batch is done a second time; without it there is nothing to restart."""
    state.reviews.create("r1", "c", [line("CURRENCY")])
    client.start_full_synch("c", "r1")
    run(client, state, until)
    with pytest.raises(NothingToRestart):
        client.restart_full_synch("c", "r1")
    client.restart_full_synch("c", "r1", every=True)
    run(client, state, until)
    assert batches_done(work.done) == every_batch(["CURRENCY"], 5) * 2


def test_one_line_is_restarted_by_itself(
    client: JobClient, state: StateStore, work: FakeWork, until: Until
) -> None:
    """It begins at its first record; a line that failed stays as it is, and so does what that blocks."""
    work.stops["CURRENCY"] = "The table CURRENCY is empty; 5 records were there before."
    state.reviews.create("r1", "c", lines_of_three_waves())
    client.start_full_synch("c", "r1")
    run(client, state, until)
    before = len(batches_done(work.done))
    assert client.restart_full_synch("c", "r1", only=[MappingName("SALESPEOPLE")]) == ["SALESPEOPLE"]
    statuses = run(client, state, until)
    assert statuses == {"SALESPEOPLE": FINISHED, "CURRENCY": ERROR, "CUSTOMER": None, "CONTACT": None}
    assert batches_done(work.done)[before:] == every_batch(["SALESPEOPLE"], 5)


def test_a_service_that_is_away_for_a_moment_is_waited_for(
    client: JobClient, state: StateStore, work: FakeWork, until: Until
) -> None:
    """Few failures are waited out; more than the policy allows put the line to Error with the remedy."""
    work.away = {"CURRENCY": 2, "CUSTOMER": 99}
    state.reviews.create("r1", "c", [line("CURRENCY"), line("CUSTOMER")])
    client.start_full_synch("c", "r1")
    assert run(client, state, until) == {"CURRENCY": FINISHED, "CUSTOMER": ERROR}
    review = state.reviews.read("r1")
    assert review is not None
    assert "The CRM does not answer." in review.line(MappingName("CUSTOMER")).message


def test_a_line_without_records_does_nothing(
    client: JobClient, state: StateStore, work: FakeWork, until: Until
) -> None:
    """Its line is finished at once and its children start; couple-only lines are run in that mode."""
    empty = replace(line("CURRENCY"), recommendation=InitialSynchRecommendation.NO_RECORDS)
    couple = replace(line("CUSTOMER", "CURRENCY"), recommendation=InitialSynchRecommendation.COUPLE_RECORDS)
    state.reviews.create("r1", "c", [empty, couple])
    client.start_full_synch("c", "r1")
    assert set(run(client, state, until).values()) == {FINISHED}
    assert {each.split()[2] for each in work.done.read_text().splitlines()} == {"couple"}


def test_cancelled_work_can_go_on(client: JobClient, state: StateStore, work: FakeWork, until: Until) -> None:
    """Cancelled lines are On Hold; a restart does exactly the batches that were left."""
    work.seconds, work.batches = 0.05, 20
    state.reviews.create("r1", "c", [line("CURRENCY")])
    client.start_full_synch("c", "r1")
    until(lambda: work.done.exists() and len(batches_done(work.done)) > 2)
    client.cancel_full_synch("r1")
    assert run(client, state, until) == {"CURRENCY": HELD}
    client.restart_full_synch("c", "r1")
    assert run(client, state, until) == {"CURRENCY": FINISHED}
    assert sorted(set(batches_done(work.done))) == every_batch(["CURRENCY"], 20)


def test_a_pause_at_the_moment_a_line_begins_leaves_nothing_at_work(
    client: JobClient, state: StateStore, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line is held before its work can say that it begins: line and entry are On Hold, and a restart goes on."""
    state.reviews.create("r1", "c", [line("CURRENCY"), line("CUSTOMER", "CURRENCY")])
    keep = state.job_queue_entries.store
    pauses = iter([lambda: client.cancel_full_synch("r1")])

    def store(entry: JobQueueEntry) -> None:
        """Keep an entry; the first line that begins is paused by somebody just then."""
        keep(entry)
        if entry.mapping and entry.status is JobQueueEntryStatus.IN_PROCESS:
            next(pauses, lambda: None)()

    monkeypatch.setattr(state.job_queue_entries, "store", store)
    client.start_full_synch("c", "r1")
    until(lambda: run(client, state, until)["CURRENCY"] is HELD)
    of_line = JobQueueEntryKind.SYNCH_MAPPING
    until(lambda: {each.status for each in state.job_queue_entries.list("c", of_line)} == {HELD})
    assert run(client, state, until) == {"CURRENCY": HELD, "CUSTOMER": None}
    assert client.restart_full_synch("c", "r1") == ["CURRENCY", "CUSTOMER"]
    assert set(run(client, state, until).values()) == {FINISHED}


def test_a_line_whose_work_is_lost_can_be_restarted(
    client: JobClient, state: StateStore, work: FakeWork, until: Until
) -> None:
    """When the job engine knows nothing of an open line (its database was lost), a restart goes on with it."""
    state.reviews.create("r1", "c", [line("CURRENCY")])
    state.reviews.set_status("r1", MappingName("CURRENCY"), JobQueueEntryStatus.IN_PROCESS)
    assert client.restart_full_synch("c", "r1") == ["CURRENCY"]
    assert run(client, state, until) == {"CURRENCY": FINISHED}
