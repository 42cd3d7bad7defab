"""Pages of lists that are looked through entry by entry: what no index finds is looked for so, so many at most."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar

from interlace.bootstrap.desk.list_page import took_too_long
from interlace.bootstrap.desk.wanted_rows import Wanted
from interlace.management.listing import (
    Cursor,
    ListAnswer,
    SequencedRow,
    ServerListAsked,
    cursor_from_text,
    cursor_to_text,
    wrong_cursor,
)
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable

RowT = TypeVar("RowT", bound=SequencedRow)
AnswerT = TypeVar("AnswerT", bound=ListAnswer)
NEWEST: Final = "-sequence"
_SORTS: Final = ("sequence", NEWEST)
CHUNK: Final = 1_000
LOOKED_AT_MAX: Final = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Entries that are asked for: beyond one of them in one direction."""

    newest_first: bool
    beyond: int
    """0: from the first in this direction."""
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkedList(Generic[RowT, AnswerT]):
    """A list that is walked along, the newest entry first or last."""

    read: Callable[[Stretch], Sequence[RowT]]
    answer: Callable[..., AnswerT]
    looked_at_max: int = LOOKED_AT_MAX
    chunk: int = CHUNK

    def page(self, asked: ServerListAsked, wanted: Wanted[RowT]) -> AnswerT:
        """Return a page; what is left to look through lies behind its `next_cursor`. Raises Refused."""
        place = _place(asked)
        newest_first = (place.sort == NEWEST) is not place.backwards
        rows: list[RowT] = []
        last = 0
        has_more = False
        for looked_at, row in enumerate(self._entries(newest_first, int(place.values[0]))):
            if len(rows) > asked.limit or looked_at == self.looked_at_max:
                has_more = True
                break
            last = row.sequence
            if wanted.has(row):
                rows.append(row)
        if has_more and not rows and not asked.cursor:
            raise took_too_long()
        has_more = has_more or len(rows) > asked.limit
        return self._answer(asked, rows, last, has_more=has_more, backwards=place.backwards)

    def _entries(self, newest_first: bool, beyond: int) -> Iterator[RowT]:  # noqa: FBT001 - one of two directions
        stretch = Stretch(newest_first=newest_first, beyond=beyond, limit=self.chunk)
        while found := self.read(stretch):
            yield from found
            if len(found) < stretch.limit:
                return
            stretch = replace(stretch, beyond=found[-1].sequence)

    def _answer(
        self, asked: ServerListAsked, rows: list[RowT], last: int, *, has_more: bool, backwards: bool
    ) -> AnswerT:
        shown = rows[: asked.limit]
        end = shown[-1].sequence if len(rows) > asked.limit else last
        first = shown[0].sequence if shown else last
        beyond = _cursor(asked, end, backwards=backwards) if has_more else ""
        back = _cursor(asked, first, backwards=not backwards) if asked.cursor else ""
        if backwards:
            shown.reverse()
        return self.answer(
            rows=tuple(shown),
            previous_cursor=beyond if backwards else back,
            next_cursor=back if backwards else beyond,
        )


def _place(asked: ServerListAsked) -> Cursor:
    sort = asked.sort or NEWEST
    if sort not in _SORTS:
        raise Refused(
            RefusalKind.INVALID,
            translatable("The list can't be sorted so"),
            why=translatable("It can be sorted by {columns}.", columns="sequence"),
            fields={"sort": translatable("This column can't be sorted by.")},
        )
    if not asked.cursor:
        return Cursor(sort=sort, values=(0,))
    cursor = cursor_from_text(asked.cursor)
    if cursor.sort != sort or len(cursor.values) != 1 or not isinstance(cursor.values[0], int):
        raise wrong_cursor()
    return cursor


def _cursor(asked: ServerListAsked, sequence: int, *, backwards: bool) -> str:
    return cursor_to_text(Cursor(sort=asked.sort or NEWEST, values=(sequence,), backwards=backwards))
