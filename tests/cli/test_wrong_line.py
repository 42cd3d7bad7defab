"""A wrong command line is told in the language of the command, whatever is wrong with it."""

import pytest

from interlace.cli.program import run_program

_WRONG = (
    ["ordrs"],
    ["orders", "sow"],
    ["orders", "list", "--foo"],
    ["orders", "list", "--limt", "3"],
    ["orders", "list", "--limit"],
    ["orders", "list", "--json=3"],
    ["orders", "list", "--limit", "many"],
    ["orders", "list", "--limit", "0"],
    ["serve", "--port", "99999"],
    ["orders", "show"],
    ["orders", "list", "extra", "word"],
    ["undo", "C00010", "--keep", "--yes"],
    ["remote", "no.operation"],
    ["sandbox", "erp-services", "publish"],
)
_LIBRARY = (
    "Usage",
    "Try ",
    "Error",
    "No such",
    "Missing",
    "Invalid",
    "Input should",
    "requires",
    "does not",
    "unexpected",
    "Choose",
    "Possible",
    "lists",
    "Name the",
)
"""Words of the English messages."""


@pytest.mark.parametrize("arguments", _WRONG, ids=" ".join)
def test_what_is_wrong_is_told_in_the_readers_language(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    """None of the English words is left, what was typed is named, and the exit code is the same."""
    code = run_program(arguments)
    english = capsys.readouterr().err
    assert any(word in english for word in _LIBRARY)
    for language, error in (
        ("ru-RU", "Ошибка:"),
        ("nb-NO", "Feil:"),
        ("es-MX", "Error:"),
        ("fi-FI", "Virhe:"),
    ):
        assert run_program(["--language", language, *arguments]) == code
        told = capsys.readouterr().err
        assert error in told
        assert [
            word for word in _LIBRARY if word in told.replace("COMMAND", "") and word != error.rstrip(":")
        ] == []


def test_what_helps_is_named_as_it_is_typed(capsys: pytest.CaptureFixture[str]) -> None:
    """Commands, options and values are never translated."""
    assert run_program(["--language=nb-NO", "orders", "list", "--limit", "0"]) == 4
    told = capsys.readouterr().err
    assert told == (
        "Bruk: interlace orders list [OPTIONS]\n"
        "Prøv `interlace orders list -h` for hjelp.\n"
        "\n"
        "Feil: Verdien av '--limit' er feil: den må være minst 1.\n"
    )
    assert run_program(["--language=ru-RU", "ordrs"]) == 4
    assert "Возможно, имелось в виду: 'orders'" in capsys.readouterr().err
