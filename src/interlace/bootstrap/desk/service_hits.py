"""Finds records in both services: those that are not coupled, and what coupled ones are called by now.

Each table that takes part is asked at most three times, whatever was typed, and all of them at once. Whoever has not
answered when the time is over is not waited for: what could not be looked through is told.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.desk.carry_out import off_loop, refusals
from interlace.bootstrap.desk.record_table import RecordTable, record_table, status_of
from interlace.bootstrap.desk.remembered_hits import record_hit
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.own_mappings import own_mappings
from interlace.bootstrap.own_rows import stands_in
from interlace.bootstrap.reading_ends import Reading
from interlace.connectors.business_central.published_tables import PUBLISHED_TABLES
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.domain.record_names import name_of
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.engine.ports import Record, TableView
from interlace.engine.service import ServiceFailure
from interlace.lead_to_cash import mapping_names
from interlace.lead_to_cash.record_names import NAME_FIELDS
from interlace.locale.translatable import text_of
from interlace.management.refusal import Refused
from interlace.management.search import Hit, NotLooked
from interlace.management.translatable import translatable

PAGE_SECONDS: Final = 3.0
"""How long a page waits for the services."""
_A_TABLE: Final = 5
"""So many records of a table are told at most."""
_SEARCHED: Final = {table.name: table.search_field for table in PUBLISHED_TABLES}
"""Field of an ERP table's key that numbers its records; of other tables it is the whole key."""
_BY_NUMBER_ONLY: Final = frozenset(
    {
        mapping_names.SALESPRC_PRODPRICE,
        mapping_names.SALESORDER_ORDER,
        mapping_names.POSTEDSALESINV_INV,
        mapping_names.POSTEDSALESLINE_INV,
    }
)
"""Their tables grow for ever: to look for a part of a name would mean to read them whole."""


_WORDS: Final = 6
_CHARACTERS: Final = 60
"""More of what was typed would only make the filter longer than services take it."""
_CHARACTERS_MIN: Final = 2
"""One letter stands in nearly every name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """One table of one side, and by which of its fields records are looked for and named."""

    table: RecordTable
    side: Side
    names: Sequence[str] = ()
    is_named: bool = True
    """They are looked for by their names, too, not by their number only."""
    numbers: Sequence[str] = ()
    """Of the CRM; the ERP's is a part of the key."""
    is_filtered: bool = True
    """Records of other mappings may be among those found: the filter tells whose they are."""

    @property
    def mapping(self) -> MappingName:
        """Whose table it is."""
        return self.table.mapping.name

    @property
    def view(self) -> TableView:
        """The table with what a search needs."""
        whole = self.table.view(self.side)
        if whole.choice_column is not None:
            return whole
        filtered = whole.filter.fields if self.is_filtered else ()
        return replace(whole, fields=tuple(dict.fromkeys([*self.names, *self.numbers, *filtered])))

    async def ask(self, ends: Ends, text: str) -> Sequence[Record]:
        """Ask the service."""
        names = self.names if self.is_named else ()
        if self.side is Side.ERP:
            return await ends.erp.search_records(self.view, text, names, count=_A_TABLE)
        return await ends.crm.search_records(self.view, text, names, self.numbers, count=_A_TABLE)

    def hits(self, records: Sequence[Record]) -> Iterator[tuple[Hit, bool]]:
        """Tell of each record what is known, and whether it is certainly of this mapping."""
        side, view = self.side, self.view
        keys = [each.key for each in records]
        couplings = self.table.run.couplings_by_key(side, keys)
        errors = self.table.errors(side, keys, couplings)
        for each in records:
            values = dict(zip(view.fields, each.values(), strict=True))
            coupling = couplings.get(each.key)
            hit = record_hit(
                self.mapping,
                each.key if coupling is None else coupling.erp_key,
                side=side if coupling is None else Side.ERP,
                number=self._number(values) if coupling is None else "",
                caption=name_of([values[name] for name in self.names]),
                status=status_of(coupling, errors.get(each.key)),
            )
            is_own = not self.is_filtered or view.filter.first_failing(values.get) is None
            yield hit, coupling is not None or is_own

    def _number(self, values: Mapping[str, Value]) -> str:
        return next((str(values[name]) for name in self.numbers if values[name]), "")


@dataclass(slots=True, kw_only=True)
class _Asked:
    """What was answered so far, and what was not; a search that is broken off keeps what it has."""

    answered: list[tuple[_Question, Sequence[Record]]] = field(default_factory=list)
    waiting: list[_Question] = field(default_factory=list)
    failed: dict[tuple[Side, str], list[MappingName]] = field(default_factory=lambda: defaultdict(list))
    """By side and what it said."""

    def not_looked(self, why: str) -> list[NotLooked]:
        """Return where could not be looked; `why` is told of what is still waited for."""
        for each in self.waiting:
            self.failed[each.side, why].append(each.mapping)
        return [
            NotLooked(side=side.value, mappings=tuple(mappings), why=told)
            for (side, told), mappings in self.failed.items()
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceHits:
    """What the two services of a connection have under some words."""

    application: Application
    reading: Reading
    held: Connection
    text: str
    seconds: float
    """How long is waited for them."""

    async def hits(self) -> tuple[list[Hit], list[NotLooked]]:
        """Return the records that were found in time, and where could not be looked."""
        text = " ".join(self.text.split()[:_WORDS])[:_CHARACTERS].strip()
        if len(text) < _CHARACTERS_MIN:
            return [], []
        why = translatable("It did not answer within {seconds} seconds.", seconds=str(round(self.seconds)))
        asked = _Asked()
        try:
            asked.waiting = await off_loop(self._questions)
            with refusals():
                await self.reading.read(self.held, lambda ends: _ask(ends, text, asked), self.seconds)
        except (ServiceFailure, TimeoutError):
            # What the services said, or did not say, has been noted.
            pass
        except Refused as refused:
            why = refused.why or refused.title
            if not asked.waiting and not asked.failed:
                return [], [NotLooked(why=why)]
        return await off_loop(_told, asked.answered), asked.not_looked(why)

    def _questions(self) -> list[_Question]:
        """Return what is asked: each ERP table once and for each mapping that users added, and the CRM's tables."""
        seen: set[str] = set()
        added = {each.name for each in own_mappings(self.held.settings)}
        found: list[_Question] = []
        for name in self.application.taking_part(self.held):
            table = record_table(self.application, self.held, name)
            mapping = table.mapping
            is_added = name in added
            if mapping.carries_figures or (mapping.erp_table in seen and not is_added):
                continue
            seen.add(mapping.erp_table)
            is_named = name not in _BY_NUMBER_ONLY
            caption = (mapping.erp_caption,) if mapping.erp_caption else ()
            found.append(
                _Question(table=table, side=Side.ERP, names=caption, is_named=is_named, is_filtered=is_added)
            )
            number = _SEARCHED.get(mapping.erp_table, table.erp_key[0])
            names, numbers = _crm_fields(mapping, number)
            # Without either the CRM would be asked for nothing, and answer with any records.
            if numbers or (names and is_named):
                found.append(
                    _Question(table=table, side=Side.CRM, names=names, is_named=is_named, numbers=numbers)
                )
        return found


def _crm_fields(mapping: IntegrationTableMapping, erp_number: str) -> tuple[Sequence[str], Sequence[str]]:
    """Return the CRM's columns that name a record, and those that number it."""
    carrying = (each for each in mapping.fields if stands_in(each) is None)
    rows = [each for each in carrying if each.erp_field and each.reference is None]

    def columns(*erp_fields: str) -> list[str]:
        return [each.crm_field for each in rows if each.crm_field and each.erp_field in erp_fields]

    names = columns(mapping.erp_caption) or columns(*NAME_FIELDS.get(mapping.name, ()))
    return names, columns(erp_number)


async def _ask(ends: Ends, text: str, asked: _Asked) -> None:
    """Ask everything at once; raises the first failure, so that ends which are no good any more are left."""
    failures: list[ServiceFailure] = []

    async def one(question: _Question) -> None:
        try:
            records = await question.ask(ends, text)
        except ServiceFailure as failure:
            failures.append(failure)
            asked.failed[question.side, text_of(failure)].append(question.mapping)
        else:
            asked.answered.append((question, records))
        asked.waiting.remove(question)

    async with asyncio.TaskGroup() as group:
        for each in list(asked.waiting):
            group.create_task(one(each))
    if failures:
        raise failures[0]


def _told(answered: Sequence[tuple[_Question, Sequence[Record]]]) -> list[Hit]:
    """Return the records; one that two mappings of a table have is told of the one that it belongs to."""
    found: dict[tuple[Side, str, str | None, str], tuple[Hit, bool]] = {}
    for question, records in answered:
        view = question.view
        for record, (hit, is_own) in zip(records, question.hits(records), strict=True):
            place = question.side, view.table, view.choice_column, record.key
            if place not in found or (is_own and not found[place][1]):
                found[place] = hit, is_own
    return [hit for hit, _ in found.values()]
