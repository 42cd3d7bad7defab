"""Causes of Errors: one card a cause, with what helps and a button that does it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import msgspec
from htpy import Element, Node, div, h2, p, section, span
from litestar import Response, get
from litestar.params import FromPath

from interlace.domain.error_codes import ErrorCode
from interlace.management import causes
from interlace.management.causes import ErrorCauseShown, ListCauses, ListMembers
from interlace.management.translatable import translatable
from interlace.ui.actions import action_bar, action_link
from interlace.ui.badge import Tone, badge
from interlace.ui.notices import empty_state
from interlace.ui.shell import Crumb, Page
from interlace.web.addresses import segment
from interlace.web.ambiguous import coupling_button, is_ambiguous
from interlace.web.error_parts import error_list
from interlace.web.list_page import is_narrowed, list_asked, shown_list
from interlace.web.notice import said
from interlace.web.record_parts import record_address
from interlace.web.saved_views import views_of
from interlace.web.security import PAGE
from interlace.web.visit import Button, TheVisit, Visit, live

_CONFLICTS: Final = frozenset(
    each.value
    for each in (ErrorCode.UPDATE_CONFLICT, ErrorCode.PARTNER_DELETED, ErrorCode.DELETED_AND_CHANGED)
)

_KNOWN_MAX: Final = 200
"""Causes among which the one of the page is looked for; beyond them it stands without its text."""


@get("/errors", opt=PAGE)
async def causes_page(visit: TheVisit) -> Response[str]:
    """What holds records back."""
    words = visit.words
    asked = ListCauses(connection=visit.connection.name, mapping=visit.query("mapping"))
    found = await visit.ask(causes.LIST, asked)
    waiting = sum(each.count for each in found.causes)
    retry_all = Button(
        caption=translatable("Retry All"),
        confirm=words.t("Every record of the error list takes part again. Go on?"),
        why_not="" if found.causes else words.t("There are no errors"),
    )
    more = found.number - len(found.causes)
    return visit.page(
        Page(
            heading=words.t("Causes of Errors"),
            subtitle=words.t(
                "One remedy helps all records of a cause; what was corrected is tried again by itself."
            ),
            content=live(
                "causes",
                [
                    action_bar(
                        [visit.action(causes.RETRY, {"every": "1"}, retry_all)],
                        [
                            action_link(
                                words.t("Coupled Data Synchronization Errors"), visit.to("/errors/skipped")
                            )
                        ],
                        captions=words.captions,
                    ),
                    p(".quiet-text")[words.n("{count} record waits", "{count} records wait", waiting)]
                    if found.causes
                    else None,
                    [_card(visit, each) for each in found.causes]
                    or empty_state(words.t("There are no errors"), words.t("Every record went through.")),
                    p(".quiet-text")[words.n("and {count} further cause", "and {count} further causes", more)]
                    if more
                    else None,
                ],
            ),
        )
    )


@get("/errors/causes/{cause:str}", opt=PAGE)
async def members_page(visit: TheVisit, cause: FromPath[str]) -> Response[str]:
    """The records that one cause holds back."""
    words = visit.words
    asked = msgspec.convert({**list_asked(visit), "cause": cause}, ListMembers)
    found = await visit.ask(causes.MEMBERS, asked)
    shown = replace(
        error_list(visit, found, f"/errors/causes/{segment(cause)}"),
        caption=words.t("Records of a Cause"),
        empty=empty_state(words.t("No error fits"))
        if is_narrowed(visit)
        else empty_state(words.t("No record waits for this any more")),
        asked={"cause": cause},
        export_list=causes.MEMBERS.name,
        views=await views_of(visit, causes.MEMBERS.name),
    )
    known = await visit.ask(causes.LIST, ListCauses(connection=visit.connection.name, limit=_KNOWN_MAX))
    named = next((each for each in known.causes if each.id == cause), None)
    return visit.page(
        Page(
            heading=words.t("Records of a Cause"),
            subtitle="" if named is None else said(words, named.text),
            crumbs=[Crumb(caption=words.t("Causes of Errors"), address=visit.to("/errors"))],
            content=[
                action_bar(
                    [
                        _remedy(visit, named) if named is not None else None,
                        visit.action(causes.RETRY, {"cause": cause}, Button(return_to=visit.to("/errors"))),
                    ],
                    captions=words.captions,
                ),
                live("members", shown_list(visit, shown)),
            ],
        )
    )


PAGES = (causes_page, members_page)


def _card(visit: Visit, each: ErrorCauseShown) -> Element:
    words = visit.words
    held = each.count - each.failed
    mappings = words.listed(
        [words.t("{mapping}: {count}", mapping=name, count=count) for name, count in each.mappings]
    )
    return section(".panel.cause", id=f"cause-{each.id}")[
        div(".cause-head")[
            h2[said(words, each.title), " ", span(".quiet-text.small")[each.code]],
            badge(words.n("{count} record waits", "{count} records wait", each.count), Tone.WARN),
        ],
        p[said(words, each.text)],
        p(".quiet-text")[mappings],
        p(".quiet-text")[
            words.n("{count} of them waits for the others", "{count} of them wait for the others", held)
        ]
        if held and each.failed
        else None,
        p[said(words, each.next_step)],
        div(".buttons")[
            _couple(visit, each),
            _decide(visit, each),
            _retry(visit, each),
            _records(visit, each),
            _explain(visit, each),
        ],
    ]


def _couple(visit: Visit, each: ErrorCauseShown) -> Node:
    awaited = each.awaited
    if awaited is None and is_ambiguous(each.code) and each.count == 1:
        return coupling_button(
            visit, each.example_mapping, each.example_key, each.example_side, is_primary=True
        )
    if awaited is None and is_ambiguous(each.code):
        # Each of them has another partner: the list has a way to each.
        return action_link(
            visit.words.t("Set Up Coupling"), visit.to(f"/errors/causes/{each.id}"), is_primary=True
        )
    if awaited is None:
        return None
    path = f"/coupling/{segment(awaited.mapping)}/{segment(awaited.key)}"
    return action_link(
        visit.words.t("Set Up Coupling"), visit.to(path, {"side": awaited.side}), is_primary=True
    )


def _remedy(visit: Visit, each: ErrorCauseShown) -> Node:
    """Return what helps all records of a cause; where each has another partner, the list has a way to each."""
    return _decide(visit, each) if each.awaited is None else _couple(visit, each)


def _decide(visit: Visit, each: ErrorCauseShown) -> Node:
    """Return the way to the conflicts, where people say which side is right."""
    if each.code not in _CONFLICTS:
        return None
    return action_link(visit.words.t("Conflicts"), visit.to("/conflicts"), is_primary=True)


def _retry(visit: Visit, each: ErrorCauseShown) -> Node:
    return visit.action(causes.RETRY, {"cause": each.id})


def _records(visit: Visit, each: ErrorCauseShown) -> Node:
    return action_link(visit.words.t("Show records"), visit.to(f"/errors/causes/{each.id}"))


def _explain(visit: Visit, each: ErrorCauseShown) -> Node:
    address = record_address(visit, each.example_mapping, each.example_key, each.example_side)
    return action_link(visit.words.t("Open an example"), address)
