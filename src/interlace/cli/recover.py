"""`interlace recover`: rebuilds the couplings from the two services when the database is lost."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.recovery import RecoveredMapping, Recoverer
from interlace.cli.exit_codes import ExitCode
from interlace.cli.options import ConnectionName, Json, State, opened
from interlace.cli.output import Column, Output

_COLUMNS = (
    Column(key="mapping", caption="Mapping"),
    Column(key="pairs", caption="Pairs", number=True),
    Column(key="by_columns", caption="Named by the CRM", number=True),
    Column(key="by_key", caption="By key", number=True),
    Column(key="by_match", caption="By match rule", number=True),
    Column(key="one_sided", caption="Partner gone", number=True),
    Column(key="added", caption="Coupled now", number=True),
    Column(key="agreed", caption="Equal", number=True),
    Column(key="differing", caption="Different", number=True),
    Column(key="doubtful", caption="For a person", number=True),
)


def recover(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show which pairs would be coupled; store nothing.")
    ] = False,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Rebuild the couplings from the two services alone, because our own database is lost.

    Make and enable the connection again first. Nothing is written to either service. Pairs whose records differ
    are coupled, too: the next run asks a person about each field that differs.

    Example: interlace recover --dry-run
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        found = asyncio.run(_recover(application, held, output, dry_run=dry_run))
    output.rows(_COLUMNS, [_row(each) for each in found], empty="No mapping.")
    doubts = [text for each in found for text in each.recovery.doubtful]
    if not as_json:
        for text in doubts:
            output.message(text)
        _tell_next_step(output, found, dry_run=dry_run)
    raise typer.Exit(_exit_code(found, dry_run=dry_run))


async def _recover(
    application: Application, held: Connection, output: Output, *, dry_run: bool
) -> list[RecoveredMapping]:
    async with application.ends(held) as ends:
        recoverer = Recoverer(application=application, connection=held, ends=ends, tell=output.message)
        return await recoverer.recover(dry_run=dry_run)


def _row(each: RecoveredMapping) -> dict[str, object]:
    recovery = each.recovery
    return {
        "mapping": each.mapping,
        "pairs": len(recovery.pairs),
        "by_columns": recovery.by_columns,
        "by_key": recovery.by_key,
        "by_match": recovery.by_match,
        "one_sided": len(recovery.one_sided),
        "added": recovery.added,
        "agreed": each.agreed,
        "differing": each.differing,
        "doubtful": len(recovery.doubtful),
    }


def _tell_next_step(output: Output, found: Sequence[RecoveredMapping], *, dry_run: bool) -> None:
    if dry_run:
        output.message("Nothing was stored. `interlace recover` couples these pairs.")
    elif any(each.differing for each in found):
        output.message(
            "The next run lists the records that differ as conflicts, because nobody knows any more which side "
            "changed. See them with `interlace synch`, then `interlace errors`."
        )
    else:
        output.message("Every recovered pair is equal on both sides.")


def _exit_code(found: Sequence[RecoveredMapping], *, dry_run: bool) -> ExitCode:
    if dry_run:
        return ExitCode.CHANGES_PENDING if any(each.recovery.pairs for each in found) else ExitCode.OK
    left = any(each.differing or each.recovery.doubtful for each in found)
    return ExitCode.REMAINING if left else ExitCode.OK
