"""The messages of sales documents: close, win, lose, revise, convert, lock, and calculate prices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from interlace.odata.filter_values import fold_text
from interlace.sandbox import json_codec
from interlace.sandbox.crm.call import Call
from interlace.sandbox.crm.document_amounts import ZERO, amount_of
from interlace.sandbox.crm.document_copies import copy_document, copy_lines
from interlace.sandbox.crm.document_kinds import (
    BY_HEADER,
    BY_LINE,
    INVOICE,
    KINDS,
    OPEN_STATE,
    OPPORTUNITY,
    ORDER,
    QUOTE,
    DocumentKind,
)
from interlace.sandbox.crm.document_pricing import settle_document
from interlace.sandbox.crm.errors import INVALID_ARGUMENT, INVALID_STATE_STATUS, refused
from interlace.sandbox.crm.message_arguments import (
    Body,
    answered_columns,
    bound_record,
    entity_argument,
    guid_argument,
    object_argument,
    status_argument,
)
from interlace.sandbox.crm.record_layout import Row
from interlace.sandbox.crm.records import Author, Records
from interlace.sandbox.crm.schema import NAMESPACE
from interlace.sandbox.entity_store import SqlClause, quoted
from interlace.sandbox.exchange import Response

_REVISED = 7
Message = Callable[[Call], Response]
BoundMessage = Callable[[Call, Row], Response]


class DocumentMessages:
    """Messages by name: unbound ones, and those bound to a document, by table."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self.unbound: Mapping[str, Message] = {
            "WinOpportunity": self._win_opportunity,
            "LoseOpportunity": self._lose_opportunity,
            "WinQuote": self._win_quote,
            "CloseQuote": self._close_quote,
            "ReviseQuote": self._revise_quote,
            "ConvertQuoteToSalesOrder": self._convert_quote,
            "FulfillSalesOrder": self._fulfill_order,
            "CancelSalesOrder": self._cancel_order,
            "ConvertSalesOrderToInvoice": self._convert_order,
            "UnlockSalesOrderPricing": lambda call: self._unlock(call, ORDER, "SalesOrderId"),
            "UnlockInvoicePricing": lambda call: self._unlock(call, INVOICE, "InvoiceId"),
            "GenerateQuoteFromOpportunity": lambda call: self._generate(call, QUOTE),
            "GenerateSalesOrderFromOpportunity": lambda call: self._generate(call, ORDER),
            "GenerateInvoiceFromOpportunity": lambda call: self._generate(call, INVOICE),
            "CalculatePrice": self._calculate_price,
        }
        self.bound: Mapping[tuple[str, str], BoundMessage] = {
            ("salesorder", "LockSalesOrderPricing"): lambda call, row: self._lock(call, ORDER, row),
            ("invoice", "LockInvoicePricing"): lambda call, row: self._lock(call, INVOICE, row),
            ("quote", "GetQuoteProductsFromOpportunity"): lambda call, row: self._take(call, QUOTE, row),
            ("salesorder", "GetSalesOrderProductsFromOpportunity"): (
                lambda call, row: self._take(call, ORDER, row)
            ),
            ("invoice", "GetInvoiceProductsFromOpportunity"): lambda call, row: self._take(
                call, INVOICE, row
            ),
        }

    # --- closing

    def _close(
        self, author: Author, kind: DocumentKind, row: Row, activity: Body, change: Mapping[str, object]
    ) -> None:
        """Stores the activity and moves the document; the states it may leave are the callers' matter."""
        records = self._records
        table = records.schema.tables[kind.header]
        closing = records.schema.tables[f"{'order' if kind is ORDER else kind.header}close"]
        given = {name: value for name, value in activity.items() if value is not None}
        given.setdefault("actualend", records.moment())
        given.setdefault("subject", f"{table.display_name} Close - {row[table.primary_name] or ''}"[:200])
        given[f"{table.key}@odata.bind"] = f"/{table.set_name}({row[table.key]})"
        if kind.number is not None:
            given.setdefault(kind.number, row[kind.number])
        elif row["_transactioncurrencyid_value"] is not None:
            currency = f"/transactioncurrencies({row['_transactioncurrencyid_value']})"
            given.setdefault("transactioncurrencyid@odata.bind", currency)
        records.create(closing, given, author)
        if change["statuscode"] == -1:
            change = {name: value for name, value in change.items() if name != "statuscode"}
        records.update_row(table, row, change, author, by_action=True)

    def _closing(self, call: Call, kind: DocumentKind, name: str) -> tuple[Body, Row, int]:
        body = call.body(kind.header)
        activity = object_argument(body, name)
        row = bound_record(self._records, activity, name, self._records.schema.tables[kind.header])
        return activity, row, status_argument(body)

    def _win_opportunity(self, call: Call) -> Response:
        return self._close_opportunity(call, 1, 100)

    def _lose_opportunity(self, call: Call) -> Response:
        return self._close_opportunity(call, 2, 0)

    def _close_opportunity(self, call: Call, state: int, probability: int) -> Response:
        activity, row, status = self._closing(call, OPPORTUNITY, "OpportunityClose")
        if row["statecode"] != OPEN_STATE:
            raise refused("0x80040515", f"The opportunity {row['opportunityid']} has already been closed.")
        where = SqlClause(
            '"_opportunityid_value" = ? AND "statecode" IN (0, 1)', (str(row["opportunityid"]),)
        )
        if self._records.store.find_keys("quote", where, limit=1):
            raise refused(
                "0x80040516",
                "The opportunity cannot be closed: it has quotes that are drafts or active. Close them first.",
            )
        revenue = activity.get("actualrevenue")
        ended = str(activity.get("actualend") or self._records.moment())[:10]
        change: dict[str, object] = {
            "statecode": state,
            "statuscode": status,
            "actualclosedate": ended,
            "closeprobability": probability,
        }
        if revenue is None and state == 1:
            revenue = row["estimatedvalue"]
        if revenue is not None:
            change["actualvalue"] = revenue
        self._close(call.author, OPPORTUNITY, row, activity, change)
        return call.nothing()

    def _win_quote(self, call: Call) -> Response:
        return self._end_quote(call, 2)

    def _close_quote(self, call: Call) -> Response:
        return self._end_quote(call, 3)

    def _end_quote(self, call: Call, state: int) -> Response:
        activity, row, status = self._closing(call, QUOTE, "QuoteClose")
        self._end(call.author, row, activity, state, status)
        return call.nothing()

    def _end(self, author: Author, row: Row, activity: Body, state: int, status: int) -> None:
        if row["statecode"] != 1:
            raise refused(
                INVALID_STATE_STATUS, f"The quote {row['quotenumber']} is not active. Activate it first."
            )
        closed = str(activity.get("actualend") or self._records.moment())[:10]
        change = {"statecode": state, "statuscode": status, "closedon": closed}
        self._close(author, QUOTE, row, activity, change)

    def _fulfill_order(self, call: Call) -> Response:
        return self._end_order(call, 3)

    def _cancel_order(self, call: Call) -> Response:
        return self._end_order(call, 2)

    def _end_order(self, call: Call, state: int) -> Response:
        activity, row, status = self._closing(call, ORDER, "OrderClose")
        if row["statecode"] not in (0, 1):
            raise refused(
                INVALID_STATE_STATUS,
                f"The order {row['ordernumber']} is closed already. Only active and submitted orders can be "
                f"{'fulfilled' if state == 3 else 'canceled'}.",
            )
        change: dict[str, object] = {"statecode": state, "statuscode": status}
        if state == 3:
            change["datefulfilled"] = activity.get("actualend") or self._records.moment()
        self._close(call.author, ORDER, row, activity, change)
        return call.nothing()

    # --- new documents out of others

    def _answer(self, call: Call, kind: DocumentKind, row: Row, body: Body) -> Response:
        table = self._records.schema.tables[kind.header]
        context = f"{call.request.service_url}$metadata#{table.set_name}/$entity"
        shown = answered_columns(table, row, body)
        return call.json(
            json_codec.encode({"@odata.context": context, "@odata.type": f"#{table.type_name}", **shown})
        )

    def _bind(self, kind: DocumentKind, row: Row) -> dict[str, object]:
        table = self._records.schema.tables[kind.header]
        return {f"{kind.parent}@odata.bind": f"/{table.set_name}({row[kind.parent]})"}

    def _generate(self, call: Call, kind: DocumentKind) -> Response:
        body = call.body(kind.header)
        source = self._records.required_row("opportunity", guid_argument(body, "OpportunityId"))
        made = copy_document(
            self._records, (OPPORTUNITY, source), kind, call.author, self._bind(OPPORTUNITY, source)
        )
        return self._answer(call, kind, made, body)

    def _take(self, call: Call, kind: DocumentKind, row: Row) -> Response:
        """Adds the products of an opportunity to a document."""
        _, source = entity_argument(self._records, call.body(kind.header), "Opportunity", ("opportunity",))
        copy_lines(self._records, (OPPORTUNITY, source), kind, row, call.author)
        return call.nothing()

    def _revise_quote(self, call: Call) -> Response:
        records, body = self._records, call.body("quote")
        source = records.required_row("quote", guid_argument(body, "QuoteId"))
        if source["statecode"] not in (1, 3):
            raise refused(
                INVALID_STATE_STATUS,
                "Only an active or a closed quote can be revised. Edit the draft itself.",
            )
        kin = SqlClause(f"{quoted('quotenumber')} = ?", (fold_text(str(source["quotenumber"])),))
        rows = [records.required_row("quote", str(key)) for (key,) in records.store.find_keys("quote", kin)]
        if any(row["statecode"] in (0, 1) and row["quoteid"] != source["quoteid"] for row in rows):
            raise refused(
                "0x80048d00",
                "Quote cannot be revised as there already exists another quote in Draft/Active state and with "
                "same quote number.",
            )
        if source["statecode"] == 1:
            self._end(call.author, source, {"subject": "Quote Revised"}, 3, _REVISED)
        given = {"quotenumber": source["quotenumber"]}
        made = copy_document(records, (QUOTE, source), QUOTE, call.author, given)
        made["revisionnumber"] = 1 + max(int(str(row["revisionnumber"] or 0)) for row in rows)
        records.rewrite(records.schema.tables["quote"], made)
        return self._answer(call, QUOTE, made, body)

    def _convert_quote(self, call: Call) -> Response:
        records, body = self._records, call.body("quote")
        quote_row = records.required_row("quote", guid_argument(body, "QuoteId"))
        if quote_row["statecode"] == 1:
            activity = {
                "subject": body.get("QuoteCloseSubject"),
                "description": body.get("QuoteCloseDescription"),
                "actualend": body.get("QuoteCloseDate"),
            }
            status = body.get("QuoteCloseStatus")
            self._end(call.author, quote_row, activity, 2, status if isinstance(status, int) else -1)
        elif quote_row["statecode"] != 2:
            raise refused(
                INVALID_STATE_STATUS, "Only an active or a won quote becomes an order. Activate it first."
            )
        given = self._bind(QUOTE, quote_row)
        made = copy_document(records, (QUOTE, quote_row), ORDER, call.author, given)
        return self._answer(call, ORDER, made, body)

    def _convert_order(self, call: Call) -> Response:
        records, body = self._records, call.body("salesorder")
        order = records.required_row("salesorder", guid_argument(body, "SalesOrderId"))
        if order["statecode"] not in (0, 1, 3):
            raise refused(
                INVALID_STATE_STATUS, f"The order {order['ordernumber']} is canceled or invoiced already."
            )
        made = copy_document(records, (ORDER, order), INVOICE, call.author, self._bind(ORDER, order))
        table = records.schema.tables["salesorder"]
        records.update(table, str(order["salesorderid"]), {"statecode": 4}, call.author, by_action=True)
        return self._answer(call, INVOICE, made, body)

    # --- prices

    def _lock(self, call: Call, kind: DocumentKind, row: Row) -> Response:
        if row["ispricelocked"]:
            raise refused("0x80043b1d", "This entity is already locked.")
        self._set_lock(call, kind, row, locked=True)
        return call.nothing()

    def _unlock(self, call: Call, kind: DocumentKind, name: str) -> Response:
        row = self._records.required_row(kind.header, guid_argument(call.body(kind.header), name))
        if not row["ispricelocked"]:
            raise refused("0x80043b1e", "This entity is already unlocked.")
        self._set_lock(call, kind, row, locked=False)
        return call.nothing()

    def _set_lock(self, call: Call, kind: DocumentKind, row: Row, *, locked: bool) -> None:
        table = self._records.schema.tables[kind.header]
        self._records.update_row(table, row, {"ispricelocked": locked}, call.author)

    def _calculate_price(self, call: Call) -> Response:
        body = call.body("CalculatePrice")
        names = (*BY_HEADER, *(kind.line for kind in KINDS))
        table, row = entity_argument(self._records, body, "Target", names)
        kind = BY_HEADER.get(table.logical_name) or BY_LINE[table.logical_name]
        header_id = row[kind.parent] if kind.header == table.logical_name else row[kind.parent_value]
        parent = body.get("ParentId")
        if parent is not None and str(parent).lower() != header_id:
            raise refused(INVALID_ARGUMENT, "ParentId is not the document of the target.")
        settle_document(self._records, kind, str(header_id), call.author.user_id, prices_anew=True)
        return call.nothing()

    # --- functions

    def actual_value(self, call: Call, row: Row) -> Response:
        """`CalculateActualValueOpportunity`: what the orders of a won opportunity amount to."""
        if row["statecode"] != 1:
            raise refused("0x80040516", "The actual value is known of a won opportunity only.")
        records = self._records
        orders = records.members_of(
            records.schema.tables["opportunity"], str(row["opportunityid"]), "opportunity_sales_orders"
        )
        amounts = [amount_of(order["totalamount"]) for order in orders if order["statecode"] != 2]
        value: Decimal = sum(amounts, ZERO) if amounts else amount_of(row["totalamount"])
        return call.value({"Value": value}, f"{NAMESPACE}.CalculateActualValueOpportunityResponse")

    def quantity_decimals(self, call: Call, product: Row) -> Response:
        """`GetQuantityDecimal`: with how many decimals a product is sold."""
        found = product["quantitydecimal"] or 0
        return call.value({"Quantity": found}, f"{NAMESPACE}.GetQuantityDecimalResponse")
