"""Notices a restored service that has no marker rows: by the last records that we wrote there.

If all of them are missing or hold again what they held before our writes, nobody did that by hand one by one: the
service went back in time. A record whose pair is in doubt already, or that a write is open for, says nothing; fewer
than two records say nothing either. Somebody who deletes just these records by hand gets them back once.
"""

from collections.abc import Mapping

from interlace.domain.side import Side
from interlace.domain.values import Value, same_value
from interlace.engine.memory import JournalEntry
from interlace.engine.ports import ReadKeys, Record
from interlace.engine.run_setup import RunSetup

_WITNESSES_MAX = 3
_WITNESSES_MIN = 2


async def shows_restored(run: RunSetup, side: Side) -> bool:
    """Tell whether the last records that we wrote on a side say that it went back in time."""
    witnesses = _witnesses(run, side)
    if len(witnesses) < _WITNESSES_MIN:
        return False
    view = run.view(side)
    records: list[Record | None] = await ReadKeys(view=view, keys=tuple(witnesses))
    return all(
        record is None or _is_back(entry, dict(zip(view.fields, record.values(), strict=True)))
        for entry, record in zip(witnesses.values(), records, strict=True)
    )


def _witnesses(run: RunSetup, side: Side) -> dict[str, JournalEntry]:
    """Return the newest entry of each of the last records that we wrote and whose pair is beyond doubt."""
    name = run.mapping.name
    entries = run.store.last_writes(name, side)
    couplings = run.couplings_by_key(side, [each.key for each in entries])
    unsure = {each.key for each in run.store.open_intents(name) if each.side is side}
    found: dict[str, JournalEntry] = {}
    for entry in entries:
        coupling = couplings.get(entry.key)
        sure = coupling is not None and side not in coupling.doubtful and entry.key not in unsure
        if sure and entry.certain and entry.key not in found and len(found) < _WITNESSES_MAX:
            found[entry.key] = entry
    return found


def _is_back(entry: JournalEntry, held: Mapping[str, Value]) -> bool:
    """Tell whether a record holds what it held before an entry's write, and not what was written."""
    if entry.before is None:
        return False
    written = [name for name in entry.after if name in held]
    return any(not same_value(held[name], entry.after[name]) for name in written) and all(
        same_value(held[name], entry.before.get(name)) for name in written
    )
