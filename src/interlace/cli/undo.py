"""`interlace undo`: takes back what a run did, or what was done last to a record or a field."""

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.approval_rules import RulesInForce
from interlace.bootstrap.background_plans import undo_plan
from interlace.bootstrap.machine_user import machine_user_name
from interlace.bootstrap.planning import Planning, PlanSummary
from interlace.bootstrap.shown_plan import shown_plan
from interlace.bootstrap.undoing import UndoSubject, apply_undo, make_undo
from interlace.cli.exit_codes import ExitCode
from interlace.cli.kept_plan import make_kept, show_kept
from interlace.cli.options import ConnectionName, Json, State, mapping_called, opened
from interlace.cli.output import Output
from interlace.cli.plan import show_action, show_ends, show_summary
from interlace.domain.plan import PlannedAction, PlannedKind
from interlace.engine.apply_plan import ActionEnd, Ending
from interlace.engine.plan import Keep
from interlace.locale.translatable import translatable


def undo(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="RUN|RECORD",
            help="Id of a run or job (or its beginning), or the key of a record on either side.",
            show_default=False,
        ),
    ],
    field: Annotated[
        str | None, typer.Option("--field", help="Only this field of the record.", show_default=False)
    ] = None,
    mapping: Annotated[
        str | None, typer.Option("--mapping", help="Only writes of this mapping.", show_default=False)
    ] = None,
    *,
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
    yes: Annotated[bool, typer.Option("--yes", help="Carry the undo out at once.")] = False,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Plan the inverse of what the journal tells of; what a person changed since is left and listed.

    A record means the writes of the newest job that wrote to it. Pairs that are undone are held until a person
    retries them or the record changes.

    Example: interlace undo C00010 --field name --yes
    """
    output = Output(as_json=as_json)
    if keep and (out is not None or yes):
        raise typer.BadParameter(translatable("Choose --keep, --out or --yes."))

    def tell(action: PlannedAction) -> None:
        # What is left as it is must be seen in any case.
        if show or action.reason or (output.as_json and not yes):
            show_action(output, action)

    with opened(state) as application, tempfile.TemporaryDirectory() as scratch:
        held = application.connection(connection)
        name = mapping_called(application, held, mapping)
        chosen = UndoSubject(text=subject, field=field, mapping=name)
        if keep:
            made = make_kept(application, held, undo_plan(held, chosen, person=machine_user_name()), tell)
            shown = shown_plan(RulesInForce(application=application, connection=held), made)
            show_kept(output, shown)
            raise typer.Exit(ExitCode.CHANGES_PENDING if shown.writes else ExitCode.OK)
        path = out or Path(scratch) / "undo.plan"
        summary, ends = asyncio.run(_undo(application, held, chosen, path, tell, apply=yes))
    if yes:
        show_ends(output, ends)
        unfinished = any(each.ending is not Ending.APPLIED for each in ends)
        left = any(counts[PlannedKind.SKIP] for counts in summary.counts.values())
        raise typer.Exit(ExitCode.REMAINING if unfinished or left else ExitCode.OK)
    if not as_json:
        show_summary(output, summary)
        output.message(_next_step(out))
    raise typer.Exit(ExitCode.CHANGES_PENDING if summary.writes_anything else ExitCode.OK)


def _next_step(file: Path | None) -> str:
    if file is None:
        return translatable(
            "Nothing was written. Carry the undo out with --yes, or write it to a file with --out."
        )
    return translatable(
        "Nothing was written. Carry the undo out with {command}.", command=f"`interlace apply {file}`"
    )


async def _undo(
    application: Application,
    held: Connection,
    subject: UndoSubject,
    path: Path,
    tell: Keep,
    *,
    apply: bool,
) -> tuple[PlanSummary, list[ActionEnd]]:
    ends: list[ActionEnd] = []
    async with application.ends(held) as opened_ends:
        planning = Planning(application=application, connection=held, ends=opened_ends)
        summary = await make_undo(planning, subject, path, tell)
        if apply:
            await apply_undo(planning, path, ends.append)
    return summary, ends
