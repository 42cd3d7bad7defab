"""The languages that are offered, and which of them a reader gets."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

SOURCE = "en_US"
"""The language in which texts are written; it needs no catalogue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language that can be chosen."""

    name: str
    """Language and territory, such as `nb_NO`."""
    caption: str
    """Its name in itself."""

    @property
    def tag(self) -> str:
        """The name as HTML and HTTP write it, such as `nb-NO`."""
        return self.name.replace("_", "-")


LANGUAGES: tuple[Language, ...] = (
    Language(name="en_US", caption="English (United States)"),
    Language(name="en_NZ", caption="English (New Zealand)"),
    Language(name="es_MX", caption="español (México)"),
    Language(name="ru_RU", caption="русский (Россия)"),
    Language(name="nb_NO", caption="norsk bokmål (Norge)"),
    Language(name="fi_FI", caption="suomi (Suomi)"),
)
TRANSLATED = tuple(each.name for each in LANGUAGES if not each.name.startswith("en_"))
"""The languages into which every text is translated."""

_OFFERED = {each.name.lower(): each.name for each in LANGUAGES}
_OF_LANGUAGE = {
    "en": "en_US",
    "es": "es_MX",
    "ru": "ru_RU",
    "nb": "nb_NO",
    "no": "nb_NO",
    "nn": "nb_NO",
    "fi": "fi_FI",
}
_LIKE_NEW_ZEALAND = {"en_au", "en_gb", "en_ie", "en_in", "en_za"}
"""English with the day before the month."""
_RANGE = re.compile(
    r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*[qQ]\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?$"
)
_LONGEST_HEADER = 1000


def offered(wish: str) -> str | None:
    """Return the offered language that serves a wish such as `nb`, `nn-NO`, `es_ES.UTF-8` best, or None."""
    name = re.split(r"[.@]", wish.strip(), maxsplit=1)[0].replace("-", "_").lower()
    if name in _OFFERED:
        return _OFFERED[name]
    if name in _LIKE_NEW_ZEALAND:
        return "en_NZ"
    return _OF_LANGUAGE.get(name.split("_", maxsplit=1)[0])


def negotiate(chosen: str = "", accept_language: str = "") -> str:
    """Return the language of a reader: the chosen one, else the browser's first that is offered, else English."""
    wishes = [chosen, *_wishes(accept_language)] if chosen else _wishes(accept_language)
    return first_offered(wishes)


def first_offered(wishes: Iterable[str]) -> str:
    """Return what serves the first wish that can be served, else English."""
    return next((name for wish in wishes if (name := offered(wish)) is not None), SOURCE)


def _wishes(header: str) -> Iterator[str]:
    """Yield the languages of an Accept-Language header, the dearest first; what can't be read is passed over."""
    found = [_RANGE.match(part) for part in header[:_LONGEST_HEADER].split(",")]
    weighed = [(float(match[2] or 1), match[1]) for match in found if match is not None]
    wanted = [wish for wish in weighed if wish[0] > 0 and wish[1] != "*"]
    yield from (name for _, name in sorted(wanted, key=lambda wish: -wish[0]))
