"""Options that commands share, and how they open Interlace."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from interlace.cli.act_entries import acting_on
from interlace.locale.translatable import translatable
from interlace.settings import Config, SettingsError, load_config

if TYPE_CHECKING:
    from interlace.bootstrap.application import Application, Connection
    from interlace.domain.keys import MappingName

Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Write JSON, one object a line.")]
State: TypeAlias = Annotated[
    Path | None,
    typer.Option("--state", help="State directory (setting state.directory).", show_default=False),
]
ConnectionName: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--connection", "-c", help="Connection; needed only if there are several.", show_default=False
    ),
]
Mappings: TypeAlias = Annotated[
    list[str] | None,
    typer.Argument(help="Mappings, such as CUSTOMER; none: all of them.", show_default=False),
]
OneMapping: TypeAlias = Annotated[
    str, typer.Argument(metavar="MAPPING", help="Mapping, such as CUSTOMER.", show_default=False)
]
AnyMapping: TypeAlias = Annotated[
    str | None, typer.Argument(help="Mapping, such as CUSTOMER; none: all of them.", show_default=False)
]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", help="Don't ask.")]


def config_of(state: Path | None, overrides: Mapping[str, str] | None = None) -> Config:
    """Gather the settings with the command line's."""
    given = {} if state is None else {"state.directory": str(state)}
    return load_config(overrides={**given, **(overrides or {})})


@contextmanager
def opened(state: Path | None, overrides: Mapping[str, str] | None = None) -> "Iterator[Application]":
    """Open Interlace for one command; `overrides` are settings that its own options set."""
    # Commands that have these options and nothing of ours to open do without all this.
    from interlace.bootstrap.log_redaction import start_logging
    from interlace.bootstrap.private_files import PRIVATE

    config = config_of(state, overrides)
    try:
        start_logging(config.log_level)
    except ValueError as problem:
        raise SettingsError(
            translatable(
                "Setting log.level must be DEBUG, INFO, WARNING or ERROR, not '{value}'.",
                value=config.log_level,
            )
        ) from problem
    # What is made from here on holds business data: databases, logs of services, plans.
    before = os.umask(PRIVATE)
    try:
        yield from _opened(config)
    finally:
        os.umask(before)


def _opened(config: Config) -> "Iterator[Application]":
    from sqlalchemy.exc import SQLAlchemyError

    from interlace.bootstrap.application import Application

    try:
        application = Application(config)
    except (OSError, ValueError, SQLAlchemyError) as problem:
        reason = str(problem).partition("\n")[0]
        raise SettingsError(
            translatable(
                "The memory in {directory} can't be opened: {reason}. `interlace doctor` looks closer.",
                directory=str(config.state_directory),
                reason=reason,
            )
        ) from problem
    with application, acting_on(application):
        yield application


def mapping_called(
    application: "Application", connection: "Connection", name: str | None
) -> "MappingName | None":
    """Return the mapping of a name, None where none is named; raises ConnectionProblem for one that is not there."""
    return None if name is None else application.known_mappings(connection, [name])[0]


def examples(*lines: str) -> str:
    """Put examples in front of a command's help, each on a line of its own."""
    return "Examples:\n\n" + "\n\n".join(f"    {line}" for line in lines)
