"""Asks before something is taken away; never where nobody can answer."""

import sys

import typer

from interlace.bootstrap.connection_settings import ConnectionProblem


def require_consent(question: str, *, given: bool) -> None:
    """Go on only if a person agrees or --yes was given; raises Abort, or ConnectionProblem without a terminal."""
    if given:
        return
    if not sys.stdin.isatty():
        msg = f"{question} Nobody can answer here: repeat the command with --yes if that is what you want."
        raise ConnectionProblem(msg)
    typer.confirm(question, abort=True, err=True)
