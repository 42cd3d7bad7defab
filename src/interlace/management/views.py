"""Saved views of lists: what is filtered, searched, sorted and shown, under a name; of one user, or shared with all."""

from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from interlace.management.operation import Answer, Asked, Effect, Nothing, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable

VIEWS_MAX = 100
"""So many views of a list may one user save."""

COLUMNS_MAX = 500
"""So many columns may a view show: a table of records has a column for each of its fields."""
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
ListName = Annotated[
    str, msgspec.Meta(min_length=1, max_length=120, pattern=r"^[a-z_]+\.[a-z_]+(:[^:\0]+)?$")
]
ColumnName = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Layout: TypeAlias = Literal["", "tiles"]
_WITHOUT_COMMAND = translatable("The command line keeps no views: its filters stand in the command.")


class ListViews(Asked, frozen=True, kw_only=True):
    """Asks for the views of one list that the user can see."""

    of: ListName
    """Name of the list's operation, such as `couplings.list`; that of records with side and mapping behind a colon."""


class View(Answer, frozen=True, kw_only=True):
    """One saved view."""

    id: str
    name: str
    filters: dict[str, str]
    search: str
    sort: str
    columns: tuple[str, ...]
    """Those that are shown; none: the list's usual ones."""
    layout: Layout
    """How rows are shown; blank: as a list."""
    is_shared: bool
    is_own: bool
    owner: str
    """Name of who saved it."""


class Views(Answer, frozen=True, kw_only=True):
    """The user's own views and the shared ones of others, by name."""

    views: tuple[View, ...] = ()


class SaveView(Asked, frozen=True, kw_only=True):
    """Asks to save a view; one's own of the same name is replaced."""

    of: ListName
    name: Name
    filters: dict[str, Annotated[str, msgspec.Meta(max_length=1_000)]] = msgspec.field(default_factory=dict)
    search: Annotated[str, msgspec.Meta(max_length=200)] = ""
    sort: Annotated[str, msgspec.Meta(max_length=60)] = ""
    columns: Annotated[tuple[ColumnName, ...], msgspec.Meta(max_length=COLUMNS_MAX)] = ()
    layout: Layout = ""
    is_shared: bool = False


class ViewSaved(Answer, frozen=True, kw_only=True):
    """The id of what was saved."""

    id: str


class DeleteView(Asked, frozen=True, kw_only=True):
    """Asks to delete a view of one's own."""

    id: Annotated[str, msgspec.Meta(max_length=60)]


LIST_VIEWS: Final = Operation(
    name="views.list",
    asked=ListViews,
    answer=Views,
    permission=Permission.READ,
    caption=translatable("Views"),
    tooltip=translatable("Show the saved views of a list."),
    without_command=_WITHOUT_COMMAND,
)
SAVE_VIEW: Final = Operation(
    name="views.save",
    asked=SaveView,
    answer=ViewSaved,
    permission=Permission.READ,
    effect=Effect.WRITES,
    caption=translatable("Save View"),
    tooltip=translatable("Keep what is filtered, sorted and shown now under a name."),
    without_command=_WITHOUT_COMMAND,
)
DELETE_VIEW: Final = Operation(
    name="views.delete",
    asked=DeleteView,
    answer=Nothing,
    permission=Permission.READ,
    effect=Effect.WRITES,
    caption=translatable("Delete View"),
    tooltip=translatable("Forget a saved view."),
    without_command=_WITHOUT_COMMAND,
)

OPERATIONS: Final = (LIST_VIEWS, SAVE_VIEW, DELETE_VIEW)
