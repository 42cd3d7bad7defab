"""My Account: name and language, password, two-step sign-in, and where one is signed in."""

from __future__ import annotations

from htpy import Element, Node, code, div, form, li, p, ul
from litestar import Response, get, post
from litestar.response import Redirect

from interlace.management import account
from interlace.management.account import Account, BeginSecondStep, RecoveryCodes, SecondStepKey, ShowAccount
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable
from interlace.management.users import SessionSummary
from interlace.ui.actions import action_bar, action_form, action_link, form_button
from interlace.ui.badge import Tone, badge
from interlace.ui.card import fast_tab
from interlace.ui.fields import text_field
from interlace.ui.notices import Kind, notice
from interlace.ui.shell import Crumb, Page
from interlace.web.entered_form import EnteredForm, ask_entered, entered_pairs, fresh_first
from interlace.web.notice import Notice, tell
from interlace.web.request import AnyRequest, TheAccounts
from interlace.web.security import PAGE, admitted, ask_password_again
from interlace.web.session_cookie import set_session_cookie
from interlace.web.sign_in_pages import password_hint
from interlace.web.user_parts import change_key, sessions_list, setting_fields
from interlace.web.visit import Button, TheVisit, Visit

_SECOND_STEP = "/account/two-step"
_Answer = Response[str] | Redirect


@get("/account", opt=PAGE)
async def account_page(visit: TheVisit) -> Response[str]:
    """One's own account."""
    return await _account(visit, EnteredForm(), EnteredForm())


@post("/account", opt=PAGE)
async def change_account(request: AnyRequest, visit: TheVisit, accounts: TheAccounts) -> _Answer:
    """Take name and settings."""
    pairs = await entered_pairs(request)
    try:
        await ask_entered(visit, account.CHANGE, pairs)
    except Refused as refused:
        return await _account(visit, EnteredForm(pairs=pairs, refused=refused), EnteredForm())
    await tell(request, accounts, Notice(title=visit.words.t("Saved")))
    return Redirect(visit.to("/account"), status_code=303)


@post("/account/password", opt=PAGE)
async def change_password(request: AnyRequest, visit: TheVisit, accounts: TheAccounts) -> _Answer:
    """Take the new password; this session goes on under another token, all others end."""
    pairs = await entered_pairs(request)
    try:
        await ask_entered(visit, account.CHANGE_PASSWORD, pairs)
    except Refused as refused:
        return await _account(visit, EnteredForm(), EnteredForm(pairs=pairs, refused=refused))
    await tell(
        request,
        accounts,
        Notice(title=visit.words.t("Your password is changed; you are signed out elsewhere")),
    )
    return await _renewed(request, accounts, Redirect(visit.to("/account"), status_code=303))


@get(_SECOND_STEP, opt=PAGE)
async def second_step_page(visit: TheVisit) -> _Answer:
    """What two-step sign-in is, and the button that begins it."""
    words = visit.words
    return fresh_first(visit) or visit.page(
        Page(
            heading=words.t("Set Up Two-Step Sign-In"),
            subtitle=words.t("From then on a code of your phone is asked for besides your password."),
            crumbs=[_crumb(visit)],
            is_narrow=True,
            content=[
                p[words.t("You need an authenticator app; any that shows codes of six digits will do.")],
                action_form(words.t("Show the Key"), visit.to(_SECOND_STEP), (), is_primary=True),
            ],
        )
    )


@post(_SECOND_STEP, opt=PAGE)
async def begin_second_step(request: AnyRequest, visit: TheVisit, accounts: TheAccounts) -> _Answer:
    """Show a key for the app, and ask for its code."""
    try:
        given = await visit.ask(account.BEGIN_SECOND_STEP, BeginSecondStep())
    except Refused as refused:
        if refused.kind is RefusalKind.SIGN_IN_AGAIN:
            return await ask_password_again(request, accounts, ())
        raise
    return _key_page(visit, given)


@post(f"{_SECOND_STEP}/confirm", opt=PAGE)
async def confirm_second_step(request: AnyRequest, visit: TheVisit, accounts: TheAccounts) -> _Answer:
    """Take the code and show the recovery codes, this once."""
    pairs = await entered_pairs(request)
    try:
        codes = await ask_entered(visit, account.CONFIRM_SECOND_STEP, pairs)
    except Refused as refused:
        if refused.kind is RefusalKind.SIGN_IN_AGAIN:
            return await ask_password_again(request, accounts, pairs)
        return _code_page(visit, EnteredForm(refused=refused))
    return await _renewed(request, accounts, _codes_page(visit, codes))


PAGES = (
    account_page,
    change_account,
    change_password,
    second_step_page,
    begin_second_step,
    confirm_second_step,
)


async def _renewed(request: AnyRequest, accounts: TheAccounts, answer: _Answer) -> _Answer:
    """Give the session another token: what it may has changed."""
    found = admitted(request)
    opened = await accounts.renew(found.token, found.visitor)
    set_session_cookie(answer, request, opened.token)
    return answer


async def _account(visit: Visit, entered: EnteredForm, password: EnteredForm) -> Response[str]:
    words = visit.words
    shown = await visit.ask(account.SHOW, ShowAccount())
    user = shown.user
    before = {
        "full_name": user.full_name,
        "language": user.language,
        "time_zone": user.time_zone,
        "experience": user.experience,
    }
    general = EnteredForm(pairs=entered.pairs, refused=entered.refused, before=before)
    resting = [_resting(visit)] if shown.needs_second_step else []
    others = sum(not each.is_own for each in shown.sessions)
    return visit.page(
        Page(
            heading=words.t("My Account"),
            subtitle=user.name,
            notices=[*resting, *entered.notices(visit), *password.notices(visit)],
            content=[
                action_bar([await change_key(visit, user.name)], captions=words.captions),
                fast_tab(words.t("General"), _general_form(visit, general)),
                fast_tab(words.t("Password"), _password_form(visit, password)),
                fast_tab(words.t("Two-Step Sign-In"), _second_step(visit, shown)),
                fast_tab(
                    words.t("Where You Are Signed In"),
                    [
                        action_bar(
                            [
                                visit.action(
                                    account.END_SESSION,
                                    {},
                                    Button(
                                        caption=translatable("Sign Out Everywhere Else"),
                                        why_not="" if others else words.t("You are signed in nowhere else"),
                                    ),
                                )
                            ],
                            captions=words.captions,
                        ),
                        sessions_list(visit, shown.sessions, _end_session),
                    ],
                    promoted=words.number(len(shown.sessions)),
                ),
            ],
        ),
        status=max(entered.status, password.status),
    )


def _general_form(visit: Visit, entered: EnteredForm) -> Element:
    words = visit.words
    return form(".entry", method="post", action=visit.to("/account"))[
        text_field(
            entered.field(words, "full_name", words.t("Full Name")), autocomplete="name", length_max=100
        ),
        setting_fields(words, entered),
        form_button(words.t("Save"), is_primary=True),
    ]


def _password_form(visit: Visit, entered: EnteredForm) -> Element:
    words = visit.words
    return form(".entry", method="post", action=visit.to("/account/password"))[
        text_field(
            entered.field(words, "old_password", words.t("Old Password"), is_required=True),
            kind="password",
            autocomplete="current-password",
        ),
        text_field(
            entered.field(
                words, "new_password", words.t("New Password"), hint=password_hint(words), is_required=True
            ),
            kind="password",
            autocomplete="new-password",
        ),
        form_button(words.t("Change Password")),
    ]


def _second_step(visit: Visit, shown: Account) -> Node:
    words = visit.words
    if not shown.user.has_second_step:
        return [
            p[words.t("Your password alone lets you in.")],
            action_link(words.t("Set Up Two-Step Sign-In"), visit.to(_SECOND_STEP)),
        ]
    return [
        p[
            badge(words.t("Set up"), Tone.GOOD),
            " ",
            words.n("{count} recovery code is left", "{count} recovery codes are left", shown.recovery_codes),
        ],
        action_bar(
            [
                visit.action(
                    account.END_SECOND_STEP,
                    look=Button(
                        confirm=words.t("Your password alone will let you in. End two-step sign-in?")
                    ),
                ),
                action_link(words.t("New Key and Recovery Codes"), visit.to(_SECOND_STEP)),
            ],
            captions=words.captions,
        ),
    ]


def _end_session(visit: Visit, each: SessionSummary) -> Element:
    return visit.action(account.END_SESSION, {"session": each.id})


def _resting(visit: Visit) -> Element:
    words = visit.words
    return notice(
        words.t("Your rights as an administrator are resting"),
        kind=Kind.WARNING,
        body=words.t(
            "This server can be reached from other machines, so whoever administers it needs two-step sign-in."
        ),
        actions=action_link(words.t("Set Up Two-Step Sign-In"), visit.to(_SECOND_STEP)),
    )


def _key_page(visit: Visit, given: SecondStepKey) -> Response[str]:
    words = visit.words
    key = " ".join(given.key[start : start + 4] for start in range(0, len(given.key), 4))
    shown = div[
        p[words.t("Add an account to your app and type this key, or open the address on the phone:")],
        p[code("#second-step-key.shown-once")[key]],
        p[code("#second-step-address.shown-once")[given.address]],
    ]
    return _code_page(visit, EnteredForm(), shown)


def _code_page(visit: Visit, entered: EnteredForm, shown: Node = None) -> Response[str]:
    words = visit.words
    return visit.page(
        Page(
            heading=words.t("Set Up Two-Step Sign-In"),
            crumbs=[_crumb(visit)],
            is_narrow=True,
            notices=entered.notices(visit),
            content=[
                shown,
                form(".entry", method="post", action=visit.to(f"{_SECOND_STEP}/confirm"))[
                    text_field(
                        entered.field(words, "code", words.t("Code of Your App"), is_required=True),
                        autocomplete="one-time-code",
                        length_max=10,
                    ),
                    form_button(words.t("Confirm"), is_primary=True),
                ],
            ],
        ),
        status=entered.status,
    )


def _codes_page(visit: Visit, codes: RecoveryCodes) -> Response[str]:
    words = visit.words
    return visit.page(
        Page(
            heading=words.t("Your Recovery Codes"),
            subtitle=words.t(
                "Each stands in for your phone once. Print them or keep them with your passwords."
            ),
            crumbs=[_crumb(visit)],
            is_narrow=True,
            notices=[
                notice(
                    words.t("Two-step sign-in is set up"),
                    kind=Kind.DONE,
                    body=words.t("The codes are shown this once."),
                )
            ],
            content=[
                ul(".recovery-codes")[[li[code[each]] for each in codes.codes]],
                action_link(words.t("My Account"), visit.to("/account"), is_primary=True),
            ],
        )
    )


def _crumb(visit: Visit) -> Crumb:
    return Crumb(caption=visit.words.t("My Account"), address=visit.to("/account"))
