"""Keeps what each person wants to be told, and where e-mails go."""

from dataclasses import dataclass

import sqlalchemy as sa

from interlace.store.address_proofs import expect_proof
from interlace.store.connection_store import Clock
from interlace.store.database import Database
from interlace.store.encoding import names_from_json, to_json
from interlace.store.notification_tables import address_proof, notification_choice


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationChoice:
    """What one person chose."""

    address: str = ""
    """Where e-mails go once it is proven to be the person's; blank: nowhere."""
    is_proven: bool = False
    """Whether the address is; no choice changes that but by another address."""
    shown: tuple[str, ...] = ()
    """Kinds that stand on the list."""
    mailed: tuple[str, ...] = ()
    """Kinds that come as e-mails."""
    mappings: tuple[str, ...] = ()
    """Only what concerns one of these; none: whatever it concerns."""
    of_others: tuple[str, ...] = ()
    """Kinds of which also what others are responsible for, and are told, is told."""


_CHOICES = sa.select(notification_choice, address_proof.c.proven_at).outerjoin(
    address_proof,
    sa.and_(
        address_proof.c.user_id == notification_choice.c.user_id,
        address_proof.c.address == notification_choice.c.address,
    ),
)


class NotificationChoices:
    """Everybody's choices; who made none has no row."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def every(self) -> dict[str, NotificationChoice]:
        """Return all choices by the user's id."""
        with self._database.read() as connection:
            rows = connection.execute(_CHOICES).all()
        return {
            row.user_id: NotificationChoice(
                address=row.address,
                is_proven=row.proven_at is not None,
                shown=names_from_json(row.shown),
                mailed=names_from_json(row.mailed),
                mappings=names_from_json(row.mappings),
                of_others=names_from_json(row.of_others),
            )
            for row in rows
        }

    def of_user(self, user_id: str) -> NotificationChoice | None:
        """Return what somebody chose; None: nothing yet."""
        return self.every().get(user_id)

    def store(self, user_id: str, choice: NotificationChoice) -> None:
        """Replace what somebody chose; another address than before is sent a code, which proves it."""
        values = {
            "address": choice.address,
            "shown": to_json(choice.shown),
            "mailed": to_json(choice.mailed),
            "mappings": to_json(choice.mappings),
            "of_others": to_json(choice.of_others),
        }
        own = notification_choice.c.user_id == user_id
        with self._database.write() as connection:
            before = connection.execute(sa.select(notification_choice.c.address).where(own)).scalar()
            if choice.address != (before or ""):
                expect_proof(connection, user_id, choice.address, self._clock())
            connection.execute(sa.delete(notification_choice).where(own))
            connection.execute(sa.insert(notification_choice).values(user_id=user_id, **values))
