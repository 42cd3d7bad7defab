"""The verdict: read from the servers afresh, and from Interlace's lists only to excuse what they name."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from interlace.domain.keys import MappingName
from tools.soak.excuses import LISTED, REMOVED, UNSEEN, Decided, Excused
from tools.soak.ledger import ITEM, TABLES, Edit, Ledger, Record, Table
from tools.soak.protocol import Outsider, Row
from tools.soak.services import Services

_EVERYTHING = 1_000_000
_COUPLED_SETS = ("accounts", "contacts", "products", "pricelevels", "productpricelevels", "opportunities")


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What was found wrong, in words; empty lists are good news."""

    duplicates: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    coupling_problems: list[str] = field(default_factory=list)
    journal_entries: int = 0
    journal_holds: bool = False
    listed: Counter[str] = field(default_factory=Counter)
    """Records that stand on the error list, by code."""
    excused: Excused
    """Edits that did not get through, for a reason that is named."""


@dataclass(slots=True, kw_only=True)
class Memory:
    """What Interlace's lists and its journal say of records, and what people wanted."""

    listed: dict[str, str]
    """Keys of records on the error list, and what for."""
    decided: Decided


def judge(services: Services, outsider: Outsider, ledger: Ledger) -> Verdict:
    """Look at both services and say what is there twice, what got lost, and what is coupled oddly."""
    verdict = Verdict(excused=Excused(edits=len(ledger.edits)))
    memory = _remembered(services, ledger, verdict)
    verdict.duplicates += _named_twice(outsider)
    for table in TABLES:
        erp = {row[table.number_field]: row for row in outsider.erp_rows(table.page)}
        crm = {row[table.id_column]: row for row in outsider.crm_rows(table.set_name)}
        verdict.duplicates += unique_names_twice(table, erp, crm)
        by_number = {row["ilc_erpkey"]: row for row in crm.values() if row.get("ilc_erpkey")}
        for record in ledger.records:
            if record.table is table:
                judge_record(record, ledger, (erp, crm, by_number), memory, verdict)
    verdict.lost += _wrong_prices(outsider, ledger, memory)
    verdict.coupling_problems += _couplings(services, outsider)
    return verdict


def _remembered(services: Services, ledger: Ledger, verdict: Verdict) -> Memory:
    with services.opened() as application:
        connection = application.connection(None)
        errors = application.state.queries.errors(connection.id, limit=_EVERYTHING)
        entries = application.state.queries.journal(connection.id, limit=_EVERYTHING)
        verification = application.state.queries.verify_journal(connection.id)
    verdict.listed.update(each.error.code.value for each in errors)
    verdict.journal_entries, verdict.journal_holds = verification.entries, verification.holds
    losers: set[str] = set()
    first_told: dict[str, datetime] = {}
    for entry in entries:
        if isinstance(entry, dict):
            told = datetime.fromisoformat(str(entry["at"]))
            key = str(entry["key"])
            first_told[key] = min(told, first_told.get(key, told))
        if isinstance(entry, dict) and isinstance(entry.get("lost"), dict):
            losers.update(str(value) for value in entry["lost"].values())  # type: ignore[union-attr]
    return Memory(
        listed={each.source_key: each.error.code.value for each in errors},
        decided=Decided(ledger=ledger, losers=losers, first_told=first_told),
    )


def _wrong_prices(outsider: Outsider, ledger: Ledger, memory: Memory) -> list[str]:
    """Items whose price in the CRM's default price list is another one than in the ERP."""
    edited = {
        str(edit.record.number) for edit in ledger.edits if edit.field in ITEM.amounts
    } - memory.listed.keys()
    erp = {row["No"]: row["Unit_Price"] for row in outsider.erp_rows(ITEM.page) if not row["Blocked"]}
    rows = outsider.crm_rows("productpricelevels", "ilc_erptable eq 'Item'")
    crm = {row["ilc_erpkey"]: row["amount"] for row in rows}
    return [
        f"item {number}: costs {erp[number]} in the ERP, {crm.get(number)} in the CRM's price list"
        for number in sorted(edited & erp.keys())
        if crm.get(number) != erp[number]
    ]


def _named_twice(outsider: Outsider) -> list[str]:
    """CRM records that name the same ERP record as their partner."""
    return [
        text for set_name in _COUPLED_SETS for text in named_twice_in(set_name, outsider.crm_rows(set_name))
    ]


def named_twice_in(set_name: str, rows: Iterable[Row]) -> list[str]:
    """Say which ERP records are named by several CRM records of a set."""
    partners = Counter(
        (row.get("ilc_companyid"), row.get("ilc_erptable"), row["ilc_erpkey"])
        for row in rows
        if row.get("ilc_erpkey")
    )
    return [f"{count} {set_name} are partners of {key}" for key, count in partners.items() if count > 1]


def unique_names_twice(table: Table, erp: dict[str, Row], crm: dict[str, Row]) -> list[str]:
    """Records that carry a name which somebody gave to one record only."""
    erp_field, column, shape = table.fields[0]
    stem = shape.partition("{")[0]
    found = []
    for rows, name, place in ((erp, erp_field, table.page), (crm, column, table.set_name)):
        names = Counter(str(row.get(name)) for row in rows.values())
        found += [
            f"{count} {place} are named {text}"
            for text, count in names.items()
            if count > 1 and text.startswith(stem)
        ]
    return found


def judge_record(
    record: Record,
    ledger: Ledger,
    rows: tuple[dict[str, Row], dict[str, Row], dict[str, Row]],
    memory: Memory,
    verdict: Verdict,
) -> None:
    """Judge one record by the rows of both services, by their keys and the CRM's also by the ERP's numbers."""
    erp, crm, by_number = rows
    crm_row = crm.get(record.crm_id) if record.crm_id else by_number.get(str(record.number))
    number = record.number or (None if crm_row is None else crm_row.get("ilc_erpkey"))
    erp_row = erp.get(str(number))
    keys = {number, record.crm_id, None if crm_row is None else crm_row[record.table.id_column]}
    codes = sorted(memory.listed[key] for key in keys if key in memory.listed)
    edits = list(ledger.edits_of(record))
    if erp_row is None or crm_row is None:
        _judge_missing(record, edits, (erp_row, crm_row), (codes, memory.decided), verdict)
        return
    if record.deleted_on is not None and not codes and not memory.decided.was_restored(record):
        if memory.decided.was_unseen(record):
            verdict.excused.counts[UNSEEN] += 1
        else:
            verdict.lost.append(
                f"{record.label}: deleted by somebody, and there again though nobody wanted it back"
            )
    missed = not_arrived(record, edits, erp_row, crm_row, is_listed=bool(codes))
    if codes:
        waiting = len(not_arrived(record, edits, erp_row, crm_row)) - len(missed)
        verdict.excused.counts[LISTED + codes[0]] += waiting
    for edit in missed:
        excuse = memory.decided.excuse_of(edit, edits)
        if excuse is not None:
            verdict.excused.counts[excuse] += 1
        else:
            columns = {erp_field: column for erp_field, column, _ in record.table.fields}
            verdict.lost.append(
                f"{record.label}: {edit.field} = {edit.value!r} of the {edit.side.value} is gone; the ERP holds "
                f"{erp_row.get(edit.field)!r}, the CRM {crm_row.get(columns[edit.field])!r}"
            )


def _judge_missing(
    record: Record,
    edits: list[Edit],
    rows: tuple[Row | None, Row | None],
    reasons: tuple[list[str], Decided],
    verdict: Verdict,
) -> None:
    """Judge a record that is not there on both sides; an empty one that nobody edited needs no partner."""
    (erp_row, crm_row), (codes, decided) = rows, reasons
    if codes:
        verdict.excused.counts[LISTED + codes[0]] += len(edits)
    elif record.deleted_on is not None and erp_row is crm_row and decided.was_removed(record):
        verdict.excused.counts[REMOVED] += len(edits)
    elif edits or record.deleted_on is not None:
        missing = "both sides" if erp_row is crm_row else "the ERP" if erp_row is None else "the CRM"
        verdict.lost.append(f"{record.label}: missing in {missing}, and no list says why")


def not_arrived(
    record: Record, edits: list[Edit], erp_row: Row, crm_row: Row, *, is_listed: bool = False
) -> list[Edit]:
    """Edits that neither stand on both sides nor were replaced by somebody who saw them.

    A record on the error list is left as it is on both sides, so there an edit may stand on either side.
    """
    found = []
    for erp_field, column, _ in record.table.fields:
        own = [edit for edit in edits if edit.field == erp_field]
        by_value = {edit.value: edit for edit in own}
        reached = set()
        here, there = str(erp_row.get(erp_field) or ""), str(crm_row.get(column) or "")
        for value in (here, there) if is_listed or here == there else ():
            while value in by_value and value not in reached:
                reached.add(value)
                value = by_value[value].replaced  # noqa: PLW2901 - walks back to what each one replaced
        found += [edit for edit in own if edit.value not in reached]
    return found


def _couplings(services: Services, outsider: Outsider) -> list[str]:
    """Couplings whose records are not there, or that share a record with another one."""
    found = []
    with services.opened() as application:
        connection = application.connection(None)
        store = application.connection_store(connection)
        pages = {
            table.name: store.couplings_page(MappingName(table.mapping), None, _EVERYTHING)
            for table in TABLES
        }
    for table in TABLES:
        numbers = {row[table.number_field] for row in outsider.erp_rows(table.page)}
        ids = {row[table.id_column] for row in outsider.crm_rows(table.set_name)}
        erp_keys = Counter(str(each.erp_key) for each in pages[table.name])
        crm_keys = Counter(str(each.crm_key) for each in pages[table.name])
        found += [
            f"{key} is coupled {count} times" for key, count in (erp_keys + crm_keys).items() if count > 1
        ]
        found += [
            f"{table.name}: {each.erp_key} and {each.crm_key} are coupled and neither is there"
            for each in pages[table.name]
            if str(each.erp_key) not in numbers and str(each.crm_key) not in ids
        ]
    return found
