"""What makes exported files harmless: no cell is a formula, and names hold nothing but letters and digits."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlace.management.export import (
    EXPORTED,
    ExportFormat,
    export_format,
    exported_list,
    file_name,
    safe_text,
)
from interlace.management.refusal import Refused


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+47 22 33 44 55",
        "-2",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "＝1",
        "＠x",
        '=cmd|" /C calc"!A0',
    ],
)
def test_what_looks_like_a_formula_is_text(text: str) -> None:
    """An apostrophe goes before it, and the text itself stays whole."""
    assert safe_text(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Adatum", "C00010", "a=b", "1-2", "'quoted"])
def test_other_text_stays_as_it_is(text: str) -> None:
    """Names are exported as they are."""
    assert safe_text(text) == text


@given(text=st.text(max_size=30))
def test_no_cell_begins_like_a_formula(text: str) -> None:
    """Whatever a record is called, no program computes it."""
    assert safe_text(text)[:1] not in tuple("=+-@\t\r\n")


@given(title=st.text(max_size=300))
def test_security_i5_file_names_are_plain(title: str) -> None:
    """No separator of folders, no control character, no quotation mark, and never hidden."""
    name = file_name(title, date(2026, 3, 5), ExportFormat.CSV)
    assert not set(name) & set('/\\"\r\n\0:;*?<>|')
    assert not name.startswith(".")
    assert name.endswith(" 2026-03-05.csv")
    assert len(name) < 130


def test_unknown_lists_and_kinds_are_refused() -> None:
    """What can't be exported says what can."""
    with pytest.raises(Refused, match="can't be exported"):
        exported_list("reviews.show")
    with pytest.raises(Refused, match="no export"):
        export_format("exe")
    assert export_format("XLSX") is ExportFormat.XLSX


@pytest.mark.parametrize("name", sorted(EXPORTED))
def test_rows_have_what_the_columns_say(name: str) -> None:
    """Each column of an exported list names an attribute of its rows."""
    operation, columns = exported_list(name)
    rows = operation.answer.__annotations__["rows"]
    fields = set(rows.__args__[0].__struct_fields__)
    assert {column.name for column in columns} <= fields
