"""The catalogues of translated texts, read from the package once each."""

import functools
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from interlace.locale.languages import LANGUAGES, SOURCE

FILE = "interlace.po"
PLURAL_FORMS: Mapping[str, tuple[str, ...]] = {
    "en": ("one", "other"),
    "es": ("one", "other"),
    "fi": ("one", "other"),
    "nb": ("one", "other"),
    "ru": ("one", "few", "many"),
}
"""The plural forms of each language's whole numbers by their names in CLDR, in the order of the catalogues."""

Catalogue = Mapping[tuple[str, str], tuple[str, ...]]
"""Translations by context (blank: none) and English text; several for the forms of a plural."""

EMPTY: Catalogue = MappingProxyType({})


@functools.cache
def catalogue(language: str) -> Catalogue:
    """Return the translations of an offered language; the source language has none."""
    assert language in {each.name for each in LANGUAGES}, f"{language} is not offered"
    if language == SOURCE:
        return EMPTY
    file = resources.files("interlace.locale").joinpath(language, "LC_MESSAGES", FILE)
    if not file.is_file():
        return EMPTY
    with file.open("rb") as opened:
        return translations(read_po(opened, locale=language, abort_invalid=True))


def translations(read: Catalog) -> Catalogue:
    """Return what a catalogue translates; texts without a translation are left out."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for message in read:
        source = message.id if isinstance(message.id, str) else message.id[0]
        said = [message.string] if isinstance(message.string, str) else list(message.string or ("",))
        forms = tuple(form for form in said if form)
        if source and forms and len(forms) == len(said) and not message.fuzzy:
            found[message.context or "", source] = forms
    return MappingProxyType(found)
