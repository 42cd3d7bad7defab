"""Tables and messages on terminals of little width."""

import io

import pytest

from interlace.cli.output import Column, Output

COLUMNS = (
    Column(key="mapping", caption="Mapping"),
    Column(key="inserted", caption="Inserted", number=True),
    Column(key="deleted", caption="Deleted", number=True),
)
ROWS = [{"mapping": "RESOURCE-PRODPRICE", "inserted": 1829, "deleted": 0}]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def shown(width: int, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """What a terminal of a width shows of the rows: table and messages."""
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    output = Output(stdout=Terminal(), stderr=Terminal())
    output.rows(COLUMNS, ROWS, empty="")
    assert isinstance(output.stdout, io.StringIO)
    assert isinstance(output.stderr, io.StringIO)
    return output.stdout.getvalue(), output.stderr.getvalue()


def test_a_wide_terminal_shows_every_column(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left out, and nothing is said about it."""
    table, messages = shown(80, monkeypatch)
    assert "Deleted" in table
    assert messages == ""


def test_a_narrow_terminal_leaves_out_columns_of_zeros_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """What remains is readable: no value is broken."""
    table, messages = shown(32, monkeypatch)
    assert "RESOURCE-PRODPRICE" in table
    assert "1,829" in table
    assert "Deleted" not in table
    assert "left out" in messages
    assert "Deleted." in messages


def test_a_pipe_gets_every_column(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that reads the table finds the same columns each time."""
    monkeypatch.setenv("COLUMNS", "32")
    output = Output(stdout=io.StringIO(), stderr=io.StringIO())
    output.rows(COLUMNS, ROWS, empty="")
    assert isinstance(output.stdout, io.StringIO)
    assert "Delet" in output.stdout.getvalue()


def test_messages_break_between_words_and_keep_addresses_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address is there to be copied."""
    monkeypatch.setenv("COLUMNS", "30")
    stderr = Terminal()
    Output(stderr=stderr).message("  ERP at http://127.0.0.1:7048/BC/ODataV4/Company and so on, word by word")
    lines = stderr.getvalue().splitlines()
    assert any(line.strip() == "http://127.0.0.1:7048/BC/ODataV4/Company" for line in lines)
    assert all(line.startswith("  ") for line in lines)


@pytest.mark.parametrize("columns", ["wide", "", "0", "-5", None])
def test_a_width_that_is_no_number_does_not_matter(
    columns: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever COLUMNS holds, a table that goes to a file is written as if nobody had set it."""
    if columns is None:
        monkeypatch.delenv("COLUMNS", raising=False)
    else:
        monkeypatch.setenv("COLUMNS", columns)
    output = Output(stdout=io.StringIO(), stderr=io.StringIO())
    output.rows(COLUMNS, [{**ROWS[0], "mapping": "M" * 100}], empty="")
    assert isinstance(output.stdout, io.StringIO)
    assert "M" * 100 in output.stdout.getvalue()
