"""Connections: which there are, and which one something is asked of."""

from interlace.management.operation import Answer, Asked, Operation
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


class Connections(Answer, frozen=True, kw_only=True):
    """Every connection, by name."""

    connections: tuple[ConnectionSummary, ...]


class ListConnections(Asked, frozen=True, kw_only=True):
    """Asks for every connection."""


LIST = Operation(
    name="connections.list",
    asked=ListConnections,
    answer=Connections,
    permission=Permission.READ,
    caption=translatable("Connections"),
    tooltip=translatable("Show which ERP company is kept in step with which CRM organization."),
    command="connection list",
)

OPERATIONS = (LIST,)
