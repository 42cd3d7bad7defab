"""Carries out what is asked about connections."""

from interlace.bootstrap.application import Connection
from interlace.bootstrap.desk.carry_out import may_see, off_loop
from interlace.bootstrap.serving import Server
from interlace.management import connections
from interlace.management.caller import Caller
from interlace.management.connections import Connections, ConnectionSummary, ListConnections
from interlace.management.desk import Works


def add_connections(works: Works, server: Server) -> None:
    """Let these operations be carried out."""

    async def list_connections(caller: Caller, _asked: ListConnections) -> Connections:
        held = await off_loop(server.application.connections)
        return Connections(connections=tuple(_summary(each) for each in held if may_see(caller, each)))

    works.add(connections.LIST, list_connections)


def _summary(held: Connection) -> ConnectionSummary:
    settings = held.settings
    return ConnectionSummary(
        id=held.id,
        name=settings.name,
        erp_address=settings.erp_address,
        erp_company=settings.erp_company,
        crm_address=settings.crm_address,
        enabled=settings.enabled,
    )
