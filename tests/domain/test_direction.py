"""A one-way direction knows its ends."""

import pytest

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.side import Side


@pytest.mark.parametrize(
    ("direction", "source"),
    [(Direction.TO_INTEGRATION_TABLE, Side.ERP), (Direction.FROM_INTEGRATION_TABLE, Side.CRM)],
)
def test_the_opposite_direction_reads_from_the_other_side(direction: Direction, source: Side) -> None:
    """Twice the opposite is the direction itself."""
    assert direction.source_side is source
    assert direction.opposite.source_side is source.other
    assert direction.opposite.opposite is direction
