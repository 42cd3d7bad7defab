"""Who may do what with the tables of the embedded ERP: permission sets of users, and what they come to.

The sets that a user has stand in the store's state; what they come to is a row for each user and table, which the page
EffectivePermissions shows to that user.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from interlace.sandbox import json_codec
from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.declaration import Table, Value
from interlace.sandbox.erp.erp_records import ErpRecords
from interlace.sandbox.erp.permission_sets import PERMISSION_SETS, RIGHTS, PermissionSet
from interlace.sandbox.erp.tables import TABLES
from interlace.sandbox.erp.user_tables import EFFECTIVE_PERMISSION
from interlace.sandbox.stored_table import SqlClause

SUPER: Final = "SUPER"
USUAL: Final = "D365 BUS FULL ACCESS"
"""What a new user gets unless somebody says otherwise."""
PERMISSION_PAGE: Final = "EffectivePermissions"
_GIVEN: Final = "permission sets of users"
_OWN: Final = "own permission sets"
_FREE: Final = frozenset({EFFECTIVE_PERMISSION.name, "User"})
"""Everybody sees his own permissions; the page of users has rules of its own."""


class Permissions:
    """The permissions of all users."""

    def __init__(self, records: ErpRecords) -> None:
        self._records = records
        self._rights: dict[str, Mapping[str, str]] = {}
        self._read_at = ("", "")

    def sets_of(self, user: str) -> tuple[str, ...]:
        """Return the permission sets of a user; whoever an administrator adds has the usual one."""
        return self._given().get(user.upper(), (USUAL,))

    def adopt(self, users: Iterable[str]) -> None:
        """Let the users of an earlier version, which knew no permissions, go on doing everything."""
        if self._records.store.read_state(_GIVEN) is None:
            for user in users:
                self.give(user, (SUPER,))

    def make_visible(self, user: str) -> None:
        """See to it that a user who was added on the page of users finds his permissions."""
        if user.upper() not in self._given():
            self.give(user, self.sets_of(user))

    def sets(self) -> dict[str, PermissionSet]:
        """Return all permission sets, those that were added too."""
        own = self._read(_OWN)
        return {
            **PERMISSION_SETS,
            **{name: dict(rights) for name, rights in own.items() if isinstance(rights, dict)},
        }

    def define(self, name: str, rights: Mapping[str, str]) -> None:
        """Add a permission set, or change one that was added: table to rights."""
        own = {**self._read(_OWN), name: dict(rights)}
        with self._records.transaction():
            self._records.store.write_state(_OWN, json_codec.encode(own).decode())
            for user, sets in self._given().items():
                if name in sets:
                    self._write_effective(user)

    def give(self, user: str, sets: Iterable[str]) -> None:
        """Let a user have these permission sets and no others."""
        given: dict[str, object] = {name: list(held) for name, held in self._given().items()}
        given[user.upper()] = list(dict.fromkeys(sets))
        with self._records.transaction():
            self._records.store.write_state(_GIVEN, json_codec.encode(given).decode())
            self._write_effective(user.upper())

    def rights_of(self, user: str) -> Mapping[str, str]:
        """Return what a user may do: table to rights."""
        store = self._records.store
        state = (store.read_state(_GIVEN) or "", store.read_state(_OWN) or "")
        if state != self._read_at:
            self._rights.clear()
            self._read_at = state
        name = user.upper()
        found = self._rights.get(name)
        if found is None:
            found = self._rights[name] = self._sum(name)
        return found

    def require(self, user: str, right: str, table: Table) -> None:
        """Refuse what a user may not do with a table."""
        if table.name not in _FREE and right not in self.rights_of(user).get(table.name, ""):
            raise refusals.permission_missing(RIGHTS[right], table)

    def _sum(self, user: str) -> dict[str, str]:
        known = self.sets()
        found: dict[str, str] = {}
        for name in self.sets_of(user):
            for table, rights in known.get(name, {}).items():
                found[table] = "".join(letter for letter in RIGHTS if letter in found.get(table, "") + rights)
        return found

    def _write_effective(self, user: str) -> None:
        records = self._records
        for row in records.find(EFFECTIVE_PERMISSION, SqlClause('"User_Name" = ?', (user,))):
            records.delete(row)
        rows: list[dict[str, Value]] = [
            {
                "User_Name": user,
                "Table_Name": TABLES[table].caption,
                **{f"{column}_Permission": letter in rights for letter, column in RIGHTS.items()},
            }
            for table, rights in sorted(self.rights_of(user).items())
        ]
        records.insert_many(EFFECTIVE_PERMISSION, rows)

    def _given(self) -> dict[str, tuple[str, ...]]:
        return {
            user: tuple(map(str, sets)) for user, sets in self._read(_GIVEN).items() if isinstance(sets, list)
        }

    def _read(self, name: str) -> dict[str, object]:
        kept = self._records.store.read_state(name)
        return dict(json_codec.decode_object(kept)) if kept else {}
