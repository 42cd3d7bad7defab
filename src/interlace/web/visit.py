"""One request for a page: who asks, of which connection, in which language; and how a page answers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar
from urllib.parse import parse_qsl, quote, urlencode

import msgspec
from htpy import Element, Node, a, button, div, form, span
from litestar import Response
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from interlace.management.caller import Caller
from interlace.management.connections import ConnectionSummary
from interlace.management.desk import Desk
from interlace.management.operation import Operation
from interlace.management.permission import Permission
from interlace.management.refusal import NextStep, RefusalKind, Refused
from interlace.management.translatable import translatable
from interlace.ui.headers import SCRIPTED_PAGE_HEADERS
from interlace.ui.notices import Kind, notice
from interlace.ui.shell import Frame, NavigationItem, Page, SearchBox, SignedIn, document, hidden
from interlace.ui.stylesheet import stylesheet_name
from interlace.ui.words import Words
from interlace.web.addresses import DO, STATIC, address, own_address
from interlace.web.navigation import PARTS, Part, Place, part_of, place_of
from interlace.web.notice import Notice
from interlace.web.notices import shown_notice
from interlace.web.refusal_log import log_refusal
from interlace.web.request import AnyRequest
from interlace.web.script import script_name
from interlace.web.teaching import tip_of

AskedT = TypeVar("AskedT", bound=msgspec.Struct)
AnswerT = TypeVar("AnswerT", bound=msgspec.Struct)
HTML_HEADERS = {name: value for name, value in SCRIPTED_PAGE_HEADERS if name != "Content-Type"}
RETURN_TO = "return_to"
CONNECTION = "connection"
_OK = 200
_DIGITS_MAX = 18
_SEVERAL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """How the button of an action looks and behaves."""

    caption: str = ""
    """Blank: the operation's own."""
    is_primary: bool = False
    confirm: str = ""
    """Asked first where the script runs."""
    return_to: str = ""
    """The page to come back to; blank: this one."""
    why_not: str = ""
    """Why it can't be done now; the button is shown disabled with it."""
    keys: str = ""
    """Its shortcut, such as `Alt+N`."""
    form: str = ""
    """The id of its form, for fields that stand elsewhere on the page."""


_PLAIN = Button()


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A signed-in caller's request, with everything its page asks."""

    request: AnyRequest
    caller: Caller
    desk: Desk
    words: Words
    connections: tuple[ConnectionSummary, ...]
    connection_name: str
    """As the address names it; where it names none, the one that pages then open with; blank: there is none."""
    notices: tuple[Notice, ...]
    unread: int = 0
    """How many notifications are not marked as read."""
    is_basic: bool = False
    """The visitor's experience is Basic: menu, links and Tell Me leave the integration out."""

    # What the page asks

    async def ask(self, operation: Operation[AskedT, AnswerT], asked: AskedT) -> AnswerT:
        """Ask the desk; raises Refused, which becomes a page of its own."""
        try:
            return await self.desk.perform(operation, self.caller, asked)
        except Refused as refused:
            log_refusal(self.request, refused)
            raise

    def may(self, permission: Permission) -> bool:
        """Whether the caller has a permission."""
        return permission in self.caller.permissions

    @property
    def connection(self) -> ConnectionSummary:
        """The connection that the page is about; raises Refused if there is none, or none of that name."""
        if self.chosen is not None:
            return self.chosen
        if not self.connections:
            raise Refused(
                RefusalKind.NOT_READY,
                translatable("There is no connection yet"),
                next_step=translatable("Open Assisted Setup: it asks for the addresses of both systems."),
                steps=(NextStep(caption=translatable("Assisted Setup"), page="/setup"),),
            )
        raise Refused(
            RefusalKind.NOT_FOUND,
            translatable("There is no connection of that name"),
            next_step=translatable("Choose one of the list."),
            steps=(NextStep(caption=translatable("Connections"), page="/connections"),),
        )

    @property
    def chosen(self) -> ConnectionSummary | None:
        """The connection that the page is about; None if there is none, or none of the address's name."""
        return next((each for each in self.connections if self.connection_name in (each.name, each.id)), None)

    def query(self, name: str) -> str:
        """Return a parameter of the address, blank if it is absent."""
        return str(self.request.query_params.get(name, ""))

    def number(self, name: str) -> int | None:
        """Return a parameter of the address that is a number; None if it isn't one, or none that lists have."""
        text = self.query(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX else None

    def sees(self, path: str) -> bool:
        """Whether the visitor's experience shows a page; one that it doesn't still opens by its address."""
        part = part_of(path)
        return part is None or self.shows(part)

    def shows(self, part: Part) -> bool:
        """Whether the visitor's experience shows a part of the menu."""
        return not (self.is_basic and part.is_integration)

    # Addresses

    def to(self, path: str, query: Mapping[str, str] | None = None) -> str:
        """Return the address of a page for the same connection."""
        return address(path, {**dict(self.kept), **(query or {})})

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What forms send along to pages so that they are about the same connection."""
        if len(self.connections) < _SEVERAL or self.chosen is None:
            return []
        return [(CONNECTION, self.chosen.name)]

    def at(self, page: str) -> str:
        """Return an address that something else made, for the same connection unless it names one itself.

        One that is none of ours leads to the role centre.
        """
        path, _, query = own_address(page).partition("?")
        named = {name for name, _ in parse_qsl(query)}
        added = urlencode([each for each in self.kept if each[0] not in named], quote_via=quote)
        return f"{path}?{'&'.join(each for each in (query, added) if each)}" if query or added else path

    def seen(self, path: str, shown: Element) -> Element | None:
        """Return what leads to a page, or nothing where the visitor's experience leaves that page out."""
        return shown if self.sees(path) else None

    def linked(self, shown: Node, path: str, query: Mapping[str, str] | None = None) -> Node:
        """Return something as a link to a page; by itself where the visitor's experience leaves that page out."""
        return a(href=self.to(path, query))[shown] if self.sees(path) else shown

    @property
    def here(self) -> str:
        """The address of this page, with its parameters; it stays that of the connection if another is the default."""
        url = self.request.url
        return self.at(f"{url.path}?{url.query}" if url.query else url.path)

    # Actions

    def action(
        self,
        operation: Operation[AskedT, AnswerT],
        fields: Mapping[str, str] | None = None,
        look: Button = _PLAIN,
    ) -> Element:
        """Return a button that does an operation and comes back; disabled with the reason where it may not.

        The fields are completed by the connection where the operation asks for one.
        """
        shown = self.words.t(look.caption or operation.caption)
        style = "button primary" if look.is_primary else "button"
        reason = look.why_not
        if not self.may(operation.permission):
            reason = self.words.t("You don't have the permission for this")
        if reason:
            return button(class_=style, type="button", aria_disabled="true", title=reason)[
                shown, span(".unseen")[f" ({reason})"]
            ]
        sent = self.fields_of(operation, fields or {})
        return form(
            ".action",
            {"data-confirm": look.confirm} if look.confirm else {},
            id=look.form or None,
            method="post",
            action=f"{DO}/{operation.address}",
        )[
            hidden([*sent.items(), (RETURN_TO, look.return_to or self.here)]),
            button(
                {"aria-keyshortcuts": look.keys} if look.keys else {},
                class_=style,
                type="submit",
                title=self.words.t(operation.tooltip),
            )[shown],
        ]

    def fields_of(self, operation: Operation[AskedT, AnswerT], fields: Mapping[str, str]) -> dict[str, str]:
        """Return the fields of a form for an operation, with the connection where it asks for one."""
        held = dict(fields)
        if CONNECTION in operation.asked.__struct_fields__ and CONNECTION not in held and self.connections:
            held[CONNECTION] = self.connection.name
        return held

    # The answer

    def page(self, page: Page, *, status: int = 200) -> Response[str]:
        """Answer with a page in the frame, what happened before above it."""
        told = [shown_notice(each, self.words, self.here, self.at) for each in self.notices]
        frozen = (_frozen_notice(self, each) for each in self.connections if each.frozen_until is not None)
        tip = tip_of(self.request.url.path) if status == _OK else ""
        tip = page.tip or (self.words.t(tip) if tip else "")
        shown = replace(page, notices=(*frozen, *told, *page.notices), tip=tip)
        return Response(
            document(self._frame(), shown), status_code=status, media_type="text/html", headers=HTML_HEADERS
        )

    def _frame(self) -> Frame:
        words, path = self.words, self.request.url.path
        part = part_of(path)
        place = place_of(part, path) if part is not None else None
        return Frame(
            product="Interlace",
            home_address=self.to("/"),
            stylesheet_address=f"{STATIC}/{stylesheet_name()}",
            script_address=f"{STATIC}/{script_name()}",
            live_address="/live",
            organization=self._company(),
            organization_address=self.to("/connection") if self.connections else "",
            organizations=self._others(path, place),
            navigation=[self._entry(each, is_current=each is part) for each in PARTS if self._offers(each)],
            sections=self._sections(part, place.path if place else ""),
            search_box=SearchBox(
                address="/search",
                placeholder=words.t("Tell me what you want to do (Alt+Q)"),
                label=words.t("Tell me what you want to do"),
                kept=self.kept,
            ),
            bell=NavigationItem(
                caption=words.t("Notifications"),
                address=self.to("/notifications"),
                is_current=path == "/notifications",
                count=words.number(self.unread) if self.unread else "",
            ),
            signed_in=SignedIn(
                name=self.caller.full_name or self.caller.name,
                sign_out_address="/sign-out",
                account_address=self.to("/account"),
            ),
            footnote=words.t("Times are in the zone {zone}.", zone=self.caller.time_zone),
            captions=words.captions,
        )

    def _company(self) -> str:
        if not self.connections:
            return ""
        if self.chosen is None:
            return self.words.t("Connections")
        return _caption(self.chosen)

    def _others(self, path: str, place: Place | None) -> list[NavigationItem]:
        """Return the ways to the same page of each connection, from a card to its list; empty if there is one only."""
        if len(self.connections) < _SEVERAL:
            return []
        there = place.path if place is not None else "/"
        items = [
            NavigationItem(
                caption=_caption(each),
                address=address(there, {CONNECTION: each.name}),
                is_current=each is self.chosen,
            )
            for each in self.connections
        ]
        every = NavigationItem(
            caption=self.words.t("All connections"),
            address=self.to("/connections"),
            is_current=path == "/connections",
        )
        return [*items, every]

    def _offers(self, part: Part) -> bool:
        return self.shows(part) and any(self.may(place.permission) for place in part.places)

    def _entry(self, part: Part, *, is_current: bool) -> NavigationItem:
        first = next(place for place in part.places if self.may(place.permission))
        return NavigationItem(
            caption=self.words.t(part.caption), address=self.to(first.path), is_current=is_current
        )

    def _sections(self, part: Part | None, current: str) -> Sequence[NavigationItem]:
        if part is None or len(part.places) == 1:
            return ()
        return [
            NavigationItem(
                caption=self.words.t(place.caption),
                address=self.to(place.path),
                is_current=place.path == current,
            )
            for place in part.places
            if self.may(place.permission)
        ]


def _frozen_notice(visit: Visit, connection: ConnectionSummary) -> Element:
    """Return the banner of a connection that is in a freeze window: it stands above every page."""
    words = visit.words
    assert connection.frozen_until is not None
    several = len(visit.connections) >= _SEVERAL
    until = words.datetime(connection.frozen_until)
    return notice(
        words.t("{connection} is frozen until {until}", connection=connection.name, until=until)
        if several
        else words.t("Frozen until {until}", until=until),
        kind=Kind.WARNING,
        body=words.t(
            "{reason}: nothing is written to the ERP. What is changed in the CRM meanwhile is carried over afterwards.",
            reason=connection.freeze_reason,
        ),
        actions=a(href=address("/connection/freezes", {CONNECTION: connection.name} if several else {}))[
            words.t("Freeze Windows")
        ],
    )


def _caption(connection: ConnectionSummary) -> str:
    # One that is still being set up may have no company yet.
    company = connection.erp_company
    return f"{company} ⇄ {connection.name}" if company else connection.name


TheVisit: TypeAlias = NamedDependency[SkipValidation[Visit]]
"""What handlers take; it is made anew for each request."""


def live(anchor: str, content: Node) -> Element:
    """A region that the script exchanges when something has changed; `anchor` is its id on the page."""
    return div(f"#{anchor}", {"data-live-region": "1"})[content]
