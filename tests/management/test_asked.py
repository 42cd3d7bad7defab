"""From forms, addresses and JSON bodies to what an operation is asked."""

import msgspec
import pytest

from interlace.management import causes, conflicts, reviews
from interlace.management.asked import from_body, from_pairs
from interlace.management.causes import RetryErrors
from interlace.management.conflicts import ResolveConflict
from interlace.management.couplings import LIST_COUPLINGS
from interlace.management.listing import ListAsked
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.reviews import RestartFullSynchronization


def test_a_name_that_comes_again_gives_a_list_where_one_is_declared() -> None:
    """Boxes that are ticked in a list arrive as one value each."""
    asked = from_pairs(causes.RETRY, [("mapping", "CUSTOMER"), ("keys", "C1"), ("keys", "C2")])
    assert asked == RetryErrors(mapping="CUSTOMER", keys=("C1", "C2"))


def test_the_last_value_counts_where_one_is_declared() -> None:
    """A box sends its value after the hidden one that stands for an empty box."""
    assert from_pairs(reviews.RESTART, [("every", "false"), ("every", "1")]) == RestartFullSynchronization(
        every=True
    )
    assert from_pairs(reviews.RESTART, [("every", "false")]) == RestartFullSynchronization(every=False)


def test_names_with_a_dot_are_entries_of_a_mapping() -> None:
    """Columns of filters and rows of conflicts are named after the dot, dots of their own included."""
    asked = from_pairs(conflicts.RESOLVE, [("id", "c1"), ("fields.Name>name", "erp"), ("fields.a.b", "crm")])
    assert asked == ResolveConflict(id="c1", fields={"Name>name": "erp", "a.b": "crm"})
    listed = from_pairs(
        LIST_COUPLINGS, [("filters.erp_key", "C1..C9"), ("limit", "20"), ("counted", "false")]
    )
    assert listed == ListAsked(filters={"erp_key": "C1..C9"}, limit=20, counted=False)


@pytest.mark.parametrize(
    ("pairs", "field"),
    [
        ([("id", "c1"), ("permission", "administer")], ""),
        ([("choice", "erp")], ""),
        ([("id", "c1"), ("remember", "perhaps")], "remember"),
    ],
    ids=["a field that is not declared", "a field that is missing", "a value of another kind"],
)
def test_what_does_not_fit_is_refused(pairs: list[tuple[str, str]], field: str) -> None:
    """Nothing is taken that is not declared, and a wrong field is named."""
    with pytest.raises(Refused) as refused:
        from_pairs(conflicts.RESOLVE, pairs)
    assert refused.value.kind is RefusalKind.INVALID
    assert set(refused.value.fields) == ({field} if field else set())


def test_a_list_can_be_no_longer_than_a_page() -> None:
    """Nobody asks for a million rows at once."""
    with pytest.raises(Refused) as refused:
        from_pairs(LIST_COUPLINGS, [("limit", "1000000")])
    assert "limit" in refused.value.fields


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"id": 7}', b'{"id": "c1", "more": 1}', b'{"id": "c1", "fields": {"Name": 1}}']
)
def test_a_body_that_does_not_fit_is_refused(body: bytes) -> None:
    """JSON that is broken, of another shape, or holds more than is declared."""
    with pytest.raises(Refused) as refused:
        from_body(conflicts.RESOLVE, body)
    assert refused.value.kind is RefusalKind.INVALID


def test_a_body_is_what_was_asked() -> None:
    """What is written as JSON is read again."""
    asked = ResolveConflict(id="c1", choice="erp", fields={"Name": "crm"}, remember=True)
    assert from_body(conflicts.RESOLVE, msgspec.json.encode(asked)) == asked


def test_no_body_asks_for_what_needs_nothing() -> None:
    """An operation whose fields all have defaults can be asked with nothing."""
    assert from_body(reviews.START, b"") == reviews.StartFullSynchronization()
