"""Saved views of lists: each belongs to one user, who may share it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

import sqlalchemy as sa

from interlace.store.database import Database
from interlace.store.encoding import from_json, names_from_json, time_to_text, to_json
from interlace.store.listing_tables import saved_view


class TooManyViews(Exception):
    """A user has saved as many views of a list as there may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """One view; `id` is blank for one that is not stored yet."""

    id: str = ""
    user_id: str
    owner: str
    """Name of the user when it was saved."""
    list_name: str
    name: str
    filters: Mapping[str, str] = field(default_factory=dict)
    search: str = ""
    sort: str = ""
    columns: tuple[str, ...] = ()
    """Those that are shown; none: the list's usual ones."""
    layout: str = ""
    """How rows are shown, such as `tiles`; blank: as a list."""
    is_shared: bool = False


class SavedViews:
    """Reads and writes saved views."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def seen_by(self, user_id: str, list_name: str) -> list[SavedView]:
        """Return a user's own views of a list and the shared ones of others, by name."""
        table = saved_view
        query = sa.select(table).where(
            table.c.list_name == list_name, sa.or_(table.c.user_id == user_id, table.c.is_shared)
        )
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(table.c.name, table.c.id)).all()
        return [
            SavedView(
                id=row.id,
                user_id=row.user_id,
                owner=row.owner,
                list_name=row.list_name,
                name=row.name,
                filters=_texts(row.filters),
                search=row.search,
                sort=row.sort,
                columns=names_from_json(row.shown_columns),
                layout=row.layout,
                is_shared=bool(row.is_shared),
            )
            for row in rows
        ]

    def save(self, view: SavedView, *, at: datetime, views_max: int) -> str:
        """Store a view in place of the user's own one of the same name; gives its id. Raises TooManyViews."""
        table = saved_view
        own = sa.and_(table.c.user_id == view.user_id, table.c.list_name == view.list_name)
        values = {
            "owner": view.owner,
            "filters": to_json(dict(view.filters)),
            "search": view.search,
            "sort": view.sort,
            "shown_columns": to_json(view.columns),
            "layout": view.layout,
            "is_shared": view.is_shared,
            "saved_at": time_to_text(at),
        }
        with self._database.write() as connection:
            known = connection.execute(sa.select(table.c.id).where(own, table.c.name == view.name)).scalar()
            if known is not None:
                connection.execute(sa.update(table).where(table.c.id == known).values(values))
                return str(known)
            held = connection.execute(sa.select(sa.func.count()).select_from(table).where(own)).scalar_one()
            if held >= views_max:
                raise TooManyViews
            number = str(uuid4())
            key = {"id": number, "user_id": view.user_id, "list_name": view.list_name, "name": view.name}
            connection.execute(sa.insert(table).values({**key, **values}))
        return number

    def delete(self, user_id: str, view_id: str) -> bool:
        """Delete a user's own view; False if there is none of that id."""
        table = saved_view
        with self._database.write() as connection:
            deleted = connection.execute(
                sa.delete(table).where(table.c.id == view_id, table.c.user_id == user_id)
            )
            return deleted.rowcount > 0


def _texts(text: str) -> dict[str, str]:
    held = from_json(text)
    assert isinstance(held, dict)
    return {name: str(value) for name, value in held.items()}
