"""Erase a Person: what is remembered of a record that both services have deleted, and the button that erases it."""

from __future__ import annotations

from typing import Final

from htpy import Element, Node, form
from htpy import input as input_
from htpy import label as label_
from litestar import Response, get

from interlace.management import erasing
from interlace.management.erasing import Erasables, ErasureShown, FindErasable, ListErasures
from interlace.ui.actions import action_bar, form_button
from interlace.ui.card import fast_tab
from interlace.ui.listing import Column, listing
from interlace.ui.notices import Kind, empty_state, notice
from interlace.ui.shell import Crumb, Page, hidden
from interlace.web.notice import said
from interlace.web.readable import plain
from interlace.web.security import PAGE
from interlace.web.visit import Button, TheVisit, Visit

PATH: Final = "/journal/erase"


@get(PATH, opt=PAGE)
async def erase_page(visit: TheVisit) -> Response[str]:
    """Look for a record, see what is remembered of it, erase it."""
    words = visit.words
    key, mapping = visit.query("key"), visit.query("mapping")
    name = visit.connection.name
    looked: list[Node] = [_asked(visit, key)]
    if key:
        found = await visit.ask(erasing.FIND, FindErasable(connection=name, key=key, mapping=mapping))
        looked += _found(visit, key, mapping, found)
    held = await visit.ask(erasing.LIST, ListErasures(connection=name))
    return visit.page(
        Page(
            heading=words.t("Erase a Person"),
            subtitle=words.t(
                "Delete the record in the ERP and in the CRM first, and let its mapping run. Then every value that the "
                "journal, errors, plans and messages still hold of it is erased here."
            ),
            crumbs=[Crumb(caption=words.t("Journal"), address=visit.to("/journal"))],
            content=[fast_tab(words.t("Record"), looked), _erasures(visit, held.erasures)],
        )
    )


PAGES = (erase_page,)


def _asked(visit: Visit, key: str) -> Element:
    words = visit.words
    return form(".ask", method="get", action=visit.to(PATH))[
        hidden(visit.kept),
        label_(".unseen", for_="key")[words.t("The record's key on either side")],
        input_(
            "#key",
            type="search",
            name="key",
            value=key or None,
            placeholder=words.t("The record's key on either side"),
            maxlength="400",
        ),
        form_button(words.t(erasing.FIND.caption), tooltip=words.t(erasing.FIND.tooltip)),
    ]


def _found(visit: Visit, key: str, mapping: str, found: Erasables) -> list[Node]:
    words = visit.words
    if found.why_not:
        title = words.t("This record can't be erased now")
        return [notice(title, kind=Kind.WARNING, body=said(words, found.why_not))]
    holding = words.t("How many hold the record's values.")
    columns = [
        *_named(visit),
        Column(caption=words.t("Entries of the journal"), is_number=True, tooltip=holding),
    ]
    rows: list[list[Node]] = [
        [each.mapping, plain(each.erp_key), plain(each.crm_key), words.number(each.entries)]
        for each in found.records
    ]
    sent = {"key": key, **({"mapping": mapping} if mapping else {})}
    erase = Button(
        is_primary=True,
        return_to=visit.to(PATH),
        confirm=words.t("Erase every value of this record for good? Nothing brings it back."),
    )
    return [
        action_bar([visit.action(erasing.ERASE, sent, erase)], captions=words.captions),
        listing(columns, rows, caption=words.t("What is remembered"), empty=""),
    ]


def _named(visit: Visit) -> list[Column]:
    words = visit.words
    key = words.t("The record's key on either side")
    return [
        Column(caption=words.t("Mapping")),
        Column(caption=words.t("ERP"), tooltip=key),
        Column(caption=words.t("CRM"), tooltip=key),
    ]


def _erasures(visit: Visit, erasures: tuple[ErasureShown, ...]) -> Node:
    words = visit.words
    emptied, telling = words.t("How many lost the record's values."), words.t("The entry that tells of it.")
    columns = [
        Column(caption=words.t("When"), tooltip=words.t("When it was written.")),
        Column(caption=words.t("User")),
        *_named(visit),
        Column(caption=words.t("Entries of the journal"), is_number=True, tooltip=emptied),
        Column(caption=words.t("Lines of journal files"), is_number=True, tooltip=emptied),
        Column(caption=words.t("Entry"), is_number=True, tooltip=telling),
    ]
    rows: list[list[Node]] = [
        [
            words.datetime(each.erased_at),
            plain(each.erased_by),
            each.mapping,
            plain(each.erp_key),
            plain(each.crm_key),
            words.number(each.entries),
            words.number(each.lines),
            words.number(each.journal_entry),
        ]
        for each in erasures
    ]
    return fast_tab(
        words.t("Erasures"),
        [
            listing(
                columns,
                rows,
                caption=words.t("Erasures"),
                empty=empty_state(words.t("Nothing was erased yet")),
            )
        ],
    )
