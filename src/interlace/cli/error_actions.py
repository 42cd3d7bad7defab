"""`interlace errors settle` and `find-deleted`: what a person does with records of the error list."""

from enum import StrEnum
from typing import Annotated

import typer

from interlace.bootstrap.desk.record_table import record_table
from interlace.cli.options import AnyMapping, ConnectionName, Json, OneMapping, State, opened
from interlace.cli.output import Output
from interlace.cli.record_desk import ask
from interlace.cli.spoken import said
from interlace.domain.side import Side
from interlace.management import error_actions
from interlace.management.error_actions import FindDeleted, SettleErrors, place_text


class Action(StrEnum):
    """What is done with the records."""

    RETRY = "retry"
    SYNCHRONIZE = "synchronize"
    REMOVE_COUPLING = "remove-coupling"
    RESTORE = "restore"
    DELETE = "delete"


class ErrorSide(StrEnum):
    """Whose keys are given."""

    ERP = "erp"
    CRM = "crm"


def settle(
    action: Annotated[Action, typer.Argument(help="What is done with the records.", show_default=False)],
    mapping: OneMapping,
    keys: Annotated[
        list[str], typer.Argument(metavar="KEY", help="Keys of the records.", show_default=False)
    ],
    *,
    side: Annotated[ErrorSide, typer.Option(help="Whose keys are given.")] = ErrorSide.ERP,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Do the same with records of the error list: restore and delete are for pairs of which one record is gone.

    Example: interlace errors settle restore CUSTOMER C00010
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        table = record_table(application, held, mapping)
        records = tuple(
            place_text(side.value, table.mapping.name, table.key(Side(side.value), key)) for key in keys
        )
        asked = SettleErrors(connection=held.id, action=action.value, records=records)
        changed = ask(application, error_actions.SETTLE, asked)
    output.record({"done": changed.done, "failed": changed.failed, "skipped": changed.skipped})
    output.message(f"{said(changed.message)}.")


def find_deleted(
    mapping: AnyMapping = None,
    *,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Look for coupled records that are not there any more; they appear on the error list.

    Example: interlace errors find-deleted CUSTOMER
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        asked = FindDeleted(connection=held.id, mapping=mapping or "")
        changed = ask(application, error_actions.FIND_DELETED, asked)
    output.record({"mappings": changed.done})
    output.message(said(changed.message))
