"""E-mails that stand in a table: each is taken by one server at a time, until it is sent or given up."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from interlace.store.database import Database
from interlace.store.encoding import time_to_text


class MailQueue:
    """The rows of a table with an `id` and the columns `mail_due`, `mail_tries` and `mail_problem`."""

    def __init__(self, database: Database, table: sa.Table) -> None:
        self._database = database
        self._table = table

    def take_row(self, now: datetime, until: datetime) -> sa.Row[Any] | None:
        """Take the row that has waited longest; nobody else takes it before `until`, when it is due again."""
        held = self._table.c
        due = sa.select(self._table).where(held.mail_due <= time_to_text(now))
        due = due.order_by(held.mail_due, held.id).limit(1)
        with self._database.read() as connection:
            if connection.execute(due).first() is None:
                return None
        with self._database.write() as connection:
            row = connection.execute(due.with_for_update(skip_locked=True)).first()
            if row is None:
                return None
            taken = {"mail_due": time_to_text(until), "mail_tries": row.mail_tries + 1}
            connection.execute(sa.update(self._table).where(held.id == row.id).values(taken))
        return row

    def done(self, row_id: str, problem: str = "") -> None:
        """Send no e-mail for a row any more: it is sent, or given up because of a problem."""
        self._change(row_id, {"mail_due": None, "mail_problem": problem})

    def postpone(self, row_id: str, until: datetime, problem: str) -> None:
        """Try again later."""
        self._change(row_id, {"mail_due": time_to_text(until), "mail_problem": problem})

    def _change(self, row_id: str, values: dict[str, object]) -> None:
        with self._database.write() as connection:
            connection.execute(sa.update(self._table).where(self._table.c.id == row_id).values(values))
