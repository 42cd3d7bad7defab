"""Remedies are commands that can be copied."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

import pytest

from interlace.bootstrap.cause_texts import cause_text, judged
from interlace.cli.error_causes import couple_command, filled_in, remedy
from interlace.domain.errors import ErrorCode, RecordError, WaitsFor
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import KEY_SEPARATOR, MappingName
from interlace.domain.side import Side
from interlace.engine.memory import SynchError
from interlace.store.connection_store import ConnectionStore
from interlace.store.error_causes import CauseKind, ErrorCause

TO, FROM = Direction.TO_INTEGRATION_TABLE, Direction.FROM_INTEGRATION_TABLE


@pytest.mark.parametrize(
    ("mapping", "key", "direction", "command"),
    [
        ("SALESPEOPLE", "HV", TO, "interlace couplings add SALESPEOPLE HV CRM_KEY"),
        ("CUSTOMER", "a-1", FROM, "interlace couplings add CUSTOMER ERP_KEY a-1"),
        ("PAYMENT TERMS", "14 TAGE", TO, 'interlace couplings add "PAYMENT TERMS" "14 TAGE" CRM_KEY'),
        ("PRICES", f"A{KEY_SEPARATOR}PCS", TO, 'interlace couplings add PRICES "A, PCS" CRM_KEY'),
    ],
)
def test_the_awaited_record_stands_on_its_own_side(
    mapping: str, key: str, direction: Direction, command: str
) -> None:
    """What waits in the ERP waits for an ERP record; a shell takes each name as one word."""
    assert couple_command(WaitsFor(mapping=mapping, key=key), direction) == command


def test_a_command_gets_mapping_and_key_of_the_record() -> None:
    """Only the other side's key is left to be filled in."""
    error = SynchError(
        mapping=MappingName("PAYMENT TERMS"),
        direction=FROM,
        source_key="7",
        error=RecordError(code=ErrorCode.MATCH_AMBIGUOUS, message="Several records match."),
        job_id="job",
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    filled = filled_in("interlace couplings add MAPPING ERP_KEY CRM_KEY", error)
    assert filled == 'interlace couplings add "PAYMENT TERMS" ERP_KEY 7'


class Coupled:
    """A store in which some keys are coupled."""

    def __init__(self, *keys: str) -> None:
        self._keys = keys

    def couplings_by_key(self, _mapping: str, side: Side, keys: Sequence[str]) -> dict[str, str]:
        """Return what is coupled of some ERP keys."""
        return {key: "partner" for key in keys if side is Side.ERP and key in self._keys}


def unit_is_missing() -> ErrorCause:
    """Return the cause of prices that wait for a unit."""
    waits = WaitsFor(mapping="UNIT OF MEASURE", key="PCS")
    error = RecordError(
        code=ErrorCode.REFERENCE_NOT_COUPLED, message="Its unit group holds no BOX.", waits_for=waits
    )
    example = SynchError(
        mapping=MappingName("SALESPRC-PRODPRICE"),
        direction=TO,
        source_key="1",
        error=error,
        job_id="job",
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return ErrorCause(
        id="8e0f9c80",
        kind=CauseKind.AWAITED,
        code=error.code,
        count=3,
        failed=3,
        mappings=((example.mapping, 3),),
        waits_for=waits,
        example=example,
    )


def test_what_is_coupled_already_is_not_said_to_be_missing() -> None:
    """A unit group that is coupled but lacks a unit is told as that, without a command that couples it again."""
    held = [unit_is_missing()]
    (cause,) = judged(cast("ConnectionStore", Coupled("PCS")), held)
    assert cause_text(cause) == "Its unit group holds no BOX. (2 more of this kind.)"
    assert remedy(cause) == "interlace errors list --cause 8e0f9c80"
    (cause,) = judged(cast("ConnectionStore", Coupled()), held)
    assert cause_text(cause) == "UNIT OF MEASURE PCS is not coupled."
    assert remedy(cause) == 'interlace couplings add "UNIT OF MEASURE" PCS CRM_KEY'
