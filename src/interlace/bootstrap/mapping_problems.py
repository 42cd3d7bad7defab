"""Finds what is wrong with mappings by asking both ends which tables and fields they have."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.erp_services import accesses_of
from interlace.bootstrap.privileges import needed_privileges
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.domain.mapping_check import MappingProblem, check_mapping, check_mappings
from interlace.domain.privilege import Access
from interlace.domain.side import Side
from interlace.engine.ports import TableView
from interlace.engine.service import ServiceMismatch
from interlace.lead_to_cash.two_way_field_rows import TWO_WAY_MAPPINGS
from interlace.locale.translatable import text_of, translatable

_OPTION_SET_COLUMNS = {"value": "whole number", "label": "text"}


def mappings_to_check(
    application: Application, connection: Connection
) -> dict[MappingName, IntegrationTableMapping]:
    """Return all mappings of a connection in path order, also those that the way of orders carries out."""
    mappings = application.mappings(connection)
    if connection.settings.bidirectional_orders:
        mappings |= {each.name: each for each in TWO_WAY_MAPPINGS}
    return mappings


async def find_mapping_problems(
    application: Application, connection: Connection, names: Sequence[MappingName]
) -> list[MappingProblem]:
    """Check the named mappings one by one, and how they refer to the others."""
    mappings = mappings_to_check(application, connection)
    chosen = set(names)
    known = application.mappings(connection)
    needs = needed_privileges(application, connection, [name for name in names if name in known])
    problems = [each for each in check_mappings(list(mappings.values())) if each.mapping in chosen]
    async with application.ends(connection) as ends:
        for name in names:
            accesses = accesses_of(needs, name, mappings[name].erp_table)
            problems += await _problems_of(mappings[name], ends, accesses)
    return problems


async def columns_of(mapping: IntegrationTableMapping, ends: Ends, side: Side) -> Mapping[str, str]:
    """Return the fields of one of a mapping's tables with their kinds; the choices of an option set have two."""
    if side is Side.ERP:
        return await ends.erp.columns(mapping.erp_table)
    if mapping.choice_column is not None:
        return _OPTION_SET_COLUMNS
    return await ends.crm.columns(mapping.integration_table)


async def _problems_of(
    mapping: IntegrationTableMapping, ends: Ends, accesses: Sequence[Access]
) -> list[MappingProblem]:
    erp, erp_problems = await _columns(mapping, ends.erp.columns, mapping.erp_table)
    crm, crm_problems = await _columns(mapping, ends.crm.columns, mapping.integration_table)
    missing = [*erp_problems, *crm_problems]
    if not erp_problems:
        # A field that a page doesn't show is told below as one of the mapping's.
        fields = () if mapping.run_by_saga else mapping.erp_fields
        view = TableView(side=Side.ERP, table=mapping.erp_table, fields=tuple(set(fields) & erp.keys()))
        missing += [
            MappingProblem(mapping=mapping.name, row=None, message=gap.text)
            for gap in await ends.erp.gaps(view, accesses)
        ]
    if erp_problems or crm_problems:
        return missing
    if mapping.choice_column is not None:
        if mapping.choice_column not in crm:
            missing.append(_no_choice_column(mapping))
        crm = _OPTION_SET_COLUMNS
    return [*missing, *check_mapping(mapping, erp, crm)]


async def _columns(
    mapping: IntegrationTableMapping, ask: Callable[[str], Awaitable[Mapping[str, str]]], table: str
) -> tuple[Mapping[str, str], list[MappingProblem]]:
    try:
        return await ask(table), []
    except ServiceMismatch as problem:
        return {}, [MappingProblem(mapping=mapping.name, row=None, message=text_of(problem))]


def _no_choice_column(mapping: IntegrationTableMapping) -> MappingProblem:
    message = translatable(
        "The CRM's table {table} has no column {column}. Import the Interlace solution with `interlace solution "
        "import`, then check again.",
        table=mapping.integration_table,
        column=str(mapping.choice_column),
    )
    return MappingProblem(mapping=mapping.name, row=None, message=message)
