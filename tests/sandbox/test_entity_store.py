"""The entity store: pages, positions, versions, transactions, tombstones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlace.sandbox.entity_store import (
    ColumnType,
    EntityStore,
    MirroredColumn,
    OrderColumn,
    RecordWrite,
    SqlClause,
    StoredConflict,
    StoredTable,
)

TABLE = StoredTable(
    name="item",
    key=("No",),
    columns=(
        MirroredColumn(name="group", indexed=True),
        MirroredColumn(name="rank", column_type=ColumnType.INTEGER),
    ),
    unique=(("group", "rank"),),
)


def write(store: EntityStore, key: str, group: str | None = None, rank: int | None = None) -> RecordWrite:
    """A row whose body repeats its key."""
    return RecordWrite((key,), f'"{key}"'.encode(), store.next_version(), "now", (group, rank))


@pytest.fixture
def store() -> Iterator[EntityStore]:
    """A store in memory."""
    opened = EntityStore(None, [TABLE])
    yield opened
    opened.close()


def insert_and_fail(store: EntityStore, key: str) -> None:
    """A transaction that breaks after a write."""
    with store.transaction():
        store.insert("item", write(store, key))
        raise RuntimeError


def drop_and_fail(store: EntityStore) -> None:
    """A transaction that breaks after it dropped the table."""
    with store.transaction():
        store.drop_table("item")
        raise RuntimeError


def test_a_failed_transaction_leaves_nothing(store: EntityStore) -> None:
    """An inner failure undoes the inner part, an outer one everything."""
    with store.transaction():
        store.insert("item", write(store, "1"))
        with pytest.raises(RuntimeError):
            insert_and_fail(store, "2")
    with pytest.raises(RuntimeError):
        insert_and_fail(store, "3")
    assert [record.body for record in store.page("item", limit=9)] == [b'"1"']


def test_conflicts_name_their_columns(store: EntityStore) -> None:
    """A taken key and a taken unique group are told apart; nulls are exempt."""
    with store.transaction():
        store.insert("item", write(store, "1", "a", 1))
        with pytest.raises(StoredConflict) as taken:
            store.insert("item", write(store, "1", "b", 1))
        assert taken.value.constraint == ("No",)
        with pytest.raises(StoredConflict) as taken:
            store.insert("item", write(store, "2", "a", 1))
        assert taken.value.constraint == ("group", "rank")
        store.insert_many("item", [write(store, "3", "a"), write(store, "4", "a")])


def test_versions_grow_over_restarts(tmp_path: Path) -> None:
    """A version is never given out twice, even after the record that bore it is gone."""
    first = EntityStore(tmp_path / "s.sqlite", [TABLE])
    with first.transaction():
        first.insert("item", write(first, "1"))
        first.delete("item", ("1",), version=first.next_version())
    seen = first.version
    first.close()
    again = EntityStore(tmp_path / "s.sqlite", [TABLE])
    with again.transaction():
        assert again.next_version() > seen
    again.close()


def test_a_later_declared_column_joins_an_existing_file(tmp_path: Path) -> None:
    """Old rows hold null in it, and it can be indexed."""
    small = StoredTable(name="item", key=("No",))
    first = EntityStore(tmp_path / "s.sqlite", [small])
    with first.transaction():
        first.insert("item", RecordWrite(("1",), b"{}", first.next_version(), "now"))
    first.close()
    again = EntityStore(tmp_path / "s.sqlite", [TABLE])
    assert again.count("item", SqlClause('"group" IS NULL')) == 1
    again.close()


def test_changes_and_tombstones(store: EntityStore) -> None:
    """Versions order what changed; a key that lives again is no deletion."""
    with store.transaction():
        store.insert_many("item", [write(store, key) for key in "abc"])
    since = store.version
    with store.transaction():
        store.update("item", write(store, "b"))
        store.delete("item", ("a",), version=store.next_version())
        store.delete("item", ("c",), version=store.next_version())
        store.insert("item", write(store, "c"))
        assert not store.delete("item", ("x",), version=store.next_version())
    until = store.version
    changed = store.changes("item", since=since, until=until, limit=9)
    assert [record.body for record in changed] == [b'"b"', b'"c"']
    assert [grave.key for grave in store.deletions("item", since=since, until=until, limit=9)] == [("a",)]


ranks = st.lists(
    st.tuples(st.sampled_from([None, "a", "b"]), st.one_of(st.none(), st.integers(0, 3))), max_size=25
)
orders = st.lists(
    st.tuples(st.sampled_from(["group", "rank"]), st.booleans()), max_size=2, unique_by=lambda o: o[0]
)


@settings(max_examples=60)
@given(rows=ranks, order=orders, size=st.integers(1, 7))
def test_keyset_pages_equal_one_read(
    rows: list[tuple[str | None, int | None]], order: list[tuple[str, bool]], size: int
) -> None:
    """Whatever the order, nulls and page size, pages put together are the whole in that order."""
    table = StoredTable(name="item", key=("No",), columns=TABLE.columns)
    store = EntityStore(None, [table])
    with store.transaction():
        store.insert_many("item", [write(store, str(i), group, rank) for i, (group, rank) in enumerate(rows)])
    columns = [OrderColumn(name, descending) for name, descending in order]
    whole = store.page("item", order=columns, limit=1_000)
    found, after = [], None
    while page := store.page("item", order=columns, after=after, limit=size):
        found += page
        after = store.position("item", page[-1].row_id, columns)
    store.close()
    assert found == whole
    assert len(whole) == len(rows)


def test_many_are_read_and_replaced_in_bulk(store: EntityStore) -> None:
    """Upserts replace by key; reading many gives those that exist."""
    with store.transaction():
        store.upsert_many("item", [write(store, str(number)) for number in range(2_000)])
        store.upsert_many("item", [RecordWrite(("7",), b"new", store.next_version(), "now", (None, None))])
    found = store.get_many("item", [(str(number),) for number in range(1_990, 2_010)] + [("7",)])
    assert len(found) == 11
    assert found[("7",)].body == b"new"
    assert store.count("item") == 2_000


GROWN = StoredTable(
    name="item",
    key=("No",),
    columns=(*TABLE.columns, MirroredColumn(name="colour", indexed=True)),
    unique=(("colour",),),
)


def test_a_table_grows_and_shrinks(tmp_path: Path) -> None:
    """Columns and unique groups join a table with records; taken away, they leave neither values nor bounds."""
    store = EntityStore(tmp_path / "store.sqlite", [TABLE])
    with store.transaction():
        store.insert("item", write(store, "1", "a", 1))
        store.declare([GROWN])
        row = RecordWrite(("1",), b"1", store.next_version(), "now", ("a", 1, "red"))
        store.update("item", row)
    with store.transaction(), pytest.raises(StoredConflict):
        store.insert("item", RecordWrite(("2",), b"2", store.next_version(), "now", ("a", 1, "red")))
    with store.transaction():
        store.declare([TABLE])
        store.clear_columns("item", ["colour"])
    with store.transaction(), pytest.raises(StoredConflict):
        store.insert("item", write(store, "2", "a", 1))
    store.close()
    again = EntityStore(tmp_path / "store.sqlite", [GROWN])
    assert again.count("item", SqlClause('"colour" IS NOT NULL')) == 0
    again.close()


def test_a_column_may_change_its_type(store: EntityStore) -> None:
    """A column that comes again as another type keeps values as they are written."""
    for column_type, value in ((ColumnType.INTEGER, 7), (ColumnType.TEXT, "007")):
        column = MirroredColumn(name="colour", column_type=column_type)
        store.declare([StoredTable(name="other", key=("No",), columns=(column,))])
        with store.transaction():
            store.upsert_many("other", [RecordWrite(("1",), b"1", store.next_version(), "now", (value,))])
        assert store.find_keys("other", SqlClause('"colour" = ?', (value,))) == [("1",)]
        with store.transaction():
            store.clear_columns("other", ["colour"])


def test_a_unique_group_over_doubles_is_refused(store: EntityStore) -> None:
    """The conflict names the columns; the declaration stays as it was."""
    with store.transaction():
        store.insert("item", write(store, "1", "a", 1))
        store.insert("item", write(store, "2", "a", 2))
    narrow = StoredTable(name="item", key=("No",), columns=TABLE.columns, unique=(("group",),))
    with pytest.raises(StoredConflict) as caught:
        store.declare([narrow])
    assert caught.value.constraint == ("group",)
    with store.transaction():
        store.insert("item", write(store, "3", "a", 3))


def test_a_dropped_table_is_gone(store: EntityStore) -> None:
    """It can be declared again, empty; an undone drop leaves it where it was."""
    with store.transaction():
        store.insert("item", write(store, "1"))
    with pytest.raises(RuntimeError):
        drop_and_fail(store)
    store.remember([TABLE])
    assert store.count("item") == 1
    with store.transaction():
        store.drop_table("item")
    store.declare([TABLE])
    assert store.count("item") == 0
    store.write_state("name", "value")
    store.forget_state("name")
    assert store.read_state("name") is None
