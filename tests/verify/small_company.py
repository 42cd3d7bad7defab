"""A small company with both ends in step, and a reader over it in memory."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date

from tests.verify.small_company_crm import crm_rows
from tests.verify.small_company_documents import crm_documents, erp_documents
from tests.verify.small_company_erp import erp_rows
from tests.verify.small_company_orders import ORGANIZATION, crm_orders, erp_orders
from tests.verify.small_company_records import COMPANY_ID, DEFAULT_LIST, EURO

from interlace.verify import End, Row, VerifyFacts

FACTS = VerifyFacts(
    erp_company_id=COMPANY_ID,
    base_currency_id=EURO,
    default_price_list_id=DEFAULT_LIST,
    work_date=date(2026, 11, 20),
    crm_organization_id=ORGANIZATION,
    write_in_product="Item EXTRA",
)


@dataclass(slots=True)
class SmallCompany:
    """Both ends as plain rows; satisfies the judge's reader."""

    erp: dict[str, list[dict[str, object]]]
    crm: dict[str, list[dict[str, object]]]
    labels: dict[str, dict[int, str]]

    async def rows(self, end: End, set_name: str, select: tuple[str, ...]) -> AsyncIterator[Row]:
        """Yield the rows with exactly the selected properties, as a service would."""
        for row in (self.erp if end is End.ERP else self.crm)[set_name]:
            yield {name: row[name] for name in select}

    async def choices(self, table: str, column: str) -> Mapping[int, str]:
        """Return the labels of a column."""
        return self.labels[column if table == "account" else f"{table}.{column}"]


def small_company() -> SmallCompany:
    """Return a company whose ends are in step, with records for the rules that leave some out."""
    return SmallCompany(
        erp={**erp_rows(), **erp_documents(), **erp_orders()},
        crm={**crm_rows(), **crm_documents(), **crm_orders()},
        labels={
            "paymenttermscode": {1: "Net 30", 102: "30D"},
            "address1_freighttermscode": {101: "EXW"},
            "address1_shippingmethodcode": {1: "Airborne", 2: "DHL"},
            "salesorder.paymenttermscode": {1: "Net 30", 102: "30D"},
            "salesorder.freighttermscode": {101: "EXW"},
            "salesorder.shippingmethodcode": {1: "Airborne", 2: "DHL"},
        },
    )
