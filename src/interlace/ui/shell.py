"""The frame around every page: product bar, menu, notices, heading, content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from htpy import (
    Element,
    Node,
    VoidElement,
    a,
    b,
    body,
    button,
    details,
    div,
    footer,
    form,
    h1,
    head,
    header,
    html,
    label,
    li,
    link,
    main,
    meta,
    nav,
    p,
    path,
    script,
    span,
    summary,
    svg,
    title,
    ul,
)
from htpy import (
    input as input_,
)

from interlace.ui.badge import Tone, badge
from interlace.ui.captions import ENGLISH, Captions
from interlace.ui.keys import ABOUT, CONNECTION, MY_SETTINGS, TELL, key_dialog, script_words
from interlace.ui.notices import dismissable
from interlace.ui.tour import tour_button, tour_stops


@dataclass(frozen=True, slots=True, kw_only=True)
class NavigationItem:
    """One entry of the menu; `count` draws the eye when it is not empty."""

    caption: str
    address: str
    is_current: bool = False
    count: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who looks at the page, and the form that signs him out."""

    name: str
    sign_out_address: str
    account_address: str = ""
    hidden_fields: Sequence[tuple[str, str]] = ()

    @property
    def initials(self) -> str:
        """One or two letters of the name."""
        words = [word for word in self.name.split() if word[0].isalnum()]
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchBox:
    """The box in the bar that finds pages, actions and records; sends `search` to its address."""

    address: str
    placeholder: str
    label: str
    kept: Sequence[tuple[str, str]] = ()
    """Other parameters of the address that are sent along."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crumb:
    """A way back up."""

    caption: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What the pages of one application have in common."""

    product: str
    home_address: str
    stylesheet_address: str
    organization: str = ""
    organization_address: str = ""
    """Where the organization is looked at; blank: it is a text."""
    organizations: Sequence[NavigationItem] = ()
    """What can be gone over to; empty: there is nothing to choose from."""
    navigation: Sequence[NavigationItem] = ()
    sections: Sequence[NavigationItem] = ()
    """The second level of the menu: what belongs to the current entry."""
    search_box: SearchBox | None = None
    bell: NavigationItem | None = None
    """Where the visitor's own notifications are, and how many are new."""
    signed_in: SignedIn | None = None
    script_address: str = ""
    live_address: str = ""
    """Where the script hears that the page should be looked at again."""
    footnote: str = ""
    """What holds for every page, such as the zone of its times."""
    captions: Captions = ENGLISH


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page in its frame; `status` stands beside the heading, `notices` above it."""

    heading: str
    content: Node
    subtitle: Node = None
    status: Node = None
    notices: Sequence[Node] = field(default=())
    crumbs: Sequence[Crumb] = ()
    is_narrow: bool = False
    tip: str = ""
    """What the page is about and what can be done there; opened from its heading."""


def document(frame: Frame, page: Page) -> str:
    """The whole page as HTML text."""
    words = frame.captions
    signed = frame.signed_in is not None
    return str(
        html(lang=words.language)[
            head[
                meta(charset="utf-8"),
                meta(name="viewport", content="width=device-width, initial-scale=1"),
                meta(name="color-scheme", content="light dark"),
                title[f"{page.heading} – {frame.product}"],
                link(rel="stylesheet", href=frame.stylesheet_address),
                # No picture is asked for under an address of our own.
                link(rel="icon", href="data:,"),
                script(src=frame.script_address, defer=True) if frame.script_address else None,
            ],
            body({"data-live": frame.live_address} if frame.live_address else {})[
                a(".skip", href="#content")[words.skip_to_content],
                _bar(frame),
                _menu(frame) if signed else None,
                _sections(frame) if signed and frame.sections else None,
                main("#content", class_={"narrow": page.is_narrow}, tabindex="-1")[
                    _crumbs(page, words),
                    dismissable(page.notices, captions=words),
                    div(".heading")[
                        h1[page.heading],
                        page.status,
                        _tip(page, words) if page.tip else None,
                        p(".subtitle")[page.subtitle] if page.subtitle is not None else None,
                    ],
                    page.content,
                ],
                footer(".foot")[frame.footnote] if frame.footnote else None,
                (key_dialog(words), script_words(words), tour_stops(words)) if frame.script_address else None,
            ],
        ]
    )


def _tip(page: Page, words: Captions) -> Element:
    return details(".tip")[
        summary(title=words.about_this_page, aria_keyshortcuts=ABOUT)["?"],
        div[p[page.tip], tour_button(words)],
    ]


def _bar(frame: Frame) -> Element:
    signed_in = frame.signed_in
    return header(".bar")[
        a(".product", href=frame.home_address)[b[frame.product]],
        _organization(frame),
        _search(frame.search_box) if frame.search_box is not None else None,
        _bell(frame.bell) if frame.bell is not None else None,
        _person(signed_in, frame.captions) if signed_in is not None else None,
    ]


def _organization(frame: Frame) -> Node:
    if not frame.organization:
        return None
    if frame.organizations:
        # Without the script it opens and closes all the same.
        return details(".organization.switch")[
            summary(aria_keyshortcuts=CONNECTION, title=frame.captions.switch_connection)[
                span(".unseen")[f"{frame.captions.switch_connection}: "], span[frame.organization]
            ],
            nav(aria_label=frame.captions.switch_connection)[_entries(frame.organizations, "true")],
        ]
    if frame.organization_address:
        return a(".organization", href=frame.organization_address, aria_keyshortcuts=CONNECTION)[
            frame.organization
        ]
    return span(".organization")[frame.organization]


def _search(box: SearchBox) -> Element:
    return form(".tell", method="get", action=box.address, role="search")[
        hidden(box.kept),
        label(".unseen", for_="tell")[box.label],
        input_(
            "#tell",
            type="search",
            name="search",
            placeholder=box.placeholder,
            autocomplete="off",
            aria_keyshortcuts=TELL,
        ),
    ]


def _bell(bell: NavigationItem) -> Element:
    # It is renewed with a page that looks again by itself, and makes no page do so.
    return div("#bell.bell", {"data-live-beside": "1"})[
        a(href=bell.address, title=bell.caption, aria_current="page" if bell.is_current else None)[
            svg(viewBox="0 0 24 24", width="20", height="20", aria_hidden="true")[
                path(
                    fill="currentColor",
                    d="M12 22a2.5 2.5 0 0 0 2.45-2h-4.9A2.5 2.5 0 0 0 12 22zm7-6v-5a7 7 0 0 0-5.5-6.84V3.5a1.5 1.5 0 0 "
                    "0-3 0v.66A7 7 0 0 0 5 11v5l-2 2v1h18v-1l-2-2z",
                )
            ],
            span(".unseen")[bell.caption],
            (" ", badge(bell.count, Tone.WARN)) if bell.count else None,
        ]
    ]


def _person(signed_in: SignedIn, words: Captions) -> Element:
    return form(".person", method="post", action=signed_in.sign_out_address)[
        hidden(signed_in.hidden_fields),
        _name(signed_in, words),
        button(".quiet", type="submit")[words.sign_out],
    ]


def _name(signed_in: SignedIn, words: Captions) -> Element:
    shown = (
        span(".avatar", aria_hidden="true")[signed_in.initials],
        span(".unseen")[f"{words.signed_in_as} {signed_in.name}"],
        span(".full-name", aria_hidden="true")[signed_in.name],
    )
    if signed_in.account_address:
        return a(".name", href=signed_in.account_address, aria_keyshortcuts=MY_SETTINGS)[shown]
    return span(".name")[shown]


def hidden(fields: Sequence[tuple[str, str]]) -> list[VoidElement]:
    """Fields of a form that nobody sees."""
    return [input_(type="hidden", name=name, value=value) for name, value in fields]


def _menu(frame: Frame) -> Element:
    return nav(".menu", aria_label=frame.captions.main_menu)[_entries(frame.navigation)]


def _sections(frame: Frame) -> Element:
    return nav(".sections", aria_label=frame.captions.sections)[_entries(frame.sections)]


def _entries(items: Sequence[NavigationItem], current: str = "page") -> Element:
    return ul[
        [
            li[
                a(href=item.address, aria_current=current if item.is_current else None)[
                    item.caption, (" ", badge(item.count, Tone.WARN)) if item.count else None
                ]
            ]
            for item in items
        ]
    ]


def _crumbs(page: Page, words: Captions) -> Node:
    if not page.crumbs:
        return None
    return nav(".crumbs", aria_label=words.back)[
        [a(href=crumb.address)[crumb.caption] for crumb in page.crumbs]
    ]
