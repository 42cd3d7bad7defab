"""The journal tells every write in order, and what was changed in it or in the files beside it is found."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.store.conftest import CUSTOMER, SetClock

from interlace.domain.keys import ErpKey, MappingName
from interlace.domain.side import Side
from interlace.domain.synch_job import SynchJob
from interlace.domain.values import Value
from interlace.engine.memory import BatchResult, Intent, JournalEntry
from interlace.store.connection_store import ConnectionStore
from interlace.store.database import Database
from interlace.store.journal import JournalSelection
from interlace.store.journal_files import JournalNotWritable
from interlace.store.leases import LeaseLost
from interlace.store.state_store import StateStore

MakeJob = Callable[..., SynchJob]


def entry(key: str, source_key: str = "", **changes: object) -> JournalEntry:
    """Make an entry of a write to the CRM."""
    made = JournalEntry(
        mapping=CUSTOMER,
        side=Side.CRM,
        key=key,
        source_key=source_key,
        action="modify",
        job_id="j1",
        before={"name": "old"},
        after={"name": "new", "limit": Decimal("1.10")},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def intent(written: JournalEntry) -> Intent:
    """Announce the write that an entry tells of."""
    return Intent(
        mapping=written.mapping,
        side=written.side,
        source_key=written.source_key,
        key=written.key,
        creates=False,
        job_id=written.job_id,
        entry=written,
    )


@pytest.fixture
def journal_directory(tmp_path: Path) -> Path:
    """Folder of the journal files."""
    return tmp_path / "journal"


@pytest.fixture
def kept(url: str, clock: SetClock, journal_directory: Path) -> Iterator[StateStore]:
    """A store with journal files and one connection named c."""
    with StateStore.open(url, clock=clock, journal_directory=journal_directory) as opened:
        opened.add_connection("c", connection_id="c")
        yield opened


def only_file(directory: Path) -> Path:
    """Return the one journal file there is."""
    (path,) = directory.glob("journal-*.jsonl")
    return path


# The chain in the database


def test_writes_are_told_in_their_order_by_run_record_and_field(
    state: StateStore, store: ConnectionStore, make_job: MakeJob, clock: SetClock
) -> None:
    """Entries come back as they were, the oldest first, and only those asked for."""
    first = entry("a", "1", agreed_before={"name>name": ("old", "old"), "limit>limit": None}, certain=False)
    second = entry("1", "a", side=Side.ERP, before=None, after={"limit": 5}, lost={"limit": Decimal(7)})
    third = entry("b", "2", job_id="j2", mapping=MappingName("CONTACT"))
    store.remember(BatchResult(job=make_job(run_id="r"), journal=[first, second]))
    clock.forward(minutes=1)
    store.remember(BatchResult(job=make_job("j2"), journal=[third]))

    def told(**selection: object) -> list[JournalEntry]:
        chosen = JournalSelection(**selection)  # type: ignore[arg-type]
        return [each.entry for each in state.queries.journalled_writes("c", chosen)]

    assert told() == [first, second, third]
    assert told(run_id="r") == told(job_ids=("j1",)) == [first, second]
    assert told(key="a") == told(key="1") == [first, second]
    assert told(key="a", field="name") == [first]
    assert told(field="name") == [first, third]
    assert told(mapping="CONTACT") == [third]
    assert told(after=1, limit=1) == [second]
    assert told(newest_first=True, limit=2) == [third, second]
    assert told(newest_first=True, before=2) == told(before=2) == [first]
    last = state.queries.journalled_writes("c", JournalSelection(after=2))[0]
    assert (last.sequence, last.at) == (3, clock())


def test_the_last_writes_of_a_record_are_its_five_newest(
    state: StateStore, store: ConnectionStore, make_job: MakeJob
) -> None:
    """By the key of either side, the newest first; other records and mappings are left out."""
    own = [entry("a", "1", after={"limit": number}) for number in range(6)]
    others = [entry("b", "2"), entry("a", "1", job_id="j2", mapping=MappingName("CONTACT"))]
    store.remember(BatchResult(job=make_job(), journal=[*own, others[0]]))
    store.remember(BatchResult(job=make_job("j2"), journal=[others[1]]))
    for key in ("a", "1"):
        told = state.queries.last_writes("c", own[0].mapping, key)
        assert [each.entry for each in told] == own[:0:-1]
    assert state.queries.last_writes("c", "CONTACT", "b") == []


def test_earlier_values_are_those_that_journalled_writes_moved(
    store: ConnectionStore, make_job: MakeJob
) -> None:
    """By ERP key and row, the oldest first, whichever side was written; what nobody knew is left out."""
    contact = MappingName("CONTACT")
    store.remember(
        BatchResult(
            job=make_job(),
            journal=[
                entry("a", "1", agreed_before={"name>name": ("x", "X"), "limit>limit": None}),
                entry("1", "a", side=Side.ERP, agreed_before={"name>name": ("y", "Y")}),
                entry("b", "2", agreed_before={"limit>limit": (Decimal("1.10"), 2)}),
                entry("c", "3"),
                entry("a", "1", mapping=contact, agreed_before={"name>name": ("other", "other")}),
            ],
        )
    )
    asked = [ErpKey(key) for key in ("1", "2", "3", "4")]
    assert store.earlier_values(CUSTOMER, asked) == {
        "1": {"name>name": [("x", "X"), ("y", "Y")]},
        "2": {"limit>limit": [(Decimal("1.10"), 2)]},
    }
    assert store.earlier_values(CUSTOMER, []) == {}


def test_deletions_are_known_by_either_key_of_their_pair(store: ConnectionStore, make_job: MakeJob) -> None:
    """Both a deleted record and one that was uncoupled by the deletion of its partner are named."""
    gone = [
        entry("a", "1", action="delete", after={}),
        entry("2", "b", side=Side.ERP, action="removecoupling"),
    ]
    store.remember(BatchResult(job=make_job(), journal=[*gone, entry("c", "3")]))
    assert store.journalled_deletions(CUSTOMER, Side.CRM, ["a", "b", "c", "d"]) == {"a", "b"}
    assert store.journalled_deletions(CUSTOMER, Side.ERP, ["1", "2", "3"]) == {"1", "2"}
    assert store.journalled_deletions(MappingName("CONTACT"), Side.ERP, ["1"]) == set()


@pytest.mark.parametrize(
    ("damage", "first_wrong", "reason"),
    [
        ("UPDATE journal SET entry = replace(entry, 'old', 'odd') WHERE sequence = 2", 2, "2 or its digest"),
        (
            "UPDATE journal SET digest = (SELECT digest FROM journal WHERE sequence = 1) WHERE sequence = 3",
            3,
            "3",
        ),
        ("DELETE FROM journal WHERE sequence = 2", 2, "entry 2 is missing"),
        ("DELETE FROM journal WHERE sequence = 3", 3, "ends with entry 2, but 3 were written"),
        ("UPDATE journal SET crm_key = 'x' WHERE sequence = 2", 2, "filed under another record"),
        ("UPDATE journal SET job_id = 'x' WHERE sequence = 1", 1, "filed under another"),
    ],
)
def test_the_damaged_entry_is_named(
    state: StateStore,
    store: ConnectionStore,
    database: Database,
    make_job: MakeJob,
    damage: str,
    first_wrong: int,
    reason: str,
) -> None:
    """Whatever was changed or taken out, the first entry that does not hold is told, and why."""
    store.remember(BatchResult(job=make_job(), journal=[entry(key, f"s{key}") for key in "abc"]))
    assert state.queries.verify_journal("c").holds
    with database.write() as connection:
        connection.execute(sa.text(damage))
    found = state.queries.verify_journal("c")
    assert (found.first_wrong, found.entries) == (first_wrong, first_wrong - 1)
    assert reason in found.reason


# The files beside it


def test_what_is_overwritten_or_deleted_is_in_a_file_before_it_is_sent(
    kept: StateStore, journal_directory: Path, clock: SetClock
) -> None:
    """Only such writes are kept there, across connections and months, in files only for their owner."""
    kept.add_connection("d", connection_id="d")
    harmless = entry("a", "1")
    store = kept.connection_store("c")
    store.announce([intent(harmless)])
    assert not journal_directory.exists()
    overwriting = entry("b", "2", lost={"name": "theirs", "limit": Decimal("0.50")})
    deleting = entry("c", "3", action="delete", after={}, before={"name": "Köln\n"})
    store.announce([intent(harmless), intent(overwriting), intent(deleting)])
    file = only_file(journal_directory)
    assert (file.stat().st_mode & 0o777, file.name[:15]) == (0o600, "journal-202601-")
    clock.forward(days=31)
    kept.connection_store("d").announce([intent(overwriting)])
    assert kept.journal_files is not None
    told = list(kept.journal_files.entries())
    assert [(each.connection_id, each.entry) for each in told] == [
        ("c", overwriting),
        ("c", deleting),
        ("d", overwriting),
    ]
    assert (told[0].at, told[2].at) == (datetime(2026, 1, 1, tzinfo=UTC), clock())
    verification = kept.queries.verify_journal("c")
    assert verification.holds
    assert [each.lines for each in verification.files] == [3, 2]


def _drop_line(content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    return b"".join(lines[:2] + lines[3:])


@pytest.mark.parametrize(
    ("damage", "first_wrong", "reason"),
    [
        (lambda content: content.replace(b"theirs 2", b"theirs 9"), 3, "was changed"),
        (lambda content: content.replace(b'{"digest"', b'{"Digest"', 1), 1, "was changed"),
        (_drop_line, 3, "was changed, or lines before it were taken out"),
        (lambda content: b"".join(content.splitlines(keepends=True)[:2]), 3, "is missing: 4 were written"),
        (lambda content: content[:-5], 4, "is missing: 4 were written"),
        (None, 1, "the file is missing"),
    ],
)
def test_damage_to_a_journal_file_is_located(
    kept: StateStore,
    journal_directory: Path,
    damage: Callable[[bytes], bytes] | None,
    first_wrong: int,
    reason: str,
) -> None:
    """A changed byte, a line or a whole file taken out: the first line that does not hold is told."""
    entries = [entry(str(number), "1", lost={"name": f"theirs {number}"}) for number in (1, 2, 3)]
    kept.connection_store("c").announce([intent(each) for each in entries])
    file = only_file(journal_directory)
    if damage is None:
        file.unlink()
    else:
        file.write_bytes(damage(file.read_bytes()))
    verification = kept.queries.verify_journal("c")
    (found,) = verification.files
    assert not verification.holds
    assert (found.first_wrong, found.name, found.torn) == (first_wrong, file.name, False)
    assert reason in found.reason


def test_a_line_torn_by_a_crash_is_no_tampering(kept: StateStore, journal_directory: Path) -> None:
    """Half a line after what the database knows of was never followed by a write; it is left out."""
    kept.connection_store("c").announce([intent(entry("a", "1", lost={"name": "theirs"}))])
    file = only_file(journal_directory)
    content = file.read_bytes()
    file.write_bytes(content + content.splitlines()[1][:50])
    verification = kept.queries.verify_journal("c")
    assert verification.holds
    assert (verification.files[0].torn, verification.files[0].lines) == (True, 2)
    assert kept.journal_files is not None
    assert len(list(kept.journal_files.entries())) == 1


def test_a_renamed_file_is_noticed(kept: StateStore, journal_directory: Path) -> None:
    """A file can't take the place of another."""
    kept.connection_store("c").announce([intent(entry("a", "1", lost={"name": "theirs"}))])
    file = only_file(journal_directory)
    file.rename(file.with_name("journal-202512-1-00000000.jsonl"))
    other, missing = kept.queries.verify_journal("c").files
    assert (other.first_wrong, other.reason) == (1, "the first line names another file")
    assert missing.reason.startswith("the file is missing")


def test_nothing_is_announced_when_its_file_cannot_be_written(
    kept: StateStore, journal_directory: Path
) -> None:
    """What would be lost can't be kept, so the write may not be sent; the message says what to do."""
    journal_directory.write_text("in the way")
    store = kept.connection_store("c")
    with pytest.raises(JournalNotWritable, match=r"nothing was sent.*run it again"):
        store.announce([intent(entry("a", "1", lost={"name": "theirs"}))])
    assert store.open_intents(CUSTOMER) == []
    journal_directory.unlink()
    store.announce([intent(entry("a", "1", lost={"name": "theirs"}))])
    assert kept.queries.verify_journal("c").holds


def test_a_worker_without_its_lease_leaves_no_trace_in_the_files(
    kept: StateStore, journal_directory: Path, clock: SetClock
) -> None:
    """The lease is asked for before anything is kept."""
    fence = kept.take_lease("c", CUSTOMER, "worker 1")
    assert fence is not None
    sleeper = kept.connection_store("c").fenced(CUSTOMER, fence)
    clock.forward(hours=1)
    kept.take_lease("c", CUSTOMER, "worker 2")
    with pytest.raises(LeaseLost):
        sleeper.announce([intent(entry("a", "1", lost={"name": "theirs"}))])
    assert not journal_directory.exists()


def test_values_keep_their_kind_in_an_entry(kept: StateStore, make_job: MakeJob) -> None:
    """Text, whole numbers, decimals with all their digits, Boolean and nothing."""
    values: dict[str, Value] = {"a": "1", "b": 1, "c": Decimal("1.10"), "d": True, "e": None, "f": "[]"}
    written = entry("a", "1", after=values, before=None)
    kept.connection_store("c").remember(BatchResult(job=make_job(), journal=[written]))
    (told,) = kept.queries.journalled_writes("c", JournalSelection())
    assert [(type(value), str(value)) for value in told.entry.after.values()] == [
        (type(value), str(value)) for value in values.values()
    ]
