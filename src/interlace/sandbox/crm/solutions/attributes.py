"""Attributes as a solution declares them, in the words of the declarations of columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.etree.ElementTree import Element

from interlace.sandbox.crm.solutions import markup

CURRENCY = "transactioncurrencyid"
OWN_CURRENCY = {"type": "lookup", "targets": {CURRENCY: "transactioncurrency"}}
# Every table has these anyway, or gets them with its first amount.
IGNORED = frozenset(
    {
        "createdby", "createdon", "createdonbehalfby", "modifiedby", "modifiedon", "modifiedonbehalfby",
        "ownerid", "owningbusinessunit", "owninguser", "owningteam", "organizationid", "overriddencreatedon",
        "importsequencenumber", "timezoneruleversionnumber", "utcconversiontimezonecode", "versionnumber",
        "exchangerate", CURRENCY, "statecode", "statuscode",
    }
)  # fmt: skip
_REQUIRED = {
    "none": "none",
    "recommended": "recommended",
    "required": "application",
    "applicationrequired": "application",
    "systemrequired": "system",
}
_DATE_ONLY = "2"
_MONEY_LIMIT = "922337203685477"


def column_facts(name: str, element: Element) -> dict[str, Any]:
    """The facts of one column; targets of lookups come from the relationships."""
    given = markup.needed(element, "Type")
    kind = _KINDS.get(given)
    if kind is None:
        raise markup.invalid(
            f"The column '{name}' is of the type '{given}', which this service does not have."
        )
    required = markup.text(element, "RequiredLevel", "none")
    if required not in _REQUIRED:
        raise markup.invalid(f"The column '{name}' has the unknown requirement level '{required}'.")
    facts: dict[str, Any] = {
        **kind(element),
        "schema_name": element.get("PhysicalName", name),
        "display_name": markup.labels(element, "displaynames/displayname") or name,
    }
    if _REQUIRED[required] != "none":
        facts["required"] = _REQUIRED[required]
    if markup.text(element, "ValidForUpdateApi", "1") == "0":
        is_writable = markup.text(element, "ValidForCreateApi", "1") != "0"
        facts["create_only" if is_writable else "writable"] = is_writable
    return facts


def options_of(element: Element) -> list[list[Any]]:
    """Values and labels of a choice, below its column or standing alone."""
    place = element if element.tag == "optionset" else element.find("optionset")
    found = [] if place is None else place.findall("options/option")
    return [[_value(each), markup.labels(each, "labels/label")] for each in found]


def state_facts(attributes: Iterable[Element]) -> list[dict[str, Any]]:
    """The states of a table with their reasons, the default reason first."""
    states: list[Element] = []
    reasons: list[Element] = []
    for each in attributes:
        states += each.findall("optionset/states/state")
        reasons += each.findall("optionset/statuses/status")
    found = []
    for state in states:
        own = [
            [_value(reason), markup.labels(reason, "labels/label")]
            for reason in reasons
            if reason.get("state") == state.get("value")
        ]
        own.sort(key=lambda reason: str(reason[0]) != state.get("defaultstatus"))
        if not own:
            raise markup.invalid(f"The state {state.get('value')} has no status reason.")
        found.append({"value": _value(state), "label": markup.labels(state, "labels/label"), "reasons": own})
    return found


def _value(element: Element) -> int:
    try:
        return int(element.get("value", ""))
    except ValueError as error:
        raise markup.invalid(f"'{element.get('value')}' is no value of an option.") from error


def _text(element: Element) -> dict[str, Any]:
    length = markup.number(element, "MaxLength") or markup.number(element, "Length") // 2 or 100
    if not 1 <= length <= 4_000:
        raise markup.invalid(f"{length} is no length of a text column.")
    return {"type": "text", "max_length": length}


def _memo(element: Element) -> dict[str, Any]:
    return {"type": "memo", "max_length": markup.number(element, "MaxLength") or 2_000}


def _numeric(kind: str, limit: str) -> Callable[[Element], dict[str, Any]]:
    def read(element: Element) -> dict[str, Any]:
        facts: dict[str, Any] = {"type": kind}
        for name, path, default in (("minimum", "MinValue", f"-{limit}"), ("maximum", "MaxValue", limit)):
            given = markup.text(element, path, default)
            try:
                facts[name] = str(Decimal(given))
            except InvalidOperation as error:
                raise markup.invalid(f"'{given}' is no limit of a number.") from error
        if kind in ("decimal", "money", "double"):
            facts["precision"] = markup.number(element, "Accuracy", 2)
        return facts

    return read


def _moment(element: Element) -> dict[str, Any]:
    behavior = markup.text(element, "Behavior")
    is_date = behavior == _DATE_ONLY or (not behavior and markup.text(element, "Format") == "date")
    return {"type": "date" if is_date else "datetime"}


def _choice(element: Element) -> dict[str, Any]:
    shared = markup.text(element, "OptionSetName")
    if shared:
        return {"type": "choice", "choice": shared.lower()}
    return {"type": "choice", "options": options_of(element)}


_KINDS: dict[str, Callable[[Element], dict[str, Any]]] = {
    "nvarchar": _text,
    "ntext": _memo,
    "int": _numeric("integer", "2147483647"),
    "bigint": lambda _: {"type": "big_integer"},
    "decimal": _numeric("decimal", "100000000000"),
    "float": _numeric("double", "100000000000"),
    "money": _numeric("money", _MONEY_LIMIT),
    "bit": lambda element: {"type": "boolean", "default": markup.text(element, "AppDefaultValue") == "1"},
    "datetime": _moment,
    "picklist": _choice,
    "lookup": lambda _: {"type": "lookup"},
    "customer": lambda _: {"type": "lookup", "kind": "customer"},
    "uniqueidentifier": lambda _: {"type": "guid"},
}
