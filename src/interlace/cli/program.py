"""The command line: its commands, and how an ended command becomes an exit code."""

import sys
from collections.abc import Sequence
from importlib import metadata
from typing import Annotated

import typer

# Typer carries a command-line library of its own and publishes only some of its exceptions.
from typer._click.exceptions import ClickException

from interlace.cli.asking import NO_INPUT, ask_nothing, asking
from interlace.cli.command_list import ProgramGroup
from interlace.cli.exit_codes import ExitCode
from interlace.cli.help_texts import HELP_OPTIONS, say_own_help
from interlace.cli.spoken import VARIABLE, said, speak, speaking
from interlace.locale.languages import offered
from interlace.locale.translatable import translatable

program = typer.Typer(
    name="interlace",
    cls=ProgramGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": HELP_OPTIONS},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"interlace {metadata.version('interlace')}\n")
        raise typer.Exit


@program.callback()
def interlace(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version and end.", is_eager=True, callback=_show_version),
    ] = False,
    language: Annotated[
        str,
        typer.Option(
            help=f"Language of tables and messages, such as nb-NO (also {VARIABLE}).", show_default=False
        ),
    ] = "",
    no_input: Annotated[
        bool,
        typer.Option(
            NO_INPUT, help="Never ask: what would be asked is refused. It may stand anywhere in the line."
        ),
    ] = False,
) -> None:
    """Keeps an ERP (Dynamics NAV / Business Central) and a CRM (Dynamics 365 Sales) in step."""
    if language:
        speak(language)
    if no_input:
        ask_nothing()


def run_program(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code; problems are told in words, never as a traceback."""
    with speaking(), asking():
        return _run(arguments)


def _run(arguments: Sequence[str]) -> int:
    _speak_early(arguments)
    command = typer.main.get_command(program)
    say_own_help(command)
    try:
        result = command.main(args=list(arguments), prog_name="interlace", standalone_mode=False)
    except typer.Exit as end:
        # Typer turns Ctrl-C into this end; who pressed it wants to know what becomes of the rest.
        return _stopped() if end.exit_code == ExitCode.INTERRUPTED else end.exit_code
    except typer.Abort:
        return _say(translatable("Stopped."), ExitCode.INTERRUPTED)
    except ClickException as problem:
        # Few command lines are wrong: the others do without what says so.
        from interlace.cli.wrong_line import show_wrong_line

        if told := show_wrong_line(problem):
            sys.stderr.write(told + "\n")
        return ExitCode.CONFIGURATION
    except KeyboardInterrupt:
        return _stopped()
    except BrokenPipeError:
        return ExitCode.OK
    except Exception as problem:
        # What can fail is known to modules that most commands do without.
        from interlace.cli import failures

        if (known := failures.told(problem)) is None:
            raise
        return _say(*known)
    return result if isinstance(result, int) else ExitCode.OK


def _speak_early(arguments: Sequence[str]) -> None:
    """Speak a known language before the help is made; one that isn't offered is refused when its option is read."""
    for place, each in enumerate(arguments):
        name, _, value = each.partition("=")
        if name == "--language":
            wanted = value or next(iter(arguments[place + 1 :]), "")
            if offered(wanted) is not None:
                speak(wanted)
        elif not each.startswith("-"):
            return


def _stopped() -> int:
    return _say(translatable("Stopped. What is unfinished goes on at the next start."), ExitCode.INTERRUPTED)


def _say(text: str, code: ExitCode) -> int:
    sys.stderr.write(said(text) + "\n")
    return code
