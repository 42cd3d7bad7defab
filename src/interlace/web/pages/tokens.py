"""Access Keys: how programs come in to the management API; a new key is shown once."""

from __future__ import annotations

import msgspec
from htpy import Element, Node, code, div, fieldset, form, label, legend, p, span
from htpy import input as input_
from litestar import Response, get, post
from litestar.response import Redirect

from interlace.domain.filter_language import quoted
from interlace.management import tokens
from interlace.management.listing import ListRow
from interlace.management.permission import PERMISSION_CAPTIONS, Permission
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.tokens import (
    DAYS_DEFAULT,
    KEY_COLUMNS,
    KEY_STATES,
    KeyState,
    KeySummary,
    ListKeys,
    NewKey,
)
from interlace.management.translatable import translatable
from interlace.ui.actions import action_bar, action_link, form_button
from interlace.ui.badge import Tone, badge
from interlace.ui.fields import Choice, Field, number_field, select_field, text_field
from interlace.ui.keys import NEW
from interlace.ui.notices import Kind, empty_state, notice
from interlace.ui.shell import Crumb, Page, hidden
from interlace.ui.words import Words
from interlace.web.entered_form import EnteredForm, ask_entered, entered_pairs, fresh_first
from interlace.web.list_page import ListPage, is_narrowed, server_list_asked, shown_list
from interlace.web.request import AnyRequest, TheAccounts
from interlace.web.saved_views import views_of
from interlace.web.security import ask_password_again, requires
from interlace.web.visit import Button, TheVisit, Visit, live

_ADMINISTER = requires(Permission.ADMINISTER)
_NEW = "/tokens/new"
_PERMISSIONS = {
    Permission.READ: translatable("See records, jobs, errors and settings"),
    Permission.SYNCHRONIZE: translatable("Couple and synchronize records, retry, resolve conflicts"),
    Permission.MANAGE_CONNECTION: translatable(
        "Set up connections, change mappings, start full synchronizations"
    ),
    Permission.APPROVE: translatable("Release safety halts and apply plans"),
    Permission.ADMINISTER: translatable("See users and the audit log; never change users or keys"),
}
_TONES = {
    KeyState.VALID: Tone.GOOD,
    KeyState.EXPIRED: Tone.WARN,
    KeyState.REVOKED: Tone.NEUTRAL,
    KeyState.RESTING: Tone.WARN,
}
_Answer = Response[str] | Redirect


@get("/tokens", opt=_ADMINISTER)
async def tokens_page(visit: TheVisit) -> Response[str]:
    """Every key."""
    words, user = visit.words, visit.query("user")
    found = await visit.ask(
        tokens.LIST, msgspec.convert({**server_list_asked(visit), "user": user}, ListKeys)
    )
    shown = ListPage(
        path="/tokens",
        columns=KEY_COLUMNS,
        answer=found,
        rows=found.rows,
        caption=words.t("Access Keys"),
        cells={
            "id": lambda row: code[f"{_key(row).id}…"],
            "connections": lambda row: words.listed(list(_key(row).connections)) or words.t("All"),
            "state": lambda row: _state(words, _key(row)),
            "expires_at": lambda row: words.datetime(_key(row).expires_at),
            "used_at": lambda row: _used(words, _key(row)),
        },
        actions_of=lambda row: _actions(visit, _key(row)),
        fixed={"user": user},
        asked={"user": user} if user else {},
        is_of_server=True,
        empty=empty_state(words.t("No access key fits"))
        if is_narrowed(visit)
        else empty_state(
            words.t("There is no access key"),
            words.t("A program that asks the management API needs one."),
        ),
        export_list=tokens.LIST.name,
        views=await views_of(visit, tokens.LIST.name),
    )
    return visit.page(
        Page(
            heading=words.t("Access Keys of {name}", name=user) if user else words.t("Access Keys"),
            subtitle=words.t(
                "Programs use Interlace's management API with these. The web service access keys of the ERP are "
                "another thing: they are changed on the Users page of the ERP."
            ),
            content=[
                action_bar(
                    [
                        action_link(
                            words.t("New Access Key"),
                            visit.to(_NEW, {"user": user}),
                            is_primary=True,
                            keys=NEW,
                        )
                    ],
                    [action_link(words.t("Users"), visit.to("/users"))],
                    captions=words.captions,
                ),
                live("tokens", shown_list(visit, shown)),
            ],
        )
    )


@get(_NEW, opt=_ADMINISTER)
async def new_token_page(visit: TheVisit) -> _Answer:
    """The form for a new key, or for one that takes the place of another."""
    replaces = visit.query("replaces")
    before = {"user": visit.query("user"), "days": str(DAYS_DEFAULT), "replaces": replaces}
    permissions = [Permission.READ.value]
    if replaces:
        found = await visit.ask(tokens.LIST, ListKeys(filters={"id": quoted(replaces)}))
        for old in found.rows:
            before |= {"name": old.name, "user": old.user, "addresses": " ".join(old.addresses)}
            permissions = [each.value for each in old.permissions]
    return fresh_first(visit) or _new_token(visit, EnteredForm(before=before), permissions)


@post(_NEW, opt=_ADMINISTER)
async def create_token(request: AnyRequest, visit: TheVisit, accounts: TheAccounts) -> _Answer:
    """Take it and show the key, this once."""
    pairs = await entered_pairs(request)
    entered = [pair for name, value in pairs for pair in _split(name, value)]
    try:
        made = await ask_entered(visit, tokens.CREATE, entered)
    except Refused as refused:
        if refused.kind is RefusalKind.SIGN_IN_AGAIN:
            return await ask_password_again(request, accounts, pairs)
        return _new_token(visit, EnteredForm(pairs=pairs, refused=refused), [])
    return _made(visit, made)


PAGES = (tokens_page, new_token_page, create_token)


def _split(name: str, value: str) -> list[tuple[str, str]]:
    """Return the addresses of one field as the list that is asked for."""
    if name != "addresses":
        return [(name, value)]
    return [(name, each) for each in value.replace(",", " ").split()]


def _key(row: ListRow) -> KeySummary:
    assert isinstance(row, KeySummary)
    return row


def _state(words: Words, each: KeySummary) -> Element:
    return badge(words.t(KEY_STATES[each.state]), _TONES[each.state])


def _used(words: Words, each: KeySummary) -> str:
    return words.datetime(each.used_at) if each.used_at is not None else words.t("Never")


def _actions(visit: Visit, each: KeySummary) -> Node:
    words = visit.words
    if each.state in {KeyState.REVOKED, KeyState.EXPIRED}:
        return None
    confirm = words.t("Programs that use {key} are refused from now on. Revoke it?", key=each.id)
    return div(".row-actions")[
        action_link(words.t("Replace"), visit.to(_NEW, {"replaces": each.id})),
        visit.action(tokens.REVOKE, {"id": each.id}, Button(confirm=confirm)),
    ]


def _new_token(visit: Visit, entered: EnteredForm, permissions: list[str]) -> Response[str]:
    words, replaces = visit.words, entered.value("replaces")
    return visit.page(
        Page(
            heading=words.t("Replace Access Key {id}", id=replaces)
            if replaces
            else words.t("New Access Key"),
            crumbs=[Crumb(caption=words.t("Access Keys"), address=visit.to("/tokens"))],
            is_narrow=True,
            notices=entered.notices(visit),
            content=form(".entry", method="post", action=visit.to(_NEW))[
                text_field(
                    entered.field(words, "name", words.t("What It Is For"), is_required=True),
                    length_max=100,
                    is_focused=True,
                ),
                hidden([("replaces", replaces), ("user", entered.value("user"))])
                if replaces
                else text_field(
                    entered.field(
                        words,
                        "user",
                        words.t("User"),
                        hint=words.t(
                            "Whose key it is; blank: yours. It allows nothing that its user may not."
                        ),
                    )
                ),
                _permission_choices(words, entered.values("permissions", permissions)),
                _connection_choices(visit, entered),
                text_field(
                    entered.field(
                        words,
                        "addresses",
                        words.t("Addresses"),
                        hint=words.t(
                            "Where it may be used from, such as 192.0.2.7 or 192.0.2.0/24; blank: from everywhere."
                        ),
                    )
                ),
                number_field(
                    entered.field(words, "days", words.t("Days Until It Ends"), hint=words.t("At most 730."))
                ),
                _overlap(words, entered) if replaces else None,
                form_button(words.t("Make Key"), is_primary=True),
            ],
        ),
        status=entered.status,
    )


def _permission_choices(words: Words, chosen: object) -> Element:
    held = list(chosen) if isinstance(chosen, list | tuple) else []
    return fieldset(".choices")[
        legend[words.t("Permissions")],
        [
            label(".choice")[
                input_(type="checkbox", name="permissions", value=each.value, checked=each.value in held),
                span[words.t(PERMISSION_CAPTIONS[each]), span(".hint")[words.t(_PERMISSIONS[each])]],
            ]
            for each in Permission
        ],
    ]


def _connection_choices(visit: Visit, entered: EnteredForm) -> Node:
    words = visit.words
    if len(visit.connections) < 2:
        return None
    chosen = entered.values("connections")
    return fieldset(".choices")[
        legend[words.t("Connections")],
        p(".hint")[words.t("None chosen: it is for all of them.")],
        [
            label(".choice")[
                input_(type="checkbox", name="connections", value=each.name, checked=each.name in chosen),
                span[each.name],
            ]
            for each in visit.connections
        ],
    ]


def _overlap(words: Words, entered: EnteredForm) -> Element:
    field = Field(
        name="overlap_hours",
        caption=words.t("The Old Key Opens"),
        value=entered.value("overlap_hours") or "1",
        hint=words.t("Time to give the program the new one."),
    )
    hours = (1, 4, 24)
    choices = [Choice(value="0", caption=words.t("No longer"))]
    choices += [
        Choice(value=str(each), caption=words.n("{count} more hour", "{count} more hours", each))
        for each in hours
    ]
    return select_field(field, choices)


def _made(visit: Visit, made: NewKey) -> Response[str]:
    words = visit.words
    return visit.page(
        Page(
            heading=words.t("Your New Access Key"),
            crumbs=[Crumb(caption=words.t("Access Keys"), address=visit.to("/tokens"))],
            is_narrow=True,
            notices=[
                notice(
                    words.t("Copy it now"),
                    kind=Kind.WARNING,
                    body=words.t("It is shown this once and is stored nowhere: only what recognizes it."),
                )
            ],
            content=[
                p[code("#new-key.shown-once")[made.key]],
                p[words.t("A program sends it with each request in the header:")],
                p[code["Authorization: Bearer …"]],
                p[words.t("It opens until {time}.", time=made.summary.expires_at)],
                action_link(words.t("Access Keys"), visit.to("/tokens"), is_primary=True),
            ],
        )
    )
