"""`interlace prices`: which prices of the ERP the CRM does not have, and why."""

from collections import Counter

import typer

from interlace.bootstrap.price_stock import price_stock
from interlace.cli.captions import key_text
from interlace.cli.options import ConnectionName, Json, State, opened
from interlace.cli.output import Column, Output
from interlace.cli.spoken import said, t, words
from interlace.engine.left_out import StockTaking
from interlace.locale.translatable import Value, translatable

commands = typer.Typer(help="Prices: what the CRM does not have of them, and why.", no_args_is_help=True)

_COLUMNS = (
    Column(key="mapping", caption="Mapping"),
    Column(key="erp_key", caption="ERP price"),
    Column(key="reason", caption="Why the CRM does not have it"),
)


@commands.command("exclusions")
def exclusions(connection: ConnectionName = None, state: State = None, *, as_json: Json = False) -> None:
    """List every ERP price that is not in the CRM, with the reason; all others are.

    Example: interlace prices exclusions
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        found = price_stock(application, application.connection(connection))
    rows = [
        {
            "mapping": each.mapping,
            "erp_key": each.key if as_json else key_text(each.key),
            "because": each.because.value,
            "reason": each.reason if as_json else said(each.reason),
        }
        for stock in found
        for each in stock.left_out
    ]
    output.rows(_COLUMNS, rows, empty="Every price of the ERP is in the CRM.")
    for stock in found:
        output.message(_summary(stock))


def _summary(stock: StockTaking) -> str:
    values: dict[str, Value] = {
        "mapping": stock.mapping,
        "count": stock.partnered,
        "total": stock.total,
        "listed": len(stock.left_out),
    }
    if not stock.left_out:
        return translatable("{mapping}: of {total} prices, {count} are in the CRM.", **values)
    reasons = Counter(each.because for each in stock.left_out)
    return translatable(
        "{mapping}: of {total} prices, {count} are in the CRM; {listed} are listed ({reasons}).",
        **values,
        reasons=", ".join(
            f"{t(because.value)}: {words().number(count)}" for because, count in reasons.items()
        ),
    )
