"""`interlace journal`: what Interlace wrote, and whether the record of it is as it was written."""

from typing import Annotated

import typer

from interlace.cli.captions import key_text, moment_text
from interlace.cli.exit_codes import ExitCode
from interlace.cli.options import ConnectionName, Json, State, mapping_called, opened
from interlace.cli.output import Column, Output
from interlace.cli.spoken import said, words
from interlace.domain.values import Value
from interlace.locale.translatable import as_sentence, translatable
from interlace.store.journal import JournalledWrite, JournalSelection

commands = typer.Typer(
    help="Journal: every write of Interlace, with what was there before.", no_args_is_help=True
)
_COLUMNS = (
    Column(key="sequence", caption="Entry", number=True),
    Column(key="at", caption="When"),
    Column(key="mapping", caption="Mapping"),
    Column(key="action", caption="Action"),
    Column(key="side", caption="Side"),
    Column(key="key", caption="Record"),
    Column(key="fields", caption="Fields: before -> after"),
)


@commands.command()
def show(
    key: Annotated[
        str | None,
        typer.Argument(help="Key of a record on either side; none: every record.", show_default=False),
    ] = None,
    *,
    mapping: Annotated[
        str | None, typer.Option("--mapping", help="Only this mapping.", show_default=False)
    ] = None,
    run: Annotated[
        str | None, typer.Option("--run", help="Only this run (its id).", show_default=False)
    ] = None,
    field: Annotated[
        str | None, typer.Option("--field", help="Only writes of this field.", show_default=False)
    ] = None,
    after: Annotated[int, typer.Option(help="Only entries behind this number.", min=0)] = 0,
    limit: Annotated[int, typer.Option(help="How many entries, in the order of writing.", min=1)] = 100,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Show the journal's entries in the order in which they were written.

    Example: interlace journal show C00010 --field name
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        name = mapping_called(application, held, mapping)
        selection = JournalSelection(
            key=key, mapping=name, run_id=run, field=field, after=after, limit=limit + 1
        )
        found = application.state.queries.journalled_writes(held.id, selection)
    rows = [_json_row(each) if as_json else _row(each) for each in found[:limit]]
    output.rows(_COLUMNS, rows, empty="The journal has no such entry.")
    if len(found) > limit:
        output.message(
            translatable("There are more: add {option}.", option=f"--after {found[limit - 1].sequence}")
        )


@commands.command()
def verify(connection: ConnectionName = None, state: State = None, *, as_json: Json = False) -> None:
    """Compute the journal's chain of digests anew; exit code 1 names the entry from which it does not hold.

    Example: interlace journal verify
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        verified = application.state.queries.verify_journal(held.id)
    files = [
        {
            "file": each.name,
            "lines": each.lines,
            "first_wrong": each.first_wrong,
            "torn": each.torn,
            "reason": each.reason,
        }
        for each in verified.files
    ]
    if as_json:
        output.record(
            {
                "holds": verified.holds,
                "entries": verified.entries,
                "first_wrong": verified.first_wrong,
                "reason": verified.reason,
                "files": files,
            }
        )
    elif verified.first_wrong is None:
        output.message(
            words().n(
                "The journal holds: {count} entry.", "The journal holds: {count} entries.", verified.entries
            )
        )
    else:
        output.message(
            translatable(
                "The journal does NOT hold from entry {entry} on: {reason}. All before it does (entries: {count}). "
                "Compare with a backup of the database.",
                entry=verified.first_wrong,
                reason=as_sentence(verified.reason),
                count=verified.entries,
            )
        )
    if not as_json:
        for each in verified.files:
            if each.first_wrong is not None:
                output.message(
                    translatable(
                        "{file} does NOT hold from line {line} on: {reason}.",
                        file=each.name,
                        line=each.first_wrong,
                        reason=as_sentence(each.reason),
                    )
                )
    raise typer.Exit(ExitCode.OK if verified.holds else ExitCode.ERROR)


def _row(each: JournalledWrite) -> dict[str, object]:
    entry = each.entry
    before = entry.before or {}
    names = entry.after or before
    changes = [f"{name}: {_text(before.get(name))} -> {_text(entry.after.get(name))}" for name in names]
    return {
        "sequence": each.sequence,
        "at": moment_text(each.at, as_json=False),
        "mapping": entry.mapping,
        "action": entry.action,
        "side": entry.side.value.upper(),
        "key": key_text(entry.key),
        "fields": said(translatable("erased")) if each.is_erased else "; ".join(changes),
    }


def _json_row(each: JournalledWrite) -> dict[str, object]:
    entry = each.entry
    return {
        "sequence": each.sequence,
        "at": moment_text(each.at, as_json=True),
        "mapping": entry.mapping,
        "action": entry.action,
        "side": entry.side.value,
        "key": entry.key,
        "source_key": entry.source_key,
        "job": entry.job_id,
        "before": entry.before,
        "after": entry.after,
        "lost": entry.lost,
        "erased": each.is_erased,
    }


def _text(value: Value) -> str:
    return "blank" if value is None else str(value)
