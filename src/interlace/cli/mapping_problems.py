"""Finds what is wrong with mappings by asking both ends which tables and fields they have."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.ends import Ends
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.domain.mapping_check import MappingProblem, check_mapping, check_mappings
from interlace.engine.service import ServiceMismatch
from interlace.lead_to_cash.two_way_field_rows import TWO_WAY_MAPPINGS

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
    problems = [each for each in check_mappings(list(mappings.values())) if each.mapping in chosen]
    async with application.ends(connection) as ends:
        for name in names:
            problems += await _problems_of(mappings[name], ends)
    return problems


async def _problems_of(mapping: IntegrationTableMapping, ends: Ends) -> list[MappingProblem]:
    erp, erp_problems = await _columns(mapping, ends.erp.columns, mapping.erp_table)
    crm, crm_problems = await _columns(mapping, ends.crm.columns, mapping.integration_table)
    missing = [*erp_problems, *crm_problems]
    if missing:
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
        return {}, [MappingProblem(mapping=mapping.name, row=None, message=str(problem))]


def _no_choice_column(mapping: IntegrationTableMapping) -> MappingProblem:
    message = (
        f"The CRM's table {mapping.integration_table} has no column {mapping.choice_column}. "
        "Import the Interlace solution with `interlace solution import`, then check again."
    )
    return MappingProblem(mapping=mapping.name, row=None, message=message)
