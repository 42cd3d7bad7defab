"""Saved views belong to one user, who may share them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from interlace.store.database import open_database
from interlace.store.migrations import migrate
from interlace.store.saved_views import SavedView, TooManyViews
from interlace.store.schema import metadata
from interlace.store.state_store import StateStore

_AT = datetime(2026, 1, 1, tzinfo=UTC)


def view(user_id: str, name: str, *, shared: bool = False, search: str = "") -> SavedView:
    """Make a view of the list of couplings."""
    return SavedView(
        user_id=user_id,
        owner=user_id.title(),
        list_name="couplings.list",
        name=name,
        filters={"erp_name": "A*|''", "state": "broken"},
        search=search,
        sort="-erp_name",
        columns=("erp_name", "value.Phone, mobile"),
        is_shared=shared,
    )


def save(state: StateStore, saved: SavedView, views_max: int = 10) -> str:
    """Store a view."""
    return state.saved_views.save(saved, at=_AT, views_max=views_max)


def names(state: StateStore, user_id: str, list_name: str = "couplings.list") -> list[str]:
    """Return the names of the views that a user sees."""
    return [each.name for each in state.saved_views.seen_by(user_id, list_name)]


def test_a_view_comes_back_as_it_was_saved(state: StateStore) -> None:
    """Filters, search, order and columns, and whose it is."""
    number = save(state, view("olga", "Mine", search="toys"))
    [found] = state.saved_views.seen_by("olga", "couplings.list")
    assert found == SavedView(
        id=number,
        user_id="olga",
        owner="Olga",
        list_name="couplings.list",
        name="Mine",
        filters={"erp_name": "A*|''", "state": "broken"},
        search="toys",
        sort="-erp_name",
        columns=("erp_name", "value.Phone, mobile"),
    )


def test_others_see_what_is_shared(state: StateStore) -> None:
    """Own ones first come first served by name; another list has views of its own."""
    save(state, view("olga", "Secret"))
    save(state, view("olga", "For all", shared=True))
    save(state, view("diego", "Mine"))
    assert names(state, "diego") == ["For all", "Mine"]
    assert names(state, "olga") == ["For all", "Secret"]
    assert names(state, "olga", "jobs.list") == []


def test_a_name_stands_for_one_view_of_a_user(state: StateStore) -> None:
    """Saving again replaces; others may use the same name."""
    first = save(state, view("olga", "Mine"))
    assert save(state, view("olga", "Mine", shared=True, search="new")) == first
    assert save(state, view("diego", "Mine")) != first
    assert [each.search for each in state.saved_views.seen_by("olga", "couplings.list")] == ["new"]


def test_nobody_saves_views_without_end(state: StateStore) -> None:
    """The limit counts a user's views of one list; replacing one is always allowed."""
    save(state, view("olga", "1"), views_max=1)
    save(state, view("olga", "1"), views_max=1)
    save(state, view("diego", "1"), views_max=1)
    with pytest.raises(TooManyViews):
        save(state, view("olga", "2"), views_max=1)


def test_only_own_views_are_deleted(state: StateStore) -> None:
    """Shared ones stay with who saved them."""
    shared = save(state, view("olga", "For all", shared=True))
    assert not state.saved_views.delete("diego", shared)
    assert state.saved_views.delete("olga", shared)
    assert not state.saved_views.delete("olga", shared)


def test_views_of_the_version_before_show_the_usual_columns(url: str) -> None:
    """A database of that version is brought up to date, keeps its views, and takes columns from then on."""
    opened = open_database(url)
    with opened.write() as connection:
        metadata.drop_all(connection)
        connection.exec_driver_sql("DROP TABLE alembic_version")
        migrate(connection, "0008")
        connection.exec_driver_sql(
            "INSERT INTO saved_view"
            " (id, user_id, owner, list_name, name, filters, search, sort, saved_at, is_shared) VALUES"
            """ ('1', 'olga', 'Olga', 'couplings.list', 'Old', '{"state":"broken"}', 'a', '-state', '', false)"""
        )
    opened.close()
    with StateStore.open(url) as state:
        [old] = state.saved_views.seen_by("olga", "couplings.list")
        assert (old.name, old.filters, old.search, old.sort) == ("Old", {"state": "broken"}, "a", "-state")
        assert (old.columns, old.layout) == ((), "")
        assert save(state, replace(old, columns=("state",), layout="tiles")) == "1"
        [now] = state.saved_views.seen_by("olga", "couplings.list")
        assert now == replace(old, columns=("state",), layout="tiles")
