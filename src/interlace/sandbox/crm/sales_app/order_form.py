"""The order form's life: opened for a new order or an old one, looked up, saved, submitted."""

from __future__ import annotations

from dataclasses import replace

from interlace.sandbox.crm import errors as service_errors
from interlace.sandbox.crm.sales_app.form_body import Form
from interlace.sandbox.crm.sales_app.form_checks import Checks
from interlace.sandbox.crm.sales_app.order_checks import Checked, OrderDraft, check
from interlace.sandbox.crm.sales_app.order_form_page import (
    BUTTON,
    MORE_LINES,
    ORDERS,
    SAVE,
    SUBMIT,
    OrderForm,
    order_form,
)
from interlace.sandbox.crm.sales_app.order_input import (
    BLANK_LINES,
    OrderInput,
    input_of,
    line_name,
    read_input,
)
from interlace.sandbox.crm.sales_app.order_writes import Computed, LineRefused, compute, save, unpriced
from interlace.sandbox.crm.sales_app.record_choices import ACCOUNTS, PRODUCTS
from interlace.sandbox.crm.sales_app.shown_records import Shown
from interlace.sandbox.crm.sales_app.visit import NEW_ID, Visit, see_other
from interlace.sandbox.exchange import Refusal, Response

_MORE_LINES = 10
# Refusals that concern the quantity of a line; all others are told at its product.
_OF_QUANTITY = frozenset({"0x80043b07", service_errors.DECIMAL_OUT_OF_RANGE})


def new_order(visit: Visit) -> Response:
    """An empty form, the account filled in where it is known."""
    account = visit.shown.find("account", visit.parameters.text("account"))
    values = {}
    if account is not None:
        values = {
            "account": ACCOUNTS.caption(account),
            "price_list": account.lookup("defaultpricelevelid") or "",
        }
    price_list = visit.shown.find("pricelevel", values.get("price_list"))
    typed = OrderInput(header=Form(values)).with_blank_lines()
    return order_form(visit, OrderForm(typed=typed, order=None, price_list=price_list))


def edit_order(visit: Visit, order_id: str) -> Response:
    """The form of an order that is not submitted yet."""
    order = visit.shown.required("salesorder", order_id)
    if order.state != 0:
        return see_other(f"{ORDERS}/{order.id}")
    return _looked_up(visit, input_of(visit.shown, order), order, status=200)


def create_order(visit: Visit) -> Response:
    """Does what the pressed button says with a new order."""
    return _pressed(visit, None)


def change_order(visit: Visit, order_id: str) -> Response:
    """Does what the pressed button says with an order that exists."""
    return _pressed(visit, visit.shown.required("salesorder", order_id))


def _pressed(visit: Visit, order: Shown | None) -> Response:
    typed, button = read_input(visit.form), visit.form.text(BUTTON)
    if button not in (SAVE, SUBMIT):
        blank = _MORE_LINES if button == MORE_LINES else BLANK_LINES
        return _looked_up(visit, typed, order, status=200, blank_lines=blank)
    made = visit.shown.find("salesorder", visit.form.text(NEW_ID)) if order is None else None
    if made is not None:
        return see_other(f"{ORDERS}/{made.id}")
    checked = check(visit.shown, typed)
    if checked.draft is None:
        return _looked_up(visit, typed, order)
    try:
        if button == SUBMIT:
            problem = _obstacles(visit, checked.draft, order, typed.version)
            if problem:
                return _looked_up(visit, typed, order, more_errors=problem)
        order_id = save(
            visit.web_api,
            visit.shown,
            checked.draft,
            order,
            version=typed.version,
            submits=button == SUBMIT,
            new_id=visit.new_id(),
        )
    except (LineRefused, Refusal):
        # The trial of the form meets the same refusal and shows it.
        return _looked_up(visit, typed, order)
    return see_other(f"{ORDERS}/{order_id}", done="submitted" if button == SUBMIT else "saved")


def _obstacles(visit: Visit, draft: OrderDraft, order: Shown | None, version: str) -> dict[str, str]:
    """What keeps an order from being submitted, by field: no lines, or lines without a price."""
    if not draft.lines:
        return {line_name(0, "product"): "An order without lines can't be submitted. Choose a product."}
    computed = compute(visit.web_api, visit.shown, draft, order, version)
    return {
        line_name(position, "product"): _without_price(line, draft)
        for position, line in computed.lines.items()
        if unpriced([line])
    }


def _without_price(line: Shown, draft: OrderDraft) -> str:
    named = "" if draft.price_list is None else f" {draft.price_list.name}"
    return (
        f"There is no price for it in {line.label('uomid')} on the price list{named} "
        f"({line.label('pricingerrorcode')}). Choose another unit or price list, or type a price."
    )


def _looked_up(
    visit: Visit,
    typed: OrderInput,
    order: Shown | None,
    *,
    status: int = 422,
    blank_lines: int = BLANK_LINES,
    more_errors: dict[str, str] | None = None,
) -> Response:
    """The form with what the service makes of it: prices, amounts, totals, stock, or what is wrong."""
    checked = check(visit.shown, typed)
    stock = visit.availability.of(visit.shown, [each.id for each in checked.products.values()])
    form = OrderForm(
        typed=_recognised(typed, checked).with_blank_lines(blank_lines),
        order=order,
        errors={**checked.errors, **(more_errors or {})},
        products=checked.products,
        price_list=checked.price_list,
        stock=stock,
    )
    return order_form(visit, _with_computed(visit, form, checked, typed.version), status=status)


def _recognised(typed: OrderInput, checked: Checked) -> OrderInput:
    """The form with the products written out that were recognised by a part of their name."""
    lines = [
        replace(line, product=PRODUCTS.caption(checked.products[place]))
        if place in checked.products
        else line
        for place, line in enumerate(typed.lines)
    ]
    header = dict(typed.header.values)
    if checked.account is not None:
        header["account"] = ACCOUNTS.caption(checked.account)
    return replace(typed, header=Form(header), lines=lines)


def _with_computed(visit: Visit, form: OrderForm, checked: Checked, version: str) -> OrderForm:
    if checked.draft is None:
        return form
    try:
        computed: Computed = compute(visit.web_api, visit.shown, checked.draft, form.order, version)
        return replace(form, computed=computed)
    except LineRefused as refused:
        column = "quantity" if refused.refusal.code in _OF_QUANTITY else "product"
        error = {line_name(refused.position, column): refused.refusal.message}
        return replace(form, errors={**form.errors, **error})
    except Refusal as refusal:
        return replace(form, refusal=Checks(visit.shown, visit.form).said(refusal))
