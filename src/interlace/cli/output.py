"""Where commands write: data to stdout, messages to stderr; tables for people, JSON lines for programs."""

import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TextIO

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from interlace.cli.spoken import said, words
from interlace.locale.translatable import Sentence, translatable

_WIDTH_MAX = 10_000
_PLAIN_WIDTH = 160
_ENCODER = msgspec.json.Encoder(decimal_format="number", enc_hook=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table: the key of its value, its caption, and whether it holds numbers."""

    key: str
    caption: str
    number: bool = False


@dataclass(slots=True, kw_only=True)
class Output:
    """One command's way of speaking."""

    as_json: bool = False
    stdout: TextIO = field(default_factory=lambda: sys.stdout)
    stderr: TextIO = field(default_factory=lambda: sys.stderr)

    @property
    def console(self) -> Console:
        """The console for people's tables."""
        return Console(
            file=self.stdout, highlight=False, width=None if self.stdout.isatty() else _plain_width()
        )

    def record(self, values: Mapping[str, object]) -> None:
        """Write one record: a JSON line, or lines of name and value."""
        if self.as_json:
            self.stdout.write(_ENCODER.encode(values).decode() + "\n")
            return
        captions = {said(name): value for name, value in values.items()}
        width = max((len(name) for name in captions), default=0)
        for name, value in captions.items():
            self.stdout.write(f"{name:<{width}}  {_plain(value)}\n")

    def rows(self, columns: Sequence[Column], rows: Iterable[Mapping[str, object]], *, empty: str) -> None:
        """Write a list: one JSON line a row, or a table; `empty` says what it means that there are none."""
        if self.as_json:
            for row in rows:
                self.stdout.write(_ENCODER.encode(row).decode() + "\n")
            return
        held = list(rows)
        if not held:
            self.message(empty)
            return
        console = self.console
        table = _table(columns, held)
        wanted = console.measure(table, options=console.options.update(max_width=_WIDTH_MAX)).maximum
        if not self.stdout.isatty() or wanted <= console.width:
            console.print(table)
            return
        told = [
            each
            for each in columns
            if not each.number or any(row.get(each.key) not in {0, None} for row in held)
        ]
        narrow = _table(told, held)
        narrow.collapse_padding = True
        console.print(narrow)
        if len(told) < len(columns):
            left_out = ", ".join(said(each.caption) for each in columns if each not in told)
            self.message(
                translatable(
                    "Zero in every line, and left out on this narrow terminal: {columns}.", columns=left_out
                )
            )

    def message(self, text: str) -> None:
        """Tell people something that is not data; on a terminal, lines end between words."""
        text = said(text)
        if self.stderr.isatty():
            width = shutil.get_terminal_size().columns
            text = "\n".join(_wrapped(line, width) for line in text.split("\n"))
        self.stderr.write(text + "\n")


def _table(columns: Sequence[Column], rows: Sequence[Mapping[str, object]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(said(column.caption), justify="right" if column.number else "left", overflow="fold")
    for row in rows:
        # Values are shown as they are: what looks like a style is somebody's text.
        table.add_row(*(escape(_plain(row.get(column.key))) for column in columns))
    return table


def _plain(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return words().t("yes") if value else words().t("no")
        case Sentence():
            return words().t(value)
        case Decimal():
            return f"{value:f}"
        case int():
            return words().number(value)
        case list() | tuple():
            return ", ".join(_plain(each) for each in value)
        case _:
            return str(value)


def _wrapped(line: str, width: int) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    # Addresses and keys stay whole: they are copied.
    return textwrap.fill(
        line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _plain_width() -> int:
    """Give tables that go to a file or a pipe room enough, so that nothing is cut."""
    try:
        wanted = int(os.environ.get("COLUMNS", ""))
    except ValueError:
        # Not set, or to something that is no number: like any terminal we do without it.
        return _PLAIN_WIDTH
    return wanted if wanted > 0 else _PLAIN_WIDTH
