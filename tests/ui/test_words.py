"""Texts and values in the reader's language."""

import copy
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from interlace.locale.catalogues import Catalogue
from interlace.locale.translatable import translatable
from interlace.ui.words import ENGLISH, Words, words_of

_MOMENT = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)
_RUSSIAN: Catalogue = {
    ("", "Couple {name}"): ("Связать {name}",),
    ("", "{count} record"): ("{count} запись", "{count} записи", "{count} записей"),
    ("state", "Open"): ("Открыт",),
    ("", "Open"): ("Открыть",),
    ("", "Nothing"): ("Ничего",),
}


def _russian() -> Words:
    return Words(name="ru_RU", catalogue=_RUSSIAN, time_zone=ZoneInfo("Europe/Moscow"))


def _plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_english_needs_no_catalogue() -> None:
    """What the program says is shown as it is written, with its values."""
    assert ENGLISH.t("Couple {name}", name="<b>") == "Couple <b>"
    assert ENGLISH.n("{count} record", "{count} records", 1) == "1 record"
    assert ENGLISH.n("{count} record", "{count} records", 0) == "0 records"
    assert ENGLISH.c("state", "Open") == "Open"


def test_a_text_is_translated_before_its_values_are_filled_in() -> None:
    """A value that looks like a place for a value stays what it is."""
    assert _russian().t("Couple {name}", name="{count}") == "Связать {count}"
    assert _russian().t("Nobody translated this") == "Nobody translated this"
    assert _russian().pattern("Couple {name}") == "Связать {name}"


@pytest.mark.parametrize("words", [ENGLISH, _russian()])
def test_a_missing_value_is_an_error(words: Words) -> None:
    """No reader sees the place of a value."""
    with pytest.raises(KeyError):
        words.t("Couple {name}")
    with pytest.raises(KeyError):
        translatable("Couple {name}", number=1)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "1 запись"),
        (2, "2 записи"),
        (5, "5 записей"),
        (11, "11 записей"),
        (21, "21 запись"),
        (104, "104 записи"),
    ],
)
def test_a_number_takes_the_plural_form_of_the_language(count: int, said: str) -> None:
    """Russian has three forms."""
    assert _russian().n("{count} record", "{count} records", count) == said


def test_the_same_word_with_another_meaning_has_another_translation() -> None:
    """A state is no command."""
    assert _russian().c("state", "Open") == "Открыт"
    assert _russian().t("Open") == "Открыть"


def test_a_sentence_is_said_again_in_another_language() -> None:
    """A text with values in it keeps both, through copies and as a value of another text."""
    sentence = translatable("Couple {name}", name="Åse")
    assert sentence == "Couple Åse"
    assert _russian().t(copy.deepcopy(sentence)) == "Связать Åse"
    assert _russian().t("Couple {name}", name=sentence) == "Связать Связать Åse"
    assert translatable("Nothing") == "Nothing"


def test_values_are_written_as_the_language_does() -> None:
    """Numbers, dates, times and durations inside a text follow the reader's formats."""
    words = words_of("fi")
    assert _plain(words.t("{a}", a=12345)) == "12 345"
    assert words.t("{a}", a=Decimal("2.50")) == "2,5"
    assert words.t("{a}", a=date(2026, 2, 1)) == "1.2.2026"
    assert words.t("{a}", a=_MOMENT) == "21.11.2026 3.04"
    assert _plain(ENGLISH.t("{a}", a=timedelta(minutes=61))) == "1 h 1 min"
    assert words.t("{a}", a="007") == "007"


@pytest.mark.parametrize(
    ("language", "day", "moment", "money"),
    [
        ("en_US", "Nov 21, 2026", "Nov 21, 2026, 4:04 PM GMT+13:00", "1,234.50 EUR"),
        ("en_NZ", "21 Nov 2026", "21 Nov 2026, 4:04 pm GMT+13:00", "1,234.50 EUR"),
        ("es_MX", "21 nov 2026", "21 nov 2026, 4:04 p.m. GMT+13:00", "1,234.50 EUR"),
        ("ru_RU", "21 нояб. 2026 г.", "21 нояб. 2026 г., 16:04 GMT+13:00", "1 234,50 EUR"),
        ("nb_NO", "21. nov. 2026", "21. nov. 2026, 16:04 GMT+13:00", "1 234,50 EUR"),
        ("fi_FI", "21.11.2026", "21.11.2026 16.04 UTC+13:00", "1 234,50 EUR"),
    ],
)
def test_dates_times_and_money_by_language(language: str, day: str, moment: str, money: str) -> None:
    """A moment is shown in the reader's time zone; a day is a day everywhere."""
    words = words_of(language, ZoneInfo("Pacific/Auckland"))
    assert _plain(words.date(_MOMENT)) == _plain(words.date(date(2026, 11, 21))) == day
    assert _plain(words.datetime(_MOMENT, zone=True)) == moment
    assert _plain(words.money(Decimal("1234.5"), "EUR")) == money
    assert _plain(f"{words.money(Decimal('1234.5'))} EUR") == money


def test_times_numbers_and_spans() -> None:
    """The rest of what stands in lists."""
    assert _plain(ENGLISH.time(_MOMENT, seconds=True)) == "3:04:05 AM"
    assert words_of("nb").time(time(16, 4)) == "16:04"
    assert ENGLISH.number(Decimal("1234.567"), 2) == "1,234.57"
    assert ENGLISH.number(1234.5, 0) == "1,235"
    assert ENGLISH.percent(0.256) == "25.6%"
    assert ENGLISH.duration(timedelta(0)) == "0 s"
    assert ENGLISH.duration(timedelta(days=1, minutes=5)) == "1 d"
    assert ENGLISH.duration(timedelta(days=1, hours=5)) == "1 d 5 h"
    assert ENGLISH.relative(_MOMENT, _MOMENT + timedelta(minutes=50)) == "50 minutes ago"
    assert ENGLISH.relative(_MOMENT, _MOMENT - timedelta(hours=2)) == "in 2 hours"
    assert words_of("es").listed(["a", "b", "c"]) == "a, b y c"


def test_a_language_that_is_not_offered_is_english() -> None:
    """Nobody gets a half-translated page."""
    assert words_of("de_DE").name == "en_US"
    assert words_of("nn").language == "nb-NO"


def test_a_time_without_a_zone_is_refused() -> None:
    """It could mean anything."""
    with pytest.raises(AssertionError):
        ENGLISH.datetime(datetime(2026, 1, 1))  # noqa: DTZ001
