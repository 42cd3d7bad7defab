"""What is asked of both services about a mapping: its check, its fields, who takes part, a try with one record."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import zip_longest
from typing import TypeVar

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.desk.carry_out import connection_of, in_own_loop, off_loop
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.entered_conditions import read_conditions
from interlace.bootstrap.mapping_conditions import (
    FILTER_OF,
    ConditionProblem,
    EnteredCondition,
    comparisons_of,
    conditions_of,
)
from interlace.bootstrap.mapping_problems import columns_of, find_mapping_problems, mappings_to_check
from interlace.bootstrap.trying import Trial, count_records, try_record
from interlace.domain.keys import MappingName, key_text
from interlace.domain.plan import NEW_KEY, PlannedAction, PlannedWrite
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.management.caller import Caller
from interlace.management.mapping_answers import (
    MappingsChecked,
    Problem,
    RecordsCounted,
    TableField,
    TableFields,
    Tried,
    TriedAction,
    TriedWrite,
)
from interlace.management.mappings import ChangeFilter, CheckMappings, CountRecords, ListFields, TryRecord
from interlace.management.operation import OfConnection
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable
from interlace.store.encoding import JsonValue

T = TypeVar("T")
_SECONDS = 20.0
_RETRIES = 1


class MappingServices:
    """Asks both ends of connections about their mappings."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def check(self, caller: Caller, asked: CheckMappings) -> MappingsChecked:
        """Find what is wrong with one mapping, or with all."""
        held = await connection_of(self._application, caller, asked)
        names = list(await off_loop(mappings_to_check, self._application, held))
        if asked.mapping:
            names = [await off_loop(self._called, held, asked.mapping)]
        found = await _in_time(lambda: find_mapping_problems(self._application, held, names))
        return MappingsChecked(
            mappings=tuple(names),
            problems=tuple(
                Problem(mapping=each.mapping, row=each.row or "", message=each.message) for each in found
            ),
        )

    async def fields(self, caller: Caller, asked: ListFields) -> TableFields:
        """Return the fields of a table that can be filtered by."""
        held, name = await self._asked(caller, asked, asked.mapping)
        table, columns = await self._columns(held, name, Side(asked.side))
        found = [
            TableField(name=each, kind=kind, comparisons=tuple(it.value for it in comparisons_of(kind)))
            for each, kind in sorted(columns.items())
        ]
        return TableFields(table=table, fields=tuple(each for each in found if each.comparisons))

    async def stored(
        self, held: Connection, name: MappingName, asked: ChangeFilter | CountRecords
    ) -> tuple[str, list[JsonValue]]:
        """Return the setting of a filter and its conditions, checked against the table; raises Refused."""
        side = Side(asked.side)
        entered = entered_conditions(asked)
        mapping = (await off_loop(self._application.mappings, held))[name]

        async def read(ends: Ends) -> list[JsonValue]:
            """Ask the service."""
            return await read_conditions(ends, mapping, side, entered)

        try:
            stored = await self.with_ends(held, read) if entered else []
        except ConditionProblem as problem:
            raise Refused(
                RefusalKind.INVALID,
                translatable("The filter is not kept"),
                why=translatable(
                    "Condition {number}: {problem}", number=str(problem.place + 1), problem=problem.args[0]
                ),
                fields={f"{problem.part}s.{problem.place}": problem.args[0]},
            ) from problem
        return FILTER_OF[side], stored

    async def count(self, caller: Caller, asked: CountRecords) -> RecordsCounted:
        """Count who takes part."""
        held, name = await self._asked(caller, asked, asked.mapping)
        _, stored = await self.stored(held, name, asked)
        conditions, side = conditions_of(stored), Side(asked.side)
        default = (await off_loop(self._application.mappings_with, held, {}))[name]

        async def read(ends: Ends) -> RecordsCounted:
            """Ask both services."""
            run = self._application.run_setup(held, name, run_id="", create_new=False, compare_all=False)
            count = await count_records(ends, run, default, side, conditions)
            return RecordsCounted(
                total=count.total,
                taking_part=count.taking_part,
                coupled_leaving=count.coupled_leaving,
                is_complete=count.is_complete,
            )

        return await self.with_ends(held, read)

    async def try_record(self, caller: Caller, asked: TryRecord) -> Tried:
        """Show what a run would do with a record."""
        held, name = await self._asked(caller, asked, asked.mapping)

        async def read(ends: Ends) -> Trial:
            """Ask both services."""
            return await try_record(self._application, held, ends, name, asked.key.strip())

        trial = await self.with_ends(held, read)
        place = trial.place
        return Tried(
            mapping=name,
            key=asked.key if place is None else key_text(place.key),
            found=place is not None,
            actions=tuple(_action(each) for each in trial.actions),
            message=trial.message,
        )

    async def _asked(self, caller: Caller, asked: OfConnection, name: str) -> tuple[Connection, MappingName]:
        held = await connection_of(self._application, caller, asked)
        return held, await off_loop(self._called, held, name)

    def _called(self, held: Connection, name: str) -> MappingName:
        return self._application.known_mappings(held, [name])[0]

    async def _columns(self, held: Connection, name: MappingName, side: Side) -> tuple[str, dict[str, str]]:
        mapping = (await off_loop(self._application.mappings, held))[name]
        table = mapping.erp_table if side is Side.ERP else mapping.integration_table
        columns = await self.with_ends(held, lambda ends: columns_of(mapping, ends, side))
        return table, dict(columns)

    async def with_ends(self, held: Connection, work: Callable[[Ends], Awaitable[T]]) -> T:
        """Do work with both services as long as a person waits."""

        async def read() -> T:
            """Open both ends and work."""
            async with self._application.ends(held, retries_max=_RETRIES) as ends:
                return await work(ends)

        return await _in_time(read)


async def _in_time(work: Callable[[], Awaitable[T]]) -> T:
    """Ask the services as long as a person waits."""

    async def limited() -> T:
        async with asyncio.timeout(_SECONDS):
            return await work()

    try:
        return await in_own_loop(limited)
    except TimeoutError as problem:
        raise Refused(
            RefusalKind.SERVICE_FAILED,
            translatable("A service did not answer in time"),
            why=translatable("It was waited for {seconds} seconds.", seconds=str(round(_SECONDS))),
            next_step=translatable("Try again in a moment."),
            code="timeout",
        ) from problem


def entered_conditions(asked: ChangeFilter | CountRecords) -> Sequence[EnteredCondition]:
    """Return the conditions that were entered; rows without a field and a value are none."""
    rows = zip_longest(asked.fields, asked.comparisons, asked.values, fillvalue="")
    return [
        EnteredCondition(field=field, comparison=comparison, value=value)
        for field, comparison, value in rows
        if field.strip() or value.strip()
    ]


def _action(action: PlannedAction) -> TriedAction:
    return TriedAction(
        direction=action.direction.value,
        kind=action.kind.value,
        reason=action.reason,
        code=action.code,
        writes=tuple(each for write in action.writes for each in tried_writes(write)),
    )


def tried_writes(write: PlannedWrite) -> list[TriedWrite]:
    """Return each field of a write with what it held and what it is to hold."""
    key = "" if write.key.startswith(NEW_KEY) else key_text(write.key)
    before = write.before or {}
    return [
        TriedWrite(
            side="erp" if write.side is Side.ERP else "crm",
            table=write.table,
            key=key,
            operation=write.operation.value,
            field=name,
            before=_text(before.get(name)),
            after=_text(value),
        )
        for name, value in (write.after or dict.fromkeys(before)).items()
    ]


def _text(value: Value) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value is None else str(value)
