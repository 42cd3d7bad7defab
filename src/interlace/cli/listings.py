"""`interlace jobs` and `interlace settings`: what ran, and what is set."""

from typing import Annotated
from urllib.parse import urlsplit

import typer

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.cli.captions import direction_text, duration_text, moment_text, seconds_between
from interlace.cli.error_rows import ERROR_COLUMNS, error_row
from interlace.cli.options import (
    AnyMapping,
    ConnectionName,
    Json,
    State,
    config_of,
    mapping_called,
    opened,
)
from interlace.cli.output import Column, Output
from interlace.domain.synch_job import Counters, SynchJob, SynchJobType
from interlace.locale.translatable import translatable
from interlace.settings import SETTINGS, Config

_ID_LENGTH = 8
_SEARCHED_JOBS = 10_000
_COUNTED_ERRORS = 100_000

_JOB_COLUMNS = (
    Column(key="id", caption="Job"),
    Column(key="mapping", caption="Mapping"),
    Column(key="direction", caption="Direction"),
    Column(key="started_at", caption="Started"),
    Column(key="duration", caption="Duration", number=True),
    *(Column(key=name, caption=name.capitalize(), number=True) for name in Counters().as_dict()),
)
_SETTING_COLUMNS = (
    Column(key="name", caption="Setting"),
    Column(key="value", caption="Value"),
    Column(key="origin", caption="Origin"),
    Column(key="help", caption="What it does"),
)


def jobs(
    mapping: AnyMapping = None,
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
        name = mapping_called(application, held, mapping)
        found = application.state.queries.synch_jobs(held.id, mapping=name, limit=limit)
    columns: tuple[Column, ...] = _JOB_COLUMNS
    if any(each.type is not SynchJobType.SYNCHRONIZATION for each in found):
        columns = (*columns, Column(key="type", caption="Type"))
    if any(each.message for each in found):
        columns = (*columns, Column(key="message", caption="Message"))
    rows = [_job_row(each, as_json=as_json) for each in found]
    output.rows(columns, rows, empty="Nothing has run yet. Start with `interlace full-synch start`.")


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
        "secrets.key_file": config.key_file,
        "worker.name": config.worker_name,
        "worker.parallel_mappings": config.parallel_mappings,
        "synch.sweep_minutes": config.sweep_minutes,
        "synch.step_seconds": config.step_seconds,
        "http.timeout_seconds": config.timeout_seconds,
        "limits.erp": config.erp_limits,
        "limits.crm": config.crm_limits,
        "server.host": config.host,
        "server.port": config.port,
        "server.allowed_hosts": ",".join(config.allowed_hosts),
        "server.public_address": config.public_address,
        "server.tls_certificate": config.tls_certificate,
        "server.tls_key": config.tls_key,
        "server.metrics": config.metrics,
        "webhooks.address": config.webhook_address,
        "mail.server": config.mail_server,
        "mail.encryption": config.mail_encryption,
        "mail.sender": config.mail_sender,
        "mail.user": config.mail_user,
        "mail.password_file": config.mail_password_file,
        "mail.ca_file": config.mail_ca_file,
        "log.level": config.log_level,
    }


def _without_password(url: str) -> str:
    password = urlsplit(url).password
    return url if not password else url.replace(f":{password}@", ":***@", 1)


def _show_job(output: Output, application: Application, held: Connection, job_id: str) -> None:
    job = _find_job(application, held, job_id)
    output.record(_job_row(job, as_json=output.as_json, whole_id=True))
    found = application.state.queries.errors(held.id, job_id=job.id, limit=_COUNTED_ERRORS)
    rows = [error_row(each, as_json=output.as_json) for each in found]
    output.rows(ERROR_COLUMNS, rows, empty="None of its records stands on the error list.")


def _find_job(application: Application, held: Connection, job_id: str) -> SynchJob:
    """Return a job by its id or the beginning of it; raises ConnectionProblem unless exactly one fits."""
    recent = application.state.queries.synch_jobs(held.id, limit=_SEARCHED_JOBS)
    fitting = [job for job in recent if job.id.startswith(job_id.lower())]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise ConnectionProblem(
            translatable(
                "Several jobs begin with '{job}': {count}. Give more characters of the id.",
                job=job_id,
                count=len(fitting),
            )
        )
    raise ConnectionProblem(translatable("There is no job '{job}'. `interlace jobs` lists them.", job=job_id))


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
