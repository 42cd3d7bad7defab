"""Privileges of roles: which there are, and what the service's own roles may do."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from functools import lru_cache

from interlace.sandbox.crm.first_start import ADMINISTRATOR_TEMPLATE, CUSTOMIZER_TEMPLATE
from interlace.sandbox.crm.record_layout import Row
from interlace.sandbox.crm.records import Records
from interlace.sandbox.crm.role_privileges import DEPTHS, of_role
from interlace.sandbox.crm.schema import Schema, Table

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
    "webresource": "WebResource",
    "solutioncomponent": "Solution",
    "quotedetail": "Quote",
    "salesorderdetail": "Order",
    "invoicedetail": "Invoice",
}
# What there are privileges for beside the tables of this service.
_THINGS = (
    "Activity", "Attribute", "Competitor", "CustomControl", "Customization", "CustomerAddress", "Email",
    "Entity", "EntityKey", "Lead", "OptionSet", "PluginAssembly", "PluginType", "PublisherAddress", "Query",
    "Relationship", "Report", "SavedQueryVisualizations", "SdkMessage", "SdkMessageProcessingStep",
    "ServiceEndpoint", "SiteMap", "SystemForm", "Translation", "UserQuery", "UserSettings", "WebWizard",
    "Workflow",
)  # fmt: skip
_MISCELLANEOUS = (
    "prvActOnBehalfOfAnotherUser", "prvBulkDelete", "prvExportCustomization", "prvExportToExcel", "prvGoOffline",
    "prvImportCustomization", "prvOverrideCreatedOnCreatedBy", "prvOverridePriceEngineInvoice",
    "prvOverridePriceEngineOpportunity", "prvOverridePriceEngineOrder", "prvOverridePriceEngineQuote",
    "prvPublishCustomization", "prvQOIOverrideDelete", "prvSearchAvailability", "prvUseOfficeApps",
    "prvWorkflowExecution",
)  # fmt: skip
_NAMESPACE = uuid.UUID("5b8f9a4e-1c02-5d5e-9d0c-6b4a3f2e1d00")


def privilege_definitions(schema: Schema) -> list[dict[str, object]]:
    """All privileges that there are, as the table of privileges tells of them."""
    return [
        {"privilegeid": privilege_id(name), "name": name, "canbebasic": True, "canbeglobal": True}
        for name in sorted(privilege_names(schema))
    ]


def privilege_id(name: str) -> str:
    """The id of a privilege: the same in every organization."""
    return str(uuid.uuid5(_NAMESPACE, name))


@lru_cache(maxsize=8)
def privilege_names(schema: Schema) -> frozenset[str]:
    """The names of all privileges."""
    found = {f"prv{verb}{thing}" for thing in _THINGS for verb in VERBS}
    for table in schema.tables.values():
        name = _subject(table)
        # Records of a solution's table that belong to nobody cannot be assigned or shared.
        verbs = VERBS[:-2] if table.custom and table.ownership == "organization" else VERBS
        found.update(f"prv{verb}{name}" for verb in verbs)
    return frozenset({*found, *_MISCELLANEOUS})


def privilege_name(verb: str, table: Table) -> str:
    """What the privilege to do this with records of a table is called."""
    return f"prv{verb}{_subject(table)}"


def _subject(table: Table) -> str:
    return _NAMES.get(table.logical_name, table.schema_name or table.logical_name.capitalize())


def privileges_of_user(records: Records, user_id: str) -> list[dict[str, object]]:
    """The privileges that a user has through his roles, each once and as far as any role lets it reach."""
    found: dict[str, dict[str, object]] = {}
    for role in roles_of_user(records, user_id):
        for privilege in privileges_of_role(records, role):
            name = str(privilege["PrivilegeName"])
            known = found.get(name)
            if known is None or _reach(known) < _reach(privilege):
                found[name] = privilege
    return list(found.values())


def roles_of_user(records: Records, user_id: str) -> list[Row]:
    """The roles that a user has himself or through his teams."""
    users, teams = records.schema.tables["systemuser"], records.schema.tables["team"]
    roles = records.members_of(users, user_id, "systemuserroles_association")
    for team in records.members_of(users, user_id, "teammembership_association"):
        roles += records.members_of(teams, str(team["teamid"]), "teamroles_association")
    return roles


def _reach(privilege: Mapping[str, object]) -> int:
    return DEPTHS.index(str(privilege["Depth"]))


def privileges_of_role(records: Records, role: Row) -> list[dict[str, object]]:
    """The privileges of a role with their depths."""
    return [
        {
            "Depth": depth,
            "PrivilegeId": privilege_id(name),
            "BusinessUnitId": role["_businessunitid_value"],
            "PrivilegeName": name,
        }
        for name, depth in sorted(_held(records, role).items())
    ]


def _held(records: Records, role: Row) -> dict[str, str]:
    names = privilege_names(records.schema)
    if role["_roletemplateid_value"] == ADMINISTRATOR_TEMPLATE:
        return dict.fromkeys(names, "Global")
    if role["_roletemplateid_value"] == CUSTOMIZER_TEMPLATE:
        return {name: "Global" for name in names if name.startswith("prvRead") or name in _CUSTOMIZING}
    # What a role may do with a table goes with the table.
    return {name: depth for name, depth in of_role(records, str(role["roleid"])).items() if name in names}


_CUSTOMIZING = frozenset(
    {
        *("prvImportCustomization", "prvExportCustomization", "prvPublishCustomization"),
        *(
            f"prv{verb}{thing}"
            for verb in VERBS
            for thing in (
                *("Attribute", "Customization", "Entity", "EntityKey", "OptionSet", "Relationship"),
                *("Solution", "Publisher", "ImportJob", "AsyncOperation", "SystemForm", "WebResource"),
            )
        ),
    }
)
