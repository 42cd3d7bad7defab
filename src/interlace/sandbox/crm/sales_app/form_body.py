"""What a person typed: the body of a form and the parameters of an address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from urllib.parse import parse_qsl

BODY_BYTES_MAX = 512 * 1024
FIELDS_MAX = 5_000
_NUMBER_LENGTH_MAX = 40


class FormRefused(Exception):
    """A body that is no form of ours, or too large to be one."""


@dataclass(frozen=True, slots=True)
class Form:
    """Fields by name; a field sent twice counts with its last value."""

    values: Mapping[str, str]

    def text(self, name: str) -> str:
        """The text of a field without blanks around it; empty when it was not sent."""
        return self.values.get(name, "").strip()

    def raw(self, name: str) -> str:
        """The text of a field as it was typed."""
        return self.values.get(name, "")

    def __contains__(self, name: str) -> bool:
        return name in self.values


EMPTY_FORM = Form({})


def parse_form(body: bytes, content_type: str) -> Form:
    """The fields of a posted form; raises `FormRefused`."""
    if len(body) > BODY_BYTES_MAX:
        raise FormRefused("The form is too large.")
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise FormRefused("The body is no form.")
    try:
        text = body.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX)
    except ValueError as error:
        raise FormRefused("The form cannot be read.") from error
    return Form(_cleaned(pairs))


def parse_parameters(query: str) -> Form:
    """The parameters of an address; what cannot be read is left out."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="replace", max_num_fields=50)
    except ValueError:
        return EMPTY_FORM
    return Form(_cleaned(pairs))


def _cleaned(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    # Browsers send line breaks as CR LF; the service keeps texts with LF. NUL is no character of a text.
    return {name: value.replace("\r\n", "\n").replace("\0", "") for name, value in pairs}


def parse_number(text: str) -> Decimal | None:
    """A number as people type it: blanks and commas between thousands, or a comma before the fraction.

    None for anything else; the text is known not to be empty.
    """
    plain = "".join(text.split()).replace("\u2212", "-")
    if len(plain) > _NUMBER_LENGTH_MAX or not plain.isascii():
        return None
    if "," in plain:
        whole, _, fraction = plain.rpartition(",")
        # 1,234.50 and 1,234,567 group thousands; 12,5 and 1234,50 do not.
        grouped = (
            "." in fraction or whole.count(",") > 0 or (len(fraction) == 3 and len(whole.lstrip("-")) <= 3)
        )
        plain = plain.replace(",", "") if grouped else f"{whole}.{fraction}"
    if not plain.strip("-").replace(".", "", 1).isdigit():
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None
