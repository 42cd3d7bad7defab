"""`interlace couplings list` with filters: what waits to be listed is listed first."""

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.coupling_listing import list_couplings
from interlace.bootstrap.desk.couplings import add_couplings
from interlace.cli.asked_list import AskedList, listed
from interlace.cli.list_options import ListQuestion
from interlace.cli.output import Column, Output
from interlace.cli.spoken import words
from interlace.domain.keys import MappingName
from interlace.management.couplings import COUPLING_COLUMNS, LIST_COUPLINGS

_COLUMNS = tuple(Column(key=each.name, caption=each.caption) for each in COUPLING_COLUMNS)
_LISTED_AT_ONCE = 5_000


def show_couplings(
    application: Application,
    output: Output,
    connection: Connection,
    mapping: MappingName | None,
    question: ListQuestion,
    limit: int,
) -> None:
    """Write the first couplings that fit, as many as wanted, or all of them into a file; raises Refused."""
    wanted = AskedList(
        name=LIST_COUPLINGS.name,
        add=add_couplings,
        connection=connection.id,
        mapping=mapping,
        question=question,
    )
    catch_up(application, output)
    found = listed(application, output, wanted, limit)
    if found is None:
        return
    shown = [{each.key: getattr(row, each.key) for each in _COLUMNS} for row in found.rows]
    output.rows(_COLUMNS, shown, empty="No couplings fit.")
    if found.has_more:
        output.message(
            "There are more: filter more narrowly, raise --limit, or write all of them with --export."
        )


def catch_up(application: Application, output: Output) -> None:
    """List what waits for it: without a server nobody else does."""
    behind = application.state.coupling_listing.behind()
    if behind > _LISTED_AT_ONCE:
        output.message(
            words().n(
                "{count} coupling is not in the searchable list yet; it is put in first.",
                "{count} couplings are not in the searchable list yet; they are put in first.",
                behind,
            )
        )
    while list_couplings(application, _LISTED_AT_ONCE):
        pass
