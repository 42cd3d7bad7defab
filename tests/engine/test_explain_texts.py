"""Sentences of an explanation: whole ones, so that each language can say them its own way."""

import pytest

from interlace.domain.integration_field_mapping import Direction
from interlace.engine.explain_texts import direction_text, never_source_text
from interlace.lead_to_cash.mapping_names import CUSTOMER
from interlace.locale.translatable import Sentence


@pytest.mark.parametrize("direction", list(Direction))
def test_a_direction_is_told_in_words_not_by_its_name(direction: Direction) -> None:
    """The name is for programs, and in no language."""
    told = direction_text(CUSTOMER, direction)
    assert isinstance(told, Sentence)
    assert (told.startswith("CUSTOMER runs"), direction.value in told) == (True, False)
    assert never_source_text(CUSTOMER, direction).startswith(told)
