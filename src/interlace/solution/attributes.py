"""Writes the columns of a table as `attribute` elements of `customizations.xml`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from interlace.solution.markup import element, labels, values
from interlace.solution.model import Column, ColumnType, Table

_EVERYWHERE = "ValidForAdvancedFind|ValidForForm|ValidForGrid"
_MONEY_LIMIT = 920_000_000_000_000
_USER_LOCAL = 1
_DATE_ONLY = 2

Facts = Mapping[str, str | int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attribute:
    """One attribute element: what differs between columns."""

    schema_name: str
    type: str
    display_name: str
    required: str = "none"
    mask: str = _EVERYWHERE
    ime: str = "auto"
    updatable: bool = True
    creatable: bool = True
    custom: bool = True
    particulars: Facts = field(default_factory=dict)
    extra: tuple[Element, ...] = ()


def attributes(table: Table, *, version: str, language: int) -> Iterator[Element]:
    """Make the elements of a table's columns; a new table also gets its key, its states and its currency."""
    for attribute in _attributes(table, language):
        yield _element(attribute, version=version, language=language)


def _attributes(table: Table, language: int) -> Iterator[_Attribute]:
    if table.is_new:
        yield _key_of(table)
        yield _state(table, language)
        yield _status(table, language)
    for column in table.columns:
        yield _own(column, is_primary=column.name == table.primary_name)
        if column.type is ColumnType.MONEY:
            yield _base_amount(column)
    if table.is_new and table.has_money:
        yield _currency()
        yield _exchange_rate()


def _element(attribute: _Attribute, *, version: str, language: int) -> Element:
    logical_name = attribute.schema_name.lower()
    made = element("attribute", PhysicalName=attribute.schema_name)
    values(
        made,
        {
            "Type": attribute.type,
            "Name": logical_name,
            "LogicalName": logical_name,
            "RequiredLevel": attribute.required,
            "DisplayMask": attribute.mask,
            "ImeMode": attribute.ime,
            "ValidForUpdateApi": int(attribute.updatable),
            "ValidForReadApi": 1,
            "ValidForCreateApi": int(attribute.creatable),
            "IsCustomField": int(attribute.custom),
            "IsAuditEnabled": 0,
            "IsSecured": 0,
            "IntroducedVersion": version,
            "IsCustomizable": 1,
            "IsRenameable": 1,
            "CanModifySearchSettings": 1,
            "CanModifyRequirementLevelSettings": int(attribute.required != "systemrequired"),
            "CanModifyAdditionalSettings": 1,
            "SourceType": 0,
            "IsGlobalFilterEnabled": 0,
            "IsSortableEnabled": 0,
            "CanModifyGlobalFilterSettings": 1,
            "CanModifyIsSortableSettings": 1,
            "IsDataSourceSecret": 0,
            "AutoNumberFormat": "",
            "IsSearchable": 0,
            "IsFilterable": 0,
            "IsRetrievable": 0,
            "IsLocalizable": 0,
        },
    )
    values(made, attribute.particulars)
    made.extend(attribute.extra)
    made.append(labels("displaynames", "displayname", attribute.display_name, language))
    return made


def _own(column: Column, *, is_primary: bool) -> _Attribute:
    type_name, ime, particulars = _FORMS[column.type](column)
    extra = (element("LookupTypes"),) if column.type is ColumnType.LOOKUP else ()
    return _Attribute(
        schema_name=column.name,
        type=type_name,
        display_name=column.display_name,
        required="required" if is_primary else "none",
        mask=f"PrimaryName|{_EVERYWHERE}|RequiredForForm" if is_primary else _EVERYWHERE,
        ime=ime,
        particulars=particulars,
        extra=extra,
    )


def _text(column: Column) -> tuple[str, str, Facts]:
    facts: Facts = {"Format": column.format, "MaxLength": column.max_length, "Length": 2 * column.max_length}
    return "nvarchar", "auto", facts


def _big_integer(_column: Column) -> tuple[str, str, Facts]:
    return "bigint", "auto", {}


def _money(_column: Column) -> tuple[str, str, Facts]:
    return "money", "disabled", _amount(base=False)


def _amount(*, base: bool) -> Facts:
    # 2: as many decimals as the currency has; a base amount has four, like the exchange rates' own.
    limits = {"MinValue": -_MONEY_LIMIT, "MaxValue": _MONEY_LIMIT}
    return {**limits, "Accuracy": 4, "AccuracySource": 2, "IsBaseCurrency": int(base)}


def _datetime(_column: Column) -> tuple[str, str, Facts]:
    return "datetime", "auto", {"Format": "datetime", "CanChangeDateTimeBehavior": 0, "Behavior": _USER_LOCAL}


def _date(_column: Column) -> tuple[str, str, Facts]:
    return "datetime", "auto", {"Format": "date", "CanChangeDateTimeBehavior": 0, "Behavior": _DATE_ONLY}


def _lookup(_column: Column) -> tuple[str, str, Facts]:
    return "lookup", "auto", {"LookupStyle": "single"}


_FORMS = {
    ColumnType.TEXT: _text,
    ColumnType.BIG_INTEGER: _big_integer,
    ColumnType.MONEY: _money,
    ColumnType.DATETIME: _datetime,
    ColumnType.DATE: _date,
    ColumnType.LOOKUP: _lookup,
}


def _base_amount(column: Column) -> _Attribute:
    return _Attribute(
        schema_name=f"{column.name}_Base",
        type="money",
        display_name=f"{column.display_name} (Base)",
        ime="disabled",
        updatable=False,
        creatable=False,
        particulars={**_amount(base=True), "CalculationOf": column.name},
    )


def _currency() -> _Attribute:
    return _Attribute(
        schema_name="TransactionCurrencyId",
        type="lookup",
        display_name="Currency",
        custom=False,
        particulars={"LookupStyle": "single"},
        extra=(element("LookupTypes"),),
    )


def _exchange_rate() -> _Attribute:
    return _Attribute(
        schema_name="ExchangeRate",
        type="decimal",
        display_name="Exchange Rate",
        ime="disabled",
        updatable=False,
        creatable=False,
        custom=False,
        particulars={"MinValue": "0.000000000001", "MaxValue": 100_000_000_000, "Accuracy": 12},
    )


def _key_of(table: Table) -> _Attribute:
    return _Attribute(
        schema_name=f"{table.schema_name}Id",
        type="primarykey",
        display_name=table.display_name,
        required="systemrequired",
        mask="ValidForAdvancedFind|RequiredForGrid",
        updatable=False,
        custom=False,
    )


def _state(table: Table, language: int) -> _Attribute:
    states = element("states")
    for value, reason, label in ((0, 1, "Active"), (1, 2, "Inactive")):
        one = element("state", value=str(value), defaultstatus=str(reason), invariantname=label)
        one.append(labels("labels", "label", label, language))
        states.append(one)
    return _Attribute(
        schema_name="statecode",
        type="state",
        display_name="Status",
        required="systemrequired",
        creatable=False,
        custom=False,
        extra=(_option_set(table, "state", "Status", states, language),),
    )


def _status(table: Table, language: int) -> _Attribute:
    statuses = element("statuses")
    for value, state, label in ((1, 0, "Active"), (2, 1, "Inactive")):
        one = element("status", value=str(value), state=str(state))
        one.append(labels("labels", "label", label, language))
        statuses.append(one)
    return _Attribute(
        schema_name="statuscode",
        type="status",
        display_name="Status Reason",
        custom=False,
        extra=(_option_set(table, "status", "Status Reason", statuses, language),),
    )


def _option_set(table: Table, kind: str, caption: str, options: Element, language: int) -> Element:
    made = element("optionset", Name=f"{table.name}_{kind}code")
    values(made, {"OptionSetType": kind, "IntroducedVersion": "1.0.0.0", "IsCustomizable": 1})
    made.append(labels("displaynames", "displayname", caption, language))
    made.append(options)
    return made
