"""The inbox of conflicts, part by part, and of which mappings there are any."""

from datetime import UTC, datetime

import pytest

from interlace.bootstrap.desk.conflicts import inbox
from interlace.domain.conflict import Conflict, ConflictKind, SideOfConflict
from interlace.domain.errors import ErrorCode
from interlace.domain.keys import MappingName
from interlace.management.conflicts import ListConflicts

CUSTOMER, ITEM, VENDOR = MappingName("CUSTOMER"), MappingName("ITEM-PRODUCT"), MappingName("VENDOR")
AT = datetime(2026, 3, 1, tzinfo=UTC)


class Held:
    """Open conflicts of two mappings; a third one has errors only."""

    def __init__(self, customers: int, items: int) -> None:
        names = [(CUSTOMER, place) for place in range(customers)] + [(ITEM, place) for place in range(items)]
        self.open = [_conflict(*each) for each in names]

    def conflicts(
        self, connection_id: str, *, mapping: str | None = None, limit: int = 1000
    ) -> list[Conflict]:
        """Return the first ones."""
        return [each for each in self.open if mapping in (None, each.mapping)][:limit]

    def count_conflicts(self, connection_id: str) -> int:
        """Count all of them."""
        return len(self.open)

    def count_errors(self, connection_id: str) -> dict[tuple[MappingName, bool], int]:
        """Count the error list."""
        return {(CUSTOMER, True): 9, (CUSTOMER, False): 1, (ITEM, True): 2, (VENDOR, False): 3}


def _conflict(mapping: MappingName, place: int) -> Conflict:
    key = f"{mapping[0]}{place}"
    return Conflict(
        mapping=mapping,
        kind=ConflictKind.UPDATE,
        code=ErrorCode.UPDATE_CONFLICT,
        erp=SideOfConflict(key=key, digest=b"e"),
        crm=SideOfConflict(key=key, digest=b"c"),
        caption=key,
        detected_at=AT,
    )


@pytest.mark.parametrize(
    ("mapping", "page", "shown", "has_more"),
    [
        ("", 1, ["C0", "C1"], True),
        ("", 2, ["C2", "I0"], True),
        ("", 3, ["I1"], False),
        ("ITEM-PRODUCT", 1, ["I0", "I1"], False),
    ],
)
def test_each_part_begins_where_the_one_before_ended(
    mapping: str, page: int, shown: list[str], *, has_more: bool
) -> None:
    """Two at a time, of all mappings or of one; the mappings that are offered have conflicts."""
    asked = ListConflicts(connection="main", mapping=mapping, page=page, limit=2)
    found = inbox(Held(3, 2), "c1", asked)
    assert [each.caption for each in found.conflicts] == shown
    assert (found.has_more, found.page, found.every) == (has_more, page, 5)
    assert found.mappings == ("CUSTOMER", "ITEM-PRODUCT")


@pytest.mark.parametrize("left", [0, 1, 2])
def test_a_part_that_is_decided_meanwhile_gives_the_last_one_left(left: int) -> None:
    """Nobody who looks at the third part is told that there are no conflicts while there are some."""
    asked = ListConflicts(connection="main", page=3, limit=2)
    found = inbox(Held(left, 0), "c1", asked)
    assert (len(found.conflicts), found.page, found.has_more) == (left, 1, False)
