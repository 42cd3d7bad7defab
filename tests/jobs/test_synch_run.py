"""Single mappings run now or on a schedule, one run at a time."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from dbos import DBOS
from tests.jobs.fake_work import FakeWork, batches_done, every_batch, line

from interlace.domain.job_queue_entry import JobQueueEntryKind, JobQueueEntryStatus
from interlace.domain.keys import MappingName
from interlace.jobs.job_client import JobClient, NoWorkerYet
from interlace.jobs.job_engine import JobEngine, WorkerOptions
from interlace.jobs.names import recurring_id
from interlace.jobs.ports import BatchProgress, SynchMode
from interlace.jobs.schedules import IntervalNotPossible
from interlace.jobs.takeover import TakeOver, WorkerNameTaken
from interlace.store.state_store import StateStore
from interlace.ui.words import words_of

Until = Callable[[Callable[[], bool]], None]


@pytest.fixture
def work(state: StateStore, tmp_path: Path) -> FakeWork:
    """Work that only counts."""
    return FakeWork(state=state, done=tmp_path / "done")


@pytest.fixture
def engine(
    urls: tuple[str, str], state: StateStore, work: FakeWork, quick: WorkerOptions
) -> Iterator[JobEngine]:
    """A running worker."""
    with JobEngine(urls[1], work, state, quick) as opened:
        yield opened


@pytest.fixture
def client(engine: JobEngine) -> Iterator[JobClient]:
    """A client beside it."""
    with engine.client() as opened:
        yield opened


def test_a_mapping_synchronized_now_runs_once_although_asked_twice(
    client: JobClient, state: StateStore, work: FakeWork
) -> None:
    """The second request is shown the run that is there; its entry tells how it ended."""
    work.seconds = 0.05
    first = client.synchronize_now("c", "CURRENCY")
    assert client.synchronize_now("c", "CURRENCY") == first
    assert client.wait(first) == ""
    assert batches_done(work.done) == every_batch(["CURRENCY"], 5)
    entry = state.job_queue_entries.read(first)
    assert entry is not None
    assert (entry.kind, entry.status) == (JobQueueEntryKind.SYNCH_MAPPING, JobQueueEntryStatus.FINISHED)
    again = client.synchronize_now("c", "CURRENCY", SynchMode.FULL)
    assert again != first
    client.wait(again)


def test_a_run_that_stops_says_why(client: JobClient, state: StateStore, work: FakeWork) -> None:
    """The message is the run's result and stands in its entry."""
    work.stops["CURRENCY"] = "Too many deletions."
    run_id = client.synchronize_now("c", "CURRENCY")
    assert client.wait(run_id) == "Too many deletions."
    entry = state.job_queue_entries.read(run_id)
    assert entry is not None
    assert (entry.status, entry.message) == (JobQueueEntryStatus.ERROR, "Too many deletions.")


def test_a_run_whose_work_is_lost_says_so_in_the_readers_language(
    client: JobClient, state: StateStore, work: FakeWork, until: Until
) -> None:
    """What the job engine says of it is for the log; people are told which mapping, and what to do."""
    work.seconds = 0.2
    run_id = client.synchronize_now("c", "CURRENCY")
    until(work.done.is_file)
    DBOS.cancel_workflow(f"{run_id}/1")
    client.wait(run_id)
    entry = state.job_queue_entries.read(run_id)
    assert entry is not None
    assert entry.status is JobQueueEntryStatus.ERROR
    said = words_of("nb").t(entry.message)
    assert said.startswith("Kjøringen av tilordningen CURRENCY ble avsluttet")


def test_a_mapping_that_another_run_holds_is_not_run(
    client: JobClient, state: StateStore, work: FakeWork
) -> None:
    """After waiting in vain the run ends with the reason."""
    fence = state.take_lease("c", "CURRENCY", "somebody else")
    run_id = client.synchronize_now("c", "CURRENCY")
    assert "Another run has been at work on the mapping CURRENCY" in client.wait(run_id)
    assert not work.done.exists()
    assert fence is not None
    state.release_lease("c", "CURRENCY", fence)
    assert client.wait(client.synchronize_now("c", "CURRENCY")) == ""


def test_a_recurring_run_is_scheduled_paused_and_ended(
    client: JobClient, state: StateStore, work: FakeWork, until: Until
) -> None:
    """Its entry goes from Ready to On Hold and back; deleting the schedule deletes the entry."""
    name = recurring_id("c", "CURRENCY")

    def status() -> JobQueueEntryStatus | None:
        entry = state.job_queue_entries.read(name)
        return entry.status if entry is not None else None

    client.schedule("c", "CURRENCY", 30)
    client.schedule("c", "CURRENCY", 15)
    DBOS.trigger_schedule(name)
    until(lambda: work.done.exists() and len(batches_done(work.done)) == 5)
    until(lambda: status() is JobQueueEntryStatus.READY)
    entry = state.job_queue_entries.read(name)
    assert entry is not None
    assert (entry.minutes_between_runs, entry.finished_at) == (15, None)
    client.pause_schedule("c", "CURRENCY")
    assert status() is JobQueueEntryStatus.ON_HOLD
    client.resume_schedule("c", "CURRENCY")
    assert status() is JobQueueEntryStatus.READY
    client.delete_schedule("c", "CURRENCY")
    assert status() is None
    with pytest.raises(IntervalNotPossible):
        client.schedule("c", "CURRENCY", 7)


def test_a_recurring_run_waits_for_the_full_synchronization(
    client: JobClient, state: StateStore, work: FakeWork
) -> None:
    """While a line is at work its mapping's tick does nothing."""
    state.reviews.create("r1", "c", [line("CURRENCY")])
    state.reviews.set_status("r1", MappingName("CURRENCY"), JobQueueEntryStatus.IN_PROCESS)
    client.schedule("c", "CURRENCY", 30)
    handle = DBOS.trigger_schedule(recurring_id("c", "CURRENCY"))
    assert str(handle.get_result(polling_interval_sec=0.05)).startswith("held: a full synchronization")
    assert not work.done.exists()


def test_a_recurring_run_of_a_connection_at_rest_does_not_begin(client: JobClient, work: FakeWork) -> None:
    """While the connection is disabled, or the mapping takes no part, its tick does nothing."""
    work.at_rest.add(("c", "CURRENCY"))
    client.schedule("c", "CURRENCY", 30)
    handle = DBOS.trigger_schedule(recurring_id("c", "CURRENCY"))
    assert str(handle.get_result(polling_interval_sec=0.05)).startswith("held: ")
    assert not work.done.exists()


def test_a_run_that_meets_a_freeze_window_waits_for_its_end(
    client: JobClient, state: StateStore, work: FakeWork, until: Until
) -> None:
    """It neither fails nor begins anew: its entry says why it waits, and then it goes on where it stood."""
    work.frozen.add("CURRENCY")
    run_id = client.synchronize_now("c", "CURRENCY")

    def waits() -> bool:
        """Tell whether the entry says so."""
        entry = state.job_queue_entries.read(run_id)
        return entry is not None and "freeze window" in entry.message

    until(waits)
    entry = state.job_queue_entries.read(run_id)
    assert entry is not None
    assert entry.status is JobQueueEntryStatus.READY
    assert batches_done(work.done) == [("CURRENCY", 0)]
    fence = state.take_lease("c", "CURRENCY", "somebody else")
    assert fence is not None, "a run that waits holds nothing"
    state.release_lease("c", "CURRENCY", fence)
    work.frozen.clear()
    assert client.wait(run_id) == ""
    assert batches_done(work.done) == every_batch(["CURRENCY"], 5)
    ended = state.job_queue_entries.read(run_id)
    assert ended is not None
    assert (ended.status, ended.message) == (JobQueueEntryStatus.FINISHED, "")


def test_a_recurring_run_does_not_begin_in_a_freeze_window(client: JobClient, work: FakeWork) -> None:
    """Its tick does nothing; the next one behind the window runs."""
    work.frozen.add("CURRENCY")
    client.schedule("c", "CURRENCY", 30)
    handle = DBOS.trigger_schedule(recurring_id("c", "CURRENCY"))
    assert str(handle.get_result(polling_interval_sec=0.05)).startswith("held: ")
    assert not work.done.exists()


def test_a_run_that_is_asked_for_twice_says_so(client: JobClient, work: FakeWork) -> None:
    """Who asks for a run while one is at work gets that one, and is told that it is not his own."""
    work.seconds = 0.2
    first = client.begin_run("c", "CURRENCY")
    second = client.begin_run("c", "CURRENCY")
    assert (first.is_new, second.is_new, second.run_id) == (True, False, first.run_id)
    assert client.is_at_work(first.run_id)
    assert client.wait(first.run_id) == ""
    assert not client.is_at_work(first.run_id)


def test_schedules_tell_what_they_are_for(client: JobClient) -> None:
    """Connection, mapping, and whether it is paused."""
    client.schedule("c", "CURRENCY", 30)
    client.schedule("c", "CONTACT", 2)
    client.pause_schedule("c", "CONTACT")
    found = client.schedules()
    assert {(each.connection_id, each.mapping, each.is_paused) for each in found.values()} == {
        ("c", "CURRENCY", False),
        ("c", "CONTACT", True),
    }
    assert all(each.last_begun_at is None for each in found.values())


def test_finished_work_is_forgotten_after_its_time(
    urls: tuple[str, str], state: StateStore, work: FakeWork, quick: WorkerOptions
) -> None:
    """What is younger stays."""
    with JobEngine(urls[1], work, state, quick) as engine, engine.client() as client:
        client.wait(client.synchronize_now("c", "CURRENCY"))
        assert engine.delete_old() == 0
    with JobEngine(urls[1], work, state, replace(quick, keep_for=timedelta(seconds=-5))) as engine:
        assert engine.delete_old() >= 2
        assert state.job_queue_entries.list("c") == []


@dataclass
class AwaitedWork:
    """Work that is awaited, and that fails in a way nobody expected."""

    loops: set[int]
    fails: bool = False
    closed: bool = False

    async def run_batch(
        self, connection_id: str, mapping: str, mode: SynchMode, run_id: str, fence: int
    ) -> BatchProgress:
        """Note the event loop."""
        self.loops.add(id(asyncio.get_running_loop()))
        await asyncio.sleep(0)
        if self.fails:
            raise LookupError("No such company: CRONUS.")
        return BatchProgress(more=False)

    async def close(self) -> None:
        """Note the event loop once more."""
        self.loops.add(id(asyncio.get_running_loop()))
        self.closed = True

    def may_recur(self, connection_id: str, mapping: str) -> bool:
        """Let everything run."""
        return True

    def is_frozen(self, connection_id: str, mapping: str) -> bool:
        """Let everything run."""
        return False

    def is_transient(self, error: BaseException) -> bool:
        """Nothing heals by waiting."""
        return False


def test_awaited_work_runs_on_one_event_loop(
    urls: tuple[str, str], state: StateStore, quick: WorkerOptions
) -> None:
    """Connections that belong to a loop can be kept from batch to batch; unexpected errors end the run."""
    work = AwaitedWork(loops=set())
    with JobEngine(urls[1], work, state, quick) as engine, engine.client() as client:
        runs = [client.synchronize_now("c", mapping) for mapping in ("A", "B", "C")]
        assert [client.wait(each) for each in runs] == ["", "", ""]
        work.fails = True
        assert client.wait(client.synchronize_now("c", "A")) == "No such company: CRONUS."
    assert len(work.loops) == 1
    assert work.closed


def test_without_a_worker_there_is_no_queue(urls: tuple[str, str], state: StateStore) -> None:
    """The message says what to start."""
    with pytest.raises(NoWorkerYet, match="Start the server or a worker"):
        JobClient(urls[1], state)


def test_two_workers_cannot_have_one_name(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one refuses to start; once the first one is gone the name is free."""
    monkeypatch.setattr("interlace.jobs.takeover._PATIENCE_SECONDS", 0.2)
    first = TakeOver(postgresql_url, "w")
    with pytest.raises(WorkerNameTaken, match="give this one its own name"):
        TakeOver(postgresql_url, "w")
    first.close()
    TakeOver(postgresql_url, "w").close()


def test_times_are_aware(client: JobClient, state: StateStore) -> None:
    """The entry's moments are UTC."""
    entry = client.schedule("c", "CURRENCY", 60)
    assert entry.earliest_start is not None
    assert abs(entry.earliest_start - datetime.now(UTC)) < timedelta(minutes=1)
