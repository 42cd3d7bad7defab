"""The shape of an expectation: what must hold between one ERP page service and one CRM set."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from interlace.verify.comparable import Comparable
from interlace.verify.plain_reader import Row
from interlace.verify.reference_book import BookKey, BookName, BookSource, ReferenceBooks

Judge: TypeAlias = Callable[[Row, ReferenceBooks], Comparable]
"""Brings something of one record into comparable form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPair:
    """Two fields that must agree, each brought into comparable form by a function of its own."""

    erp_field: str
    crm_column: str
    expected: Judge
    """What the ERP record says."""
    actual: Judge
    """What the CRM record says."""
    at_creation: bool = False
    """Set when the record is created and free afterwards: a difference is told, but it is no drift."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeRule:
    """A condition that a record must meet to take part, and why it stays out otherwise."""

    reason: str
    holds: Callable[[Row, ReferenceBooks], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One mapping as the judge knows it."""

    mapping: str
    erp_service: str
    erp_columns: tuple[str, ...]
    erp_key: tuple[str, ...]
    crm_set: str
    crm_columns: tuple[str, ...]
    crm_key: str
    pairs: tuple[FieldPair, ...]
    partner_name: Judge
    """The name by which an ERP record finds its partner."""
    erp_table: str | None = None
    """The table by which CRM records name their ERP record; None where they have no columns for that."""
    natural_name: Judge | None = None
    """The name that a CRM record bears by itself, for those that name no ERP record."""
    natural_first: bool = False
    """The natural name counts even where the record names an ERP record."""
    erp_rules: tuple[ScopeRule, ...] = ()
    crm_rules: tuple[ScopeRule, ...] = ()
    """Conditions on every CRM record, with or without partner."""
    unclaimed_rules: tuple[ScopeRule, ...] = ()
    """Further conditions on CRM records without a name."""
    key_column: str = ""
    """The CRM column that holds the ERP's key, of those that users chose one for."""
    reaches_crm: bool = True
    """ERP records in scope must have a partner."""
    reaches_erp: bool = False
    """CRM records in scope must have a partner."""
    books: tuple[BookName, ...] = ()
    partner_books: Mapping[BookKey, BookSource] = field(default_factory=dict)
    """The ERP's keys of the CRM records that references of users' own rows point at, by the name of their mapping."""
    choice_column: tuple[str, str] | None = None
    """(table, column) whose choices, as rows of `value` and `label`, take the place of a CRM set."""
