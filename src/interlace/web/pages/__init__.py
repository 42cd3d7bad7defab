"""The pages, one module a part; a page asks the desk and shows what it answers."""

from litestar.handlers import HTTPRouteHandler

from interlace.web.pages import about, conflicts, couplings, halts, home, journal, review, setup

PAGES: tuple[HTTPRouteHandler, ...] = (
    *about.PAGES,
    *conflicts.PAGES,
    *couplings.PAGES,
    *halts.PAGES,
    *home.PAGES,
    *journal.PAGES,
    *review.PAGES,
    *setup.PAGES,
)
"""Every page's handler."""
