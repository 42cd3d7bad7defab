"""From what is asked of a list to a page of the store's, and back: filters and cursors are understood here."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale

from interlace.domain.filter_language import (
    FilteredField,
    FilterProblem,
    Reading,
    parse_filter,
)
from interlace.domain.filter_nodes import Filter
from interlace.domain.filter_values import DateFormat, Formats
from interlace.domain.keys import MappingName
from interlace.management.caller import Caller
from interlace.management.listing import (
    Cursor,
    ListAsked,
    ListColumn,
    cursor_from_text,
    cursor_to_text,
    wrong_cursor,
)
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable
from interlace.store.keyset import ListedPage, PageAsked, StoredList, Values, is_place
from interlace.store.record_lists import RecordList, RecordLists
from interlace.store.time_limit import TookTooLong
from interlace.ui.words import words_of

_DESCENDING = "-"


def page_asked(
    caller: Caller, asked: ListAsked, columns: Sequence[ListColumn], stored: StoredList, *, order: str
) -> PageAsked:
    """Understand what is asked of a list; `order` is the list's own. Raises Refused."""
    sort = asked.sort or order
    column = sort.removeprefix(_DESCENDING)
    if column not in stored.sorts:
        raise Refused(
            RefusalKind.INVALID,
            translatable("The list can't be sorted so"),
            why=translatable("It can be sorted by {columns}.", columns=", ".join(stored.sorts)),
            fields={"sort": translatable("This column can't be sorted by.")},
        )
    cursor = _cursor(asked, sort, stored)
    return PageAsked(
        sort=column,
        descending=sort.startswith(_DESCENDING),
        filters=filters_of(caller, asked.filters, columns),
        search=_plain(asked.search),
        after=None if cursor is None else cursor.values,
        backwards=cursor is not None and cursor.backwards,
        limit=asked.limit,
        counted=asked.counted,
    )


def filters_of(
    caller: Caller, filters: Mapping[str, str], columns: Sequence[ListColumn], now: datetime | None = None
) -> dict[str, Filter]:
    """Understand the filters of a list's columns; raises Refused, which says what is wrong with which."""
    reading = Reading(
        now=now or datetime.now(UTC),
        formats=formats_of(caller.language, caller.time_zone),
        me=caller.name,
    )
    known = {each.name: each for each in columns if each.is_filtered}
    understood: dict[str, Filter] = {}
    wrong: dict[str, str] = {}
    for name, text in filters.items():
        if name not in known:
            wrong[f"filters.{name}"] = translatable("The list has no such column to filter.")
            continue
        try:
            understood[name] = parse_filter(_plain(text), _field(known[name], caller.language), reading)
        except FilterProblem as problem:
            wrong[f"filters.{name}"] = translatable(
                "{problem} (Character {position})",
                problem=problem.sentence,
                position=str(problem.position + 1),
            )
    if wrong:
        refused = Refused(
            RefusalKind.INVALID,
            translatable("The filter can't be understood"),
            why=next(iter(wrong.values())),
            next_step=translatable("Correct the filter. Examples: A*, 10..20, <>0, A|B, '' for blank."),
            code="filter",
            fields=wrong,
        )
        refused.captions = {f"filters.{name}": known[name].caption for name in filters if name in known}
        raise refused
    return understood


def cursors(page: ListedPage, asked: ListAsked, order: str) -> tuple[str, str]:
    """Return what leads to the page before one and to the one behind it; blank where there is none."""
    sort = asked.sort or order

    def text(values: Values | None, *, backwards: bool) -> str:
        return "" if values is None else cursor_to_text(Cursor(sort=sort, values=values, backwards=backwards))

    return text(page.before, backwards=True), text(page.behind, backwards=False)


def stored_page(
    lists: RecordLists, of: RecordList, connection_id: str, wanted: PageAsked
) -> tuple[ListedPage, dict[int, MappingName]]:
    """Read a page of the store's, and the names of its mappings by number; raises Refused."""
    try:
        return lists.page(of, connection_id, wanted)
    except TookTooLong as problem:
        raise took_too_long() from problem


def took_too_long() -> Refused:
    """Refuse what can't be found quickly."""
    return Refused(
        RefusalKind.TOO_MANY,
        translatable("There is too much to look through"),
        why=translatable("None of the filters leaves few enough records to look at each of them."),
        next_step=translatable("Filter by a mapping too, or by how a number or name begins."),
        code="list",
    )


@lru_cache(maxsize=64)
def formats_of(language: str, time_zone: str) -> Formats:
    """Return how readers of a language write numbers and dates."""
    locale = Locale.parse(language)
    symbols = locale.number_symbols.get("latn", {})
    pattern = str(locale.date_formats["short"].pattern).lower()
    places = sorted((pattern.index(sign), sign) for sign in "dmy")
    return Formats(
        decimal_sign=symbols.get("decimal", "."),
        group_sign=symbols.get("group", ","),
        dates=DateFormat("".join(sign for _, sign in places)),
        zone=ZoneInfo(time_zone),
    )


def _cursor(asked: ListAsked, sort: str, stored: StoredList) -> Cursor | None:
    if not asked.cursor:
        return None
    cursor = cursor_from_text(asked.cursor)
    is_own = cursor.sort == sort and is_place(stored, sort.removeprefix(_DESCENDING), cursor.values)
    if not is_own or any("\0" in value for value in cursor.values if isinstance(value, str)):
        raise wrong_cursor()
    return cursor


def _field(column: ListColumn, language: str) -> FilteredField:
    words = words_of(language)
    return FilteredField(
        kind=column.kind,
        choices=tuple((words.t(choice.caption), choice.value) for choice in column.choices),
    )


def _plain(text: str) -> str:
    """Leave out what no database keeps in a text."""
    return text.replace("\0", "")
