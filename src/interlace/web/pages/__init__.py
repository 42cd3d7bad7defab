"""The pages, one module a part; a page asks the desk and shows what it answers."""

from litestar.handlers import HTTPRouteHandler

from interlace.web import unfinished
from interlace.web.pages import (
    about,
    account,
    audit,
    availability,
    causes,
    conflicts,
    connection,
    couplings,
    halts,
    home,
    jobs,
    journal,
    orders,
    queue,
    record_card,
    records,
    review,
    search,
    set_up_coupling,
    setup,
    skipped,
    tokens,
    users,
)

PAGES: tuple[HTTPRouteHandler, ...] = (
    *about.PAGES,
    *account.PAGES,
    *audit.PAGES,
    *availability.PAGES,
    *causes.PAGES,
    *conflicts.PAGES,
    *connection.PAGES,
    *couplings.PAGES,
    *halts.PAGES,
    *home.PAGES,
    *jobs.PAGES,
    *journal.PAGES,
    *orders.PAGES,
    *queue.PAGES,
    *record_card.PAGES,
    *records.PAGES,
    *review.PAGES,
    *search.PAGES,
    *set_up_coupling.PAGES,
    *setup.PAGES,
    *skipped.PAGES,
    *tokens.PAGES,
    *users.PAGES,
    *unfinished.PAGES,
)
"""Every page's handler."""
