"""Texts that are kept with records and jobs are said in the reader's language, whenever that is."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlace.locale.kept_text import english_of, from_kept, to_kept
from interlace.locale.translatable import Amount, Sentence, joined, translatable
from interlace.ui.words import words_of

_TEXTS = st.text(alphabet='aÆя€"\\{}\x1e\n ', max_size=12)
_VALUES = st.one_of(
    _TEXTS,
    st.integers(min_value=-(2**53), max_value=2**53),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.builds(lambda text: Sentence("of {it}", {"it": text}), _TEXTS),
)


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), _VALUES))
def test_a_text_comes_back_as_it_was(values: dict[str, object]) -> None:
    """Pattern, values and the English text, but for the mark that separates them."""
    text = Sentence("{a} {b} {c}", {"a": 1, "b": 2, "c": 3, **values})  # type: ignore[dict-item]
    again = from_kept(to_kept(text))
    assert isinstance(again, Sentence)
    assert again == str(text).replace("\x1e", " ")
    assert again.pattern == text.pattern
    assert english_of(to_kept(text)) == again


def test_what_is_kept_is_said_in_the_readers_language() -> None:
    """Values are written as the language does, and texts in them are translated, too."""
    text = translatable(
        "{service} refused the {deed} of {record}: {said}. Correct the record; it is tried again by itself.",
        service="The ERP",
        deed=Sentence("update", {}),
        record="Customer 10000",
        said="too long",
    )
    read = from_kept(to_kept(text))
    assert words_of("en_US").t(read) == str(text)
    russian = words_of("ru_RU").t(read)
    assert russian != str(text)
    assert "Customer 10000" in russian
    assert "update" not in russian


@pytest.mark.parametrize(
    "value",
    [
        Decimal("1.50"),
        Amount("0.00000010"),
        date(2026, 1, 2),
        datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
        timedelta(minutes=3),
    ],
)
def test_values_keep_their_kind(value: Decimal | date | timedelta) -> None:
    """So that each language can write them its own way."""
    read = from_kept(to_kept(translatable("{value}", value=value)))
    assert isinstance(read, Sentence)
    assert read.values == {"value": value}
    assert type(read.values["value"]) is type(value)


def test_joined_texts_are_each_translated() -> None:
    """Ours in the reader's language, amounts with the decimals they have, others' words as they are."""
    of_amount = translatable("The order comes to {total}.", total=Amount("-1E+3"))
    text = from_kept(to_kept(joined((of_amount, "", "The order has no lines.", "said } {by the ERP"))))
    assert text == "The order comes to -1000. The order has no lines. said } {by the ERP"
    assert words_of("nb_NO").t(text) == (
        "Ordren kommer til -1\xa0000. Ordren har ingen linjer. said } {by the ERP"
    )
    assert joined((of_amount,)) is of_amount
    assert joined(()) == ""


@pytest.mark.parametrize(
    "kept", ["plain", "", "English\x1enot json", "English\x1e[1]", 'English\x1e["{a}",{}]']
)
def test_a_text_without_good_parts_stays_english(kept: str) -> None:
    """Older entries, what services said, and damage are shown as they are."""
    read = from_kept(kept)
    assert type(read) is str
    assert read == kept.partition("\x1e")[0]
    assert to_kept("plain\x1etext") == "plain text"
