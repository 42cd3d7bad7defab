"""Checks that the benchmark of the web client's pages asks for every page it names."""

from pathlib import Path

from benchmarks.pages import PAGES, measure_pages


def test_each_page_is_timed_beside_its_floor(tmp_path: Path) -> None:
    """Every page answers over a small memory, and the ratios are about all but the floor."""
    times = measure_pages(tmp_path, 200, rounds=1)
    assert [each.page for each in times.pages] == list(PAGES)
    assert set(times.ratios()) == {f"pages: {page} / floor" for page in PAGES if page != "floor"}
    assert all(each.kibibytes > 1 for each in times.pages)
