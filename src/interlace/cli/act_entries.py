"""Keeps each act of a command in the audit log: who, when, what, of which connection, and how it ended."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

# Typer carries a command-line library of its own and publishes only some of it.
from typer._click.core import Context, ParameterSource
from typer._click.exceptions import ClickException
from typer._click.globals import get_current_context

from interlace.cli.acts import act_of
from interlace.cli.exit_codes import ExitCode
from interlace.locale.translatable import text_of, translatable
from interlace.management.noted_changes import Noted, noting
from interlace.management.refusal import Refused
from interlace.management.secret_text import HIDDEN, sounds_secret
from interlace.settings import Config, SettingsError

if TYPE_CHECKING:
    from interlace.bootstrap.application import Application

_NOT_TOLD: Final = frozenset({"state", "as_json", "connection"})
_DONE: Final = frozenset({ExitCode.OK, ExitCode.CHANGES_PENDING, ExitCode.REMAINING})


@dataclass(slots=True, kw_only=True)
class _Act:
    """An act that has begun."""

    name: str
    config: Config
    details: dict[str, object]
    changes: Noted = field(default_factory=dict)
    is_kept: bool = False
    """Whether the desk has kept it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ending:
    """How an act ended."""

    outcome: str = ""
    """Blank when it was done, else why not."""
    code: int = ExitCode.OK
    reason: str = ""

    def told(self) -> dict[str, object]:
        """Return what stands among the details."""
        told: dict[str, object] = {"exit_code": int(self.code)} if self.code else {}
        return {**told, "reason": _told("reason", self.reason)} if self.reason else told


@dataclass(slots=True)
class _CommandLine:
    """The command line at hand, and the act that it has begun."""

    act: _Act | None = None


_AT_HAND: ContextVar[_CommandLine | None] = ContextVar("command_line", default=None)


@contextmanager
def keeping_acts() -> Iterator[None]:
    """Keep what a command line does within, once it is at its end, whatever that is."""
    line = _CommandLine()
    token = _AT_HAND.set(line)
    try:
        yield
    except BaseException as end:
        _keep(line.act, _ending(end))
        raise
    else:
        _keep(line.act, _Ending())
    finally:
        _AT_HAND.reset(token)


def begin_act(config: Config) -> _Act | None:
    """Know from here on that the command at hand is an act upon this memory, if it is one.

    A command line that was wrong before its memory was asked for was no act.
    """
    line, context = _AT_HAND.get(), get_current_context(silent=True)
    if line is None or context is None or line.act is not None:
        return None if line is None else line.act
    given = {name: context.params[name] for name in context.params if _is_given(context, name)}
    act = act_of(_words(context), given)
    if act is not None:
        details: dict[str, object] = {"list": act.exported} if act.exported else {}
        details |= {name: _told(name, value) for name, value in given.items() if name not in _NOT_TOLD}
        line.act = _Act(name=act.name, config=config, details=details)
    return line.act


@contextmanager
def acting_on(application: "Application") -> Iterator[None]:
    """Note what the command at hand changes within, if it is an act."""
    act, context = begin_act(application.config), get_current_context(silent=True)
    if act is None or context is None:
        yield
        return
    _name_connection(act, application, context)
    with noting() as changes:
        try:
            yield
        finally:
            act.changes |= changes
            act.is_kept |= act.name in application.state.audit_log.appended


def _name_connection(act: _Act, application: "Application", context: Context) -> None:
    """Tell the connection by its name, also where it went without saying."""
    from interlace.bootstrap.connection_settings import ConnectionProblem

    parameter = "connection" if "connection" in context.params else "name"
    if parameter == "name" and not act.name.startswith(("connections.", "setup.")):
        return
    asked = context.params.get(parameter)
    act.details.pop(parameter, None)
    try:
        name = application.connection(asked).settings.name
    except ConnectionProblem:
        name = asked or ""
    act.details = {"connection": name, **act.details}


def _words(context: Context) -> str:
    """Return the words of a command without the program's name."""
    names: list[str] = []
    at: Context | None = context
    while at is not None and at.parent is not None:
        names.insert(0, at.info_name or "")
        at = at.parent
    return " ".join(names)


def _is_given(context: Context, name: str) -> bool:
    return context.get_parameter_source(name) is not ParameterSource.DEFAULT


def _told(name: str, value: object) -> object:
    from interlace.bootstrap.log_redaction import without_credentials

    if sounds_secret(name):
        return HIDDEN
    if isinstance(value, list | tuple):
        return [_told(name, each) for each in value]
    return without_credentials(str(value)) if isinstance(value, str | Path) else value


def _ending(end: BaseException) -> _Ending:
    """Tell how a command ended that did not come to its last line."""
    if isinstance(end, typer.Exit):
        return _Ending(outcome="" if end.exit_code in _DONE else _outcome(end.exit_code), code=end.exit_code)
    if isinstance(end, BrokenPipeError):
        return _Ending()
    if isinstance(end, KeyboardInterrupt | typer.Abort):
        return _Ending(outcome=_outcome(ExitCode.INTERRUPTED), code=ExitCode.INTERRUPTED)
    if isinstance(end, ClickException):
        code = ExitCode.CONFIGURATION
        return _Ending(outcome=_outcome(code), code=code, reason=end.message)
    from interlace.cli import failures

    known = failures.told(end) if isinstance(end, Exception) else None
    if known is None:
        defect = translatable("Something went wrong in Interlace")
        return _Ending(outcome=defect, code=ExitCode.ERROR, reason=type(end).__name__)
    if isinstance(end, Refused):
        return _Ending(outcome=str(end.title), code=known[1])
    return _Ending(outcome=_outcome(known[1]), code=known[1], reason=str(text_of(end)))


def _outcome(code: int) -> str:
    if code == ExitCode.INTERRUPTED:
        return translatable("Stopped")
    return translatable("Failed") if code == ExitCode.ERROR else translatable("Refused")


def _keep(act: _Act | None, ending: _Ending) -> None:
    """Append an entry, unless there is one already, or no memory that could hold it."""
    if act is None or act.is_kept or not _has_memory(act.config):
        return
    from sqlalchemy.exc import SQLAlchemyError

    from interlace.bootstrap.application import AUDIT_HEADS
    from interlace.bootstrap.audit_entries import keep_by_machine
    from interlace.store.state_store import StateStore

    heads = act.config.state_directory / AUDIT_HEADS
    try:
        with StateStore.open(act.config.database_url, audit_heads=heads) as state:
            keep_by_machine(
                state.audit_log, act.name, {**act.details, **ending.told()}, ending.outcome, act.changes
            )
    except (OSError, SQLAlchemyError) as problem:
        raise SettingsError(
            translatable(
                "How the command ended can't be kept in the audit log: {reason}. See to the memory in {directory} "
                "before you go on.",
                reason=str(problem).partition("\n")[0],
                directory=str(act.config.state_directory),
            )
        ) from problem


def _has_memory(config: Config) -> bool:
    """Whether there is a database, which nobody but a command that needs it should make."""
    from sqlalchemy import make_url

    url = make_url(config.database_url)
    return url.get_backend_name() != "sqlite" or url.database is None or Path(url.database).is_file()
