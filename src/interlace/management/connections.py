"""Connections: which there are, and which one something is asked of."""

from collections.abc import Sequence
from datetime import datetime

from interlace.management.operation import Answer, Asked, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable


class ConnectionSummary(Answer, frozen=True, kw_only=True):
    """One connection as lists and the frame of pages show it."""

    id: str
    name: str
    erp_address: str
    erp_company: str
    crm_address: str
    enabled: bool
    is_default: bool = False
    """It is meant where none is named."""
    frozen_until: datetime | None = None
    """When the freeze window ends in which it is now; None: it is in none."""
    freeze_reason: str = ""


class Connections(Answer, frozen=True, kw_only=True):
    """Every connection, by name."""

    connections: tuple[ConnectionSummary, ...]


def first_choice(connections: Sequence[ConnectionSummary]) -> str:
    """Return the name of the connection that pages open with: the default, else the first by name; blank: none."""
    chosen = next((each for each in connections if each.is_default), None) or next(iter(connections), None)
    return "" if chosen is None else chosen.name


class ListConnections(Asked, frozen=True, kw_only=True):
    """Asks for every connection."""


class NamedSetting(Answer, frozen=True, kw_only=True):
    """One setting as text; of a secret only whether it is stored."""

    name: str
    value: str
    is_secret: bool = False
    caption: str = ""
    """What people call it; blank: it is nothing that they tell."""
    end: str = ""
    """The end it is about, erp or crm, if it counts there by the way the connection signs in."""


class ConnectionShown(Answer, frozen=True, kw_only=True):
    """The Connection Setup card."""

    summary: ConnectionSummary
    settings: tuple[NamedSetting, ...]
    couplings: int
    jobs_ready: int
    """Recurring jobs that are ready or at work."""
    jobs: int


class ConnectionCheck(Answer, frozen=True, kw_only=True):
    """One thing that must be right: ok, warning or problem."""

    subject: str
    state: str
    message: str
    remedy: str = ""


class ConnectionTested(Answer, frozen=True, kw_only=True):
    """What was found at both ends."""

    checks: tuple[ConnectionCheck, ...]
    has_problem: bool


class ConnectionChanged(Answer, frozen=True, kw_only=True):
    """What was done."""

    message: str
    page: str = ""


class OneConnection(OfConnection, frozen=True, kw_only=True):
    """Asks about one connection."""


class RemoveConnection(OfConnection, frozen=True, kw_only=True):
    """Asks to forget a connection; its name must be typed, so that it is no slip."""

    typed_name: str


class ChangeOrderSettings(OfConnection, frozen=True, kw_only=True):
    """Asks for other order settings; what is left out stays."""

    order_integration: bool | None = None
    bidirectional_orders: bool | None = None
    check_credit_limit: bool | None = None
    require_salesperson: bool | None = None
    payment_discount_from_order: bool | None = None


LIST = Operation(
    name="connections.list",
    asked=ListConnections,
    answer=Connections,
    permission=Permission.READ,
    caption=translatable("Connections"),
    tooltip=translatable("Show which ERP company is kept in step with which CRM organization."),
    command="connection list",
)

SHOW = Operation(
    name="connections.show",
    asked=OneConnection,
    answer=ConnectionShown,
    permission=Permission.READ,
    caption=translatable("Connection Setup"),
    tooltip=translatable("Show the settings of the connection; of secrets only whether they are stored."),
    command="connection show",
)
TEST = Operation(
    name="connections.test",
    asked=OneConnection,
    answer=ConnectionTested,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Test Connection"),
    tooltip=translatable("Try both ends: addresses, sign-in, solution, privileges. Nothing is written."),
    command="connection test",
    is_kept_reading=True,
)
ENABLE = Operation(
    name="connections.enable",
    asked=OneConnection,
    answer=ConnectionChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Enable"),
    tooltip=translatable("Test the connection and let it be used; its recurring jobs begin."),
    effect=Effect.WRITES,
    command="connection enable",
)
DISABLE = Operation(
    name="connections.disable",
    asked=OneConnection,
    answer=ConnectionChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Disable"),
    tooltip=translatable("Stop using the connection; couplings stay, recurring jobs are on hold."),
    effect=Effect.WRITES,
    command="connection disable",
)
REMOVE = Operation(
    name="connections.remove",
    asked=RemoveConnection,
    answer=ConnectionChanged,
    permission=Permission.ADMINISTER,
    caption=translatable("Remove"),
    tooltip=translatable(
        "Forget the connection with its couplings, jobs and errors; records stay on both sides."
    ),
    effect=Effect.WRITES,
    command="connection remove",
    needs_fresh_sign_in=True,
)
SYNCHRONIZE = Operation(
    name="connections.synchronize",
    asked=OneConnection,
    answer=ConnectionChanged,
    permission=Permission.SYNCHRONIZE,
    caption=translatable("Synchronize Modified Records"),
    tooltip=translatable("Let every mapping carry over what was changed since it ran last."),
    effect=Effect.WRITES,
    command="synch",
)
CHANGE_ORDERS = Operation(
    name="connections.change_orders",
    asked=ChangeOrderSettings,
    answer=ConnectionChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Save"),
    tooltip=translatable("Keep the settings of the sales order integration."),
    effect=Effect.WRITES,
    command="orders settings",
)

OPERATIONS = (LIST, SHOW, TEST, ENABLE, DISABLE, REMOVE, SYNCHRONIZE, CHANGE_ORDERS)
