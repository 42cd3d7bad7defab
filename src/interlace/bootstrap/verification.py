"""Lets the judge compare both ends of a connection."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.orders import Orders
from interlace.bootstrap.own_mappings import OwnMapping, own_mappings
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.engine.memory import SynchError
from interlace.lead_to_cash.order_to_sales_order import ORDER_SAGA
from interlace.locale.translatable import joined, translatable
from interlace.verify.compare import Begun, verify
from interlace.verify.expectation import Expectation
from interlace.verify.expectation_of_tables import expectation_of, with_way_to_erp
from interlace.verify.expectations import EXPECTATIONS
from interlace.verify.own_conditions import SettingNotUnderstood
from interlace.verify.own_settings import OwnSettings
from interlace.verify.plain_reader import End
from interlace.verify.reference_book import VerifyFacts
from interlace.verify.verify_report import OpenError, VerifyReport

_ERRORS_MAX = 1_000_000


def verify_connection(application: Application, connection: Connection) -> VerifyReport:
    """Read both ends afresh and judge every record; the error list says which failures are known."""

    async def judge() -> VerifyReport:
        """Open both ends and let the judge compare them."""
        async with application.ends(connection) as ends:
            return await verify_ends(application, connection, ends)

    return asyncio.run(judge())


async def verify_ends(
    application: Application,
    connection: Connection,
    ends: Ends,
    begun: Begun = lambda _mapping, _done, _total: None,
) -> VerifyReport:
    """Judge both ends over channels that are open already; `begun` is told each mapping before it is judged.

    Raises ConnectionProblem for a setting of a mapping that the judge doesn't know.
    """
    errors = application.state.queries.errors(connection.id, limit=_ERRORS_MAX)
    known = [*map(_open_error, errors), *held_orders(Orders(application=application, connection=connection))]
    facts = VerifyFacts(
        erp_company_id=connection.settings.erp_company_id,
        base_currency_id=connection.settings.base_currency_id,
        default_price_list_id=connection.settings.default_price_list_id,
        work_date=datetime.now(UTC).date(),
        write_in_product=connection.settings.write_in_product,
        crm_organization_id=connection.settings.crm_organization_id,
        two_way_orders=connection.settings.bidirectional_orders,
        payment_discount_from_order=connection.settings.payment_discount_from_order,
        left_out=frozenset(application.mappings(connection)) - {*application.taking_part(connection)},
        owned_by_team=connection.settings.is_owned_by_team,
    )
    own = own_settings(application, connection)
    try:
        expectations = (*EXPECTATIONS, *added_expectations(application, connection))
        return await verify(ends.plain, facts, known, expectations, orders=True, own=own, begun=begun)
    except SettingNotUnderstood as problem:
        msg = translatable(
            "A mapping has a setting that verification does not understand: {setting}. Set the mapping back to its "
            "default, or report it.",
            setting=str(problem),
        )
        raise ConnectionProblem(msg) from problem


def own_settings(application: Application, connection: Connection) -> dict[str, OwnSettings]:
    """Return what users changed in each mapping, as it is kept, for the judge to read in its own way."""
    changes = application.state.mapping_settings(connection.id)
    defaults = application.mappings_with(connection, {})
    own: dict[str, OwnSettings] = {}
    for name, default in defaults.items():
        kept = {
            setting: value
            for setting, value in changes.get(name, {}).items()
            if value != getattr(default, setting, None)
        }
        if kept.get("direction") == default.direction.value:
            del kept["direction"]
        without_part: frozenset[str] = frozenset()
        if kept.get("direction"):
            way = Direction(kept["direction"])
            if way is not Direction.BIDIRECTIONAL:
                without_part = frozenset(
                    row.row_id for row in default.fields if not row.direction.allows(way)
                )
        own[name] = OwnSettings(kept=kept, without_part=without_part)
    return own


def added_expectations(application: Application, connection: Connection) -> list[Expectation]:
    """Return what must hold in the mappings that users added."""
    mappings = application.mappings(connection)
    return [_added(each, mappings[MappingName(each.name)]) for each in own_mappings(connection.settings)]


def _added(own: OwnMapping, mapping: IntegrationTableMapping) -> Expectation:
    expectation = expectation_of(
        mapping=own.name,
        erp_service=own.erp_service,
        erp_key=own.erp_key,
        crm_set=own.crm_set,
        crm_key=own.crm_key,
        crm_column=own.crm_column,
        reaches_crm=_creates(mapping, Direction.TO_INTEGRATION_TABLE),
    )
    if not own.reaches_erp:
        return expectation
    return with_way_to_erp(
        expectation,
        erp_key=own.erp_key,
        crm_column=own.crm_column,
        reaches_erp=_creates(mapping, Direction.FROM_INTEGRATION_TABLE),
    )


def _creates(mapping: IntegrationTableMapping, way: Direction) -> bool:
    return mapping.direction.allows(way) and not mapping.synch_only_coupled_records


def held_orders(orders: Orders) -> Iterator[OpenError]:
    """Yield what holds each order that is held, by the keys of the documents concerned."""
    for each in orders.listed(held=True, limit=_ERRORS_MAX):
        first = each.problems[0]
        began_in_erp = each.mapping != ORDER_SAGA.name
        keys = [(End.ERP if began_in_erp else End.CRM, each.key)]
        if each.partner is not None:
            keys.append((End.CRM if began_in_erp else End.ERP, each.partner))
        message = joined(text for problem in each.problems for text in (problem.what, problem.remedy))
        for end, key in keys:
            yield OpenError(mapping=ORDER_SAGA.name, end=end, key=key, code=first.code, message=message)


def _open_error(error: SynchError) -> OpenError:
    end = End.ERP if error.direction is Direction.TO_INTEGRATION_TABLE else End.CRM
    return OpenError(
        mapping=error.mapping,
        end=end,
        key=error.source_key,
        code=error.error.code.value,
        message=error.error.message,
    )
