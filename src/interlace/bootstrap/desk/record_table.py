"""One mapping's two tables as pages read them: now, within a time limit, with what is known of each record."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeVar

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.desk.carry_out import refusals
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.own_mappings import erp_keys
from interlace.bootstrap.reading_ends import Reading
from interlace.domain.coupling import Coupling, CouplingState
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import KEY_SEPARATOR, MappingName, key_text
from interlace.domain.record_names import name_of, record_names
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.engine.memory import SynchError
from interlace.engine.observe import partner_key_of
from interlace.engine.ports import Record, TableView
from interlace.engine.run_setup import RunSetup
from interlace.engine.service import Service
from interlace.management.records import FieldValue, Kind, RecordRow, Status
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable

T = TypeVar("T")
SECONDS: Final = 10.0
_COLUMNS: Final = 4
_TELLING: Final = frozenset(
    {"City", "Phone_No", "E_Mail", "Unit_Price", "Company_No", "Currency_Code", "Amount"}
)
"""ERP fields by which a person tells records apart: they come first in lists."""
_FEED_SIDE: Final = {
    Side.ERP: (Direction.TO_INTEGRATION_TABLE, Direction.FROM_INTEGRATION_TABLE),
    Side.CRM: (Direction.FROM_INTEGRATION_TABLE, Direction.TO_INTEGRATION_TABLE),
}
"""The pass that reads a side, then the one that writes it."""
_PAIR_INDEX: Final = {Side.ERP: 0, Side.CRM: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTable:
    """A mapping's two tables in one connection."""

    application: Application
    held: Connection
    run: RunSetup

    @property
    def mapping(self) -> IntegrationTableMapping:
        """The mapping."""
        return self.run.mapping

    @property
    def erp_key(self) -> tuple[str, ...]:
        """The fields that make the key of the ERP's records."""
        return erp_keys(self.held.settings)[self.mapping.erp_table]

    def view(self, side: Side) -> TableView:
        """Return the table of a side."""
        return self.run.view(side)

    def key(self, side: Side, text: str) -> str:
        """Return a key as the store has it; parts of a composite one may be typed with commas between them."""
        if side is Side.CRM:
            return text.strip("{} ").lower()
        if len(self.erp_key) == 1 or KEY_SEPARATOR in text:
            return text
        return KEY_SEPARATOR.join(part.strip() for part in text.split(","))

    def caption_field(self, side: Side) -> str | None:
        """Return the field that names a record of a side; None where there is none."""
        name = self.mapping.erp_caption or None
        if side is Side.ERP or name is None:
            return name
        rows = (row for row in self.mapping.fields if row.erp_field == name and row.reference is None)
        return next((row.crm_field for row in rows), None)

    def columns(self, side: Side) -> tuple[str, ...]:
        """Return the fields that a list shows beside a record's key and caption."""
        if side is Side.CRM and self.mapping.choice_column is not None:
            return ()
        left_out = {self.caption_field(side)}
        if side is Side.ERP and len(self.erp_key) == 1:
            # The list has it as the record's number.
            left_out.add(self.erp_key[0])
        names = []
        for row in sorted(self.mapping.fields, key=lambda row: row.erp_field not in _TELLING):
            name = row.erp_field if side is Side.ERP else row.crm_field
            # Ids of other records tell a reader of the CRM's list nothing.
            if name is None or row.is_constant or name in left_out or (side is Side.CRM and row.reference):
                continue
            left_out.add(name)
            names.append(name)
        return tuple(names[:_COLUMNS])

    def values(self, side: Side, record: Record) -> dict[str, Value]:
        """Return a record's values by field."""
        return dict(zip(self.view(side).fields, record.values(), strict=True))

    def caption(self, side: Side, values: Mapping[str, Value], key: str) -> str:
        """Return what a record is called; its key, if it has no name."""
        return _caption(values, self.caption_field(side) or "", key)

    def rows(self, side: Side, records: Sequence[Record]) -> list[RecordRow]:
        """Return records as a list shows them; what is known of them is asked of the store at once."""
        keys = [each.key for each in records]
        couplings = self.run.couplings_by_key(side, keys)
        errors = self.errors(side, keys, couplings)
        read = self._read(side)
        return [_row(read, each, couplings.get(each.key), errors.get(each.key)) for each in records]

    def _read(self, side: Side) -> "_Read":
        names = record_names(self.mapping)
        return _Read(
            side=side,
            view=self.view(side),
            columns=self.columns(side),
            caption_field=self.caption_field(side) or "",
            layout=names.layout,
            naming=names.places(names.row_ids)[_PAIR_INDEX[side.other]],
        )

    def errors(
        self, side: Side, keys: Sequence[str], couplings: Mapping[str, Coupling]
    ) -> dict[str, SynchError]:
        """Return the open error of each record, by its key; it may stand under its partner's."""
        own_way, other_way = _FEED_SIDE[side]
        name, store = self.mapping.name, self.run.store
        found: dict[str, SynchError] = {}
        if other_way in self.mapping.passes:
            partners = {partner_key_of(each, side.other): key for key, each in couplings.items()}
            listed = store.errors_of(name, other_way, list(partners))
            found |= {partners[key]: error for key, error in listed.items()}
        if own_way in self.mapping.passes:
            found |= store.errors_of(name, own_way, list(keys))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What every record of one side has in common; worked out once for a whole list."""

    side: Side
    view: TableView
    columns: Sequence[str]
    caption_field: str
    layout: str
    naming: Sequence[int]
    """Where, among what a pair agreed on in this layout, the values stand that name the partner."""


def _row(read: _Read, record: Record, coupling: Coupling | None, error: SynchError | None) -> RecordRow:
    values = dict(zip(read.view.fields, record.values(), strict=True))
    partner = "" if coupling is None else partner_key_of(coupling, read.side.other)
    failing = read.view.filter.first_failing(values.__getitem__)
    return RecordRow(
        key=record.key,
        number=key_text(record.key),
        caption=_caption(values, read.caption_field, record.key),
        values=tuple(shown_value(values[name]) for name in read.columns),
        status=status_of(coupling, error),
        code="" if error is None else error.error.code.value,
        partner_key=partner,
        partner=_name_of_partner(read, coupling) or key_text(partner),
        left_out="" if failing is None else failing.reason or failing.field,
    )


def _name_of_partner(read: _Read, coupling: Coupling | None) -> str:
    """Return what the other side's record was called when both were compared last; blank if nobody knows."""
    agreed = None if coupling is None else coupling.agreed
    if agreed is None or agreed.layout != read.layout:
        return ""
    index = _PAIR_INDEX[read.side.other]
    pairs = [agreed.pairs[place] for place in read.naming]
    return name_of([pair[index] for pair in pairs if pair is not None])


def _caption(values: Mapping[str, Value], field: str, key: str) -> str:
    return str(values.get(field) or "") or key_text(key)


def status_of(coupling: Coupling | None, error: SynchError | None) -> Status:
    """Return how a record stands."""
    if error is not None:
        return "skipped" if error.skipped else "failed"
    if coupling is None:
        return "uncoupled"
    return "broken" if coupling.state is CouplingState.BROKEN else "coupled"


def shown_value(value: Value) -> FieldValue:
    """Return a value as text with what it is."""
    if value is None:
        return FieldValue(text=None)
    kind: Kind = "text"
    if isinstance(value, bool):
        return FieldValue(text="true" if value else "false", kind="boolean")
    if isinstance(value, Decimal):
        return FieldValue(text=format(value, "f"), kind="number")
    if isinstance(value, int):
        kind = "whole"
    return FieldValue(text=str(value), kind=kind)


def record_table(application: Application, held: Connection, name: str) -> RecordTable:
    """Return the tables of a mapping; raises Refused for a name that is none, ConnectionProblem while disabled."""
    known: dict[str, MappingName] = {each.upper(): each for each in application.mappings(held)}
    if name.upper() not in known:
        raise Refused(
            RefusalKind.NOT_FOUND,
            translatable("There is no mapping {name}", name=name),
            next_step=translatable("The list of integration table mappings shows them all."),
        )
    run = application.run_setup(held, known[name.upper()], run_id="", create_new=False, compare_all=False)
    return RecordTable(application=application, held=held, run=run)


def service_of(ends: Ends, side: Side) -> Service:
    """Return the service of a side."""
    return ends.erp if side is Side.ERP else ends.crm


async def read_in_time(reading: Reading, table: RecordTable, work: Callable[[Ends], Awaitable[T]]) -> T:
    """Read from the services as long as a person waits; raises Refused when they take longer."""
    try:
        with refusals():
            return await reading.read(table.held, work, SECONDS)
    except TimeoutError as problem:
        raise Refused(
            RefusalKind.SERVICE_FAILED,
            translatable("A service did not answer in time"),
            why=translatable("It was waited for {seconds} seconds.", seconds=str(round(SECONDS))),
            next_step=translatable("Try again in a moment. Jobs in the background are more patient."),
            code="timeout",
        ) from problem
