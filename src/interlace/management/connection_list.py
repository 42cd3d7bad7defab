"""Several connections: how each stands, what it is called, and which one is meant where none is named."""

from datetime import datetime

from interlace.management.connections import ConnectionChanged, ConnectionSummary
from interlace.management.operation import Answer, Asked, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable


class ConnectionRow(Answer, frozen=True, kw_only=True):
    """One connection and how it stands."""

    summary: ConnectionSummary
    state: str
    """enabled, disabled, or new: its set-up was never finished."""
    is_running: bool
    """A mapping of it is being synchronized."""
    last_finished_at: datetime | None
    """When the newest of its jobs ended."""
    coupled: int
    errors: int
    """Records on its error list."""
    conflicts: int
    halts: int
    """Safety halts that nobody has released."""


class ConnectionRows(Answer, frozen=True, kw_only=True):
    """Every connection, by name."""

    connections: tuple[ConnectionRow, ...]


class ShowConnections(Asked, frozen=True, kw_only=True):
    """Asks how every connection stands."""


class BeginConnection(Asked, frozen=True, kw_only=True):
    """Asks for another connection; a name is all that is needed to begin."""

    name: str


class RenameConnection(OfConnection, frozen=True, kw_only=True):
    """Asks to call a connection otherwise."""

    name: str
    """The new one."""


class DefaultConnection(OfConnection, frozen=True, kw_only=True):
    """Asks that a connection is meant where none is named."""


OVERVIEW = Operation(
    name="connections.overview",
    asked=ShowConnections,
    answer=ConnectionRows,
    permission=Permission.READ,
    caption=translatable("Connections"),
    tooltip=translatable("Show every connection with its state, its last run and its errors."),
    command="connection list",
)
BEGIN = Operation(
    name="connections.begin",
    asked=BeginConnection,
    answer=ConnectionChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("New Connection"),
    tooltip=translatable("Name another pair of an ERP company and a CRM organization, and set it up."),
    effect=Effect.WRITES,
    command="setup",
)
RENAME = Operation(
    name="connections.rename",
    asked=RenameConnection,
    answer=ConnectionChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Rename"),
    tooltip=translatable("Call the connection otherwise; all that is remembered of it stays."),
    effect=Effect.WRITES,
    command="connection rename",
)
MAKE_DEFAULT = Operation(
    name="connections.make_default",
    asked=DefaultConnection,
    answer=ConnectionChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Use as Default"),
    tooltip=translatable("Let pages open with this connection, and commands mean it when they name none."),
    effect=Effect.WRITES,
    command="connection default",
)

OPERATIONS = (OVERVIEW, BEGIN, RENAME, MAKE_DEFAULT)
