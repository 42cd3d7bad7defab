"""Keeps what each person wants to be told, and where e-mails go."""

from dataclasses import dataclass

import sqlalchemy as sa

from interlace.store.database import Database
from interlace.store.encoding import names_from_json, to_json
from interlace.store.notification_tables import notification_choice


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationChoice:
    """What one person chose."""

    address: str = ""
    """Where e-mails go; blank: nowhere."""
    shown: tuple[str, ...] = ()
    """Kinds that stand on the list."""
    mailed: tuple[str, ...] = ()
    """Kinds that come as e-mails."""
    mappings: tuple[str, ...] = ()
    """Only what concerns one of these; none: whatever it concerns."""


class NotificationChoices:
    """Everybody's choices; who made none has no row."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def every(self) -> dict[str, NotificationChoice]:
        """Return all choices by the user's id."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(notification_choice)).all()
        return {
            row.user_id: NotificationChoice(
                address=row.address,
                shown=names_from_json(row.shown),
                mailed=names_from_json(row.mailed),
                mappings=names_from_json(row.mappings),
            )
            for row in rows
        }

    def of_user(self, user_id: str) -> NotificationChoice | None:
        """Return what somebody chose; None: nothing yet."""
        return self.every().get(user_id)

    def store(self, user_id: str, choice: NotificationChoice) -> None:
        """Replace what somebody chose."""
        values = {
            "address": choice.address,
            "shown": to_json(choice.shown),
            "mailed": to_json(choice.mailed),
            "mappings": to_json(choice.mappings),
        }
        own = notification_choice.c.user_id == user_id
        with self._database.write() as connection:
            connection.execute(sa.delete(notification_choice).where(own))
            connection.execute(sa.insert(notification_choice).values(user_id=user_id, **values))
