"""The brakes: how much a run may delete or change before a person is asked, and what the person is told."""

import pytest

from interlace.domain.keys import MappingName
from interlace.domain.safety_halt import HaltKind, SafetyLimits, braked, halt_message
from interlace.domain.side import Side


@pytest.mark.parametrize(
    ("deleted", "changed", "coupled", "kind"),
    [
        (0, 0, 1000, None),
        (1, 0, 1, None),
        (2, 0, 2, HaltKind.TABLE_EMPTIED),
        (1000, 0, 1000, HaltKind.TABLE_EMPTIED),
        (20, 0, 500, None),
        (21, 0, 500, HaltKind.MASS_DELETION),
        (40, 0, 2000, None),
        (41, 0, 2000, HaltKind.MASS_DELETION),
        (0, 100, 200, None),
        (0, 101, 200, HaltKind.MASS_CHANGE),
        (0, 300, 1000, None),
        (0, 301, 1000, HaltKind.MASS_CHANGE),
        (0, 500, 0, HaltKind.MASS_CHANGE),
    ],
)
def test_a_brake_trips_beyond_both_its_number_and_its_share(
    deleted: int, changed: int, coupled: int, kind: HaltKind | None
) -> None:
    """Each line names what is seen of so many couplings."""
    assert braked(SafetyLimits(), deleted=deleted, changed=changed, coupled=coupled) is kind


@pytest.mark.parametrize("kind", list(HaltKind))
def test_a_halt_says_what_was_seen_and_how_to_go_on(kind: HaltKind) -> None:
    """The mapping, the service, and the command that releases it."""
    text = halt_message(MappingName("CUSTOMER"), kind, Side.CRM, 25, 35)
    assert text.startswith("Nothing was written")
    assert "CRM" in text
    assert "interlace halts release CUSTOMER" in text
