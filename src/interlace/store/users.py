"""Keeps users: who may sign in, and what of them is secret only sealed or as a digest."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import uuid4

import sqlalchemy as sa

from interlace.management.permission import Permission, permissions_of
from interlace.store.account_tables import access_token, first_start, recovery_code, session, user
from interlace.store.connection_store import Clock
from interlace.store.database import Database
from interlace.store.encoding import (
    names_from_json,
    optional_time_from_text,
    optional_time_to_text,
    time_from_text,
    time_to_text,
    to_json,
)
from interlace.store.listing_tables import saved_view
from interlace.store.notification_tables import address_proof, notification, notification_choice
from interlace.store.secrets import SecretBox


class UserNameTaken(Exception):
    """A user of that name exists already."""


class LastAdministrator(Exception):
    """After the change nobody could administer any more; nothing was changed."""


class FirstStartOver(Exception):
    """The code of the first start is used, too old, or somebody administers already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredUser:
    """A user as he is stored."""

    id: str
    name: str
    password_hash: str = field(repr=False)
    created_at: datetime
    full_name: str = ""
    permission_sets: tuple[str, ...] = ()
    language: str = "en_US"
    time_zone: str = "UTC"
    experience: str = "Suite"
    disabled: bool = False
    has_second_step: bool = False
    totp_step: int = 0
    """The last time step of which a code was used."""
    signed_in_at: datetime | None = None

    @property
    def permissions(self) -> frozenset[Permission]:
        """What he may do; nothing while he is disabled."""
        return frozenset() if self.disabled else permissions_of(self.permission_sets)

    @property
    def administers(self) -> bool:
        """Whether he can administer."""
        return Permission.ADMINISTER in self.permissions


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedUser:
    """A user who is gone, and what ended with that."""

    user: StoredUser
    sessions: int
    keys: int


def new_user_id() -> str:
    """Choose the id of a new user."""
    return str(uuid4())


def folded_name(name: str) -> str:
    """Return a name as it is compared."""
    return unicodedata.normalize("NFKC", name).casefold().strip()


class Users:
    """Every user."""

    def __init__(self, database: Database, box: SecretBox | None, clock: Clock) -> None:
        self._database = database
        self._box = box
        self._clock = clock

    def every(self) -> list[StoredUser]:
        """Return every user, by name."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(user).order_by(user.c.folded_name))
            return [user_of(row) for row in rows]

    def named(self, name: str) -> StoredUser | None:
        """Return the user of a name, however it is written."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(user).where(user.c.folded_name == folded_name(name))).first()
        return None if row is None else user_of(row)

    def has_administrator(self) -> bool:
        """Tell whether anybody can administer."""
        with self._database.read() as connection:
            return _somebody_administers(connection)

    def add(self, new: StoredUser) -> None:
        """Add a user; raises UserNameTaken."""
        with self._database.write() as connection:
            _insert(connection, new)

    def change(
        self, user_id: str, changed: Callable[[StoredUser], StoredUser], *, ends_sessions: bool = False
    ) -> StoredUser:
        """Change a user in one go; raises LastAdministrator, KeyError for nobody.

        Who has other rights than before gets another token in each open session.
        """
        with self._database.write() as connection:
            # All are held: of two administrators who take each other's rights at once, one comes second.
            rows = connection.execute(sa.select(user).order_by(user.c.id).with_for_update()).all()
            row = next((each for each in rows if each.id == user_id), None)
            if row is None:
                raise KeyError(user_id)
            before = user_of(row)
            after = changed(before)
            values = _values(after)
            connection.execute(sa.update(user).where(user.c.id == user_id).values(values))
            if before.administers and not after.administers and not _somebody_administers(connection):
                raise LastAdministrator
            of_user = session.c.user_id == user_id
            if ends_sessions:
                connection.execute(sa.delete(session).where(of_user))
            elif before.permissions != after.permissions:
                connection.execute(sa.update(session).where(of_user).values(is_to_renew=True))
        return after

    def delete(self, user_id: str) -> "DeletedUser":
        """Delete a user with all that was theirs in one go; raises LastAdministrator, KeyError for nobody.

        Entries of the audit log stay: they hold the name themselves.
        """
        with self._database.write() as connection:
            # All are held, as for a change: two administrators don't delete each other at once.
            rows = connection.execute(sa.select(user).order_by(user.c.id).with_for_update()).all()
            row = next((each for each in rows if each.id == user_id), None)
            if row is None:
                raise KeyError(user_id)
            gone = user_of(row)
            ended = {
                table: connection.execute(sa.delete(table).where(table.c.user_id == user_id)).rowcount
                for table in (
                    session,
                    access_token,
                    recovery_code,
                    saved_view,
                    notification,
                    notification_choice,
                    address_proof,
                )
            }
            connection.execute(sa.delete(user).where(user.c.id == user_id))
            if gone.administers and not _somebody_administers(connection):
                raise LastAdministrator
        return DeletedUser(user=gone, sessions=ended[session], keys=ended[access_token])

    def set_password_hash(self, user_id: str, password_hash: str) -> None:
        """Replace the digest of a password, the sessions stay: the same password with stronger parameters."""
        self.change(user_id, lambda held: replace(held, password_hash=password_hash))

    def note_sign_in(self, user_id: str) -> None:
        """Remember when a user signed in last."""
        now = self._clock()
        self.change(user_id, lambda held: replace(held, signed_in_at=now))

    # The first start

    def offer_first_start(self, digest: bytes, expires_at: datetime) -> None:
        """Take this code from now on, and no other one."""
        with self._database.write() as connection:
            connection.execute(sa.delete(first_start))
            values = {"digest": digest, "expires_at": time_to_text(expires_at)}
            connection.execute(sa.insert(first_start).values(values))

    def is_first_start(self, digest: bytes) -> bool:
        """Tell whether a code would be taken now."""
        with self._database.read() as connection:
            return self._takes(connection, digest)

    def first_start(self, digest: bytes, new: StoredUser) -> None:
        """Use the code up and add the first administrator; raises FirstStartOver, UserNameTaken."""
        with self._database.write() as connection:
            if not self._takes(connection, digest):
                raise FirstStartOver
            used = connection.execute(sa.delete(first_start).where(first_start.c.digest == digest))
            if not used.rowcount:
                # Somebody else was a moment faster.
                raise FirstStartOver
            _insert(connection, new)

    def _takes(self, connection: sa.Connection, digest: bytes) -> bool:
        query = sa.select(first_start.c.expires_at).where(first_start.c.digest == digest)
        expires_at = optional_time_from_text(connection.execute(query).scalar())
        return expires_at is not None and self._clock() < expires_at and not _somebody_administers(connection)

    # The second step

    def offer_totp(self, user_id: str, key: str) -> None:
        """Keep a key that was given out, until a code of it is entered."""
        self._store_sealed(user_id, {"totp_offered": self._sealed(user_id, key)})

    def offered_totp(self, user_id: str) -> str | None:
        """Return the key that was given out last."""
        return self._opened(user_id, "totp_offered")

    def totp(self, user_id: str) -> str | None:
        """Return the key whose codes are asked for."""
        return self._opened(user_id, "totp_secret")

    def take_totp(self, user_id: str, key: str, step: int, recovery_digests: Sequence[bytes]) -> None:
        """Ask for codes of this key from now on; `step` is the one of the code that proved it."""
        values = {"totp_secret": self._sealed(user_id, key), "totp_offered": None, "totp_step": step}
        with self._database.write() as connection:
            connection.execute(sa.update(user).where(user.c.id == user_id).values(values))
            connection.execute(sa.delete(recovery_code).where(recovery_code.c.user_id == user_id))
            rows = [{"user_id": user_id, "digest": digest} for digest in recovery_digests]
            connection.execute(sa.insert(recovery_code), rows)

    def end_totp(self, user_id: str) -> None:
        """Ask for no code any more."""
        with self._database.write() as connection:
            values = {"totp_secret": None, "totp_offered": None}
            connection.execute(sa.update(user).where(user.c.id == user_id).values(values))
            connection.execute(sa.delete(recovery_code).where(recovery_code.c.user_id == user_id))

    def use_totp_step(self, user_id: str, step: int) -> bool:
        """Use up the code of a time step; False: it, or a later one, was used already."""
        where = sa.and_(user.c.id == user_id, user.c.totp_step < step)
        with self._database.write() as connection:
            return bool(connection.execute(sa.update(user).where(where).values(totp_step=step)).rowcount)

    def use_recovery_code(self, user_id: str, digest: bytes) -> bool:
        """Use up a recovery code; False: there is no such one."""
        where = sa.and_(recovery_code.c.user_id == user_id, recovery_code.c.digest == digest)
        with self._database.write() as connection:
            return bool(connection.execute(sa.delete(recovery_code).where(where)).rowcount)

    def recovery_codes(self, user_id: str) -> int:
        """Count the recovery codes that are left."""
        query = sa.select(sa.func.count()).where(recovery_code.c.user_id == user_id)
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def _store_sealed(self, user_id: str, values: dict[str, bytes]) -> None:
        with self._database.write() as connection:
            connection.execute(sa.update(user).where(user.c.id == user_id).values(values))

    def _sealed(self, user_id: str, key: str) -> bytes:
        assert self._box is not None, "a store without a key file keeps no secrets"
        return self._box.seal(key, _seal(user_id), self._clock())

    def _opened(self, user_id: str, column: str) -> str | None:
        with self._database.read() as connection:
            sealed = connection.execute(sa.select(user.c[column]).where(user.c.id == user_id)).scalar()
        if sealed is None:
            return None
        assert self._box is not None, "a store without a key file keeps no secrets"
        return self._box.open(bytes(sealed), _seal(user_id), "of two-step sign-in")


def rewrap_totp(connection: sa.Connection, box: SecretBox) -> int:
    """Wrap every key of two-step sign-in with the newest key; returns how many there are."""
    count = 0
    for row in connection.execute(sa.select(user.c.id, user.c.totp_secret, user.c.totp_offered)).all():
        values = {
            name: box.rewrap(bytes(sealed), "of two-step sign-in")
            for name, sealed in (("totp_secret", row.totp_secret), ("totp_offered", row.totp_offered))
            if sealed is not None
        }
        if values:
            connection.execute(sa.update(user).where(user.c.id == row.id).values(values))
            count += 1
    return count


def user_of(row: sa.Row[*tuple[object, ...]]) -> StoredUser:
    """Read a row of the table."""
    return StoredUser(
        id=row.id,
        name=row.name,
        password_hash=row.password_hash,
        created_at=time_from_text(row.created_at),
        full_name=row.full_name,
        permission_sets=names_from_json(row.permission_sets),
        language=row.language,
        time_zone=row.time_zone,
        experience=row.experience,
        disabled=bool(row.disabled),
        has_second_step=row.totp_secret is not None,
        totp_step=int(row.totp_step),
        signed_in_at=optional_time_from_text(row.signed_in_at),
    )


def _seal(user_id: str) -> tuple[str, ...]:
    return ("user", user_id, "totp")


def _somebody_administers(connection: sa.Connection) -> bool:
    rows = connection.execute(sa.select(user.c.permission_sets).where(user.c.disabled.is_(False)))
    return any(Permission.ADMINISTER in permissions_of(names_from_json(row.permission_sets)) for row in rows)


def _insert(connection: sa.Connection, new: StoredUser) -> None:
    taken = sa.select(user.c.id).where(user.c.folded_name == folded_name(new.name))
    if connection.execute(taken).first() is not None:
        raise UserNameTaken
    values = {"id": new.id, "created_at": time_to_text(new.created_at), **_values(new)}
    try:
        connection.execute(sa.insert(user).values(values))
    except sa.exc.IntegrityError as problem:
        raise UserNameTaken from problem


def _values(each: StoredUser) -> dict[str, object]:
    return {
        "name": each.name,
        "folded_name": folded_name(each.name),
        "full_name": each.full_name,
        "password_hash": each.password_hash,
        "permission_sets": to_json(each.permission_sets),
        "language": each.language,
        "time_zone": each.time_zone,
        "experience": each.experience,
        "disabled": each.disabled,
        "signed_in_at": optional_time_to_text(each.signed_in_at),
    }
