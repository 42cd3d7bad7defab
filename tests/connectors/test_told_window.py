"""What a change feed has told is remembered in little memory."""

from array import array

from interlace.connectors.told_window import ToldWindow, entry_digest


def test_told_entries_are_known_again() -> None:
    """An entry is what all its parts say; another stamp or etag makes another entry."""
    told = [entry_digest(f"C{number}", "2026-01-01", "e") for number in range(50)]
    window = ToldWindow(array("Q", told))
    assert all(digest in window for digest in told)
    assert entry_digest("C1", "2026-01-02", "e") not in window
    assert entry_digest("C1", "2026-01-01", "f") not in window
    assert len(window) == 50


def test_an_empty_window_knows_nothing() -> None:
    """Without a memory everything is news."""
    assert entry_digest("C1") not in ToldWindow()
