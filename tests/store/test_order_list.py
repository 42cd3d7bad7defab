"""The list of orders: sorted, filtered and searched in pages, in both databases."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from interlace.domain.filter_language import FilteredField, Reading, parse_filter, quoted
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.domain.saga import Problem
from interlace.domain.synch_job import Counters, SynchJob
from interlace.engine.saga_memory import DocumentsResult, TrackedDocument
from interlace.store.connection_store import ConnectionStore
from interlace.store.keyset import PageAsked
from interlace.store.order_list import ORDERS, order_list
from interlace.store.state_store import StateStore

OWN, BEGUN = MappingName("ORDERS"), MappingName("BEGUN ORDERS")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
STAGES = ("", "Open", "Shipped", "Paid")


@pytest.fixture(autouse=True)
def filled(store: ConnectionStore) -> None:
    """Twelve orders of the CRM, every fourth held, one a minute; two that began in the ERP, one of them held."""
    for mapping, numbers in ((OWN, range(12)), (BEGUN, range(12, 14))):
        job = SynchJob(
            id=f"job {mapping}",
            mapping=mapping,
            direction=Direction.FROM_INTEGRATION_TABLE,
            started_at=NOON,
            counters=Counters(),
        )
        held = tuple(_order(mapping, number) for number in numbers)
        store.remember_documents(DocumentsResult(job=job, documents=held))


def _order(mapping: MappingName, number: int) -> TrackedDocument:
    return TrackedDocument(
        mapping=mapping,
        key=f"key {97 * number % 100:02}",
        title=f"ORD-{number:02}",
        partner=f"Order\x1f{1000 + number}" if number % 4 else None,
        stage=STAGES[number % 4],
        problems=(Problem(code="missing", what="A customer is missing.", remedy="Couple it."),)
        if number % 4 == 0
        else (),
        since=NOON + timedelta(minutes=number),
        first_seen=NOON,
        looked_at=NOON,
        run_id="r1",
    )


def titles(
    state: StateStore,
    typed: Mapping[str, str] | None = None,
    *,
    held: bool | None = None,
    **asked: object,
) -> list[str]:
    """Walk over every page of the list."""
    reading, found = Reading(now=NOON), list[str]()
    filters = {
        name: parse_filter(text, FilteredField(kind=ORDERS.columns[name].kind, choices=_CHOICES), reading)
        for name, text in (typed or {}).items()
    }
    filters["mapping"] = parse_filter(f"{quoted(OWN)}|{quoted(BEGUN)}", FilteredField(), reading)
    wanted = PageAsked(**{"sort": "since", "limit": 3, "filters": filters, **asked})  # type: ignore[arg-type]
    while True:
        page, _ = state.record_lists.page(order_list(BEGUN, held=held), "c", wanted)
        found += [row.title for row in page.rows]
        if page.behind is None:
            return found
        wanted = replace(wanted, after=page.behind)


_CHOICES = tuple((each or "New", each) for each in STAGES)


def test_each_order_stands_on_one_page(state: StateStore) -> None:
    """In the order of their times, titles or stages, both ways; what began in the ERP is there while it is held."""
    every = [f"ORD-{number:02}" for number in range(13)]
    assert titles(state) == every
    assert titles(state, sort="title", descending=True) == every[::-1]
    assert sorted(titles(state, sort="stage")) == every


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({"title": "ORD-03..ORD-05"}, ["03", "04", "05"]),
        ({"erp_number": "100?"}, ["01", "02", "03", "05", "06", "07", "09"]),
        ({"erp_number": "1011"}, ["11"]),
        ({"erp_number": "''", "stage": "New"}, ["00", "04", "08", "12"]),
        ({"stage": "Shipped|Paid", "since": "..2025-12-31|2026-01-01"}, ["02", "03", "06", "07", "10", "11"]),
    ],
)
def test_columns_are_filtered(state: StateStore, typed: dict[str, str], found: list[str]) -> None:
    """The ERP's number is what people read of its key; filters of several columns hold together."""
    assert titles(state, typed) == [f"ORD-{each}" for each in found]


def test_held_orders_and_words_are_found(state: StateStore) -> None:
    """Held ones of both beginnings alone, or only others; words occur in numbers of either side."""
    assert titles(state, held=True) == ["ORD-00", "ORD-04", "ORD-08", "ORD-12"]
    assert len(titles(state, held=False)) == 9
    assert titles(state, search="1011 ord") == ["ORD-11"]
