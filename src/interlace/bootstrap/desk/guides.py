"""Carries out what is asked about the guides of Assisted Setup."""

from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.serving import Server
from interlace.bootstrap.setup.guides import guides
from interlace.management import setup
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.setup import Guide, Guides, ListGuides


def add_guides(works: Works, server: Server) -> None:
    """Let this operation be carried out."""
    application = server.application

    async def list_guides(caller: Caller, asked: ListGuides) -> Guides:
        """List them; without any connection there is one to begin with."""
        is_first = not asked.connection and not await off_loop(application.connections)
        held = None if is_first else await connection_of(application, caller, asked)
        found = await off_loop(guides, application, held)
        return Guides(
            guides=tuple(
                Guide(
                    name=each.name,
                    caption=each.caption,
                    text=each.text,
                    state=each.state.value,
                    left=each.left,
                    page=each.page,
                    permission=each.permission,
                )
                for each in found
            )
        )

    works.add(setup.LIST, list_guides)
