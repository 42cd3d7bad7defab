"""Couplings: which ERP record belongs to which CRM record, by the million."""

from __future__ import annotations

import msgspec
from htpy import Node, a
from litestar import Response, get
from litestar.response import Redirect

from interlace.domain.filter_language import quoted
from interlace.management.couplings import COUPLING_COLUMNS, COUPLING_STATES, LIST_COUPLINGS, CouplingRow
from interlace.management.listing import ListAsked, ListRow, captions_of
from interlace.ui.actions import action_bar, action_link
from interlace.ui.badge import Tone, badge
from interlace.ui.notices import empty_state
from interlace.ui.shell import Page
from interlace.web.list_page import ListPage, list_asked, shown_list
from interlace.web.neighbours import NEIGHBOURS, CardList, list_here, opened, to_neighbour
from interlace.web.pages.coupling_exchange import PATH as EXCHANGE
from interlace.web.readable import plain
from interlace.web.record_parts import record_address
from interlace.web.request import TheAccounts
from interlace.web.saved_views import FILTER, views_of
from interlace.web.security import PAGE
from interlace.web.visit import TheVisit, Visit

_TONES = {
    "coupled": Tone.GOOD,
    "not compared": Tone.NEUTRAL,
    "doubtful": Tone.WARN,
    "broken": Tone.BAD,
}
_STATES = captions_of(COUPLING_STATES)
_PATH = "/couplings"


@get(_PATH, opt=PAGE)
async def couplings_page(visit: TheVisit) -> Response[str]:
    """Every coupling of the connection."""
    words = visit.words
    answer = await visit.ask(LIST_COUPLINGS, msgspec.convert(list_asked(visit), ListAsked))
    listed = list_here(visit, _PATH)
    places = {_card(visit, each): place for place, each in enumerate(answer.rows)}

    def coupling(row: ListRow) -> CouplingRow:
        """Take a row for what it is."""
        assert isinstance(row, CouplingRow)
        return row

    def state(row: ListRow) -> Node:
        """Show the state."""
        held = coupling(row).state
        return badge(words.t(_STATES[held]), _TONES[held])

    def record(row: ListRow) -> Node:
        """Lead to the record."""
        each = coupling(row)
        card = _card(visit, each)
        return a(href=opened(card, listed, places[card]))[plain(each.erp_key)]

    def problem(row: ListRow) -> Node:
        """Lead to the error."""
        each = coupling(row)
        if not each.problem:
            return ""
        keys = f"{quoted(each.erp_key)}|{quoted(each.crm_key)}"
        query = {f"{FILTER}mapping": quoted(each.mapping), f"{FILTER}source_key": keys}
        return a(href=visit.to("/errors/skipped", query))[each.problem]

    shown = ListPage(
        path=_PATH,
        columns=COUPLING_COLUMNS,
        answer=answer,
        rows=answer.rows,
        caption=words.t("Couplings"),
        cells={"erp_key": record, "state": state, "problem": problem},
        empty=empty_state(
            words.t("There are no such couplings"),
            words.t(
                "Records are coupled by a full synchronization, by Match-Based Coupling, or one by one by hand."
            ),
        ),
        export_list=LIST_COUPLINGS.name,
        views=await views_of(visit, LIST_COUPLINGS.name),
    )
    return visit.page(
        Page(
            heading=words.t("Couplings"),
            subtitle=words.t("Which ERP record belongs to which CRM record."),
            content=[
                action_bar(
                    [
                        action_link(
                            words.t("Replace the Built-In Connector"),
                            visit.to(EXCHANGE),
                            tooltip=words.t("Take over the couplings of the ERP's built-in connector."),
                        )
                    ],
                    captions=words.captions,
                ),
                shown_list(visit, shown),
            ],
        )
    )


@get(f"{NEIGHBOURS}{_PATH}", opt=PAGE)
async def coupling_beside(visit: TheVisit, accounts: TheAccounts) -> Redirect:
    """Lead to the record of the coupling beside one in the list."""
    listed = CardList(
        path=_PATH,
        operation=LIST_COUPLINGS,
        asked=msgspec.convert(list_asked(visit), ListAsked),
        cards=lambda found: [_card(visit, each) for each in found.rows],
    )
    return await to_neighbour(visit, accounts, listed)


PAGES = (couplings_page,)
BESIDE = (coupling_beside,)


def _card(visit: Visit, each: CouplingRow) -> str:
    return record_address(visit, each.mapping, each.record_key, "erp")
