"""Carries out what is asked about several connections: how they stand, their names, and the default."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlencode

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_names import ConnectionNameProblem, default_of
from interlace.bootstrap.connection_naming import begin_connection, make_default, rename_connection
from interlace.bootstrap.desk.carry_out import connection_of, may_see, off_loop, require_reach
from interlace.bootstrap.desk.connections import summary_of
from interlace.bootstrap.serving import Server
from interlace.domain.job_queue_entry import JobQueueEntryStatus
from interlace.locale.translatable import text_of, translatable
from interlace.management import connection_list
from interlace.management.caller import Caller
from interlace.management.connection_list import (
    BeginConnection,
    ConnectionRow,
    ConnectionRows,
    DefaultConnection,
    RenameConnection,
    ShowConnections,
)
from interlace.management.connections import ConnectionChanged
from interlace.management.desk import Works
from interlace.management.refusal import RefusalKind, Refused

_LIST = "/connections"


def add_connection_list(works: Works, server: Server) -> None:
    """Let these operations be carried out."""
    work = _ConnectionList(server.application)
    works.add(connection_list.OVERVIEW, work.overview)
    works.add(connection_list.BEGIN, work.begin)
    works.add(connection_list.RENAME, work.rename)
    works.add(connection_list.MAKE_DEFAULT, work.make_default)


class _ConnectionList:
    """The connections of one Interlace."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def overview(self, caller: Caller, _asked: ShowConnections) -> ConnectionRows:
        return ConnectionRows(connections=await off_loop(self._rows, caller))

    def _rows(self, caller: Caller) -> tuple[ConnectionRow, ...]:
        held = self._application.connections()
        return tuple(_row(self._application, each, held) for each in held if may_see(caller, each))

    async def begin(self, caller: Caller, asked: BeginConnection) -> ConnectionChanged:
        require_reach(caller, asked.name)
        with _names():
            begun = await off_loop(begin_connection, self._application, asked.name)
        name = begun.settings.name
        return ConnectionChanged(
            message=translatable("The connection {name} begins with its addresses.", name=name),
            page=f"/setup?{urlencode({'connection': name})}",
        )

    async def rename(self, caller: Caller, asked: RenameConnection) -> ConnectionChanged:
        held = await connection_of(self._application, caller, asked)
        with _names():
            renamed = await off_loop(rename_connection, self._application, held, asked.name)
        before, name = held.settings.name, renamed.settings.name
        return ConnectionChanged(
            message=translatable("The connection {before} is called {name} now.", before=before, name=name),
            page=f"{_LIST}?{urlencode({'connection': name})}",
        )

    async def make_default(self, caller: Caller, asked: DefaultConnection) -> ConnectionChanged:
        held = await connection_of(self._application, caller, asked)
        await off_loop(make_default, self._application, held)
        return ConnectionChanged(
            message=translatable("{name} is the default now.", name=held.settings.name), page=_LIST
        )


@contextmanager
def _names() -> Iterator[None]:
    """Tell what is wrong with a name at its field."""
    try:
        yield
    except Refused as refused:
        problem = refused.__cause__
        if isinstance(problem, ConnectionNameProblem):
            raise name_refused(problem) from problem
        raise


def name_refused(problem: ConnectionNameProblem) -> Refused:
    """Return the refusal of a name that a connection can't have."""
    told = text_of(problem)
    return Refused(
        RefusalKind.INVALID, translatable("The name can't be used"), why=told, fields={"name": told}
    )


def _row(application: Application, each: Connection, held: Sequence[Connection]) -> ConnectionRow:
    queries = application.state.queries
    settings = each.settings
    entries = application.state.job_queue_entries.list(each.id)
    return ConnectionRow(
        summary=summary_of(each, default_of(held)),
        state="enabled" if settings.enabled else "disabled" if settings.erp_company_id else "new",
        is_running=any(entry.status is JobQueueEntryStatus.IN_PROCESS for entry in entries),
        last_finished_at=max(queries.last_finished(each.id).values(), default=None),
        coupled=sum(queries.count_couplings(each.id).values()),
        errors=sum(queries.count_errors(each.id).values()),
        conflicts=queries.count_conflicts(each.id),
        halts=sum(halt.released_by is None for halt in queries.halts(each.id)),
    )
