"""The order form as a page: header, a row for each line, what the service computed, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from htpy import Element, Node, div, form, p

from interlace.sandbox.crm.sales_app.availability import Stock, Trouble
from interlace.sandbox.crm.sales_app.order_input import LineInput, OrderInput, line_name
from interlace.sandbox.crm.sales_app.order_writes import Computed
from interlace.sandbox.crm.sales_app.record_choices import (
    account_proposals,
    currency_choices,
    price_list_choices,
    product_proposals,
    unit_choices,
)
from interlace.sandbox.crm.sales_app.shown_records import Shown
from interlace.sandbox.crm.sales_app.stock_display import stock_notice, stock_text
from interlace.sandbox.crm.sales_app.totals import totals
from interlace.sandbox.crm.sales_app.visit import NEW_ID, ROOT, Visit
from interlace.sandbox.exchange import Response
from interlace.ui.actions import action_link, form_button
from interlace.ui.card import fast_tab
from interlace.ui.fields import (
    Field,
    check_box,
    number_field,
    select_field,
    suggestion_list,
    text_area,
    text_field,
)
from interlace.ui.listing import Column, listing
from interlace.ui.notices import Kind, form_errors, notice
from interlace.ui.shell import Crumb, Page, hidden

ORDERS = f"{ROOT}orders"
CRUMBS = (Crumb(caption="Orders", address=ORDERS),)
# The field that tells which button was pressed, and what the buttons do.
BUTTON = "do"
LOOK_UP, MORE_LINES, SAVE, SUBMIT = "look-up", "more-lines", "save", "submit"
_COLUMNS = (
    Column(caption="Product"),
    Column(caption="Or a text of its own"),
    Column(caption="Quantity", is_number=True),
    Column(caption="Unit"),
    Column(caption="Price", is_number=True),
    Column(caption="Discount", is_number=True),
    Column(caption="Amount", is_number=True),
    Column(caption="Stock in the ERP"),
    Column(caption="Remove"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderForm:
    """Everything that the form shows; `order` is the one that is changed, None for a new one."""

    typed: OrderInput
    order: Shown | None
    errors: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""
    products: Mapping[int, Shown] = field(default_factory=dict)
    price_list: Shown | None = None
    computed: Computed | None = None
    stock: Mapping[str, Stock] | Trouble = field(default_factory=dict)


def order_form(visit: Visit, shown_form: OrderForm, *, status: int = 200) -> Response:
    """The page of the form."""
    order, typed = shown_form.order, shown_form.typed
    address = f"{ORDERS}/new" if order is None else f"{ORDERS}/{order.id}/edit"
    back = ORDERS if order is None else f"{ORDERS}/{order.id}"
    content = form(method="post", action=address, novalidate=True)[
        hidden(
            [
                *visit.hidden_fields,
                ("version", typed.version),
                (NEW_ID, visit.new_id() if order is None else ""),
                ("lines", str(len(typed.lines))),
            ]
        ),
        # The first button of a form is the one that Enter presses.
        div(".card-content")[
            fast_tab("General", _header(visit, shown_form)),
            fast_tab("Lines", _lines(visit, shown_form)),
            totals(shown_form.computed.order) if shown_form.computed is not None else None,
        ],
        div(".buttons.form-end")[
            form_button("Look up prices and stock", name=BUTTON, value=LOOK_UP),
            form_button("More lines", name=BUTTON, value=MORE_LINES),
            form_button("Save", name=BUTTON, value=SAVE),
            form_button("Save and submit", name=BUTTON, value=SUBMIT, is_primary=True),
            action_link("Cancel", back),
        ],
        suggestion_list("accounts", account_proposals(visit.shown)),
        suggestion_list("products", product_proposals(visit.shown, _id_of(shown_form.price_list))),
    ]
    heading = "New order" if order is None else f"Edit {order.text('ordernumber')}"
    page = Page(heading=heading, content=content, notices=_notices(shown_form), crumbs=CRUMBS)
    return visit.page(page, status=status)


def _id_of(record: Shown | None) -> str | None:
    return None if record is None else record.id


def _notices(shown_form: OrderForm) -> Sequence[Node]:
    told: list[Node] = []
    if shown_form.errors:
        entries = [(f"field-{name}", _line_of(name) + text) for name, text in shown_form.errors.items()]
        told.append(form_errors("Please correct this; nothing was saved yet:", entries))
    if shown_form.refusal:
        told.append(
            notice("The CRM refused this; nothing was saved", kind=Kind.ERROR, body=shown_form.refusal)
        )
    if shown_form.order is not None and shown_form.order.row["ispricelocked"]:
        body = "Lines keep the prices they came with. New lines take the price list's."
        told.append(notice("The prices of this order are locked.", body=body))
    trouble = stock_notice(shown_form.stock)
    if trouble is not None:
        told.append(trouble)
    return told


def _line_of(name: str) -> str:
    """Which line a field belongs to, for a reader who does not see it."""
    place, _, rest = name.removeprefix("line-").partition("-")
    return f"Line {int(place) + 1}: " if rest and place.isdecimal() else ""


def _header(visit: Visit, shown_form: OrderForm) -> Element:
    values, errors = shown_form.typed.header, shown_form.errors

    def of(
        name: str, caption: str, *, hint: str = "", is_required: bool = False, is_wide: bool = False
    ) -> Field:
        return Field(
            name=name,
            caption=caption,
            value=values.raw(name),
            error=errors.get(name, ""),
            hint=hint,
            is_required=is_required,
            is_wide=is_wide,
        )

    account = of("account", "Account", hint="Number or part of the name", is_required=True)
    is_new = shown_form.order is None and not values.text("account")
    return div(".fields")[
        text_field(account, suggestions="accounts", autocomplete="off", is_focused=is_new),
        text_field(of("name", "Name", hint="Blank: the account's name"), length_max=300),
        select_field(
            of("price_list", "Price list"), price_list_choices(visit.shown), blank="The account's own"
        ),
        select_field(of("currency", "Currency"), currency_choices(visit.shown), blank="The price list's"),
        text_field(of("delivery", "Requested delivery"), kind="date"),
        number_field(of("discount_percentage", "Discount on the order in %")),
        number_field(of("discount_amount", "Discount on the order, amount")),
        number_field(of("freight", "Freight")),
        text_area(of("description", "Description", is_wide=True), rows=2, length_max=2000),
    ]


def _lines(visit: Visit, shown_form: OrderForm) -> Element:
    rows = [_row(visit, shown_form, position, line) for position, line in enumerate(shown_form.typed.lines)]
    return div(".lines")[
        listing(_COLUMNS, rows, caption="Lines of the order", empty=None),
        p(".hint")[
            "A product's price comes from the price list unless you type another. "
            "Look up shows price, stock and totals without saving."
        ],
    ]


def _row(visit: Visit, shown_form: OrderForm, position: int, line: LineInput) -> tuple[Node, ...]:
    errors = shown_form.errors
    product = shown_form.products.get(position)
    computed = None if shown_form.computed is None else shown_form.computed.lines.get(position)
    number = position + 1

    def of(name: str, caption: str, value: str, hint: str = "") -> Field:
        return Field(
            name=line_name(position, name),
            caption=f"{caption} of line {number}",
            value=value,
            error=errors.get(line_name(position, name), ""),
            hint=hint,
            is_label_hidden=True,
        )

    units = [] if product is None else unit_choices(visit.shown, product)
    no_unit = "–" if line.write_in else "Product's"
    unit = line.unit or ("" if computed is None else computed.lookup("uomid") or "")
    price_hint = "" if computed is None or line.price else _price_hint(computed)
    first = text_field(of("product", "Product", line.product), suggestions="products", autocomplete="off")
    return (
        (hidden([(line_name(position, "id"), line.line_id)]), first),
        text_field(of("write_in", "Text", line.write_in), length_max=500),
        number_field(of("quantity", "Quantity", line.quantity or ("" if line.is_blank else "1"))),
        select_field(of("unit", "Unit", unit), units, blank=None if units and unit else no_unit),
        number_field(of("price", "Price", line.price, price_hint)),
        number_field(of("discount", "Discount", line.discount)),
        None if computed is None else computed.money("extendedamount"),
        stock_text(shown_form.stock, product, visit.now),
        None
        if line.is_blank and not line.line_id
        else check_box(of("remove", "Remove", ""), is_checked=line.is_removed),
    )


def _price_hint(computed: Shown) -> str:
    if computed.number("pricingerrorcode"):
        return f"No price: {computed.label('pricingerrorcode')}"
    return f"{computed.money('priceperunit')} on the list"
