"""Findings are shown in order, and decide the exit code."""

import pytest
from tools.findings import Finding, report, tracked_files


def test_no_findings_is_success_in_silence(capsys: pytest.CaptureFixture[str]) -> None:
    """A check that found nothing prints nothing."""
    assert report("words", []) == 0
    assert capsys.readouterr().out == ""


def test_findings_are_printed_in_order_with_their_count(capsys: pytest.CaptureFixture[str]) -> None:
    """Path, then line: as an editor would walk through them."""
    findings = [Finding(path="b.py", line=1, message="x"), Finding(path="a.py", line=9, message="y")]
    assert report("words", findings) == 1
    assert capsys.readouterr().out == "a.py:9: y\nb.py:1: x\nwords: 2 found\n"


def test_the_working_tree_lists_this_file_and_no_generated_one() -> None:
    """What git ignores isn't looked at."""
    names = [path.name for path in tracked_files()]
    assert "test_findings.py" in names
    assert not any(name.endswith(".pyc") for name in names)
