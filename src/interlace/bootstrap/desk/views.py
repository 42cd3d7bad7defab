"""Carries out what is asked about saved views of lists."""

from datetime import UTC, datetime

from interlace.bootstrap.desk.carry_out import off_loop
from interlace.bootstrap.desk.listing_place import ListingPlace
from interlace.management import views
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.operation import Nothing
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable
from interlace.management.views import VIEWS_MAX, DeleteView, ListViews, SaveView, View, Views, ViewSaved
from interlace.store.saved_views import SavedView, TooManyViews


def add_views(works: Works, place: ListingPlace) -> None:
    """Let these operations be carried out."""
    stored = place.application.state.saved_views

    async def list_views(caller: Caller, asked: ListViews) -> Views:
        """Read those that the user sees."""
        found = await off_loop(stored.seen_by, caller.user_id, asked.of)
        return Views(views=tuple(_view(each, caller) for each in found))

    async def save(caller: Caller, asked: SaveView) -> ViewSaved:
        """Keep one."""
        name = asked.name.strip()
        if not name:
            raise Refused(
                RefusalKind.INVALID,
                translatable("The view needs a name"),
                fields={"name": translatable("Enter a name.")},
            )
        view = SavedView(
            user_id=caller.user_id,
            owner=caller.name,
            list_name=asked.of,
            name=name,
            filters=asked.filters,
            search=asked.search,
            sort=asked.sort,
            columns=asked.columns,
            layout=asked.layout,
            is_shared=asked.is_shared,
        )
        try:
            return ViewSaved(id=await off_loop(_save, view))
        except TooManyViews as problem:
            raise Refused(
                RefusalKind.TOO_MANY,
                translatable("You have saved too many views of this list"),
                why=translatable("There may be {count} of each list.", count=VIEWS_MAX),
                next_step=translatable("Delete one that you no longer need."),
            ) from problem

    def _save(view: SavedView) -> str:
        return stored.save(view, at=datetime.now(UTC), views_max=VIEWS_MAX)

    async def delete(caller: Caller, asked: DeleteView) -> Nothing:
        """Forget one."""
        if not await off_loop(stored.delete, caller.user_id, asked.id):
            raise Refused(
                RefusalKind.NOT_FOUND,
                translatable("You have no such view"),
                why=translatable("It was deleted already, or somebody else shares it with you."),
            )
        return Nothing()

    works.add(views.LIST_VIEWS, list_views)
    works.add(views.SAVE_VIEW, save)
    works.add(views.DELETE_VIEW, delete)


def _view(each: SavedView, caller: Caller) -> View:
    return View(
        id=each.id,
        name=each.name,
        filters=dict(each.filters),
        search=each.search,
        sort=each.sort,
        columns=each.columns,
        layout="tiles" if each.layout == "tiles" else "",
        is_shared=each.is_shared,
        is_own=each.user_id == caller.user_id,
        owner=each.owner,
    )
