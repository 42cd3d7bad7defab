"""Carries out what is asked about access keys."""

import asyncio
import ipaddress
from datetime import datetime, timedelta
from typing import Final

from interlace.bootstrap.access_keys import make_key
from interlace.bootstrap.account_checks import invalid
from interlace.bootstrap.accounts import StoredAccounts
from interlace.bootstrap.desk.short_list import ShortList
from interlace.management import tokens
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.noted_changes import note_change
from interlace.management.operation import Nothing
from interlace.management.permission import Permission
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.tokens import (
    DAYS_MAX,
    KEY_COLUMNS,
    OVERLAP_HOURS_MAX,
    CreateKey,
    Keys,
    KeyState,
    KeySummary,
    ListKeys,
    NewKey,
    RevokeKey,
)
from interlace.management.translatable import translatable
from interlace.store.tokens import StoredToken
from interlace.store.users import StoredUser

_NAME_MAX = 100
_LIST: Final[ShortList[KeySummary, Keys]] = ShortList(
    columns=KEY_COLUMNS, answer=Keys, key_of=lambda each: each.id
)


def add_tokens(works: Works, accounts: StoredAccounts) -> None:
    """Let these operations be carried out."""
    work = _KeyWork(accounts)
    works.add(tokens.LIST, work.list_keys)
    works.add(tokens.CREATE, work.create)
    works.add(tokens.REVOKE, work.revoke)


class _KeyWork:
    def __init__(self, accounts: StoredAccounts) -> None:
        self._accounts = accounts
        self._state = accounts.state

    async def list_keys(self, caller: Caller, asked: ListKeys) -> Keys:
        _require_person(caller)
        user_id = (await self._owner(caller, asked.user)).id if asked.user else None
        held = await asyncio.to_thread(self._state.tokens.every, user_id)
        keys = [_summary(token, owner, self._accounts.now) for token, owner in held]
        return _LIST.page(caller, asked, keys)

    async def create(self, caller: Caller, asked: CreateKey) -> NewKey:
        now = self._accounts.now
        replaced = await self._replaced(asked)
        owner = replaced[1] if replaced is not None else await self._owner(caller, asked.user)
        made = make_key()
        new = StoredToken(
            id=made.id,
            user_id=owner.id,
            name=_checked_name(asked.name),
            digest=made.digest,
            permissions=_checked_permissions(asked, owner),
            connections=await self._checked_connections(asked.connections),
            addresses=_checked_addresses(asked.addresses),
            created_at=now,
            expires_at=now + timedelta(days=_checked_days(asked.days)),
        )
        old_ends = now + timedelta(hours=_checked_overlap(asked.overlap_hours))
        await asyncio.to_thread(
            self._state.tokens.add,
            new,
            replaces=asked.replaces,
            old_ends=old_ends if asked.replaces else None,
        )
        note_change(f"{made.id}.state", None, KeyState.VALID.value)
        if replaced is not None:
            note_change(
                f"{asked.replaces}.expires_at", replaced[0].expires_at, min(replaced[0].expires_at, old_ends)
            )
        return NewKey(key=made.key, summary=_summary(new, owner, now))

    async def revoke(self, _caller: Caller, asked: RevokeKey) -> Nothing:
        found = await asyncio.to_thread(self._state.tokens.find, asked.id)
        if not await asyncio.to_thread(self._state.tokens.revoke, asked.id):
            raise _no_key(asked.id)
        if found is not None:
            note_change("state", _state(*found, self._accounts.now).value, KeyState.REVOKED.value)
        return Nothing()

    async def _replaced(self, asked: CreateKey) -> tuple[StoredToken, StoredUser] | None:
        if not asked.replaces:
            return None
        found = await asyncio.to_thread(self._state.tokens.find, asked.replaces)
        if found is None or _state(*found, self._accounts.now) is not KeyState.VALID:
            raise _no_key(asked.replaces)
        return found

    async def _owner(self, caller: Caller, name: str) -> StoredUser:
        """Return the user of a name, or who asks; a command on the machine has to name one."""
        wanted = name or caller.name
        found = await asyncio.to_thread(self._state.users.named, wanted)
        if found is None:
            raise invalid("user", translatable("There is no user {name}.", name=wanted[:100]))
        return found

    async def _checked_connections(self, names: tuple[str, ...]) -> tuple[str, ...]:
        held = {each.name for each in await asyncio.to_thread(self._state.connections)}
        for name in names:
            if name not in held:
                raise invalid("connections", translatable("There is no connection {name}.", name=name[:100]))
        return names


def _require_person(caller: Caller) -> None:
    if caller.token_id:
        raise Refused(
            RefusalKind.FORBIDDEN, translatable("An access key can't do this"), code="needs-a-person"
        )


def _state(token: StoredToken, owner: StoredUser, now: datetime) -> KeyState:
    if token.revoked_at is not None:
        return KeyState.REVOKED
    if now >= token.expires_at:
        return KeyState.EXPIRED
    return KeyState.RESTING if owner.disabled else KeyState.VALID


def _summary(token: StoredToken, owner: StoredUser, now: datetime) -> KeySummary:
    known = set(Permission)
    return KeySummary(
        id=token.id,
        user=owner.name,
        name=token.name,
        permissions=tuple(Permission(each) for each in token.permissions if each in known),
        connections=token.connections,
        addresses=token.addresses,
        state=_state(token, owner, now),
        created_at=token.created_at,
        expires_at=token.expires_at,
        used_at=token.used_at,
        used_from=token.used_from,
    )


def _checked_name(name: str) -> str:
    stripped = name.strip()
    if not 1 <= len(stripped) <= _NAME_MAX or any(ord(each) < 32 for each in stripped):
        raise invalid("name", translatable("Say in up to 100 characters what the key is for."))
    return stripped


def _checked_permissions(asked: CreateKey, owner: StoredUser) -> tuple[str, ...]:
    wanted = [each for each in Permission if each in asked.permissions]
    missing = [each for each in wanted if each not in owner.permissions]
    if not wanted:
        raise invalid("permissions", translatable("A key without permissions opens nothing."))
    if missing:
        raise invalid(
            "permissions",
            translatable(
                "{name} doesn't have the permission {permission}, so no key of theirs can have it.",
                name=owner.name,
                permission=missing[0].value,
            ),
        )
    return tuple(each.value for each in wanted)


def _checked_addresses(addresses: tuple[str, ...]) -> tuple[str, ...]:
    checked = []
    for each in addresses:
        if not each.strip():
            continue
        try:
            checked.append(str(ipaddress.ip_network(each.strip(), strict=False)))
        except ValueError as problem:
            raise invalid(
                "addresses",
                translatable(
                    "{address} is no address or network, such as 192.0.2.7 or 192.0.2.0/24.",
                    address=each[:60],
                ),
            ) from problem
    return tuple(checked)


def _checked_days(days: int) -> int:
    if not 1 <= days <= DAYS_MAX:
        raise invalid("days", translatable("A key opens for 1 to 730 days."))
    return days


def _checked_overlap(hours: int) -> int:
    if not 0 <= hours <= OVERLAP_HOURS_MAX:
        raise invalid("overlap_hours", translatable("The old key may open for up to 24 more hours."))
    return hours


def _no_key(key_id: str) -> Refused:
    return Refused(
        RefusalKind.NOT_FOUND,
        translatable("There is no valid access key {id}", id=key_id[:20]),
        next_step=translatable("The Access Keys page lists them all."),
    )
