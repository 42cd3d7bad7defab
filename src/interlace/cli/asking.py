"""All that is ever asked at the terminal; nothing is where nobody can answer, or --no-input says that nobody will."""

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import typer

NO_INPUT = "--no-input"
_IS_SILENT: ContextVar[bool] = ContextVar("is_silent", default=False)


@contextmanager
def asking() -> Iterator[None]:
    """Ask for one command line, until it says otherwise."""
    before = _IS_SILENT.set(False)
    try:
        yield
    finally:
        _IS_SILENT.reset(before)


def ask_nothing() -> None:
    """Ask nothing more in this command line."""
    _IS_SILENT.set(True)


def may_ask() -> bool:
    """Tell whether somebody can answer; who may not ask says how the answer is given instead."""
    return not _IS_SILENT.get() and sys.stdin.isatty()


def confirm(question: str, *, default: bool | None = False, abort: bool = False) -> bool:
    """Ask for yes or no; with `abort` a no ends the command."""
    assert may_ask()
    return bool(typer.confirm(question, default=default, abort=abort, err=True))


def prompt(question: str, default: str) -> str:
    """Ask for a text; blank takes the default."""
    assert may_ask()
    return str(typer.prompt(question, default=default, show_default=bool(default), err=True))


def prompt_secret(question: str) -> str:
    """Ask without showing what is typed; it may be blank."""
    assert may_ask()
    return getpass.getpass(f"{question}: ")


def prompt_new_secret(question: str) -> str:
    """Ask twice without showing what is typed, until both are the same and not blank."""
    assert may_ask()
    return str(typer.prompt(question, hide_input=True, confirmation_prompt=True, err=True))
