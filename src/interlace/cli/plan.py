"""`interlace plan` and `interlace apply`: what a run would write, looked at first and then carried out."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.approval_rules import RulesInForce
from interlace.bootstrap.background_plans import synchronization_plan
from interlace.bootstrap.kept_plans import LEFT_OUT, is_plan_id
from interlace.bootstrap.machine_user import machine_user_name
from interlace.bootstrap.plan_file import as_json as action_json
from interlace.bootstrap.plan_file import read_heading
from interlace.bootstrap.planning import Planning, PlanSummary, require_same_ends
from interlace.bootstrap.shown_plan import shown_plan
from interlace.bootstrap.undoing import apply_undo
from interlace.cli.captions import direction_text, key_text
from interlace.cli.exit_codes import ExitCode
from interlace.cli.kept_plan import apply_kept, make_kept, show_kept
from interlace.cli.options import ConnectionName, Json, Mappings, State, opened
from interlace.cli.output import Column, Output
from interlace.cli.spoken import said, t
from interlace.domain.keys import MappingName
from interlace.domain.plan import PlanKind, PlannedAction, PlannedKind, PlannedWrite
from interlace.domain.values import Value
from interlace.engine.apply_plan import ActionEnd, Ending
from interlace.engine.plan import Keep
from interlace.locale.translatable import translatable

SUMMARY_COLUMNS = (
    Column(key="mapping", caption="Mapping"),
    *(Column(key=kind.value, caption=kind.value.capitalize(), number=True) for kind in PlannedKind),
)
_END_COLUMNS = (
    Column(key="mapping", caption="Mapping"),
    *(Column(key=ending.value, caption=ending.value.capitalize(), number=True) for ending in Ending),
)
_LISTED_MAX = 50


def plan(
    mappings: Mappings = None,
    *,
    full: Annotated[
        bool, typer.Option("--full", help="Compare whole tables; create what is missing.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="File to write the plan to, for `interlace apply`.", show_default=False),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the plan where `interlace plans` and the web client find it.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Show each record with every field's old and new value.")
    ] = False,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Plan what a synchronization would do, without writing anything anywhere; exit code 2 if it would do something.

    Example: interlace plan CUSTOMER --full --show --out customers.plan
    """
    output = Output(as_json=as_json)
    if keep and out is not None:
        raise typer.BadParameter(translatable("Choose --keep or --out, not both."))

    def tell(action: PlannedAction) -> None:
        if show or as_json:
            show_action(output, action)

    with opened(state) as application:
        held = application.connection(connection)
        if keep:
            new = synchronization_plan(
                application, held, mappings or [], full=full, person=machine_user_name()
            )
            made = make_kept(application, held, new, tell)
            shown = shown_plan(RulesInForce(application=application, connection=held), made)
            show_kept(output, shown)
            raise typer.Exit(ExitCode.CHANGES_PENDING if shown.writes else ExitCode.OK)
        names = application.known_mappings(held, mappings or [])
        summary = asyncio.run(_plan(application, held, names, full=full, out=out, tell=tell))
    if not as_json:
        show_summary(output, summary)
        if out is not None:
            output.message(
                translatable(
                    "The plan is in {file}. Carry it out with `interlace apply {file}`.", file=str(out)
                )
            )
    raise typer.Exit(ExitCode.CHANGES_PENDING if summary.writes_anything else ExitCode.OK)


async def _plan(
    application: Application,
    held: Connection,
    names: list[MappingName],
    *,
    full: bool,
    out: Path | None,
    tell: Keep,
) -> PlanSummary:
    async with application.ends(held) as ends:
        planning = Planning(application=application, connection=held, ends=ends)
        return await planning.plan(names, full=full, out=out, show=tell)


def apply(
    plan: Annotated[
        str,
        typer.Argument(
            metavar="PLAN",
            help="File that `interlace plan` or `interlace undo` wrote, or the id of a kept plan.",
            show_default=False,
        ),
    ],
    connection: ConnectionName = None,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Carry out a plan: exactly its writes; what moved since it was made is refused (IL-505) and named.

    Example: interlace apply customers.plan
    """
    output, file = Output(as_json=as_json), Path(plan)
    if not file.exists() and is_plan_id(plan):
        with opened(state) as application:
            ends = apply_kept(application, connection, plan)
        _end_of(output, ends)
        return
    heading = read_heading(file)
    with opened(state) as application:
        held = application.connection(connection or heading.connection)
        require_same_ends(held, heading)
        ends = asyncio.run(_apply(application, held, file, heading.kind))
    _end_of(output, ends)


def _end_of(output: Output, ends: list[ActionEnd]) -> None:
    show_ends(output, ends)
    if any(each.ending is not Ending.APPLIED for each in ends):
        raise typer.Exit(ExitCode.REMAINING)


async def _apply(application: Application, held: Connection, file: Path, kind: PlanKind) -> list[ActionEnd]:
    told: list[ActionEnd] = []
    async with application.ends(held) as ends:
        planning = Planning(application=application, connection=held, ends=ends)
        if kind is PlanKind.UNDO:
            await apply_undo(planning, file, told.append)
        else:
            await planning.apply(file, told.append)
    return told


def show_summary(output: Output, summary: PlanSummary) -> None:
    """Show how many records of each mapping a plan treats in which way."""
    rows = [
        {"mapping": name, **{kind.value: counts[kind] for kind in PlannedKind}}
        for name, counts in summary.counts.items()
    ]
    output.rows(SUMMARY_COLUMNS, rows, empty="Nothing is planned.")
    for name, message in summary.messages.items():
        output.message(f"{name}: {said(message)}")


def show_action(output: Output, action: PlannedAction) -> None:
    """Show one planned action: its writes field by field, or why there are none."""
    if output.as_json:
        output.record(action_json(action))
        return
    arrow = direction_text(action.direction, as_json=False)
    head = f"{said(action.kind.value)} {action.mapping} {key_text(action.source_key)} ({arrow})"
    reason = f": {said(action.reason)}" if action.reason else ""
    output.stdout.write(f"{head}{reason}\n")
    for write in action.writes:
        output.stdout.write(
            f"  {said(write.operation.value)} {write.side.value.upper()} {write.table} {key_text(write.key)}\n"
        )
        for name, before, after in lines_of(write):
            output.stdout.write(f"    {name}: {shown_value(before)} -> {shown_value(after)}\n")


def lines_of(write: PlannedWrite) -> list[tuple[str, Value, Value]]:
    """Return each field of a write with what it held and what it is to hold."""
    before: Mapping[str, Value] = write.before or {}
    return [(name, before.get(name), write.after.get(name)) for name in {**before, **write.after}]


def shown_value(value: Value) -> str:
    """Write a value so that blanks and spaces are seen."""
    return t("blank") if value is None else str(value) if not isinstance(value, str) else repr(value)


ENDINGS = {
    Ending.APPLIED.value: translatable("applied"),
    Ending.REFUSED.value: translatable("refused"),
    Ending.FAILED.value: translatable("failed"),
    LEFT_OUT: translatable("left out"),
}


def show_ends(output: Output, ends: list[ActionEnd]) -> None:
    """Show how the actions of an applied plan ended: counts, and by name what was refused or failed."""
    if output.as_json:
        for each in ends:
            output.record(
                {**action_json(each.action), "ending": each.ending.value, "ending_reason": each.reason}
            )
        return
    counts: dict[MappingName, Counter[Ending]] = {}
    for each in ends:
        counts.setdefault(each.action.mapping, Counter())[each.ending] += 1
    rows = [
        {"mapping": name, **{ending.value: counted[ending] for ending in Ending}}
        for name, counted in counts.items()
    ]
    output.rows(_END_COLUMNS, rows, empty=translatable("The plan asks for nothing."))
    left = [each for each in ends if each.ending is not Ending.APPLIED]
    for each in left[:_LISTED_MAX]:
        record = f"{each.action.mapping} {key_text(each.action.source_key)}"
        output.message(f"{said(ENDINGS[each.ending.value])}: {record}: {said(each.reason)}")
    if len(left) > _LISTED_MAX:
        output.message(translatable("{count} more; --json lists all of them.", count=len(left) - _LISTED_MAX))
