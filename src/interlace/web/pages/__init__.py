"""The pages, one module a part; a page asks the desk and shows what it answers."""

from litestar.handlers import HTTPRouteHandler

from interlace.web.pages import review

PAGES: tuple[HTTPRouteHandler, ...] = (*review.PAGES,)
"""Every page's handler."""
