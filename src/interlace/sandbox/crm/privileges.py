"""Privileges of roles: which there are, and what the service's own roles may do."""

from __future__ import annotations

import uuid

from interlace.sandbox.crm.first_start import ADMINISTRATOR_TEMPLATE, CUSTOMIZER_TEMPLATE
from interlace.sandbox.crm.record_layout import Row
from interlace.sandbox.crm.records import Records
from interlace.sandbox.crm.schema import Schema

VERBS = ("Create", "Read", "Write", "Delete", "Append", "AppendTo", "Assign", "Share")
_NAMES = {
    "account": "Account",
    "contact": "Contact",
    "systemuser": "User",
    "team": "Team",
    "businessunit": "BusinessUnit",
    "organization": "Organization",
    "role": "Role",
    "product": "Product",
    "uomschedule": "Product",
    "uom": "Product",
    "pricelevel": "Product",
    "productpricelevel": "Product",
    "transactioncurrency": "TransactionCurrency",
    "discounttype": "Product",
    "discount": "Product",
    "opportunity": "Opportunity",
    "opportunityproduct": "Opportunity",
    "opportunityclose": "Activity",
    "quoteclose": "Activity",
    "orderclose": "Activity",
    "quote": "Quote",
    "salesorder": "Order",
    "invoice": "Invoice",
    "annotation": "Note",
    "territory": "Territory",
    "solution": "Solution",
    "publisher": "Publisher",
    "importjob": "ImportJob",
    "asyncoperation": "AsyncOperation",
    "ilc_epochmarker": "ilc_EpochMarker",
    "ilc_accountstatistics": "ilc_AccountStatistics",
    "ilc_connection": "ilc_Connection",
}
_NAMESPACE = uuid.UUID("5b8f9a4e-1c02-5d5e-9d0c-6b4a3f2e1d00")
_READ_ONLY = ("systemuser", "team", "businessunit", "organization", "role", "solution", "publisher")


def privilege_definitions(schema: Schema) -> list[dict[str, object]]:
    """All privileges that there are, as the table of privileges tells of them."""
    return [
        {"privilegeid": privilege_id(name), "name": name, "canbebasic": True, "canbeglobal": True}
        for name in privilege_names(schema)
    ]


def privilege_id(name: str) -> str:
    """The id of a privilege: the same in every organization."""
    return str(uuid.uuid5(_NAMESPACE, name))


def privilege_names(schema: Schema) -> list[str]:
    """The names of all privileges."""
    return sorted(
        {f"prv{verb}{_NAMES[table]}" for table in schema.tables if table in _NAMES for verb in VERBS}
    )


def privileges_of_user(records: Records, user_id: str) -> list[dict[str, object]]:
    """The privileges that a user has through his roles, each once."""
    table = records.schema.tables["systemuser"]
    found: dict[str, dict[str, object]] = {}
    for role in records.members_of(table, user_id, "systemuserroles_association"):
        for privilege in privileges_of_role(records, role):
            found.setdefault(str(privilege["PrivilegeName"]), privilege)
    return list(found.values())


def privileges_of_role(records: Records, role: Row) -> list[dict[str, object]]:
    """The privileges of a role, organization-wide."""
    names = [
        f"prv{verb}{schema_name}"
        for table, schema_name in sorted(_NAMES.items(), key=lambda entry: entry[1])
        for verb in VERBS
        if table in records.schema.tables and _grants(role, table, verb)
    ]
    if role["_roletemplateid_value"] in (ADMINISTRATOR_TEMPLATE, CUSTOMIZER_TEMPLATE):
        names += ["prvImportCustomization", "prvPublishCustomization"]
    return [
        {
            "Depth": "Global",
            "PrivilegeId": str(uuid.uuid5(_NAMESPACE, name)),
            "BusinessUnitId": role["_businessunitid_value"],
            "PrivilegeName": name,
        }
        for name in dict.fromkeys(names)
    ]


def _grants(role: Row, table: str, verb: str) -> bool:
    if role["_roletemplateid_value"] == ADMINISTRATOR_TEMPLATE:
        return True
    if role["_roletemplateid_value"] == CUSTOMIZER_TEMPLATE:
        return verb == "Read" or table in ("solution", "publisher", "importjob", "asyncoperation")
    return verb == "Read" if table in _READ_ONLY else role["name"] == "Interlace Integration User"
