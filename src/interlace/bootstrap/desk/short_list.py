"""Pages of lists that are short enough to be held whole: users, keys, mappings, job queue entries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from interlace.bootstrap.desk.wanted_rows import ValuesOf, wanted_rows
from interlace.domain.filter_nodes import folded
from interlace.management.caller import Caller
from interlace.management.listing import (
    COUNT_MAX,
    Cursor,
    HeldValue,
    ListAnswer,
    ListColumn,
    ListRow,
    ServerListAsked,
    cursor_from_text,
    cursor_to_text,
    held_values,
    wrong_cursor,
)
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable

RowT = TypeVar("RowT", bound=ListRow)
AnswerT = TypeVar("AnswerT", bound=ListAnswer)
_DESCENDING = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortList(Generic[RowT, AnswerT]):
    """A list that is held whole when it is asked for."""

    columns: Sequence[ListColumn]
    answer: Callable[..., AnswerT]
    key_of: Callable[[RowT], str]
    """What tells the rows apart."""
    values_of: ValuesOf[RowT] = held_values
    """What is filtered and searched in a column."""

    def page(self, caller: Caller, asked: ServerListAsked, rows: Sequence[RowT]) -> AnswerT:
        """Return a page of the rows that are wanted; unsorted they keep their order. Raises Refused.

        A page begins behind a row, so that rows which come or go meanwhile move none of the others; where that row
        itself is gone it begins at its place.
        """
        wanted = wanted_rows(caller, asked, self.columns, self.values_of)
        found = self._sorted(asked.sort, [row for row in rows if wanted.has(row)])
        start = self._start(asked, found)
        end = min(len(found), start + asked.limit)
        return self.answer(
            rows=tuple(found[start:end]),
            next_cursor=self._cursor(asked, found, end) if end < len(found) else "",
            previous_cursor=self._cursor(asked, found, max(0, start - asked.limit)) if start else "",
            count=min(len(found), COUNT_MAX) if asked.counted else None,
            has_more_than_counted=asked.counted and len(found) > COUNT_MAX,
        )

    def _sorted(self, sort: str, rows: Sequence[RowT]) -> Sequence[RowT]:
        """Sort rows by a column, nothing first and letters without regard to case."""
        if not sort:
            return rows
        sorts = [each.name for each in self.columns if each.is_sorted]
        name = sort.removeprefix(_DESCENDING)
        if name not in sorts:
            raise Refused(
                RefusalKind.INVALID,
                translatable("The list can't be sorted so"),
                why=translatable("It can be sorted by {columns}.", columns=", ".join(sorts)),
                fields={"sort": translatable("This column can't be sorted by.")},
            )
        return sorted(
            rows,
            key=lambda row: [_order(value) for value in self.values_of(row, name)],
            reverse=sort.startswith(_DESCENDING),
        )

    def _cursor(self, asked: ServerListAsked, found: Sequence[RowT], place: int) -> str:
        key = self.key_of(found[place - 1]) if place else ""
        return cursor_to_text(Cursor(sort=asked.sort, values=(key, place)))

    def _start(self, asked: ServerListAsked, found: Sequence[RowT]) -> int:
        if not asked.cursor:
            return 0
        cursor = cursor_from_text(asked.cursor)
        match cursor.values:
            case (str() as key, int() as place) if cursor.sort == asked.sort and place >= 0:
                behind = (index + 1 for index, row in enumerate(found) if self.key_of(row) == key)
                return next(behind, min(place, len(found))) if place else 0
            case _:
                raise wrong_cursor()


def _order(value: HeldValue) -> tuple[int, HeldValue]:
    if isinstance(value, str):
        return (2 if value else 0), folded(value)
    return 1, value
