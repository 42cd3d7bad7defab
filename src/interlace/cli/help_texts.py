"""What `--help` says, in the language of the command: taken from what each command and option says of itself."""

from collections.abc import Iterator
from types import MethodType
from typing import Final

# Typer carries a command-line library of its own and publishes only some of its classes.
from typer._click.core import Command, Context
from typer._click.decorators import help_option
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from interlace.cli.spoken import said, t, words
from interlace.locale.languages import SOURCE
from interlace.locale.translatable import translatable

_EXAMPLE: Final = "Example: "
_USAGE: Final = "Usage: "
_ARGUMENTS: Final = translatable("Arguments")
_OPTIONS: Final = translatable("Options")
_COMMANDS: Final = translatable("Commands")
HELP_OPTIONS: Final = ["-h", "--help"]
# What the library says of the option, for the catalogues.
translatable("Show this message and exit.")


def help_texts(command: Command) -> Iterator[str]:
    """Yield all that a command and those below it say of themselves, paragraph by paragraph."""
    for text in _said(command):
        for paragraph in text.split("\n\n"):
            if not _is_example(paragraph):
                yield _unwrapped(paragraph)
    if isinstance(command, TyperGroup):
        for each in command.commands.values():
            yield from help_texts(each)


def say_help(command: Command) -> None:
    """Let a command and those below it say what they are for in the language at hand."""
    say_own_help(command)
    if isinstance(command, TyperGroup):
        for below in command.commands.values():
            say_help(below)


def say_own_help(command: Command) -> None:
    """Let one command say what it is for, how it is typed, and what its options and arguments are."""
    if words().name == SOURCE:
        return
    command.get_usage = MethodType(_said_usage, command)  # type: ignore[method-assign]  # as the library allows
    # The option that shows the help is made by the library, in English, unless the command has it already.
    help_option(HELP_OPTIONS)(command)
    command.help = _translated(command.help)
    command.short_help = _translated(command.short_help)
    if isinstance(command, TyperCommand | TyperGroup):
        command.rich_help_panel = said(_COMMANDS)
    for each in command.params:
        if isinstance(each, TyperOption | TyperArgument):
            each.help = _translated(each.help)
            each.rich_help_panel = said(_ARGUMENTS if isinstance(each, TyperArgument) else _OPTIONS)


def usage_of(context: Context) -> str:
    """Return how a command is typed, without a word before it."""
    return type(context.command).get_usage(context.command, context).removeprefix(_USAGE)


def _said_usage(_command: Command, context: Context) -> str:
    return t("Usage: {usage}", usage=usage_of(context))


def _said(command: Command) -> Iterator[str]:
    parts = [command.help, command.short_help]
    parts += [each.help for each in command.params if isinstance(each, TyperOption | TyperArgument)]
    yield from (part for part in parts if part)


def _translated(text: str | None) -> str | None:
    if not text:
        return text
    return "\n\n".join(map(_paragraph, text.split("\n\n")))


def _paragraph(paragraph: str) -> str:
    if not _is_example(paragraph):
        return said(_unwrapped(paragraph))
    lines = paragraph.split("\n")
    shown = [
        t("Example: {command}", command=line.removeprefix(_EXAMPLE)) if line.startswith(_EXAMPLE) else line
        for line in lines
    ]
    return "\n".join(shown)


def _is_example(paragraph: str) -> bool:
    """Tell whether a paragraph shows a command, which is the same in every language."""
    return paragraph.startswith((_EXAMPLE, "    "))


def _unwrapped(paragraph: str) -> str:
    return " ".join(paragraph.split())
