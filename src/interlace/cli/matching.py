"""`interlace couplings criteria`, and the dry run of `match`: by which fields records are found to be the same."""

import asyncio
from typing import Annotated

import typer

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.change_mapping import change_mapping
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.match_settings import (
    MATCHING,
    EnteredCriterion,
    check_matching,
    matching_of,
    may_be_matched,
)
from interlace.bootstrap.matching import MatchReading
from interlace.bootstrap.own_row_keeping import BothTables, read_both_tables
from interlace.cli.options import ConnectionName, Json, OneMapping, State, opened
from interlace.cli.output import Column, Output
from interlace.cli.spoken import said, t
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import key_text
from interlace.domain.side import Side
from interlace.locale.translatable import translatable
from interlace.store.encoding import JsonValue

_EXACT = "exact"
_NO_LIMIT = 1e9
_CRITERION_COLUMNS = (
    Column(key="erp_field", caption="ERP field"),
    Column(key="crm_field", caption="CRM field"),
    Column(key="case_sensitive", caption="Case-sensitive"),
    Column(key="priority", caption="Priority", number=True),
)
_MATCH_COLUMNS = (
    Column(key="result", caption="Result"),
    Column(key="erp_key", caption="ERP key"),
    Column(key="erp_record", caption="ERP record"),
    Column(key="crm_key", caption="CRM key"),
    Column(key="crm_record", caption="CRM record"),
)


def criteria(
    name: OneMapping,
    wanted: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FIELD=COLUMN[:PRIORITY][:exact]]",
            help="Criteria to keep in place of the present ones; none: show them.",
            show_default=False,
        ),
    ] = None,
    *,
    create_new: Annotated[
        bool | None, typer.Option("--create-new/--no-create-new", help="Create what none matches in the CRM.")
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Take all criteria back.")] = False,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Show or choose by which fields `couplings match` finds records of both sides to be the same.

    Criteria of one priority hold together; those of a lower number are asked first. Letter case does not count
    unless a criterion is exact. Nothing is coupled before `couplings match` runs.

    Example: interlace couplings criteria CUSTOMER E_Mail=emailaddress1:1 Name=name:2 Post_Code=address1_postalcode:2
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held, mapping = _mapping(application, connection, name)
        kept = matching_of(application.state.mapping_settings(held.id).get(mapping.name, {}), mapping)
        if wanted or clear or create_new is not None:
            entered = [_read(each) for each in wanted or ()] or [
                EnteredCriterion(
                    erp_field=each.erp_field,
                    crm_field=each.crm_field,
                    case_sensitive=each.case_sensitive,
                    priority=str(each.priority),
                )
                for each in kept.criteria
            ]
            creates = kept.create_new if create_new is None else create_new
            stored = {} if clear else _checked(application, held, mapping, entered, creates=creates)
            default = application.mappings_with(held, {})[mapping.name]
            change_mapping(application, held, default, {MATCHING: stored})
            kept = matching_of({MATCHING: stored} if stored else {}, mapping)
    rows = [
        {
            "erp_field": each.erp_field,
            "crm_field": each.crm_field,
            "case_sensitive": each.case_sensitive,
            "priority": each.priority,
        }
        for each in kept.criteria
    ]
    output.rows(_CRITERION_COLUMNS, rows, empty=t("There are no criteria."))
    if kept.create_new:
        output.message(t("What none matches is created in the CRM."))


def dry_run(
    application: Application, held: Connection, mapping: IntegrationTableMapping, output: Output
) -> None:
    """Show what the kept criteria would couple, without writing anything; raises ConnectionProblem without any."""
    kept = matching_of(application.state.mapping_settings(held.id).get(mapping.name, {}), mapping)
    if not kept.criteria:
        raise ConnectionProblem(
            translatable(
                "{mapping} has no criteria. Choose them with `interlace couplings criteria {mapping} FIELD=COLUMN`.",
                mapping=mapping.name,
            )
        )
    run = application.run_setup(held, mapping.name, run_id="", create_new=False, compare_all=False)
    reading = MatchReading(matching=kept)

    async def read() -> None:
        """Ask both ends."""
        async with application.ends(held) as ends:
            await reading.read(run, ends, seconds=_NO_LIMIT)

    asyncio.run(read())
    output.rows(_MATCH_COLUMNS, _rows(reading), empty=t("There are no uncoupled records in the ERP."))
    output.message(t("Nothing was written."))


def _rows(reading: MatchReading) -> list[dict[str, object]]:
    found, erp, crm = reading.matches(), reading.captions[Side.ERP], reading.captions[Side.CRM]
    couples = [("couple", each.erp_key, each.crm_key) for each in found.pairs]
    doubtful = [("ambiguous", key, one) for key, each in found.ambiguous.items() for one in each.candidates]
    without = [("no match", key, "") for key in found.unmatched]
    return [
        {
            "result": result,
            "erp_key": key_text(erp_key),
            "erp_record": erp.get(erp_key, ""),
            "crm_key": crm_key,
            "crm_record": crm.get(crm_key, ""),
        }
        for result, erp_key, crm_key in (*couples, *doubtful, *without)
    ]


def _read(text: str) -> EnteredCriterion:
    pair, *more = text.split(":")
    erp_field, sign, crm_field = pair.partition("=")
    numbers = [each for each in more if each.casefold() != _EXACT]
    if not sign or len(numbers) > 1:
        raise ConnectionProblem(
            translatable(
                "{text} is no criterion. Write FIELD=COLUMN, FIELD=COLUMN:2 or FIELD=COLUMN:2:exact.",
                text=repr(text),
            )
        )
    return EnteredCriterion(
        erp_field=erp_field,
        crm_field=crm_field,
        case_sensitive=len(numbers) != len(more),
        priority=numbers[0] if numbers else "",
    )


def _checked(
    application: Application,
    held: Connection,
    mapping: IntegrationTableMapping,
    entered: list[EnteredCriterion],
    *,
    creates: bool,
) -> dict[str, JsonValue]:
    if not may_be_matched(mapping):
        raise ConnectionProblem(
            translatable("Records of {mapping} are not matched by criteria.", mapping=mapping.name)
        )

    async def ask() -> BothTables:
        """Ask both ends."""
        async with application.ends(held) as ends:
            return await read_both_tables(mapping, ends)

    tables = asyncio.run(ask())
    checked = check_matching(entered, create_new=creates, mapping=mapping, erp=tables.erp, crm=tables.crm)
    if checked.problems:
        raise ConnectionProblem(" ".join(dict.fromkeys(said(each) for each in checked.problems.values())))
    return checked.stored


def _mapping(
    application: Application, connection: str | None, name: str
) -> tuple[Connection, IntegrationTableMapping]:
    held = application.connection(connection)
    return held, application.mappings(held)[application.known_mappings(held, [name])[0]]
