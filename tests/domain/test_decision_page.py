"""The decision table in the documentation is the table that the tests hold the decision to."""

from enum import Enum
from pathlib import Path

from tests.domain.test_decision import TABLE, Row

from interlace.domain.synch_action import SynchAction

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "decision-table.md"
HEAD = """# The decision table

What is done with one record in one pass, from its source to its destination. Every combination of inputs is covered
by exactly one line; a test goes through all of them. A blank cell means "whatever it is". The terms are those of
`domain/observation.py`, `domain/decision.py` and `domain/synch_action.py`.

| Link | Source | Destination | Difference | May create | Deletion conflict | Two-way | Source restored | \
Destination restored | Survivor changed | Action | Why |
|---|---|---|---|---|---|---|---|---|---|---|---|
"""


def words(values: tuple[object, ...]) -> str:
    """Write the values of a cell."""
    return ", ".join(
        str(each.value) if isinstance(each, Enum) else ("no", "yes")[bool(each)] for each in values
    )


def action(expected: SynchAction) -> str:
    """Write an action with what qualifies it."""
    name = type(expected).__name__
    for attribute in ("reason", "code"):
        qualifier = getattr(expected, attribute, None)
        if isinstance(qualifier, Enum):
            return f"{name}: {qualifier.value}"
    return name


def line(row: Row) -> str:
    """Write one row of the table."""
    cells = (
        row.link,
        row.source,
        row.destination,
        row.difference,
        row.may_create,
        row.deletion,
        row.two_way,
        row.source_doubtful,
        row.destination_doubtful,
        row.survivor_changed,
    )
    return f"| {' | '.join(words(cell) for cell in cells)} | {action(row.expected)} | {row.why} |\n"


def test_the_page_shows_the_table_as_it_is() -> None:
    """Write the printed text into the page when the table changes."""
    text = HEAD + "".join(map(line, TABLE))
    assert PAGE.read_text(encoding="utf-8") == text, f"{PAGE.name} should be:\n{text}"
