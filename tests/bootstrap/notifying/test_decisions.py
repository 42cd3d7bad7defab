"""What waits for somebody is told once: conflicts and held orders, each until it waits no more."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.bootstrap.notifying.notified_place import NOON, SECRET, NotifiedPlace, notified_place
from tests.domain.test_conflict import UPDATE

from interlace.domain.conflict import Conflict
from interlace.domain.errors import RecordError
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.domain.saga import Problem
from interlace.domain.synch_job import Counters, SynchJob
from interlace.engine.memory import SynchError
from interlace.engine.saga_memory import DocumentsResult, TrackedDocument
from interlace.lead_to_cash.mapping_names import SALESORDER_ORDER
from interlace.lead_to_cash.order_problems import ACCOUNT_NOT_COUPLED, CREDIT_LIMIT_EXCEEDED
from interlace.store.notification_choices import NotificationChoice
from interlace.ui.words import words_of

SYNCHRONIZE = "INTERLACE SYNCHRONIZE"
CUSTOMER = MappingName("CUSTOMER")
ORDER = TrackedDocument(
    mapping=SALESORDER_ORDER, key="order/1", title="ORD-1", since=NOON, first_seen=NOON, looked_at=NOON
)
CONFLICT = replace(UPDATE, mapping=CUSTOMER, caption=SECRET)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[NotifiedPlace]:
    """An Interlace of one connection."""
    with notified_place(tmp_path / "state") as opened:
        yield opened


def contend(place: NotifiedPlace, conflict: Conflict) -> None:
    """Find a conflict, as a run does."""
    error = SynchError(
        mapping=CUSTOMER,
        direction=Direction.TO_INTEGRATION_TABLE,
        source_key=conflict.erp.key,
        error=RecordError(code=conflict.code, message=SECRET),
        job_id="job",
        at=NOON,
    )
    place.remember(CUSTOMER, conflicts=[conflict], errors=[error])


def look_at_orders(place: NotifiedPlace, *orders: TrackedDocument) -> None:
    """Leave orders as a run does."""
    job = SynchJob(
        id="orders",
        mapping=orders[0].mapping,
        direction=Direction.FROM_INTEGRATION_TABLE,
        started_at=NOON,
        counters=Counters(),
    )
    store = place.application.connection_store(place.connection)
    store.remember_documents(DocumentsResult(job=job, documents=orders))


def test_a_conflict_is_told_by_itself_and_once(place: NotifiedPlace) -> None:
    """Not among the causes too, and not anew when one of its records moves on; nothing of the records is told."""
    ana = place.add_user("ana", SYNCHRONIZE)
    contend(place, CONFLICT)
    assert place.settle() == 1
    moved = replace(CONFLICT, erp=replace(CONFLICT.erp, digest=b"3"))
    contend(place, moved)
    assert place.settle() == 0
    place.remember(
        CUSTOMER, settled_pairs=[moved.erp_key], cleared_errors=[(Direction.TO_INTEGRATION_TABLE, "E1")]
    )
    assert place.settle() == 1
    assert [(each.kind, each.message, each.page) for each in place.told(ana)] == [
        ("conflict", "CUSTOMER E1 is in conflict and waits for a decision.", f"/conflicts/{CONFLICT.id}"),
        ("conflict", "CUSTOMER E1 is in conflict no more.", "/conflicts"),
    ]


def test_a_held_order_is_told_once_however_its_problems_change(place: NotifiedPlace) -> None:
    """It names what holds it in the reader's language, without the values, and tells when nothing does any more."""
    ana = place.add_user("ana", SYNCHRONIZE)
    held = replace(ORDER, problems=(CREDIT_LIMIT_EXCEEDED.of(SECRET),))
    look_at_orders(place, held, replace(ORDER, key="2", title="ORD-2"))
    assert place.settle() == 1
    look_at_orders(place, replace(held, problems=(ACCOUNT_NOT_COUPLED.of(SECRET),)))
    assert place.settle() == 0
    look_at_orders(place, ORDER)
    assert place.settle() == 1
    look_at_orders(place, replace(ORDER, problems=(Problem(code="defect", what=SECRET, remedy="Report."),)))
    assert place.settle() == 1
    assert [(each.message, each.page) for each in place.told(ana)] == [
        (
            "Order ORD-1 is held: With this order the customer would owe more than the credit limit.",
            "/orders/order%2F1",
        ),
        ("Order ORD-1 is held no more.", "/orders/order%2F1"),
        ("Order ORD-1 is held.", "/orders/order%2F1"),
    ]
    said = words_of("nb_NO").t(place.told(ana)[0].message)
    assert "kredittgrensen" in said


def test_an_order_that_is_helped_at_once_tells_nobody(place: NotifiedPlace) -> None:
    """The next run may bring it on."""
    place.add_user("ana", SYNCHRONIZE)
    look_at_orders(place, replace(ORDER, problems=(ACCOUNT_NOT_COUPLED.of(""),)))
    told = place.look(seconds=15)
    look_at_orders(place, ORDER)
    assert told + place.settle() == 0


def test_who_chose_another_mapping_is_told_of_neither(place: NotifiedPlace) -> None:
    """Conflicts and orders belong to their mappings."""
    ana = place.add_user("ana", SYNCHRONIZE)
    choice = NotificationChoice(shown=("conflict", "order"), mappings=("CUSTOMER",))
    place.application.state.notification_choices.store(ana, choice)
    contend(place, CONFLICT)
    look_at_orders(place, replace(ORDER, problems=(ACCOUNT_NOT_COUPLED.of(""),)))
    place.settle()
    assert [each.kind for each in place.told(ana)] == ["conflict"]
