"""Looks at many documents at once: one question to a service for each look, whatever the number of documents."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from interlace.domain.keys import KEY_SEPARATOR, MappingName
from interlace.domain.saga import DOCUMENT, SETTINGS, FoundRecord, Look, OnlyWith
from interlace.domain.values import Value
from interlace.engine.ports import (
    Attempt,
    Call,
    ElapsedTime,
    FindRecords,
    Page,
    ReadKeys,
    ReadPage,
    Record,
    TableView,
    Together,
)
from interlace.engine.saga_setup import SagaSetup, look_view, stages_of
from interlace.engine.service import ServiceFailure, ServiceUnavailable
from interlace.locale.translatable import text_of

_STEADY_SECONDS = 60.0
_STEADY_MAX = 50_000
_NOTHING: Mapping[str, FoundRecord] = {}

Found = dict[str, FoundRecord]


@dataclass(slots=True, kw_only=True)
class Looked:
    """What was found for some documents."""

    asked: float
    """When the oldest of it was asked for, but for what is steady (ElapsedTime)."""
    documents: dict[str, FoundRecord | None]
    found: dict[str, dict[str, Mapping[str, FoundRecord]]]
    """By document, then by look."""
    followed: set[str] = field(default_factory=set)
    """Documents that have a partner already."""
    partners: dict[MappingName, dict[str, str]] = field(default_factory=dict)
    lacking: dict[str, str] = field(default_factory=dict)
    """Looks whose table the service does not have, with its own words."""


@dataclass(slots=True, kw_only=True)
class _Asked:
    """What one look asks for, and for whom."""

    look: Look
    values: dict[str, list[str]]
    """By document: what is looked for, in order."""
    answers: dict[str, tuple[FoundRecord, ...]] = field(default_factory=dict)
    """By value, folded."""


class Looker:
    """Looks at the documents of one run; remembers what is steady for a while."""

    def __init__(self, setup: SagaSetup) -> None:
        self._setup = setup
        self._stages = stages_of(setup.saga)
        self._steady: dict[tuple[str, str], tuple[float, tuple[FoundRecord, ...]]] = {}
        self._tables: dict[str, tuple[float, Found]] = {}
        self._lacking: dict[str, tuple[float, str]] = {}

    def forget(self) -> None:
        """Read everything anew next time."""
        self._steady.clear()
        self._tables.clear()
        self._lacking.clear()

    async def look(self, keys: Sequence[str], coupled: Collection[str] = ()) -> Looked:
        """Read documents and all that their decisions need, less for those coupled; raises ServiceFailure."""
        asked: float = await ElapsedTime()
        view = self._setup.document_view()
        records: list[Record | None] = await ReadKeys(view=view, keys=tuple(keys))
        documents = {
            key: None if record is None else _taken(view.fields, record)
            for key, record in zip(keys, records, strict=True)
        }
        found: dict[str, dict[str, Mapping[str, FoundRecord]]] = {
            key: {DOCUMENT: {} if document is None else {document.key: document}}
            for key, document in documents.items()
        }
        followed = {key for key in coupled if documents[key] is not None}
        looked = Looked(asked=asked, documents=documents, found=found, followed=followed)
        for stage in self._stages:
            await self._take_stage(stage, looked)
        return looked

    async def _take_stage(self, stage: Sequence[Look], looked: Looked) -> None:
        for look in stage:
            if look.whole_table:
                table = await self._whole_table(look, looked.asked)
                for found in looked.found.values():
                    found[look.name] = table
        asked = [self._ask(look, looked) for look in stage if not look.whole_table]
        calls: list[Call] = []
        callers: list[_Asked] = []
        for each in asked:
            call = self._call(each, looked.asked)
            if call is not None:
                calls.append(call)
                callers.append(each)
        attempts = tuple(
            Attempt(call) if each.look.may_lack else call for each, call in zip(callers, calls, strict=True)
        )
        answers: list[list[Record | None] | ServiceFailure] = (
            await Together(calls=attempts) if attempts else []
        )
        for each, call, answer in zip(callers, calls, answers, strict=True):
            if isinstance(answer, ServiceFailure):
                self._lack(each.look, answer, looked.asked)
            else:
                self._take(each, call, answer, looked.asked)
        for each in asked:
            if each.look.name in self._lacking:
                looked.lacking[each.look.name] = self._lacking[each.look.name][1]
        for each in asked:
            for key, values in each.values.items():
                looked.found[key][each.look.name] = _picked(each, values)

    def _lack(self, look: Look, failure: ServiceFailure, now: float) -> None:
        """Go on without a table that the service does not have; one that it only can't show now is waited for."""
        if isinstance(failure, ServiceUnavailable):
            raise failure
        self._lacking[look.name] = (now, text_of(failure))

    def _ask(self, look: Look, looked: Looked) -> _Asked:
        """Gather what a look searches for, translated by couplings where it says so."""
        setup = self._setup
        left_out = set(looked.followed) if look.until_coupled else set()
        if look.only_with is not None:
            left_out |= {key for key, found in looked.found.items() if not _is_worth(look.only_with, found)}
        if look.mark:
            marks = {key: [] if key in left_out else [setup.mark_of(key)] for key in looked.found}
            return _Asked(look=look, values=marks)
        values = {
            key: [] if key in left_out else _start_values(look, key, found, setup.settings)
            for key, found in looked.found.items()
        }
        if look.partner_of is not None:
            known = looked.partners.setdefault(look.partner_of, {})
            missing = {value for each in values.values() for value in each if value not in known}
            if missing:
                known |= setup.store.partner_keys(look.partner_of, look.side.other, sorted(missing))
            values = {key: [known[value] for value in each if value in known] for key, each in values.items()}
        if look.key_part is not None:
            values = {key: _parts(each, look.key_part) for key, each in values.items()}
        return _Asked(look=look, values=values)

    def _call(self, asked: _Asked, now: float) -> Call | None:
        """Make the question for what is not known already; None: all of it is."""
        look = asked.look
        wanted = dict.fromkeys(value for values in asked.values.values() for value in values)
        if look.name in self._lacking:
            if now - self._lacking[look.name][0] < _STEADY_SECONDS:
                return None
            del self._lacking[look.name]
        if look.steady:
            for value in list(wanted):
                at, records = self._steady.get((look.name, value.casefold()), (0.0, ()))
                if (look.name, value.casefold()) in self._steady and now - at < _STEADY_SECONDS:
                    asked.answers[value.casefold()] = records
                    del wanted[value]
        if not wanted:
            return None
        view = look_view(look)
        if look.field is None:
            return ReadKeys(view=view, keys=tuple(wanted))
        return FindRecords(view=view, field=look.field, values=tuple(wanted), exact=True)

    def _take(self, asked: _Asked, call: Call, records: Sequence[Record | None], now: float) -> None:
        if isinstance(call, ReadKeys):
            for key, record in zip(call.keys, records, strict=True):
                taken = () if record is None else (_taken(call.view.fields, record),)
                asked.answers[key.casefold()] = taken
            wanted: Sequence[str] = call.keys
        else:
            assert isinstance(call, FindRecords)
            grouped: dict[str, list[FoundRecord]] = {value.casefold(): [] for value in call.values}
            for record in records:
                assert record is not None
                taken_record = _taken(call.view.fields, record)
                value = _text(taken_record.values[call.field]).casefold()
                if value in grouped:
                    grouped[value].append(taken_record)
            asked.answers |= {value: tuple(each) for value, each in grouped.items()}
            wanted = call.values
        if asked.look.steady:
            if len(self._steady) > _STEADY_MAX:
                self._steady.clear()
            for value in wanted:
                folded = value.casefold()
                self._steady[asked.look.name, folded] = (now, asked.answers[folded])

    async def _whole_table(self, look: Look, now: float) -> Found:
        at, table = self._tables.get(look.name, (0.0, {}))
        if look.name in self._tables and now - at < _STEADY_SECONDS:
            return table
        view, after = look_view(look), None
        table = {}
        while True:
            page: Page = await ReadPage(view=view, after=after)
            for record in page.records:
                table[record.key] = _taken(view.fields, record)
            after = page.next
            if after is None:
                break
        self._tables[look.name] = (now, table)
        return table


def _is_worth(only_with: OnlyWith, found: Mapping[str, Mapping[str, FoundRecord]]) -> bool:
    return any(only_with.holds(record) for record in found[only_with.look].values())


def _start_values(
    look: Look,
    document: str,
    found: Mapping[str, Mapping[str, FoundRecord]],
    settings: Mapping[str, Value],
) -> list[str]:
    """Return the values that lead on from the records of an earlier look, each once, in order.

    The key of a document leads on even when the document is gone.
    """
    if look.start == SETTINGS:
        values = [_text(settings.get(look.start_field or ""))]
    elif look.start_field is not None:
        values = [_text(record.values.get(look.start_field)) for record in found[look.start].values()]
    elif look.start == DOCUMENT:
        values = [document]
    else:
        values = [record.key for record in found[look.start].values()]
    return list(dict.fromkeys(value for value in values if value))


def _parts(keys: Sequence[str], place: int) -> list[str]:
    split = (key.split(KEY_SEPARATOR) for key in keys)
    return list(dict.fromkeys(parts[place] for parts in split if place < len(parts) and parts[place]))


def _picked(asked: _Asked, values: Sequence[str]) -> Mapping[str, FoundRecord]:
    records = [record for value in values for record in asked.answers.get(value.casefold(), ())]
    return {record.key: record for record in records} if records else _NOTHING


def _taken(fields: Sequence[str], record: Record) -> FoundRecord:
    return FoundRecord(key=record.key, tag=record.tag, values=dict(zip(fields, record.values(), strict=True)))


def _text(value: Value) -> str:
    return "" if value is None else str(value)


async def read_records(view: TableView, keys: Sequence[str]) -> dict[str, FoundRecord | None]:
    """Read some records now, by key."""
    records: list[Record | None] = await ReadKeys(view=view, keys=tuple(keys))
    return {
        key: None if record is None else _taken(view.fields, record)
        for key, record in zip(keys, records, strict=True)
    }
