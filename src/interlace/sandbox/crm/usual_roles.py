"""Roles of people who sell, as an organization has them from its beginning, and who gets them."""

from __future__ import annotations

import uuid
from typing import Final

from interlace.sandbox.crm import role_privileges
from interlace.sandbox.crm.first_start import link
from interlace.sandbox.crm.privileges import privilege_names, roles_of_user
from interlace.sandbox.crm.records import Author, Records
from interlace.sandbox.entity_store import SqlClause

SALESPERSON: Final = "Salesperson"
AVAILABILITY_USER: Final = "Interlace Availability User"
ASSIGNED: Final = "systemuserroles_association"
_WORK: Final = ("Create", "Read", "Write", "Delete", "Append", "AppendTo", "Assign", "Share")
_WORKED_WITH: Final = (
    "Account",
    "Contact",
    "Opportunity",
    "Quote",
    "Order",
    "Invoice",
    "Note",
    "Activity",
    "Lead",
)
_LOOKED_AT: Final = (
    *("Product", "TransactionCurrency", "User", "Team", "BusinessUnit", "Organization", "Role", "Territory"),
    *("WebResource", "UserSettings", "SdkMessage", "Entity", "Attribute", "OptionSet", "Query", "SystemForm"),
)
_STATE: Final = "salesperson role"
_PEOPLE: Final = 0


def ensure_salesperson_role(records: Records, administrator_id: str) -> None:
    """Makes the role of salespeople where it is missing, and gives it to people without any. In a transaction."""
    if records.store.read_state(_STATE) is None:
        role_id = str(uuid.uuid5(uuid.UUID(records.organization_id), f"role {SALESPERSON}"))
        _make(records, role_id, administrator_id)
        records.store.write_state(_STATE, role_id)
    role_id = str(records.store.read_state(_STATE))
    if not records.exists("role", role_id):
        return
    roles = records.schema.tables["role"]
    availability = records.find_by_key(roles, {"name": AVAILABILITY_USER})
    people = SqlClause('"accessmode" = ? AND "isdisabled" = 0', (_PEOPLE,))
    for (user_id,) in records.store.find_keys("systemuser", people):
        if roles_of_user(records, str(user_id)):
            continue
        for given in (role_id, availability):
            if given is not None:
                link(records, ASSIGNED, str(user_id), given)


def _make(records: Records, role_id: str, administrator_id: str) -> None:
    unit = {"businessunitid@odata.bind": f"/businessunits({records.root_business_unit_id})"}
    table = records.schema.tables["role"]
    records.create(table, {"roleid": role_id, "name": SALESPERSON, **unit}, Author(administrator_id))
    wanted = {f"prv{verb}{subject}" for subject in _WORKED_WITH for verb in _WORK}
    wanted |= {f"prv{verb}{subject}" for subject in _LOOKED_AT for verb in ("Read", "AppendTo")}
    known = privilege_names(records.schema)
    role_privileges.grant(records, role_id, {name: "Global" for name in sorted(wanted) if name in known})
