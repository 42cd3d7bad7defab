"""The lists of jobs and of records with errors, in pages; each is short beside what is coupled."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from interlace.domain.filter_language import FieldKind
from interlace.domain.filter_nodes import folded
from interlace.domain.keys import MappingName
from interlace.domain.synch_job import Counters
from interlace.store.coupling_list import COUNT_MAX, PAGE_SECONDS, mappings_of
from interlace.store.coupling_search import MAPPING
from interlace.store.database import Database
from interlace.store.english_text import EnglishText
from interlace.store.filter_sql import Condition, Dialect, Expression, StoredColumn, condition
from interlace.store.keyset import ListedPage, PageAsked, StoredList, count_rows, read_page
from interlace.store.schema import synch_error, synch_job
from interlace.store.time_limit import TookTooLong, time_limit

_COUNT_SECONDS = 0.2
_JOB_MESSAGE = EnglishText(synch_job.c.message)
_ERROR_MESSAGE = EnglishText(synch_error.c.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordList:
    """A list, what is searched in it, and which of the table's rows belong to it."""

    stored: StoredList
    searched: Sequence[Expression]
    only: Mapping[str, object] = field(default_factory=dict)
    conditions: Sequence[Condition] = ()
    """What else the rows of the list have in common."""


def _column(table: sa.Table, name: str, kind: FieldKind = FieldKind.TEXT) -> StoredColumn:
    return StoredColumn(column=table.c[name], kind=kind)


JOBS = RecordList(
    stored=StoredList(
        table=synch_job,
        branch=synch_job.c.mapping_id,
        tie=(synch_job.c.id,),
        sorts={"started_at": synch_job.c.started_at},
        columns={
            **{name: _column(synch_job, name) for name in ("id", "run_id")},
            "message": StoredColumn(column=_JOB_MESSAGE),
            **{name: _column(synch_job, name, FieldKind.CHOICE) for name in ("direction", "type")},
            **{name: _column(synch_job, name, FieldKind.MOMENT) for name in ("started_at", "finished_at")},
            **{name: _column(synch_job, name, FieldKind.NUMBER) for name in Counters().as_dict()},
        },
    ),
    searched=(synch_job.c.id, _JOB_MESSAGE),
)
ERRORS = RecordList(
    stored=StoredList(
        table=synch_error,
        branch=synch_error.c.mapping_id,
        tie=(synch_error.c.direction, synch_error.c.source_key),
        sorts={"at": synch_error.c.at},
        columns={
            **{name: _column(synch_error, name) for name in ("source_key", "code", "field", "job_id")},
            "message": StoredColumn(column=_ERROR_MESSAGE),
            "direction": _column(synch_error, "direction", FieldKind.CHOICE),
            "at": _column(synch_error, "at", FieldKind.MOMENT),
            "times": _column(synch_error, "times", FieldKind.NUMBER),
        },
    ),
    searched=(synch_error.c.source_key, _ERROR_MESSAGE, synch_error.c.code),
)
SKIPPED = replace(ERRORS, only={"skipped": True, "waits_for_key": None})


class RecordLists:
    """Reads pages of jobs and errors."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._dialect = Dialect(is_postgresql=database.is_postgresql)

    def page(
        self, wanted: RecordList, connection_id: str, asked: PageAsked
    ) -> tuple[ListedPage, dict[int, MappingName]]:
        """Return a page and the names of its mappings by number; raises TookTooLong."""
        stored = wanted.stored
        with self._database.read() as connection:
            mappings = mappings_of(connection, connection_id, asked.filters.get(MAPPING))
        conditions = self._conditions(wanted, asked)
        with self._database.read() as connection, time_limit(connection, PAGE_SECONDS):
            page = read_page(connection, stored, asked, sorted(mappings), conditions)
        if not asked.counted:
            return page, mappings
        count = self._count(stored, asked, page, sorted(mappings), conditions)
        return replace(
            page,
            count=None if count is None else min(count, COUNT_MAX),
            has_more_than_counted=count is not None and count > COUNT_MAX,
        ), mappings

    def _count(
        self,
        stored: StoredList,
        asked: PageAsked,
        page: ListedPage,
        branches: Sequence[int],
        conditions: Sequence[Condition],
    ) -> int | None:
        """Count what fits, up to one more than is told; None: that would take too long."""
        if asked.after is None and page.behind is None:
            return len(page.rows)
        with (
            contextlib.suppress(TookTooLong),
            self._database.read() as connection,
            time_limit(connection, _COUNT_SECONDS),
        ):
            return count_rows(connection, stored, branches, conditions, COUNT_MAX)
        return None

    def _conditions(self, wanted: RecordList, asked: PageAsked) -> list[Condition]:
        columns = wanted.stored.columns
        conditions = [
            condition(node, columns[name], self._dialect)
            for name, node in asked.filters.items()
            if name != MAPPING
        ]
        conditions += wanted.conditions
        conditions += [wanted.stored.table.c[name] == value for name, value in wanted.only.items()]
        for word in folded(asked.search).split():
            texts = [self._dialect.folded(column) for column in wanted.searched]
            conditions.append(sa.or_(*[text.contains(word, autoescape=True) for text in texts]))
        return conditions
