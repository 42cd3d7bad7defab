"""Named views of a list: which records, and the links to choose among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from htpy import Element

from interlace.sandbox.crm.sales_app.form_body import Form
from interlace.sandbox.crm.sales_app.visit import with_parameters
from interlace.sandbox.entity_store import SqlClause
from interlace.ui.listing import view_menu
from interlace.ui.shell import NavigationItem


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A view: its name in addresses, its caption, its condition."""

    name: str
    caption: str
    where: SqlClause | None


def chosen_view(views: Sequence[View], parameters: Form) -> View:
    """The view that an address asks for; the first one without a known name."""
    wanted = parameters.text("view")
    return next((view for view in views if view.name == wanted), views[0])


def view_links(address: str, views: Sequence[View], current: View) -> Element:
    """The views of a list side by side."""
    items = [
        NavigationItem(
            caption=view.caption,
            address=with_parameters(address, view=view.name),
            is_current=view is current,
        )
        for view in views
    ]
    return view_menu(items)
