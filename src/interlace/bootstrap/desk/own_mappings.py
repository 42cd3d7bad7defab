"""Carries out what is asked about mappings that users add."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar
from urllib.parse import quote

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.desk.mapping_services import MappingServices
from interlace.bootstrap.own_mapping_keeping import (
    OwnMappingProblem,
    check_mapping,
    check_tables,
    keep_mapping,
    remove_mapping,
    require_own,
    why_no_key,
)
from interlace.bootstrap.own_mapping_offer import EnteredMapping, Offered, read_offer
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.mapping_answers import MappingChanged
from interlace.management.own_mappings import (
    ADD_MAPPING,
    REMOVE_MAPPING,
    TABLES,
    AddMapping,
    CrmTable,
    ErpTable,
    ListTables,
    RemoveMapping,
    TablesOffered,
)
from interlace.management.own_rows import RowField
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable

T = TypeVar("T")


def add_own_mappings(works: Works, application: Application, services: MappingServices) -> None:
    """Let these operations be carried out."""
    work = _OwnMappings(application, services)
    works.add(TABLES, work.tables)
    works.add(ADD_MAPPING, work.add)
    works.add(REMOVE_MAPPING, work.remove)


class _OwnMappings:
    """Users' mappings of the connections."""

    def __init__(self, application: Application, services: MappingServices) -> None:
        self._application = application
        self._services = services

    async def tables(self, caller: Caller, asked: ListTables) -> TablesOffered:
        """Tell what both services have; raises Refused for two tables that can't be joined."""
        held = await connection_of(self._application, caller, asked)
        entered = EnteredMapping(erp_table=asked.erp_table, crm_table=asked.crm_table)
        offered = await self._offered(held, entered)
        if asked.erp_table or asked.crm_table:
            await self._checked(lambda: check_tables(self._application, held, entered, offered))
        mappings = list((await off_loop(self._application.mappings, held)).values())
        key = offered.key
        return TablesOffered(
            erp=_erp_tables(offered, mappings),
            crm=tuple(
                CrmTable(name=each, mapped=_names(it for it in mappings if it.integration_table == each))
                for each in offered.crm
            ),
            key="" if key is None else key.name,
            columns=tuple(
                RowField(name=each.name, kind=each.kind, caption=each.caption, length=each.length)
                for each in sorted(offered.crm_fields.values(), key=lambda it: it.name)
                if not why_no_key(each, key)
            ),
        )

    async def add(self, caller: Caller, asked: AddMapping) -> MappingChanged:
        """Add a mapping, which takes no part yet."""
        held = await connection_of(self._application, caller, asked)
        entered = EnteredMapping(
            name=asked.name,
            erp_table=asked.erp_table,
            crm_table=asked.crm_table,
            crm_column=asked.crm_column,
            only_coupled=asked.synch_only_coupled_records != "no",
            direction=asked.direction,
        )
        offered = await self._offered(held, entered)

        def keep() -> str:
            own = check_mapping(self._application, held, entered, offered)
            keep_mapping(self._application, held, own)
            return own.name

        name = await self._checked(keep)
        return MappingChanged(
            message=translatable(
                "{mapping} is added and takes no part yet. Add its field rows, then let it take part.",
                mapping=name,
            ),
            page=f"/mappings/{quote(name)}",
            changed=(name,),
        )

    async def remove(self, caller: Caller, asked: RemoveMapping) -> MappingChanged:
        """Remove a mapping; raises Refused if others were coupled since its couplings were shown."""
        held = await connection_of(self._application, caller, asked)
        [name] = await off_loop(self._application.known_mappings, held, [asked.mapping])
        return await off_loop(self._removed, held, name, asked.count)

    def _removed(self, held: Connection, name: MappingName, shown: int) -> MappingChanged:
        require_own(held, name)
        count = self._application.connection_store(held).count_couplings(name)
        if count != shown:
            raise Refused(
                RefusalKind.CHANGED_MEANWHILE,
                translatable("{mapping} has {count} couplings by now", mapping=name, count=count),
                why=translatable("There were {count} when they were shown.", count=shown),
                next_step=translatable("Look at them again, then decide."),
            )
        remove_mapping(self._application, held, name)
        return MappingChanged(
            message=translatable(
                "{mapping} is deleted with {count} couplings; records stay on both sides.",
                mapping=name,
                count=count,
            ),
            page="/mappings",
            changed=(name,),
        )

    async def _offered(self, held: Connection, entered: EnteredMapping) -> Offered:
        return await self._services.with_ends(held, lambda ends: read_offer(ends, entered))

    async def _checked(self, work: Callable[[], T]) -> T:
        """Do work that checks what was entered; what is wrong is told at its field."""

        def told() -> T:
            try:
                return work()
            except OwnMappingProblem as problem:
                raise Refused(
                    RefusalKind.INVALID,
                    translatable("The mapping is not added"),
                    why=next(iter(problem.problems.values())),
                    fields=problem.problems,
                ) from problem

        return await off_loop(told)


def _erp_tables(offered: Offered, mappings: Sequence[IntegrationTableMapping]) -> tuple[ErpTable, ...]:
    return tuple(
        ErpTable(
            name=each.name,
            service=each.service,
            key=each.key,
            mapped=_names(it for it in mappings if it.erp_table == each.name),
        )
        for each in offered.erp
    )


def _names(mappings: Iterable[IntegrationTableMapping]) -> tuple[MappingName, ...]:
    return tuple(each.name for each in mappings)
