"""Brings the account statistics up to date, and reads them back from the CRM."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.synch_now import SynchNow
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.engine.ports import ReadKeys, Record, TableView
from interlace.engine.synch_mapping import StepResult
from interlace.lead_to_cash.mapping_names import CUSTOMER, STATISTICS
from interlace.locale.translatable import translatable

FIGURES: Final = {
    "balance": "ilc_balance",
    "overdue": "ilc_overdueamounts",
    "total_sales": "ilc_totalsales",
    "sales_this_year": "ilc_salesthisyear",
    "outstanding_orders": "ilc_outstandingorders",
    "shipped_not_invoiced": "ilc_shippednotinvoiced",
    "outstanding_invoices": "ilc_outstandinginvoices",
    "total": "ilc_total",
    "credit_limit": "ilc_creditlimit",
}
"""What is shown, and the CRM column that holds it."""
_TEXTS: Final = ("ilc_customernumber", "ilc_name", "ilc_overdueasof", "ilc_accountid")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsRow:
    """The figures of one account as the CRM shows them."""

    customer: str
    name: str
    overdue_as_of: str
    account_id: str
    figures: dict[str, Value]


async def bring_up_to_date(application: Application, connection: Connection, ends: Ends) -> StepResult:
    """Compare all figures with the ERP's books, and write those that moved."""
    return await SynchNow(application=application, connection=connection, ends=ends).run(
        STATISTICS, full=False
    )


async def read_statistics(
    application: Application, connection: Connection, ends: Ends, customers: Sequence[str], limit: int
) -> list[StatisticsRow]:
    """Read the figures of some customers, or of the first so many; raises ConnectionProblem for one without any."""
    store = application.connection_store(connection)
    if customers:
        couplings = store.couplings_by_key(STATISTICS, Side.ERP, list(customers))
        missing = [each for each in customers if each not in couplings]
        if missing:
            raise ConnectionProblem(_missing_text(application, connection, missing[0]))
        keys = [couplings[each].crm_key for each in customers]
    else:
        keys = [each.crm_key for each in store.couplings_page(STATISTICS, None, limit)]
    rows = await ends.run(_read(tuple(keys)))
    return sorted(rows, key=lambda row: row.customer)


async def _read(keys: tuple[str, ...]) -> list[StatisticsRow]:
    view = TableView(side=Side.CRM, table="ilc_accountstatistics", fields=(*_TEXTS, *FIGURES.values()))
    found: list[Record | None] = await ReadKeys(view=view, keys=keys)
    rows = []
    for record in found:
        if record is None:
            continue
        values = dict(zip(view.fields, record.values(), strict=True))
        texts = ["" if values[name] is None else str(values[name]) for name in _TEXTS]
        rows.append(
            StatisticsRow(
                customer=texts[0],
                name=texts[1],
                overdue_as_of=texts[2],
                account_id=texts[3],
                figures={name: values[column] for name, column in FIGURES.items()},
            )
        )
    return rows


def _missing_text(application: Application, connection: Connection, customer: str) -> str:
    coupled = application.connection_store(connection).couplings_by_key(CUSTOMER, Side.ERP, [customer])
    if coupled:
        return translatable(
            "There are no statistics of customer {customer}. `interlace errors` tells what keeps them.",
            customer=customer,
        )
    return translatable(
        "Customer {customer} is coupled with no account, so nobody looks at its statistics. "
        "`interlace synch CUSTOMER --full` creates accounts of customers that have none.",
        customer=customer,
    )
