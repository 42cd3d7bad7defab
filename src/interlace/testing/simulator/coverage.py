"""What a large enough number of schedules must have met, or it proves little."""

from interlace.testing.least_count import least_count

EXPECTED_PER_THOUSAND = {
    "user: create": 3400,
    "user: edit": 5800,
    "user: edit reference": 1700,
    "user: touch": 850,
    "user: gate": 850,
    "user: long edit": 1300,
    "user: twin": 510,
    "user: delete": 1500,
    "user: recreate": 690,
    "user: merge": 510,
    "user: wipe": 340,
    "crash: at an await": 2100,
    "crash: in a transaction": 2600,
    "clock step": 1000,
    "cursors expire": 820,
    "refusal begins or ends": 1100,
    "write: lost on the way": 95,
    "write: answer lost": 190,
    "write: late effect": 190,
    "write: retry later": 94,
    "write: call fails": 95,
    "read fails": 720,
    "slow effect": 2800,
    "slow answer": 2600,
    "outcome: exists": 150,
    "outcome: stale": 83,
    "outcome: gone": 20,
    "outcome: rejected": 270,
    "late effect: done": 73,
    "restore: erp": 95,
    "restore: crm": 80,
    "restore: our own memory": 110,
    "engine create": 4000,
    "engine update": 880,
    "engine delete": 35,
    "overwritten, journalled": 450,
    "rebuilt from the services": 120,
}
"""How often each kind of event occurs in a thousand schedules over all profiles: nine tenths of what was measured."""

COUNTS_FROM = 1000
"""Fewer schedules are not held to the minimums."""


def missing(counts: dict[str, int], schedules: int) -> list[str]:
    """Say which kinds of event were met too rarely."""
    if schedules < COUNTS_FROM:
        return []
    least = {kind: least_count(number * schedules / 1000) for kind, number in EXPECTED_PER_THOUSAND.items()}
    return [
        f"{kind}: {counts.get(kind, 0)} instead of at least {number}"
        for kind, number in least.items()
        if counts.get(kind, 0) < number
    ]
