"""Orders on their way from the CRM to the ERP and back."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from interlace.domain.filter_language import FieldKind
from interlace.management.listing import (
    YES_OR_NO,
    Choice,
    ListAnswer,
    ListAsked,
    ListColumn,
    ListRow,
)
from interlace.management.operation import Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable

ORDER_STAGES: Final = (
    Choice(value="", caption=translatable("New")),
    Choice(value="Open", caption=translatable("Open")),
    Choice(value="Released", caption=translatable("Released")),
    Choice(value="Partially Shipped", caption=translatable("Partially Shipped")),
    Choice(value="Shipped", caption=translatable("Shipped")),
    Choice(value="Partially Invoiced", caption=translatable("Partially Invoiced")),
    Choice(value="Invoiced", caption=translatable("Invoiced")),
    Choice(value="Paid", caption=translatable("Paid")),
    Choice(value="Cancelled", caption=translatable("Cancelled")),
    Choice(value="Deleted", caption=translatable("Deleted")),
    Choice(value="Being Created", caption=translatable("Being Created")),
    Choice(value="Taken Back", caption=translatable("Taken Back")),
    Choice(value="Gone", caption=translatable("Gone")),
    Choice(value="Not Ours", caption=translatable("Not Ours")),
)
"""Where an order may be."""
ORDER_COLUMNS: Final = (
    ListColumn(
        name="title",
        caption=translatable("Order"),
        tooltip=translatable("The order's number in the CRM."),
        is_sorted=True,
        is_searched=True,
    ),
    ListColumn(
        name="stage",
        caption=translatable("Stage"),
        tooltip=translatable("Where the order is on its way."),
        kind=FieldKind.CHOICE,
        choices=ORDER_STAGES,
        is_sorted=True,
    ),
    ListColumn(
        name="is_held",
        caption=translatable("Held"),
        tooltip=translatable("Whether something keeps the order from going on."),
        kind=FieldKind.CHOICE,
        choices=YES_OR_NO,
    ),
    ListColumn(
        name="customer",
        caption=translatable("Customer"),
        tooltip=translatable("The customer, as the CRM has it now."),
        is_filtered=False,
    ),
    ListColumn(
        name="total",
        caption=translatable("Amount"),
        tooltip=translatable("What the order comes to, as the CRM has it now."),
        kind=FieldKind.NUMBER,
        is_filtered=False,
    ),
    ListColumn(
        name="currency",
        caption=translatable("Currency Code"),
        tooltip=translatable("The currency of the amount."),
        is_filtered=False,
    ),
    ListColumn(
        name="erp_number",
        caption=translatable("ERP Order"),
        tooltip=translatable("The number of the ERP order; blank: there is none yet."),
        is_searched=True,
    ),
    ListColumn(
        name="since",
        caption=translatable("Since"),
        tooltip=translatable("Since when the order is at its stage."),
        kind=FieldKind.MOMENT,
        is_sorted=True,
    ),
    ListColumn(
        name="problems",
        caption=translatable("What is missing"),
        tooltip=translatable("What holds the order."),
        is_filtered=False,
    ),
)


class OrderProblem(Answer, frozen=True, kw_only=True):
    """What holds an order, and what to do."""

    code: str
    what: str
    remedy: str
    line: str = ""
    """Key of the line that it is about; blank: of none."""

    def __str__(self) -> str:
        """Return what lists tell of it."""
        return self.what


class OrderRow(ListRow, frozen=True, kw_only=True):
    """An order as the list shows it; amounts are what the CRM has now, None where it did not answer."""

    key: str
    title: str
    stage: str
    """Blank: it has no ERP order yet."""
    is_held: bool
    erp_number: str
    since: datetime
    problems: tuple[OrderProblem, ...] = ()
    customer: str = ""
    currency: str = ""
    total: Decimal | None = None


class StageCounted(Answer, frozen=True, kw_only=True):
    """How many orders are at a stage, and how many of them are held."""

    stage: str
    orders: int
    held: int
    has_ended: bool = False
    """From here an order goes nowhere."""


class OrdersListed(ListAnswer, frozen=True, kw_only=True):
    """A page of orders, the greatest number first unless it is sorted otherwise, and the numbers of all."""

    rows: tuple[OrderRow, ...] = ()
    stages: tuple[StageCounted, ...] = ()
    unread: str = ""
    """Why customers and amounts are missing; blank: they are there."""


class OrderEvent(Answer, frozen=True, kw_only=True):
    """One line of an order's timeline."""

    at: datetime
    kind: str
    text: str
    stage: str


class OrderLine(Answer, frozen=True, kw_only=True):
    """One line of an order as one side has it now; amounts are in the order's currency."""

    key: str
    place: int
    """From 1, in the order in which the side shows them."""
    kind: str
    """Item, Resource, G/L Account or Comment; of the CRM also Write-in Product and Product."""
    number: str
    description: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    discount: Decimal
    amount: Decimal
    """After the line's discount; of the CRM without tax."""
    shipped: Decimal
    invoiced: Decimal | None = None
    """None: the side doesn't tell it by line."""
    problems: tuple[OrderProblem, ...] = ()
    """What about this line holds the order."""


class OrderShown(Answer, frozen=True, kw_only=True):
    """One order with its lines, both totals and its timeline."""

    order: OrderRow
    events: tuple[OrderEvent, ...]
    crm_net: Decimal | None = None
    crm_tax: Decimal | None = None
    erp_net: Decimal | None = None
    erp_total: Decimal | None = None
    erp_invoices: tuple[str, ...] = ()
    comparison: str = ""
    """How both totals go together."""
    crm_link: str = ""
    erp_link: str = ""
    crm_lines: tuple[OrderLine, ...] = ()
    erp_lines: tuple[OrderLine, ...] = ()
    """Empty while there is no ERP order, and once it was posted completely."""
    unread: str = ""
    """Why lines and totals are missing; blank: they are there."""


class ListOrders(ListAsked, frozen=True, kw_only=True):
    """Asks for a page of orders; what is said beside the columns' filters holds together with them."""

    stage: str = ""
    held: bool | None = None
    under_way: bool = False
    """Only orders that have not come to their end."""


class ShowOrder(OfConnection, frozen=True, kw_only=True):
    """Asks for one order, by its number, its key, or the number of its ERP order."""

    order: str


class ProcessOrders(OfConnection, frozen=True, kw_only=True):
    """Asks to take all orders on now."""


class RetryOrder(OfConnection, frozen=True, kw_only=True):
    """Asks to take a held order on, even if its ERP order was taken back before."""

    order: str


class OrdersProcessed(Answer, frozen=True, kw_only=True):
    """What was done."""

    message: str


LIST = Operation(
    name="orders.list",
    asked=ListOrders,
    answer=OrdersListed,
    permission=Permission.READ,
    caption=translatable("Sales Orders"),
    tooltip=translatable("Show the submitted CRM orders, where each is, and what holds it."),
    command="orders list",
)
SHOW = Operation(
    name="orders.show",
    asked=ShowOrder,
    answer=OrderShown,
    permission=Permission.READ,
    caption=translatable("Order"),
    tooltip=translatable(
        "Show an order with its lines, both totals, what holds it, and all that happened to it."
    ),
    command="orders show",
)
PROCESS = Operation(
    name="orders.process",
    asked=ProcessOrders,
    answer=OrdersProcessed,
    permission=Permission.SYNCHRONIZE,
    caption=translatable("Create in ERP"),
    tooltip=translatable("Take all orders on now: new ones become ERP orders, states go back to the CRM."),
    effect=Effect.WRITES,
    command="orders process",
)
RETRY = Operation(
    name="orders.retry",
    asked=RetryOrder,
    answer=OrdersProcessed,
    permission=Permission.SYNCHRONIZE,
    caption=translatable("Retry"),
    tooltip=translatable("Look at the order again, and take it on if nothing holds it any more."),
    effect=Effect.WRITES,
    command="orders retry",
)

OPERATIONS = (LIST, SHOW, PROCESS, RETRY)
