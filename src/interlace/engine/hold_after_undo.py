"""Holds pairs whose change was undone: its cause is still there, and the next run would make the change again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from interlace.domain.errors import ErrorCode, RecordError
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.plan import PlannedWrite
from interlace.domain.side import Side
from interlace.engine.memory import SynchError
from interlace.engine.ports import ReadKeys, Record
from interlace.engine.run_setup import RunSetup
from interlace.locale.translatable import translatable


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """One undone write, as the hold needs to know it."""

    direction: Direction
    """Of the undone write."""
    source_key: str
    write: PlannedWrite
    """What took it back."""
    would_return: bool
    """The opposite pass would bring the undone state about again, too."""
    of_undo: bool
    """What was undone was an undo itself: its hold ends."""


async def holds_after(
    run: RunSetup, job_id: str, undone: Sequence[Undone], now: datetime
) -> tuple[list[SynchError], list[tuple[Direction, str]]]:
    """Return the holds that the undone pairs get, and the ones that end; reads the records as they are now."""
    held: list[SynchError] = []
    cleared: list[tuple[Direction, str]] = []
    for side in Side:
        listed = [each for each in undone if each.write.side is side]
        if not listed:
            continue
        sources = await _digests(run, side.other, [each.source_key for each in listed])
        targets = await _digests(run, side, [each.write.key for each in listed])
        for each in listed:
            source, target = each.source_key, each.write.key
            ways = [(each.direction, source, sources[source], targets[target])]
            ways.append((each.direction.opposite, target, targets[target], sources[source]))
            if each.of_undo:
                cleared += [(direction, key) for direction, key, _, _ in ways]
                continue
            for direction, key, own, other in ways if each.would_return else ways[:1]:
                error = RecordError(
                    code=ErrorCode.HELD_AFTER_UNDO, message=_message(run, each, direction, key)
                )
                held.append(
                    SynchError(
                        mapping=run.mapping.name,
                        direction=direction,
                        source_key=key,
                        error=error,
                        job_id=job_id,
                        at=now,
                        skipped=True,
                        source_digest=own,
                        partner_digest=other,
                    )
                )
    return held, cleared


def _message(run: RunSetup, undone: Undone, direction: Direction, key: str) -> str:
    write, table = undone.write, run.view(direction.source_side).table
    return translatable(
        "{record}: what was done to {written} was undone by a person, and is not done again by itself. Change the "
        "record, or let it take part again: interlace errors retry {key} --mapping {mapping}",
        record=f"{table} {key}",
        written=f"{write.table} {write.key}",
        key=key,
        mapping=run.mapping.name,
    )


async def _digests(run: RunSetup, side: Side, keys: Sequence[str]) -> dict[str, bytes | None]:
    records: list[Record | None] = await ReadKeys(view=run.view(side), keys=tuple(keys))
    return {key: None if record is None else record.digest for key, record in zip(keys, records, strict=True)}
