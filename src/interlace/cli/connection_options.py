"""Options of `interlace connection add` and `change`, made of the declared questions; and what given ones tell."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, TypeAlias
from urllib.parse import urlsplit

import typer

from interlace.bootstrap.connection_settings import is_this_machine
from interlace.bootstrap.setup.question import AnswerKind, Question
from interlace.bootstrap.setup.questions import QUESTIONS

Name: TypeAlias = Annotated[str, typer.Argument(help="Name of the connection.", show_default=False)]
OptionalName: TypeAlias = Annotated[
    str | None, typer.Argument(help="Connection; needed only if there are several.", show_default=False)
]

_DECLARED: Sequence[Question] = tuple(each for each in QUESTIONS if each.option)
Told: TypeAlias = dict[str, str | bool | None]
"""What a command was given, by the parameters of its options; None: not given."""


def with_options(*, required: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command an option for each question that declares one; they come as its keyword arguments.

    `required`: what every connection needs must be given.
    """

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        name, *own = inspect.signature(command).parameters.values()
        # Typer reads a command's signature: this one has the declared options where the command has `**options`.
        command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [
                name,
                *_parameters(required=required),
                *(
                    each.replace(kind=inspect.Parameter.KEYWORD_ONLY)
                    for each in own
                    if each.kind is not inspect.Parameter.VAR_KEYWORD
                ),
            ]
        )
        return command

    return decorated


def _parameters(*, required: bool) -> list[inspect.Parameter]:
    return [
        inspect.Parameter(
            _parameter_name(each),
            inspect.Parameter.KEYWORD_ONLY,
            annotation=_annotation(each, is_needed=required and _is_always_needed(each)),
            default=inspect.Parameter.empty if required and _is_always_needed(each) else None,
        )
        for each in _DECLARED
    ]


def _parameter_name(question: Question) -> str:
    return question.option.removeprefix("--").replace("-", "_")


def _is_always_needed(question: Question) -> bool:
    return question.required and not question.ways


def _annotation(question: Question, *, is_needed: bool) -> object:
    name = question.option
    kind: object = str if is_needed else str | None
    metavar = question.metavar
    if question.kind is AnswerKind.FLAG:
        name, kind = f"{name}/--no-{name.removeprefix('--')}", bool | None
    elif question.kind in {AnswerKind.FILE, AnswerKind.SECRET_FILE}:
        metavar = "FILE"
    option = typer.Option(name, metavar=metavar, help=_help(question), show_default=False)
    return Annotated[kind, option]


def _help(question: Question) -> str:
    """Explain an option: what the set-up says, and what only the command line knows."""
    parts = [f"{question.caption}.", question.help]
    if question.choices:
        parts.append(f"One of: {', '.join(question.choices)}.")
    if question.metavar == "URL":
        parts.append(f"Such as {question.example}.")
    if question.variable:
        parts.append(f"'-' reads standard input. Else the environment variable {question.variable}.")
    return " ".join(parts)


def files_of_secrets(options: Told) -> dict[str, str | None]:
    """Return the file that was named for each secret."""
    return {each.secret: _text(options[_parameter_name(each)]) for each in _DECLARED if each.secret}


def settings_told(options: Told) -> dict[str, str]:
    """Return the settings that options give as they are; files by their whole path: commands run elsewhere, too."""
    told = {}
    for each in _DECLARED:
        text = _text(options[_parameter_name(each)])
        if text is not None and each.field:
            told[each.field] = absolute(text) if each.kind is AnswerKind.FILE else text.strip()
    return told


def flag_told(options: Told, field: str) -> bool | None:
    """Return what was said of a setting that is yes or no; None: nothing."""
    name = next(_parameter_name(each) for each in _DECLARED if each.field == field)
    held = options[name]
    return held if isinstance(held, bool) else None


def _text(held: str | bool | None) -> str | None:
    return held if isinstance(held, str) else None


def hosts_told(
    given: Mapping[str, str], *, erp_internal: bool | None, crm_internal: bool | None
) -> dict[str, bool]:
    """Tell which ends may lie inside: as was said, else as their given addresses say; nothing about ends not given."""
    told = {}
    for end, said in (("erp", erp_internal), ("crm", crm_internal)):
        address = given.get(f"{end}_address")
        if said is not None:
            told[f"{end}_internal_host"] = said
        elif address is not None:
            told[f"{end}_internal_host"] = is_this_machine(_host(address))
    return told


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def absolute(file: str) -> str:
    """Return a file's whole path; blank stays blank."""
    return str(Path(file).expanduser().absolute()) if file else file
