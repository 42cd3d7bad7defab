"""The form that was sent when its sender was no longer signed in: filled again, to be sent now or dropped."""

from collections.abc import Sequence

from htpy import Element, Node, div, form, li, p, ul
from litestar import Response, get, post
from litestar.response import Redirect

from interlace.management.accounts import KeptForm
from interlace.management.operation import Effect
from interlace.management.operations import operation_called
from interlace.management.refusal import Refused
from interlace.management.translatable import translatable
from interlace.ui.actions import action_form, form_button
from interlace.ui.fields import Field, text_area, text_field
from interlace.ui.notices import Kind, notice
from interlace.ui.shell import Page, hidden
from interlace.ui.words import Words
from interlace.web.addresses import DO, own_address
from interlace.web.request import AnyRequest, TheAccounts
from interlace.web.security import PAGE, admitted
from interlace.web.visit import RETURN_TO, TheVisit, Visit

_LONG = 80
_CAPTIONS = {
    "addresses": translatable("Addresses"),
    "connection": translatable("Connection"),
    "connections": translatable("Connections"),
    "code": translatable("Code"),
    "crm_key": translatable("CRM record"),
    "days": translatable("Days Until It Ends"),
    "direction": translatable("Direction"),
    "erp_key": translatable("ERP record"),
    "experience": translatable("Experience"),
    "full_name": translatable("Full Name"),
    "language": translatable("Language"),
    "mapping": translatable("Mapping"),
    "name": translatable("Name"),
    "new_password": translatable("New Password"),
    "old_password": translatable("Old Password"),
    "password": translatable("Password"),
    "permission_sets": translatable("Permission Sets"),
    "permissions": translatable("Permissions"),
    "time_zone": translatable("Time Zone"),
    "user": translatable("User"),
}
"""Of fields that stand on several forms; others are shown by their names."""


@get("/unfinished", opt=PAGE)
async def unfinished_page(visit: TheVisit, accounts: TheAccounts) -> Response[str] | Redirect:
    """Show what was typed, filled in again."""
    session = admitted(visit.request).session
    kept = await accounts.kept_form(session.id) if session is not None else None
    if kept is None:
        return Redirect(own_address(visit.query(RETURN_TO) or "/"), status_code=303)
    return visit.page(_page(visit, kept))


@post("/unfinished/send", opt=PAGE)
async def send_unfinished(request: AnyRequest, accounts: TheAccounts) -> Redirect:
    """Send it on to where it was meant to go: the browser repeats the form there, as it stands now."""
    session = admitted(request).session
    kept = await accounts.kept_form(session.id) if session is not None else None
    if session is None or kept is None:
        return Redirect("/", status_code=303)
    await accounts.drop_kept_form(session.id)
    return Redirect(kept.action, status_code=307)


@post("/unfinished/drop", opt=PAGE)
async def drop_unfinished(request: AnyRequest, accounts: TheAccounts) -> Redirect:
    """Forget it."""
    session, page = admitted(request).session, "/"
    if session is not None:
        kept = await accounts.kept_form(session.id)
        page = kept.page if kept is not None else "/"
        await accounts.drop_kept_form(session.id)
    return Redirect(own_address(page), status_code=303)


PAGES = (unfinished_page, send_unfinished, drop_unfinished)


def _page(visit: Visit, kept: KeptForm) -> Page:
    words = visit.words
    return Page(
        heading=_heading(words, kept),
        subtitle=words.t(
            "This was not sent, because you had to sign in first. Nothing that you typed is lost."
        ),
        is_narrow=True,
        notices=[notice(words.t("Nothing has been done yet"), kind=Kind.WARNING, body=_advice(words, kept))],
        content=[
            form(".entry", method="post", action="/unfinished/send")[
                _fields(words, kept), form_button(words.t("Send Now"), is_primary=True)
            ],
            div(".row-actions")[action_form(words.t("Discard"), "/unfinished/drop", ())],
        ],
    )


def _heading(words: Words, kept: KeptForm) -> str:
    if kept.action.startswith(f"{DO}/"):
        try:
            name = kept.action.removeprefix(f"{DO}/").replace("/", ".")
            return words.t(operation_called(name, Effect.WRITES).caption)
        except Refused:
            pass
    return words.t("Unfinished Form")


def _advice(words: Words, kept: KeptForm) -> Node:
    if not kept.left_out:
        return words.t("Look it over and send it now.")
    return words.t("Passwords and other secrets are never kept: enter them again. Then send it now.")


def _fields(words: Words, kept: KeptForm) -> Sequence[Node]:
    """Return a field for each that was typed; what comes several times, as in lists, is sent again as it was."""
    names = [name for name, _ in kept.fields]
    several = {name for name in names if names.count(name) > 1}
    single = [(name, value) for name, value in kept.fields if name not in several and name != RETURN_TO]
    shown: list[Node] = [hidden([(name, value) for name, value in kept.fields if name == RETURN_TO])]
    shown += [_field(words, name, value) for name, value in single]
    for name in dict.fromkeys(name for name in names if name in several and name != RETURN_TO):
        values = [value for held, value in kept.fields if held == name]
        shown += [hidden([(name, value) for value in values]), _listed(words, name, values)]
    shown += [
        text_field(Field(name=name, caption=_caption(words, name)), kind="password", autocomplete="off")
        for name in kept.left_out
    ]
    return shown


def _field(words: Words, name: str, value: str) -> Element:
    field = Field(name=name, caption=_caption(words, name), value=value, is_wide=len(value) > _LONG)
    return text_area(field) if "\n" in value or len(value) > _LONG else text_field(field)


def _listed(words: Words, name: str, values: Sequence[str]) -> Element:
    return div(".field")[p[_caption(words, name)], ul[[li[value] for value in values if value]]]


def _caption(words: Words, name: str) -> str:
    """Return a field's name as people read it: the form that it stood on is not at hand."""
    known = _CAPTIONS.get(name)
    return words.t(known) if known else name.replace("_", " ").replace(".", " ").strip().capitalize()
