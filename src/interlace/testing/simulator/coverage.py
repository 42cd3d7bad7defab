"""What a large enough number of schedules must have met, or it proves little."""

MINIMUM_PER_THOUSAND = {
    "user: create": 500,
    "user: edit": 500,
    "user: edit reference": 200,
    "user: touch": 100,
    "user: gate": 100,
    "user: long edit": 100,
    "user: twin": 50,
    "user: delete": 200,
    "user: recreate": 50,
    "user: merge": 50,
    "user: wipe": 20,
    "crash: at an await": 500,
    "crash: in a transaction": 500,
    "clock step": 300,
    "cursors expire": 300,
    "refusal begins or ends": 300,
    "write: lost on the way": 100,
    "write: answer lost": 200,
    "write: late effect": 200,
    "write: retry later": 100,
    "write: call fails": 100,
    "read fails": 300,
    "slow effect": 500,
    "slow answer": 500,
    "outcome: exists": 20,
    "outcome: stale": 50,
    "outcome: gone": 10,
    "outcome: rejected": 50,
    "late effect: done": 10,
    "restore: erp": 10,
    "restore: crm": 10,
    "restore: our own memory": 5,
    "engine create": 1000,
    "engine update": 700,
    "engine delete": 10,
    "overwritten, journalled": 100,
    "rebuilt from the services": 20,
}
"""How often each kind of event must occur in a thousand schedules over all profiles."""

COUNTS_FROM = 1000
"""Fewer schedules are not held to the minimums."""


def missing(counts: dict[str, int], schedules: int) -> list[str]:
    """Say which kinds of event were met too rarely."""
    if schedules < COUNTS_FROM:
        return []
    return [
        f"{kind}: {counts.get(kind, 0)} instead of {least * schedules // 1000}"
        for kind, least in MINIMUM_PER_THOUSAND.items()
        if counts.get(kind, 0) * 1000 < least * schedules
    ]
