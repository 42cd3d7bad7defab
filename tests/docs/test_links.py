"""Every relative link of the documentation leads somewhere, and every page is reached."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("requirements/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+\s+(.+)$", re.MULTILINE)


def targets(page: Path) -> list[str]:
    """The link targets of a page that stay inside the project, code blocks left out."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [target for target in LINK.findall(text) if not re.match(r"[a-z]+:", target)]


def anchor(heading: str) -> str:
    """The anchor that a heading gets on the usual forges."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    """A moved file or a renamed heading is noticed here."""
    for target in targets(page):
        path, _, fragment = target.partition("#")
        destination = (page.parent / path).resolve() if path else page
        assert destination.exists(), f"{page.relative_to(ROOT)} links to {target}, which doesn't exist"
        if fragment:
            headings = HEADING.findall(destination.read_text(encoding="utf-8"))
            assert fragment in {anchor(heading) for heading in headings}, f"{target}: no such heading"


def test_every_page_is_reached_from_the_front_page() -> None:
    """Decisions are found by their folder; every other page by following links from README.md."""
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        paths = (target.partition("#")[0] for target in targets(page))
        waiting.extend((page.parent / path).resolve() for path in paths if path)
    decisions = ROOT / "docs" / "decisions"
    assert [page for page in PAGES if page not in reached and page.parent != decisions] == []


def test_decisions_are_numbered_once_and_have_their_three_parts() -> None:
    """A record says what was known, what was chosen, and what follows."""
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [record.name[:4] for record in records]
    assert len(numbers) == len(set(numbers))
    for record in records:
        text = record.read_text(encoding="utf-8")
        assert re.match(rf"# {record.name[:4]}: ", text), f"{record.name} begins with its number"
        assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Consequences")), record.name


def test_source_files_named_in_the_reading_order_exist() -> None:
    """The reading order is followed by newcomers, who can't know where a file went."""
    page = ROOT / "docs" / "explanation" / "reading-order.md"
    named = re.findall(r"`(src/[\w/.]+)`", page.read_text(encoding="utf-8"))
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []
