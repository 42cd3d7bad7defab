"""What is remembered of documents under way, in both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from interlace.domain.coupling import Coupling
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import CrmKey, ErpKey, MappingName
from interlace.domain.saga import Problem
from interlace.domain.side import Side
from interlace.domain.synch_job import Counters, SynchJob
from interlace.engine.memory import Intent, IntentState, JournalEntry, SentStamp
from interlace.engine.saga_memory import DocumentEvent, DocumentsResult, TrackedDocument
from interlace.locale.translatable import Amount, translatable
from interlace.store.connection_store import ConnectionStore
from interlace.store.leases import LeaseLost
from interlace.ui.words import words_of

ORDERS = MappingName("ORDERS")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MISSING = Problem(code="missing", what="Größe „7½“ is missing.", remedy="Add it.")
JOB = SynchJob(
    id="job", mapping=ORDERS, direction=Direction.FROM_INTEGRATION_TABLE, started_at=NOON, counters=Counters()
)


def document(key: str, **changes: object) -> TrackedDocument:
    """Return a document that was looked at once."""
    plain = TrackedDocument(
        mapping=ORDERS, key=key, title=f"ORD-{key}", since=NOON, first_seen=NOON, looked_at=NOON, run_id="r1"
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def remember(store: ConnectionStore, *documents: TrackedDocument, **more: object) -> None:
    """Store documents."""
    store.remember_documents(DocumentsResult(job=JOB, documents=documents, **more))  # type: ignore[arg-type]


def test_a_document_comes_back_as_it_was(store: ConnectionStore) -> None:
    """Every column is kept, and a later look overwrites it."""
    held = document(
        "a", owner="JR", problems=(MISSING,), partner="Order\x1f1", stage="Open", created_digest="d1"
    )
    remember(store, held)
    assert store.documents_by_key(ORDERS, ["a", "b"]) == {"a": held}
    later = replace(
        held,
        problems=(),
        finished=True,
        stage="Paid",
        looked_at=NOON + timedelta(hours=1),
        removed_digest="d0",
    )
    remember(store, later, replace(later, key="b"))
    assert store.documents_by_key(ORDERS, ["a"]) == {"a": later}
    assert store.documents_by_key(ORDERS, []) == {}


def test_a_problem_keeps_the_line_that_it_is_about(store: ConnectionStore) -> None:
    """Whoever shows the lines marks it; where it stands is no news."""
    told = replace(MISSING, line="line-2")
    assert told == MISSING
    remember(store, document("a", problems=(told, MISSING)))
    assert [each.line for each in store.documents_by_key(ORDERS, ["a"])["a"].problems] == ["line-2", ""]


def test_texts_are_read_back_so_that_every_language_can_say_them(store: ConnectionStore) -> None:
    """What holds a document and its timeline keep pattern and values; amounts are written as the language does."""
    what = translatable("The order comes to {total}.", total=Amount("1234.50"))
    event = DocumentEvent(key="a", at=NOON, kind="held", text=what, stage="")
    remember(store, document("a", problems=(replace(MISSING, what=what),)), events=[event])
    held = store.documents_by_key(ORDERS, ["a"])["a"].problems[0].what
    told = store.timeline(ORDERS, "a")[0].text
    assert (held, told) == ("The order comes to 1234.50.", "The order comes to 1234.50.")
    assert [words_of("nb_NO").t(each) for each in (held, told)] == ["Ordren kommer til 1\xa0234,50."] * 2


def test_many_documents_go_in_one_transaction(store: ConnectionStore) -> None:
    """A batch that is large enough for bulk loading is stored like a small one."""
    many = [document(f"{number:03d}", partner=None) for number in range(120)]
    events = [DocumentEvent(key=each.key, at=NOON, kind="held", text="x", stage="") for each in many]
    remember(store, *many, events=events)
    remember(store, *many)
    assert len(store.documents_by_key(ORDERS, [each.key for each in many])) == 120
    assert len(store.timeline(ORDERS, "007")) == 1


def test_due_documents_are_those_under_way_that_the_run_has_not_seen(store: ConnectionStore) -> None:
    """Finished ones and those of this run are left out; they come in key order, a batch at a time."""
    remember(
        store,
        document("c"),
        document("a"),
        document("b", finished=True),
        document("d", run_id="r2"),
        document("e"),
    )
    assert [each.key for each in store.documents_due(ORDERS, "r2", 2)] == ["a", "c"]
    assert [each.key for each in store.documents_due(ORDERS, "r3", 10)] == ["a", "c", "d", "e"]
    assert [each.key for each in store.documents_due(ORDERS, "r3", 10, "c")] == ["d", "e"]
    assert store.documents_due(ORDERS, "r3", 10, "e") == []


def test_listing_pages_filters_and_counts(store: ConnectionStore) -> None:
    """Documents are listed by stage and by whether they are held, page after page."""
    remember(
        store,
        document("a", stage="Open"),
        document("b", problems=(MISSING,)),
        document("c", stage="Open", problems=(MISSING,)),
        document("d", stage="Open", partner="Order\x1f4"),
    )
    assert [each.key for each in store.documents_page(ORDERS, limit=3)] == ["a", "b", "c"]
    assert [each.key for each in store.documents_page(ORDERS, after="c", limit=3)] == ["d"]
    assert [each.key for each in store.documents_page(ORDERS, held=True)] == ["b", "c"]
    assert [each.key for each in store.documents_page(ORDERS, stage="Open", held=False)] == ["a", "d"]
    assert store.count_documents(ORDERS) == [("", True, 1), ("Open", False, 2), ("Open", True, 1)]
    assert [each.key for each in store.documents_named(ORDERS, "ORD-c")] == ["c"]
    assert [each.key for each in store.documents_named(ORDERS, "4", ("Order\x1f4",))] == ["d"]
    assert store.documents_named(ORDERS, "x") == []


def test_a_step_is_remembered_whole(store: ConnectionStore) -> None:
    """Document, timeline, coupling, intent and journal change together; the timeline keeps its order."""
    sent = SentStamp(process="p", elapsed=1.5)
    entry = JournalEntry(
        mapping=ORDERS,
        side=Side.ERP,
        key="1",
        action="create document:Header",
        job_id="job",
        before=None,
        after={"Total": 7},
        source_key="a",
    )
    intent = Intent(
        mapping=ORDERS,
        side=Side.ERP,
        source_key="a",
        key="mark",
        creates=True,
        job_id="job",
        marked=True,
        entry=entry,
        sent=sent,
    )
    store.announce([intent])
    remember(store, unknown_intents=[intent])
    assert store.open_intents(ORDERS) == [replace(intent, state=IntentState.UNKNOWN)]
    pair = Coupling(mapping=ORDERS, erp_key=ErpKey("1"), crm_key=CrmKey("a"), agreed=None)
    events = [
        DocumentEvent(key="a", at=NOON, kind="created", text="Created.", stage=""),
        DocumentEvent(key="a", at=NOON, kind="stage", text="Open", stage="Open"),
    ]
    remember(
        store,
        document("a", partner="1"),
        events=events,
        couplings=[pair],
        finished_intents=[intent],
        journal=[entry],
    )
    assert store.open_intents(ORDERS) == []
    assert store.timeline(ORDERS, "a") == events
    assert store.partner_keys(ORDERS, Side.CRM, ["a"]) == {"a": "1"}
    assert [each.action for each in store.last_writes(ORDERS, Side.ERP)] == ["create document:Header"]
    remember(store, document("a"), removed_couplings=[pair])
    assert store.partner_keys(ORDERS, Side.CRM, ["a"]) == {}


def test_who_has_lost_the_lease_stores_nothing(store: ConnectionStore) -> None:
    """Neither a document nor an announcement is written under an old fence."""
    old = store.fenced(ORDERS, 0)
    with pytest.raises(LeaseLost):
        remember(old, document("a"))
    assert store.documents_by_key(ORDERS, ["a"]) == {}
