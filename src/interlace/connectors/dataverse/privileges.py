"""Privileges in the CRM: how they are called, and which of them a user holds."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from interlace.connectors.collection import CollectionReader
from interlace.domain.privilege import Access, Need

ORGANIZATION: Final = "Global"
DEPTHS: Final = ("Basic", "Local", "Deep", ORGANIZATION)
"""How far a privilege reaches: one's own records, the business unit's, those of the units below it too, all."""
PUBLISH: Final = "prvPublishCustomization"
_PAGE: Final = 5000
_NAMES: Final[Mapping[str, str]] = {
    "account": "Account",
    "annotation": "Note",
    "attribute": "Attribute",
    "businessunit": "BusinessUnit",
    "contact": "Contact",
    "entity": "Entity",
    "ilc_accountstatistics": "ilc_AccountStatistics",
    "ilc_connection": "ilc_Connection",
    "ilc_epochmarker": "ilc_EpochMarker",
    "invoice": "Invoice",
    "invoicedetail": "Invoice",
    "opportunity": "Opportunity",
    "optionset": "OptionSet",
    "orderclose": "Activity",
    "organization": "Organization",
    "pricelevel": "Product",
    "product": "Product",
    "productpricelevel": "Product",
    "publisher": "Publisher",
    "quote": "Quote",
    "role": "Role",
    "salesorder": "Order",
    "salesorderdetail": "Order",
    "sdkmessage": "SdkMessage",
    "solution": "Solution",
    "systemuser": "User",
    "team": "Team",
    "transactioncurrency": "TransactionCurrency",
    "uom": "Product",
    "uomschedule": "Product",
    "usersettings": "UserSettings",
}
"""What the privileges of a table are called after: lines share their document's, the catalogue shares one."""


class _RolePrivilege(msgspec.Struct):
    Depth: str | int
    PrivilegeId: str
    PrivilegeName: str | None = None


class _RolePrivileges(msgspec.Struct):
    RolePrivileges: list[_RolePrivilege]


class _Privilege(msgspec.Struct):
    privilegeid: str
    name: str


def subject_of(table: str) -> str:
    """Return what the privileges of a table are called after."""
    return _NAMES.get(table, table.capitalize())


def is_of_roles(table: str) -> bool:
    """Tell whether the roles of our solution are made with a table in mind."""
    return table in _NAMES


def privileges_of(need: Need) -> tuple[str, ...]:
    """Return the names of the privileges that satisfy a need of the CRM."""
    name = f"prv{need.access.value}{subject_of(need.table)}"
    # A new choice counts once its table is published.
    if need.table == "optionset" and need.access is Access.WRITE:
        return name, PUBLISH
    return (name,)


async def held_privileges(reader: CollectionReader, root: str, user_id: str) -> dict[str, str]:
    """Return the privileges that a user has by any role, each with how far it reaches."""
    url = f"{root}systemusers({user_id})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()"
    held = (await reader.document(url, _RolePrivileges)).RolePrivileges
    names: dict[str, str] = {}
    if any(each.PrivilegeName is None for each in held):
        # Older versions tell ids only.
        found = await reader.everything(f"{root}privileges?$select=name,privilegeid", page_size=_PAGE)
        names = {
            each.privilegeid.lower(): each.name
            for each in (msgspec.json.decode(raw, type=_Privilege) for raw in found)
        }
    return _furthest(
        (each.PrivilegeName or names.get(each.PrivilegeId.lower(), each.PrivilegeId), _depth(each.Depth))
        for each in held
    )


def _furthest(held: Iterable[tuple[str, str]]) -> dict[str, str]:
    furthest: dict[str, str] = {}
    for name, depth in held:
        known = furthest.get(name)
        if known is None or DEPTHS.index(known) < DEPTHS.index(depth):
            furthest[name] = depth
    return furthest


def _depth(told: str | int) -> str:
    if isinstance(told, int):
        return DEPTHS[min(told, len(DEPTHS) - 1)]
    return told if told in DEPTHS else DEPTHS[0]
