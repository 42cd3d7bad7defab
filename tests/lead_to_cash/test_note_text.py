"""Notes as people type and format them, as lines of plain text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lead_to_cash.order_world import record

from interlace.lead_to_cash.note_text import COMMENT_LENGTH, note_lines, plain_text
from interlace.lead_to_cash.order_values import text_length, text_lines


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Call first", ["Call first"]),
        ("if a < b and c > d: AT&T &amp; Co.", ["if a < b and c > d: AT&T &amp; Co."]),
        ("mail <eva@adatum.com>", ["mail <eva@adatum.com>"]),
        ("<div>Call <b>first</b></div><div>then&nbsp;go</div>", ["Call first", "then go"]),
        ("<p>one<br/>two\nstill two</p>", ["one", "two still two"]),
        ("<ul><li>a</li><li>b</li></ul>", ["- a", "- b"]),
        ("<table><tr><td>Desk</td><td>4</td></tr></table>", ["Desk 4"]),
        ("<style>p {color: red}</style><p>seen</p><script>alert(1)</script>", ["seen"]),
        ('<a href="https://x.example/a">the page</a>', ["the page (https://x.example/a)"]),
        ('<a href="mailto:eva@adatum.com">eva@adatum.com</a>', ["eva@adatum.com"]),
        ('<p><img src="data:image/png;base64,AA" alt="plan"></p>', ["[picture plan]"]),
        ("<p>5 &lt; 6 &amp; 7</p>", ["5 < 6 & 7"]),
        ("<p>never closed", ["never closed"]),
    ],
)
def test_what_a_reader_sees_is_what_is_carried(text: str, wanted: list[str]) -> None:
    """Tags go, line breaks stay; what only looks like formatting is text."""
    assert list(text_lines(plain_text(text), COMMENT_LENGTH)) == wanted


@given(st.text())
def test_every_line_fits(text: str) -> None:
    """Whatever is typed: no line is longer than a comment, none is blank, and no word is lost."""
    lines = text_lines(plain_text(text), COMMENT_LENGTH)
    assert all(line.strip() and text_length(line) <= COMMENT_LENGTH for line in lines)
    assert "".join("".join(lines).split()) == "".join(plain_text(text).split())


def test_subject_text_and_file_name_are_carried() -> None:
    """The subject leads unless the text begins with it; an attachment is named."""
    assert note_lines(record("n", subject="Door", notetext="Ring twice", filename=None)) == (
        "Door",
        "Ring twice",
    )
    assert note_lines(record("n", subject="Ring twice", notetext="Ring twice", filename="")) == (
        "Ring twice",
    )
    assert note_lines(record("n", subject=None, notetext=None, filename="plan.pdf")) == (
        "Attached in the CRM: plan.pdf",
    )
    assert note_lines(record("n", subject=" ", notetext="<p> </p>", filename=None)) == ()
