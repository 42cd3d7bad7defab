"""Couplings as the ERP's built-in connector keeps them: rows of its table 5331 as CSV, and ids of its table 5151.

*CRM Integration Record* (5331) couples by ids. NAV's *Integration Record* (5151) says which record has which id; in
Business Central it is the record's own SystemId, which the API tells. Columns are known by their names, in any order.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.locale.translatable import translatable

CRM_ID: Final = "CRM ID"
INTEGRATION_ID: Final = "Integration ID"
TABLE_ID: Final = "Table ID"
RECORD_ID: Final = "Record ID"
SKIPPED: Final = "Skipped"
LAST_MODIFIED: Final = "Last Synch. Modified On"
LAST_CRM_MODIFIED: Final = "Last Synch. CRM Modified On"
LAST_RESULT: Final = "Last Synch. Result"
LAST_CRM_RESULT: Final = "Last Synch. CRM Result"
_STAMPS: Final = (LAST_MODIFIED, LAST_CRM_MODIFIED)
_YES: Final = frozenset({"1", "true", "yes", "ja", "sí", "да", "kyllä"})
_FAILURE: Final = frozenset({"2", "failure"})
_DELIMITERS: Final = "\t;,"


@dataclass(frozen=True, slots=True, kw_only=True)
class CouplingRow:
    """A row of table 5331."""

    number: int
    """Line of the file."""
    table: int
    """Number of the ERP's table; 0: none is given."""
    erp_id: str
    """The record's id, a lower-case GUID; blank: it is none."""
    crm_key: str
    """The CRM record's id, a lower-case GUID; blank: it is none."""
    record_key: str = ""
    """The record's own key, where the file tells it."""
    is_skipped: bool = False
    """The connector has left the record out after repeated failure."""
    has_failed: bool = False
    """The connector's last run over the record failed."""
    is_synchronized: bool = True
    """The connector has found or made both records alike at some time, or the file does not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenCoupling:
    """A coupling as a row is made of it."""

    table: int
    erp_id: str
    crm_key: str
    record: str
    """The record's name as the ERP writes it, such as `Customer: 10000`."""


def read_couplings(text: str) -> list[CouplingRow]:
    """Read rows of table 5331; raises ConnectionProblem for a text that holds none."""
    return [
        CouplingRow(
            number=number,
            table=_number(row[TABLE_ID]),
            erp_id=_guid(row[INTEGRATION_ID]),
            crm_key=_guid(row[CRM_ID]),
            record_key=_key_of(row.get(RECORD_ID, "")),
            is_skipped=row.get(SKIPPED, "").casefold() in _YES,
            has_failed=any(
                row.get(name, "").casefold() in _FAILURE for name in (LAST_RESULT, LAST_CRM_RESULT)
            ),
            is_synchronized=any(row.get(name, "") for name in _STAMPS) or not row.keys() & {*_STAMPS},
        )
        for number, row in _rows(text, (CRM_ID, INTEGRATION_ID, TABLE_ID), "5331 CRM Integration Record")
    ]


def read_record_ids(text: str) -> dict[tuple[int, str], str]:
    """Read rows of table 5151: the key of each record by its table's number and its id; nothing of a blank text.

    Raises ConnectionProblem for another text.
    """
    if not text.strip():
        return {}
    rows = _rows(text, (INTEGRATION_ID, TABLE_ID, RECORD_ID), "5151 Integration Record")
    return {
        (_number(row[TABLE_ID]), _guid(row[INTEGRATION_ID])): key
        for _, row in rows
        if (key := _key_of(row[RECORD_ID]))
    }


def written_couplings(couplings: Iterable[WrittenCoupling]) -> str:
    """Write couplings as rows of table 5331, each with the record's name as the last column."""
    written = io.StringIO(newline="")
    table = csv.writer(written)
    table.writerow((CRM_ID, INTEGRATION_ID, TABLE_ID, LAST_MODIFIED, LAST_CRM_MODIFIED, SKIPPED, RECORD_ID))
    for each in couplings:
        ids = (f"{{{text.upper()}}}" for text in (each.crm_key, each.erp_id))
        table.writerow((*ids, each.table, "", "", "No", each.record))
    return written.getvalue()


def _rows(text: str, needed: tuple[str, ...], table: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    lines = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=_delimiter(text))
    try:
        names = [_COLUMNS.get(_plain(each), "") for each in next(lines, [])]
        lacking = [each for each in needed if each not in names]
        if lacking:
            raise ConnectionProblem(
                translatable(
                    "The first line names no column {columns}: this is no export of the ERP's table {table}. Export "
                    "the table with its English column names, as CSV.",
                    columns=", ".join(lacking),
                    table=table,
                )
            )
        for values in lines:
            if any(values):
                held = zip(names, values, strict=False)
                yield (
                    lines.line_num,
                    dict.fromkeys(needed, "") | {name: value.strip() for name, value in held},
                )
    except csv.Error as problem:
        raise ConnectionProblem(
            translatable(
                "Line {number} can't be read as CSV: {problem}.",
                number=lines.line_num,
                problem=str(problem),
            )
        ) from problem


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    count: Callable[[str], int] = first.count
    return max(_DELIMITERS, key=count)


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _number(text: str) -> int:
    """Read a whole number, however its thousands are separated."""
    digits = "".join(letter for letter in text if letter in "0123456789")
    return int(digits[:9] or "0")


def _guid(text: str) -> str:
    try:
        found = UUID(text.strip())
    except ValueError:
        return ""
    return str(found) if found.int else ""


def _key_of(record: str) -> str:
    """Return the key in a record's name, such as `Customer: 10000`; blank for one of several parts."""
    key = record.partition(": ")[2].strip()
    return "" if "," in key else key


_COLUMNS: Final = {
    _plain(name): name
    for name in (
        CRM_ID,
        INTEGRATION_ID,
        TABLE_ID,
        RECORD_ID,
        SKIPPED,
        LAST_MODIFIED,
        LAST_CRM_MODIFIED,
        LAST_RESULT,
        LAST_CRM_RESULT,
    )
}
