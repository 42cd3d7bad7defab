"""`interlace findings`: what the last verification found, record by record."""

from typing import Annotated

import msgspec
import typer

from interlace.bootstrap.desk.findings import add_findings
from interlace.cli.asked_list import AskedList, listed
from interlace.cli.list_options import ListQuestion, with_list_options
from interlace.cli.options import ConnectionName, Json, State, opened
from interlace.cli.output import Column, Output
from interlace.cli.spoken import said
from interlace.domain.keys import key_text
from interlace.management.findings import FINDING_CHOICES, LIST_FINDINGS, FindingRow
from interlace.management.listing import captions_of

commands = typer.Typer(
    help="Findings of the last verification: records and fields that stand out.", no_args_is_help=True
)

_COLUMNS = (
    Column(key="mapping", caption="Mapping"),
    Column(key="record", caption="Record"),
    Column(key="found", caption="State"),
    Column(key="side", caption="Side"),
    Column(key="erp_field", caption="ERP field"),
    Column(key="erp_value", caption="ERP value"),
    Column(key="crm_field", caption="CRM field"),
    Column(key="crm_value", caption="CRM value"),
    Column(key="reason", caption="Why"),
)
_CAPTIONS = captions_of(FINDING_CHOICES)


@commands.command("list")
@with_list_options
def list_findings(
    *,
    question: ListQuestion,
    limit: Annotated[int, typer.Option(help="Findings at most.", min=1)] = 100,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """List what the last verification found, here or in the web client: one line a record, or a field that differs.

    Example: interlace findings list --filter mapping=CUSTOMER --filter found=drifted
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        wanted = AskedList(
            name=LIST_FINDINGS.name,
            add=add_findings,
            connection=held.id,
            question=question,
        )
        found = listed(application, output, wanted, limit)
    if found is None:
        return
    rows = [
        msgspec.to_builtins(each, enc_hook=str) if as_json else _row(each) for each in found.of(FindingRow)
    ]
    output.rows(_COLUMNS, rows, empty="The last verification found nothing of this kind.")
    found.tell_more(output)


def _row(found: FindingRow) -> dict[str, object]:
    return {
        **msgspec.structs.asdict(found),
        "found": said(_CAPTIONS[found.found]),
        "side": found.side.upper(),
        "record": key_text(found.record),
        "reason": said(found.reason),
    }
