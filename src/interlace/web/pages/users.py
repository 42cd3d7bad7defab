"""Users: who may sign in, with which permission sets, and where each of them is signed in."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from htpy import Element, Node, a, div, fieldset, form, label, legend, p, span
from htpy import input as input_
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from interlace.management import tokens, users
from interlace.management.listing import ListRow
from interlace.management.permission import PERMISSION_SETS, Permission
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.tokens import ListKeys
from interlace.management.users import (
    USER_COLUMNS,
    ListSessions,
    ListUsers,
    NamedUser,
    SessionSummary,
    UserSummary,
)
from interlace.ui.actions import action_bar, action_link, form_button
from interlace.ui.card import Fact, card, fact_box, facts, fast_tab
from interlace.ui.fields import text_field
from interlace.ui.keys import NEW
from interlace.ui.notices import empty_state
from interlace.ui.shell import Crumb, Page, hidden
from interlace.ui.words import Words
from interlace.web.addresses import segment
from interlace.web.entered_form import EnteredForm, ask_entered, entered_pairs, fresh_first
from interlace.web.list_page import ListPage, is_narrowed, server_list_asked, shown_list
from interlace.web.notice import Notice, tell
from interlace.web.request import AnyRequest, TheAccounts
from interlace.web.saved_views import views_of
from interlace.web.security import ask_password_again, requires
from interlace.web.sign_in_pages import password_hint
from interlace.web.user_parts import change_key, sessions_list, setting_fields, user_state
from interlace.web.visit import Button, TheVisit, Visit, live

_ADMINISTER = requires(Permission.ADMINISTER)
_NEW = "/new-user"
_Answer = Response[str] | Redirect


def address_of(name: str) -> str:
    """Return the address of a user's card."""
    return f"/users/{segment(name)}"


@get("/users", opt=_ADMINISTER)
async def users_page(visit: TheVisit) -> Response[str]:
    """Every user."""
    words = visit.words
    found = await visit.ask(users.LIST, msgspec.convert(server_list_asked(visit), ListUsers))
    shown = ListPage(
        path="/users",
        columns=USER_COLUMNS,
        answer=found,
        rows=found.rows,
        caption=words.t("Users"),
        cells={
            "name": lambda row: a(href=visit.to(address_of(_user_row(row).name)))[_user_row(row).name],
            "disabled": lambda row: user_state(words, _user_row(row)),
            "signed_in_at": lambda row: _signed_in(words, _user_row(row)),
        },
        is_of_server=True,
        empty=empty_state(words.t("No user fits") if is_narrowed(visit) else words.t("There is no user yet")),
        export_list=users.LIST.name,
        views=await views_of(visit, users.LIST.name),
    )
    return visit.page(
        Page(
            heading=words.t("Users"),
            subtitle=words.t(
                "Who may sign in to Interlace. The users of the ERP and their web service access keys are "
                "looked after in the ERP."
            ),
            content=[
                action_bar(
                    [action_link(words.t("New User"), visit.to(_NEW), is_primary=True, keys=NEW)],
                    [
                        action_link(words.t("Access Keys"), visit.to("/tokens")),
                        action_link(words.t("Audit Log"), visit.to("/audit")),
                    ],
                    captions=words.captions,
                ),
                live("users", shown_list(visit, shown)),
            ],
        )
    )


@get(_NEW, opt=_ADMINISTER)
async def new_user_page(visit: TheVisit) -> _Answer:
    """The form for a new user."""
    return fresh_first(visit) or _new_user(visit, EnteredForm(before={"language": visit.caller.language}))


@post(_NEW, opt=_ADMINISTER)
async def add_user(request: AnyRequest, visit: TheVisit, accounts: TheAccounts) -> _Answer:
    """Take it."""
    pairs = await entered_pairs(request)
    try:
        added = await ask_entered(visit, users.ADD, pairs)
    except Refused as refused:
        if refused.kind is RefusalKind.SIGN_IN_AGAIN:
            return await ask_password_again(request, accounts, pairs)
        return _new_user(visit, EnteredForm(pairs=pairs, refused=refused))
    await tell(request, accounts, Notice(title=visit.words.t("{name} may sign in now", name=added.name)))
    return Redirect(visit.to(address_of(added.name)), status_code=303)


@get("/users/{name:str}", opt=_ADMINISTER)
async def user_page(visit: TheVisit, name: FromPath[str]) -> Response[str]:
    """One user."""
    return await _user(visit, name, EnteredForm())


@post("/users/{name:str}", opt=_ADMINISTER)
async def change_user(
    request: AnyRequest, visit: TheVisit, accounts: TheAccounts, name: FromPath[str]
) -> _Answer:
    """Take what was changed."""
    pairs = await entered_pairs(request)
    try:
        await ask_entered(visit, users.CHANGE, [("name", name), *pairs])
    except Refused as refused:
        if refused.kind is RefusalKind.SIGN_IN_AGAIN:
            return await ask_password_again(request, accounts, pairs)
        return await _user(visit, name, EnteredForm(pairs=pairs, refused=refused))
    await tell(request, accounts, Notice(title=visit.words.t("Saved")))
    return Redirect(visit.to(address_of(name)), status_code=303)


@get("/users/{name:str}/password", opt=_ADMINISTER)
async def password_page(visit: TheVisit, name: FromPath[str]) -> _Answer:
    """The form for a user's new password."""
    return fresh_first(visit) or _password(visit, name, EnteredForm())


@post("/users/{name:str}/password", opt=_ADMINISTER)
async def set_password(
    request: AnyRequest, visit: TheVisit, accounts: TheAccounts, name: FromPath[str]
) -> _Answer:
    """Take it."""
    pairs = await entered_pairs(request)
    try:
        await ask_entered(visit, users.SET_PASSWORD, [("name", name), *pairs])
    except Refused as refused:
        if refused.kind is RefusalKind.SIGN_IN_AGAIN:
            return await ask_password_again(request, accounts, pairs)
        return _password(visit, name, EnteredForm(pairs=pairs, refused=refused))
    await tell(
        request,
        accounts,
        Notice(title=visit.words.t("{name} has a new password and is signed out", name=name)),
    )
    return Redirect(visit.to(address_of(name)), status_code=303)


PAGES = (users_page, new_user_page, add_user, user_page, change_user, password_page, set_password)


# Parts


def _user_row(row: ListRow) -> UserSummary:
    assert isinstance(row, UserSummary)
    return row


def _signed_in(words: Words, each: UserSummary) -> str:
    return words.datetime(each.signed_in_at) if each.signed_in_at is not None else words.t("Never")


def _new_user(visit: Visit, entered: EnteredForm) -> Response[str]:
    words = visit.words
    return visit.page(
        Page(
            heading=words.t("New User"),
            crumbs=[Crumb(caption=words.t("Users"), address=visit.to("/users"))],
            is_narrow=True,
            notices=entered.notices(visit),
            content=form(".entry", method="post", action=visit.to(_NEW))[
                text_field(
                    entered.field(words, "name", words.t("User Name"), is_required=True),
                    autocomplete="off",
                    length_max=80,
                    is_focused=True,
                ),
                text_field(
                    entered.field(
                        words, "password", words.t("Password"), hint=password_hint(words), is_required=True
                    ),
                    kind="password",
                    autocomplete="new-password",
                ),
                _settings(words, entered),
                _sets(words, entered.values("permission_sets")),
                form_button(words.t("Add User"), is_primary=True),
            ],
        ),
        status=entered.status,
    )


async def _user(visit: Visit, name: str, entered: EnteredForm) -> Response[str]:
    words = visit.words
    shown = await visit.ask(users.SHOW, NamedUser(name=name))
    sessions = await visit.ask(users.SESSIONS, ListSessions(name=name))
    keys = await visit.ask(tokens.LIST, ListKeys(user=name, limit=1))
    before = EnteredForm(
        pairs=entered.pairs,
        refused=entered.refused,
        before={
            "full_name": shown.full_name,
            "language": shown.language,
            "time_zone": shown.time_zone,
            "experience": shown.experience,
        },
    )
    return visit.page(
        Page(
            heading=shown.name,
            subtitle=shown.full_name or None,
            status=user_state(words, shown),
            crumbs=[Crumb(caption=words.t("Users"), address=visit.to("/users"))],
            notices=entered.notices(visit),
            content=[
                _actions(visit, shown, await change_key(visit, shown.name)),
                card(
                    [
                        fast_tab(words.t("General"), _change_form(visit, shown, before)),
                        fast_tab(
                            words.t("Sessions"),
                            sessions_list(visit, sessions.sessions, _end_session),
                            promoted=words.number(len(sessions.sessions)),
                        ),
                    ],
                    [
                        fact_box(words.t("Facts"), _facts(words, shown)),
                        fact_box(
                            words.t("Access Keys"),
                            [
                                p[words.n("{count} key", "{count} keys", keys.count or 0)],
                                p[a(href=visit.to("/tokens", {"user": shown.name}))[words.t("Show them")]],
                            ],
                        ),
                    ],
                    captions=words.captions,
                ),
            ],
        ),
        status=entered.status,
    )


def _actions(visit: Visit, shown: UserSummary, key: Element) -> Element | None:
    words, fields = visit.words, {"name": shown.name}
    confirm = words.t("{name} is signed out everywhere and can't sign in again. Disable?", name=shown.name)
    switch = (
        visit.action(users.ENABLE, fields)
        if shown.disabled
        else visit.action(users.DISABLE, fields, Button(confirm=confirm))
    )
    deleting = words.t(
        "{name} is deleted for good, with all access keys and saved views. Delete?", name=shown.name
    )
    return action_bar(
        [
            switch,
            action_link(words.t("Set Password"), visit.to(f"{address_of(shown.name)}/password")),
            key,
            visit.action(users.DELETE, fields, Button(confirm=deleting)),
        ],
        [
            visit.action(
                users.END_ALL, fields, Button(why_not="" if shown.sessions else words.t("No session is open"))
            ),
            visit.action(
                users.END_SECOND_STEP,
                fields,
                Button(why_not="" if shown.has_second_step else words.t("It is not set up")),
            ),
        ],
        captions=words.captions,
    )


def _change_form(visit: Visit, shown: UserSummary, entered: EnteredForm) -> Element:
    words = visit.words
    return form(".entry", method="post", action=visit.to(address_of(shown.name)))[
        _settings(words, entered),
        _sets(words, entered.values("permission_sets", shown.permission_sets)),
        form_button(words.t("Save"), is_primary=True),
    ]


def _settings(words: Words, entered: EnteredForm) -> Sequence[Node]:
    return [
        text_field(
            entered.field(words, "full_name", words.t("Full Name")), autocomplete="off", length_max=100
        ),
        *setting_fields(words, entered),
    ]


def _sets(words: Words, chosen: Sequence[str]) -> Element:
    return fieldset(".choices")[
        legend[words.t("Permission Sets")],
        # Says that none is chosen, where else nothing would be said.
        hidden([("permission_sets", "")]),
        [
            label(".choice")[
                input_(type="checkbox", name="permission_sets", value=each.name, checked=each.name in chosen),
                span[words.t(each.caption), span(".hint")[words.t(each.description)]],
            ]
            for each in PERMISSION_SETS.values()
        ],
    ]


def _facts(words: Words, shown: UserSummary) -> Element:
    signed_in = words.datetime(shown.signed_in_at) if shown.signed_in_at is not None else words.t("Never")
    return facts(
        [
            Fact(caption=words.t("Signed In Last"), value=signed_in),
            Fact(caption=words.t("Added"), value=words.datetime(shown.created_at)),
            Fact(
                caption=words.t("Two-Step Sign-In"),
                value=words.t("Yes") if shown.has_second_step else words.t("No"),
            ),
        ]
    )


def _end_session(visit: Visit, each: SessionSummary) -> Element:
    return visit.action(users.END_SESSION, {"session": each.id})


def _password(visit: Visit, name: str, entered: EnteredForm) -> Response[str]:
    words = visit.words
    return visit.page(
        Page(
            heading=words.t("New Password for {name}", name=name),
            subtitle=words.t("Tell it to nobody but {name}, who can change it after signing in.", name=name),
            crumbs=[
                Crumb(caption=words.t("Users"), address=visit.to("/users")),
                Crumb(caption=name, address=visit.to(address_of(name))),
            ],
            is_narrow=True,
            notices=entered.notices(visit),
            content=div[
                form(".entry", method="post", action=visit.to(f"{address_of(name)}/password"))[
                    text_field(
                        entered.field(
                            words,
                            "password",
                            words.t("Password"),
                            hint=password_hint(words),
                            is_required=True,
                        ),
                        kind="password",
                        autocomplete="new-password",
                        is_focused=True,
                    ),
                    form_button(words.t("Set Password"), is_primary=True),
                ]
            ],
        ),
        status=entered.status,
    )
