"""Which language a reader gets."""

import pytest

from interlace.locale.languages import LANGUAGES, negotiate, offered


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ("nb_NO", "nb_NO"),
        ("nb", "nb_NO"),
        ("no", "nb_NO"),
        ("nn-NO", "nb_NO"),
        ("es-419", "es_MX"),
        ("es_ES.UTF-8", "es_MX"),
        ("ru_RU.KOI8-R", "ru_RU"),
        ("fi@euro", "fi_FI"),
        ("EN-us", "en_US"),
        ("en-GB", "en_NZ"),
        ("en-NZ", "en_NZ"),
        ("en", "en_US"),
        ("de-DE", None),
        ("C.UTF-8", None),
        ("", None),
        ("../../etc", None),
    ],
)
def test_a_wish_is_served_by_the_nearest_language(wish: str, language: str | None) -> None:
    """Spellings of browsers and of environment variables both mean a language; foreign ones mean none."""
    assert offered(wish) == language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fi-FI,fi;q=0.9,en;q=0.8", "fi_FI"),
        ("de;q=0.9, ru;q=0.4, es;q=0.7", "es_MX"),
        ("ru;q=0, nb;q=0.1", "nb_NO"),
        ("*", "en_US"),
        ("", "en_US"),
        ("ru;q=nonsense, fi", "fi_FI"),
        ("x" * 100_000, "en_US"),
    ],
)
def test_the_browser_names_its_languages_by_weight(header: str, language: str) -> None:
    """The dearest offered language counts; what can't be read is passed over."""
    assert negotiate("", header) == language


def test_what_the_user_has_chosen_goes_before_the_browser() -> None:
    """A language that is no longer offered leaves it to the browser."""
    assert negotiate("ru_RU", "fi") == "ru_RU"
    assert negotiate("tlh", "fi") == "fi_FI"


def test_every_language_names_itself() -> None:
    """A reader finds his language in a list of languages that he doesn't know."""
    assert len({language.caption for language in LANGUAGES}) == len(LANGUAGES)
    assert [language.tag for language in LANGUAGES][:2] == ["en-US", "en-NZ"]
