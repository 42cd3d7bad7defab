"""`interlace doctor`: what is missing or wrong on this machine or with a connection, and the fix."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import typer
from sqlalchemy.exc import SQLAlchemyError

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_checks import Check, CheckState, check_connection, has_problem
from interlace.bootstrap.fingerprint import NotAtHome, require_home
from interlace.bootstrap.freezes import freeze_now
from interlace.bootstrap.full_synchronization import FullSynchronization
from interlace.bootstrap.mapping_problems import find_mapping_problems, mappings_to_check
from interlace.bootstrap.secret_age import days_old, is_old
from interlace.bootstrap.secret_sources import SOURCES
from interlace.cli.checks import exit_code_of, show_checks
from interlace.cli.exit_codes import ExitCode
from interlace.cli.machine_checks import check_machine
from interlace.cli.options import ConnectionName, Json, State, config_of
from interlace.cli.output import Output
from interlace.engine.service import ServiceFailure
from interlace.locale.translatable import as_sentence, text_of, translatable
from interlace.settings import Config
from interlace.store.secrets import SecretUnreadable


def doctor(connection: ConnectionName = None, state: State = None, *, as_json: Json = False) -> None:
    """Look at this machine, the memory, and every connection with both its ends; name each problem with its fix.

    Example: interlace doctor
    """
    output = Output(as_json=as_json)
    config = config_of(state)
    checks = check_machine(config)
    if not has_problem(checks):
        checks += _check_memory(config, connection)
    show_checks(output, checks)
    counts = {each: sum(check.state is each for check in checks) for each in CheckState}
    output.message(
        translatable(
            "{ok} ok, {warnings} to look at, {problems} to correct.",
            ok=counts[CheckState.OK],
            warnings=counts[CheckState.WARNING],
            problems=counts[CheckState.PROBLEM],
        )
    )
    raise typer.Exit(ExitCode.CONFIGURATION if exit_code_of(checks) else ExitCode.OK)


def _check_memory(config: Config, name: str | None) -> list[Check]:
    """Open the database and go on with what it holds."""
    try:
        application = Application(config)
    except (OSError, ValueError, SQLAlchemyError) as problem:
        reason = str(problem).partition("\n")[0]
        remedy = translatable(
            "Correct the setting state.database_url, put the files back from a backup, "
            "or name another --state directory."
        )
        return [
            Check(subject=translatable("Database"), state=CheckState.PROBLEM, message=reason, remedy=remedy)
        ]
    with application:
        kind = "PostgreSQL" if application.state.is_shared else "SQLite"
        message = translatable("{kind}, opens and is up to date", kind=kind)
        checks = [Check(subject=translatable("Database"), message=message)]
        connections = application.connections() if name is None else [application.connection(name)]
        if not connections:
            message = translatable("There is no connection yet.")
            remedy = translatable("Make one with `interlace connection add`, or try `interlace demo`.")
            checks.append(
                Check(
                    subject=translatable("Connection"),
                    state=CheckState.WARNING,
                    message=message,
                    remedy=remedy,
                )
            )
        for each in connections:
            found = _check_one(application, each)
            checks += found if len(connections) == 1 else [_of_connection(each, check) for check in found]
        return checks


def _of_connection(connection: Connection, check: Check) -> Check:
    """Name the connection in front of what was looked at."""
    subject = translatable(
        "{connection}: {check}", connection=connection.settings.name, check=as_sentence(check.subject)
    )
    return replace(check, subject=subject)


def _check_one(application: Application, connection: Connection) -> list[Check]:
    checks = [_is_enabled(connection), *_is_elsewhere(application, connection), *_is_frozen(connection)]
    try:
        ends = asyncio.run(check_connection(application, connection))
    except SecretUnreadable as problem:
        name = connection.settings.name
        remedy = f"`interlace connection change {name} --erp-key-file FILE --crm-secret-file FILE`"
        message = text_of(problem)
        subject = translatable("Secrets")
        ends = [Check(subject=subject, state=CheckState.PROBLEM, message=message, remedy=remedy)]
    checks += ends
    if not has_problem(ends):
        checks.append(asyncio.run(_check_mappings(application, connection)))
    checks += _old_secrets(application, connection)
    checks += _open_errors(application, connection)
    checks += _unfinished(application, connection)
    return checks


def _old_secrets(application: Application, connection: Connection) -> Iterator[Check]:
    """Tell which secrets should be renewed: a service may end them any day, and who copied one has it for long."""
    options = {each.secret: each.option for each in SOURCES}
    for trace in application.state.secret_traces(application.seals()):
        if trace.connection_id == connection.id and trace.name in options and is_old(days := days_old(trace)):
            command = f"interlace connection change {connection.settings.name} {options[trace.name]} FILE"
            yield Check(
                subject=translatable("Secrets"),
                state=CheckState.WARNING,
                message=translatable("{secret} is {days} days old.", secret=trace.name, days=days),
                remedy=translatable(
                    "Renew it at its service, then store it: {command}", command=f"`{command}`"
                ),
            )


def _is_enabled(connection: Connection) -> Check:
    settings = connection.settings
    subject = translatable("Connection")
    if settings.enabled:
        return Check(subject=subject, message=translatable("{name} is enabled", name=settings.name))
    return Check(
        subject=subject,
        state=CheckState.WARNING,
        message=translatable("{name} is not enabled: nothing is synchronized.", name=settings.name),
        remedy=translatable(
            "Enable it with {command}.", command=f"`interlace connection enable {settings.name}`"
        ),
    )


def _is_elsewhere(application: Application, connection: Connection) -> Iterator[Check]:
    """Tell when the connection is bound to another place or to other ends."""
    try:
        require_home(connection.settings, application.config)
    except NotAtHome as problem:
        yield Check(
            subject=translatable("Place"),
            state=CheckState.PROBLEM,
            message=text_of(problem),
            remedy=translatable(
                "{command}, once the other one is stopped.",
                command=f"`interlace connection rebind {connection.settings.name}`",
            ),
        )


def _is_frozen(connection: Connection) -> Iterator[Check]:
    """Tell in a freeze window that the ERP is not written to now."""
    window = freeze_now(connection.settings)
    if window is not None:
        yield Check(
            subject=translatable("Freeze window"),
            state=CheckState.WARNING,
            message=translatable(
                "Frozen until {until} ({reason}): nothing is written to the ERP.",
                until=window.end,
                reason=window.reason,
            ),
            remedy=translatable("Wait for its end; `interlace freeze list` shows the windows."),
        )


async def _check_mappings(application: Application, connection: Connection) -> Check:
    subject = translatable("Mappings")
    names = list(mappings_to_check(application, connection))
    try:
        problems = await find_mapping_problems(application, connection, names)
    except ServiceFailure as problem:
        return Check(
            subject=subject,
            state=CheckState.PROBLEM,
            message=text_of(problem),
            remedy=translatable("Correct what is named, then run doctor again."),
        )
    if not problems:
        message = translatable("All {count} fit the tables and fields of both ends", count=len(names))
        return Check(subject=subject, message=message)
    concerned = ", ".join(dict.fromkeys(str(each.mapping) for each in problems))
    return Check(
        subject=subject,
        state=CheckState.PROBLEM,
        message=translatable("Problems: {count}, in {mappings}.", count=len(problems), mappings=concerned),
        remedy=translatable("`interlace mappings check` names each."),
    )


def _open_errors(application: Application, connection: Connection) -> Iterator[Check]:
    counts = application.state.queries.count_errors(connection.id)
    total = sum(counts.values())
    if not total:
        yield Check(
            subject=translatable("Errors"), message=translatable("No record stands on the error list")
        )
        return
    names = ", ".join(dict.fromkeys(str(name) for name, _ in counts))
    yield Check(
        subject=translatable("Errors"),
        state=CheckState.WARNING,
        message=translatable("{count} on the error list, of {mappings}.", count=total, mappings=names),
        remedy=translatable("`interlace errors` names them with their causes."),
    )


def _unfinished(application: Application, connection: Connection) -> Iterator[Check]:
    review = FullSynchronization(application=application).unfinished(connection)
    if review is not None:
        yield Check(
            subject=translatable("Full synchronization"),
            state=CheckState.WARNING,
            message=translatable("One was begun and is not over."),
            remedy=translatable("If none is at work now, go on with `interlace full-synch start`."),
        )
