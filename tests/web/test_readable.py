"""What pages make of texts that name commands, and of keys as the services spell them."""

import re
from pathlib import Path

import pytest

import interlace
from interlace.management.operations import ALL_OPERATIONS
from interlace.management.translatable import translatable
from interlace.ui.words import ENGLISH, words_of
from interlace.web.navigation import PARTS
from interlace.web.notice import said
from interlace.web.readable import PLACES, plain, readable

_SHOWN_ON_PAGES = ("domain", "engine", "lead_to_cash", "management", "bootstrap/desk")
_OF_THE_MACHINE = frozenset(
    {"apply", "backup", "explain", "plan", "records", "serve", "undo", "users", "verify"}
)
"""Commands without a page of their own, or whose page stands beside the text."""


@pytest.mark.parametrize(
    "path", sorted({path for path, _operation in PLACES.values() if path.startswith("/")})
)
def test_each_place_is_on_the_menu(path: str) -> None:
    """What a text sends people to can be found."""
    assert path in {place.path for part in PARTS for place in part.places}


def test_each_action_is_an_operation() -> None:
    """An action is called as its button is; the other captions are those of steps of the assisted setup."""
    names = {each.name for each in ALL_OPERATIONS}
    assert all(action in names for _path, action in PLACES.values() if "." in action)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Decide with `interlace conflicts resolve KEY`.", "Decide with “Conflicts › Decide”."),
        ("`interlace errors causes` tells it.", "“Causes of Errors” tells it."),
        (
            "Run `interlace synch CUSTOMER`.",
            "Run “Integration Table Mappings › CUSTOMER › Synchronize Modified Records”.",
        ),
        (
            "Run `interlace synch CUSTOMER --full`.",
            "Run “Integration Table Mappings › CUSTOMER › Run Full Synchronization”.",
        ),
        ("`interlace solution status` tells it.", "“Set Up Connection › Solution in the CRM” tells it."),
        ("`interlace backup make` first.", "`interlace backup make` first."),
    ],
)
def test_a_command_becomes_a_place(text: str, shown: str) -> None:
    """Somebody who reads a page is sent to a page; what only the machine's keeper can do stays a command."""
    assert readable(ENGLISH, text) == shown


def test_places_are_told_in_the_language_of_the_reader() -> None:
    """Page and button are called as the reader's pages call them, also in a text with values."""
    text = translatable(
        "The connection {name} is not enabled. Enable it with `interlace connection enable {name}`."
    )
    assert "«" in said(words_of("ru_RU"), translatable(str(text), name="demo"))


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        (
            "1000\x1fCustomer_x0020_Price_x0020_Group\x1fOBJEKT\x1f0001-01-01\x1f\x1f\x1f\x1f0",
            "1000, Customer Price Group, OBJEKT, 0",
        ),
        ("1039, _x0020_, A, 2026-01-01, ", "1039,  , A, 2026-01-01"),
        ("C00010", "C00010"),
        ("Snake_x_case", "Snake_x_case"),
    ],
)
def test_a_key_is_shown_as_people_write_it(key: str, shown: str) -> None:
    """Characters instead of their numbers, and no blank parts."""
    assert plain(key) == shown


def test_each_command_in_a_text_is_known() -> None:
    """A text that may stand on a page names no command of which nobody has said where its work is done."""
    root = Path(interlace.__file__).parent
    commands = {
        found
        for folder in _SHOWN_ON_PAGES
        for file in (root / folder).rglob("*.py")
        for found in re.findall(r"`interlace ([^`{}\"]+)`", file.read_text(encoding="utf-8"))
    }
    unknown = {each for each in commands if "`" in readable(ENGLISH, f"`interlace {each}`")}
    assert {each.split()[0] for each in unknown} <= _OF_THE_MACHINE
