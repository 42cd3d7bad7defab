"""The tutorials do what they say: their commands are executed as they stand, against started services."""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.acceptance.conftest import (
    Installation,
    clean_environment,
    synchronized,
    synchronized_once,
    synchronized_state,
)
from tests.docs.executed_pages import Block, blocks_of, execute, missing_line

pytestmark = pytest.mark.slow

TUTORIALS = Path(__file__).parents[2] / "docs" / "tutorial"
SECONDS = 400
__all__ = ["synchronized", "synchronized_once", "synchronized_state"]


def test_the_tutorials_do_what_they_say(synchronized: Installation) -> None:
    """One after the other, as a newcomer reads them."""
    for name in ("first-full-synchronization.md", "lead-to-cash.md"):
        _follow(TUTORIALS / name, synchronized)


def _follow(page: Path, installation: Installation) -> None:
    """Execute a page; whatever it tells must come."""
    erp, crm = installation.ends.erp, installation.ends.crm
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    written = execute(
        page,
        replaced={
            "the printed web service access key": erp["erp_access_key"],
            "127.0.0.1:7048": urlsplit(erp["erp_address"]).netloc,
            "127.0.0.1:7148": urlsplit(crm["crm_address"]).netloc,
        },
        environment={
            **clean_environment(),
            "PATH": programs,
            # Parallel test processes announce a narrow terminal, in which tables break their lines.
            "COLUMNS": "160",
            "INTERLACE_STATE__DIRECTORY": str(installation.state),
        },
        seconds=SECONDS,
    )
    blocks = blocks_of(page)
    assert len(written) == len(blocks) > 1
    for block, text in zip(blocks, written, strict=True):
        assert "Traceback" not in text, text
        missing = missing_line(block, text)
        assert missing is None, f"{page.name}: {missing!r} did not come:\n{text}"


def test_lines_must_come_in_order_and_an_ellipsis_stands_for_anything() -> None:
    """The comparison itself: what may stand between, and what is missing."""
    block = Block(commands="", expected=("one … three", "four"))
    assert missing_line(block, "zero\none   two three\nelse\nfour\n") is None
    assert missing_line(block, "four\none two three\n") == "four"
    assert missing_line(block, "one two\n") == "one … three"
