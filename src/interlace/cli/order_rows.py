"""How commands write orders: a line of the list, and one order with its totals, problems and timeline."""

from collections.abc import Sequence

from interlace.bootstrap.connection_settings import ConnectionSettings
from interlace.bootstrap.order_figures import CrmFigures, ErpFigures, difference_in_words
from interlace.bootstrap.order_lines import COMMENT, WholeOrder
from interlace.bootstrap.orders import Progress
from interlace.bootstrap.record_links import crm_record_link, erp_record_link, erp_resource
from interlace.cli.captions import moment_text
from interlace.cli.output import Column, Output
from interlace.cli.spoken import said, t
from interlace.domain.keys import KEY_SEPARATOR
from interlace.domain.saga import Problem
from interlace.engine.saga_memory import DocumentEvent, TrackedDocument
from interlace.lead_to_cash.order_columns import CRM_TABLE, HEADER_TABLE
from interlace.lead_to_cash.order_values import money, plain
from interlace.locale.translatable import translatable
from interlace.management.orders import OrderLine, OrderProblem

_DIGITS = 2
NEW = "New"
"""The stage of an order that has no ERP order yet."""
LIST_COLUMNS = (
    Column(key="order", caption="Order"),
    Column(key="stage", caption="Stage"),
    Column(key="held", caption="Held"),
    Column(key="customer", caption="Customer"),
    Column(key="amount", caption="Amount", number=True),
    Column(key="currency", caption="Currency"),
    Column(key="erp_order", caption="ERP order"),
    Column(key="since", caption="Since"),
    Column(key="missing", caption="What is missing"),
)
STAGE_COLUMNS = (
    Column(key="stage", caption="Stage"),
    Column(key="orders", caption="Orders", number=True),
    Column(key="held", caption="Held", number=True),
)
_EVENT_COLUMNS = (
    Column(key="at", caption="When"),
    Column(key="kind", caption="What"),
    Column(key="text", caption="Told"),
)
_LINE_COLUMNS = (
    Column(key="line", caption=translatable("Line"), number=True),
    Column(key="type", caption=translatable("Type")),
    Column(key="number", caption=translatable("Number")),
    Column(key="description", caption=translatable("Description")),
    Column(key="quantity", caption=translatable("Quantity"), number=True),
    Column(key="unit", caption=translatable("Unit")),
    Column(key="unit_price", caption=translatable("Unit Price"), number=True),
    Column(key="discount", caption=translatable("Discount"), number=True),
    Column(key="amount", caption=translatable("Amount"), number=True),
    Column(key="held", caption=translatable("Held")),
)
_KINDS = frozenset(
    {
        translatable("created"),
        translatable("adopted"),
        translatable("agreed"),
        translatable("released"),
        translatable("changed"),
        translatable("inserted"),
        translatable("performed"),
        translatable("deleted"),
        translatable("removed"),
        translatable("held"),
        translatable("stage"),
        translatable("finished"),
        translatable("unanswered"),
    }
)
"""What events of an order are called."""
_INVOICE_TABLE = "Sales_Invoice_Header"


def order_row(document: TrackedDocument, figures: CrmFigures | None, *, as_json: bool) -> dict[str, object]:
    """Write an order as a line of the list."""
    problems = [_json_of(each) if as_json else _missing_text(each) for each in document.problems]
    stage = document.stage or NEW
    row: dict[str, object] = {
        "order": document.title or document.key,
        "stage": stage if as_json else said(stage),
        "held": document.held if as_json else (t("held") if document.held else ""),
        "customer": None if figures is None else figures.customer,
        "amount": None if figures is None else figures.total,
        "currency": None if figures is None else figures.currency,
        "erp_order": erp_number(document),
        "since": moment_text(document.since, as_json=as_json),
        "missing": problems,
    }
    if as_json:
        row |= {"id": document.key, "finished": document.finished}
    return row


def show_order(
    output: Output,
    settings: ConnectionSettings,
    progress: Progress,
    read: WholeOrder,
) -> None:
    """Write one order: where it is, what it comes to, what holds it, its lines, and its timeline."""
    document, crm, erp = progress.document, read.crm, read.erp
    row = order_row(document, crm, as_json=output.as_json)
    del row["missing"]
    row |= _totals(crm, erp, as_json=output.as_json)
    row |= _links(settings, document, erp)
    if output.as_json:
        problems = [_json_of(each) for each in document.problems]
        timeline = [_event_row(each, as_json=True) for each in progress.events]
        lines = {
            "crm_lines": [_line_json(each) for each in read.crm_lines],
            "erp_lines": [_line_json(each) for each in read.erp_lines],
        }
        output.record({**row, "problems": problems, **lines, "timeline": timeline})
        return
    output.record({name.replace("_", " "): value for name, value in row.items() if value not in (None, "")})
    if document.problems:
        output.stdout.write("\n" + t("Held. What is missing, and what to do:") + "\n")
        for problem in document.problems:
            what, remedy = said(problem.what), said(problem.remedy)
            output.stdout.write(f"  {what} ({problem.code})\n    -> {remedy}\n")
    _show_lines(output, translatable("Lines of the CRM Order"), read.crm_lines)
    _show_lines(output, translatable("Lines of the ERP Order"), read.erp_lines)
    output.stdout.write("\n")
    output.rows(_EVENT_COLUMNS, [_event_row(each, as_json=False) for each in progress.events], empty="")


def _show_lines(output: Output, heading: str, lines: Sequence[OrderLine]) -> None:
    if not lines:
        return
    output.stdout.write(f"\n{said(heading)}:\n")
    output.rows(_LINE_COLUMNS, [_line_row(each) for each in lines], empty="")


def _line_row(line: OrderLine) -> dict[str, object]:
    # A comment has a text, and nothing else.
    figures: dict[str, object] = {
        "quantity": plain(line.quantity),
        "unit": line.unit,
        "unit_price": money(line.unit_price, _DIGITS),
        "discount": money(line.discount, _DIGITS) if line.discount else "",
        "amount": money(line.amount, _DIGITS),
    }
    return {
        "line": line.place,
        "type": said(line.kind),
        "number": line.number,
        "description": line.description,
        **({} if line.kind == COMMENT else figures),
        "held": ", ".join(each.code for each in line.problems),
    }


def _line_json(line: OrderLine) -> dict[str, object]:
    return {
        "line": line.place,
        "type": line.kind,
        "number": line.number,
        "description": line.description,
        "quantity": line.quantity,
        "unit": line.unit,
        "unit_price": line.unit_price,
        "discount": line.discount,
        "amount": line.amount,
        "shipped": line.shipped,
        "invoiced": line.invoiced,
        "problems": [_json_of(each) for each in line.problems],
    }


def erp_number(document: TrackedDocument) -> str:
    """Return the number of the ERP order, blank if there is none."""
    return (document.partner or "").rpartition(KEY_SEPARATOR)[2]


def _totals(crm: CrmFigures | None, erp: ErpFigures | None, *, as_json: bool) -> dict[str, object]:
    totals: dict[str, object] = {}
    if crm is not None:
        totals |= {"crm_net": crm.net, "crm_total": crm.total, "crm_status": crm.status}
    if erp is not None:
        totals |= {"erp_net": erp.net, "erp_total": erp.total, "erp_invoices": list(erp.invoices) or None}
    if crm is not None and erp is not None:
        difference = difference_in_words(crm, erp)
        totals["difference"] = difference if as_json else said(difference)
    return totals


def _links(
    settings: ConnectionSettings, document: TrackedDocument, erp: ErpFigures | None
) -> dict[str, object]:
    """Return where both records are found; of an order that was posted completely, its invoices."""
    links: dict[str, object] = {"crm_link": crm_record_link(settings, CRM_TABLE, document.key)}
    found: list[tuple[str, str]] = []
    if erp is not None and not erp.order:
        found = [(_INVOICE_TABLE, each) for each in erp.invoices]
    elif document.partner is not None:
        found = [(HEADER_TABLE, document.partner)]
    if found:
        shown = [link for place in found if (link := erp_record_link(settings, *place))]
        links["erp_link"] = shown or None
        links["erp_resource"] = [erp_resource(settings, *place) for place in found]
    return links


def _missing_text(problem: Problem) -> str:
    return said(problem.what).rstrip(".")


def _json_of(problem: Problem | OrderProblem) -> dict[str, str]:
    return {"code": problem.code, "what": problem.what, "remedy": problem.remedy}


def _event_row(event: DocumentEvent, *, as_json: bool) -> dict[str, object]:
    row: dict[str, object] = {
        "at": moment_text(event.at, as_json=as_json),
        "kind": said(event.kind) if event.kind in _KINDS and not as_json else event.kind,
        "text": event.text if as_json else said(event.text),
    }
    return {**row, "stage": event.stage} if as_json else row
