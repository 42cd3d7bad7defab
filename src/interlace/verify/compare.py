"""Compares both ends of one expectation, reading each side once and keeping a few hundred bytes a record.

The CRM's rows are read first and kept as checksums, one a field, under the name of the ERP record that they
belong to. Then the ERP's rows pass by: each takes its partner out, or finds none. What remains has no ERP
record. The CRM rows behind the first differences are read once more, to show their values; what agrees by
then is settled.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from struct import Struct
from types import MappingProxyType
from typing import TypeAlias

from xxhash import xxh32_intdigest

from interlace.domain.keys import KEY_SEPARATOR
from interlace.locale.translatable import as_sentence, translatable
from interlace.verify.book_sources import claimed_key, sources_of
from interlace.verify.comparable import Comparable, as_text
from interlace.verify.expectation import Expectation, FieldPair, Judge, ScopeRule
from interlace.verify.expectations import EXPECTATIONS
from interlace.verify.order_judge import judge_orders
from interlace.verify.order_reading import ORDERS
from interlace.verify.own_settings import OwnSettings, with_own_settings
from interlace.verify.plain_reader import End, PlainReader, Row
from interlace.verify.reference_book import ReferenceBooks, VerifyFacts, load_books
from interlace.verify.verify_report import (
    KEPT_MAX,
    FieldDifference,
    Finding,
    MappingVerdict,
    OpenError,
    RecordState,
    SideCounts,
    VerifyReport,
    errors_by_record,
)

Begun: TypeAlias = Callable[[str, int, int], None]
"""Called before each mapping with its name, how many are through, and how many there are."""

_NO_RULE = 255
_ONLY_IN_CRM = translatable("no ERP record of this mapping belongs to it")
_ONLY_IN_ERP = translatable("only in the ERP")


async def verify(
    reader: PlainReader,
    facts: VerifyFacts,
    open_errors: Iterable[OpenError] = (),
    expectations: Iterable[Expectation] | None = None,
    *,
    orders: bool | None = None,
    own: Mapping[str, OwnSettings] = MappingProxyType({}),
    begun: Begun = lambda _mapping, _done, _total: None,
) -> VerifyReport:
    """Read both ends afresh and judge every record of every mapping, orders included, or only what is asked for.

    `own` holds what the connection's users changed, by mapping. Raises SettingNotUnderstood before anything is read.
    """
    errors = errors_by_record(open_errors)
    chosen = EXPECTATIONS if expectations is None else expectations
    by_name = {each.mapping: each for each in chosen}
    taking_part = [
        with_own_settings(each, own.get(each.mapping, OwnSettings()), by_name)
        for each in chosen
        if each.mapping not in facts.left_out
    ]
    has_orders = (orders or (orders is None and expectations is None)) and ORDERS not in facts.left_out
    total, verdicts = len(taking_part) + has_orders, []
    for place, each in enumerate(taking_part):
        begun(each.mapping, place, total)
        verdicts.append(await _Comparison(each, reader, facts, errors).run())
    if has_orders:
        begun(ORDERS, len(taking_part), total)
        verdicts += await judge_orders(reader, facts, errors)
    return VerifyReport(verdicts=tuple(verdicts))


@dataclass(frozen=True, slots=True)
class _Partner:
    """A CRM record as it is remembered while the ERP's records pass by."""

    key: str
    rule: int
    claims: bool
    sums: bytes


@dataclass(slots=True, kw_only=True)
class _Suspect:
    """A pair with differences, until the CRM record is looked at once more."""

    erp_key: str
    crm_key: str
    expected: Mapping[int, str]


@dataclass(slots=True)
class _Memory:
    """What is kept of the CRM's rows, by the name of their ERP record."""

    partners: dict[str, bytes] = field(default_factory=dict)
    doubled: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)


class _Comparison:
    """One expectation on its way through both sides."""

    def __init__(
        self,
        expectation: Expectation,
        reader: PlainReader,
        facts: VerifyFacts,
        errors: Mapping[tuple[str, End, str], OpenError],
    ) -> None:
        self._expectation = expectation
        self._reader = reader
        self._facts = facts
        self._errors = errors
        self._sums = Struct(f"<{len(expectation.pairs)}I")
        self._memory = _Memory()
        self._drifted: list[_Suspect] = []
        self._moved_since_creation: list[_Suspect] = []
        self._verdict = MappingVerdict(
            mapping=expectation.mapping,
            erp=SideCounts(end=End.ERP, table=expectation.erp_service),
            crm=SideCounts(end=End.CRM, table=expectation.crm_set),
        )

    async def run(self) -> MappingVerdict:
        """Judge every record of both sides."""
        sources = sources_of(self._expectation)
        books = await load_books(self._reader, self._facts, sources, sources)
        async for row in self._crm_rows():
            self._remember(row, books)
        expectation = self._expectation
        async for row in self._reader.rows(End.ERP, expectation.erp_service, expectation.erp_columns):
            self._judge_erp_record(row, books)
        self._judge_remaining()
        await self._look_again(books)
        return self._verdict

    async def _crm_rows(self) -> AsyncIterator[Row]:
        expectation = self._expectation
        if expectation.choice_column is not None:
            choices = await self._reader.choices(*expectation.choice_column)
            for value, label in choices.items():
                yield {"value": value, "label": label}
            return
        async for row in self._reader.rows(End.CRM, expectation.crm_set, expectation.crm_columns):
            yield row

    def _name_of(self, row: Row, books: ReferenceBooks) -> tuple[Comparable, bool]:
        expectation = self._expectation
        claim = None
        if expectation.erp_table is not None:
            claim = claimed_key(row, self._facts, expectation.erp_table)
        natural = None if expectation.natural_name is None else expectation.natural_name(row, books)
        name = (natural or claim) if expectation.natural_first else (claim or natural)
        return name or None, claim is not None

    def _remember(self, row: Row, books: ReferenceBooks) -> None:
        expectation, counts = self._expectation, self._verdict.crm
        counts.total += 1
        key = as_text(row.get(expectation.crm_key))
        rule = _first_broken(expectation.crm_rules, row, books)
        name, claims = self._name_of(row, books)
        if name is None:
            self._judge_nameless(row, books, key, rule)
        elif name in self._memory.partners:
            self._memory.doubled.add(name)
            counts.add(RecordState.DUPLICATE)
            several = translatable("several CRM records belong to {name}", name=name)
            self._note(End.CRM, key, RecordState.DUPLICATE, several)
        else:
            sums = (_checksum(pair.actual, row, books) for pair in expectation.pairs)
            partner = _Partner(key, _NO_RULE if rule is None else rule, claims, self._sums.pack(*sums))
            self._memory.partners[name] = _pack(partner)

    def _judge_nameless(self, row: Row, books: ReferenceBooks, key: str, rule: int | None) -> None:
        expectation, counts = self._expectation, self._verdict.crm
        unclaimed = _first_broken(expectation.unclaimed_rules, row, books)
        if rule is not None:
            counts.add(RecordState.EXCLUDED, expectation.crm_rules[rule].reason)
        elif not expectation.reaches_erp:
            counts.add(RecordState.EXCLUDED, _ONLY_IN_CRM)
        elif unclaimed is not None:
            counts.add(RecordState.EXCLUDED, expectation.unclaimed_rules[unclaimed].reason)
        else:
            self._judge_alone(End.CRM, key, translatable("no ERP record belongs to it"))

    def _judge_alone(self, end: End, key: str, reason: str) -> None:
        error = self._errors.get((self._expectation.mapping, end, key))
        counts = self._verdict.erp if end is End.ERP else self._verdict.crm
        if error is None:
            counts.add(RecordState.MISSING)
            self._note(end, key, RecordState.MISSING, reason)
        else:
            counts.add(RecordState.FAILED, error.code)
            self._note(end, key, RecordState.FAILED, error.text)

    def _note(self, end: End, key: str, state: RecordState, reason: str) -> None:
        shown = key.replace(KEY_SEPARATOR, ", ")
        self._verdict.note(
            Finding(mapping=self._expectation.mapping, end=end, key=shown, state=state, reason=reason)
        )

    def _judge_erp_record(self, row: Row, books: ReferenceBooks) -> None:
        expectation, counts, memory = self._expectation, self._verdict.erp, self._memory
        counts.total += 1
        key = KEY_SEPARATOR.join(as_text(row.get(part)) for part in expectation.erp_key)
        rule = _first_broken(expectation.erp_rules, row, books)
        if rule is not None:
            self._judge_excluded(
                key, expectation.erp_rules[rule].reason, expectation.partner_name(row, books)
            )
            return
        name = expectation.partner_name(row, books)
        packed = None if name is None else memory.partners.pop(name, None)
        if packed is not None and name is not None:
            memory.taken.add(name)
            self._judge_pair(row, books, key, _unpack(packed), doubled=name in memory.doubled)
        elif name in memory.taken:
            counts.add(RecordState.DUPLICATE)
            shared = translatable("its CRM record belongs to another ERP record too")
            self._note(End.ERP, key, RecordState.DUPLICATE, shared)
        elif not expectation.reaches_crm:
            counts.add(RecordState.EXCLUDED, _ONLY_IN_ERP)
        else:
            self._judge_alone(End.ERP, key, translatable("no CRM record belongs to it"))

    def _judge_excluded(self, key: str, reason: str, name: Comparable) -> None:
        self._verdict.erp.add(RecordState.EXCLUDED, reason)
        # A name that several records share says nothing about one of them that is out of scope.
        if self._expectation.natural_first or name is None:
            return
        packed = self._memory.partners.pop(name, None)
        if packed is not None:
            left = translatable("its ERP record stays out: {reason}", reason=as_sentence(reason))
            self._verdict.crm.add(RecordState.EXCLUDED, left)
            self._note_left_behind(key, reason)

    def _note_left_behind(self, key: str, reason: str) -> None:
        text = translatable("{reason}; its CRM record is no longer kept in step", reason=as_sentence(reason))
        self._note(End.ERP, key, RecordState.EXCLUDED, text)

    def _judge_pair(
        self, row: Row, books: ReferenceBooks, key: str, partner: _Partner, *, doubled: bool
    ) -> None:
        erp, crm = self._verdict.erp, self._verdict.crm
        if partner.rule != _NO_RULE:
            reason = self._expectation.crm_rules[partner.rule].reason
            crm.add(RecordState.EXCLUDED, reason)
            left = translatable("its CRM record stays out: {reason}", reason=as_sentence(reason))
            erp.add(RecordState.EXCLUDED, left)
            self._note_left_behind(key, reason)
        elif doubled:
            crm.add(RecordState.DUPLICATE)
            erp.add(RecordState.DUPLICATE)
            self._note(End.ERP, key, RecordState.DUPLICATE, translatable("several CRM records belong to it"))
        else:
            self._judge_fields(row, books, key, partner)

    def _judge_fields(self, row: Row, books: ReferenceBooks, key: str, partner: _Partner) -> None:
        pairs = self._expectation.pairs
        differing: dict[int, str] = {}
        for place, (pair, actual) in enumerate(zip(pairs, self._sums.unpack(partner.sums), strict=True)):
            expected = pair.expected(row, books)
            if expected is not None and actual and actual != _sum_of(expected):
                differing[place] = expected
        drifted = any(not pairs[place].at_creation for place in differing)
        error = None
        if drifted:
            mapping = self._expectation.mapping
            error = self._errors.get((mapping, End.ERP, key)) or self._errors.get(
                (mapping, End.CRM, partner.key)
            )
        self._count_pair(key, drifted=drifted, error=error)
        for place in differing:
            fields = (
                self._verdict.creation_fields if pairs[place].at_creation else self._verdict.drifted_fields
            )
            if error is None or pairs[place].at_creation:
                fields[_name(pairs[place])] += 1
        suspects = self._drifted if drifted else self._moved_since_creation
        if differing and error is None and len(suspects) < KEPT_MAX:
            suspects.append(_Suspect(erp_key=key, crm_key=partner.key, expected=differing))

    def _count_pair(self, key: str, *, drifted: bool, error: OpenError | None) -> None:
        state, reason = RecordState.EQUAL, ""
        if error is not None:
            state, reason = RecordState.FAILED, error.code
            self._note(End.ERP, key, state, error.text)
        elif drifted:
            state = RecordState.DRIFTED
        self._verdict.erp.add(state, reason)
        self._verdict.crm.add(state, reason)

    def _judge_remaining(self) -> None:
        """Judge the CRM records whose ERP record did not pass by."""
        expectation, counts = self._expectation, self._verdict.crm
        for name, packed in self._memory.partners.items():
            partner = _unpack(packed)
            if partner.rule != _NO_RULE:
                counts.add(RecordState.EXCLUDED, expectation.crm_rules[partner.rule].reason)
            elif not partner.claims and not expectation.reaches_erp:
                counts.add(RecordState.EXCLUDED, _ONLY_IN_CRM)
            elif (expectation.mapping, End.ERP, name) in self._errors:
                counts.add(RecordState.FAILED, self._errors[expectation.mapping, End.ERP, name].code)
            else:
                gone = translatable("the ERP record {name} that it belongs to is not there", name=name or "")
                self._judge_alone(End.CRM, partner.key, gone)

    async def _look_again(self, books: ReferenceBooks) -> None:
        """Read the CRM records behind the differences once more, and show both values."""
        waiting = {suspect.crm_key: suspect for suspect in (*self._moved_since_creation, *self._drifted)}
        if not waiting:
            return
        async for row in self._crm_rows():
            suspect = waiting.pop(as_text(row.get(self._expectation.crm_key)), None)
            if suspect is not None:
                self._show(suspect, row, books)

    def _show(self, suspect: _Suspect, row: Row, books: ReferenceBooks) -> None:
        pairs, verdict = self._expectation.pairs, self._verdict
        still_drifted = was_drifted = False
        for place, expected in suspect.expected.items():
            pair = pairs[place]
            actual = pair.actual(row, books)
            differs = actual != expected
            was_drifted |= not pair.at_creation
            still_drifted |= differs and not pair.at_creation
            counts = verdict.creation_fields if pair.at_creation else verdict.drifted_fields
            shown = verdict.creation_differences if pair.at_creation else verdict.differences
            if not differs:
                counts[_name(pair)] -= 1
            elif len(shown) < KEPT_MAX:
                shown.append(_difference(self._expectation.mapping, suspect, pair, expected, actual))
        if was_drifted and not still_drifted:
            for side in (verdict.erp, verdict.crm):
                side.states[RecordState.DRIFTED] -= 1
                side.states[RecordState.EQUAL] += 1


def _difference(
    mapping: str, suspect: _Suspect, pair: FieldPair, expected: str, actual: Comparable
) -> FieldDifference:
    return FieldDifference(
        mapping=mapping,
        erp_key=suspect.erp_key.replace(KEY_SEPARATOR, ", "),
        crm_key=suspect.crm_key,
        erp_field=pair.erp_field,
        crm_column=pair.crm_column,
        erp_value=expected,
        crm_value=actual or "",
    )


def _name(pair: FieldPair) -> str:
    return f"{pair.erp_field}>{pair.crm_column}"


def _first_broken(rules: tuple[ScopeRule, ...], row: Row, books: ReferenceBooks) -> int | None:
    for place, rule in enumerate(rules):
        if not rule.holds(row, books):
            return place
    return None


def _sum_of(text: str) -> int:
    # Zero stands for "not to be judged".
    return xxh32_intdigest(text.encode()) or 1


def _checksum(judge: Judge, row: Row, books: ReferenceBooks) -> int:
    comparable = judge(row, books)
    return 0 if comparable is None else _sum_of(comparable)


def _pack(partner: _Partner) -> bytes:
    key = partner.key.encode()
    if len(partner.key) == 36:
        key = bytes.fromhex(partner.key.replace("-", ""))
    return bytes((partner.rule, partner.claims, len(key))) + key + partner.sums


def _unpack(packed: bytes) -> _Partner:
    rule, claims, length = packed[:3]
    key, sums = packed[3 : 3 + length], packed[3 + length :]
    if length == 16:
        text = key.hex()
        shown = "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
    else:
        shown = key.decode()
    return _Partner(shown, rule, bool(claims), sums)
