"""`interlace jobs`, `interlace errors` and `interlace settings`: what ran, what failed, what is set."""

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlsplit

import typer

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.cli.captions import direction_text, duration_text, key_text, moment_text, seconds_between
from interlace.cli.error_causes import awaited_text, causes_of
from interlace.cli.exit_codes import ExitCode
from interlace.cli.options import ConnectionName, Json, State, config_of, opened
from interlace.cli.output import Column, Output
from interlace.domain.synch_job import Counters, SynchJob, SynchJobType
from interlace.engine.ports import SynchError
from interlace.settings import SETTINGS, Config

_ID_LENGTH = 8
_SEARCHED_JOBS = 10_000
_COUNTED_ERRORS = 100_000
_CAUSES_MAX = 20

Mapping = Annotated[
    str | None, typer.Argument(help="Mapping, such as CUSTOMER; none: all of them.", show_default=False)
]

_JOB_COLUMNS = (
    Column(key="id", caption="Job"),
    Column(key="mapping", caption="Mapping"),
    Column(key="direction", caption="Direction"),
    Column(key="started_at", caption="Started"),
    Column(key="duration", caption="Duration", number=True),
    *(Column(key=name, caption=name.capitalize(), number=True) for name in Counters().as_dict()),
)
_ERROR_COLUMNS = (
    Column(key="code", caption="Code"),
    Column(key="mapping", caption="Mapping"),
    Column(key="direction", caption="Direction"),
    Column(key="record", caption="Record"),
    Column(key="message", caption="What happened, and what to do"),
    Column(key="times", caption="Times", number=True),
    Column(key="state", caption="State"),
)
_CAUSE_COLUMNS = (
    Column(key="count", caption="Records", number=True),
    Column(key="code", caption="Code"),
    Column(key="mappings", caption="Mappings"),
    Column(key="text", caption="Cause"),
)
_SETTING_COLUMNS = (
    Column(key="name", caption="Setting"),
    Column(key="value", caption="Value"),
    Column(key="origin", caption="Origin"),
    Column(key="help", caption="What it does"),
)


def jobs(
    mapping: Mapping = None,
    *,
    job: Annotated[
        str | None,
        typer.Option("--job", metavar="ID", help="One job with its errors.", show_default=False),
    ] = None,
    limit: Annotated[int, typer.Option(help="How many jobs, the newest first.", min=1)] = 50,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """List what ran, the newest first, with its eight counters; or show one job with its errors.

    Example: interlace jobs CUSTOMER --limit 5
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        if job is not None:
            _show_job(output, application, held, job)
            return
        name = _mapping_name(application, held, mapping)
        found = application.state.queries.synch_jobs(held.id, mapping=name, limit=limit)
    columns: tuple[Column, ...] = _JOB_COLUMNS
    if any(each.type is not SynchJobType.SYNCHRONIZATION for each in found):
        columns = (*columns, Column(key="type", caption="Type"))
    if any(each.message for each in found):
        columns = (*columns, Column(key="message", caption="Message"))
    rows = [_job_row(each, as_json=as_json) for each in found]
    output.rows(columns, rows, empty="Nothing has run yet. Start with `interlace full-synch start`.")


def errors(
    mapping: Mapping = None,
    *,
    limit: Annotated[int, typer.Option(help="How many errors, the newest first.", min=1)] = 100,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """List what could not be synchronized, with the reason, what to do, and the causes behind; exit code 3 if any.

    Example: interlace errors CUSTOMER --limit 20
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        name = _mapping_name(application, held, mapping)
        found = application.state.queries.errors(held.id, mapping=name, limit=_COUNTED_ERRORS)
    shown = found[:limit]
    rows = [_error_row(each, as_json=as_json) for each in shown]
    output.rows(_ERROR_COLUMNS, rows, empty="There are no errors.")
    if not found:
        return
    if not as_json:
        _show_causes(output, found, shown)
    raise typer.Exit(ExitCode.REMAINING)


def settings(state: State = None, *, as_json: Json = False) -> None:
    """Show every setting with its value, where the value comes from, and what it does.

    Example: interlace settings --json
    """
    config = config_of(state)
    values = setting_values(config)
    rows = [
        {
            "name": setting.name,
            "value": values[setting.name],
            "origin": config.origins[setting.name],
            "variable": setting.variable,
            "help": setting.help,
        }
        for setting in SETTINGS
    ]
    Output(as_json=as_json).rows(_SETTING_COLUMNS, rows, empty="")


def setting_values(config: Config) -> dict[str, object]:
    """Return the settings in force by name; a database's password is left out."""
    return {
        "state.directory": str(config.state_directory),
        "state.database_url": _without_password(config.database_url),
        "worker.name": config.worker_name,
        "worker.parallel_mappings": config.parallel_mappings,
        "synch.step_seconds": config.step_seconds,
        "http.timeout_seconds": config.timeout_seconds,
        "log.level": config.log_level,
    }


def _without_password(url: str) -> str:
    password = urlsplit(url).password
    return url if not password else url.replace(f":{password}@", ":***@", 1)


def _mapping_name(application: Application, held: Connection, mapping: str | None) -> str | None:
    return None if mapping is None else application.known_mappings(held, [mapping])[0]


def _show_job(output: Output, application: Application, held: Connection, job_id: str) -> None:
    job = _find_job(application, held, job_id)
    output.record(_job_row(job, as_json=output.as_json, whole_id=True))
    found = application.state.queries.errors(held.id, job_id=job.id, limit=_COUNTED_ERRORS)
    rows = [_error_row(each, as_json=output.as_json) for each in found]
    output.rows(_ERROR_COLUMNS, rows, empty="None of its records stands on the error list.")


def _find_job(application: Application, held: Connection, job_id: str) -> SynchJob:
    """Return a job by its id or the beginning of it; raises ConnectionProblem unless exactly one fits."""
    recent = application.state.queries.synch_jobs(held.id, limit=_SEARCHED_JOBS)
    fitting = [job for job in recent if job.id.startswith(job_id.lower())]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        msg = f"{len(fitting):,} jobs begin with {job_id!r}. Give more characters of the id."
    else:
        msg = f"There is no job {job_id!r}. `interlace jobs` lists them."
    raise ConnectionProblem(msg)


def _job_row(job: SynchJob, *, as_json: bool, whole_id: bool = False) -> dict[str, object]:
    seconds = seconds_between(job.started_at, job.finished_at)
    row: dict[str, object] = {
        "id": job.id if as_json or whole_id else job.id[:_ID_LENGTH],
        "mapping": job.mapping,
        "direction": direction_text(job.direction, as_json=as_json),
        "type": job.type.value,
        "started_at": moment_text(job.started_at, as_json=as_json),
    }
    if as_json:
        row |= {"finished_at": moment_text(job.finished_at, as_json=True), "seconds": seconds}
    else:
        row |= {"duration": duration_text(seconds)}
    return {**row, **job.counters.as_dict(), "message": job.message, "run_id": job.run_id}


def _error_row(error: SynchError, *, as_json: bool) -> dict[str, object]:
    return {
        "code": error.error.code.value,
        "mapping": error.mapping,
        "direction": direction_text(error.direction, as_json=as_json),
        "record": key_text(error.source_key),
        "message": error.error.message,
        "field": error.error.field,
        "waits_for": awaited_text(error) or None,
        "times": error.times,
        "state": _state_of(error),
        "at": moment_text(error.at, as_json=as_json),
        "job": error.job_id,
    }


def _state_of(error: SynchError) -> str:
    if error.error.waits_for is not None:
        return "waiting"
    return "skipped" if error.skipped else "tried again"


def _show_causes(output: Output, found: Sequence[SynchError], shown: Sequence[SynchError]) -> None:
    causes = causes_of(found)
    rows = [
        {"count": each.count, "code": each.code, "mappings": list(each.mappings), "text": each.text}
        for each in causes[:_CAUSES_MAX]
    ]
    output.stdout.write("\n")
    output.rows(_CAUSE_COLUMNS, rows, empty="")
    if len(causes) > _CAUSES_MAX:
        output.message(f"{len(causes) - _CAUSES_MAX:,} further causes; --json lists every error.")
    if len(shown) < len(found):
        output.message(f"{len(shown):,} of {len(found):,} errors are shown; --limit shows more.")
