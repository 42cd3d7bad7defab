"""What is wrong with a command line, in the language of the command: the library that reads it says it in English.

What it says is recognized by its words; what isn't recognized stays as it is.
"""

import re
from typing import Final

# Typer carries a command-line library of its own and publishes only some of its classes.
from typer._click.exceptions import (
    BadParameter,
    ClickException,
    MissingParameter,
    NoArgsIsHelpError,
    NoSuchOption,
    UsageError,
)

from interlace.cli.help_texts import usage_of
from interlace.cli.spoken import said, t, words
from interlace.locale.languages import SOURCE
from interlace.locale.translatable import Sentence, as_sentence, translatable

_KINDS: Final = {
    "argument": (
        translatable("The argument {name} is missing."),
        translatable("The argument {name} is missing. Choose from: {choices}"),
    ),
    "option": (
        translatable("The option {name} is missing."),
        translatable("The option {name} is missing. Choose from: {choices}"),
    ),
}
_RULES: Final = (
    (r"Missing command\.", translatable("The command is missing.")),
    (r"No such command (?P<name>'.*')\.", translatable("There is no command {name}.")),
    (
        r"No such command (?P<name>'.*')\. Did you mean (?P<others>.*)\?",
        translatable("There is no command {name}. Did you mean {others}?"),
    ),
    (r"No such option: (?P<name>\S+)", translatable("There is no option {name}.")),
    (r"Option (?P<name>'.*') requires an argument\.", translatable("The option {name} needs a value.")),
    (
        r"Option (?P<name>'.*') requires (?P<count>\d+) arguments\.",
        translatable("The option {name} needs {count} values."),
    ),
    (r"Option (?P<name>'.*') does not take a value\.", translatable("The option {name} takes no value.")),
    (
        r"Got unexpected extra argument\(s\) \((?P<arguments>.*)\)",
        translatable("There are arguments too many: {arguments}"),
    ),
    (r"(?P<value>'.*') is not one of (?P<choices>.*)\.", translatable("{value} is none of {choices}.")),
    (r"Input should be a valid integer\b.*", translatable("it must be a whole number.")),
    (r"Input should be a valid number\b.*", translatable("it must be a number.")),
    (r"Input should be a valid boolean\b.*", translatable("it must be true or false.")),
    (
        r"Input should be greater than or equal to (?P<limit>.+)",
        translatable("it must be at least {limit}."),
    ),
    (r"Input should be less than or equal to (?P<limit>.+)", translatable("it must be at most {limit}.")),
    (r"Input should be greater than (?P<limit>.+)", translatable("it must be more than {limit}.")),
    (r"Input should be less than (?P<limit>.+)", translatable("it must be less than {limit}.")),
    (r"(?:File|Directory|Path) (?P<path>.+) does not exist\.", translatable("{path} does not exist.")),
    (r"(?:File|Directory|Path) (?P<path>.+) is a file\.", translatable("{path} is a file.")),
    (r"(?:File|Directory|Path) (?P<path>.+) is a directory\.", translatable("{path} is a directory.")),
    (r"(?:File|Directory|Path) (?P<path>.+) is not readable\.", translatable("{path} can't be read.")),
    (r"(?:File|Directory|Path) (?P<path>.+) is not writable\.", translatable("{path} can't be written.")),
    (
        r"(?P<value>'.*') does not match the formats (?P<formats>.*)\.",
        translatable("{value} is not written like one of {formats}."),
    ),
)


def show_wrong_line(problem: ClickException) -> str:
    """Return what is to be written of a command line that can't be carried out; blank: it is written already."""
    if words().name == SOURCE or isinstance(problem, NoArgsIsHelpError):
        problem.show()
        return ""
    told = t("Error: {problem}", problem=_problem(problem))
    context = problem.ctx if isinstance(problem, UsageError) else None
    if context is None:
        return told
    tried = f"{context.command_path} {context.help_option_names[0]}"
    return "\n".join(
        (
            t("Usage: {usage}", usage=usage_of(context)),
            t("Try `{command}` for help.", command=tried),
            "",
            told,
        )
    )


def _problem(problem: ClickException) -> Sentence | str:
    match problem:
        case MissingParameter():
            return _missing(problem)
        case BadParameter():
            return _wrong_value(problem)
        case NoSuchOption(possibilities=[_, *_] as possible):
            return translatable(
                "There is no option {name}. Possible are {others}.",
                name=problem.option_name,
                others=", ".join(sorted(possible)),
            )
        case _:
            return recognized(problem.message)


def _missing(problem: MissingParameter) -> Sentence | str:
    kind = problem.param_type or (problem.param.param_type_name if problem.param is not None else "")
    if kind not in _KINDS:
        return problem.format_message()
    alone, with_choices = _KINDS[kind]
    extra = problem.param.get_missing_message(ctx=problem.ctx) if problem.param is not None else ""
    if not extra:
        return translatable(alone, name=_name(problem))
    choices = ", ".join(extra.partition(":")[2].replace(",", " ").split())
    return translatable(with_choices, name=_name(problem), choices=choices)


def _wrong_value(problem: BadParameter) -> Sentence | str:
    name, why = _name(problem), recognized(problem.message)
    return (
        translatable("The value of {name} is wrong: {why}", name=name, why=as_sentence(why)) if name else why
    )


def _name(problem: BadParameter) -> str:
    hint = problem.param_hint
    if hint is None and problem.param is not None:
        hint = problem.param.get_error_hint()
    return hint if isinstance(hint, str) else " / ".join(map(repr, hint or ()))


def recognized(message: str) -> Sentence | str:
    """Return a message of the library as one of ours; ours, and one that isn't known, as it is."""
    if isinstance(message, Sentence):
        return message
    for pattern, text in _RULES:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found:
            return Sentence(text, found.groupdict())
    return said(message)
