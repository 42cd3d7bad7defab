"""Where a database can't index three characters in a row, lists still find how numbers and names begin."""

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from tests.store.conftest import CUSTOMER
from tests.store.coupling_rows import catch_up, named

from interlace.domain.synch_job import SynchJob
from interlace.engine.memory import BatchResult
from interlace.store import search_index
from interlace.store.database import open_database
from interlace.store.keyset import PageAsked
from interlace.store.migrations.versions import bare_search_0010
from interlace.store.search_index import create_search_index, has_search_index
from interlace.store.state_store import StateStore

MakeJob = Callable[..., SynchJob]


def found(state: StateStore, search: str) -> list[str]:
    """Return the keys that a search finds."""
    page, _ = state.coupling_list.page("c", PageAsked(sort="erp_key", search=search))
    return [row.erp_key for row in page.rows]


def test_lists_do_without_the_index_until_it_can_be_made(
    tmp_path: Path, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A SQLite that knows no trigrams, and later one that does: then everything listed is found."""
    url = f"sqlite:///{tmp_path}/interlace.db"
    with monkeypatch.context() as patched:
        patched.setattr(search_index, "_FTS", "CREATE VIRTUAL TABLE coupling_search USING unknown(search)")
        with StateStore.open(url) as state:
            state.add_connection("c", connection_id="c")
            store = state.connection_store("c")
            store.remap_agreed(CUSTOMER, "L1", ("Name>name", "Customer_No>accountid"))
            couplings = (named(1, "Adatum Toys"), named(2, "Toys of Oslo"))
            store.remember(BatchResult(job=make_job(), couplings=couplings))
            catch_up(state)
            assert not state.coupling_listing.prepare()
            assert found(state, "toys") == ["C0002"]
            assert found(state, "c0001") == ["C0001"]
    with StateStore.open(url) as state:
        assert state.coupling_listing.prepare()
        assert state.coupling_listing.prepare()
        assert found(state, "toys") == ["C0001", "C0002"]


def test_names_listed_before_are_found_without_their_accents(url: str, make_job: MakeJob) -> None:
    """Once they were listed anew, which the migration makes them wait for."""
    with StateStore.open(url) as state:
        state.add_connection("c", connection_id="c")
        store = state.connection_store("c")
        store.remap_agreed(CUSTOMER, "L1", ("Name>name", "Customer_No>accountid"))
        store.remember(BatchResult(job=make_job(), couplings=(named(1, "Müller & Söhne"),)))
        catch_up(state)
    opened = open_database(url)
    with opened.write() as connection:
        is_indexed = has_search_index(connection)
        connection.exec_driver_sql("UPDATE coupling_listing SET search = 'c0001 müller & söhne'")
        with Operations.context(MigrationContext.configure(connection)):
            bare_search_0010.upgrade()
    opened.close()
    with StateStore.open(url) as state:
        assert found(state, "c0001") == ["C0001"]
        assert state.coupling_listing.behind("c") == 1
        catch_up(state)
        for typed in ("muller", "MÜLLER", "so mu") if is_indexed else ("müller",):
            assert found(state, typed) == ["C0001"]


def test_the_index_is_made_once(url: str) -> None:
    """Asking again changes nothing; PostgreSQL may have no such extension."""
    opened = open_database(url)
    with opened.write() as connection:
        is_there = create_search_index(connection)
        assert has_search_index(connection) is is_there
        assert create_search_index(connection) is is_there
    opened.close()


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_refusal_to_make_the_extension_undoes_nothing_else(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who may not make extensions has a database without the index, and with everything else."""
    monkeypatch.setattr(search_index, "_EXTENSION", "SELECT 1")
    monkeypatch.setattr(search_index, "_TRIGRAMS", ("CREATE EXTENSION nobody_has_this",))
    opened = open_database(url)
    with opened.read() as connection:
        assert not has_search_index(connection)
        assert connection.exec_driver_sql("SELECT count(*) FROM coupling_listing").scalar() == 0
    opened.close()
