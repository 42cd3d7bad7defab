"""Keys: every one of the list is said by a part of some page, in the form that the script looks for."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from tests.web.accounts_desk import Place
from tests.web.canned_desk import canned_app

from interlace.domain.filter_language import quoted
from interlace.ui import keys
from interlace.ui.keys import KEYS
from interlace.web.script import script

PAGES = {
    "/": {keys.TELL, keys.ABOUT, keys.CONNECTION, keys.MY_SETTINGS, keys.STATISTICS},
    "/users": {keys.NEW},
    "/tokens": {keys.NEW},
    "/plans": {keys.NEW, keys.FOLD},
    "/journal": {keys.UNDO},
    "/mappings/CUSTOMER": {keys.LOG, keys.SAVE},
    "/mappings/CUSTOMER/matching": {keys.NEW, keys.SAVE},
    "/couplings": {keys.SEARCH, keys.FILTER, keys.ADD_FILTER},
    "/couplings?filters.mapping=CUSTOMER": {keys.RESET_FILTERS},
    "/audit": {keys.FILTER},
    "/jobs/j1": {keys.LOG, keys.STATISTICS},
    "/orders/o1": {keys.LOG, keys.STATISTICS, keys.FACTS, keys.FOLD},
    "/records/CUSTOMER/C1": {keys.LOG, keys.STATISTICS, keys.FACTS},
    "/records/CUSTOMER/C1?list=/records/CUSTOMER&place=0": {keys.NEXT_RECORD, keys.PREVIOUS_RECORD},
    "/conflicts/c1": {
        keys.TAKE_ERP,
        keys.TAKE_CRM,
        keys.DECIDE,
        keys.SAVE,
        keys.LOG,
        keys.NEXT_RECORD,
        keys.PREVIOUS_RECORD,
    },
}
_CHORD = re.compile(r"(Control\+)?(Alt\+)?(Shift\+)?([A-Z]|F\d+|Arrow(Up|Down)|Enter)")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Accounts, and a desk that answers with samples."""
    held, _ = canned_app(tmp_path, {"JobRow": {"status": "Error"}})
    yield held
    held.close()


async def test_pages_say_which_key_leads_where(place: Place) -> None:
    """What the script looks for stands on the page, written as the script puts a pressed key together."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        for path, awaited in PAGES.items():
            text = (await browser.get(path)).text
            said = {
                each for held in re.findall(r'aria-keyshortcuts="([^"]+)"', text) for each in held.split()
            }
            assert awaited <= said, (path, awaited - said)
            assert [each for each in said if not _CHORD.fullmatch(each)] == [], path


def test_no_key_of_the_list_leads_nowhere() -> None:
    """A key that needs a part of a page has a page with that part, and the others are the script's own."""
    needed = {each for key in KEYS for each in re.findall(r'aria-keyshortcuts~="([^"]+)"', key.needs)}
    assert needed <= {each for awaited in PAGES.values() for each in awaited}
    own = {
        "Shift+F10",
        "ContextMenu",
        "Alt+F2",
        "Alt+F3",
        "Alt+F6",
        "Control+Enter",
        "Control+A",
        "F5",
        "F6",
        "Shift+F6",
        "J",
        "K",
        "?",
    }
    listened = set(re.findall(r'^    "([^"]+)":', script().decode(), re.MULTILINE))
    assert own <= listened


async def test_a_value_says_by_which_filter_it_is_found(place: Place) -> None:
    """Texts are quoted, statuses are their names, moments stand for their day; whatever the value holds."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        couplings, jobs = [(await browser.get(path)).text for path in ("/couplings", "/jobs")]
    found = {
        unescape(name): unescape(value)
        for name, value in re.findall(
            r'data-filter-by="([^"]*)" data-filter-value="([^"]*)"', couplings + jobs
        )
    }
    assert found["filters.state"] == "doubtful"
    assert found["filters.erp_key"].startswith(quoted("</td>")[:-1])
    assert found["filters.started_at"] == "2026-03-01"


def test_the_keys_are_documented() -> None:
    """Each key of the list stands in the reference with its sign."""
    text = Path("docs/reference/keys.md").read_text(encoding="utf-8")
    assert [each.shown for each in KEYS if f"`{each.shown}`" not in text] == []
