"""What both sides show of orders now: who ordered, what it comes to in the CRM and in the ERP, and why they differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from interlace.bootstrap.ends import Ends
from interlace.domain.keys import KEY_SEPARATOR
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.engine.ports import FindRecords, ReadKeys, Record, TableView
from interlace.engine.saga_memory import TrackedDocument
from interlace.locale.translatable import Amount, joined, translatable

_CRM_FIELDS = (
    "name",
    "accountid",
    "contactid",
    "transactioncurrencyid",
    "totalamount",
    "totaltax",
    "ilc_orderstatus",
)
_AMOUNTS = ("Amount", "Amount_Including_VAT")
_CENT = Decimal("0.01")
_ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmFigures:
    """An order as the CRM has it."""

    name: str
    customer: str
    currency: str
    net: Decimal
    tax: Decimal
    total: Decimal
    status: str
    """What the CRM order says of the ERP's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpFigures:
    """The same order as the ERP has it: still an order, or only its posted invoices."""

    order: str
    """Number of the order; blank once it was posted completely."""
    invoices: tuple[str, ...]
    net: Decimal
    total: Decimal

    @property
    def tax(self) -> Decimal:
        """The tax that the ERP computed."""
        return self.total - self.net


async def crm_figures(ends: Ends, documents: Sequence[TrackedDocument]) -> dict[str, CrmFigures]:
    """Read orders in the CRM, by key; those that are gone are missing."""
    orders = await _read(ends, "salesorder", _CRM_FIELDS, [each.key for each in documents])
    accounts = await _named(ends, "account", "name", orders, "accountid")
    contacts = await _named(ends, "contact", "fullname", orders, "contactid")
    currencies = await _named(ends, "transactioncurrency", "isocurrencycode", orders, "transactioncurrencyid")
    return {
        key: CrmFigures(
            name=_text(values["name"]),
            customer=accounts.get(_text(values["accountid"])) or contacts.get(_text(values["contactid"]), ""),
            currency=currencies.get(_text(values["transactioncurrencyid"]), ""),
            net=_number(values["totalamount"]) - _number(values["totaltax"]),
            tax=_number(values["totaltax"]),
            total=_number(values["totalamount"]),
            status=_text(values["ilc_orderstatus"]),
        )
        for key, values in orders.items()
    }


async def erp_figures(ends: Ends, document: TrackedDocument) -> ErpFigures | None:
    """Read what the ERP has of an order; None: nothing, for it was never created or is deleted."""
    if document.partner is None:
        return None
    number = document.partner.rpartition(KEY_SEPARATOR)[2]
    orders = await _read(ends, "Sales_Header", _AMOUNTS, [document.partner], side=Side.ERP)
    view = TableView(side=Side.ERP, table="Sales_Invoice_Header", fields=("No", *_AMOUNTS))
    found: list[Record] = await ends.run(_find(view, number))
    invoices = [dict(zip(view.fields, each.values(), strict=True)) for each in found]
    names = tuple(sorted(_text(each["No"]) for each in invoices))
    if orders:
        of_order = orders[document.partner]
        return ErpFigures(
            order=number,
            invoices=names,
            net=_number(of_order["Amount"]),
            total=_number(of_order["Amount_Including_VAT"]),
        )
    if not invoices:
        return None
    return ErpFigures(
        order="",
        invoices=names,
        net=sum((_number(each["Amount"]) for each in invoices), _ZERO),
        total=sum((_number(each["Amount_Including_VAT"]) for each in invoices), _ZERO),
    )


def difference_in_words(crm: CrmFigures, erp: ErpFigures) -> str:
    """Say how both totals go together."""
    currency = crm.currency
    if crm.net != erp.net:
        return translatable(
            "Without tax it is {crm} {currency} in the CRM and {erp} {currency} in the ERP: somebody changed one of "
            "them since they were compared.",
            crm=Amount(crm.net),
            erp=Amount(erp.net),
            currency=currency,
        )
    return joined(
        (
            translatable("Equal without tax: {net} {currency}.", net=Amount(crm.net), currency=currency),
            _tax_in_words(crm, erp),
        )
    )


def _tax_in_words(crm: CrmFigures, erp: ErpFigures) -> str:
    if crm.tax == erp.tax:
        return translatable(
            "Equal with tax: {total} {currency}.", total=Amount(crm.total), currency=crm.currency
        )
    if crm.tax == _ZERO:
        return translatable(
            "The ERP adds {tax} {currency} tax, which the CRM does not compute.",
            tax=Amount(erp.tax),
            currency=crm.currency,
        )
    return translatable(
        "The ERP computes {tax} {currency} tax; {entered} {currency} was entered in the CRM.",
        tax=Amount(erp.tax),
        entered=Amount(crm.tax),
        currency=crm.currency,
    )


async def _named(
    ends: Ends, table: str, field: str, orders: Mapping[str, Mapping[str, Value]], column: str
) -> dict[str, str]:
    keys = sorted({_text(each[column]) for each in orders.values() if each[column]})
    found = await _read(ends, table, (field,), keys)
    return {key: _text(values[field]) for key, values in found.items()}


async def _read(
    ends: Ends, table: str, fields: tuple[str, ...], keys: Sequence[str], *, side: Side = Side.CRM
) -> dict[str, dict[str, Value]]:
    if not keys:
        return {}
    view = TableView(side=side, table=table, fields=fields)
    found: list[Record | None] = await ends.run(_keys(view, tuple(keys)))
    return {
        key: dict(zip(fields, record.values(), strict=True))
        for key, record in zip(keys, found, strict=True)
        if record is not None
    }


async def _keys(view: TableView, keys: tuple[str, ...]) -> list[Record | None]:
    found: list[Record | None] = await ReadKeys(view=view, keys=keys)
    return found


async def _find(view: TableView, number: str) -> list[Record]:
    found: list[Record] = await FindRecords(view=view, field="Order_No", values=(number,), exact=True)
    return found


def _text(value: Value) -> str:
    return "" if value is None else str(value)


def _number(value: Value) -> Decimal:
    """Return an amount with two decimals at least, as people write it."""
    amount = Decimal(str(value or 0))
    return amount.quantize(_CENT) if amount == amount.quantize(_CENT) else amount
