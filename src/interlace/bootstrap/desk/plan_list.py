"""Carries out what is asked about the list of kept plans; it needs no server."""

from typing import Final

import msgspec

from interlace.bootstrap.application import Connection
from interlace.bootstrap.approval_rules import RulesInForce
from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.desk.listing_place import ListingPlace
from interlace.bootstrap.desk.short_list import ShortList
from interlace.bootstrap.kept_plans import KeptPlans
from interlace.bootstrap.shown_plan import plan_row
from interlace.management import plans
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.plan_list import PLAN_COLUMNS, ListPlans, PlanRow, Plans

_LIST: Final[ShortList[PlanRow, Plans]] = ShortList(
    columns=PLAN_COLUMNS, answer=Plans, key_of=lambda each: each.id
)


def add_plan_list(works: Works, place: ListingPlace) -> None:
    """Let the operation be carried out."""
    application = place.application
    kept = KeptPlans(application.config.state_directory)

    async def list_plans(caller: Caller, asked: ListPlans) -> Plans:
        """Read a page."""
        held = await connection_of(application, caller, asked)
        found = await off_loop(_rows, held)
        page = _LIST.page(caller, asked, found)
        names = await off_loop(application.known_mappings, held, ())
        return msgspec.structs.replace(page, mappings=tuple(names))

    def _rows(held: Connection) -> list[PlanRow]:
        rules = RulesInForce(application=application, connection=held)
        return [plan_row(rules, each) for each in kept.listed(held.id)]

    works.add(plans.LIST, list_plans)
