"""Which passwords are taken (requirement A4)."""

import re
from pathlib import Path

import pytest

from interlace.management.passwords import LENGTH_MAX, problem_with

_GOOD = "seven quiet otters"
_PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "users-and-keys.md"


def test_security_a4_the_words_that_people_read_of_are_refused() -> None:
    """Each name that the documentation says may not make up a password is refused, however it is filled up."""
    told = re.search(r"one of ((?:`[a-z ]+`[,\s]*(?:and\s)?)+)\.", _PAGE.read_text(encoding="utf-8"))
    assert told is not None
    words = re.findall("`([^`]+)`", told[1])
    assert len(words) == 6
    for each in words:
        assert "mostly a name" in problem_with(f"{each}-2026-{each}"), each


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("elevenchars", "fewer than 12"),
        ("x" * (LENGTH_MAX + 1), "more than 128"),
        ("finalfantasy", "tried first"),
        ("FinalFantasy", "tried first"),
        ("password1234", "tried first"),
        ("!!password!!", "tried first"),
        ("qwertyqwerty", "tried first"),
        ("aaaaaaaaaaaa", "over and over"),
        ("abababababab", "over and over"),
        ("interlace123", "mostly a name"),
        ("Dynamics-365-1", "mostly a name"),
    ],
)
def test_security_a4_what_everybody_would_try_is_refused(password: str, told: str) -> None:
    """Short, endless, common and repeated passwords and those of the product are refused."""
    assert told in problem_with(password)


@pytest.mark.parametrize(
    "password",
    [
        _GOOD,
        "correct horse battery",
        "пароль из многих слов",
        "  leading blanks count  ",
        "738192837461",
        "x" + _GOOD * 7,
        "this phrase holds password in it",
    ],
)
def test_security_a4_long_ones_of_any_signs_are_taken(password: str) -> None:
    """No rule asks for digits, capitals or signs, and none forbids any script or blank."""
    assert problem_with(password) == ""


def test_security_a4_ones_own_names_are_refused() -> None:
    """A password that is little else than the name of its user is refused, for others it would do."""
    assert problem_with("Ingrid.Solheim1", ("ingrid", "Ingrid Solheim")) != ""
    assert problem_with("Ingrid.Solheim1", ("tane", "Tane Parata")) == ""


def test_security_a4_a_name_inside_a_longer_phrase_is_let_be() -> None:
    """A password that holds a name besides enough of its own is taken."""
    assert problem_with("ingrid likes nine crows", ("ingrid",)) == ""
