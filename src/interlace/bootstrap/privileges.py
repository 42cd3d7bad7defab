"""Compares what the mappings need with what the accounts of both ends may do, before anything is written.

The CRM tells what an account holds. The ERP does where it publishes the page EffectivePermissions; elsewhere each table
is read once, and what may be written shows only when it is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Final

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem, ConnectionSettings
from interlace.bootstrap.ends import Ends
from interlace.connectors.business_central.permissions import PERMISSION_PAGE, Permissions
from interlace.connectors.business_central.published_tables import PUBLISHED_TABLES
from interlace.connectors.business_central.service import BusinessCentralService
from interlace.connectors.dataverse.privileges import DEPTHS, ORGANIZATION, is_of_roles, privileges_of
from interlace.connectors.markers import TableMissing
from interlace.domain.keys import MappingName
from interlace.domain.privilege import Access, Need
from interlace.domain.side import Side
from interlace.engine.service import SignInRefused
from interlace.lead_to_cash.mapping_names import SALESORDER_ORDER
from interlace.lead_to_cash.needed_privileges import (
    AVAILABILITY,
    CONNECTION,
    CRM_STATISTICS,
    ENABLING,
    OF_ORDER_USER,
    Needs,
    Switches,
    needed,
)
from interlace.locale.translatable import joined, translatable

_ERP_WORDS = {
    Access.READ: "Read",
    Access.CREATE: "Insert",
    Access.WRITE: "Modify",
    Access.DELETE: "Delete",
}
_KNOWN_TABLES: Final = frozenset(table.name for table in PUBLISHED_TABLES)
_REACHES = dict(
    zip(
        DEPTHS,
        (
            translatable("its own records"),
            translatable("its business unit"),
            translatable("its part of the business units"),
            translatable("all"),
        ),
        strict=True,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPrivilege:
    """A privilege that is needed and that an account does not hold."""

    side: Side
    account: str
    privilege: str
    """As the service calls it: prvCreateAccount, or Insert."""
    table: str
    needed_by: tuple[str, ...]
    remedy: str
    reaches: str = ""
    """How far the account holds it if not far enough; blank: it does not hold it at all."""

    @property
    def what(self) -> str:
        """Say in a sentence what is missing and who needs it."""
        users = ", ".join(self.needed_by)
        if self.side is Side.ERP:
            return translatable(
                "The ERP user {account} lacks the permission {privilege} on the table {table}, needed "
                "for {users}.",
                account=self.account,
                privilege=self.privilege,
                table=self.table,
                users=users,
            )
        if self.reaches:
            return translatable(
                "The CRM account {account} holds {privilege} for {reaches} only, and needs it for the "
                "whole organization ({table}, needed for {users}).",
                account=self.account,
                privilege=self.privilege,
                reaches=self.reaches,
                table=self.table,
                users=users,
            )
        return translatable(
            "The CRM account {account} lacks {privilege} ({table}), needed for {users}.",
            account=self.account,
            privilege=self.privilege,
            table=self.table,
            users=users,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPrivileges:
    """What our accounts may do."""

    erp: Permissions | None
    """None: the ERP does not tell."""
    crm: Mapping[str, str]
    """Privileges by name, each with how far it reaches."""
    sales_orders: Permissions | None = None
    """What the sales order user may do in the ERP; None: the ERP does not tell, or there is no such user."""


class PrivilegesMissing(ConnectionProblem):
    """An account may not do what a run needs: nothing was written."""

    def __init__(self, missing: Sequence[MissingPrivilege]) -> None:
        self.missing = tuple(missing)
        lines = [text for each in missing for text in (each.what, each.remedy)]
        super().__init__(joined([translatable("Nothing was written."), *lines]))


def needed_privileges(
    application: Application, connection: Connection, names: Iterable[MappingName] | None = None
) -> Needs:
    """Return what the mappings that take part need, or those that are named."""
    mappings, settings = application.mappings(connection), connection.settings
    chosen = application.taking_part(connection) if names is None else names
    switches = Switches(
        orders=settings.order_integration,
        two_way_orders=settings.bidirectional_orders,
        availability=settings.publish_availability or bool(settings.feed_user),
    )
    return needed([mappings[name] for name in chosen], switches)


async def missing_privileges(
    application: Application, connection: Connection, ends: Ends | None = None
) -> tuple[MissingPrivilege, ...]:
    """Name every missing privilege of both accounts; writes nothing.

    The connection need not be enabled. Raises a ServiceFailure when an end can't be asked at all.
    """
    wanted = needed_privileges(application, connection)
    async with AsyncExitStack() as opened:
        if ends is None:
            ends = await opened.enter_async_context(application.ends(connection, retries_max=1))
        held = await ask_privileges(ends)
        if held.erp is None:
            held = replace(held, erp=await _tried(ends.erp, wanted))
            held = replace(held, sales_orders=await _of_order_user(ends, tries=True))
    return tuple(compare_privileges(connection.settings, wanted, held))


async def ask_privileges(ends: Ends) -> HeldPrivileges:
    """Ask both ends what our accounts may do.

    That is one request to the CRM and one to the ERP if it tells permissions; another one if orders have a user of
    their own there.
    """
    return HeldPrivileges(
        erp=await ends.erp.permissions(),
        crm=await ends.crm.privileges(),
        sales_orders=await _of_order_user(ends, tries=False),
    )


async def _of_order_user(ends: Ends, *, tries: bool) -> Permissions | None:
    """Ask what the sales order user may do, or find out what he may read; None: nobody knows, or there is no such user.

    A sign-in that is refused keeps no other mapping from running: it is told where the sign-in is tried.
    """
    if ends.sales_orders is None:
        return None
    try:
        told = await ends.sales_orders.permissions()
    except SignInRefused:
        return None
    return await _tried(ends.sales_orders, OF_ORDER_USER) if told is None and tries else told


def require_privileges(
    application: Application,
    connection: Connection,
    held: HeldPrivileges,
    names: Sequence[MappingName],
    beside: Needs | None = None,
) -> None:
    """Refuse runs of mappings that would fail half-way for want of a privilege; raises PrivilegesMissing.

    `beside` is needed, too. What can't be read in an ERP that tells no permissions stops the run of its mapping by
    itself.
    """
    users = {CONNECTION, *names}
    known = needed_privileges(application, connection, names)
    wanted = {need: needed_by for need, needed_by in known.items() if users.intersection(needed_by)}
    for need, needed_by in (beside or {}).items():
        wanted[need] = tuple(dict.fromkeys((*wanted.get(need, ()), *needed_by)))
    missing = list(compare_privileges(connection.settings, wanted, held))
    if missing:
        raise PrivilegesMissing(missing)


def told_later(tables: Iterable[str]) -> str:
    """Say of which tables nobody can tell before the first write whether they may be written."""
    return translatable(
        "Whether the ERP user may write shows at the first write of {unknown}.", unknown=", ".join(tables)
    )


TELL_BEFORE = translatable(
    "Publish the page {permission_page} to know it before, or compare `interlace privileges show`.",
    permission_page=PERMISSION_PAGE,
)
"""What makes it known."""


async def unknown_before(application: Application, connection: Connection, ends: Ends) -> tuple[str, ...]:
    """Return the ERP tables of which nobody can tell before the first write whether they may be written."""
    if await ends.erp.permissions() is not None:
        return ()
    wanted = needed_privileges(application, connection)
    tables = [need.table for need in wanted if need.side is Side.ERP and need.access is not Access.READ]
    return tuple(dict.fromkeys(tables))


async def _tried(erp: BusinessCentralService, wanted: Iterable[Need]) -> Permissions:
    """Read one record of each table; whether it may be written is not known, and taken for granted here."""
    found: dict[str, frozenset[Access]] = {}
    for table in dict.fromkeys(need.table for need in wanted if need.side is Side.ERP):
        found[table] = frozenset(Access)
        try:
            await erp.require_readable(table)
        except SignInRefused:
            found[table] -= {Access.READ}
        except TableMissing:
            # What is not published is told by the check of the mappings.
            continue
    return found


def compare_privileges(
    settings: ConnectionSettings, wanted: Needs, held: HeldPrivileges
) -> Iterator[MissingPrivilege]:
    """Name what is needed and not held, the ERP's first."""
    if held.erp is not None:
        account = settings.erp_user or settings.erp_client_id
        yield from _missing_in_erp(account, wanted, held.erp)
    if held.sales_orders is not None:
        # The connection's own user reads, changes and deletes them; this one only creates.
        theirs = {
            need: (SALESORDER_ORDER,)
            for need, users in wanted.items()
            if need in OF_ORDER_USER and SALESORDER_ORDER in users
        }
        yield from _missing_in_erp(settings.sales_order_user, theirs, held.sales_orders)
    yield from _missing_in_crm(settings, wanted, held.crm)


def _missing_in_erp(account: str, wanted: Needs, held: Permissions) -> Iterator[MissingPrivilege]:
    for need, users in wanted.items():
        # Which table is behind a page that we don't know shows only when it is read.
        is_known = need.side is Side.ERP and need.table in _KNOWN_TABLES
        if is_known and need.access not in held.get(need.table, frozenset()):
            word, table = _ERP_WORDS[need.access], need.table.replace("_", " ")
            yield MissingPrivilege(
                side=Side.ERP,
                account=account,
                privilege=word,
                table=table,
                needed_by=_named(users),
                remedy=translatable(
                    "Give the user a permission set with {word} on {table}, such as INTERLACE, on the page "
                    "Users.",
                    word=word,
                    table=table,
                ),
            )


def _missing_in_crm(
    settings: ConnectionSettings, wanted: Needs, held: Mapping[str, str]
) -> Iterator[MissingPrivilege]:
    account = settings.crm_user or settings.crm_client_id
    # Privileges of customers' tables are written as those tables' schema names are.
    depths = {name.casefold(): depth for name, depth in held.items()}
    for name, (tables, users) in crm_privileges(wanted).items():
        depth = depths.get(name.casefold(), "")
        if depth != ORGANIZATION:
            yield MissingPrivilege(
                side=Side.CRM,
                account=account,
                privilege=name,
                table=", ".join(tables),
                needed_by=_named(users),
                reaches=_REACHES.get(depth, ""),
                remedy=_remedy(name, tables),
            )


def _remedy(name: str, tables: Iterable[str]) -> str:
    """Say how to give a privilege: our roles name no tables but those of the product's own mappings."""
    if not any(map(is_of_roles, tables)):
        return translatable(
            "Add {name} for the whole organization to one of the roles of the account.", name=name
        )
    return translatable(
        "Give the account the roles of the Interlace solution (`interlace solution import`), or "
        "add {name} for the whole organization to one of its roles.",
        name=name,
    )


def crm_privileges(wanted: Needs) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return the needed privileges of the CRM by name: the tables that they are for, and who needs them."""
    found: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for need, users in wanted.items():
        for name in privileges_of(need) if need.side is Side.CRM else ():
            tables, needed_by = found.setdefault(name, ({}, {}))
            tables[need.table] = None
            needed_by.update(dict.fromkeys(users))
    return {name: (tuple(tables), tuple(users)) for name, (tables, users) in found.items()}


def erp_permissions(wanted: Needs) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return the needed permissions of the ERP by table: as the ERP calls them, and who needs them."""
    found: dict[str, tuple[set[Access], dict[str, None]]] = {}
    for need, users in sorted(wanted.items(), key=lambda each: each[0].table):
        if need.side is Side.ERP:
            accesses, needed_by = found.setdefault(need.table.replace("_", " "), (set(), {}))
            accesses.add(need.access)
            needed_by.update(dict.fromkeys(users))
    return {
        table: (tuple(word for access, word in _ERP_WORDS.items() if access in accesses), tuple(users))
        for table, (accesses, users) in found.items()
    }


def _named(users: Iterable[str]) -> tuple[str, ...]:
    words = {
        CONNECTION: translatable("the connection itself"),
        ENABLING: translatable("enabling the connection"),
        AVAILABILITY: translatable("the availability of items"),
        CRM_STATISTICS: translatable("the CRM statistics on the cards of customers"),
    }
    return tuple(words.get(each, each) for each in users)
