"""Finding the record a person means by what was typed, and proposals for what may be typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from interlace.odata.filter_values import fold_text
from interlace.sandbox.crm.sales_app.order_progress import erp_number
from interlace.sandbox.crm.sales_app.shown_records import Shown, ShownRecords, both, containing, equals
from interlace.sandbox.entity_store import OrderColumn, SqlClause, quoted
from interlace.ui.fields import Choice

PROPOSALS_MAX = 300
_CANDIDATES_NAMED = 4
_BETWEEN = " · "
_ERP_KEY = "ilc_erpkey"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """What a text stands for: one record, or the reason why it is none."""

    record: Shown | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """A table whose records people type: its number column and the words of its messages."""

    table: str
    number_column: str
    one: str

    def number(self, record: Shown) -> str:
        """The record's own number, or else the one that it has in the ERP."""
        return record.text(self.number_column) or erp_number(record)

    def caption(self, record: Shown) -> str:
        """How a record is written in a field: number and name."""
        number = self.number(record)
        return f"{number}{_BETWEEN}{record.name}" if number else record.name


ACCOUNTS = Catalogue(table="account", number_column="accountnumber", one="account")
PRODUCTS = Catalogue(table="product", number_column="productnumber", one="product")


def meant(shown: ShownRecords, catalogue: Catalogue, typed: str) -> Meant:
    """The active record that a text names: by number, by name, or by words that only one has."""
    number = typed.partition(_BETWEEN)[0].strip()
    for column, text in ((catalogue.number_column, number), (_ERP_KEY, number), ("name", typed)):
        found = _named(shown, catalogue, column, text) if shown.has(catalogue.table, column) else []
        if len(found) == 1:
            return Meant(record=found[0])
        if found:
            return _several(catalogue, typed, found)
    where = both(equals("statecode", 0), containing(("name", catalogue.number_column), typed[:200]))
    found = shown.listed(catalogue.table, where, (OrderColumn("name"),), limit=20)
    if len(found) == 1:
        return Meant(record=found[0])
    return _several(catalogue, typed, found)


def _named(shown: ShownRecords, catalogue: Catalogue, column: str, text: str) -> list[Shown]:
    where = both(equals("statecode", 0), SqlClause(f"{quoted(column)} = ?", (fold_text(text),)))
    return shown.listed(catalogue.table, where, limit=20)


def _several(catalogue: Catalogue, typed: str, found: Sequence[Shown]) -> Meant:
    if not found:
        text = f"There is no active {catalogue.one} “{typed[:80]}”. Type its number or part of its name."
        return Meant(problem=text)
    named = "; ".join(catalogue.caption(each) for each in found[:_CANDIDATES_NAMED])
    more = " and more" if len(found) > _CANDIDATES_NAMED else ""
    return Meant(problem=f"Several match: {named}{more}. Type the number.")


def account_proposals(shown: ShownRecords) -> list[Choice]:
    """Accounts to choose from."""
    accounts = shown.listed("account", equals("statecode", 0), (OrderColumn("name"),), limit=PROPOSALS_MAX)
    return [Choice(value=ACCOUNTS.caption(each), caption=each.text("address1_city")) for each in accounts]


def product_proposals(shown: ShownRecords, price_list_id: str | None) -> list[Choice]:
    """Products to choose from: those of the price list, or all active ones where none is chosen."""
    active = equals("statecode", 0)
    if price_list_id is not None:
        on_list = SqlClause(
            '"productid" IN (SELECT "_productid_value" FROM "productpricelevel" WHERE "_pricelevelid_value" = ?)',
            (price_list_id,),
        )
        where = both(active, on_list)
    else:
        where = active
    products = shown.listed("product", where, (OrderColumn("name"),), limit=PROPOSALS_MAX)
    return [Choice(value=PRODUCTS.caption(each), caption=each.name) for each in products]


def price_list_choices(shown: ShownRecords) -> list[Choice]:
    """The active price lists with their currency."""
    lists = shown.listed("pricelevel", equals("statecode", 0), (OrderColumn("name"),))
    return [
        Choice(
            value=each.id, caption=f"{each.name} ({shown.currency(each.lookup('transactioncurrencyid'))[0]})"
        )
        for each in lists
    ]


def currency_choices(shown: ShownRecords) -> list[Choice]:
    """The active currencies."""
    currencies = shown.listed("transactioncurrency", order=(OrderColumn("currencyname"),))
    return [
        Choice(value=each.id, caption=f"{each.text('isocurrencycode')} – {each.name}")
        for each in currencies
        if each.state == 0
    ]


def unit_choices(shown: ShownRecords, product: Shown) -> list[Choice]:
    """The units in which a product is sold."""
    group = product.lookup("defaultuomscheduleid")
    units = [] if group is None else shown.listed("uom", equals("_uomscheduleid_value", group))
    return [Choice(value=each.id, caption=each.name) for each in units]
