"""How much may be asked in a minute (requirement U4)."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from tests.web.accounts_desk import MACHINE, Place

from interlace.management.accounts import Visitor
from interlace.management.refusal import RefusalKind, Refused
from interlace.web.rates import OF_CALLER, OF_EXPORTS, OF_STRANGERS, Rate, Rates
from interlace.web.security import Admission, Admitted, WebRules

_RATE = Rate(name="x", a_minute=6)


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        """Return the time it was set to."""
        return self.now


def test_security_u4_a_bucket_empties_and_fills_again() -> None:
    """As many as a minute allows pass at once; then one passes each time that its share of a minute is over."""
    clock = _Clock()
    rates = Rates(clock)
    assert [rates.wait(_RATE, "a") for _ in range(6)] == [0] * 6
    assert rates.wait(_RATE, "a") == 10
    clock.now = 4
    assert rates.wait(_RATE, "a") == 6
    clock.now = 10
    assert [rates.wait(_RATE, "a"), rates.wait(_RATE, "a")] == [0, 10]
    clock.now = 1000
    assert [rates.wait(_RATE, "a") for _ in range(7)] == [0] * 6 + [10]


def test_security_u4_subjects_do_not_take_from_one_another() -> None:
    """Who asks too much slows down nobody else."""
    rates = Rates(_Clock())
    for _ in range(10):
        rates.wait(_RATE, "a")
    assert rates.wait(_RATE, "b") == 0
    assert rates.wait(Rate(name="y", a_minute=1), "a") == 0


def test_what_is_remembered_of_subjects_is_bounded() -> None:
    """A flood of addresses fills no memory."""
    rates = Rates(_Clock())
    for number in range(30_000):
        rates.wait(_RATE, str(number))
    assert len(rates._buckets) <= 10_000  # noqa: SLF001 - nothing else tells it


async def test_security_u4_a_user_takes_five_exports_a_minute(tmp_path: Path) -> None:
    """The sixth export within a minute is refused with how long to wait; pages still open."""
    with closing(Place(tmp_path)) as place:
        await place.add("ada", "INTERLACE ADMIN")
        async with place.signed_in("ada") as client:
            answers = [
                (await client.get("/audit/export")).status_code for _ in range(OF_EXPORTS.a_minute + 1)
            ]
            assert answers == [200] * 5 + [429]
            assert (await client.get("/audit")).status_code == 200


def test_security_u4_strangers_are_slowed_down_by_address_and_callers_by_session() -> None:
    """An address of which nobody is signed in is refused when it asks too much; sessions count by themselves."""
    admission = Admission(_nothing, cast("Any", None), WebRules(), Rates(_Clock()))
    stranger, neighbour = (Admitted(visitor=Visitor(address=each)) for each in ("192.0.2.7", "192.0.2.8"))
    callers = [
        Admitted(visitor=stranger.visitor, caller_or_none=replace(MACHINE, session_id=each)) for each in "ab"
    ]
    for found, rate in ((stranger, OF_STRANGERS), (callers[0], OF_CALLER)):
        for _ in range(rate.a_minute):
            admission.require_rate(found, is_export=False)
        with pytest.raises(Refused) as refused:
            admission.require_rate(found, is_export=False)
        assert refused.value.kind is RefusalKind.TOO_MANY
    admission.require_rate(neighbour, is_export=False)
    admission.require_rate(callers[1], is_export=False)


async def _nothing(*_: object) -> None:
    """Answer nothing."""
