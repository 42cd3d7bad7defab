"""By which index couplings are found: the database's own plan says so."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.store.coupling_rows import filtered, give_time, list_couplings, no_walk, plan_of

from interlace.domain.coupling import Coupling
from interlace.domain.filter_nodes import Filter
from interlace.store import coupling_search
from interlace.store.database import Database
from interlace.store.keyset import PageAsked
from interlace.store.state_store import StateStore

slow_machine = pytest.fixture(autouse=True)(give_time)
listed = pytest.fixture(list_couplings)


@pytest.mark.parametrize(
    ("asked", "few", "index"),
    [
        (PageAsked(sort="erp_key"), 5, "coupling_listing_by_erp_key"),
        (PageAsked(sort="erp_name"), 5, "coupling_listing_by_erp_name"),
        (PageAsked(sort="crm_name", descending=True), 5, "coupling_listing_by_crm_name"),
        (PageAsked(sort="synchronized_at"), 5, "coupling_listing_by_time"),
        (PageAsked(sort="erp_name", after=("m", 1, "C1")), 5, "coupling_listing_by_erp_name"),
        # What is frequent is met on a walk along the order, and no other index is chosen in between.
        (PageAsked(sort="erp_name", filters=filtered(state="coupled")), 5, "coupling_listing_by_erp_name"),
        (PageAsked(sort="erp_name", filters=filtered(erp_key="C*")), 5, "coupling_listing_by_erp_name"),
        (PageAsked(sort="erp_name", search="toys"), 5, "coupling_listing_by_erp_name"),
    ],
)
@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_pages_are_read_along_an_index(
    state: StateStore,
    listed: list[Coupling],
    asked: PageAsked,
    few: int,
    index: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No page sorts or looks through a whole mapping: SQLite's own plan says so."""
    monkeypatch.setattr(coupling_search, "FEW", few)
    database: Database = state.coupling_list._database  # noqa: SLF001 - the plan is the point
    counted = replace(asked, counted=False)
    plan = plan_of(database, lambda: state.coupling_list.page("c", counted))
    assert f"SEARCH coupling_listing USING INDEX {index} (mapping_id=?" in plan
    assert "SCAN coupling_listing" not in plan
    # What is sorted are the few rows of the mappings' own pages, never what an index gives.
    steps = plan.split("\n")
    after = [steps[place + 1] for place, step in enumerate(steps[:-1]) if "USING INDEX" in step]
    assert after
    assert not any("B-TREE" in step for step in after)


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        (PageAsked(sort="erp_name", filters=filtered(state="broken")), "coupling_listing_by_state"),
        (
            PageAsked(sort="erp_name", filters=filtered(erp_key="C0007")),
            "coupling_listing_by_erp_key",
        ),
        (PageAsked(sort="erp_key", filters=filtered(erp_name="Ad*")), "coupling_listing_by_erp_name"),
        (PageAsked(sort="erp_key", filters=filtered(erp_name="Adatum|x")), "coupling_listing_by_erp_name"),
        (PageAsked(sort="erp_key", filters=filtered(crm_name="@ad..ae")), "coupling_listing_by_crm_name"),
        (PageAsked(sort="erp_name", filters=filtered(crm_key="0000000a*")), "coupling_listing_by_crm_key"),
        (
            PageAsked(sort="erp_name", filters=filtered(synchronized_at="<1/1/2026")),
            "coupling_listing_by_time",
        ),
        (PageAsked(sort="erp_name", search="z"), "coupling_listing_by_crm_name"),
        (PageAsked(sort="erp_name", search="zz"), "SCAN s VIRTUAL TABLE INDEX"),
        (PageAsked(sort="erp_name", search="toys bakery"), "SCAN s VIRTUAL TABLE INDEX"),
        (PageAsked(sort="erp_name", filters=filtered(erp_name="@*TOYS*")), "SCAN s VIRTUAL TABLE INDEX"),
        (PageAsked(sort="crm_name", filters=filtered(erp_name="*Ærø*|*Ёлка*")), "SCAN s VIRTUAL TABLE INDEX"),
        (PageAsked(sort="crm_name", filters=filtered(erp_key="*0077")), "SCAN s VIRTUAL TABLE INDEX"),
        (PageAsked(sort="erp_name", filters=filtered(state="<>coupled")), "coupling_listing_by_state"),
        (PageAsked(sort="crm_name", filters=filtered(erp_name="''")), "coupling_listing_by_erp_name"),
        (PageAsked(sort="erp_key", filters=filtered(synchronized_at="''")), "coupling_listing_by_time"),
        (
            PageAsked(sort="erp_key", filters=filtered(synchronized_at="<>1/1/2026")),
            "coupling_listing_by_time (mapping_id=? AND synchronized_at>?)",
        ),
    ],
)
@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_what_is_rare_is_found_by_its_index(
    state: StateStore,
    listed: list[Coupling],
    asked: PageAsked,
    index: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name, a state, an id, or three characters in a row: SQLite's own plan says by what."""
    monkeypatch.setattr(coupling_search, "FEW", 100)
    database: Database = state.coupling_list._database  # noqa: SLF001 - the plan is the point
    plan = plan_of(database, lambda: state.coupling_list.page("c", replace(asked, counted=False)))
    assert index in plan
    assert "SCAN coupling_listing" not in plan
    assert "SEARCH coupling_listing USING INTEGER PRIMARY KEY" in plan


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        (filtered(crm_key="*zz*"), "coupling_listing_by_crm_key"),
        (filtered(erp_name="*x?z*", state="coupled"), "coupling_listing_by_erp_name"),
    ],
)
@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_pattern_that_is_not_met_soon_is_looked_for_in_its_index(
    state: StateStore,
    listed: list[Coupling],
    filters: Mapping[str, Filter],
    index: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After a walk that met too little every entry of the column's own index is looked at, and no other row."""
    no_walk(monkeypatch)
    monkeypatch.setattr(coupling_search, "FEW", 100)
    database: Database = state.coupling_list._database  # noqa: SLF001 - the plan is the point
    asked = PageAsked(sort="synchronized_at", filters=filters, counted=False)
    plan = plan_of(database, lambda: state.coupling_list.page("c", asked))
    assert f"USING COVERING INDEX {index} (mapping_id=?" in plan
    assert "SCAN coupling_listing" not in plan


@pytest.mark.parametrize("sort", ["erp_name", "crm_name"])
@pytest.mark.parametrize("typed", ["<>*z*", "*?z*", "<>Zz", "<=Z"])
@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_what_the_index_of_the_order_tells_is_looked_for_there_to_the_end(
    state: StateStore, listed: list[Coupling], sort: str, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long a walk takes: both names stand in the index, and nothing is sorted after it."""
    no_walk(monkeypatch)
    database: Database = state.coupling_list._database  # noqa: SLF001 - the plan is the point
    asked = PageAsked(sort=sort, filters=filtered(erp_name=typed), counted=False)
    plan = plan_of(database, lambda: state.coupling_list.page("c", asked))
    assert f"USING INDEX coupling_listing_by_{sort} (mapping_id=?" in plan
    assert "SCAN coupling_listing" not in plan


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_what_neither_is_rare_nor_met_soon_is_looked_for_once(
    state: StateStore, listed: list[Coupling], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a walk that met too little each row is looked at in the order in which it lies, with no index between."""
    no_walk(monkeypatch)
    database: Database = state.coupling_list._database  # noqa: SLF001 - the plan is the point
    asked = PageAsked(sort="synchronized_at", filters=filtered(crm_key="*zz*"), counted=False)
    plan = plan_of(database, lambda: state.coupling_list.page("c", asked)).split("\n")
    assert "SCAN coupling_listing" in plan
    assert plan.index("SCAN coupling_listing") < plan.index(
        "USE TEMP B-TREE FOR ORDER BY", plan.index("SCAN coupling_listing")
    )
