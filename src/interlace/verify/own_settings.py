"""What users change in a mapping, as the judge takes it into account: kept settings in, an expectation out.

The settings are read as plain values, apart from how the engine reads them. A connection's own filter or field row
that the engine misunderstands shows as a difference here, like any other slip.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from interlace.verify.book_sources import partner_book
from interlace.verify.comparable import as_text, is_blank, rounded
from interlace.verify.expectation import Expectation, FieldPair, Judge
from interlace.verify.field_pairs import always, named
from interlace.verify.own_conditions import SettingNotUnderstood, own_conditions, plain_text, wire_name
from interlace.verify.reference_book import BookName, BookSource

TO_CRM: Final = "ToIntegrationTable"
TO_ERP: Final = "FromIntegrationTable"
REFERENCE: Final = "reference"
SALESPEOPLE: Final = "SALESPEOPLE"
_EMAILS: Final = (BookName.SALESPERSON_EMAIL, BookName.USER_EMAIL)
"""Users hold no key of the ERP: they and salespeople are told by their e-mail address."""
_NUMBERS = frozenset({"whole number", "decimal"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSettings:
    """What a connection's users changed in one mapping."""

    kept: Mapping[str, object] = field(default_factory=dict)
    """The settings as they are kept, by name, those that differ from the default."""
    without_part: frozenset[str] = frozenset()
    """Default field rows, as `erp_field>crm_column`, that the changed direction leaves nothing to do."""


def with_own_settings(
    expectation: Expectation, settings: OwnSettings, others: Mapping[str, Expectation] = MappingProxyType({})
) -> Expectation:
    """Return what must hold under a connection's own settings; raises SettingNotUnderstood.

    References lead to records of `others`, by the name of their mapping.
    """
    kept = settings.kept
    changed = _directed(expectation, str(kept.get("direction") or ""))
    if kept.get("synch_only_coupled_records") is True:
        # Nobody makes partners for records that have none.
        changed = replace(changed, reaches_crm=False, reaches_erp=False)
    changed = _without(changed, settings)
    changed = _filtered(changed, kept)
    return _with_rows(changed, kept, others)


def _directed(expectation: Expectation, direction: str) -> Expectation:
    match direction:
        case "" | "Bidirectional":
            return expectation
        case "ToIntegrationTable":
            return replace(expectation, reaches_erp=False)
        case "FromIntegrationTable":
            return replace(expectation, reaches_crm=False)
        case _:
            raise SettingNotUnderstood(direction)


def _without(expectation: Expectation, settings: OwnSettings) -> Expectation:
    disabled = settings.kept.get("disabled_fields") or []
    if not isinstance(disabled, list):
        raise SettingNotUnderstood(str(disabled))
    gone = settings.without_part | {str(each) for each in disabled}
    left = tuple(pair for pair in expectation.pairs if f"{pair.erp_field}>{pair.crm_column}" not in gone)
    return replace(expectation, pairs=left)


def _filtered(expectation: Expectation, kept: Mapping[str, object]) -> Expectation:
    erp = own_conditions(kept.get("table_filter"))
    crm = own_conditions(kept.get("integration_table_filter"))
    return replace(
        expectation,
        erp_columns=_with(expectation.erp_columns, [name for name, _ in erp]),
        crm_columns=_with(expectation.crm_columns, [name for name, _ in crm]),
        erp_rules=(*expectation.erp_rules, *(rule for _, rule in erp)),
        crm_rules=(*expectation.crm_rules, *(rule for _, rule in crm)),
    )


def _with(columns: tuple[str, ...], further: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*columns, *further)))


# Field rows of one's own


def _with_rows(
    expectation: Expectation, kept: Mapping[str, object], others: Mapping[str, Expectation]
) -> Expectation:
    rows = kept.get("own_fields") or []
    if not isinstance(rows, list) or not all(isinstance(each, Mapping) for each in rows):
        raise SettingNotUnderstood(str(rows))
    direction = str(kept.get("direction") or "Bidirectional")
    carried = [each for each in rows if _has_part(each, direction)]
    erp = [str(each["erp_field"]) for each in carried if each.get("erp_field")]
    crm = [
        wire_name(str(each["crm_field"]), str(each.get("crm_kind")))
        for each in carried
        if each.get("crm_field")
    ]
    referred_to = dict.fromkeys(map(_referred_to, carried))
    return replace(
        expectation,
        erp_columns=_with(expectation.erp_columns, erp),
        crm_columns=_with(expectation.crm_columns, crm),
        pairs=(*expectation.pairs, *map(_pair, carried)),
        books=tuple(dict.fromkeys((*expectation.books, *(_EMAILS if SALESPEOPLE in referred_to else ())))),
        partner_books={
            name: _partner_book(name, others) for name in referred_to if name not in {"", SALESPEOPLE}
        },
    )


def _referred_to(row: Mapping[str, object]) -> str:
    return str(row.get("argument")) if row.get("transformation") == REFERENCE else ""


def _partner_book(mapping: str, others: Mapping[str, Expectation]) -> BookSource:
    book = partner_book(others[mapping]) if mapping in others else None
    if book is None:
        raise SettingNotUnderstood(mapping)
    return book


def _has_part(row: Mapping[str, object], direction: str) -> bool:
    return "Bidirectional" in {direction, row.get("direction")} or row.get("direction") == direction


def _pair(row: Mapping[str, object]) -> FieldPair:
    erp_field, crm_field = str(row.get("erp_field") or ""), str(row.get("crm_field") or "")
    erp_kind, crm_kind = str(row.get("erp_kind") or ""), str(row.get("crm_kind") or "")
    if _referred_to(row) == SALESPEOPLE:
        of_salesperson, of_user = _EMAILS
        expected, actual = named(erp_field, of_salesperson), named(wire_name(crm_field, crm_kind), of_user)
    elif book := _referred_to(row):
        expected, actual = _code(erp_field), _partner_code(wire_name(crm_field, crm_kind), book)
    elif not erp_field:
        expected, actual = always(_text(row.get("constant"), crm_kind)), _held(crm_field, crm_kind)
    elif not crm_field:
        expected, actual = _held(erp_field, erp_kind), always(_text(row.get("constant"), erp_kind))
    elif row.get("direction") == TO_ERP:
        expected, actual = _held(erp_field, erp_kind), _changed(row, crm_field, crm_kind, erp_kind)
    else:
        expected, actual = _changed(row, erp_field, erp_kind, crm_kind), _held(crm_field, crm_kind)
    return FieldPair(
        erp_field=erp_field,
        crm_column=crm_field,
        expected=expected,
        actual=actual,
        at_creation=row.get("only_new") is True,
    )


def _code(erp_field: str) -> Judge:
    return lambda record, _books: plain_text(record.get(erp_field)).upper()


def _partner_code(wire: str, book: str) -> Judge:
    """Judge a reference by the ERP's key of the record that it points at; codes are told apart without case."""
    return lambda record, books: books.text(book, record.get(wire)).upper()


def _held(name: str, kind: str) -> Judge:
    wire = wire_name(name, kind)
    return lambda row, _books: _text(row.get(wire), kind)


def _text(value: object, kind: str) -> str:
    if kind in {"guid", "lookup"}:
        return as_text(value).lower()
    if kind in _NUMBERS and not is_blank(value):
        return as_text(Decimal(as_text(value)))
    return as_text(value) if isinstance(value, bool) else plain_text(value)


def _changed(row: Mapping[str, object], name: str, kind: str, target: str) -> Judge:
    """Judge a field by what its value becomes on the other side."""
    argument, wire = row.get("argument"), wire_name(name, kind)
    match str(row.get("transformation") or ""):
        case "":
            return _held(name, kind)
        case "values":
            return _by_list(row, wire, kind, target)
        case "upper case":
            return lambda record, _books: plain_text(record.get(wire)).upper()
        case "cut" if isinstance(argument, int):
            return lambda record, _books: plain_text(record.get(wire))[:argument].rstrip()
        case "prefix":
            return lambda record, _books: _behind(str(argument), plain_text(record.get(wire)))
        case "round" if isinstance(argument, int):
            return lambda record, _books: (
                "" if is_blank(record.get(wire)) else rounded(record[wire], argument)
            )
        case "not below zero":
            return lambda record, _books: _not_below_zero(record.get(wire))
        case "start of day":
            return lambda record, _books: _first_moment(plain_text(record.get(wire)))
        case unknown:
            raise SettingNotUnderstood(unknown)


def _not_below_zero(value: object) -> str:
    return "" if is_blank(value) else as_text(max(Decimal(as_text(value)), Decimal(0)))


def _behind(prefix: str, text: str) -> str:
    return f"{prefix}{text}" if text else ""


def _first_moment(day: str) -> str:
    return f"{day}T00:00:00Z" if day else ""


def _by_list(row: Mapping[str, object], wire: str, kind: str, target: str) -> Judge:
    pairs = row.get("pairs")
    if not isinstance(pairs, list):
        raise SettingNotUnderstood(str(pairs))
    place = 1 if row.get("direction") == TO_ERP else 0
    becomes = {_text(each[place], kind): _text(each[1 - place], target) for each in pairs}
    otherwise = _text(row.get("otherwise"), target)
    return lambda record, _books: becomes.get(_text(record.get(wire), kind), otherwise)
