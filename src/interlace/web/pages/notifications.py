"""Notifications: what has changed that concerns the visitor, and what he wants to be told."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from htpy import Element, Node, a, fieldset, form, label, legend, p, span
from htpy import input as input_
from litestar import Response, get, post
from litestar.response import Redirect

from interlace.management import mappings, notifications
from interlace.management.listing import PAGE_MAX, ListRow
from interlace.management.mappings import ListMappings
from interlace.management.notifications import (
    ADDRESS_MAX,
    KINDS,
    KINDS_WITH_OWNERS,
    NOTIFICATION_COLUMNS,
    SEND_CODE,
    ListNotifications,
    Notification,
    NotificationKind,
    ShowSubscription,
    Subscription,
)
from interlace.management.refusal import Refused
from interlace.management.translatable import translatable
from interlace.ui.actions import action_bar, action_link, form_button
from interlace.ui.badge import Tone, badge
from interlace.ui.fields import text_field
from interlace.ui.listing import view_menu
from interlace.ui.notices import Kind, empty_state, notice
from interlace.ui.shell import Crumb, NavigationItem, Page, hidden
from interlace.web.addresses import DO, address, own_address
from interlace.web.entered_form import EnteredForm, ask_entered, entered_pairs
from interlace.web.list_page import ListPage, is_narrowed, server_list_asked, shown_list
from interlace.web.notice import Notice, said, tell
from interlace.web.request import AnyRequest, TheAccounts
from interlace.web.saved_views import FILTER, views_of
from interlace.web.security import PAGE
from interlace.web.visit import CONNECTION, RETURN_TO, Button, TheVisit, Visit, live

_HERE = "/notifications"
_SUBSCRIPTION = f"{_HERE}/subscription"
_ADDRESS = f"{_HERE}/address"
_IS_READ = f"{FILTER}is_read"
_CODE_MAX = 100
_CAPTIONS = {kind.value: told.caption for kind, told in KINDS.items()}


@get(_HERE, opt=PAGE)
async def notifications_page(visit: TheVisit) -> Response[str]:
    """What has changed that concerns the visitor, the newest first."""
    words = visit.words
    found = await visit.ask(notifications.LIST, msgspec.convert(server_list_asked(visit), ListNotifications))
    shown = ListPage(
        path=_HERE,
        columns=NOTIFICATION_COLUMNS,
        answer=found,
        rows=found.rows,
        caption=words.t("Notifications"),
        cells={
            "at": lambda row: words.datetime(_row(row).at),
            "kind": lambda row: _kind(visit, _row(row)),
            "message": lambda row: _message(visit, _row(row)),
        },
        actions_of=lambda row: _mark(visit, _row(row)),
        is_of_server=True,
        empty=empty_state(words.t("No notification fits"))
        if is_narrowed(visit)
        else empty_state(
            words.t("There are no notifications"), words.t("You are told when something changes.")
        ),
        export_list=notifications.LIST.name,
        views=await views_of(visit, notifications.LIST.name),
    )
    every = Button(
        caption=translatable("Mark All as Read"),
        why_not="" if visit.unread else words.t("You have read everything"),
    )
    actions = action_bar(
        [visit.action(notifications.READ, {"every": "1"}, every)],
        [action_link(words.t("What I Am Told"), visit.to(_SUBSCRIPTION))],
        captions=words.captions,
    )
    return visit.page(
        Page(
            heading=words.t("Notifications"),
            subtitle=words.t("One message for each change that concerns you; the newest comes first."),
            notices=_unproven(visit, await visit.ask(notifications.SUBSCRIPTION, ShowSubscription())),
            content=live("notifications", [actions, _views(visit), shown_list(visit, shown)]),
        )
    )


@get(_SUBSCRIPTION, opt=PAGE)
async def subscription_page(visit: TheVisit) -> Response[str]:
    """What the visitor is told, and how."""
    return await _subscription(visit, EnteredForm())


@post(_SUBSCRIPTION, opt=PAGE)
async def subscribe(request: AnyRequest, visit: TheVisit, accounts: TheAccounts) -> Response[str] | Redirect:
    """Take what was chosen."""
    pairs = await entered_pairs(request)
    try:
        await ask_entered(visit, notifications.SUBSCRIBE, pairs)
    except Refused as refused:
        return await _subscription(visit, EnteredForm(pairs=pairs, refused=refused))
    await tell(request, accounts, Notice(title=visit.words.t("Saved")))
    return Redirect(visit.to(_SUBSCRIPTION), status_code=303)


@get(_ADDRESS, opt=PAGE)
async def address_page(visit: TheVisit) -> Response[str]:
    """Ask whether the visitor's e-mail address is his, where the link of the message leads: only the button says so."""
    words = visit.words
    shown = await visit.ask(notifications.SUBSCRIPTION, ShowSubscription())
    code = EnteredForm(before={"code": visit.query("code")}).field(
        words,
        "code",
        words.t("Confirmation Code"),
        hint=words.t("It stands in the newest message."),
        is_required=True,
    )
    return visit.page(
        Page(
            heading=words.t("Confirm E-Mail Address"),
            subtitle=words.t("E-mails are sent to {address} once you confirm it.", address=shown.address)
            if shown.address and not shown.is_proven
            else "",
            crumbs=[
                Crumb(caption=words.t("Notifications"), address=visit.to(_HERE)),
                Crumb(caption=words.t("What I Am Told"), address=visit.to(_SUBSCRIPTION)),
            ],
            content=form(".entry", method="post", action=f"{DO}/{notifications.PROVE.address}")[
                hidden([(RETURN_TO, visit.to(_SUBSCRIPTION))]),
                text_field(code, autocomplete="one-time-code", length_max=_CODE_MAX),
                form_button(
                    words.t(notifications.PROVE.caption),
                    is_primary=True,
                    tooltip=words.t(notifications.PROVE.tooltip),
                ),
            ],
        )
    )


PAGES = (notifications_page, subscription_page, subscribe, address_page)


def _row(row: ListRow) -> Notification:
    assert isinstance(row, Notification)
    return row


def _kind(visit: Visit, each: Notification) -> Element:
    caption = _CAPTIONS.get(each.kind)
    # An older version does not know what a newer one told.
    shown = each.kind if caption is None else visit.words.t(caption)
    return badge(shown, Tone.GOOD if each.is_over else Tone.WARN)


def _message(visit: Visit, each: Notification) -> Element:
    leads = address(own_address(each.page), {CONNECTION: each.connection})
    return a(class_={"unread": not each.is_read}, href=leads)[said(visit.words, each.message)]


def _mark(visit: Visit, each: Notification) -> Node:
    return None if each.is_read else visit.action(notifications.READ, {"ids": each.id})


def _views(visit: Visit) -> Element:
    words = visit.words
    views: tuple[tuple[str, dict[str, str]], ...] = (
        (words.t("All"), {}),
        (words.t("Unread"), {_IS_READ: "no"}),
    )
    items = [
        NavigationItem(
            caption=caption,
            address=visit.to(_HERE, query),
            is_current=visit.query(_IS_READ) == query.get(_IS_READ, ""),
        )
        for caption, query in views
    ]
    return view_menu(items, captions=words.captions)


async def _subscription(visit: Visit, entered: EnteredForm) -> Response[str]:
    words = visit.words
    shown = await visit.ask(notifications.SUBSCRIPTION, ShowSubscription())
    held = EnteredForm(pairs=entered.pairs, refused=entered.refused, before={"address": shown.address})
    return visit.page(
        Page(
            heading=words.t("What I Am Told"),
            subtitle=words.t(
                "Until you save a choice of your own, you are told what you can do something about."
            ),
            crumbs=[Crumb(caption=words.t("Notifications"), address=visit.to(_HERE))],
            notices=[*_unproven(visit, shown), *_problem(visit, shown), *held.notices(visit)],
            content=form(".entry", method="post", action=visit.to(_SUBSCRIPTION))[
                _kinds(visit, "shown", words.t("On this server, at the bell"), held, shown.shown),
                _kinds(visit, "mailed", words.t("By e-mail"), held, shown.mailed),
                _of_others(visit, held, shown.of_others),
                text_field(
                    held.field(
                        words,
                        "address",
                        words.t("E-Mail Address"),
                        hint=words.t("E-mails name records by number and lead here; they hold no values."),
                    ),
                    kind="email",
                    autocomplete="email",
                    length_max=ADDRESS_MAX,
                ),
                await _mappings(visit, held, shown.mappings),
                form_button(words.t("Save"), is_primary=True),
            ],
        ),
        status=held.status,
    )


def _unproven(visit: Visit, shown: Subscription) -> list[Node]:
    """Return what is still to be done so that e-mails are sent."""
    if not shown.address or shown.is_proven:
        return []
    words, until = visit.words, shown.code_expires_at
    if until is None:
        done = words.t("The message with the link is still to be sent.")
    else:
        done = words.t(
            "Open the link of the message that was sent there; it works until {moment}.",
            moment=words.datetime(until),
        )
    return [
        notice(
            words.t("Your e-mail address {address} is not confirmed", address=shown.address),
            kind=Kind.WARNING,
            body=[
                p[words.t("Until it is, what you want as e-mails stands here at the bell, and is not sent.")],
                p[done],
            ],
            actions=visit.action(SEND_CODE, {}, Button(return_to=visit.to(_SUBSCRIPTION))),
        )
    ]


def _problem(visit: Visit, shown: Subscription) -> list[Node]:
    if not shown.mail_problem:
        return []
    return [
        notice(
            visit.words.t("The last e-mail to you could not be sent"),
            kind=Kind.WARNING,
            body=p[shown.mail_problem],
        )
    ]


def _kinds(visit: Visit, name: str, caption: str, held: EnteredForm, before: Sequence[str]) -> Element:
    words = visit.words
    boxes = [
        (kind.value, [words.t(KINDS[kind].caption), span(".hint")[words.t(KINDS[kind].description)]])
        for kind in NotificationKind
    ]
    return _choices(name, caption, boxes, held.values(name, before))


def _of_others(visit: Visit, held: EnteredForm, before: Sequence[str]) -> Element:
    words = visit.words
    hint = words.t(
        "Without these you are told of what you are responsible for, and of what nobody else is told for it. Who is "
        "responsible is the salesperson of the record, by his e-mail address; yours counts once it is confirmed."
    )
    boxes = [(kind.value, words.t(KINDS[kind].caption)) for kind in KINDS_WITH_OWNERS]
    caption = words.t("Also what others are responsible for")
    return _choices("of_others", caption, boxes, held.values("of_others", before), hint=hint)


def _choices(
    name: str, caption: str, boxes: Sequence[tuple[str, Node]], chosen: Sequence[str], *, hint: str = ""
) -> Element:
    return fieldset(".choices")[
        legend[caption],
        p(".hint")[hint] if hint else None,
        # Says that none is chosen, where else nothing would be said.
        hidden([(name, "")]),
        [
            label(".choice")[
                input_(type="checkbox", name=name, value=value, checked=value in chosen), span[shown]
            ]
            for value, shown in boxes
        ],
    ]


async def _mappings(visit: Visit, held: EnteredForm, before: Sequence[str]) -> Element:
    """Return the boxes of all mappings of the connection, and of those that were chosen in others."""
    words = visit.words
    names = list(dict.fromkeys([*await _known(visit), *(each for each in before if each)]))
    hint = words.t("Only what concerns these; with none chosen, whatever it concerns.")
    boxes = [(each, each) for each in names]
    return _choices("mappings", words.t("Mappings"), boxes, held.values("mappings", before), hint=hint)


async def _known(visit: Visit) -> list[str]:
    if visit.chosen is None:
        return []
    asked = ListMappings(connection=visit.chosen.name, limit=PAGE_MAX, counted=False)
    return [each.name for each in (await visit.ask(mappings.LIST, asked)).rows]
