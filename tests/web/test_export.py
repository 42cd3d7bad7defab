"""Exports: every row of every page, as text that nothing computes, in the reader's language and time."""

import csv
import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from interlace.management.couplings import COUPLING_COLUMNS, CouplingRow, CouplingsListed
from interlace.management.listing import ListAsked, ListRow
from interlace.ui.words import words_of
from interlace.web.export import ExportShape, attachment, csv_parts, rows_of, write_xlsx

_OSLO = ExportShape(columns=COUPLING_COLUMNS, words=words_of("nb_NO", ZoneInfo("Europe/Oslo")))
_ENGLISH = ExportShape(columns=COUPLING_COLUMNS, words=words_of("en_US"))


def make_row(number: int, name: str = "Adatum") -> CouplingRow:
    """Make a row of the list of couplings."""
    return CouplingRow(
        mapping="CUSTOMER",
        erp_key=f"C{number:05}",
        crm_key=f"id {number}",
        erp_name=name,
        crm_name=name,
        state="coupled",
        synchronized_at="2026-03-05T22:30:00.000000Z",
    )


async def rows_in(*rows: CouplingRow) -> AsyncIterator[ListRow]:
    """Give rows one after the other."""
    for row in rows:
        yield row


async def as_csv(shape: ExportShape, *rows: CouplingRow, delimiter: str = ",") -> list[list[str]]:
    """Write rows as CSV and read them again."""
    written = b"".join([part async for part in csv_parts(shape, rows_in(*rows))])
    return list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""), delimiter=delimiter))


async def test_every_page_of_a_list_is_exported() -> None:
    """Pages are asked for by their cursors until there are no more, without counting."""
    asked_pages: list[ListAsked] = []

    async def ask(asked: ListAsked) -> CouplingsListed:
        """Answer page after page."""
        asked_pages.append(asked)
        place = int(asked.cursor or 0)
        rows = tuple(make_row(place + number) for number in range(2))
        return CouplingsListed(rows=rows, next_cursor="" if place == 4 else str(place + 2))

    first = ListAsked(filters={"erp_name": "A*"}, cursor="ignored", limit=10)
    keys = [row.erp_key async for row in rows_of(ask, first) if isinstance(row, CouplingRow)]
    assert keys == [f"C{number:05}" for number in range(6)]
    assert {(each.limit, each.counted, each.filters["erp_name"]) for each in asked_pages} == {
        (200, False, "A*")
    }
    assert asked_pages[0].cursor == ""


async def test_formulas_in_names_are_text_in_csv() -> None:
    """What somebody called his company is not computed where the file is opened."""
    lines = await as_csv(_ENGLISH, make_row(1, '=HYPERLINK("http://x","y")'), make_row(2, "a\r\nb, c"))
    assert [line[2] for line in lines] == ["ERP Name", '\'=HYPERLINK("http://x","y")', "a\r\nb, c"]


async def test_csv_is_written_for_the_reader() -> None:
    """Semicolons where commas begin fractions, and moments in the reader's time zone."""
    lines = await as_csv(_OSLO, make_row(1), delimiter=";")
    assert len(lines[0]) == len(lines[1]) == len(COUPLING_COLUMNS)
    assert lines[1][6] == "2026-03-05 23:30:00"
    assert (await as_csv(_ENGLISH, make_row(1)))[1][5] == "Coupled"


async def test_a_workbook_has_texts_and_no_formulas(tmp_path: Path) -> None:
    """Cells of Excel that look like formulas are text, and nothing is a link."""
    path = tmp_path / "list.xlsx"
    rows = rows_in(make_row(1, "=1+1"), make_row(2, "https://example.com"), make_row(3, "x" * 40_000))
    assert await write_xlsx(_ENGLISH, rows, path) == 3
    with zipfile.ZipFile(path) as packed:
        sheet = packed.read("xl/worksheets/sheet1.xml").decode()
        assert "xl/worksheets/_rels/sheet1.xml.rels" not in packed.namelist()
    assert "'=1+1" in sheet
    assert "<f>" not in sheet
    assert "x" * 32_767 in sheet
    assert "x" * 32_768 not in sheet


async def test_more_rows_than_a_sheet_holds_go_to_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No row is lost where Excel's sheets end."""
    monkeypatch.setattr("interlace.web.export._SHEET_ROWS", 3)
    path = tmp_path / "list.xlsx"
    assert await write_xlsx(_ENGLISH, rows_in(*map(make_row, range(5))), path) == 5
    with zipfile.ZipFile(path) as packed:
        sheets = [packed.read(f"xl/worksheets/sheet{number}.xml").decode() for number in (1, 2, 3)]
    assert [sheet.count("<row ") for sheet in sheets] == [3, 3, 2]


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("Jobs 2026-03-05.csv", 'filename="Jobs 2026-03-05.csv"'),
        ("Связи.csv", "filename=\"_____.csv\"; filename*=UTF-8''%D0%A1%D0%B2%D1%8F%D0%B7%D0%B8.csv"),
        ('a"b\r\n.csv', "filename=\"a_b__.csv\"; filename*=UTF-8''a%22b%0D%0A.csv"),
    ],
)
def test_security_i5_files_are_kept_under_their_name(name: str, header: str) -> None:
    """The header tells any name, and no name can add another header."""
    made = attachment(name)
    assert made.startswith("attachment; ")
    assert header in made
    assert "\n" not in made
