"""Notes of people on a CRM order become comment lines of its ERP order, each once, whatever stands there already."""

from dataclasses import replace

from tests.lead_to_cash.order_toy import Toy, handed_over
from tests.lead_to_cash.order_world import ERP_NUMBER, document, record

from interlace.domain.saga import Change, Changes, Delete, FoundRecord, Insert, Rest, Step
from interlace.domain.values import Value
from interlace.lead_to_cash.order_comments import is_of_people
from interlace.lead_to_cash.order_to_sales_order import ORDER_SAGA

_BORN = "2026-03-02T08:00:00Z"
LONG = " ".join(f"word{number}" for number in range(40))


def note(key: str, text: str, at: str = "2026-03-02T08:01:00Z", **more: Value) -> FoundRecord:
    """Return a note that a person wrote."""
    values: dict[str, Value] = {
        "subject": None,
        "notetext": text,
        "filename": None,
        "createdon": at,
        "stepid": None,
    }
    return record(key, **(values | more))


def sold(*notes: FoundRecord) -> Toy:
    """Return a toy with an order that was handed over, then written notes on."""
    toy = handed_over()
    toy.edit(createdon=_BORN)
    toy.notes |= {each.key: each for each in notes}
    toy.steps.clear()
    return toy


def written(toy: Toy) -> list[str]:
    """Return the comments by their number."""
    return [str(toy.comments[number].values["Comment"]) for number in sorted(toy.comments)]


def next_step(toy: Toy) -> Step:
    """Return what the saga would do now."""
    return ORDER_SAGA.decide(toy.observe())


def test_a_note_goes_with_its_order() -> None:
    """A note that is there when the order is created goes to the ERP in the same run, under the note's day."""
    toy = Toy(seen=replace(handed_over().seen, partner=None, document=document(createdon=_BORN)))
    toy.notes["n"] = note("n", "Call first")
    assert toy.walk() == Rest(stage="Open")
    [line] = toy.comments.values()
    assert line.values["Comment"] == "Call first"
    assert line.values["Date"] == "2026-03-02"
    assert toy.kinds()[-1] == "Changes"


def test_our_own_notes_stay_in_the_crm() -> None:
    """What Interlace tells the CRM order is no news to the ERP."""
    toy = sold()
    assert toy.notes
    assert not any(is_of_people(each) for each in toy.notes.values())
    assert toy.walk() == Rest(stage="Open")
    assert toy.comments == {}


def test_later_notes_stand_below_earlier_ones() -> None:
    """Lines stand by the time of their notes, whichever is carried first, and below what people wrote."""
    toy = sold(note("late", "third", "2026-03-04T10:00:00Z"))
    toy.comments[10_000] = toy.comment(10_000, "by hand", "")
    toy.walk()
    toy.notes["early"] = note("early", "second", "2026-03-03T10:00:00Z")
    toy.walk()
    assert written(toy) == ["by hand", "second", "third"]


def test_a_long_note_is_complete_before_its_first_line_says_so() -> None:
    """The continuation is written first, so that a run cut off between leaves nothing that looks complete."""
    toy = sold(note("n", LONG))
    toy.walk()
    assert " ".join(written(toy)) == LONG
    bodies, first = toy.steps
    assert isinstance(bodies, Changes)
    assert isinstance(first, Changes)
    assert len(bodies.changes) == len(written(toy)) - 1
    assert len(first.changes) == 1
    assert first.changes[0].tells.startswith(f"A note went to the ERP order {ERP_NUMBER}: word0")


def test_what_was_cut_off_is_completed() -> None:
    """Lines that took effect although others did not are kept, and the missing ones added."""
    toy = sold(note("n", LONG))
    toy.walk()
    for number in sorted(toy.comments)[:3]:
        del toy.comments[number]
    toy.walk()
    assert " ".join(written(toy)) == LONG


def test_the_same_line_is_asked_for_again_after_a_lost_answer() -> None:
    """Nothing is seen of a write: the next look plans the very same keys, so it can't be doubled."""
    toy = sold(note("a", LONG), note("b", "short"))
    first, again = next_step(toy), next_step(toy)
    assert first == again
    toy.notes["c"] = note("c", "written meanwhile", "2026-03-02T09:00:00Z")
    later = next_step(toy)
    assert isinstance(first, Changes)
    assert isinstance(later, Changes)
    assert {each.key for each in first.changes} <= {each.key for each in later.changes}


def test_an_edited_note_is_not_carried_again() -> None:
    """What the ERP got stays as it is, whatever becomes of the note; and so do changes by the ERP's people."""
    toy = sold(note("n", LONG))
    toy.walk()
    before = written(toy)
    toy.notes["n"] = note("n", "Something else")
    assert toy.walk() == Rest(stage="Open")
    del toy.notes["n"]
    assert toy.walk() == Rest(stage="Open")
    assert written(toy) == before
    toy.notes["n"] = note("n", LONG)
    last = max(toy.comments)
    toy.comments[last] = toy.comment(last, "corrected by hand", str(toy.comments[last].values["Code"]))
    assert toy.walk() == Rest(stage="Open")
    assert written(toy)[-1] == "corrected by hand"


def test_a_note_edited_while_it_is_carried_goes_as_it_is_now() -> None:
    """Of the earlier text nothing is left."""
    toy = sold(note("n", LONG))
    toy.apply(next_step(toy))
    assert len(toy.comments) > 1
    toy.notes["n"] = note("n", "one " + "two " * 25)
    toy.walk()
    assert " ".join(written(toy)).split() == ["one", *["two"] * 25]
    assert {Changes, Delete} <= {type(step) for step in toy.steps}


def test_notes_of_the_same_second_and_lines_in_the_way_keep_apart() -> None:
    """Each note finds a place of its own, and nobody's line is overwritten."""
    toy = sold(note("n1", LONG))
    toy.walk()
    taken = {number: toy.comment(number, "by hand", "") for number in toy.comments}
    busy = sold(*(note(f"n{number}", LONG) for number in range(1, 6)))
    busy.comments = dict(taken)
    busy.walk()
    assert sorted(written(busy)).count("by hand") == len(taken)
    assert len(busy.comments) == 6 * len(taken)
    assert not any(isinstance(step, Change) for step in busy.steps)


def test_an_age_beyond_all_numbers_finds_a_place() -> None:
    """Years after the order, or without a date, numbers stay whole numbers of 32 bits."""
    toy = sold(
        note("years", LONG, "2056-03-02T08:00:00Z"),
        note("more years", "even later", "2057-03-02T08:00:00Z"),
        note("before", "imported", "1999-03-02T08:00:00Z"),
        record("undated", subject="undated", notetext=None, filename=None, createdon=None, stepid=None),
    )
    toy.walk()
    assert sorted({"imported", "undated", "even later"} & set(written(toy))) == [
        "even later",
        "imported",
        "undated",
    ]
    assert all(0 < number < 2**31 for number in toy.comments)


def test_comments_of_lines_and_other_documents_are_not_ours() -> None:
    """A shipment may have the order's number; a comment on a line has a number of its own."""
    toy = sold(note("n", "Call first"))
    toy.walk()
    [mine] = toy.comments.values()
    toy.comments = {1: replace(mine, values={**mine.values, "Document_Type": "Shipment"})}
    assert isinstance(next_step(toy), Changes)
    toy.comments = {1: replace(mine, values={**mine.values, "Document_Line_No": 10_000})}
    assert isinstance(next_step(toy), Changes)


def test_without_the_page_the_order_goes_on_and_says_so_once() -> None:
    """The note on the CRM order, and the timeline, say what to publish; afterwards the notes are carried."""
    toy = sold(note("n", "Call first"))
    toy.seen = replace(toy.seen, lacking={"comment lines": "The ERP publishes no web service."})
    assert toy.walk() == Rest(stage="Open")
    [told] = toy.steps
    assert isinstance(told, Insert)
    assert "SalesCommentLines" in told.tells
    assert "no web service" in str(told.values["notetext"])
    assert toy.walk() == Rest(stage="Open")
    assert len(toy.steps) == 1
    toy.seen = replace(toy.seen, lacking={})
    toy.walk()
    assert written(toy) == ["Call first"]


def test_an_order_that_is_posted_gets_no_more_notes() -> None:
    """Its comments went to shipment and invoice, and nobody reads an order that is gone."""
    toy = sold()
    toy.ship()
    toy.invoice()
    toy.notes["n"] = note("n", "Too late")
    toy.walk()
    assert toy.comments == {}
