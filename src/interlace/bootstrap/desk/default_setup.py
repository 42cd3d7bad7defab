"""Carries out *Use Default Synchronization Setup*: shows what it takes back, then does it for what was chosen."""

from interlace.bootstrap.application import Connection
from interlace.bootstrap.default_setup import changed_from_default, stamp, use_defaults
from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.desk.compare_again import compare_again
from interlace.bootstrap.serving import Server
from interlace.management import default_setup
from interlace.management.caller import Caller
from interlace.management.connections import ConnectionChanged, OneConnection
from interlace.management.default_setup import DefaultSetup, MappingDefaults, UseDefaults
from interlace.management.desk import Works
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable


def add_default_setup(works: Works, server: Server) -> None:
    """Let these operations be carried out."""
    application = server.application

    async def show(caller: Caller, asked: OneConnection) -> DefaultSetup:
        """Tell what is not the default."""
        held = await connection_of(application, caller, asked)
        found = await off_loop(changed_from_default, application, server.schedules, held)
        return DefaultSetup(
            mappings=tuple(MappingDefaults(mapping=name, changes=changes) for name, changes in found.items()),
            seen=stamp(found),
        )

    async def use(caller: Caller, asked: UseDefaults) -> ConnectionChanged:
        """Take back what was chosen."""
        held = await connection_of(application, caller, asked)
        return await off_loop(_use, server, held, asked)

    works.add(default_setup.DEFAULTS, show)
    works.add(default_setup.USE_DEFAULTS, use)


def _use(server: Server, held: Connection, asked: UseDefaults) -> ConnectionChanged:
    application = server.application
    found = changed_from_default(application, server.schedules, held)
    if asked.seen and asked.seen != stamp(found):
        raise Refused(
            RefusalKind.CHANGED_MEANWHILE,
            translatable("Something else was changed meanwhile"),
            why=translatable("What would be taken back is not what this page showed."),
            next_step=translatable("Look at it again, then decide."),
        )
    chosen = [name for name in found if name in asked.mappings]
    if not chosen:
        raise Refused(
            RefusalKind.INVALID,
            translatable("Nothing was chosen"),
            next_step=translatable("Tick the mappings whose changes are to be taken back."),
            fields={"mappings": translatable("Tick at least one.")},
        )
    for name in use_defaults(application, server.schedules, held, chosen):
        compare_again(server, held, name)
    return ConnectionChanged(
        message=translatable("As they were at first: {mappings}.", mappings=", ".join(chosen))
    )
