"""The list of open conflicts: sorted, filtered and searched in pages, in both databases."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from interlace.domain.conflict import Conflict, ConflictKind, ConflictRow, SideOfConflict
from interlace.domain.errors import ErrorCode, RecordError
from interlace.domain.filter_language import FilteredField, Reading, parse_filter
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.domain.synch_job import Counters, SynchJob
from interlace.engine.memory import BatchResult, SynchError
from interlace.store.conflict_list import CONFLICTS
from interlace.store.connection_store import ConnectionStore
from interlace.store.keyset import PageAsked
from interlace.store.state_store import StateStore

ORDERS, BEGUN = MappingName("ORDERS"), MappingName("BEGUN ORDERS")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
_KINDS = tuple((each.value, each.value) for each in ConflictKind)


@pytest.fixture(autouse=True)
def filled(store: ConnectionStore) -> None:
    """Seven conflicts in two mappings, two a minute; the last one's pair stands on no error list any more."""
    for mapping, numbers in ((ORDERS, range(4)), (BEGUN, range(4, 7))):
        conflicts = tuple(_conflict(mapping, number) for number in numbers)
        job = SynchJob(
            id=f"job {mapping}",
            mapping=mapping,
            direction=Direction.TO_INTEGRATION_TABLE,
            started_at=NOON,
            counters=Counters(),
        )
        errors = tuple(_error(each, job) for each in conflicts if each.erp.key != "E6")
        store.remember(BatchResult(job=job, conflicts=conflicts, errors=errors))


def _conflict(mapping: MappingName, number: int) -> Conflict:
    is_update = number % 3 != 0
    names = ("Name", None) if number % 2 else ("Phone_No",)
    return Conflict(
        mapping=mapping,
        kind=ConflictKind.UPDATE if is_update else ConflictKind.DELETION,
        code=ErrorCode.UPDATE_CONFLICT if is_update else ErrorCode.PARTNER_DELETED,
        caption=f"Käufer {number}",
        erp=SideOfConflict(key=f"E{number}", digest=b"e"),
        crm=SideOfConflict(key=f"c{number}", digest=b"c" if is_update else None),
        detected_at=NOON + timedelta(minutes=number // 2),
        rows=tuple(
            ConflictRow(
                row=f"{name}>column",
                erp_field=name,
                crm_field="column",
                erp_value="a",
                crm_value="b",
                agreed=None,
                to_crm="a",
                to_erp="b",
            )
            for name in names
        ),
    )


def _error(each: Conflict, job: SynchJob) -> SynchError:
    return SynchError(
        mapping=each.mapping,
        direction=Direction.TO_INTEGRATION_TABLE,
        source_key=each.erp.key,
        error=RecordError(code=each.code, message="Both changed."),
        at=NOON,
        job_id=job.id,
        skipped=True,
    )


def _listed(
    state: StateStore, typed: Mapping[str, str] | None = None, *, limit: int = 2, **asked: object
) -> list[str]:
    """Walk over every page of the list, and give the ERP keys."""
    reading, found = Reading(now=NOON), list[str]()
    columns = CONFLICTS.stored.columns
    filters = {
        name: parse_filter(
            text,
            FilteredField(kind=columns[name].kind, choices=_KINDS) if name in columns else FilteredField(),
            reading,
        )
        for name, text in (typed or {}).items()
    }
    wanted = PageAsked(**{"sort": "detected_at", "limit": limit, "filters": filters, **asked})  # type: ignore[arg-type]
    while True:
        page, _ = state.record_lists.page(CONFLICTS, "c", wanted)
        found += [row.erp_key for row in page.rows]
        if page.behind is None:
            return found
        wanted = replace(wanted, after=page.behind)


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_pages_follow_one_another_as_the_conflicts_of_a_card_do(state: StateStore, limit: int) -> None:
    """None twice, none left out, and in the order in which Next leads from one card to another."""
    newest_first = [each.erp.key for each in state.queries.conflicts("c")]
    assert sorted(newest_first) == ["E0", "E1", "E2", "E3", "E4", "E5"]
    assert _listed(state, limit=limit, descending=True) == newest_first
    assert _listed(state, limit=limit) == newest_first[::-1]


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ({"kind": "deletion"}, {"E0", "E3"}),
        ({"fields": "Phone_No"}, {"E0", "E2", "E4"}),
        ({"fields": "*column*"}, {"E1", "E3", "E5"}),
        ({"caption": "@käufer 4"}, {"E4"}),
        ({"caption": "Käufer 1|*5"}, {"E1", "E5"}),
        ({"mapping": "'BEGUN ORDERS'"}, {"E4", "E5"}),
        ({"detected_at": ">=2026-01-01 12:02"}, {"E4", "E5"}),
    ],
)
def test_conflicts_are_filtered(state: StateStore, typed: Mapping[str, str], keys: set[str]) -> None:
    """By each column; fields are told by their names in the ERP, or the CRM's where it has none."""
    assert set(_listed(state, typed)) == keys


@pytest.mark.parametrize(("search", "keys"), [("KÄUFER 2", {"E2"}), ("c3", {"E3"}), ("phone 4", {"E4"})])
def test_conflicts_are_searched(state: StateStore, search: str, keys: set[str]) -> None:
    """In names, keys of either side, and fields."""
    assert set(_listed(state, search=search)) == keys


def test_conflicts_are_counted_by_mapping(state: StateStore) -> None:
    """Only those that are open."""
    assert state.queries.count_conflicts_by_mapping("c") == {BEGUN: 2, ORDERS: 4}
    page, _ = state.record_lists.page(CONFLICTS, "c", PageAsked(sort="detected_at", limit=2))
    assert page.count == 6
