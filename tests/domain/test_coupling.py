"""What a coupling remembers when its mapping gets other rows."""

from interlace.domain.coupling import realigned

PAIRS = (("a", "A"), ("b", "B"), ("c", "C"))


def test_pairs_follow_their_rows() -> None:
    """A row that moved keeps its pair, a new one gets blanks, a dropped one is forgotten."""
    assert realigned(PAIRS, ("x", "y", "z"), ("z", "new", "x")) == (PAIRS[2], (None, None), PAIRS[0])


def test_rows_of_one_id_are_told_by_their_turn() -> None:
    """Two rows may carry the same pair of fields."""
    assert realigned(PAIRS, ("x", "x", "y"), ("x", "y", "x", "x")) == (*PAIRS[::2], PAIRS[1], (None, None))


def test_rows_that_nobody_knows_agree_on_nothing() -> None:
    """A layout that is known only by its digest gives no pairs."""
    assert realigned(PAIRS, (), ("x",)) is None
