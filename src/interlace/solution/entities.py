"""Writes the tables as `Entity` elements of `customizations.xml`, and the relationships of their lookups."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from interlace.solution.attributes import attributes
from interlace.solution.buttons import buttons
from interlace.solution.markup import element, labels, values
from interlace.solution.model import ColumnType, Key, Solution, Table

INTRODUCED = "1.0.0.0"
"""The version whose tables and columns these are; a later component names its own."""
_CURRENCY_TABLE = "TransactionCurrency"


def entities(solution: Solution) -> Iterator[Element]:
    """Make the elements of all tables, by name."""
    for table in sorted(solution.tables, key=lambda table: table.name):
        yield _entity(table, solution.language)


def relationships(solution: Solution) -> Iterator[Element]:
    """Make the relationships of all lookups, by name."""
    found = {}
    for table in solution.tables:
        for column in table.columns:
            if column.type is ColumnType.LOOKUP:
                found[column.relationship] = _relationship(
                    column.relationship,
                    table.schema_name,
                    column.target,
                    column.name,
                    column.on_target_delete,
                )
        if table.is_new and table.has_money:
            name = f"{_CURRENCY_TABLE}_{table.schema_name}"
            found[name] = _relationship(
                name, table.schema_name, _CURRENCY_TABLE, "transactioncurrencyid", "NoCascade"
            )
    for _, relationship in sorted(found.items()):
        yield relationship


def _entity(table: Table, language: int) -> Element:
    made = element("Entity")
    made.append(
        element(
            "Name",
            text=table.schema_name,
            LocalizedName=table.display_name,
            OriginalName=table.display_name,
        )
    )
    made.append(element("EntityInfo", _entity_info(table, language)))
    if table.buttons:
        made.append(buttons(table, language))
    return made


def _entity_info(table: Table, language: int) -> Element:
    made = element("entity", Name=table.schema_name)
    if table.is_new:
        made.append(labels("LocalizedNames", "LocalizedName", table.display_name, language))
        made.append(
            labels("LocalizedCollectionNames", "LocalizedCollectionName", table.collection_name, language)
        )
        made.append(labels("Descriptions", "Description", table.description, language))
    else:
        # The table itself stays as the organization has it: only what stands below is added.
        made.set("unmodified", "1")
    made.append(element("attributes", *attributes(table, version=INTRODUCED, language=language)))
    if table.keys:
        made.append(element("EntityKeys", *(_key(key, language) for key in table.keys)))
    if table.is_new:
        _add_behaviour(made, table)
    return made


def _key(key: Key, language: int) -> Element:
    made = element("EntityKey")
    values(
        made,
        {"Name": key.name, "LogicalName": key.name, "IntroducedVersion": INTRODUCED, "IsCustomizable": 1},
    )
    names = (element("AttributeName", text=column) for column in key.columns)
    made.append(element("EntityKeyAttributes", *names))
    made.append(labels("displaynames", "displayname", key.display_name, language))
    return made


def _add_behaviour(made: Element, table: Table) -> None:
    values(
        made,
        {
            "EntitySetName": table.set_name,
            "IsDuplicateCheckSupported": 0,
            "IsBusinessProcessEnabled": 0,
            "IsRequiredOffline": 0,
            "IsInteractionCentricEnabled": 0,
            "IsCollaboration": 0,
            "AutoRouteToOwnerQueue": 0,
            "IsConnectionsEnabled": 0,
            "IsDocumentManagementEnabled": 0,
            "AutoCreateAccessTeams": 0,
            "IsOneNoteIntegrationEnabled": 0,
            "IsKnowledgeManagementEnabled": 0,
            "IsSLAEnabled": 0,
            "IsDocumentRecommendationsEnabled": 0,
            "IsBPFEntity": 0,
            "OwnershipTypeMask": "OrgOwned",
            "IsAuditEnabled": 0,
            "IsRetrieveAuditEnabled": 0,
            "IsRetrieveMultipleAuditEnabled": 0,
            "IsActivity": 0,
            "ActivityTypeMask": "",
            "IsActivityParty": 0,
            "IsReplicated": 0,
            "IsReplicationUserFiltered": 0,
            "IsMailMergeEnabled": 0,
            "IsVisibleInMobile": 0,
            "IsVisibleInMobileClient": 0,
            "IsReadOnlyInMobileClient": 0,
            "IsOfflineInMobileClient": 0,
            "DaysSinceRecordLastModified": 0,
            "MobileOfflineFilters": "",
            "IsMapiGridEnabled": 1,
            "IsReadingPaneEnabled": 1,
            "IsQuickCreateEnabled": 0,
            "SyncToExternalSearchIndex": 0,
            "IntroducedVersion": INTRODUCED,
            "IsCustomizable": 1,
            "IsRenameable": 1,
            "IsMappable": 1,
            "CanModifyAuditSettings": 1,
            "CanModifyMobileVisibility": 1,
            "CanModifyMobileClientVisibility": 1,
            "CanModifyMobileClientReadOnly": 1,
            "CanModifyMobileClientOffline": 1,
            "CanModifyConnectionSettings": 1,
            "CanModifyDuplicateDetectionSettings": 1,
            "CanModifyMailMergeSettings": 1,
            "CanModifyQueueSettings": 1,
            "CanCreateAttributes": 1,
            "CanCreateForms": 1,
            "CanCreateCharts": 1,
            "CanCreateViews": 1,
            "CanModifyAdditionalSettings": 1,
            "CanEnableSyncToExternalSearchIndex": 1,
            "EnforceStateTransitions": 0,
            "CanChangeHierarchicalRelationship": 1,
            "EntityHelpUrlEnabled": 0,
            "ChangeTrackingEnabled": int(table.change_tracking),
            "CanChangeTrackingBeEnabled": 1,
            "IsEnabledForExternalChannels": 0,
            "IsMSTeamsIntegrationEnabled": 0,
            "IsSolutionAware": 0,
        },
    )


def _relationship(name: str, table: str, target: str, column: str, on_delete: str) -> Element:
    made = element("EntityRelationship", Name=name)
    values(
        made,
        {
            "EntityRelationshipType": "OneToMany",
            "IsCustomizable": 1,
            "IntroducedVersion": INTRODUCED,
            "IsHierarchical": 0,
            "ReferencingEntityName": table,
            "ReferencedEntityName": target,
            "CascadeAssign": "NoCascade",
            "CascadeDelete": on_delete,
            "CascadeReparent": "NoCascade",
            "CascadeShare": "NoCascade",
            "CascadeUnshare": "NoCascade",
            "CascadeRollupView": "NoCascade",
            "IsValidForAdvancedFind": 1,
            "ReferencingAttributeName": column,
        },
    )
    made.append(element("RelationshipDescription"))
    here = element("EntityRelationshipRole")
    values(
        here,
        {
            "NavPaneDisplayOption": "DoNotDisplay",
            "NavPaneArea": "Details",
            "NavPaneOrder": 10000,
            "NavigationPropertyName": column,
            "RelationshipRoleType": 1,
        },
    )
    there = element("EntityRelationshipRole")
    values(there, {"NavigationPropertyName": name, "RelationshipRoleType": 0})
    made.append(element("EntityRelationshipRoles", here, there))
    return made
