"""Old and new values with the words marked that differ."""

from htpy import div

from interlace.ui.difference import difference


def test_only_the_words_that_differ_are_marked() -> None:
    """What both values have in common stands unmarked on both sides of the arrow."""
    shown = str(div[difference("12 Harbour Street", "14 Harbour Street")])
    assert shown == (
        "<div><del><mark>12</mark> Harbour Street</del> → <ins><mark>14</mark> Harbour Street</ins></div>"
    )


def test_added_words_are_marked_in_the_new_value_only() -> None:
    """Nothing is marked in the old one, which holds nothing that went."""
    shown = str(div[difference("Relecloud", "Relecloud Ltd.")])
    assert shown == "<div><del>Relecloud</del> → <ins>Relecloud<mark> Ltd.</mark></ins></div>"


def test_another_text_is_shown_whole() -> None:
    """Letters that two different texts happen to share are no hint."""
    assert "mark" not in str(div[difference("Oslo", "Wellington")])
    assert "mark" not in str(div[difference("+44 20 7946 0981", "+64 4 555 0100")])
    long = " ".join(str(number) for number in range(1_000))
    assert "mark" not in str(div[difference(long, f"{long} more")])


def test_blank_values_are_told() -> None:
    """Nothing was there: only the new value; nothing comes: a dash. Text of people is no markup."""
    assert str(div[difference("", "New")]) == "<div><ins>New</ins></div>"
    assert str(div[difference("Old", "")]) == "<div><del>Old</del> → <ins>–</ins></div>"
    assert "<b>" not in str(div[difference("a <b>", "a <b> c")])
