"""The page about clients that nobody here wrote says what their transcripts hold."""

from tests.clients.strangers import PROGRAMS, STRANGERS
from tools.client_pages import PAGE, page
from tools.findings import ROOT


def test_page_is_what_the_transcripts_say() -> None:
    """Whoever records anew writes the page anew (`python -m tools.client_pages`)."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_client_is_pinned_in_the_version_that_the_page_names() -> None:
    """Packages of both languages, by their lock files."""
    python = (ROOT / "requirements" / "clients.txt").read_text(encoding="utf-8").lower()
    javascript = (PROGRAMS / "package.json").read_text(encoding="utf-8")
    for stranger in STRANGERS:
        name, version = stranger.package.split()[:2]
        pinned = f"\n{name}=={version} " in python or f'"{name}": "{version}"' in javascript
        assert pinned, stranger.package


def test_no_lock_file_names_where_packages_come_from() -> None:
    """Packages are known by their hashes; where they are fetched is the machine's choice."""
    lock = (PROGRAMS / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') > 50
