"""Which rows of a list are wanted, decided row by row where no database can: filters and a search, by `holds`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from interlace.bootstrap.desk.list_page import filters_of
from interlace.domain.filter_nodes import Filter, holds
from interlace.domain.search_words import bare, search_words
from interlace.management.caller import Caller
from interlace.management.listing import HeldValue, ListColumn, ListRow, ServerListAsked, held_values

RowT = TypeVar("RowT", bound=ListRow)
ValuesOf = Callable[[RowT, str], tuple[HeldValue, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted(Generic[RowT]):
    """What a row must have: of several values of a column one is enough, unless the filter says what none may be."""

    filters: Mapping[str, Filter]
    words: tuple[str, ...]
    searched: Sequence[str]
    values_of: ValuesOf[RowT]

    def has(self, row: RowT) -> bool:
        """Tell whether a row belongs to the list."""
        return self._is_found(row) and self.passes(row)

    def passes(self, row: RowT) -> bool:
        """Tell whether the filters let a row pass, whatever is searched."""
        return all(
            any(holds(node, value) for value in self.values_of(row, name))
            for name, node in self.filters.items()
        )

    def _is_found(self, row: RowT) -> bool:
        if not self.words:
            return True
        text = bare("\n".join(str(each) for name in self.searched for each in self.values_of(row, name)))
        return all(word in text for word in self.words)


def wanted_rows(
    caller: Caller,
    asked: ServerListAsked,
    columns: Sequence[ListColumn],
    values_of: ValuesOf[RowT] = held_values,
) -> Wanted[RowT]:
    """Understand what is asked of a list; raises Refused, which says what is wrong with which filter."""
    return Wanted(
        filters=filters_of(caller, asked.filters, columns),
        words=search_words(asked.search),
        searched=[each.name for each in columns if each.is_searched],
        values_of=values_of,
    )
