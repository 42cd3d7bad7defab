"""Carries undos out: planned into a file of the moment, applied from it."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.desk.carry_out import connection_of, in_own_loop
from interlace.bootstrap.planning import Planning
from interlace.bootstrap.serving import Server
from interlace.bootstrap.undoing import UndoSubject, apply_undo, make_undo
from interlace.domain.keys import MappingName, key_text
from interlace.domain.plan import LEFT_ALONE, PlannedAction
from interlace.domain.values import Value
from interlace.engine.apply_plan import ActionEnd, Ending
from interlace.locale.translatable import joined, translatable
from interlace.management import undo
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.undo import PlanUndo, Undo, UndoAction, Undone, UndoneField, UndoPlanned

_ACTIONS_MAX = 200
_REASONS_MAX = 3


def add_undo(works: Works, server: Server) -> None:
    """Let these operations be carried out."""
    work = _Undos(server.application)
    works.add(undo.PLAN, work.plan)
    works.add(undo.CARRY_OUT, work.carry_out)


class _Undos:
    """Undos on the connections of a server."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def plan(self, caller: Caller, asked: PlanUndo) -> UndoPlanned:
        held = await connection_of(self._application, caller, asked)
        actions: list[PlannedAction] = []
        await in_own_loop(lambda: self._undo(held, asked, actions.append, None))
        left = sum(each.kind in LEFT_ALONE for each in actions)
        return UndoPlanned(
            actions=tuple(_shown(each) for each in actions[:_ACTIONS_MAX]),
            has_more=len(actions) > _ACTIONS_MAX,
            writes=len(actions) - left,
            left=left,
        )

    async def carry_out(self, caller: Caller, asked: Undo) -> Undone:
        held = await connection_of(self._application, caller, asked)
        actions: list[PlannedAction] = []
        ends: list[ActionEnd] = []
        await in_own_loop(lambda: self._undo(held, asked, actions.append, ends.append))
        done = sum(each.ending is Ending.APPLIED for each in ends)
        left = len(actions) - done
        return Undone(done=done, left=left, message=_message(done, left, _reasons(actions, ends)))

    async def _undo(
        self,
        held: Connection,
        asked: PlanUndo,
        keep: Callable[[PlannedAction], None],
        told: Callable[[ActionEnd], None] | None,
    ) -> None:
        mapping: MappingName | None = None
        if asked.mapping:
            mapping = self._application.known_mappings(held, [asked.mapping])[0]
        subject = UndoSubject(text=asked.subject, field=asked.field or None, mapping=mapping)
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "undo.plan"
            async with self._application.ends(held) as ends:
                planning = Planning(application=self._application, connection=held, ends=ends)
                await make_undo(planning, subject, path, keep)
                if told is not None:
                    await apply_undo(planning, path, told)


def _reasons(actions: Sequence[PlannedAction], ends: Sequence[ActionEnd]) -> list[str]:
    """Return why records, or some of their fields, are left: each reason once, the first few of them."""
    told = [each.reason for each in actions if each.kind in LEFT_ALONE] + [each.reason for each in ends]
    return list(dict.fromkeys(filter(None, told)))[:_REASONS_MAX]


def _message(done: int, left: int, reasons: Sequence[str]) -> str:
    if left:
        message = translatable(
            "{done} records have their earlier values again; {left} are left as they are.",
            done=done,
            left=left,
        )
    else:
        message = translatable("{done} records have their earlier values again.", done=done)
    if not reasons:
        return message
    return joined([message, translatable("Why: {reasons}", reasons=joined(reasons, between="; "))])


def _shown(action: PlannedAction) -> UndoAction:
    write = action.writes[0] if action.writes else None
    return UndoAction(
        mapping=action.mapping,
        key=key_text(write.key if write is not None and write.key else action.source_key),
        side=write.side.value if write is not None else action.direction.source_side.other.value,
        kind=action.kind.value,
        reason=action.reason,
        fields=tuple(
            UndoneField(name=name, now=_text((each.before or {}).get(name)), then=_text(value))
            for each in action.writes
            for name, value in each.after.items()
        ),
    )


def _text(value: Value) -> str | None:
    return None if value is None else str(value)
