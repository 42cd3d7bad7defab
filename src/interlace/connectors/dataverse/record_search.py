"""What the CRM is asked for records that a person looks for by a number or by a part of a name.

One filter does: it has alternatives of several columns, and the CRM compares without case.
"""

import unicodedata
from collections.abc import Sequence

from interlace.connectors.dataverse.tables import CrmTable
from interlace.connectors.query import any_call
from interlace.domain.search_words import has_words, search_words
from interlace.engine.ports import Record


def search_condition(table: CrmTable, text: str, names: Sequence[str], numbers: Sequence[str]) -> str:
    """Give a filter of the numbers, one of which begins so, or of the names, which together have every word."""
    begun = [any_call("startswith", table.column(number), _forms(text)) for number in numbers]
    words = (
        " or ".join(any_call("contains", table.column(name), _forms(word)) for name in names)
        for word in text.split()
    )
    held = [" and ".join(f"({each})" for each in words)] if names else []
    return " or ".join(f"({each})" for each in (*begun, *held))


def choices_with(choices: Sequence[Record], text: str) -> list[Record]:
    """Return the choices whose label has the words: there are few, and all of them have been read."""
    typed = search_words(text)
    return [each for each in choices if has_words(typed, [str(value) for value in each.values()])]


def _forms(text: str) -> list[str]:
    """Return a text with its accents put together, and apart."""
    return list(dict.fromkeys(unicodedata.normalize(form, text) for form in ("NFC", "NFD")))
