"""Each page says what it is for and what can be done there."""

from collections.abc import Callable
from html import escape
from typing import Any

import pytest
from litestar import Response

from interlace.ui.words import Words, words_of
from interlace.web import unfinished
from interlace.web.pages import PAGES
from interlace.web.sign_in_pages import again_form, code_form, first_start_form, sign_in_form
from interlace.web.teaching import tip_of


def test_every_page_has_a_teaching_tip() -> None:
    """Its own, or that of the page above it."""
    every = (*PAGES, *unfinished.PAGES)
    shown = {path for page in every if "GET" in page.http_methods for path in page.paths}
    assert [path for path in sorted(shown) if not tip_of(path)] == []


@pytest.mark.parametrize(
    ("path", "page_of"),
    [
        ("/sign-in", lambda words: sign_in_form(words, "/")),
        ("/sign-in/code", lambda words: code_form(words, "/")),
        ("/sign-in/again", lambda words: again_form(words, "/", name="ada")),
        ("/first-start", lambda words: first_start_form(words, {})),
    ],
)
def test_who_is_not_signed_in_is_taught_too(path: str, page_of: Callable[[Words], Response[Any]]) -> None:
    """In the language that is asked for."""
    words = words_of("ru_RU")
    assert escape(words.t(tip_of(path))) in page_of(words).content
