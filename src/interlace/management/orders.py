"""Orders on their way from the CRM to the ERP and back."""

from datetime import datetime
from decimal import Decimal

from interlace.management.operation import Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable


class OrderProblem(Answer, frozen=True, kw_only=True):
    """What holds an order, and what to do."""

    code: str
    what: str
    remedy: str
    line: str = ""
    """Key of the line that it is about; blank: of none."""


class OrderRow(Answer, frozen=True, kw_only=True):
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


class OrdersListed(Answer, frozen=True, kw_only=True):
    """A page of orders in the order of their keys, and the numbers of all."""

    orders: tuple[OrderRow, ...]
    stages: tuple[StageCounted, ...]
    next_after: str = ""
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


class ListOrders(OfConnection, frozen=True, kw_only=True):
    """Asks for a page of orders."""

    stage: str = ""
    held: bool | None = None
    under_way: bool = False
    """Only orders that have not come to their end."""
    after: str = ""
    limit: int = 50


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
