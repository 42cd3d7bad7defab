"""Enforces privileges: whoever calls needs them by one of his roles, or by a role of one of his teams."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Final

from interlace.odata.filter_nodes import Lambda, Member
from interlace.odata.query_options import QueryOptions
from interlace.sandbox.crm import errors
from interlace.sandbox.crm.privileges import privilege_id, privilege_name, privileges_of_user, roles_of_user
from interlace.sandbox.crm.record_layout import Role
from interlace.sandbox.crm.records import Author, Records
from interlace.sandbox.crm.schema import Table
from interlace.sandbox.entity_store import SqlClause, quoted
from interlace.sandbox.exchange import Refusal

_BIND: Final = "@odata.bind"
_OWNER: Final = "ownerid"
_MODES: Final = {
    0: "0 Read-Write",
    1: "1 Administrative",
    2: "2 Read",
    3: "3 Support User",
    4: "4 Non-interactive",
    5: "5 Delegated Admin",
}
_CLOSING: Final = "prvCreateActivity"
_OPERATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        ("InsertOptionValue", "UpdateOptionValue", "DeleteOptionValue", "OrderOption"),
        ("prvWriteAttribute", "prvWriteOptionSet"),
    ),
    **dict.fromkeys(("PublishXml", "PublishAllXml"), ("prvPublishCustomization",)),
    **dict.fromkeys(("WinOpportunity", "LoseOpportunity"), ("prvWriteOpportunity", _CLOSING)),
    **dict.fromkeys(("WinQuote", "CloseQuote"), ("prvWriteQuote", _CLOSING)),
    **dict.fromkeys(("FulfillSalesOrder", "CancelSalesOrder"), ("prvWriteOrder", _CLOSING)),
    "BulkDelete": ("prvBulkDelete",),
    "RevertProduct": ("prvWriteProduct",),
    "ReviseQuote": ("prvCreateQuote", "prvWriteQuote"),
    "ConvertQuoteToSalesOrder": ("prvCreateOrder", "prvWriteQuote"),
    "ConvertSalesOrderToInvoice": ("prvCreateInvoice", "prvWriteOrder"),
    "UnlockSalesOrderPricing": ("prvWriteOrder",),
    "UnlockInvoicePricing": ("prvWriteInvoice",),
    "GenerateQuoteFromOpportunity": ("prvCreateQuote", "prvReadOpportunity"),
    "GenerateSalesOrderFromOpportunity": ("prvCreateOrder", "prvReadOpportunity"),
    "GenerateInvoiceFromOpportunity": ("prvCreateInvoice", "prvReadOpportunity"),
    **dict.fromkeys(("AddPrivilegesRole", "ReplacePrivilegesRole", "RemovePrivilegeRole"), ("prvWriteRole",)),
}
"""What messages need that are about more than one table, or about none."""


class AccessRights:
    """Asks of every request whether its caller may do it. Off, everybody may do everything."""

    def __init__(self, records: Records, *, enforced: bool) -> None:
        self._records = records
        self._enforced = enforced
        self._held: dict[str, tuple[object, frozenset[str]]] = {}
        self._linked: dict[tuple[str, frozenset[str]], tuple[str, ...]] = {}

    def require(self, author: Author, verb: str, table: Table) -> None:
        """Refuses a caller who may not do this to records of a table."""
        if self._enforced:
            self._require_name(author, privilege_name(verb, table), table)

    def require_operation(self, author: Author, name: str) -> None:
        """Refuses a caller who may not use a message; to ask who one is takes no role."""
        if not self._enforced or name == "WhoAmI":
            return
        held = self.held(author.user_id)
        for privilege in _OPERATIONS.get(name, ()):
            if privilege not in held:
                raise self.refusal(author.user_id, privilege)

    def require_read(self, author: Author, table: Table, options: QueryOptions) -> None:
        """Refuses a caller who may not read a table, or what he expands, filters or sorts by beside it."""
        if not self._enforced:
            return
        self._require_name(author, privilege_name("Read", table), table)
        for item in options.expand:
            target = self._target(table, item.path)
            if target is not None:
                self.require_read(author, target, item.options)
        own = {"": table}
        found = list(self._neighbours(options.filter, own))
        for order in options.order_by:
            found += self._passed(order.path.split("/"), own)
        for name in dict.fromkeys(each.logical_name for each in found):
            neighbour = self._records.schema.tables[name]
            self._require_name(author, privilege_name("Read", neighbour), neighbour)

    def _neighbours(self, node: object, tables: Mapping[str, Table]) -> Iterator[Table]:
        """Yields the tables that an expression reaches; `tables` are its own, by blank, and those of variables."""
        match node:
            case Member():
                yield from self._passed(node.path, tables)
            case Lambda():
                passed = list(self._passed(node.collection.path, tables, is_whole=True))
                yield from passed
                if passed:
                    yield from self._neighbours(node.condition, {**tables, node.variable or "": passed[-1]})
            case tuple():
                for each in node:
                    yield from self._neighbours(each, tables)
            case _ if is_dataclass(node):
                for part in fields(node):
                    yield from self._neighbours(getattr(node, part.name), tables)
            case _:
                return

    def _passed(
        self, path: Sequence[str], tables: Mapping[str, Table], *, is_whole: bool = False
    ) -> Iterator[Table]:
        """Yields the tables that a path leads over; its last part is a column, unless all of it is navigation."""
        table = tables[""]
        if path and path[0] in tables:
            table, path = tables[path[0]], path[1:]
        for name in path if is_whole else path[:-1]:
            target = self._target(table, name)
            if target is None:
                return
            table = target
            yield table

    def require_create(self, author: Author, table: Table, *payloads: Mapping[str, object]) -> None:
        """Refuses a caller who may not create records with these bodies, and what is nested in them."""
        self._require_write(author, table, payloads, ("Create",))

    def require_update(self, author: Author, table: Table, *payloads: Mapping[str, object]) -> None:
        """Refuses a caller who may not change records by these bodies."""
        self._require_write(author, table, payloads, ("Write",))

    def require_upsert(self, author: Author, table: Table, *payloads: Mapping[str, object]) -> None:
        """Refuses a caller who may not create and change records by these bodies."""
        self._require_write(author, table, payloads, ("Create", "Write"))

    def require_link(self, author: Author, table: Table, target: Table) -> None:
        """Refuses a caller who may not name a record of a table in one of another."""
        self.require(author, "Append", table)
        self.require(author, "AppendTo", target)

    def held(self, user_id: str) -> frozenset[str]:
        """The names of the privileges of a user; refuses one who has no role at all."""
        stamp = self._stamp(user_id)
        known = self._held.get(user_id)
        if known is None or known[0] != stamp:
            if not roles_of_user(self._records, user_id):
                raise Refusal(
                    403,
                    errors.USER_WITHOUT_ROLE,
                    f"The user with SystemUserId={user_id} has not been assigned any roles.",
                )
            names = frozenset(
                str(each["PrivilegeName"]) for each in privileges_of_user(self._records, user_id)
            )
            known = self._held[user_id] = (stamp, names)
        return known[1]

    def refusal(self, user_id: str, privilege: str, table: Table | None = None) -> Refusal:
        """What a caller is told who lacks a privilege."""
        return privilege_refusal(
            self._records, user_id, privilege, "" if table is None else table.logical_name
        )

    def _stamp(self, user_id: str) -> object:
        """What the privileges of a user follow from, cheap to compare."""
        records = self._records
        where = SqlClause(f"{quoted('systemuser')} = ?", (user_id,))
        own, teams = (
            tuple(records.store.find_keys(relation, where))
            for relation in ("systemuserroles_association", "teammembership_association")
        )
        return records.roles_changed, id(records.schema), own, teams

    def _require_name(self, author: Author, privilege: str, table: Table) -> None:
        if privilege not in self.held(author.user_id):
            raise self.refusal(author.user_id, privilege, table)

    def _require_write(
        self,
        author: Author,
        table: Table,
        payloads: Iterable[Mapping[str, object]],
        verbs: tuple[str, ...],
    ) -> None:
        if not self._enforced:
            return
        for verb in verbs:
            self.require(author, verb, table)
        bound: set[str] = set()
        for payload in payloads:
            for name, value in payload.items():
                if name.endswith(_BIND):
                    if value is not None and not (
                        name == f"{_OWNER}{_BIND}" and author.user_id in str(value)
                    ):
                        bound.add(name)
                elif isinstance(value, (list, dict)):
                    self._require_nested(author, table, name, value)
        held = self.held(author.user_id)
        for privilege in self._of_links(table, frozenset(bound)) if bound else ():
            if privilege not in held:
                raise self.refusal(author.user_id, privilege, table)

    def _require_nested(self, author: Author, table: Table, name: str, value: object) -> None:
        target = self._target(table, name)
        if target is None:
            return
        entries = value if isinstance(value, list) else [value]
        self.require_create(author, target, *(each for each in entries if isinstance(each, dict)))

    def _of_links(self, table: Table, bound: frozenset[str]) -> tuple[str, ...]:
        """The privileges that lookups need."""
        known = self._linked.get((table.logical_name, bound))
        if known is not None:
            return known
        records, found = self._records, dict[str, None]()
        members = records.layouts[table.logical_name].members
        for name in sorted(bound):
            member = members.get(name)
            if member is None or member.role is not Role.BIND or member.column is None:
                continue
            if member.column.name == _OWNER:
                found[privilege_name("Assign", table)] = None
                continue
            target = member.column.targets.get(member.name)
            if target is not None:
                found[privilege_name("Append", table)] = None
                found[privilege_name("AppendTo", records.schema.tables[target])] = None
        self._linked[table.logical_name, bound] = tuple(found)
        return tuple(found)

    def _target(self, table: Table, navigation: str) -> Table | None:
        """The table behind a navigation property, None for what is no navigation property."""
        schema = self._records.schema
        column = table.lookups.get(navigation)
        if column is not None:
            name = column.targets.get(navigation)
            return None if name is None else schema.tables.get(name)
        members = self._records.members_table(table, navigation)
        return None if members is None else schema.tables[members]


def privilege_refusal(records: Records, user_id: str, privilege: str, table: str) -> Refusal:
    """What the service tells a user who lacks a privilege."""
    user = records.required_row("systemuser", user_id)
    mode = user["accessmode"]
    facts = (
        f"Id={user_id}, type=8, roleCount={len(roles_of_user(records, user_id))}, "
        f"privilegeCount={len(privileges_of_user(records, user_id))}, "
        f"accessMode='{_MODES.get(mode if isinstance(mode, int) else 0, mode)}'"
    )
    where = f" for entity '{table}'" if table else ""
    return Refusal(
        403,
        errors.PRIVILEGE_DENIED,
        f"Principal user ({facts}) is missing {privilege} privilege (Id={privilege_id(privilege)}){where}.",
    )
