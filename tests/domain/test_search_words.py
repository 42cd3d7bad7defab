"""How texts are compared when a person looks for something."""

import unicodedata

import pytest

from interlace.domain.search_words import bare, has_words, search_words


@pytest.mark.parametrize(
    ("held", "typed"),
    [
        ("Müller & Söhne", "MULLER & SOHNE"),
        ("José", "jose"),
        ("Åse Øye", "ase oye"),
        ("Łódź", "lodz"),
        ("Straße", "STRASSE"),
        ("Артём", "артем"),
        ("Kjær", "kjaer"),
        ("Cannon", "cannon"),
    ],
)
def test_case_and_accents_do_not_matter(held: str, typed: str) -> None:
    """Whoever has no such letter on his keyboard finds the name, and the other way round."""
    assert bare(held) == bare(typed)


@pytest.mark.parametrize("name", ["Müller", "Ångström", "Café Ñandú", "한국", "Йошкар"])
def test_accents_apart_are_the_same_letters(name: str) -> None:
    """A name whose accents were stored as signs of their own is the name that is typed."""
    apart = unicodedata.normalize("NFD", name)
    assert apart != name
    assert bare(apart) == bare(name)


def test_different_letters_stay_different() -> None:
    """What is no accent is not taken away."""
    assert bare("Oslo") != bare("Osla")
    assert bare("한국") != bare("하구")


@pytest.mark.parametrize(
    ("typed", "fits"),
    [("synch review", True), ("REVIEW full", True), ("rev", True), ("review plan", False), ("", True)],
)
def test_every_word_must_stand_in_one_name(typed: str, fits: bool) -> None:  # noqa: FBT001 - of the table
    """In any order, and as a part of a word."""
    assert has_words(search_words(typed), ["Full Synch. Review", "Plans"]) is fits
