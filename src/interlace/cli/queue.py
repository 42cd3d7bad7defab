"""`interlace queue`: the recurring runs of a connection's mappings, as a running server begins them."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from interlace.bootstrap.application import Connection
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.job_place import asking, working
from interlace.bootstrap.recurring import JobQueueRow, Schedules
from interlace.cli.captions import moment_text
from interlace.cli.exit_codes import ExitCode
from interlace.cli.options import ConnectionName, Json, State, opened
from interlace.cli.output import Column, Output
from interlace.cli.spoken import said, t
from interlace.domain.keys import MappingName
from interlace.jobs.schedules import IntervalNotPossible
from interlace.locale.translatable import text_of, translatable

commands = typer.Typer(help="Recurring runs: list, run, hold, resume, every.", no_args_is_help=True)
Job = Annotated[
    str,
    typer.Argument(metavar="MAPPING", help="Mapping or other recurring work, as listed.", show_default=False),
]
Jobs = Annotated[
    list[str] | None,
    typer.Argument(metavar="[MAPPING]...", help="As listed; none: all of them.", show_default=False),
]
_COLUMNS = (
    Column(key="mapping", caption="Mapping"),
    Column(key="status", caption="Status"),
    Column(key="minutes", caption="Minutes", number=True),
    Column(key="next_at", caption="Next"),
    Column(key="started_at", caption="Last"),
    Column(key="message", caption="Message"),
)


@commands.command("list")
def list_jobs(connection: ConnectionName = None, state: State = None, *, as_json: Json = False) -> None:
    """List the recurring runs with their status, how often they begin, and when next.

    They begin while `interlace serve` or `interlace worker` runs.

    Example: interlace queue list
    """
    output = Output(as_json=as_json)
    with opened(state) as application, asking(application) as client:
        rows = Schedules(application, client).listed(application.connection(connection))
    output.rows(_COLUMNS, [_row(each, as_json=as_json) for each in rows], empty=t("No mapping takes part."))


@commands.command()
def run(job: Job, connection: ConnectionName = None, state: State = None, *, as_json: Json = False) -> None:
    """Begin one now, even if it is on hold, and wait for its end.

    Example: interlace queue run CUSTOMER
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        with working(application) as place:
            schedules = Schedules(application, place.client)
            [name] = _named(schedules, held, [job])
            begun = schedules.run(held, name)
            message = place.wait(begun.run_id)
    output.record({"mapping": name, "run": begun.run_id, "message": message})
    raise typer.Exit(ExitCode.REMAINING if message else ExitCode.OK)


@commands.command()
def hold(
    jobs: Jobs = None, connection: ConnectionName = None, state: State = None, *, as_json: Json = False
) -> None:
    """Put recurring runs on hold until they are resumed; one at work ends by itself.

    Example: interlace queue hold CUSTOMER CONTACT
    """
    with opened(state) as application, asking(application) as client:
        held, schedules = application.connection(connection), Schedules(application, client)
        names = _named(schedules, held, jobs or ())
        for name in names:
            schedules.hold(held, name)
    _tell(as_json, {"held": names}, t("On hold: {mappings}.", mappings=", ".join(names)))


@commands.command()
def resume(
    jobs: Jobs = None, connection: ConnectionName = None, state: State = None, *, as_json: Json = False
) -> None:
    """Let recurring runs go on that somebody put on hold.

    Example: interlace queue resume
    """
    with opened(state) as application, asking(application) as client:
        held, schedules = application.connection(connection), Schedules(application, client)
        names = _named(schedules, held, jobs or ())
        for name in names:
            schedules.resume(held, name)
    _tell(as_json, {"ready": names}, t("Ready: {mappings}.", mappings=", ".join(names)))


@commands.command()
def every(
    job: Job,
    minutes: Annotated[
        int, typer.Argument(metavar="MINUTES", help="A number that divides an hour or a day.", min=1)
    ],
    connection: ConnectionName = None,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Let a mapping run every so many minutes.

    Example: interlace queue every ITEM-PRODUCT 10
    """
    with opened(state) as application, asking(application) as client:
        held, schedules = application.connection(connection), Schedules(application, client)
        [name] = _named(schedules, held, [job])
        try:
            schedules.set_minutes(held, name, minutes)
        except IntervalNotPossible as problem:
            raise ConnectionProblem(text_of(problem)) from problem
    text = t("{mapping} runs every {minutes} minutes.", mapping=name, minutes=minutes)
    _tell(as_json, {"mapping": name, "minutes": minutes}, text)


def _tell(as_json: bool, values: Mapping[str, object], text: str) -> None:
    """Tell what was done, to programs or to people."""
    output = Output(as_json=as_json)
    if as_json:
        output.record(values)
    else:
        output.message(text)


def _named(schedules: Schedules, held: Connection, wanted: Sequence[str]) -> list[MappingName]:
    """Return recurring work by its names, all of it without any; raises ConnectionProblem for an unknown one."""
    known = {row.mapping.upper(): row.mapping for row in schedules.listed(held) if row.mapping is not None}
    for name in wanted:
        if name.upper() not in known:
            raise ConnectionProblem(
                translatable(
                    "There is no recurring run '{name}'. There are: {known}.",
                    name=name,
                    known=", ".join(known.values()),
                )
            )
    return [known[name.upper()] for name in wanted] if wanted else list(known.values())


def _row(each: JobQueueRow, *, as_json: bool) -> dict[str, object]:
    return {
        "mapping": each.mapping,
        "status": each.status.value if as_json else said(each.status.value),
        "minutes": each.minutes,
        "next_at": moment_text(each.next_at, as_json=as_json),
        "started_at": moment_text(each.started_at, as_json=as_json),
        "message": each.message or (each.held_because if as_json else said(each.held_because)),
    }
