"""Turns a note of the CRM, typed or formatted, into lines of plain text that fit the ERP's comment lines."""

import re
from html.parser import HTMLParser
from typing import Final

from interlace.domain.saga import FoundRecord
from interlace.lead_to_cash.order_values import text_lines, text_of

COMMENT_LENGTH: Final = 80
_TAGS: Final = "a|b|blockquote|br|div|em|font|h[1-6]|hr|i|img|li|ol|p|pre|s|span|strong|table|td|th|tr|u|ul"
_FORMATTED: Final = re.compile(rf"<(?:{_TAGS})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_OWN_LINES: Final = frozenset(
    "blockquote br div h1 h2 h3 h4 h5 h6 hr li ol p pre table tr ul".split()  # noqa: SIM905  (names of tags)
)
_CELLS: Final = frozenset({"td", "th"})
_UNSEEN: Final = frozenset({"script", "style", "head", "title"})


class _PlainText(HTMLParser):
    """Gathers what a reader sees of formatted text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line where the text does; name pictures, remember where links lead."""
        values = dict(attrs)
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag in _OWN_LINES:
            self.parts.append("\n- " if tag == "li" else "\n")
        elif tag in _CELLS:
            self.parts.append(" ")
        elif tag == "img":
            self.parts.append(f"[picture {values.get('alt') or ''}".rstrip() + "]")
        elif tag == "a":
            self._links.append((values.get("href") or "", len(self.parts)))

    def handle_endtag(self, tag: str) -> None:
        """End a line, and say where a link leads if its words don't."""
        if tag in _UNSEEN:
            self._unseen = max(self._unseen - 1, 0)
        elif tag in _OWN_LINES:
            self.parts.append("\n")
        elif tag == "a" and self._links:
            target, begin = self._links.pop()
            words = "".join(self.parts[begin:]).strip()
            if target and target.removeprefix("mailto:") not in words:
                self.parts.append(f" ({target})")

    def handle_data(self, data: str) -> None:
        """Take words; line breaks among them are none."""
        if not self._unseen:
            self.parts.append(re.sub(r"\s", " ", data))


def plain_text(text: str) -> str:
    """Return what a reader sees of a note's text; text without formatting comes back as it is."""
    if not _FORMATTED.search(text):
        return text
    reader = _PlainText()
    reader.feed(text)
    reader.close()
    return "".join(reader.parts)


def note_lines(note: FoundRecord) -> tuple[str, ...]:
    """Return a note as lines: its subject, its text, and the name of what is attached; none for an empty one."""
    text = text_lines(plain_text(text_of(note, "notetext")), COMMENT_LENGTH)
    subject = text_lines(text_of(note, "subject"), COMMENT_LENGTH)
    if subject == text[: len(subject)]:
        subject = ()
    name = text_of(note, "filename")
    attached = text_lines(f"Attached in the CRM: {name}", COMMENT_LENGTH) if name else ()
    return (*subject, *text, *attached)
