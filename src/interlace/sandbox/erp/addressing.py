"""Finds out what an address below a service root means: company, set, record, part of a record.

Companies are named in the path, in the query, or in a header of a batch part; every form leads to the same
place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from interlace.odata.keys import KeyPredicate
from interlace.odata.literals import EnumLiteral
from interlace.odata.protocol_error import PathSyntaxError
from interlace.odata.query_options import QueryOptions
from interlace.odata.resource_path import Segment, SegmentKind, parse_path
from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.company import Company
from interlace.sandbox.erp.declaration import Value
from interlace.sandbox.erp.erp_records import ErpRecords
from interlace.sandbox.erp.field_values import accept, to_key_column
from interlace.sandbox.erp.record_layout import Record, key_columns
from interlace.sandbox.erp.set_declaration import PublishedSet
from interlace.sandbox.exchange import Request

_COMPANY_SEGMENTS = frozenset({"companies", "company"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """What an address means; without a set it is the service document of the company or the root."""

    published: PublishedSet | None = None
    segment: str = ""
    record: Record | None = None
    scope: Mapping[str, Value] = field(default_factory=dict)
    rest: tuple[Segment, ...] = ()

    @property
    def is_count(self) -> bool:
        """Whether the number of records is asked for."""
        return len(self.rest) == 1 and self.rest[0].kind is SegmentKind.COUNT


def segments_of(request: Request) -> tuple[Segment, ...]:
    """Return the segments of a request's path."""
    try:
        return parse_path(request.path).segments
    except PathSyntaxError as error:
        raise refusals.bad_url(f"The address can't be read: {error.message}") from error


def is_company_segment(segment: Segment) -> bool:
    """Say whether a segment names the list of companies or one of them."""
    return segment.name.lower() in _COMPANY_SEGMENTS


class Addressing:
    """Resolves addresses of one service root."""

    def __init__(self, records: ErpRecords, company: Company, sets: Mapping[str, PublishedSet]) -> None:
        self._records = records
        self._company = company
        self._sets = sets

    def check_company(self, request: Request, options: QueryOptions, segment: Segment | None) -> None:
        """Refuse a company that this service doesn't have; without a name the only company is meant."""
        wanted = self._named_company(segment)
        if wanted is None:
            wanted = (
                options.custom_value("company") or request.header("companyid") or request.header("company")
            )
        if wanted is not None and not self._company.answers_to(wanted):
            raise refusals.company_missing(wanted)

    def _named_company(self, segment: Segment | None) -> str | None:
        if segment is None or segment.predicate is None:
            return None
        return str(segment.predicate.single)

    def resolve(self, segments: tuple[Segment, ...]) -> Address:
        """Return what the segments behind the company mean."""
        if not segments:
            return Address()
        first, *rest = segments
        published = self._sets.get(first.name)
        if published is None:
            raise refusals.unknown_segment(first.name)
        return self._within(published, first, tuple(rest), {})

    def _within(
        self,
        published: PublishedSet,
        segment: Segment,
        rest: tuple[Segment, ...],
        scope: Mapping[str, Value],
    ) -> Address:
        if segment.predicate is None:
            return Address(published=published, segment=segment.name, scope=scope, rest=rest)
        published, record = self._find_either(published, segment.predicate, scope)
        if not rest:
            return Address(published=published, segment=segment.name, record=record, scope=scope)
        following, *further = rest
        expansion = published.by_navigation.get(following.name)
        if expansion is None:
            return Address(published=published, segment=segment.name, record=record, scope=scope, rest=rest)
        target = self._sets[expansion.target]
        inner: dict[str, Value] = {other: record.values[own] for own, other in expansion.links}
        if expansion.many:
            return self._within(target, following, tuple(further), inner)
        found = self._related(target, inner)
        return Address(
            published=target, segment=following.name, record=found, scope=inner, rest=tuple(further)
        )

    def _find_either(
        self, published: PublishedSet, predicate: KeyPredicate, scope: Mapping[str, Value]
    ) -> tuple[PublishedSet, Record]:
        """Find a record in a set, or among the drafts that clients see in the same set."""
        drafts = published.drafts
        if drafts is not None and not scope:
            draft = self._by_key(drafts, predicate, scope)
            if draft is not None and _fits(draft, drafts, scope):
                return drafts, draft
        return published, self.find(published, predicate, scope)

    def _related(self, target: PublishedSet, values: Mapping[str, Value]) -> Record:
        record = (
            self._records.get(target.table, key_columns(target.table, {**target.fixed, **values}))
            if all(values.values())
            else None
        )
        if record is None:
            raise refusals.record_missing(target.table, ",".join(map(str, values.values())))
        return record

    def find(self, published: PublishedSet, predicate: KeyPredicate, scope: Mapping[str, Value]) -> Record:
        """Return the record that a key names; refuses when there is none."""
        record = self._by_key(published, predicate, scope)
        if record is None:
            raise refusals.record_missing(published.table, str(predicate).strip("()"))
        if not _fits(record, published, scope):
            raise refusals.record_missing(published.table, str(predicate).strip("()"))
        return record

    def _by_key(
        self, published: PublishedSet, predicate: KeyPredicate, scope: Mapping[str, Value]
    ) -> Record | None:
        table = published.table
        if not published.is_page:
            return self._records.by_id(table, _system_id(predicate))
        names = published.shown_key
        fields = dict(zip(names, table.key, strict=True))
        given = predicate.values_for(names)
        if given is None and len(names) > 1:
            # Inside a part, or under a page that shows one kind of record, the rest of the key is known.
            known = {**published.fixed, **scope}
            left = tuple(name for name in names if fields[name] not in known)
            partial = predicate.values_for(left)
            given = (
                None
                if partial is None
                else {**partial, **{name: known[fields[name]] for name in names if fields[name] in known}}
            )
        if given is None:
            raise refusals.bad_url(
                f"The key of {published.name} is ({', '.join(names)}); the address names other fields."
            )
        key = tuple(
            to_key_column(table.by_name[field], accept(table.by_name[field], plain(given[name]), name))
            for name, field in fields.items()
        )
        return self._records.get(table, key)


def _fits(record: Record, published: PublishedSet, scope: Mapping[str, Value]) -> bool:
    """Say whether a record of a set's table is one of the set's, inside of what the address speaks of."""
    return all(record.values[name] == value for name, value in (*published.fixed.items(), *scope.items()))


def plain(value: object) -> object:
    """Return a literal of an address as a body would carry it."""
    match value:
        case bool() | int() | Decimal() | str():
            return value
        case EnumLiteral():
            return value.members
        case date() | UUID():
            return str(value)
        case _:
            raise refusals.bad_url(f"The key value '{value}' can't be used here.")


def _system_id(predicate: KeyPredicate) -> str:
    try:
        return str(UUID(str(predicate.single)))
    except (ValueError, PathSyntaxError) as error:
        raise refusals.bad_url(f"The key {predicate} is not an id. Send the record's id.") from error
