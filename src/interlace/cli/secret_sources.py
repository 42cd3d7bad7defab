"""Where credentials come from: a file, standard input or the environment, never the command line itself."""

import os
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.secret_sources import SOURCES
from interlace.bootstrap.setup.answers import one_from_input
from interlace.locale.translatable import as_sentence, joined, translatable

STANDARD_INPUT = "-"


def given_secrets(files: Mapping[str, str | None]) -> dict[str, str]:
    """Return the credentials that were given, by secret name; raises ConnectionProblem for one that can't be read.

    `files` names the file of each secret; a file beats the environment.
    """
    from_input = [source.option for source in SOURCES if files.get(source.secret) == STANDARD_INPUT]
    if len(from_input) > 1:
        raise ConnectionProblem(one_from_input(from_input))
    given = {}
    for source in SOURCES:
        file = files.get(source.secret)
        text = (
            os.environ.get(source.variable, "")
            if file is None
            else read_secret_file(source.caption, source.option, file)
        )
        if text.strip():
            given[source.secret] = text.strip()
    return given


def require_all(given: Mapping[str, str], needed: Collection[str]) -> None:
    """Raise ConnectionProblem that names each needed credential that is missing and how to give it."""
    missing = [
        translatable(
            "Not given: {credential}. Give it with {option} FILE ('-' reads standard input), or in the environment "
            "variable {variable}.",
            credential=as_sentence(source.caption),
            option=source.option,
            variable=source.variable,
        )
        for source in SOURCES
        if source.secret in needed and source.secret not in given
    ]
    if missing:
        raise ConnectionProblem(joined(missing, "\n"))


def read_secret_file(caption: str, option: str, file: str) -> str:
    """Return what a file holds, or standard input; raises ConnectionProblem for one that can't be read or is blank."""
    try:
        text = sys.stdin.read() if file == STANDARD_INPUT else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise ConnectionProblem(
            translatable(
                "{secret} can't be read from {file}: {problem}. Name another file with {option}.",
                secret=as_sentence(caption),
                file=file,
                problem=str(problem),
                option=option,
            )
        ) from problem
    if not text.strip():
        raise ConnectionProblem(
            translatable(
                "{secret}: {file} is blank. Name another file with {option}.",
                secret=as_sentence(caption),
                file=file,
                option=option,
            )
        )
    return text
