"""`interlace verify`: what people read, and that its error codes are explained."""

from pathlib import Path

from tests.cli.both_ends import Interlace

from interlace.cli.captions import ERROR_TITLES, error_title
from interlace.domain.errors import ErrorCode

ERRORS_PAGE = Path(__file__).parents[2] / "docs" / "reference" / "errors.md"


def test_every_failure_says_what_its_code_means_and_where_to_look(synchronized: Interlace) -> None:
    """Nobody has to know the codes by heart."""
    ended = synchronized("verify")
    assert ended.code == 0
    assert "the service refused the record (IL-301)" in ended.out
    assert "the contact is a company" in ended.out
    assert "`interlace errors` names each failed record" in ended.err
    assert ended.err.rstrip().endswith("excludes or the error list names.")


def test_every_error_code_has_the_title_of_the_documentation() -> None:
    """The command line and the page of errors speak of one thing in the same words."""
    page = ERRORS_PAGE.read_text(encoding="utf-8")
    headings = dict(line[3:].split(": ", 1) for line in page.splitlines() if line.startswith("## IL-"))
    assert {code.value: title for code, title in ERROR_TITLES.items()} == headings
    assert set(ERROR_TITLES) == set(ErrorCode)
    assert error_title("IL-101") == "a reference is not coupled (IL-101)"
