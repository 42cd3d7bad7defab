"""What a person answered: from a TOML file whose secrets are references to other files, or at prompts."""

import difflib
import os
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.setup.question import Answer, AnswerKind, Question
from interlace.bootstrap.setup.questions import BY_KEY
from interlace.locale.translatable import as_sentence, joined, text_of, translatable
from interlace.management.entered_secrets import wipe

NAME_KEY = "connection.name"
STANDARD_INPUT = "-"
_FLAGS = dict.fromkeys(("1", "true", "on", "yes"), True) | dict.fromkeys(("0", "false", "off", "no"), False)
_WANTED = {
    AnswerKind.FLAG: translatable("{key} must be true or false."),
    AnswerKind.NAMES: translatable('{key} must be a list of names in quotation marks, such as ["CURRENCY"].'),
    AnswerKind.TEXT: translatable("{key} must be a text in quotation marks."),
    AnswerKind.FILE: translatable("{key} must be the name of a file in quotation marks."),
    AnswerKind.SECRET_FILE: translatable("{key} must be the name of a file in quotation marks."),
}
_INLINE = ("secret", "password", "key", "certificate")
"""Last parts of keys under which somebody might write a secret itself."""


@dataclass(slots=True)
class Answers:
    """Answers by key; those with secrets name a file, which is read when the secret is needed."""

    values: dict[str, Answer] = field(default_factory=dict)
    name: str = ""
    """Name of the connection; blank: not said."""
    directory: Path = field(default_factory=Path)
    """Where relative file names begin."""
    typed: dict[str, bytearray] = field(default_factory=dict)
    """Secrets that were typed in instead of being kept in files; each is given out once."""

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read an answers file; raises ConnectionProblem that names every key that can't be used."""
        try:
            tree = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
            raise ConnectionProblem(
                translatable(
                    "The answers file {file} can't be read: {problem}. Correct it, or name another one.",
                    file=str(file),
                    problem=str(problem),
                )
            ) from problem
        values: dict[str, Answer] = {}
        problems: list[str] = []
        name = ""
        for key, value in _flat(tree):
            if key == NAME_KEY and isinstance(value, str):
                name = value.strip()
                continue
            try:
                values[key] = parsed(_known(key), value)
            except ConnectionProblem as problem:
                problems.append(text_of(problem))
        from_input = [key for key, value in values.items() if value == STANDARD_INPUT]
        if len(from_input) > 1:
            problems.append(one_from_input(from_input))
        if problems:
            unusable = translatable("The answers file {file} can't be used:", file=str(file))
            raise ConnectionProblem(joined([unusable, *problems], between="\n"))
        return cls(values=values, name=name, directory=file.absolute().parent)

    def take(self, given: str) -> None:
        """Take an answer that stands as KEY=VALUE, in the place of what a file says; raises ConnectionProblem."""
        key, equals, text = given.partition("=")
        if not equals:
            raise ConnectionProblem(
                translatable(
                    "{given} is no answer. Write it as KEY=VALUE, such as erp.company=CRONUS.", given=given
                )
            )
        if key == NAME_KEY:
            self.name = text.strip()
        else:
            self.values[key] = from_text(_known(key), text)

    def text(self, key: str) -> str:
        """Return an answer that is a text, or its default."""
        return str(self.values.get(key, BY_KEY[key].default)).strip()

    def flag(self, key: str) -> bool:
        """Return an answer that is yes or no, or its default."""
        return bool(self.values.get(key, BY_KEY[key].default))

    def names(self, key: str) -> tuple[str, ...]:
        """Return an answer that is a list of names, or its default."""
        held = self.values.get(key, BY_KEY[key].default)
        return held if isinstance(held, tuple) else ()

    def secret(self, question: Question) -> bytearray | None:
        """Read a secret from the file that an answer names, as bytes that can be wiped; None: nothing was answered.

        Raises ConnectionProblem for a file that can't be read or is blank.
        """
        if question.key in self.typed:
            return self.typed.pop(question.key)
        named = self.text(question.key)
        if not named:
            return None
        held = bytearray()
        try:
            if named == STANDARD_INPUT:
                held = _all_of(sys.stdin.fileno())
            else:
                descriptor = os.open(self.directory / Path(named).expanduser(), os.O_RDONLY)
                try:
                    held = _all_of(descriptor)
                finally:
                    os.close(descriptor)
        except OSError as problem:
            raise ConnectionProblem(
                translatable(
                    "{secret} can't be read from {file}: {problem}. Name another file under {key}.",
                    secret=as_sentence(question.caption),
                    file=named,
                    problem=str(problem.strerror or problem),
                    key=question.key,
                )
            ) from problem
        while held.endswith((b"\n", b"\r", b" ")):
            del held[-1]
        if not held:
            raise ConnectionProblem(
                translatable(
                    "{secret}: {file} is blank. Name another file under {key}.",
                    secret=as_sentence(question.caption),
                    file=named,
                    key=question.key,
                )
            )
        return held

    def wipe(self) -> None:
        """Wipe the secrets that were typed in and not given out."""
        while self.typed:
            wipe(self.typed.popitem()[1])


def one_from_input(named: Sequence[str]) -> str:
    """Say that standard input can be only one of several."""
    return translatable("Only one of these can be read from standard input: {named}.", named=", ".join(named))


def from_text(question: Question, text: str) -> Answer:
    """Return the answer that a text gives, be it typed or sent by a page; raises ConnectionProblem."""
    if question.kind is AnswerKind.FLAG:
        word = text.strip().casefold()
        return parsed(question, _FLAGS.get(word, word))
    if question.kind is AnswerKind.NAMES:
        return parsed(question, [each for line in text.splitlines() for each in line.split(",")])
    return parsed(question, text)


def parsed(question: Question, value: object) -> Answer:
    """Check an answer's kind and choice; raises ConnectionProblem naming what is allowed."""
    match question.kind:
        case AnswerKind.FLAG if isinstance(value, bool):
            return value
        case AnswerKind.NAMES if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tuple(each.strip() for each in value if each.strip())
        case AnswerKind.TEXT | AnswerKind.FILE | AnswerKind.SECRET_FILE if isinstance(value, str):
            text = value.strip()
            if question.choices and text not in question.choices:
                known = ", ".join(each or '""' for each in question.choices)
                raise ConnectionProblem(
                    translatable(
                        "{key} can't be '{text}'. Choose one of: {known}.",
                        key=question.key,
                        text=text,
                        known=known,
                    )
                )
            return text
    raise ConnectionProblem(translatable(_WANTED[question.kind], key=question.key))


def _all_of(descriptor: int) -> bytearray:
    """Read into bytes of our own: a buffered file would keep a copy that nobody wipes."""
    held, chunk = bytearray(), bytearray(65_536)
    while count := os.readv(descriptor, [chunk]):
        held += memoryview(chunk)[:count]
    chunk[:] = bytes(len(chunk))
    return held


def _flat(tree: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for section, values in tree.items():
        if not isinstance(values, Mapping):
            yield section, values
            continue
        for name, value in values.items():
            yield f"{section}.{name}", value


def _known(key: str) -> Question:
    question = BY_KEY.get(key)
    if question is not None:
        return question
    name = key.rpartition(".")[2]
    if name in _INLINE and f"{key}_file" in BY_KEY:
        raise ConnectionProblem(
            translatable(
                "{key}: a secret is never written into the answers file. Name a file that holds it with {key}_file.",
                key=key,
            )
        )
    similar = difflib.get_close_matches(key, [NAME_KEY, *BY_KEY], n=1)
    if similar:
        raise ConnectionProblem(
            translatable(
                "There is no answer '{key}'. Did you mean {similar}? `interlace setup --example-answers` lists all "
                "of them.",
                key=key,
                similar=similar[0],
            )
        )
    raise ConnectionProblem(
        translatable(
            "There is no answer '{key}'. `interlace setup --example-answers` lists all of them.", key=key
        )
    )
