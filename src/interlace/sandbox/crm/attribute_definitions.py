"""Definitions of columns, keys and relationships in the shapes of the metadata entity types."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import lru_cache

from interlace.sandbox.crm.option_sets import OptionSets
from interlace.sandbox.crm.schema import (
    NAMESPACE,
    Column,
    ColumnKind,
    Option,
    ParentDelete,
    Requirement,
    SharedChoice,
    Table,
)

Definition = dict[str, object]

_NAMESPACE = uuid.UUID("0d2f6a53-7f0c-5b8e-a4f5-2a6c7c0e9b11")
_KINDS = {
    ColumnKind.KEY: ("Uniqueidentifier", "UniqueIdentifierAttributeMetadata"),
    ColumnKind.GUID: ("Uniqueidentifier", "UniqueIdentifierAttributeMetadata"),
    ColumnKind.TEXT: ("String", "StringAttributeMetadata"),
    ColumnKind.MEMO: ("Memo", "MemoAttributeMetadata"),
    ColumnKind.INTEGER: ("Integer", "IntegerAttributeMetadata"),
    ColumnKind.BIG_INTEGER: ("BigInt", "BigIntAttributeMetadata"),
    ColumnKind.DECIMAL: ("Decimal", "DecimalAttributeMetadata"),
    ColumnKind.DOUBLE: ("Double", "DoubleAttributeMetadata"),
    ColumnKind.MONEY: ("Money", "MoneyAttributeMetadata"),
    ColumnKind.MONEY_BASE: ("Money", "MoneyAttributeMetadata"),
    ColumnKind.BOOLEAN: ("Boolean", "BooleanAttributeMetadata"),
    ColumnKind.DATETIME: ("DateTime", "DateTimeAttributeMetadata"),
    ColumnKind.DATE: ("DateTime", "DateTimeAttributeMetadata"),
    ColumnKind.CHOICE: ("Picklist", "PicklistAttributeMetadata"),
    ColumnKind.STATE: ("State", "StateAttributeMetadata"),
    ColumnKind.STATUS: ("Status", "StatusAttributeMetadata"),
    ColumnKind.LOOKUP: ("Lookup", "LookupAttributeMetadata"),
    ColumnKind.SHADOW: ("Lookup", "LookupAttributeMetadata"),
    ColumnKind.MANAGED: ("ManagedProperty", "ManagedPropertyAttributeMetadata"),
}
_REQUIREMENTS = {
    Requirement.NONE: "None",
    Requirement.RECOMMENDED: "Recommended",
    Requirement.APPLICATION: "ApplicationRequired",
    Requirement.SYSTEM: "SystemRequired",
}
_CASCADES = {
    ParentDelete.CASCADE: "Cascade",
    ParentDelete.RESTRICT: "Restrict",
    ParentDelete.REMOVE_LINK: "RemoveLink",
    ParentDelete.NO_ACTION: "NoCascade",
}


@lru_cache(maxsize=8_192)
def metadata_id(name: str) -> str:
    """A MetadataId that is the same in every organization."""
    return str(uuid.uuid5(_NAMESPACE, name))


def label(text: str) -> Definition:
    """A label in one language."""
    localized = {
        "Label": text,
        "LanguageCode": 1033,
        "IsManaged": True,
        "MetadataId": metadata_id(f"label {text}"),
        "HasChanged": None,
    }
    return {"LocalizedLabels": [localized], "UserLocalizedLabel": localized}


def attribute_definition(table: Table, column: Column, option_sets: OptionSets) -> Definition:
    """The definition of one column."""
    attribute_type, type_name = _KINDS[column.kind]
    if column.name == "ownerid" and column.kind is ColumnKind.LOOKUP:
        attribute_type = "Owner"
    elif column.customer:
        attribute_type = "Customer"
    name = column.name.removeprefix("_").removesuffix("_value") if column.shadow_of else column.name
    definition: Definition = {
        "@odata.type": f"#{NAMESPACE}.{type_name}",
        "LogicalName": name,
        "SchemaName": column.schema_name or name,
        "EntityLogicalName": table.logical_name,
        "AttributeType": attribute_type,
        "AttributeTypeName": {"Value": f"{attribute_type}Type"},
        "DisplayName": label(column.display_name or name),
        "RequiredLevel": {
            "Value": _REQUIREMENTS[column.required],
            "CanBeChanged": False,
            "ManagedPropertyLogicalName": "canmodifyrequirementlevelsettings",
        },
        "IsPrimaryId": column.name == table.key,
        "IsPrimaryName": column.name == table.primary_name,
        "IsValidForCreate": column.writable,
        "IsValidForRead": True,
        "IsValidForUpdate": column.writable and not column.create_only,
        "IsCustomAttribute": column.custom,
        "AttributeOf": None,
        "MetadataId": metadata_id(f"{table.logical_name}.{column.name}"),
        "HasChanged": None,
    }
    definition.update(_particulars(table, column, option_sets))
    return definition


def _particulars(table: Table, column: Column, option_sets: OptionSets) -> Definition:
    kind = column.kind
    if kind in (ColumnKind.TEXT, ColumnKind.MEMO):
        return {"MaxLength": column.max_length, "Format": "Text"}
    if kind in (ColumnKind.DECIMAL, ColumnKind.MONEY, ColumnKind.MONEY_BASE, ColumnKind.DOUBLE):
        found: Definition = {
            "MinValue": column.minimum,
            "MaxValue": column.maximum,
            "Precision": column.precision,
        }
        return {**found, "PrecisionSource": 2} if kind is ColumnKind.MONEY else found
    if kind is ColumnKind.INTEGER:
        return {"MinValue": column.minimum, "MaxValue": column.maximum, "Format": "None"}
    if kind in (ColumnKind.DATETIME, ColumnKind.DATE):
        behaviour = "DateOnly" if kind is ColumnKind.DATE else "UserLocal"
        return {
            "DateTimeBehavior": {"Value": behaviour},
            "Format": "DateOnly" if kind is ColumnKind.DATE else "DateAndTime",
        }
    if kind is ColumnKind.LOOKUP:
        return {"Targets": list(dict.fromkeys(column.targets.values()))}
    if kind in (ColumnKind.CHOICE, ColumnKind.STATE, ColumnKind.STATUS):
        options = _option_set(table, column, option_sets)
        own, shared = (None, options) if column.choice else (options, None)
        return {"DefaultFormValue": -1, "OptionSet": own, "GlobalOptionSet": shared}
    if kind is ColumnKind.BOOLEAN:
        return {"DefaultValue": bool(column.default), "OptionSet": _two_options(table, column)}
    return {}


def _option_set(table: Table, column: Column, option_sets: OptionSets) -> Definition:
    states = {state.value: state for state in table.states}
    options: list[Definition] = []
    for option in option_sets.options(table.logical_name, column.name):
        entry = _option(option)
        if column.kind is ColumnKind.STATE:
            state = states[option.value]
            entry |= {"DefaultStatus": state.reasons[0].value, "InvariantName": state.label}
        elif column.kind is ColumnKind.STATUS:
            entry |= {"State": option.state, "TransitionData": None}
        options.append(entry)
    kind = {ColumnKind.STATE: "State", ColumnKind.STATUS: "Status"}.get(column.kind, "Picklist")
    name = column.choice or f"{table.logical_name}_{column.name}"
    place = f"choice {column.choice}" if column.choice else f"options {table.logical_name}.{column.name}"
    return {
        "Options": options,
        "Name": name,
        "DisplayName": label(column.display_name or column.name),
        "Description": label(""),
        "IsCustomOptionSet": column.custom,
        "IsGlobal": bool(column.choice),
        "IsManaged": True,
        "OptionSetType": kind,
        "MetadataId": metadata_id(place),
        "HasChanged": None,
    }


def _option(option: Option) -> Definition:
    return {
        "Value": option.value,
        "Label": label(option.label),
        "Description": {"LocalizedLabels": [], "UserLocalizedLabel": None},
        "Color": None,
        "IsManaged": True,
        "ExternalValue": None,
        "ParentValues": [],
        "MetadataId": None,
        "HasChanged": None,
    }


def shared_choice_definition(choice: SharedChoice) -> Definition:
    """The definition of a choice that several columns share."""
    return {
        "@odata.type": f"#{NAMESPACE}.OptionSetMetadata",
        "Options": [_option(option) for option in choice.options],
        "Name": choice.name,
        "DisplayName": label(choice.display_name),
        "Description": label(""),
        "IsCustomOptionSet": True,
        "IsGlobal": True,
        "IsManaged": True,
        "OptionSetType": "Picklist",
        "MetadataId": metadata_id(f"choice {choice.name}"),
        "HasChanged": None,
    }


def _two_options(table: Table, column: Column) -> Definition:
    return {
        "TrueOption": {"Value": 1, "Label": label("Yes")},
        "FalseOption": {"Value": 0, "Label": label("No")},
        "Name": f"{table.logical_name}_{column.name}",
        "OptionSetType": "Boolean",
        "IsGlobal": False,
        "MetadataId": metadata_id(f"options {table.logical_name}.{column.name}"),
    }


def key_definition(table: Table, name: str, columns: Sequence[str]) -> Definition:
    """The definition of an alternate key; its index is ready from the beginning."""
    return {
        "LogicalName": name,
        "SchemaName": name,
        "EntityLogicalName": table.logical_name,
        "KeyAttributes": list(columns),
        "EntityKeyIndexStatus": "Active",
        "IsManaged": True,
        "DisplayName": label(name),
        "MetadataId": metadata_id(f"key {table.logical_name}.{name}"),
    }


def relationship_definition(parent: Table, child: Table, column: Column, navigation: str) -> Definition:
    """The definition of a one-to-many relationship, seen from its lookup column."""
    back = next(
        (
            entry.name
            for entry in parent.collections.values()
            if entry.members == child.logical_name and entry.column == column.name
        ),
        f"{parent.logical_name}_{child.logical_name}_{column.name}",
    )
    cascade = _CASCADES[column.parent_delete]
    return {
        "@odata.type": f"#{NAMESPACE}.OneToManyRelationshipMetadata",
        "SchemaName": back,
        "RelationshipType": "OneToManyRelationship",
        "ReferencedEntity": parent.logical_name,
        "ReferencedAttribute": parent.key,
        "ReferencingEntity": child.logical_name,
        "ReferencingAttribute": column.name,
        "ReferencedEntityNavigationPropertyName": back,
        "ReferencingEntityNavigationPropertyName": navigation,
        "CascadeConfiguration": {
            "Assign": "NoCascade",
            "Delete": cascade,
            "Merge": "NoCascade",
            "Reparent": "NoCascade",
            "Share": "NoCascade",
            "Unshare": "NoCascade",
            "RollupView": "NoCascade",
            "Archive": "NoCascade",
        },
        "MetadataId": metadata_id(f"relationship {child.logical_name}.{navigation}"),
    }
