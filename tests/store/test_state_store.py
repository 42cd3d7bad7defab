"""Connections, secrets, mapping settings, reviews and job queue entries are kept."""

import stat
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from tests.store.conftest import CUSTOMER, SetClock, pair
from tests.store.test_connection_store import MakeJob, entry

from interlace.domain.full_synch_review import InitialSynchRecommendation, ReviewLine
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.job_queue_entry import JobQueueEntry, JobQueueEntryKind, JobQueueEntryStatus
from interlace.domain.keys import ConnectionId, MappingName
from interlace.engine.memory import BatchResult
from interlace.store.connections import ConnectionNameTaken, ConnectionOutdated
from interlace.store.secrets import SecretUnreadable
from interlace.store.state_store import StateStore


def test_a_connection_comes_back_as_it_was_stored(state: StateStore) -> None:
    """Addresses and settings survive; it is found by name and by id."""
    added = state.add_connection("CRONUS")
    changed = replace(
        added,
        erp_address="http://erp",
        erp_company="CRONUS International",
        crm_address="http://crm",
        settings={"limit": Decimal("1.5"), "names": ["a", None, True]},
    )
    state.store_connection(changed)
    state.enable_connection(added.id, enabled=True)
    assert state.find_connection("CRONUS") == replace(changed, enabled=True)
    assert state.find_connection(added.id) == replace(changed, enabled=True)
    assert [each.name for each in state.connections()] == ["CRONUS", "c"]


def test_a_connection_is_stored_only_as_it_was_read(state: StateStore) -> None:
    """Whoever read it before somebody else stored it is refused; so is whoever read it before it was removed."""
    state.add_connection("CRONUS")
    ours, theirs = state.find_connection("CRONUS"), state.find_connection("CRONUS")
    assert ours is not None
    assert theirs is not None
    version = state.store_connection(replace(theirs, settings={"limit": 1}))
    with pytest.raises(ConnectionOutdated) as changed:
        state.store_connection(replace(ours, settings={"limit": 2}))
    assert changed.value.is_there
    state.store_connection(replace(theirs, settings={"limit": 3}, version=version))
    now = state.find_connection("CRONUS")
    assert now is not None
    assert now.settings == {"limit": 3}
    state.delete_connection(now.id)
    with pytest.raises(ConnectionOutdated) as removed:
        state.store_connection(now)
    assert not removed.value.is_there


def test_two_connections_cannot_have_one_name(state: StateStore) -> None:
    """The refusal says what to do."""
    with pytest.raises(ConnectionNameTaken, match="Choose another name"):
        state.add_connection("c")


def test_a_deleted_connection_takes_everything_remembered_with_it(
    state: StateStore, make_job: MakeJob
) -> None:
    """Couplings, jobs, errors and journal go."""
    job = make_job(run_id="r")
    store = state.connection_store("c")
    store.start_job(job)
    store.remember(BatchResult(job=job, couplings=[pair("1", "a", (1, 1))], journal=[entry("a")]))
    assert state.delete_connection("c")
    assert not state.delete_connection("c")
    assert state.queries.synch_job("j1") is None
    state.add_connection("c", connection_id="c")
    assert state.queries.count_couplings("c") == {}


def test_secrets_are_stored_encrypted_and_the_key_lies_elsewhere(
    state: StateStore, url: str, tmp_path: Path
) -> None:
    """The key file is for its owner only; the database holds no readable secret."""
    state.store_secret("c", "crm password", "Grüße!")
    state.store_secret("c", "crm password", "s3cret-words")
    assert state.secret("c", "crm password") == "s3cret-words"
    assert state.secret("c", "other") is None
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    files = b"".join(file.read_bytes() for file in tmp_path.glob("interlace.db*"))
    assert b"s3cret-words" not in files
    state.store_secret("c", "crm password", None)
    assert state.secret("c", "crm password") is None


def test_keys_can_be_rotated(url: str, tmp_path: Path) -> None:
    """A new first key encrypts; what an older key encrypted is still read; a strange key reads nothing."""
    key_file = tmp_path / "k"
    with StateStore.open(url, key_file=key_file) as first:
        first.add_connection("c", connection_id="c")
        first.store_secret("c", "p", "words")
    old = key_file.read_bytes()
    key_file.write_bytes(Fernet.generate_key() + b"\n" + old)
    with StateStore.open(url, key_file=key_file) as second:
        assert second.secret("c", "p") == "words"
    key_file.write_bytes(Fernet.generate_key())
    with (
        StateStore.open(url, key_file=key_file) as third,
        pytest.raises(SecretUnreadable, match="key file back"),
    ):
        third.secret("c", "p")


def test_without_a_key_file_no_secret_is_taken() -> None:
    """A store for tests or reading alone refuses."""
    with StateStore.open("sqlite://") as state, pytest.raises(ValueError, match="without a key file"):
        state.secret("c", "p")


def test_what_users_change_in_mappings_is_kept_apart_from_the_defaults(state: StateStore) -> None:
    """Only changed mappings are listed; nothing changed restores the defaults."""
    state.store_mapping_settings("c", "CUSTOMER", {"direction": "Bidirectional", "limit": Decimal("0.1")})
    state.store_mapping_settings("c", "CONTACT", {})
    assert state.mapping_settings("c") == {
        "CUSTOMER": {"direction": "Bidirectional", "limit": Decimal("0.1")}
    }
    state.store_mapping_settings("c", "CUSTOMER", {})
    assert state.mapping_settings("c") == {}


def test_a_review_shows_its_lines_with_the_jobs_of_their_passes(
    state: StateStore, make_job: MakeJob, clock: SetClock
) -> None:
    """Lines keep their order; status changes take the times along; jobs are joined by run."""
    lines = [
        ReviewLine(mapping=MappingName("CURRENCY"), direction=Direction.TO_INTEGRATION_TABLE, expected=5),
        ReviewLine(
            mapping=CUSTOMER, direction=Direction.BIDIRECTIONAL, depends_on=(MappingName("CURRENCY"),)
        ),
    ]
    assert state.reviews.create("r1", "c", lines).lines == tuple(lines)
    assert state.reviews.create("r1", "c", []).lines == tuple(lines)
    assert state.reviews.read("none") is None
    assert state.reviews.latest("none") is None
    reviews = state.reviews
    reviews.set_status("r1", CUSTOMER, JobQueueEntryStatus.IN_PROCESS, job_queue_entry_id="e1")
    assert reviews.is_running("c", CUSTOMER)
    job = make_job(run_id="r1")
    state.connection_store("c").start_job(job)
    clock.forward(minutes=1)
    reviews.set_status("r1", CUSTOMER, JobQueueEntryStatus.ERROR, message="It failed.")
    reviews.set_expected("r1", CUSTOMER, 7)
    reviews.set_recommendation("r1", CUSTOMER, InitialSynchRecommendation.COUPLE_RECORDS)
    reviews.set_message("r1", MappingName("CURRENCY"), "Waits.")
    read = reviews.latest("c")
    assert read is not None
    customer = read.line(CUSTOMER)
    assert customer.to_pass is not None
    assert customer.to_pass.job == job
    assert (customer.from_pass, customer.message, customer.job_queue_entry_id) == (None, "It failed.", "e1")
    assert customer.started_at is not None
    assert customer.finished_at is not None
    assert customer.finished_at - customer.started_at == timedelta(minutes=1)
    assert (customer.expected, customer.recommendation) == (7, InitialSynchRecommendation.COUPLE_RECORDS)
    assert read.line(MappingName("CURRENCY")).message == "Waits."
    assert not reviews.is_running("c", CUSTOMER)


def test_no_line_of_a_held_review_begins(state: StateStore) -> None:
    """Work that is being broken off may say it begins: it stays on hold, or as it was, until the review goes on."""
    currency = MappingName("CURRENCY")
    lines = [
        ReviewLine(mapping=each, direction=Direction.TO_INTEGRATION_TABLE) for each in (currency, CUSTOMER)
    ]
    reviews = state.reviews
    reviews.create("r1", "c", lines)
    assert reviews.set_status("r1", currency, JobQueueEntryStatus.READY)
    reviews.hold("r1", "Paused.", before_their_turn=True)
    assert not reviews.set_status("r1", currency, JobQueueEntryStatus.IN_PROCESS)
    assert not reviews.set_status("r1", CUSTOMER, JobQueueEntryStatus.READY)
    held = reviews.latest("c")
    assert held is not None
    assert [each.status for each in held.lines] == [JobQueueEntryStatus.ON_HOLD, None]
    assert held.line(currency).message == "Paused."
    assert reviews.set_status("r1", currency, JobQueueEntryStatus.FINISHED)
    assert reviews.set_status("r1", CUSTOMER, JobQueueEntryStatus.READY)


def test_a_review_can_be_held_between_two_lines(state: StateStore) -> None:
    """While none waits or is at work, the lines that never began are held, if they are meant to be."""
    lines = [ReviewLine(mapping=CUSTOMER, direction=Direction.TO_INTEGRATION_TABLE)]
    state.reviews.create("r1", "c", lines)
    for before_their_turn, status in ((False, None), (True, JobQueueEntryStatus.ON_HOLD)):
        state.reviews.hold("r1", "Paused.", before_their_turn=before_their_turn)
        held = state.reviews.latest("c")
        assert held is not None
        assert held.lines[0].status is status


def test_lines_begin_anew_with_or_without_their_positions(state: StateStore, make_job: MakeJob) -> None:
    """The lines are blank again; only without keep_positions do their passes begin at the first record."""
    line = ReviewLine(mapping=CUSTOMER, direction=Direction.TO_INTEGRATION_TABLE)
    state.reviews.create("r1", "c", [line])
    state.reviews.set_status("r1", CUSTOMER, JobQueueEntryStatus.ERROR, message="It failed.")
    job, store = make_job(run_id="r1"), state.connection_store("c")
    store.remember(BatchResult(job=job, position="page 2"))
    state.reviews.begin_anew("r1", [CUSTOMER], keep_positions=True)
    read = state.reviews.read("r1")
    assert read is not None
    assert replace(read.line(CUSTOMER), to_pass=None) == line
    assert store.pass_position("r1", CUSTOMER, job.direction) is not None
    state.reviews.begin_anew("r1", [CUSTOMER])
    assert store.pass_position("r1", CUSTOMER, job.direction) is None


def test_lines_and_old_reviews_can_be_deleted(state: StateStore, clock: SetClock) -> None:
    """The newest review of a connection stays, whatever its age."""
    line = ReviewLine(mapping=CUSTOMER, direction=Direction.TO_INTEGRATION_TABLE)
    for run_id in ("r1", "r2"):
        state.reviews.create(run_id, "c", [line])
        clock.forward(days=1)
    state.reviews.delete_line("r2", CUSTOMER)
    clock.forward(days=30)
    assert state.reviews.delete_older(timedelta(days=7)) == 1
    read = state.reviews.latest("c")
    assert read is not None
    assert (read.run_id, read.lines) == ("r2", ())


def test_job_queue_entries_are_kept_and_cleaned_up(state: StateStore, clock: SetClock) -> None:
    """Recurring entries have no end and stay; finished work goes after its time."""
    recurring = JobQueueEntry(
        id="synch:c:CUSTOMER",
        connection_id=ConnectionId("c"),
        kind=JobQueueEntryKind.RECURRING,
        mapping=CUSTOMER,
        minutes_between_runs=5,
        earliest_start=clock(),
    )
    done = JobQueueEntry(
        id="r1#1",
        connection_id=ConnectionId("c"),
        kind=JobQueueEntryKind.FULL_SYNCH,
        run_id="r1",
        status=JobQueueEntryStatus.FINISHED,
        started_at=clock(),
        finished_at=clock(),
    )
    for each in (recurring, done):
        state.job_queue_entries.store(each)
    state.job_queue_entries.store(replace(recurring, status=JobQueueEntryStatus.ON_HOLD))
    assert state.job_queue_entries.list("c", JobQueueEntryKind.FULL_SYNCH) == [done]
    assert state.job_queue_entries.delete_finished_before(clock() + timedelta(days=1)) == 1
    assert state.job_queue_entries.list("c") == [replace(recurring, status=JobQueueEntryStatus.ON_HOLD)]
    assert state.job_queue_entries.delete(recurring.id)
    assert state.job_queue_entries.read(recurring.id) is None
