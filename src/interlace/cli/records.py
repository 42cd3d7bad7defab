"""`interlace records`: records of both services as they are now; one is synchronized, or its partner created."""

from enum import StrEnum
from typing import Annotated, Any, TypeAlias

import msgspec
import typer

from interlace.cli.captions import key_text
from interlace.cli.options import ConnectionName, Json, OneMapping, State, opened
from interlace.cli.output import Column, Output
from interlace.cli.record_desk import ask
from interlace.cli.spoken import said, t
from interlace.management import record_changes, record_log, records
from interlace.management.record_changes import CreateRecords, RecordsChanged, SynchronizeRecords
from interlace.management.records import CompareRecords, FieldShown, ListRecords, RecordAsked, RecordRow

commands = typer.Typer(help="Records of both services as they are now.", no_args_is_help=True)


class ListedSide(StrEnum):
    """Whose records are meant."""

    ERP = "erp"
    CRM = "crm"


class View(StrEnum):
    """Which of them are listed."""

    ALL = "all"
    COUPLED = "coupled"
    UNCOUPLED = "uncoupled"
    FAILED = "failed"


class Way(StrEnum):
    """Whose values are carried over."""

    SEND = "send"
    GET = "get"


Key: TypeAlias = Annotated[str, typer.Argument(help="Key of the record.", show_default=False)]
Keys: TypeAlias = Annotated[
    list[str], typer.Argument(metavar="KEY", help="Keys of the records.", show_default=False)
]
Side: TypeAlias = Annotated[ListedSide, typer.Option(help="Whose records and keys are meant.")]
_LIST_COLUMNS = (
    Column(key="number", caption="Record"),
    Column(key="caption", caption="Name"),
    Column(key="status", caption="Coupled"),
    Column(key="partner", caption="Coupled with"),
    Column(key="code", caption="Error"),
)
_LOG_COLUMNS = (
    Column(key="started_at", caption="Started"),
    Column(key="direction", caption="Direction"),
    Column(key="type", caption="Type"),
    Column(key="action", caption="Written"),
    Column(key="problem", caption="Error"),
    Column(key="job", caption="Job"),
)
_FIELD_COLUMNS = (
    Column(key="erp_field", caption="ERP field"),
    Column(key="erp", caption="ERP value"),
    Column(key="crm_field", caption="CRM field"),
    Column(key="crm", caption="CRM value"),
    Column(key="state", caption="Difference"),
)


@commands.command("list")
def list_records(
    mapping: OneMapping,
    *,
    side: Side = ListedSide.ERP,
    view: Annotated[View, typer.Option(help="Which of them.")] = View.ALL,
    search: Annotated[str, typer.Option(help="Number or name, or words in them.", show_default=False)] = "",
    limit: Annotated[int, typer.Option(help="Records at most.", min=1, max=200)] = 50,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """List records of one side of a mapping, as its service has them now, and which of them are coupled.

    Example: interlace records list CUSTOMER --view uncoupled
    """
    output = Output(as_json=as_json)
    asked = {"mapping": mapping, "side": side.value, "view": view.value, "search": search, "limit": limit}
    with opened(state) as application:
        held = application.connection(connection)
        found = ask(application, records.LIST, msgspec.convert({**asked, "connection": held.id}, ListRecords))
    rows = [_row(each, found.columns) for each in found.rows]
    columns = (*_LIST_COLUMNS, *(Column(key=name, caption=name) for name in found.columns))
    output.rows(columns, rows, empty=t("No records fit."))
    if found.next_cursor:
        output.message(t("There are more: search more narrowly, or raise --limit."))


@commands.command()
def show(
    mapping: OneMapping,
    key: Key,
    *,
    side: Side = ListedSide.ERP,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Show a record beside its partner, field by field, and what changed since both agreed.

    Example: interlace records show CUSTOMER C00010
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        asked = RecordAsked(connection=held.id, mapping=mapping, key=key, side=side.value)
        shown = ask(application, records.SHOW, asked)
    head: dict[str, object] = {
        "mapping": shown.mapping,
        "erp_key": key_text(shown.erp.key),
        "crm_key": shown.crm.key,
        "status": shown.status,
        "error": shown.problems[0].message if shown.problems else "",
    }
    _write(output, head, shown.fields)


@commands.command()
def compare(
    mapping: OneMapping,
    erp_key: Annotated[str, typer.Argument(help="Key of the ERP record.", show_default=False)],
    crm_key: Annotated[str, typer.Argument(help="Id of the CRM record.", show_default=False)],
    connection: ConnectionName = None,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Set two records side by side before they are coupled.

    Example: interlace records compare CUSTOMER C00010 6f1c2d0e-7a35-5b0c-9a51-4e3f2a7c1d90
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        asked = CompareRecords(connection=held.id, mapping=mapping, erp_key=erp_key, crm_key=crm_key)
        found = ask(application, records.COMPARE, asked)
    head: dict[str, object] = {
        "erp_name": found.erp.caption,
        "crm_name": found.crm.caption,
        "erp_is_coupled_with": found.erp_is_coupled_with,
        "crm_is_coupled_with": found.crm_is_coupled_with,
    }
    _write(output, head, found.fields)


@commands.command("log")
def show_log(
    mapping: OneMapping,
    key: Key,
    *,
    side: Side = ListedSide.ERP,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Show the jobs that the record was in, and what became of it there.

    Example: interlace records log CUSTOMER C00010
    """
    with opened(state) as application:
        held = application.connection(connection)
        asked = RecordAsked(connection=held.id, mapping=mapping, key=key, side=side.value)
        found = ask(application, record_log.LOG, asked)
    rows = [
        {
            "started_at": each.started_at,
            "direction": each.direction,
            "type": each.type,
            "action": each.action,
            "problem": said(each.problem),
            "job": each.id,
        }
        for each in found.jobs
    ]
    Output(as_json=as_json).rows(_LOG_COLUMNS, rows, empty="No job of this record is remembered.")


@commands.command()
def synchronize(
    mapping: OneMapping,
    keys: Keys,
    *,
    side: Side = ListedSide.ERP,
    way: Annotated[
        Way | None,
        typer.Option(help="Send the ERP's values, or get the CRM's; none: what changed.", show_default=False),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Write over what the other side changed, too.")
    ] = False,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Synchronize coupled records now, whether they changed or not.

    Example: interlace records synchronize CUSTOMER C00010 --way send
    """
    with opened(state) as application:
        held = application.connection(connection)
        asked = SynchronizeRecords(
            connection=held.id,
            mapping=mapping,
            keys=tuple(keys),
            side=side.value,
            way="" if way is None else way.value,
            overwrite=overwrite,
        )
        _tell(Output(as_json=as_json), ask(application, record_changes.SYNCHRONIZE, asked))


@commands.command()
def create(
    mapping: OneMapping,
    keys: Keys,
    *,
    side: Side = ListedSide.ERP,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Create the partners of records that have none; one that matches is coupled instead.

    Example: interlace records create CUSTOMER C00010
    """
    with opened(state) as application:
        held = application.connection(connection)
        asked = CreateRecords(connection=held.id, mapping=mapping, keys=tuple(keys), side=side.value)
        _tell(Output(as_json=as_json), ask(application, record_changes.CREATE, asked))


def _row(each: RecordRow, columns: tuple[str, ...]) -> dict[str, Any]:
    values = {name: value.text for name, value in zip(columns, each.values, strict=True)}
    return {
        "number": each.number,
        "caption": each.caption,
        "status": each.status,
        "partner": each.partner,
        "code": each.code,
        **values,
    }


def _write(output: Output, head: dict[str, object], fields: tuple[FieldShown, ...]) -> None:
    rows = [
        {
            "erp_field": each.erp_field,
            "erp": each.erp.text,
            "crm_field": each.crm_field,
            "crm": each.crm.text,
            "state": each.state,
        }
        for each in fields
    ]
    if output.as_json:
        output.record({**head, "fields": rows})
        return
    output.record(head)
    output.stdout.write("\n")
    output.rows(_FIELD_COLUMNS, rows, empty="")


def _tell(output: Output, changed: RecordsChanged) -> None:
    output.record({"done": changed.done, "failed": changed.failed, "skipped": changed.skipped})
    output.message(f"{said(changed.message)}.")
