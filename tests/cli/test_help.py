"""`--help` speaks the language of the command."""

import pytest

from interlace.cli.program import run_program


@pytest.mark.parametrize("arguments", [["--help"], ["orders", "-h"], ["synch", "-h"]])
@pytest.mark.parametrize(
    ("language", "words"),
    [("ru-RU", "Параметры"), ("es-MX", "Opciones"), ("nb-NO", "Alternativer"), ("fi-FI", "Valitsimet")],
)
def test_help_speaks_the_language_that_is_asked_for(
    capsys: pytest.CaptureFixture[str], language: str, words: str, arguments: list[str]
) -> None:
    """What commands and options are for, and the captions; never what they are called."""
    assert run_program(arguments) == 0
    english = capsys.readouterr().out
    assert run_program(["--language", language, *arguments]) == 0
    shown = capsys.readouterr().out
    assert words in shown
    assert " Options " in english
    assert " Options " not in shown
    assert "--help" in shown
    assert "Usage:" in english
    assert "Usage:" not in shown
    assert english.count(" [OPTIONS]") == shown.count(" [OPTIONS]")


def test_examples_stay_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever copies them runs them."""
    assert run_program(["--language=nb-NO", "demo", "--help"]) == 0
    assert "Eksempel: interlace demo --once --customers 200" in capsys.readouterr().out


def test_a_language_that_is_not_offered_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """It is named with those that are."""
    assert run_program(["--language", "xx", "jobs"]) == 4
    assert "nb-NO" in capsys.readouterr().err
