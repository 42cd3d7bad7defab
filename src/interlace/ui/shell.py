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
    div,
    form,
    h1,
    head,
    header,
    html,
    li,
    link,
    main,
    meta,
    nav,
    p,
    span,
    title,
    ul,
)
from htpy import (
    input as input_,
)

from interlace.ui.badge import Tone, badge
from interlace.ui.captions import ENGLISH, Captions


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
    hidden_fields: Sequence[tuple[str, str]] = ()

    @property
    def initials(self) -> str:
        """One or two letters of the name."""
        words = [word for word in self.name.split() if word[0].isalnum()]
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


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
    navigation: Sequence[NavigationItem] = ()
    signed_in: SignedIn | None = None
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
            ],
            body[
                a(".skip", href="#content")[words.skip_to_content],
                _bar(frame),
                _menu(frame) if signed else None,
                main("#content", class_={"narrow": page.is_narrow}, tabindex="-1")[
                    _crumbs(page, words),
                    div(".notices")[page.notices] if page.notices else None,
                    div(".heading")[
                        h1[page.heading],
                        page.status,
                        p(".subtitle")[page.subtitle] if page.subtitle is not None else None,
                    ],
                    page.content,
                ],
            ],
        ]
    )


def _bar(frame: Frame) -> Element:
    signed_in = frame.signed_in
    return header(".bar")[
        a(".product", href=frame.home_address)[b[frame.product]],
        span(".organization")[frame.organization] if frame.organization else None,
        _person(signed_in, frame.captions) if signed_in is not None else None,
    ]


def _person(signed_in: SignedIn, words: Captions) -> Element:
    return form(".person", method="post", action=signed_in.sign_out_address)[
        hidden(signed_in.hidden_fields),
        span(".avatar", aria_hidden="true")[signed_in.initials],
        span(".name")[span(".unseen")[f"{words.signed_in_as} "], signed_in.name],
        button(".quiet", type="submit")[words.sign_out],
    ]


def hidden(fields: Sequence[tuple[str, str]]) -> list[VoidElement]:
    """Fields of a form that nobody sees."""
    return [input_(type="hidden", name=name, value=value) for name, value in fields]


def _menu(frame: Frame) -> Element:
    return nav(".menu", aria_label=frame.captions.main_menu)[
        ul[
            [
                li[
                    a(href=item.address, aria_current="page" if item.is_current else None)[
                        item.caption, (" ", badge(item.count, Tone.WARN)) if item.count else None
                    ]
                ]
                for item in frame.navigation
            ]
        ]
    ]


def _crumbs(page: Page, words: Captions) -> Node:
    if not page.crumbs:
        return None
    return nav(".crumbs", aria_label=words.back)[
        [a(href=crumb.address)[crumb.caption] for crumb in page.crumbs]
    ]
