"""`interlace sandbox people`: who may sign in to the embedded services with a password, also while they run."""

import secrets
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from interlace.cli.options import Json
from interlace.cli.output import Column, Output
from interlace.locale.translatable import translatable

commands = typer.Typer(help="People who sign in to the embedded services.", no_args_is_help=True)

StateDirectory = Annotated[Path, typer.Option("--state", help="Directory of the services' records.")]
Name = Annotated[str, typer.Argument(help="Sign-in name, such as ada@example.com.", show_default=False)]

_PASSWORD_BYTES = 12
_COLUMNS = (
    Column(key="name", caption="Sign-in name"),
    Column(key="full_name", caption="Full name"),
    Column(key="enabled", caption="Enabled"),
)


@commands.command("list")
def list_people(state: StateDirectory = Path("sandbox"), *, as_json: Json = False) -> None:
    """List the people who have an account.

    Example: interlace sandbox people list --state sandbox
    """
    from interlace.bootstrap.sandbox_directory import ShownPerson, shared_directory

    with shared_directory(state) as directory:
        rows = [asdict(ShownPerson.of(each)) for each in directory.people()]
    Output(as_json=as_json).rows(_COLUMNS, rows, empty="Nobody.")


@commands.command("set-password")
def set_password(
    name: Name,
    state: StateDirectory = Path("sandbox"),
    *,
    full_name: Annotated[str, typer.Option(help="His name.")] = "",
    password_file: Annotated[
        str | None,
        typer.Option(help="File with the password, or - for standard input; none: a new one is made."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Give somebody a password, and an account if he has none; a password that was made is shown, once.

    Example: interlace sandbox people set-password ada@example.com --full-name "Ada Berg"
    """
    from interlace.bootstrap.sandbox_directory import set_person, shared_directory
    from interlace.cli.secret_sources import read_secret_file

    made = secrets.token_urlsafe(_PASSWORD_BYTES) if password_file is None else None
    password = (
        made or read_secret_file(translatable("password"), "--password-file", password_file or "-").strip()
    )
    with shared_directory(state) as directory:
        person = set_person(directory, name, full_name, password)
    output = Output(as_json=as_json)
    if made is None:
        output.record(asdict(person))
        return
    output.record({**asdict(person), "password": made})
    output.message("The password is shown this once: the directory keeps a hash of it only.")


@commands.command()
def disable(name: Name, state: StateDirectory = Path("sandbox"), *, as_json: Json = False) -> None:
    """Let somebody no longer sign in.

    Example: interlace sandbox people disable ada@example.com
    """
    _set_enabled(name, state, enabled=False, as_json=as_json)


@commands.command()
def enable(name: Name, state: StateDirectory = Path("sandbox"), *, as_json: Json = False) -> None:
    """Let somebody sign in again, with the password that he had.

    Example: interlace sandbox people enable ada@example.com
    """
    _set_enabled(name, state, enabled=True, as_json=as_json)


def _set_enabled(name: str, state: Path, *, enabled: bool, as_json: bool) -> None:
    from interlace.bootstrap.sandbox_directory import set_person_enabled, shared_directory

    with shared_directory(state) as directory:
        person = set_person_enabled(directory, name, enabled=enabled)
    Output(as_json=as_json).record(asdict(person))
