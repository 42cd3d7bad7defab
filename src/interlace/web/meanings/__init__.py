"""What the captions of pages mean: one caption means the same wherever it stands, and is shown as its tooltip."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, tzinfo
from typing import Final

from interlace.ui.words import Words, words_of
from interlace.web.meanings.of_actions import ACTIONS
from interlace.web.meanings.of_columns import COLUMNS
from interlace.web.meanings.of_facts import FACTS

MEANINGS: Final[Mapping[str, str]] = {**ACTIONS, **COLUMNS, **FACTS}
"""By the English caption."""


def explaining_words(language: str = "", time_zone: tzinfo = UTC) -> Words:
    """Return the words of a language, whose captions bring their meanings along."""
    return replace(words_of(language, time_zone), meanings=MEANINGS)
