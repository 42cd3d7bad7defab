"""Changes what a connection says for its orders, so that it stays something that can work."""

from collections.abc import Mapping
from dataclasses import replace

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem, ConnectionSettings
from interlace.domain.side import Side
from interlace.engine.ports import TableView
from interlace.lead_to_cash import mapping_names
from interlace.locale.translatable import translatable

ITEM = "item"
RESOURCE = "resource"
_TABLES = {
    ITEM: ("Item", mapping_names.ITEM_PRODUCT),
    RESOURCE: ("Resource", mapping_names.RESOURCE_PRODUCT),
}


async def change_order_settings(
    application: Application, connection: Connection, changes: Mapping[str, bool | str]
) -> Connection:
    """Store changed order settings; raises ConnectionProblem if they exclude each other or name what is not there."""
    # The annotations of replace can't follow a dictionary; the keys are field names of the class.
    settings = replace(connection.settings, **changes)  # type: ignore[arg-type]
    is_named = "write_in_product_number" in changes
    await check_order_settings(application, connection, settings, is_write_in_looked_at=is_named)
    return application.keep(replace(connection, settings=settings))


async def check_order_settings(
    application: Application,
    connection: Connection,
    settings: ConnectionSettings,
    *,
    is_write_in_looked_at: bool = True,
) -> None:
    """Raise ConnectionProblem for order settings that exclude each other or name what is not there."""
    if settings.order_integration and settings.bidirectional_orders:
        msg = translatable(
            "The sales order integration and two-way orders exclude each other: an order would be created twice. "
            "Switch one off in the same command, with --no-order-integration or --no-bidirectional-orders."
        )
        raise ConnectionProblem(msg)
    if is_write_in_looked_at and settings.write_in_product_number:
        await _check_write_in(application, connection, settings)


async def _check_write_in(
    application: Application, connection: Connection, settings: ConnectionSettings
) -> None:
    kind, number = settings.write_in_product_type, settings.write_in_product_number
    table, mapping = _TABLES[kind]
    async with application.ends(connection) as ends:
        found = await ends.erp.read_keys(TableView(side=Side.ERP, table=table, fields=("No",)), (number,))
    if found == [None]:
        msg = translatable(
            "The ERP has no {kind} {number}. Create it there first, or name another one; nothing was "
            "changed.",
            kind=kind,
            number=number,
        )
        raise ConnectionProblem(msg)
    if application.connection_store(connection).couplings_by_key(mapping, Side.ERP, [number]):
        msg = translatable(
            "The {kind} {number} is coupled with a CRM product, so it can't stand for products that "
            "are only named. Name another one, or remove its coupling; nothing was changed.",
            kind=kind,
            number=number,
        )
        raise ConnectionProblem(msg)
