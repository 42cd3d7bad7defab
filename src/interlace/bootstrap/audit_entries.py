"""Writes the audit log: what the desk was asked, and what happened at the door."""

import asyncio
from collections.abc import Mapping

import msgspec

from interlace.bootstrap.machine_user import machine_caller
from interlace.management.accounts import Visitor
from interlace.management.caller import Caller
from interlace.management.noted_changes import Noted
from interlace.store.audit import AuditLog, AuditText

_DETAILS_MAX = 8000


class AuditEntries:
    """The desk's and the door's way into the audit log."""

    def __init__(self, log: AuditLog) -> None:
        self._log = log

    async def __call__(
        self, caller: Caller, name: str, details: Mapping[str, object], outcome: str, changes: Noted
    ) -> None:
        """Keep what was done, what was changed by it and how it ended."""
        told = _text(self._log, caller, name, details, outcome, changes)
        await asyncio.to_thread(self._log.append, told)

    async def at_door(
        self,
        event: str,
        visitor: Visitor,
        *,
        user: str = "",
        outcome: str = "",
        key: str = "",
        details: Mapping[str, object] | None = None,
    ) -> None:
        """Keep what happened before anybody could be asked for permissions."""
        told = AuditText(
            at=self._log.now(),
            user=user,
            door="page" if not key else "api",
            address=visitor.address,
            operation=event,
            outcome=outcome,
            key=key,
            details=details or {},
        )
        await asyncio.to_thread(self._log.append, told)


def keep_by_machine(
    log: AuditLog, name: str, details: Mapping[str, object], outcome: str = "", changes: Noted | None = None
) -> None:
    """Keep an act that the machine's user did on the machine itself, without a desk."""
    log.append(_text(log, machine_caller(), name, details, outcome, changes or {}))


def _text(
    log: AuditLog, caller: Caller, name: str, details: Mapping[str, object], outcome: str, changes: Noted
) -> AuditText:
    return AuditText(
        at=log.now(),
        user=caller.name,
        door=caller.door.value,
        address=caller.address,
        operation=name,
        outcome=str(outcome),
        key=caller.token_id,
        details=_bounded(details),
        changes=_bounded_changes(changes),
    )


def _bounded_changes(changes: Noted) -> Mapping[str, tuple[object, object]]:
    before = _bounded({name: old for name, (old, _) in changes.items()})
    after = _bounded({name: new for name, (_, new) in changes.items()})
    return {name: (before[name], after[name]) for name in changes}


def _bounded(fields: Mapping[str, object]) -> Mapping[str, object]:
    """Keep entries readable: what is very long is cut, and says so."""
    if len(msgspec.json.encode(fields, enc_hook=str)) <= _DETAILS_MAX:
        return fields
    share = _DETAILS_MAX // max(1, len(fields))
    texts = {name: msgspec.json.encode(value, enc_hook=str).decode() for name, value in fields.items()}
    return {
        name: fields[name] if len(text) <= share else f"{text[:share]}… ({len(text)})"
        for name, text in texts.items()
    }
