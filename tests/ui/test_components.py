"""Components as markup: escaped, labelled, without anything that a strict policy forbids."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape

import pytest

from interlace.ui.actions import action_bar, action_form, action_link, form_button
from interlace.ui.badge import Tone, badge
from interlace.ui.captions import Captions
from interlace.ui.card import Fact, card, cue, cues, fact_box, facts, fast_tab
from interlace.ui.fields import (
    Choice,
    Field,
    check_box,
    number_field,
    select_field,
    suggestion_list,
    text_area,
    text_field,
)
from interlace.ui.figures import age_text, amount_text, moment_text, percent_text, quantity_text
from interlace.ui.headers import CONTENT_SECURITY_POLICY, PAGE_HEADERS
from interlace.ui.listing import Column, Excerpt, listing, pager, search_form, view_menu
from interlace.ui.notices import Kind, empty_state, form_errors, notice
from interlace.ui.shell import Crumb, Frame, NavigationItem, Page, SignedIn, document
from interlace.ui.stylesheet import stylesheet, stylesheet_name
from interlace.ui.timeline import Event, timeline

HOSTILE = "</title><script>alert('x')</script>\"&"


def _frame(**more: object) -> Frame:
    frame: dict[str, object] = {
        "product": HOSTILE,
        "home_address": "/",
        "stylesheet_address": "/s.css",
        **more,
    }
    return Frame(**frame)  # type: ignore[arg-type]


def test_a_document_escapes_everything_it_is_given() -> None:
    """Names, headings, captions and addresses are texts, wherever they stand."""
    person = SignedIn(name=HOSTILE, sign_out_address=HOSTILE, hidden_fields=((HOSTILE, HOSTILE),))
    menu = [NavigationItem(caption=HOSTILE, address=HOSTILE, is_current=True, count=HOSTILE)]
    frame = _frame(organization=HOSTILE, navigation=menu, signed_in=person)
    crumbs = (Crumb(caption=HOSTILE, address=HOSTILE),)
    content = (
        facts([Fact(caption=HOSTILE, value=HOSTILE)]),
        timeline([Event(moment=None, title=HOSTILE, text=HOSTILE, author=HOSTILE)]),
        notice(HOSTILE, body=HOSTILE),
        listing([Column(caption=HOSTILE)], [[HOSTILE]], caption=HOSTILE, empty=None),
        text_area(Field(name=HOSTILE, caption=HOSTILE, value=HOSTILE, error=HOSTILE, hint=HOSTILE)),
        action_form(HOSTILE, HOSTILE, [(HOSTILE, HOSTILE)], tooltip=HOSTILE),
        suggestion_list("s", [Choice(value=HOSTILE, caption=HOSTILE)]),
    )
    text = document(frame, Page(heading=HOSTILE, subtitle=HOSTILE, content=content, crumbs=crumbs))
    assert text.startswith("<!doctype html>")
    assert "<script" not in text
    assert "</title><" in text
    assert text.count("</title>") == 1
    assert text.count(HOSTILE) == 0
    assert unescape(text).count(HOSTILE) > 30


def test_a_page_has_its_landmarks() -> None:
    """One heading, a way past the menu, a main part; the menu only for people who signed in."""
    text = document(_frame(), Page(heading="Orders", content="x"))
    assert text.count("<h1>") == 1
    assert 'href="#content"' in text
    assert '<main id="content"' in text
    assert "<nav" not in text
    menu = [
        NavigationItem(caption="Home", address="/", is_current=True),
        NavigationItem(caption="More", address="/m"),
    ]
    signed = _frame(navigation=menu, signed_in=SignedIn(name="Anna", sign_out_address="/out"))
    text = document(signed, Page(heading="Orders", content="x"))
    assert text.count('aria-current="page"') == 1
    assert 'aria-label="Main menu"' in text


def test_captions_can_be_in_another_language() -> None:
    """The components' own words come from one value."""
    words = Captions(language="nb", sign_out="Logg ut", skip_to_content="Til innholdet")
    frame = _frame(captions=words, signed_in=SignedIn(name="Anna", sign_out_address="/out"))
    text = document(frame, Page(heading="Ordrer", content=None))
    assert '<html lang="nb">' in text
    assert "Logg ut" in text
    assert "Sign out" not in text


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Anna Berg", "AB"),
        ("Åse", "Å"),
        ("Ana María de la Cruz", "AC"),
        ("# Program", "P"),
        ("", "?"),
        ("<b>", "?"),
    ],
)
def test_initials(name: str, initials: str) -> None:
    """First and last word, as far as they begin with a letter."""
    assert SignedIn(name=name, sign_out_address="/").initials == initials


def test_a_wrong_field_tells_so_to_eyes_and_ears() -> None:
    """Error and hint are tied to the input by their ids; what was typed stands in it."""
    field = Field(
        name="price", caption="Price", value="1,,2", error="No number.", hint="Like 1.50", is_required=True
    )
    for entered in (text_field(field), number_field(field), text_area(field), select_field(field, [])):
        text = str(entered)
        assert 'id="field-price"' in text
        assert 'for="field-price"' in text
        assert 'aria-invalid="true"' in text
        assert 'aria-describedby="field-price-error field-price-hint"' in text
        assert "No number." in text
    assert 'value="1,,2"' in str(number_field(field))
    assert "aria-invalid" not in str(text_field(Field(name="a", caption="A")))


def test_a_label_in_a_table_is_there_for_ears_only() -> None:
    """The heading of the column is what eyes read."""
    field = Field(name="a", caption="Quantity of line 1", is_label_hidden=True)
    assert 'class="unseen"' in str(text_field(field))
    assert "Quantity of line 1" in str(check_box(field, is_checked=True))
    assert "checked" in str(check_box(field, is_checked=True))
    assert "checked" not in str(check_box(field, is_checked=False)).replace("checkbox", "")


def test_a_selection_marks_its_choice_and_may_be_blank() -> None:
    """Exactly the chosen entry is selected."""
    choices = [Choice(value="1", caption="One"), Choice(value="2", caption="Two")]
    text = str(select_field(Field(name="a", caption="A", value="2"), choices, blank="None"))
    assert text.count("selected") == 1
    assert '<option value="2" selected>' in text
    assert '<option value="">None</option>' in text


def test_a_text_area_keeps_its_first_line_break() -> None:
    """Browsers drop one line break behind the opening tag: there is one more."""
    assert "\n\nfirst</textarea>" in str(text_area(Field(name="a", caption="A", value="\nfirst")))


def test_a_list_names_its_rows_and_columns() -> None:
    """Header cells have scopes, numbers their class, cells the caption that a phone shows beside them."""
    columns = [
        Column(caption="Name"),
        Column(caption="Total", is_number=True),
        Column(caption="Do", is_caption_hidden=True),
    ]
    text = str(
        listing(columns, [["Adatum", "1.00", None], ["Contoso", 0, ""]], caption="Accounts", empty=None)
    )
    assert text.count('scope="col"') == 3
    assert text.count('scope="row"') == 2
    assert '<td data-label="Total" class="number">0</td>' in text
    assert text.count("blank") == 2
    assert "<caption" in text
    assert "Nothing" in str(listing(columns, [], caption="Accounts", empty=empty_state("Nothing", "Search.")))


@pytest.mark.parametrize(
    ("page", "total", "text", "ways"),
    [
        (1, 0, None, []),
        (1, 25, "1–25 of 25", []),
        (1, 26, "1–25 of 26", ["Next"]),
        (2, 26, "26–26 of 26", ["Previous"]),
        (3, 1_200, "51–75 of 1,200", ["First", "Previous", "Next"]),
    ],
)
def test_a_pager_offers_the_ways_that_lead_somewhere(
    page: int, total: int, text: str | None, ways: list[str]
) -> None:
    """Where the reader is and where he can go."""
    shown = pager(Excerpt(page=page, size=25, total=total), lambda number: f"/x?page={number}")
    if text is None:
        assert shown is None
        return
    assert text in str(shown)
    assert [way for way in ("First", "Previous", "Next") if f">{way}</a>" in str(shown)] == ways
    assert "?page=0" not in str(shown)


def test_search_and_views_keep_what_was_chosen() -> None:
    """The search box holds what is searched for and the view; the current view is marked."""
    text = str(search_form("/x", "a&b", placeholder="Name", kept=(("view", "mine"),)))
    assert 'value="a&amp;b"' in text
    assert 'name="view" value="mine"' in text
    assert "Show all" in text
    assert "Show all" not in str(search_form("/x", "", placeholder="Name"))
    items = [
        NavigationItem(caption="A", address="/a", is_current=True),
        NavigationItem(caption="B", address="/b"),
    ]
    assert str(view_menu(items)).count("aria-current") == 1


def test_actions_that_write_are_forms() -> None:
    """A link never changes anything; groups are divided, and an empty bar is none."""
    text = str(action_form("Submit", "/submit", [("token", "t")], is_primary=True))
    assert 'method="post"' in text
    assert 'value="t"' in text
    bar = str(
        action_bar([action_link("Edit", "/edit"), None], [], [form_button("Go", name="do", value="go")])
    )
    assert bar.count("separator") == 2, "class and role of one"
    assert action_bar([None], []) is None


def test_cards_fold_and_show_what_matters() -> None:
    """FastTabs open and close without a script; FactBoxes stand aside; a blank fact is a dash."""
    tab = str(fast_tab("General", facts([Fact(caption="Phone", value="")]), promoted="Oslo"))
    assert tab.startswith('<details class="fast-tab" open>')
    assert "–" in tab
    assert "open" not in str(fast_tab("More", "x", is_open=False))
    assert "<aside" in str(card("x", [fact_box("ERP", "y")]))
    assert "<aside" not in str(card("x"))
    assert 'class="cue warn"' in str(cues([cue("3", "Waiting", "/w", Tone.WARN)]))


def test_a_status_is_more_than_a_colour() -> None:
    """The word is always there."""
    for tone in Tone:
        assert str(badge("Held", tone)) == f'<span class="badge {tone.value}">Held</span>'


@pytest.mark.parametrize(
    ("kind", "role"), [(Kind.ERROR, "alert"), (Kind.WARNING, "alert"), (Kind.DONE, "status")]
)
def test_urgent_notices_are_read_out_at_once(kind: Kind, role: str) -> None:
    """Errors interrupt a screen reader, good news waits."""
    assert f'role="{role}"' in str(notice("Text", kind=kind, actions=action_link("Do", "/do")))


def test_errors_of_a_form_lead_to_their_fields() -> None:
    """Each is a link to its input; one without a field is plain."""
    text = str(form_errors("Correct:", [("field-a", "A is missing."), ("", "Too late.")]))
    assert '<a href="#field-a">A is missing.</a>' in text
    assert "<li>Too late.</li>" in text


def test_a_timeline_shows_moments_for_people_and_machines() -> None:
    """Zone and exact time; no events are told by what is given for that."""
    moment = datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC)
    text = str(
        timeline([Event(moment=moment, title="Shipped", text="one\n\ntwo", author="ERP", tone=Tone.GOOD)])
    )
    assert '<time datetime="2026-03-01T12:30:15+00:00">2026-03-01 12:30 UTC</time>' in text
    assert "<p>one</p><p>two</p>" in text
    assert timeline([], empty="none") == "none"


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        ("1234.5", 2, "1,234.50 EUR"),
        ("-0.005", 2, "-0.01 EUR"),
        ("1E+3", 0, "1,000 EUR"),
        ("1.2345", 3, "1.235 EUR"),
    ],
)
def test_amounts(value: str, digits: int, text: str) -> None:
    """All digits of the currency, thousands grouped, halves away from zero."""
    assert amount_text(Decimal(value), digits=digits, currency="EUR") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("1.50000", "1.5"), ("1000", "1,000"), ("1E+3", "1,000"), ("0.00001", "0.00001"), ("0", "0")],
)
def test_quantities(value: str, text: str) -> None:
    """Without zeros at the end, never as a power."""
    assert quantity_text(Decimal(value)) == text
    assert percent_text(Decimal(value)) == f"{text} %"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "just now"),
        (1, "just now"),
        (2, "2 seconds ago"),
        (60, "1 minute ago"),
        (3_599, "59 minutes ago"),
        (7_200, "2 hours ago"),
        (86_400 * 3, "3 days ago"),
    ],
)
def test_ages(seconds: int, text: str) -> None:
    """The largest unit that says enough; clocks that differ make nothing come from the future."""
    assert age_text(timedelta(seconds=seconds)) == text


def test_moments_name_their_zone() -> None:
    """A time without a zone is told without one."""
    assert moment_text(datetime(2026, 3, 1, 12, 5, tzinfo=UTC)) == "2026-03-01 12:05 UTC"


def test_the_style_fits_the_policy() -> None:
    """Nothing is loaded from elsewhere, no script may run, and the name tells the content."""
    style = stylesheet().decode()
    assert "@import" not in style
    assert "url(" not in style
    assert stylesheet_name().startswith("style-")
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert dict(PAGE_HEADERS)["Cache-Control"] == "no-store"


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(first: str, second: str) -> float:
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _tokens(block: str) -> dict[str, str]:
    pairs = [
        line.strip().removesuffix(";").split(": ")
        for line in block.splitlines()
        if "--" in line and "#" in line
    ]
    return {name.removeprefix("--"): value for name, value in pairs}


def test_colours_can_be_told_apart() -> None:
    """Text on every ground it stands on has a contrast of 4.5 or more, in light and in dark; frames of fields 3."""
    style = stylesheet().decode()
    light = _tokens(style.partition(":root {")[2].partition("}")[0])
    dark = light | _tokens(style.partition("prefers-color-scheme: dark")[2].partition("}")[0])
    grounds = ("ground", "surface", "surface-2")
    pairs = [(text, ground) for text in ("ink", "ink-2", "accent", "bad") for ground in grounds]
    pairs += [(tone, f"{tone}-soft") for tone in ("good", "warn", "bad", "busy")]
    pairs += [
        ("on-accent", "accent"),
        ("on-accent", "accent-strong"),
        ("ink", "accent-soft"),
        ("accent", "accent-soft"),
    ]
    pairs += [("ink", f"{tone}-soft") for tone in ("good", "warn", "bad", "busy")]
    for tokens in (light, dark):
        for text, ground in pairs:
            assert _contrast(tokens[text], tokens[ground]) >= 4.5, (text, ground)
        assert _contrast(tokens["line-strong"], tokens["surface"]) >= 3
        assert _contrast("#fff", tokens["bar"]) >= 4.5
