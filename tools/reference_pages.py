"""Write the reference pages of commands, settings, errors and the CRM solution from what the program declares.

Run it after a change of any: `python -m tools.reference_pages`.
"""

import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import typer
from typer._click.core import Command, Parameter
from typer.core import TyperGroup

from interlace.cli.exit_codes import ExitCode
from interlace.cli.program import program
from interlace.domain.error_descriptions import ERROR_DESCRIPTIONS
from interlace.settings import SETTINGS
from tools.findings import ROOT
from tools.languages_page import languages_page
from tools.management_page import management_page
from tools.setup_page import setup_page
from tools.solution_page import solution_page

REFERENCE = ROOT / "docs" / "reference"
_EXIT_CODES = "exit_codes.py"
_HIDDEN = {"help", "install_completion", "show_completion"}

_COMMANDS_OPENING = """# Commands and exit codes

`interlace COMMAND --help` shows an example and names every option. Data goes to standard output, messages to standard
error. With `--json` a command writes JSON for programs, and nothing else, to standard output: one object a line.

Questions are asked at a terminal only. With `--no-input`, anywhere in the line, nothing is asked there either:
what would be asked is refused with what to give instead.

This page is written from the program itself (`python -m tools.reference_pages`).
"""

_SETTINGS_OPENING = """# Settings

A setting is taken from the command line, else from its environment variable, else from the file that `INTERLACE_CONFIG`
names, else from its default. The file is TOML; the part before the dot is the section. A key that isn't listed here is
an error, so that a typing mistake doesn't go unnoticed. `interlace settings` shows what is in force, and where each
value comes from.
"""

_ERRORS_OPENING = """# Errors of records

`interlace errors` lists every record that isn't synchronized, with one of these codes. The message names the record;
this page says what the code means in general. `interlace errors causes` gathers the list by what stands behind it, and
[If you get an error](../how-to/errors.md) goes through it step by step.

What happens by itself depends on the state of an error:

| state | when it is tried again |
|---|---|
| tried again | in the next run |
| waiting | in the next run after one of the records that it waits for is coupled; also once a day |
| skipped | at the moment that the list tells, and at once when its cause is gone: see *Tried again* below |

A failure is skipped when it repeats unchanged in a second run, so that a thousand hopeless records don't cost a
thousand requests in every run. Nothing is skipped for ever, but for what a person has to decide (IL-207, IL-208): it
is tried again 1 minute, 10 minutes, 1 hour and 6 hours after each failure in turn, then once a day. By hand,
`interlace errors retry` and `interlace synch MAPPING --full` take skipped records up.

A record on this list whose partner was to be created gets it from any later run, once the cause is gone. Other records
without a partner get one only from a run that creates records: `interlace synch MAPPING --full`, or a full
synchronization. The other runs pass them over and count them as skipped.

An error leaves the list as soon as its record goes through.

This page is written from the program itself (`python -m tools.reference_pages`).

| code | caption | class |
|---|---|---|
"""


def commands() -> list[tuple[str, Command]]:
    """Return every command with its full name, in the order of the program's help."""
    return list(_leaves(typer.main.get_command(program), ()))


def commands_page() -> str:
    """Return the page of commands, their arguments and options, and the exit codes."""
    lines = [_COMMANDS_OPENING, "| command | what it does |", "|---|---|"]
    lines += [f"| [`{name}`](#{_anchor(name)}) | {_summary(command)} |" for name, command in commands()]
    lines += ["", "## Exit codes", "", "| code | meaning |", "|---|---|"]
    lines += [f"| {code} | {meaning} |" for code, meaning in exit_code_meanings().items()]
    for name, command in commands():
        lines += ["", *_section(name, command)]
    return "\n".join(lines) + "\n"


def settings_page() -> str:
    """Return the page of settings."""
    lines = [
        _SETTINGS_OPENING,
        "| setting | environment variable | default | what it does |",
        "|---|---|---|---|",
    ]
    for setting in SETTINGS:
        default = "blank" if setting.default == "" else f"`{setting.default}`"
        lines.append(f"| `{setting.name}` | `{setting.variable}` | {default} | {setting.help} |")
    return "\n".join(lines) + "\n"


def errors_page() -> str:
    """Return the page of error codes."""
    described = ERROR_DESCRIPTIONS.items()
    lines = [
        f"| [{code.value}](#{_anchor_of_heading(f'{code.value}: {each.caption}')}) | {each.caption} | "
        f"{each.error_class.value} |"
        for code, each in described
    ]
    for code, each in described:
        again = "; ".join(wake.value for wake in each.wakes)
        paragraphs = {
            "What happened": each.happened,
            "Why": each.why,
            "What next": each.next_step,
            "Tried again": f"{again[0].upper()}{again[1:]}.",
        }
        lines += ["", f"## {code.value}: {each.caption}", ""]
        lines += "\n\n".join(
            textwrap.fill(f"**{name}.** {text}", 120, break_long_words=False, break_on_hyphens=False)
            for name, text in paragraphs.items()
        ).split("\n")
        if each.remedy:
            lines += ["", "```", each.remedy, "```"]
    return _ERRORS_OPENING + "\n".join(lines) + "\n"


def exit_code_meanings() -> dict[int, str]:
    """Return what each exit code means: the sentence that stands below it in the source."""
    source = (ROOT / "src" / "interlace" / "cli" / _EXIT_CODES).read_text(encoding="utf-8")
    sentences = dict(re.findall(r'^    (\w+) = \d+\n    """(.+?)"""', source, re.MULTILINE))
    return {code.value: sentences[code.name] for code in ExitCode}


def pages() -> dict[Path, str]:
    """Return every page that is written from the program, by its file."""
    return {
        REFERENCE / "cli.md": commands_page(),
        REFERENCE / "crm-solution.md": solution_page(),
        REFERENCE / "errors.md": errors_page(),
        REFERENCE / "languages.md": languages_page(),
        REFERENCE / "settings.md": settings_page(),
        REFERENCE / "setup-answers.md": setup_page(),
        REFERENCE / "management-api.md": management_page(),
    }


def _leaves(command: Command, path: tuple[str, ...]) -> Iterator[tuple[str, Command]]:
    if not isinstance(command, TyperGroup):
        yield " ".join(("interlace", *path)), command
        return
    if command.invoke_without_command:
        yield " ".join(("interlace", *path)), command
    for name, each in command.commands.items():
        yield from _leaves(each, (*path, name))


def _anchor(name: str) -> str:
    return name.replace(" ", "-")


def _anchor_of_heading(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _summary(command: Command) -> str:
    return _paragraphs(command)[0]


def _paragraphs(command: Command) -> list[str]:
    return [" ".join(part.split()) for part in str(command.help).split("\n\n")]


def _section(name: str, command: Command) -> list[str]:
    lines = [f"## {name}", ""]
    for paragraph in _paragraphs(command):
        before, example, command_line = paragraph.partition("Example: ")
        lines += [before, ""] if before else []
        lines += ["```", command_line, "```", ""] if example else []
    rows = [_parameter(each) for each in command.params if not _is_hidden(each)]
    if not rows:
        return lines[:-1]
    return [*lines, "| argument or option | what it says | default |", "|---|---|---|", *rows]


def _is_hidden(parameter: Parameter) -> bool:
    return parameter.name in _HIDDEN or bool(getattr(parameter, "hidden", False))


def _parameter(parameter: Parameter) -> str:
    is_argument = not any(option.startswith("-") for option in parameter.opts)
    if is_argument:
        written = str(parameter.metavar or parameter.name).upper() + ("..." if parameter.nargs == -1 else "")
        written = written if parameter.required else f"[{written}]"
    else:
        written = ", ".join(sorted(parameter.opts, key=len, reverse=True))
        if not getattr(parameter, "is_flag", False):
            written += f" {parameter.metavar or str(parameter.name).upper()}"
    default = "required" if parameter.required else _default(parameter)
    meaning = str(getattr(parameter, "help", None) or "").replace("|", "\\|")
    return f"| `{written}` | {meaning} | {default} |"


def _default(parameter: Parameter) -> str:
    value = parameter.default
    return "" if value is None or value is False or callable(value) or not str(value) else f"`{value}`"


def main() -> int:
    """Write the pages."""
    for file, text in pages().items():
        file.write_text(text, encoding="utf-8")
        print(f"written: {file.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
