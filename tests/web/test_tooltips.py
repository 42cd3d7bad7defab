"""Tooltips: every column, fact, field, tile and action says what it is for, in every language."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.web.accounts_desk import Place
from tests.web.canned_desk import canned_app
from tests.web.shown_parts import parts_of, unexplained
from tests.web.test_pages import PAGES
from tools.texts import gather

from interlace.ui.explained import Explained, tooltip_of
from interlace.ui.words import words_of
from interlace.web.meanings import MEANINGS, explaining_words

MORE = (
    "/account/two-step",
    "/mappings/CUSTOMER/matching?try=1",
    "/tokens/new",
    "/users/ada",
    "/users/ada/password",
)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Accounts, and a desk that answers with samples."""
    held, _ = canned_app(tmp_path)
    yield held
    held.close()


async def test_everything_on_every_page_has_a_tooltip(place: Place) -> None:
    """Whoever points at it is told what it is; Alt+Up says the same."""
    await place.add("ada", "INTERLACE ADMIN")
    missing: dict[str, list[str]] = {}
    async with place.signed_in("ada") as browser:
        for path in (*PAGES, *MORE):
            answer = await browser.get(path)
            found = unexplained(answer.text) if answer.status_code == 200 else [str(answer.status_code)]
            if found:
                missing[path] = found
    assert missing == {}


@pytest.mark.parametrize(
    "part",
    [
        '<th scope="col">Since</th>',
        "<dl><dt>Since</dt></dl>",
        '<div class="field"><label>Since</label></div>',
        "<button>Since</button>",
        '<a class="button primary" href="/">Since</a>',
        '<a class="cue good" href="/"><b>7</b>Since</a>',
    ],
)
def test_what_has_no_tooltip_is_found(part: str) -> None:
    """The test above sees each kind, and is content once it is explained."""
    page = "<nav><a class='button'>Menu</a></nav><main><br>{part}</main>"
    assert len(unexplained(page.format(part=part))) == 1
    tag = next(each.tag for each in parts_of(page.format(part=part)))
    explained = part.replace(f"<{tag}", f'<{tag} title="Since when it is so."')
    assert unexplained(page.format(part=explained)) == []


def test_every_meaning_belongs_to_a_caption_of_a_page() -> None:
    """What nobody shows needs no explanation."""
    texts = {text.singular: paths for text, paths in gather().texts.items()}
    own = {str(path) for paths in texts.values() for path in paths if "web/meanings" in str(path)}
    assert own
    assert [caption for caption in MEANINGS if {str(path) for path in texts[caption]} <= own] == []


@pytest.mark.parametrize("language", ["en_US", "en_NZ", "es_MX", "ru_RU", "nb_NO", "fi_FI"])
def test_captions_bring_their_meaning_along_in_the_readers_language(language: str) -> None:
    """Only where pages ask for it: commands and files get the caption alone."""
    caption = explaining_words(language).t("Since")
    assert caption == words_of(language).t("Since")
    assert tooltip_of(caption) == words_of(language).t(MEANINGS["Since"])
    assert tooltip_of(caption, "Something else") == "Something else"
    assert not isinstance(words_of(language).t("Since"), Explained)
    assert tooltip_of(words_of(language).t("Since")) is None
