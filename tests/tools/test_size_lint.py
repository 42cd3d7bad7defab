"""The size lint counts what a reader has to hold in mind."""

from tools.size_lint import FUNCTION_LINES_MAX, MODULE_LINES_MAX, findings_in


def a_function(statements: int, docstring_lines: int = 0) -> str:
    """A function of so many statements, one a line, after a docstring of so many lines."""
    docstring = ['    """' + "\n" * (docstring_lines - 1) + '"""'] if docstring_lines else []
    return "\n".join(["def step():", *docstring, *["    x = 1"] * statements, ""])


def test_a_function_at_the_limit_passes() -> None:
    """The limit itself is allowed: the line of `def` and its statements."""
    assert list(findings_in(a_function(FUNCTION_LINES_MAX - 1), "a.py")) == []


def test_a_function_over_the_limit_is_named() -> None:
    """One line more is a finding at the function's first line."""
    found = list(findings_in(a_function(FUNCTION_LINES_MAX), "a.py"))
    assert [finding.line for finding in found] == [1]
    assert "step has 71 lines" in found[0].message


def test_a_docstring_does_not_count() -> None:
    """Explaining a contract at length makes no function too long."""
    assert list(findings_in(a_function(FUNCTION_LINES_MAX - 1, docstring_lines=9), "a.py")) == []


def test_a_module_over_the_limit_is_named() -> None:
    """A module is measured as a whole, comments included."""
    assert list(findings_in("# why\n" * MODULE_LINES_MAX, "a.py")) == []
    assert len(list(findings_in("# why\n" * (MODULE_LINES_MAX + 1), "a.py"))) == 1


def test_a_migration_may_be_a_long_straight_list() -> None:
    """The statements of a migration are read from top to bottom once."""
    path = "src/interlace/store/migrations/versions/first.py"
    assert list(findings_in(a_function(200), path)) == []
