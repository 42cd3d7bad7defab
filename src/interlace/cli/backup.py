"""`interlace backup`: the memory in one encrypted file, and back."""

from pathlib import Path
from typing import Annotated

import typer

from interlace.bootstrap.application import JOURNAL_DIRECTORY
from interlace.bootstrap.backup_erasing import erase_in_backup
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.cli.act_entries import begin_act
from interlace.cli.options import Json, State, config_of, opened
from interlace.cli.output import Output
from interlace.cli.secret_sources import read_secret_file
from interlace.locale.translatable import joined, translatable
from interlace.settings import Config
from interlace.store.backup_file import DATABASE_NAME, make_backup, restore_backup

commands = typer.Typer(
    help="Backups: the memory in one file, encrypted with a passphrase of its own.", no_args_is_help=True
)
PassphraseFile = Annotated[
    str,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        help="File with the passphrase; '-' reads standard input.",
        prompt=False,
    ),
]
_KEYS_APART = translatable(
    "The key file is not in the backup: keep it elsewhere. Without it, enter the secrets again."
)


@commands.command()
def make(
    file: Annotated[Path, typer.Argument(help="File to write; it must not exist.")],
    passphrase_file: PassphraseFile,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Write the database and the journal into one encrypted file, while everything runs on.

    Example: interlace backup make interlace.backup --passphrase-file passphrase.txt
    """
    output = Output(as_json=as_json)
    config = config_of(state)
    begin_act(config)
    database = _database(config)
    if not database.is_file():
        raise ConnectionProblem(
            translatable("There is no database {file}. Name its directory with --state.", file=str(database))
        )
    size = make_backup(
        database, config.state_directory / JOURNAL_DIRECTORY, file, _passphrase(passphrase_file)
    )
    output.record({"file": str(file), "bytes": size, "encrypted": True})
    output.message(_KEYS_APART)


@commands.command()
def restore(
    file: Annotated[Path, typer.Argument(help="File that `interlace backup make` wrote.", exists=True)],
    passphrase_file: PassphraseFile,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Unpack a backup into a state directory that has no database yet.

    Example: interlace backup restore interlace.backup --passphrase-file passphrase.txt --state restored
    """
    output = Output(as_json=as_json)
    config = config_of(state)
    begin_act(config)
    _database(config)
    names = restore_backup(file, config.state_directory, _passphrase(passphrase_file))
    output.record({"state_directory": str(config.state_directory), "files": len(names)})
    lets_write = translatable("`interlace connection rebind` lets this memory write.")
    output.message(joined([_KEYS_APART, lets_write]))


@commands.command()
def erase(
    file: Annotated[Path, typer.Argument(help="File that `interlace backup make` wrote.", exists=True)],
    passphrase_file: PassphraseFile,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Write a backup anew without the records that were erased here since it was made.

    Example: interlace backup erase interlace.backup --passphrase-file passphrase.txt
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        told = erase_in_backup(file, _passphrase(passphrase_file), application.state.erasures())
    output.record({"file": str(file), "records": told.records, "entries": told.entries, "lines": told.lines})


def _database(config: Config) -> Path:
    database = config.state_directory / DATABASE_NAME
    if config.database_url != f"sqlite:///{database}":
        raise ConnectionProblem(
            translatable(
                "This memory is not the SQLite file of its state directory. Back it up with its own tools, such as "
                "pg_dump."
            )
        )
    return database


def _passphrase(file: str) -> str:
    return read_secret_file(translatable("passphrase"), "--passphrase-file", file).strip()
