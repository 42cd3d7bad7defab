"""The reference pages say what the program declares."""

import re
from pathlib import Path

from interlace.cli.exit_codes import ExitCode
from interlace.settings import SETTINGS

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def test_every_setting_is_listed_with_variable_default_and_help() -> None:
    """A setting that is added, renamed or given another default has to be documented."""
    page = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    expected = [
        f"| `{setting.name}` | `{setting.variable}` | "
        f"{'blank' if setting.default == '' else f'`{setting.default}`'} | {setting.help} |"
        for setting in SETTINGS
    ]
    assert rows == expected


def test_every_exit_code_is_listed() -> None:
    """The numbers that scripts rely on are the numbers the program uses."""
    page = (REFERENCE / "cli.md").read_text(encoding="utf-8")
    listed = [int(number) for number in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)]
    assert listed == [code.value for code in ExitCode]
