"""Keeps which e-mail addresses are proven to be their users', and the digest of the code that was sent to one.

The code itself is kept nowhere: it is made when its message is sent, and each one sent makes the one before void.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import sqlalchemy as sa

from interlace.store.connection_store import Clock
from interlace.store.database import Database
from interlace.store.encoding import optional_time_from_text, time_to_text
from interlace.store.mail_queue import MailQueue
from interlace.store.notification_tables import address_proof

_proof = address_proof.c


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressProof:
    """How far the proof of somebody's address is."""

    address: str
    proven_at: datetime | None
    expires_at: datetime | None
    """Until when the code that was sent counts; None: it was used, or the newest is still to be sent."""
    problem: str
    """Why the message with the code could not be sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueCode:
    """An address to which a code is to be sent now."""

    id: str
    user_id: str
    address: str
    tries: int


class AddressProofs(MailQueue):
    """Everybody's proofs; who has no address has none."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database, address_proof)
        self._clock = clock

    def of_user(self, user_id: str) -> AddressProof | None:
        """Return how far somebody's proof is; None: there is no address."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(address_proof).where(_proof.user_id == user_id)).first()
        if row is None:
            return None
        # It has its end before it is on its way.
        is_sent = row.mail_due is None and not row.mail_problem
        return AddressProof(
            address=row.address,
            proven_at=optional_time_from_text(row.proven_at),
            expires_at=optional_time_from_text(row.expires_at) if is_sent else None,
            problem=row.mail_problem,
        )

    def ask_again(self, user_id: str) -> bool:
        """Send another code to somebody's address; False: there is none, or it is proven."""
        asked = {"mail_due": time_to_text(self._clock()), "mail_tries": 0, "mail_problem": ""}
        unproven = sa.and_(_proof.user_id == user_id, _proof.proven_at.is_(None))
        with self._database.write() as connection:
            return bool(connection.execute(sa.update(address_proof).where(unproven).values(asked)).rowcount)

    def take(self, now: datetime, until: datetime) -> DueCode | None:
        """Take the address that has waited longest; nobody else takes it before `until`, when it is due again."""
        row = self.take_row(now, until)
        if row is None:
            return None
        return DueCode(id=row.id, user_id=row.user_id, address=row.address, tries=row.mail_tries + 1)

    def expect(self, proof_id: str, digest: bytes, expires_at: datetime) -> bool:
        """Let a code count from now on, and none of before; False: the address is another, or is proven meanwhile."""
        values = {"digest": digest, "expires_at": time_to_text(expires_at)}
        unproven = sa.and_(_proof.id == proof_id, _proof.proven_at.is_(None))
        with self._database.write() as connection:
            return bool(connection.execute(sa.update(address_proof).where(unproven).values(values)).rowcount)

    def prove(self, user_id: str, digest: bytes) -> str:
        """Use a code up; gives the address that it proves to be the user's, blank if it is none that counts."""
        now = time_to_text(self._clock())
        right = sa.and_(_proof.user_id == user_id, _proof.digest == digest, _proof.expires_at > now)
        proven = {"proven_at": now, "digest": None, "expires_at": None, "mail_due": None, "mail_problem": ""}
        change = sa.update(address_proof).where(right).values(proven).returning(_proof.address)
        with self._database.write() as connection:
            return str(connection.execute(change).scalar() or "")


def expect_proof(connection: sa.Connection, user_id: str, address: str, now: datetime) -> None:
    """Let somebody's address, which is another than before, be proven; blank: there is none any more."""
    connection.execute(sa.delete(address_proof).where(_proof.user_id == user_id))
    if address:
        values = {"id": str(uuid4()), "user_id": user_id, "address": address, "mail_due": time_to_text(now)}
        connection.execute(sa.insert(address_proof).values(values))
