"""Takes couplings over from the ERP's built-in connector: first all rows are looked at, then what fits is coupled."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from itertools import groupby
from typing import Final

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.couple_pairs import COUPLED_AT_ONCE, couple_pairs
from interlace.bootstrap.coupling_file import CouplingRow
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.hand_couplings import both_views, coupling_job, naming_of, require_naming
from interlace.domain.coupling import Coupling
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import CrmKey, ErpKey, MappingName, key_text
from interlace.domain.side import Side
from interlace.domain.synch_job import Counters, SynchJobType
from interlace.engine.run_setup import RunSetup
from interlace.lead_to_cash.built_in_couplings import SALES_HEADER, TABLE_NUMBERS
from interlace.locale.translatable import translatable

_READ_AT_ONCE: Final = 500
_NO_MAPPING: Final = MappingName("")
_NO_KEY: Final = ErpKey("")
_MAPPINGS: Final = {number: name for name, number in TABLE_NUMBERS.items()}


class RowFate(Enum):
    """What becomes of a row."""

    COUPLE = translatable("to be coupled")
    COUPLED = translatable("coupled already")
    LEFT_OUT = translatable("left out")


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedRow:
    """A row, what it couples, and what becomes of it."""

    row: CouplingRow
    fate: RowFate = RowFate.COUPLE
    reason: str = ""
    """Why it is left out."""
    mapping: MappingName = _NO_MAPPING
    erp_key: ErpKey = _NO_KEY
    """Blank: nobody knows which record it is."""

    @property
    def crm_key(self) -> CrmKey:
        """The key of the CRM's record."""
        return CrmKey(self.row.crm_key)

    def left_out(self, reason: str) -> "LookedRow":
        """Return the row with why it is left out."""
        return replace(self, fate=RowFate.LEFT_OUT, reason=reason)

    def key_of(self, side: Side) -> str:
        """Return the key of one side's record."""
        return self.erp_key if side is Side.ERP else self.crm_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import has coupled, and what it could not couple after all."""

    coupled: int
    failed: tuple[LookedRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CouplingImport:
    """Couplings from a file, over ends that are open already."""

    application: Application
    connection: Connection
    ends: Ends
    record_ids: Mapping[tuple[int, str], str] = field(default_factory=dict)
    """Keys of the ERP's records by table number and id, where a file tells them: the ERP is asked for the others."""

    async def look(self, rows: Sequence[CouplingRow]) -> list[LookedRow]:
        """Find out what each row couples, and what keeps it from that; nothing is written."""
        looked = [_of_mapping(each) for each in rows]
        by_mapping: dict[MappingName, list[int]] = defaultdict(list)
        for place, each in enumerate(looked):
            if each.fate is RowFate.COUPLE:
                by_mapping[each.mapping].append(place)
        mappings = self.application.mappings(self.connection)
        for name, places in by_mapping.items():
            found = await self._looked(mappings[name], [looked[place] for place in places])
            for place, each in zip(places, found, strict=True):
                looked[place] = each
        return looked

    async def couple(self, looked: Sequence[LookedRow]) -> Imported:
        """Couple the rows that were found fit; a mapping's rows are one job. What was coupled when one fails stays.

        Raises PrivilegesMissing before anything is written, ServiceFailure when a service fails.
        """
        mappings = self.application.mappings(self.connection)
        wanted = sorted(
            (each for each in looked if each.fate is RowFate.COUPLE), key=lambda each: each.mapping
        )
        by_mapping = {name: list(rows) for name, rows in groupby(wanted, key=lambda each: each.mapping)}
        naming = {name: naming_of(self.application, self.connection, mappings[name]) for name in by_mapping}
        for name, run in naming.items():
            if run is not None:
                await require_naming(self.application, self.connection, mappings[name], self.ends)
        failed: list[LookedRow] = []
        for name, rows in by_mapping.items():
            failed += await self._couple(mappings[name], naming[name], rows)
        return Imported(coupled=len(wanted) - len(failed), failed=tuple(failed))

    # Looking

    async def _looked(self, mapping: IntegrationTableMapping, rows: Sequence[LookedRow]) -> list[LookedRow]:
        known = await self._with_keys(mapping, rows)
        kept = {side: self._couplings(mapping, side, known) for side in Side}
        found = [_against_couplings(each, kept) for each in known]
        there = {side: await self._existing(mapping, side, found) for side in Side}
        return _each_once([_against_records(each, mapping, there) for each in found])

    async def _with_keys(
        self, mapping: IntegrationTableMapping, rows: Sequence[LookedRow]
    ) -> list[LookedRow]:
        """Return the rows with the keys of the ERP's records that they name by id."""
        keys = [
            each.row.record_key or self.record_ids.get((each.row.table, each.row.erp_id), "") for each in rows
        ]
        told: Mapping[str, str] | None = {}
        if not all(keys):
            told = await self.ends.erp.record_ids(mapping.erp_table)
        found = []
        for each, key in zip(rows, keys, strict=True):
            erp_key = key or (told or {}).get(each.row.erp_id, "")
            if erp_key:
                found.append(replace(each, erp_key=ErpKey(erp_key)))
            elif told is None:
                found.append(each.left_out(_untold(mapping)))
            else:
                found.append(
                    each.left_out(
                        translatable(
                            "The ERP's table {table} has no record with the id {id}: it was deleted, or belongs to "
                            "another company.",
                            table=mapping.erp_table,
                            id=each.row.erp_id,
                        )
                    )
                )
        return found

    def _couplings(
        self, mapping: IntegrationTableMapping, side: Side, rows: Sequence[LookedRow]
    ) -> dict[str, str]:
        keys = [each.key_of(side) for each in rows if each.fate is RowFate.COUPLE]
        return self.application.connection_store(self.connection).partner_keys(mapping.name, side, keys)

    async def _existing(
        self, mapping: IntegrationTableMapping, side: Side, rows: Sequence[LookedRow]
    ) -> set[str]:
        view, service = both_views(mapping)[side], self.ends.erp if side is Side.ERP else self.ends.crm
        wanted = [each.key_of(side) for each in rows if each.fate is RowFate.COUPLE]
        keys, found = list(dict.fromkeys(wanted)), set()
        for start in range(0, len(keys), _READ_AT_ONCE):
            part = tuple(keys[start : start + _READ_AT_ONCE])
            records = await service.read_keys(view, part)
            found |= {key for key, record in zip(part, records, strict=True) if record is not None}
        return found

    # Coupling

    async def _couple(
        self, mapping: IntegrationTableMapping, naming: RunSetup | None, rows: Sequence[LookedRow]
    ) -> list[LookedRow]:
        """Couple rows of one mapping; gives those that could not be coupled after all."""
        store = self.application.connection_store(self.connection)
        job = coupling_job(mapping, SynchJobType.COUPLING, Counters())
        failed: list[LookedRow] = []
        try:
            for start in range(0, len(rows), COUPLED_AT_ONCE):
                part = rows[start : start + COUPLED_AT_ONCE]
                couplings = [
                    Coupling(mapping=mapping.name, erp_key=each.erp_key, crm_key=each.crm_key, agreed=None)
                    for each in part
                ]
                errors = await couple_pairs(self.ends, store, naming, couplings, job)
                failed += [
                    each.left_out(error.message)
                    for each, error in zip(part, errors, strict=True)
                    if error is not None
                ]
        finally:
            store.finish_job(
                replace(
                    job,
                    finished_at=datetime.now(UTC),
                    message=translatable("Couplings of the built-in connector, from a file"),
                )
            )
        return failed


def _of_mapping(row: CouplingRow) -> LookedRow:
    looked = LookedRow(row=row, mapping=_MAPPINGS.get(row.table, _NO_MAPPING))
    if not row.crm_key:
        return looked.left_out(translatable("The CRM ID is no GUID."))
    if row.table == SALES_HEADER:
        return looked.left_out(
            translatable(
                "Orders are followed document by document: those that the ERP has taken over stay as they are."
            )
        )
    if not looked.mapping:
        return looked.left_out(
            translatable(
                "No mapping takes couplings of the ERP's table {number} from the built-in connector.",
                number=str(row.table),
            )
        )
    if not row.erp_id and not row.record_key:
        return looked.left_out(translatable("The Integration ID is no GUID."))
    return looked


def _untold(mapping: IntegrationTableMapping) -> str:
    return translatable(
        "The ERP does not tell the ids of {table}. Give the rows of its table 5151 Integration Record as well, or add "
        "a column Record ID such as {example}.",
        table=mapping.erp_table,
        example=f"{mapping.erp_table.replace('_', ' ')}: 10000",
    )


def _against_couplings(each: LookedRow, kept: Mapping[Side, Mapping[str, str]]) -> LookedRow:
    """Return the row with what is coupled already."""
    if each.fate is not RowFate.COUPLE:
        return each
    if kept[Side.ERP].get(each.erp_key) == each.crm_key:
        return replace(each, fate=RowFate.COUPLED)
    for side in Side:
        partner = kept[side].get(each.key_of(side))
        if partner is not None:
            return each.left_out(
                translatable(
                    "{key} is coupled with {partner} in {mapping} already.",
                    key=key_text(each.key_of(side)),
                    partner=key_text(partner),
                    mapping=each.mapping,
                )
            )
    return each


def _against_records(
    each: LookedRow, mapping: IntegrationTableMapping, there: Mapping[Side, set[str]]
) -> LookedRow:
    """Return the row with which of its records is missing."""
    tables = {Side.ERP: mapping.erp_table, Side.CRM: mapping.integration_table}
    for side in Side:
        if each.fate is RowFate.COUPLE and each.key_of(side) not in there[side]:
            return each.left_out(
                translatable(
                    "The {end}'s table {table} has no record {key}.",
                    end=side.value.upper(),
                    table=tables[side],
                    key=key_text(each.key_of(side)),
                )
            )
    return each


def _each_once(rows: Sequence[LookedRow]) -> list[LookedRow]:
    """Leave out rows with a record that an earlier row couples."""
    first: dict[tuple[Side, str], int] = {}
    found = []
    for each in rows:
        keys = [(side, each.key_of(side)) for side in Side]
        line = next((first[key] for key in keys if key in first), None)
        if each.fate is not RowFate.COUPLE or line is None:
            found.append(each)
        else:
            found.append(
                each.left_out(
                    translatable("Line {line} couples one of the two records already.", line=str(line))
                )
            )
        if found[-1].fate is RowFate.COUPLE:
            first |= dict.fromkeys(keys, each.row.number)
    return found
