"""Columns as definitions of the API describe them (AttributeMetadata), in the words of the declarations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from interlace.sandbox.crm import errors

_Given = Mapping[str, Any]
_REQUIRED = {
    "None": "none",
    "Recommended": "recommended",
    "ApplicationRequired": "application",
    "SystemRequired": "system",
}
_INTEGER_LIMIT = "2147483647"
_DECIMAL_LIMIT = "100000000000"


def column_facts(schema_name: str, given: _Given) -> dict[str, Any]:
    """The facts of one column; lookups come with their relationships, not here."""
    kind = str(given.get("@odata.type", "")).rpartition(".")[2].removeprefix("Complex")
    read = _KINDS.get(kind.removesuffix("AttributeMetadata"))
    if read is None:
        raise errors.payload_error(
            "Attributes", f"'{kind}' is no type of column that this service can add by its API"
        )
    facts = {**read(given), "schema_name": schema_name, "display_name": label_of(given, schema_name)}
    level = given.get("RequiredLevel")
    required = _REQUIRED.get(str(level.get("Value", "None")) if isinstance(level, dict) else "None", "none")
    if required != "none":
        facts["required"] = required
    return facts


def label_of(given: _Given, otherwise: str) -> str:
    """The text of a display name."""
    return _text_of(given.get("DisplayName")) or otherwise


def _text_of(label: object) -> str:
    if not isinstance(label, dict):
        return ""
    own = label.get("UserLocalizedLabel") or next(iter(label.get("LocalizedLabels") or ()), None)
    return str(own.get("Label") or "") if isinstance(own, dict) else ""


def _text(given: _Given) -> dict[str, Any]:
    length = given.get("MaxLength") or 100
    if not isinstance(length, int) or not 1 <= length <= 4_000:
        raise errors.payload_error("Attributes", f"{length} is no length of a text column")
    return {"type": "text", "max_length": length}


def _numeric(kind: str, limit: str) -> Callable[[_Given], dict[str, Any]]:
    def read(given: _Given) -> dict[str, Any]:
        facts: dict[str, Any] = {"type": kind}
        for name, member, default in (("minimum", "MinValue", f"-{limit}"), ("maximum", "MaxValue", limit)):
            value = given.get(member)
            try:
                facts[name] = str(Decimal(str(default if value is None else value)))
            except InvalidOperation as error:
                raise errors.payload_error("Attributes", f"'{value}' is no limit of a number") from error
        if kind != "integer":
            facts["precision"] = 2 if given.get("Precision") is None else given["Precision"]
        return facts

    return read


def _moment(given: _Given) -> dict[str, Any]:
    behavior = given.get("DateTimeBehavior")
    is_date = isinstance(behavior, dict) and behavior.get("Value") == "DateOnly"
    return {"type": "date" if is_date else "datetime"}


def _choice(given: _Given) -> dict[str, Any]:
    option_set = given.get("OptionSet")
    listed = option_set.get("Options", []) if isinstance(option_set, dict) else []
    try:
        return {
            "type": "choice",
            "options": [[int(each["Value"]), _text_of(each.get("Label"))] for each in listed],
        }
    except (KeyError, TypeError, ValueError) as error:
        raise errors.payload_error("Attributes", "an option has no value") from error


_KINDS: dict[str, Callable[[_Given], dict[str, Any]]] = {
    "String": _text,
    "Memo": lambda given: {"type": "memo", "max_length": given.get("MaxLength") or 2_000},
    "Integer": _numeric("integer", _INTEGER_LIMIT),
    "Decimal": _numeric("decimal", _DECIMAL_LIMIT),
    "Double": _numeric("double", _DECIMAL_LIMIT),
    "DateTime": _moment,
    "Boolean": lambda given: {"type": "boolean", "default": given.get("DefaultValue") is True},
    "Picklist": _choice,
}
