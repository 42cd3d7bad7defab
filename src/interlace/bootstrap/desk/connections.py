"""Carries out what is asked about connections."""

from collections.abc import Iterator

from interlace.bootstrap.application import Connection
from interlace.bootstrap.connection_checks import check_connection, has_problem
from interlace.bootstrap.connection_names import default_of
from interlace.bootstrap.connection_settings import ConnectionSettings
from interlace.bootstrap.credentials import needed_secrets
from interlace.bootstrap.desk.carry_out import connection_of, in_own_loop, may_see, off_loop
from interlace.bootstrap.enable_connection import coupled, enable_connection
from interlace.bootstrap.freezes import freeze_now
from interlace.bootstrap.order_switches import change_order_settings
from interlace.bootstrap.secret_sources import SOURCES
from interlace.bootstrap.serving import Server
from interlace.bootstrap.setup.questions import QUESTIONS
from interlace.domain.job_queue_entry import JobQueueEntryStatus
from interlace.locale.translatable import as_sentence, translatable
from interlace.management import connections
from interlace.management.caller import Caller
from interlace.management.connections import (
    ChangeOrderSettings,
    ConnectionChanged,
    ConnectionCheck,
    Connections,
    ConnectionShown,
    ConnectionSummary,
    ConnectionTested,
    ListConnections,
    NamedSetting,
    OneConnection,
    RemoveConnection,
)
from interlace.management.desk import Works
from interlace.management.noted_changes import note_changes
from interlace.management.refusal import NextStep, RefusalKind, Refused

_AT_WORK = (JobQueueEntryStatus.READY, JobQueueEntryStatus.IN_PROCESS)


def add_connections(works: Works, server: Server) -> None:
    """Let these operations be carried out."""
    work = _Connections(server)
    works.add(connections.LIST, work.listed)
    works.add(connections.SHOW, work.show)
    works.add(connections.TEST, work.test)
    works.add(connections.ENABLE, work.enable)
    works.add(connections.DISABLE, work.disable)
    works.add(connections.REMOVE, work.remove)
    works.add(connections.SYNCHRONIZE, work.synchronize)
    works.add(connections.CHANGE_ORDERS, work.change_orders)


class _Connections:
    """The connections of a server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._application = server.application

    async def listed(self, caller: Caller, _asked: ListConnections) -> Connections:
        held = await off_loop(self._application.connections)
        default = default_of(held)
        return Connections(
            connections=tuple(summary_of(each, default) for each in held if may_see(caller, each))
        )

    async def show(self, caller: Caller, asked: OneConnection) -> ConnectionShown:
        held = await connection_of(self._application, caller, asked)
        return await off_loop(self._show, held)

    def _show(self, held: Connection) -> ConnectionShown:
        jobs = self._server.schedules.listed(held)
        needed = needed_secrets(held.settings)
        secrets = []
        for source in SOURCES:
            is_stored = self._application.is_stored(held, source.secret)
            if is_stored or source.secret in needed:
                value = "stored" if is_stored else ""
                secrets.append(
                    NamedSetting(name=source.caption, value=value, is_secret=True, caption=source.caption)
                )
        return ConnectionShown(
            summary=summary_of(held, default_of(self._application.connections())),
            settings=(*_settings(held.settings), *secrets),
            couplings=coupled(self._application, held),
            jobs_ready=sum(each.status in _AT_WORK for each in jobs),
            jobs=len(jobs),
        )

    async def test(self, caller: Caller, asked: OneConnection) -> ConnectionTested:
        held = await connection_of(self._application, caller, asked)
        return await self._tested(held)

    async def _tested(self, held: Connection) -> ConnectionTested:
        checks = await in_own_loop(lambda: check_connection(self._application, held))
        return ConnectionTested(
            checks=tuple(
                ConnectionCheck(
                    subject=each.subject, state=each.state.value, message=each.message, remedy=each.remedy
                )
                for each in checks
            ),
            has_problem=has_problem(checks),
        )

    async def enable(self, caller: Caller, asked: OneConnection) -> ConnectionChanged:
        held = await connection_of(self._application, caller, asked)
        tested = await self._tested(held)
        if tested.has_problem:
            first = next(each for each in tested.checks if each.state == "problem")
            raise Refused(
                RefusalKind.NOT_READY,
                translatable("The connection was not enabled"),
                why=translatable(
                    "{check}: {problem}",
                    check=as_sentence(first.subject),
                    problem=as_sentence(first.message),
                ),
                next_step=first.remedy,
                steps=(NextStep(caption=translatable("Test Connection"), page="/connection?test=1"),),
            )
        await in_own_loop(lambda: enable_connection(self._application, held))
        return ConnectionChanged(
            message=translatable("The connection {name} is enabled.", name=held.settings.name)
        )

    async def disable(self, caller: Caller, asked: OneConnection) -> ConnectionChanged:
        held = await connection_of(self._application, caller, asked)
        await off_loop(self._application.disable, held)
        return ConnectionChanged(
            message=translatable("The connection {name} is disabled.", name=held.settings.name)
        )

    async def remove(self, caller: Caller, asked: RemoveConnection) -> ConnectionChanged:
        held = await connection_of(self._application, caller, asked)
        name = held.settings.name
        if asked.typed_name != name:
            raise Refused(
                RefusalKind.INVALID,
                translatable("The name does not fit"),
                next_step=translatable("Type the name of the connection to remove it: {name}.", name=name),
                fields={"typed_name": translatable("This is another name.")},
            )
        await off_loop(self._application.state.delete_connection, held.id)
        note_changes("", held.settings.dump(), {})
        return ConnectionChanged(
            message=translatable("The connection {name} is removed.", name=name), page="/"
        )

    async def synchronize(self, caller: Caller, asked: OneConnection) -> ConnectionChanged:
        held = await connection_of(self._application, caller, asked)
        begun = await off_loop(self._server.synchronize_all, held)
        return ConnectionChanged(
            message=translatable("{count} mappings run in the background.", count=len(begun))
        )

    async def change_orders(self, caller: Caller, asked: ChangeOrderSettings) -> ConnectionChanged:
        held = await connection_of(self._application, caller, asked)
        names = [each for each in asked.__struct_fields__ if each != "connection"]
        changes = {name: value for name in names if (value := getattr(asked, name)) is not None}
        await in_own_loop(lambda: change_order_settings(self._application, held, changes))
        return ConnectionChanged(message=translatable("The order settings are kept."))


def summary_of(held: Connection, default: Connection | None) -> ConnectionSummary:
    """Return a connection as lists show it; `default` is the one that is meant where none is named."""
    settings = held.settings
    window = freeze_now(settings)
    return ConnectionSummary(
        id=held.id,
        name=settings.name,
        erp_address=settings.erp_address,
        erp_company=settings.erp_company,
        crm_address=settings.crm_address,
        enabled=settings.enabled,
        is_default=default is not None and default.id == held.id,
        frozen_until=None if window is None else window.end,
        freeze_reason="" if window is None else window.reason,
    )


def _settings(settings: ConnectionSettings) -> Iterator[NamedSetting]:
    """Yield every setting, first those that people tell, in the order in which they are asked."""
    values = settings.dump()
    declared = [each for each in QUESTIONS if each.field]
    for each in declared:
        end = each.side.value if each.side is not None and each.option and each.applies(settings) else ""
        yield NamedSetting(
            name=each.field,
            value=_text(values[each.field]),
            caption=each.caption,
            end=end,
        )
    told = {each.field for each in declared}
    for name in values:
        if name not in told:
            yield NamedSetting(name=name, value=_text(values[name]))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else ""
    return ", ".join(str(each) for each in value) if isinstance(value, list | tuple) else str(value)
