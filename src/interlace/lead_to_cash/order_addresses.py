"""Addresses of an order: taken over only if the CRM order has one, whole, and as long as the ERP can hold it."""

from collections.abc import Mapping
from typing import Final

from interlace.domain.saga import FoundRecord, Observation, Problem
from interlace.domain.values import Value
from interlace.lead_to_cash import order_problems as problems
from interlace.lead_to_cash.order_columns import ADDRESS_PARTS
from interlace.lead_to_cash.order_values import text_length, text_of
from interlace.locale.translatable import as_sentence, translatable

_NAME_LENGTH: Final = 100
_LENGTHS: Final[Mapping[str, int]] = {
    "Address": 100,
    "Address_2": 50,
    "City": 30,
    "County": 30,
    "Post_Code": 20,
}


def ship_to_fields(
    observation: Observation, document: FoundRecord
) -> Mapping[str, Value] | tuple[Problem, ...]:
    """Return the ship-to fields to write, none if the order names no address, or what is wrong with it."""
    fields = _address(observation, document, "shipto", "Ship_to", translatable("The ship-to address"))
    name = text_of(document, "shipto_name")
    if isinstance(fields, tuple) or not name:
        return fields
    if text_length(name) > _NAME_LENGTH:
        what = translatable("The ship-to name has more than {length} characters.", length=_NAME_LENGTH)
        return (problems.ADDRESS_TOO_LONG.of(what),)
    return {"Ship_to_Name": name, **fields}


def bill_to_fields(
    observation: Observation, document: FoundRecord
) -> Mapping[str, Value] | tuple[Problem, ...]:
    """Return the bill-to fields to write; the name stays that of the customer who pays."""
    return _address(observation, document, "billto", "Bill_to", translatable("The bill-to address"))


def _address(
    observation: Observation, document: FoundRecord, columns: str, fields: str, caption: str
) -> Mapping[str, Value] | tuple[Problem, ...]:
    parts = {part: text_of(document, f"{columns}_{part}") for part in ADDRESS_PARTS}
    if not any(parts.values()):
        return {}
    missing: list[Problem] = []
    country = _country(observation, parts["country"])
    if country is None:
        what = translatable(
            "{address}: the country {country}.", address=as_sentence(caption), country=parts["country"]
        )
        missing.append(problems.COUNTRY_UNKNOWN.of(what))
    values = {
        "Address": parts["line1"],
        "Address_2": _joined(parts["line2"], parts["line3"]),
        "Post_Code": parts["postalcode"],
        "City": parts["city"],
        "County": parts["stateorprovince"],
    }
    missing += (
        problems.ADDRESS_TOO_LONG.of(
            translatable(
                "{address}: {value} has more than {length} characters.",
                address=as_sentence(caption),
                value=repr(value),
                length=_LENGTHS[name],
            )
        )
        for name, value in values.items()
        if text_length(value) > _LENGTHS[name]
    )
    if missing:
        return tuple(missing)
    written: dict[str, Value] = {f"{fields}_{name}": value for name, value in values.items()}
    return {**written, f"{fields}_Country_Region_Code": country}


def second_line(document: FoundRecord, columns: str, text: str) -> dict[str, Value]:
    """Return what the ERP's second address line makes of a CRM order's second and third, which it joins."""
    line2, line3 = f"{columns}_line2", f"{columns}_line3"
    if _joined(text_of(document, line2), text_of(document, line3)) == text:
        return {}
    # A third line that stayed would be joined to the second once more.
    return {line2: text or None, line3: None}


def _joined(*lines: str) -> str:
    return ", ".join(line for line in lines if line)


def _country(observation: Observation, text: str) -> str | None:
    """Return the ERP's code of a country that is given by code, ISO code or name; None for an unknown one."""
    if not text:
        return ""
    wanted = text.casefold()
    for field in ("Code", "ISO_Code", "Name"):
        for country in observation.records("countries"):
            if text_of(country, field).casefold() == wanted:
                return text_of(country, "Code")
    return None
