"""`interlace orders settings`: how orders travel, and what becomes of products that are only named."""

import asyncio
from typing import Annotated

import typer

from interlace.bootstrap.connection_settings import ConnectionProblem, ConnectionSettings
from interlace.bootstrap.order_switches import ITEM, RESOURCE, change_order_settings
from interlace.cli.options import ConnectionName, Json, State, opened
from interlace.cli.output import Output
from interlace.locale.translatable import translatable


def settings(
    *,
    order_integration: Annotated[
        bool | None,
        typer.Option("--order-integration/--no-order-integration", help="CRM orders become ERP orders."),
    ] = None,
    bidirectional_orders: Annotated[
        bool | None,
        typer.Option(
            "--bidirectional-orders/--no-bidirectional-orders",
            help="Orders are kept in step both ways; excludes the order integration.",
        ),
    ] = None,
    write_in_item: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="Item that write-in products become.", show_default=False),
    ] = None,
    write_in_resource: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="Resource that write-in products become.", show_default=False),
    ] = None,
    no_write_in: Annotated[
        bool, typer.Option("--no-write-in", help="Hold orders with write-in products.")
    ] = False,
    check_credit_limit: Annotated[
        bool | None,
        typer.Option(
            "--check-credit-limit/--no-check-credit-limit",
            help="Hold orders whose customer would owe more than the credit limit allows.",
        ),
    ] = None,
    require_salesperson: Annotated[
        bool | None,
        typer.Option(
            "--require-salesperson/--no-require-salesperson",
            help="Hold orders whose owner is no ERP salesperson.",
        ),
    ] = None,
    payment_discount_from_order: Annotated[
        bool | None,
        typer.Option(
            "--payment-discount-from-order/--no-payment-discount-from-order",
            help="Enter the order's discount in percent as payment discount too: early payers get it twice.",
        ),
    ] = None,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Show what a connection says for its orders; with options, change it first.

    Example: interlace orders settings --write-in-item EXTRA --check-credit-limit
    """
    switches = {
        "order_integration": order_integration,
        "bidirectional_orders": bidirectional_orders,
        "check_credit_limit": check_credit_limit,
        "require_salesperson": require_salesperson,
        "payment_discount_from_order": payment_discount_from_order,
    }
    changes: dict[str, bool | str] = {name: value for name, value in switches.items() if value is not None}
    changes |= _write_in(write_in_item, write_in_resource, none=no_write_in)
    with opened(state) as application:
        held = application.connection(connection)
        if changes:
            held = asyncio.run(change_order_settings(application, held, changes))
    Output(as_json=as_json).record(_listed(held.settings))


def _write_in(item: str | None, resource: str | None, *, none: bool) -> dict[str, bool | str]:
    given = [ITEM] * (item is not None) + [RESOURCE] * (resource is not None)
    if len(given) + none > 1:
        raise ConnectionProblem(
            translatable(
                "Give only one of --write-in-item, --write-in-resource and --no-write-in: a write-in product becomes "
                "one thing."
            )
        )
    if none:
        return {"write_in_product_type": "", "write_in_product_number": ""}
    if not given:
        return {}
    number = (item or resource or "").strip().upper()
    if not number:
        raise ConnectionProblem(
            translatable("The number of the write-in product is blank. Give one, or --no-write-in.")
        )
    return {"write_in_product_type": given[0], "write_in_product_number": number}


def _listed(held: ConnectionSettings) -> dict[str, object]:
    return {
        "connection": held.name,
        "order_integration": held.order_integration,
        "bidirectional_orders": held.bidirectional_orders,
        "write_in_product_type": held.write_in_product_type,
        "write_in_product_number": held.write_in_product_number,
        "check_credit_limit": held.check_credit_limit,
        "require_salesperson": held.require_salesperson,
        "payment_discount_from_order": held.payment_discount_from_order,
        "sales_order_user": held.sales_order_user,
    }
