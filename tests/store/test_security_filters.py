"""Hostile filters and searches: whatever is typed is a parameter of a statement that is ours (requirement I1)."""

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from interlace.domain.filter_language import (
    FieldKind,
    FilteredField,
    FilterProblem,
    Reading,
    parse_filter,
    quoted,
)
from interlace.domain.filter_nodes import Equal, Filter
from interlace.store.coupling_search import COUPLINGS
from interlace.store.filter_sql import Dialect, StoredColumn, condition
from interlace.store.keyset import PageAsked
from interlace.store.record_lists import ERRORS, JOBS
from interlace.store.state_store import StateStore

FILTERS = 10_000
MARK = "zq9"
"""Stands in every text that is typed, and in no statement of ours."""
_PIECES = (
    "' OR '1'='1",
    "'; DROP TABLE coupling_listing; --",
    '" OR ""="',
    "') UNION SELECT password FROM user --",
    "/**/AND/**/1=1",
    "%' AND sleep(9) AND '%",
    "\\'; --",
    "\x00",
    ":name",
    "?",
    "%(x)s",
    "{x}",
    "0x27",
    "CHAR(39)",
    "ʼ OR 1=1",
    "*",
    "?",
    "..",
    "|",
    "&",
    "<>",
    "@",
    "''",
)
_ESCAPE = re.compile(r" ESCAPE '\\+'")
_READING = Reading(now=datetime(2026, 3, 1, tzinfo=UTC))


def typed(chance: random.Random) -> str:
    """Return something that nobody means well with, as it is or as a quoted value."""
    text = "".join([*chance.choices(_PIECES, k=chance.randint(1, 4)), MARK])
    return quoted(text) if chance.random() < 0.5 else text


def filters() -> Iterator[tuple[StoredColumn, Filter]]:
    """Every filter of the ten thousand that can be understood, with its column."""
    chance = random.Random(4)
    columns = [each for kept in (COUPLINGS, JOBS.stored, ERRORS.stored) for each in kept.columns.values()]
    texts = [each for each in columns if each.kind in {FieldKind.TEXT, FieldKind.CODE}]
    assert len(texts) > 5
    for _ in range(FILTERS):
        stored = chance.choice(texts)
        try:
            yield stored, parse_filter(typed(chance), FilteredField(kind=stored.kind), _READING)
        except FilterProblem:
            continue


@pytest.mark.parametrize("url", ["sqlite://", "postgresql://"])
def test_security_i1_no_filter_gets_into_a_statement(url: str) -> None:
    """Ten thousand hostile filters: conditions hold names of ours and places for values, never what was typed."""
    database = sa.make_url(url).get_dialect()()
    dialect = Dialect(is_postgresql=database.name == "postgresql")
    understood = 0
    for stored, node in filters():
        statement = str(
            condition(node, stored, dialect, by_index=understood % 2 == 0).compile(dialect=database)
        )
        assert MARK not in statement
        assert "'" not in _ESCAPE.sub("", statement)
        understood += 1
    assert understood > FILTERS // 10


def test_security_i1_hostile_searches_and_places_change_nothing(state: StateStore) -> None:
    """What is carried out ends, finds nothing and leaves what is stored."""
    chance = random.Random(5)
    held = state.figures()
    for _ in range(30):
        text = typed(chance)
        asked = PageAsked(sort="erp_key", filters={"erp_name": Equal(value=text)}, search=text, limit=5)
        page, _ = state.coupling_list.page("c", asked)
        assert page.rows == ()
    assert state.figures() == held
