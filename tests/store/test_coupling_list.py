"""The list of couplings: complete, in order, by the index, and never behind what is coupled for long."""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from tests.store.conftest import CUSTOMER, SetClock
from tests.store.coupling_rows import (
    ITEM,
    ROWS,
    MakeJob,
    catch_up,
    filtered,
    give_time,
    list_couplings,
    named,
    names_of,
    no_walk,
)

from interlace.domain.coupling import AgreedValues, Coupling, CouplingState
from interlace.domain.errors import ErrorCode, RecordError
from interlace.domain.filter_nodes import folded, holds
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import ErpKey
from interlace.domain.record_names import name_of
from interlace.domain.search_words import bare, search_words
from interlace.domain.side import Side
from interlace.engine.memory import BatchResult, SynchError
from interlace.store import coupling_list, coupling_search, couplings, time_limit
from interlace.store.connection_store import ConnectionStore
from interlace.store.coupling_search import COUPLINGS
from interlace.store.database import Database
from interlace.store.keyset import ListedPage, PageAsked, is_place
from interlace.store.listing_tables import LISTED_STATES
from interlace.store.search_index import has_search_index
from interlace.store.state_store import StateStore
from interlace.store.time_limit import TookTooLong

slow_machine = pytest.fixture(autouse=True)(give_time)
listed = pytest.fixture(list_couplings)


def whole_list(state: StateStore, asked: PageAsked, *, backwards: bool = False) -> list[tuple[str, str]]:
    """Read a list page by page, from its first page on or from its last one."""
    found: list[tuple[str, str]] = []
    page, mappings = state.coupling_list.page("c", asked)
    if backwards:
        while page.behind is not None:
            page, mappings = state.coupling_list.page("c", replace(asked, after=page.behind))
    for _ in range(500):
        rows = [(str(mappings[row.mapping_id]), row.erp_key) for row in page.rows]
        found = [*rows, *found] if backwards else [*found, *rows]
        after = page.before if backwards else page.behind
        if after is None:
            return found
        page, mappings = state.coupling_list.page("c", replace(asked, after=after, backwards=backwards))
    raise AssertionError("the list does not end")


def value_of(each: Coupling, column: str) -> str:
    """Return what a list shows of a coupling."""
    name = name_of([each.agreed.pairs[0][0]]) if each.agreed and each.agreed.pairs[0] else ""
    state = "coupled" if each.agreed else "not compared"
    state = "doubtful" if each.doubtful else state
    values: Mapping[str, str] = {
        "mapping": each.mapping,
        "erp_key": each.erp_key,
        "crm_key": each.crm_key,
        "erp_name": name,
        "crm_name": name,
        "state": "broken" if each.state is CouplingState.BROKEN else state,
        "synchronized_at": "2026-01-01T00:00:00.000000Z",
    }
    return values[column]


@pytest.mark.parametrize("few", [10_000, 5])
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", sorted(COUPLINGS.sorts))
def test_every_coupling_is_on_one_page_in_order(
    state: StateStore,
    listed: list[Coupling],
    sort: str,
    few: int,
    monkeypatch: pytest.MonkeyPatch,
    *,
    descending: bool,
) -> None:
    """Forwards and backwards, by every order: nothing twice, nothing left out."""
    monkeypatch.setattr(coupling_search, "FEW", few)
    folding = folded if sort.endswith("_name") else str
    numbers = {CUSTOMER: 0, ITEM: 1}
    expected = sorted(
        listed,
        key=lambda each: (folding(value_of(each, sort)), numbers[each.mapping], each.erp_key),
        reverse=descending,
    )
    wanted = [(str(each.mapping), str(each.erp_key)) for each in expected]
    asked = PageAsked(sort=sort, descending=descending, limit=17)
    assert whole_list(state, asked) == wanted
    assert whole_list(state, asked, backwards=True) == wanted


@pytest.mark.parametrize("few", [10_000, 20, 0])
@pytest.mark.parametrize(
    ("column", "typed"),
    [
        ("mapping", "ITEM"),
        ("erp_key", "C0007"),
        ("erp_key", "C001*"),
        ("erp_key", "C0010..C0020"),
        ("crm_key", "0000000a*"),
        ("erp_name", "Adatum"),
        ("erp_name", "@adatum*"),
        ("erp_name", "*Toys*"),
        ("erp_name", "@*TOYS*"),
        ("erp_name", "<>*Toys*"),
        ("erp_name", "Adatum*|Bak*"),
        ("erp_name", "''"),
        ("erp_name", "A..B"),
        ("erp_name", "@a..b"),
        ("erp_name", "*'\"b\"'*"),
        ("erp_name", "'%_'*"),
        ("erp_name", "*'*?'*"),
        ("erp_name", "@*ёлка*&@*ær*"),
        ("state", "broken"),
        ("state", "<>coupled"),
        ("synchronized_at", "1/1/2026"),
        ("synchronized_at", "<>1/1/2026"),
    ],
)
def test_filters_find_what_they_find_in_memory(
    state: StateStore,
    listed: list[Coupling],
    column: str,
    typed: str,
    few: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By an index and sorted, or on a walk along the order: the result is the same."""
    monkeypatch.setattr(coupling_search, "FEW", few)
    filters = filtered(**{column: typed})
    expected = {
        (str(each.mapping), str(each.erp_key))
        for each in listed
        if holds(filters[column], value_of(each, column))
    }
    found = whole_list(state, PageAsked(sort="erp_name", filters=filters, limit=40))
    assert len(found) == len(expected)
    assert set(found) == expected


def typed_at_random(chance: random.Random, column: str) -> str:
    """Make up a filter as people type them: patterns, ranges and values, joined by `|` and `&`."""
    if column == "state":
        part = chance.choice(["", "<>"]) + chance.choice(LISTED_STATES)
    elif column == "synchronized_at":
        part = chance.choice(["1/1/2026", "<>1/1/2026", ">12/31/2025", "<1/1/2026", "''", "<>''"])
    else:
        texts = {
            "erp_key": ("C00", "c001", "C0123", "9", "00"),
            "crm_key": ("0000000", "a", "-id", "0000001f-id"),
        }
        word = chance.choice(
            [*texts.get(column, ("Toys", "toy", "Ær", "ak", "a", "Ёлка", "Bakery", "'1-2'", "zq"))]
        )
        shapes = (
            "{}",
            "*{}*",
            "{}*",
            "*{}",
            "<>*{}*",
            "<>{}",
            "?{}*",
            "*{}?*",
            "''",
            "<>''",
            "{}..",
            "..{}",
            "*?a*{}*",
        )
        part = chance.choice(shapes).format(word)
        part = f"@{part}" if chance.random() < 0.3 and part[0] not in "<'." else part
    if chance.random() < 0.3:
        return f"{part}{chance.choice('|&')}{typed_at_random(chance, column)}"
    return part


@pytest.mark.parametrize("few", [10_000, 20, 0])
@pytest.mark.parametrize("walked", [True, False])
def test_any_filters_and_any_order_find_what_they_find_in_memory(
    state: StateStore,
    listed: list[Coupling],
    few: int,
    monkeypatch: pytest.MonkeyPatch,
    *,
    walked: bool,
) -> None:
    """Whatever is typed over several columns, and whichever way is taken: page by page, in order, as evaluated here."""
    monkeypatch.setattr(coupling_search, "FEW", few)
    if not walked:
        no_walk(monkeypatch)
    chance, numbers = random.Random(few + walked), {CUSTOMER: 0, ITEM: 1}
    for _ in range(12):
        columns = chance.sample([*COUPLINGS.columns], chance.choice([1, 1, 2, 3]))
        typed = {column: typed_at_random(chance, column) for column in columns}
        filters, sort, descending = (
            filtered(**typed),
            chance.choice([*COUPLINGS.sorts]),
            chance.random() < 0.5,
        )
        folding = folded if sort.endswith("_name") else str
        expected = sorted(
            (each for each in listed if all(holds(filters[name], value_of(each, name)) for name in typed)),
            key=lambda each: (folding(value_of(each, sort)), numbers[each.mapping], each.erp_key),
            reverse=descending,
        )
        asked = PageAsked(sort=sort, descending=descending, filters=filters, limit=chance.choice([7, 60]))
        found = whole_list(state, asked, backwards=chance.random() < 0.2)
        assert found == [(str(each.mapping), str(each.erp_key)) for each in expected], (typed, asked)


@pytest.mark.parametrize("few", [10_000, 20, 0])
@pytest.mark.parametrize(
    "search",
    [
        "toys",
        "TOYS ada",
        "ærø",
        "aero",
        "ёлка",
        "елка",
        "c0017",
        "toys b",
        "er ae",
        "a",
        "zz",
        '"b"',
        "0000000a",
    ],
)
def test_a_search_finds_numbers_and_names(
    state: StateStore,
    database: Database,
    listed: list[Coupling],
    search: str,
    few: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every word of three characters anywhere, whatever its accents; shorter ones where words begin, ids, too."""
    monkeypatch.setattr(coupling_search, "FEW", few)
    with database.read() as connection:
        is_indexed = has_search_index(connection)
    words = [word if len(word) > 2 else f" {word}" for word in search_words(search)]

    def fits(each: Coupling) -> bool:
        key, name = each.erp_key, value_of(each, "erp_name")
        if search == "0000000a":
            return each.crm_key.startswith(search)
        if is_indexed and any(len(word) > 2 for word in words):
            return all(word in bare(f" {key} {name}") for word in words)
        return any(folded(text).startswith(folded(search)) for text in (key, name))

    expected = {(str(each.mapping), str(each.erp_key)) for each in listed if fits(each)}
    found = whole_list(state, PageAsked(sort="erp_key", search=search, limit=40))
    assert set(found) == expected
    assert len(found) == len(expected)


@pytest.mark.parametrize("few", [10_000, 0])
@pytest.mark.parametrize(
    "typed", ["*m?ller*", "@*MÜ*LL*", "*Å?gst*", "@*ström", "*n?rrk*", "*ßen*", "*Gro?en*", "Gro?en*"]
)
def test_filters_keep_to_the_accents_that_searches_ignore(
    state: StateStore,
    store: ConnectionStore,
    make_job: MakeJob,
    typed: str,
    few: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever the searched text looks like, a pattern finds what it finds in the names themselves."""
    monkeypatch.setattr(coupling_search, "FEW", few)
    names = ("Möbel Müller", "Moebel muller", "Ångström AB", "Angstrom", "Nørrköping", "nærrk", "Großen & Co")
    store.remap_agreed(CUSTOMER, "L1", ROWS)
    made = tuple(named(number, name) for number, name in enumerate(names))
    store.remember(BatchResult(job=make_job(), couplings=made))
    catch_up(state)
    filters = filtered(erp_name=typed)
    for sort in ("erp_key", "erp_name", "crm_name"):
        found = {key for _, key in whole_list(state, PageAsked(sort=sort, filters=filters))}
        assert found == {
            each.erp_key for each in made if holds(filters["erp_name"], value_of(each, "erp_name"))
        }


@pytest.mark.parametrize(
    ("asked", "count", "is_more"),
    [
        (PageAsked(sort="erp_key"), 100, True),
        (PageAsked(sort="erp_key", filters=filtered(mapping="ITEM")), 50, False),
        (PageAsked(sort="erp_key", filters=filtered(state="broken")), 2, False),
        (PageAsked(sort="erp_key", filters=filtered(erp_key="C*")), 100, True),
        (PageAsked(sort="erp_key", filters=filtered(mapping="NONE")), 0, False),
        (PageAsked(sort="erp_key", counted=False), None, False),
    ],
)
def test_counting_stops_where_nobody_reads_on(
    state: StateStore,
    listed: list[Coupling],
    asked: PageAsked,
    count: int | None,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_more: bool,
) -> None:
    """A count is exact, or says that there are more."""
    monkeypatch.setattr(coupling_list, "COUNT_MAX", 100)
    page, _ = state.coupling_list.page("c", asked)
    assert (page.count, page.has_more_than_counted) == (count, is_more)


def test_states_are_counted_by_mapping(state: StateStore, listed: list[Coupling]) -> None:
    """The numbers of the cues."""
    counts = state.coupling_list.count_by_state("c")
    assert counts[CUSTOMER, "coupled"] == 247
    assert counts[ITEM, "broken"] == counts[ITEM, "doubtful"] == counts[ITEM, "not compared"] == 1
    assert state.coupling_list.count_by_state("another") == {}


def rows_of(state: StateStore, **typed: str) -> list[Any]:
    """Return the rows that filters find."""
    page, _ = state.coupling_list.page("c", PageAsked(sort="erp_key", filters=filtered(**typed)))
    return list(page.rows)


def test_a_list_follows_what_is_coupled(
    state: StateStore, store: ConnectionStore, database: Database, make_job: MakeJob
) -> None:
    """New names, removed couplings and restored backups show once the list has caught up."""
    store.remap_agreed(CUSTOMER, "L1", ROWS)
    store.remember(BatchResult(job=make_job(), couplings=(named(1, "Old"), named(2, "Other"))))
    assert state.coupling_listing.behind("c") == state.coupling_listing.behind() == 2
    assert rows_of(state) == []
    catch_up(state)
    assert state.coupling_listing.behind("c") == 0
    assert [row.erp_name for row in rows_of(state)] == ["Old", "Other"]
    store.remember(BatchResult(job=make_job(), couplings=(named(1, "New name", "CRM name"),)))
    store.remove_couplings(CUSTOMER, [ErpKey("C0002")])
    catch_up(state)
    [row] = rows_of(state)
    assert (row.erp_name, row.crm_name, row.search) == ("New name", "CRM name", " c0001 new name crm name")
    store.note_restored(CUSTOMER, [Side.ERP], at=datetime(2026, 1, 2, tzinfo=UTC))
    assert [row.state for row in rows_of(state)] == ["doubtful"]
    catch_up(state)
    store.remember(BatchResult(job=make_job(), removed_couplings=(named(1, "New name"),)))
    catch_up(state)
    assert rows_of(state) == []
    if not database.is_postgresql:
        # The index of three characters knows exactly what is listed; it fails otherwise.
        with database.write() as connection:
            connection.exec_driver_sql(
                "INSERT INTO coupling_search(coupling_search) VALUES ('integrity-check')"
            )


def test_field_rows_that_move_keep_the_names(
    state: StateStore, store: ConnectionStore, make_job: MakeJob
) -> None:
    """Agreed values of another layout are read by its own rows."""
    store.remap_agreed(CUSTOMER, "L1", ROWS)
    store.remember(BatchResult(job=make_job(), couplings=(named(1, "Adatum"),)))
    store.remap_agreed(CUSTOMER, "L2", ("Phone_No>telephone1", *ROWS))
    catch_up(state)
    assert [row.erp_name for row in rows_of(state)] == ["Adatum"]
    agreed = AgreedValues(layout="unknown", pairs=(("x", "y"),))
    store.remember(BatchResult(job=make_job(), couplings=(replace(named(2, ""), agreed=agreed),)))
    agreed = AgreedValues(layout="L2", pairs=(("1", "1"), None, ("", "")))
    store.remember(BatchResult(job=make_job(), couplings=(replace(named(3, ""), agreed=agreed),)))
    catch_up(state)
    assert [row.erp_name for row in rows_of(state)] == ["Adatum", "", ""]


def test_everything_coupled_before_lists_is_listed_in_steps(
    state: StateStore, store: ConnectionStore, database: Database, make_job: MakeJob
) -> None:
    """After a migration a mapping is listed from key to key, however small the steps are."""
    store.remap_agreed(CUSTOMER, "L1", ROWS)
    made = tuple(named(number, f"Name {number}") for number in range(25))
    store.remember(BatchResult(job=make_job(), couplings=made))
    with database.write() as connection:
        connection.exec_driver_sql("DELETE FROM coupling_unlisted")
        connection.exec_driver_sql(
            "INSERT INTO coupling_unlisted (mapping_id, records) SELECT mapping_id, count(*) "
            "FROM coupling GROUP BY mapping_id"
        )
    assert state.coupling_listing.behind("c") == 25
    assert state.coupling_listing.bring_up_to_date(names_of, records=10) == 10
    assert state.coupling_listing.behind("c") == 15
    catch_up(state, records=10)
    assert len(rows_of(state)) == 25
    assert state.coupling_listing.prepare() in {True, False}


def test_what_waits_is_bounded_where_nobody_lists(
    state: StateStore,
    store: ConnectionStore,
    database: Database,
    make_job: MakeJob,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without a server batches wait and wait: the mapping is listed anew then, and what is gone goes."""
    monkeypatch.setattr(couplings, "UNLISTED_MAX", 3)
    store.remap_agreed(CUSTOMER, "L1", ROWS)
    made = tuple(named(number, f"Name {number}") for number in range(9))
    store.remember(BatchResult(job=make_job(), couplings=made))
    catch_up(state)
    for each in made:
        changed = replace(named(int(each.erp_key[1:]), "New"), crm_key=each.crm_key)
        store.remember(BatchResult(job=make_job(), couplings=(changed,)))
    store.remember(BatchResult(job=make_job(), removed_couplings=(made[0], made[4], made[8])))
    store.finish_job(make_job())
    with database.read() as connection:
        waiting = connection.exec_driver_sql("SELECT erp_keys, records FROM coupling_unlisted").all()
    assert [tuple(row) for row in waiting] == [(None, 6)]
    catch_up(state, records=2)
    assert [(row.erp_key, row.erp_name) for row in rows_of(state)] == [
        (f"C{number:04}", "New") for number in (1, 2, 3, 5, 6, 7)
    ]


def test_connections_do_not_see_each_other(
    state: StateStore, listed: list[Coupling], store: ConnectionStore
) -> None:
    """A list is that of one connection; a deleted one leaves nothing."""
    state.add_connection("d", connection_id="d")
    page, _ = state.coupling_list.page("d", PageAsked(sort="erp_key"))
    assert page == ListedPage(rows=(), count=0)
    state.delete_connection("c")
    page, _ = state.coupling_list.page("c", PageAsked(sort="erp_key", search="toys"))
    assert page.rows == ()


def test_problems_of_a_page_are_told(
    state: StateStore, store: ConnectionStore, listed: list[Coupling], make_job: MakeJob, clock: SetClock
) -> None:
    """The code of each record's error, the one that is not skipped first."""

    def failed(direction: Direction, key: str, code: ErrorCode, *, skipped: bool) -> SynchError:
        return SynchError(
            mapping=CUSTOMER,
            direction=direction,
            source_key=key,
            error=RecordError(code=code, message="x"),
            job_id="j",
            at=clock(),
            times=1,
            skipped=skipped,
        )

    to_crm, to_erp = Direction.TO_INTEGRATION_TABLE, Direction.FROM_INTEGRATION_TABLE
    errors = (
        failed(to_crm, "C0003", ErrorCode.MATCH_ALREADY_COUPLED, skipped=True),
        failed(to_erp, "00000003-id", ErrorCode.REFERENCE_CLEARED, skipped=False),
        failed(to_crm, "C0004", ErrorCode.MATCH_ALREADY_COUPLED, skipped=True),
    )
    store.remember(BatchResult(job=make_job(), errors=errors))
    page, mappings = state.coupling_list.page(
        "c", PageAsked(sort="erp_key", filters=filtered(mapping=CUSTOMER))
    )
    [number] = [number for number, name in mappings.items() if name == CUSTOMER]
    assert state.coupling_list.problems(page.rows) == {
        (number, "C0003"): (ErrorCode.REFERENCE_CLEARED.value, False),
        (number, "C0004"): (ErrorCode.MATCH_ALREADY_COUPLED.value, True),
    }


def test_places_are_told_from_other_values() -> None:
    """Cursors come from addresses: anything may stand in them."""
    assert is_place(COUPLINGS, "erp_name", ("a", 1, "C1"))
    assert is_place(COUPLINGS, "erp_key", ("C1", 1))
    for wrong in ((), ("a",), ("a", "1", "C1"), (1, 1, "C1"), ("a", 1, "C1", "x")):
        assert not is_place(COUPLINGS, "erp_name", wrong)


def test_what_takes_too_long_is_ended(database: Database) -> None:
    """A statement has its time, and the next one on the same connection starts anew."""
    endless = {
        True: "SELECT count(*) FROM generate_series(1, 1000000000)",
        False: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    }[database.is_postgresql]
    with pytest.raises(TookTooLong), database.read() as connection, time_limit.time_limit(connection, 0.05):
        connection.exec_driver_sql(endless)
    with database.read() as connection:
        assert connection.execute(sa.select(sa.literal(1))).scalar() == 1
    with (
        pytest.raises(sa.exc.DBAPIError),
        database.read() as connection,
        time_limit.time_limit(connection, 1),
    ):
        connection.exec_driver_sql("SELECT nonsense FROM nowhere")
