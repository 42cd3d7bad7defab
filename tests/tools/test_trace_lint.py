"""The trace lint refuses paths of one machine, package addresses and unfinished work."""

import pytest
from tools.trace_lint import findings_in

REFUSED = [
    "open('/home/" + "anna/company.csv')",
    "--index" + "-url somewhere",
    "https://py" + "pi.org/simple",
    "# TO" + "DO: later",
    "@pytest.mark.ski" + "p(reason='flaky')",
    "<<<" + "<<<< HEAD",
]


@pytest.mark.parametrize("line", REFUSED)
def test_a_trace_is_named_with_its_line(line: str) -> None:
    """Each kind of trace is a finding on its own line."""
    found = list(findings_in(f"fine\n{line}\n", "a.txt"))
    assert [finding.line for finding in found] == [2]


@pytest.mark.parametrize(
    "line", ["./work/try", "docs/work/plan", "TO" + "DO #12: retry", "Currency_Code = 'XXX'", "todos"]
)
def test_an_ordinary_line_passes(line: str) -> None:
    """Temporary folders, numbered work and look-alikes are no traces."""
    assert list(findings_in(line, "a.txt")) == []
