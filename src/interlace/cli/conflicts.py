"""`interlace conflicts`: what both sides changed or one deleted, and a person's word on it."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, TypeAlias

import typer

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.conflict_decisions import ConflictDecisions, require_alike
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.machine_user import machine_user_name
from interlace.cli.captions import error_title, key_text, moment_text
from interlace.cli.consent import require_consent
from interlace.cli.exit_codes import ExitCode
from interlace.cli.list_options import ListedMapping, ListQuestion, with_list_options
from interlace.cli.options import ConnectionName, Json, State, mapping_called, opened
from interlace.cli.output import Column, Output
from interlace.cli.spoken import said, t
from interlace.domain.conflict import Choice, Conflict, ConflictRow, Decision, SideOfConflict, check_decision
from interlace.domain.values import Value
from interlace.engine.resolve_conflict import Resolution
from interlace.locale.translatable import translatable
from interlace.management.conflicts import ConflictRow as ListedConflict

commands = typer.Typer(help="Conflicts: records that await a person's decision.", no_args_is_help=True)

_LIST_COLUMNS = (
    Column(key="id", caption="Id"),
    Column(key="mapping", caption="Mapping"),
    Column(key="record", caption="Record"),
    Column(key="conflict", caption="Conflict"),
    Column(key="fields", caption="Fields"),
    Column(key="detected_at", caption="Since"),
)
_ROW_COLUMNS = (
    Column(key="field", caption="Field"),
    Column(key="erp_value", caption="ERP"),
    Column(key="agreed", caption="Agreed last"),
    Column(key="crm_value", caption="CRM"),
    Column(key="to_crm", caption="ERP right: CRM gets"),
    Column(key="to_erp", caption="CRM right: ERP gets"),
    Column(key="group", caption="Belongs to"),
)
_DONE_COLUMNS = (
    Column(key="id", caption="Id"),
    Column(key="record", caption="Record"),
    Column(key="settled", caption="Settled"),
    Column(key="message", caption="What was done, or why not"),
)
Id: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="CONFLICT", help="The conflict's id, or a record's key.", show_default=False),
]

Ids: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="CONFLICT...",
        help="The conflict's id, or a record's key; several are settled alike.",
        show_default=False,
    ),
]


@commands.command("list")
@with_list_options
def list_conflicts(
    mapping: ListedMapping = None,
    *,
    question: ListQuestion,
    limit: Annotated[int, typer.Option(help="Conflicts at most.", min=1)] = 100,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """List the conflicts that await a person, the newest first.

    Example: interlace conflicts list CUSTOMER --filter 'fields=*Phone_No*'
    """
    from interlace.bootstrap.desk.conflicts import add_conflicts
    from interlace.cli.asked_list import AskedList, listed

    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        wanted = AskedList(
            name="conflicts.list",
            add=add_conflicts,
            connection=held.id,
            mapping=mapping_called(application, held, mapping),
            question=question,
        )
        found = listed(application, output, wanted, limit)
        if found is None:
            return
        ids = [each.id for each in found.of(ListedConflict)]
        open_ones = application.state.queries.conflicts_called(held.id, ids)
    shown = [open_ones[each] for each in ids if each in open_ones]
    rows = [_json_of(each) if as_json else _list_row(each) for each in shown]
    output.rows(_LIST_COLUMNS, rows, empty="No conflicts.")
    found.tell_more(output)


@commands.command()
def show(
    conflict: Id, connection: ConnectionName = None, state: State = None, *, as_json: Json = False
) -> None:
    """Show a conflict: both sides, what they agreed on last, who changed them when, and what each choice would do.

    Example: interlace conflicts show 5f0c2a91d4
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        found = _found(application, held, conflict)
        alike = [each.id for each in application.state.queries.conflicts_alike(held.id, found)]
    if as_json:
        output.record({**_json_of(found), "alike": alike})
        return
    output.record(
        {
            translatable("conflict"): found.id,
            translatable("mapping"): found.mapping,
            translatable("record"): found.caption,
            translatable("what happened"): error_title(found.code.value),
            translatable("ERP record"): _side_text(found.erp),
            translatable("CRM record"): _side_text(found.crm),
            translatable("since"): moment_text(found.detected_at, as_json=False),
            translatable("possible choices"): [each.value for each in found.choices],
            translatable("conflicts of the same fields"): alike,
        }
    )
    output.stdout.write("\n")
    nothing = translatable("The record that is left holds what both sides agreed on last.")
    output.rows(_ROW_COLUMNS, [_row(each) for each in found.rows], empty=nothing)


@commands.command()
def resolve(
    conflicts: Ids,
    *,
    choose: Annotated[
        Choice | None,
        typer.Option(help="Who is right, or what becomes of a deletion.", show_default=False),
    ] = None,
    field: Annotated[
        list[str] | None,
        typer.Option(help="FIELD=erp or FIELD=crm, for single fields.", show_default=False),
    ] = None,
    remember: Annotated[
        bool, typer.Option("--remember", help="Make it the policy of these fields, or of deletions.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Decide conflicts of the same fields as they were shown; refused where a record has changed since.

    Example: interlace conflicts resolve 5f0c2a91d4 --choose erp
    Example: interlace conflicts resolve 5f0c2a91d4 --field Name=erp --field Phone_No=crm --remember
    Example: interlace conflicts resolve 5f0c2a91d4 81be07c3aa 30c1d9e4f7 --choose crm
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        found = _found(application, held, conflicts[0])
        further, gone = _further(application, held, found, conflicts[1:])
        decision = Decision(
            conflict_id=found.id, by=machine_user_name(), choice=choose, fields=_fields(found, field or [])
        )
        check_decision(found, decision)
        alike = [found, *further]
        require_alike(found, further)
        if choose is Choice.DELETE:
            records = ", ".join(each.caption for each in alike[:5]) + (" ..." if len(alike) > 5 else "")
            require_consent(t("Delete the record that is left of {records}?", records=records), given=yes)
        decisions = ConflictDecisions(application=application, connection=held)
        results = asyncio.run(decisions.resolve(alike, decision))
        if remember:
            decisions.remember(found, decision)
    rows = [_done_row(each) for each in results]
    rows += [{"id": each, "record": "", "settled": False, "message": said(_not_open(each))} for each in gone]
    output.rows(_DONE_COLUMNS, rows, empty="Nothing to settle.")
    if not all(each["settled"] for each in rows):
        raise typer.Exit(ExitCode.REMAINING)


def _found(application: Application, held: Connection, text: str) -> Conflict:
    """Find a conflict by its id or by a record's key; raises ConnectionProblem when that is not clear."""
    found = _called(application, held, text)
    if found is None:
        raise ConnectionProblem(_not_open(text))
    return found


def _further(
    application: Application, held: Connection, first: Conflict, texts: Sequence[str]
) -> tuple[list[Conflict], list[str]]:
    """Return the further conflicts that are named, and what names none that is open."""
    found = {text: _called(application, held, text) for text in texts}
    further = {each.id: each for each in found.values() if each is not None and each.id != first.id}
    return list(further.values()), [text for text, each in found.items() if each is None]


def _called(application: Application, held: Connection, text: str) -> Conflict | None:
    queries = application.state.queries
    found = list(queries.conflicts_called(held.id, [text]).values())
    found = found or queries.conflicts_of_record(held.id, text)
    if len(found) > 1:
        ids = ", ".join(f"{each.id} ({each.mapping})" for each in found)
        raise ConnectionProblem(
            translatable("{key} stands in several conflicts: {ids}. Name one of them.", key=text, ids=ids)
        )
    return found[0] if found else None


def _not_open(text: str) -> str:
    return translatable(
        "There is no open conflict {key}. If there was one, it is settled, or a record has changed since it was "
        "shown and the conflict has a new id: `interlace conflicts list` shows what is open.",
        key=text,
    )


def _done_row(each: Resolution) -> dict[str, object]:
    return {
        "id": each.conflict.id,
        "record": each.conflict.caption,
        "settled": each.settled,
        "message": said(each.message),
    }


def _fields(found: Conflict, texts: Sequence[str]) -> dict[str, Choice]:
    """Read FIELD=erp and FIELD=crm; a field is named by either side, and speaks for its whole group."""
    chosen: dict[str, Choice] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        wanted = name.strip().casefold()
        rows = [
            each
            for each in found.rows
            if wanted
            in {each.row.casefold(), (each.erp_field or "").casefold(), (each.crm_field or "").casefold()}
        ]
        if not sign or not rows or value.strip().lower() not in {Choice.ERP.value, Choice.CRM.value}:
            known = ", ".join(_field_text(each) for each in found.rows)
            msg = translatable(
                "“{text}” decides nothing here. Write FIELD=erp or FIELD=crm; fields in conflict: {known}.",
                text=text,
                known=known,
            )
            raise ConnectionProblem(msg)
        groups = {each.group for each in rows if each.group is not None}
        choice = Choice(value.strip().lower())
        chosen |= {each.row: choice for each in found.rows if each in rows or each.group in groups}
    return chosen


def _list_row(each: Conflict) -> dict[str, object]:
    return {
        "id": each.id,
        "mapping": each.mapping,
        "record": each.caption,
        "conflict": error_title(each.code.value),
        "fields": [_field_text(row) for row in each.rows],
        "detected_at": moment_text(each.detected_at, as_json=False),
    }


def _field_text(row: ConflictRow) -> str:
    return row.erp_field or row.crm_field or row.row


def _row(row: ConflictRow) -> dict[str, object]:
    names = [name for name in (row.erp_field, row.crm_field) if name]
    return {
        "field": " / ".join(names),
        "erp_value": _shown(row.erp_value),
        "agreed": _agreed_text(row),
        "crm_value": _shown(row.crm_value),
        "to_crm": _shown(row.to_crm),
        "to_erp": _shown(row.to_erp),
        "group": row.group,
    }


def _agreed_text(row: ConflictRow) -> str:
    if row.agreed is None:
        return t("not known")
    erp, crm = (_shown(value) for value in row.agreed)
    return erp if erp == crm else f"{erp} / {crm}"


def _shown(value: Value) -> str:
    return t("(blank)") if value is None else str(value)


def _side_text(side: SideOfConflict) -> str:
    if not side.is_there:
        return t("{key}: deleted", key=key_text(side.key))
    key, when = key_text(side.key), moment_text(side.changed_at, as_json=False)
    if when and side.changed_by:
        return t("{key}: changed last by {name} at {moment}", key=key, name=side.changed_by, moment=when)
    if when:
        return t("{key}: changed last at {moment}", key=key, moment=when)
    if side.changed_by:
        return t(
            "{key}: changed last by {name}, the service does not tell when", key=key, name=side.changed_by
        )
    return t("{key}: changed last, the service does not tell when", key=key)


def _json_of(each: Conflict) -> dict[str, object]:
    return {
        "id": each.id,
        "mapping": each.mapping,
        "record": each.caption,
        "kind": each.kind.value,
        "code": each.code.value,
        "detected_at": moment_text(each.detected_at, as_json=True),
        "erp": _json_of_side(each.erp),
        "crm": _json_of_side(each.crm),
        "choices": [choice.value for choice in each.choices],
        "fields": [_json_of_row(row) for row in each.rows],
    }


def _json_of_side(side: SideOfConflict) -> dict[str, object]:
    return {
        "key": key_text(side.key),
        "deleted": not side.is_there,
        "changed_by": side.changed_by,
        "changed_at": moment_text(side.changed_at, as_json=True),
    }


def _json_of_row(row: ConflictRow) -> dict[str, object]:
    return {
        "field": row.row,
        "erp_field": row.erp_field,
        "crm_field": row.crm_field,
        "erp_value": row.erp_value,
        "crm_value": row.crm_value,
        "agreed": row.agreed,
        "to_crm": row.to_crm,
        "to_erp": row.to_erp,
        "group": row.group,
    }
