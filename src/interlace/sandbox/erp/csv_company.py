"""Loads a company from CSV files: one file a table, named like the table, the header naming the fields.

Bad rows are refused with file, line and reason; good ones load. Layout: `docs/reference/company-csv.md`.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from interlace.sandbox.erp.application import Application, Values
from interlace.sandbox.erp.declaration import Table
from interlace.sandbox.erp.document_tables import DOCUMENT_TABLES
from interlace.sandbox.erp.erp_records import ErpRecords
from interlace.sandbox.erp.field_values import accept
from interlace.sandbox.erp.number_series import fits, note_used
from interlace.sandbox.erp.posted_tables import POSTED_TABLES
from interlace.sandbox.erp.rules import RULES
from interlace.sandbox.erp.tables import TABLES
from interlace.sandbox.exchange import Refusal

_RELATIONS_FILE = "Contact_Business_Relation"
_DOCUMENTS = frozenset(table.name for table in (*DOCUMENT_TABLES, *POSTED_TABLES))
_SETUP = "General_Ledger_Setup"
_LINES_PER_TRANSACTION = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """A row that was not loaded; line 1 is the header, line 0 means the file as a whole."""

    file: str
    line: int
    reason: str


@dataclass(slots=True, kw_only=True)
class LoadReport:
    """What a load did: rows by table, and every row that was refused."""

    loaded: dict[str, int] = field(default_factory=dict)
    refused: list[RefusedRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    file: str
    number: int
    cells: Mapping[str, str]


def load_directory(records: ErpRecords, directory: Path) -> LoadReport:
    """Load the CSV files of a directory, related tables first; raises `NotADirectoryError`."""
    if not directory.is_dir():
        message = f"{directory} is no directory. Name the directory that holds the CSV files."
        raise NotADirectoryError(message)
    report = LoadReport()
    files = {path.stem: path for path in sorted(directory.glob("*.csv"))}
    for name, path in files.items():
        if name not in TABLES:
            reason = f"there is no table {name}; name the file like one of: {', '.join(TABLES)}"
            report.refused.append(RefusedRow(file=path.name, line=0, reason=reason))
    erp = Application(records, RULES)
    for table in TABLES.values():
        if table.name in files:
            with_rules = _has_rules(table, files)
            _FileLoading(erp, table, files[table.name], report, with_rules=with_rules).run()
    return report


def _has_rules(table: Table, files: Mapping[str, Path]) -> bool:
    """Documents and ledgers come as they are; customers bring their contacts unless the files do."""
    if table.name in _DOCUMENTS:
        return False
    return not (_RELATIONS_FILE in files and table.name in {"Customer", "Contact"})


class _FileLoading:
    """Loads one file."""

    def __init__(
        self, erp: Application, table: Table, path: Path, report: LoadReport, *, with_rules: bool
    ) -> None:
        self._erp = erp
        self._records = erp.records
        self._table = table
        self._path = path
        self._report = report
        self._with_rules = with_rules

    def run(self) -> None:
        """Load the rows; those that wait for a later row of the same file get a second chance."""
        try:
            waiting = self._attempt(self._lines())
        except (UnicodeDecodeError, csv.Error) as error:
            reason = f"the file can't be read as UTF-8 CSV: {error}; save it as UTF-8 with commas"
            self._refuse(0, reason)
            return
        while waiting:
            left = self._attempt(line for line, _ in waiting)
            if len(left) == len(waiting):
                for line, reason in left:
                    self._refuse(line.number, reason)
                return
            waiting = left

    def _lines(self) -> Iterator[_Line]:
        with self._path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            header = [name.strip() for name in next(rows, [])]
            if not self._check_header(header):
                return
            begin = rows.line_num + 1
            for cells in rows:
                number, begin = begin, rows.line_num + 1
                if not any(cells):
                    continue
                if len(cells) != len(header):
                    self._refuse(number, f"the row has {len(cells)} cells, the header {len(header)}")
                    continue
                yield _Line(file=self._path.name, number=number, cells=dict(zip(header, cells, strict=True)))

    def _check_header(self, header: list[str]) -> bool:
        known = {declared.name for declared in self._table.stored_fields}
        unknown = [name for name in header if name not in known]
        repeated = {name for name in header if header.count(name) > 1}
        if unknown or repeated or not header:
            problem = ", ".join(unknown or sorted(repeated)) or "the file is empty"
            reason = (
                f"the header must name fields of {self._table.name}, each once; wrong: {problem}. "
                f"Fields: {', '.join(sorted(known))}"
            )
            self._refuse(1, reason)
            return False
        return True

    def _refuse(self, line: int, reason: str) -> None:
        self._report.refused.append(RefusedRow(file=self._path.name, line=line, reason=reason))

    def _attempt(self, lines: Iterator[_Line]) -> list[tuple[_Line, str]]:
        """Load lines; return those whose related record isn't there yet."""
        waiting: list[tuple[_Line, str]] = []
        done = False
        while not done:
            done = True
            with self._records.transaction():
                for count, line in enumerate(lines, start=1):
                    try:
                        self._load(line)
                    except Refusal as refusal:
                        if refusal.code == "Internal_InvalidTableRelation":
                            waiting.append((line, refusal.message))
                        else:
                            self._refuse(line.number, refusal.message)
                    if count >= _LINES_PER_TRANSACTION:
                        done = False
                        break
        return waiting

    def _load(self, line: _Line) -> None:
        values: Values = {}
        for name, text in line.cells.items():
            declared = self._table.by_name[name]
            if text.strip():
                values[name] = accept(declared, text)
        setup = self._records.by_code(_SETUP, "") if self._table.name == _SETUP else None
        if setup is not None:
            # Every company has this one record from the start; the file says what it holds.
            self._erp.change(setup, values)
        elif self._with_rules:
            self._erp.create(self._table, values)
        else:
            self._insert_as_is(values)
        self._report.loaded[self._table.name] = self._report.loaded.get(self._table.name, 0) + 1
        series, number = self._table.number_series, str(values.get(self._table.key[-1], ""))
        if series and fits(series, number):
            note_used(self._records.store, series, number)

    def _insert_as_is(self, given: Values) -> None:
        table = self._table
        with self._records.transaction():
            values: Values = {declared.name: declared.blank for declared in table.stored_fields}
            values.update(given)
            self._erp.check_values(table, values)
            self._records.insert(table, values)
