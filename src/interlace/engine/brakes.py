"""Counts, before the first write of a run, what the run would carry over, and stops it when that is too much.

What the feeds name is counted by reading it; a table that is read whole is read once more for this. Nothing is
written, and an absence counts only when a direct read has shown it. A deletion that stands on the error list already
is no news, and neither is a record that is still what it was when it was listed: a person has been told. Nor is what
we wrote ourselves in a run that was killed before it could remember it.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from interlace.domain.errors import ErrorCode
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.safety_halt import HaltKind, SafetyHalt, braked, halt_message
from interlace.domain.side import Side
from interlace.engine.announced import holds, is_deletion
from interlace.engine.memory import JournalEntry
from interlace.engine.observe import known_digest, partner_key_of
from interlace.engine.ports import Page, ReadKeys, ReadPage, Record
from interlace.engine.recognize import Recognizer
from interlace.engine.run_setup import RunSetup

_KEYS_AT_ONCE = 500
_READS = {Side.ERP: Direction.TO_INTEGRATION_TABLE, Side.CRM: Direction.FROM_INTEGRATION_TABLE}
"""The direction of the pass that reads each side."""
_DELETION_CODES = frozenset({ErrorCode.PARTNER_DELETED, ErrorCode.DELETED_AND_CHANGED})


def halt_of(run: RunSetup, kind: HaltKind, side: Side, count: int, at: datetime) -> SafetyHalt:
    """Make the halt of a run's mapping."""
    mapping, coupled = run.mapping.name, run.store.count_couplings(run.mapping.name)
    return SafetyHalt(
        mapping=mapping,
        kind=kind,
        side=side,
        count=count,
        of=coupled,
        raised_at=at,
        message=halt_message(mapping, kind, side, count, coupled),
    )


async def tripped(
    run: RunSetup,
    recognizers: Mapping[Side, Recognizer],
    *,
    hinted: Sequence[tuple[Side, Sequence[str]]],
    scanned: Sequence[Side],
    at: datetime,
) -> SafetyHalt | None:
    """Return the halt that the run's news ask for, if any; raises ServiceFailure like any reading."""
    coupled = run.store.count_couplings(run.mapping.name)
    if coupled < 2:
        return None
    for side, keys in hinted:
        found = await _count_hinted(run, recognizers[side], side, keys, coupled)
        if found is not None:
            return halt_of(run, found[0], side, found[1], at)
    for side in scanned:
        found = await _count_scanned(run, recognizers[side], side, coupled)
        if found is not None:
            return halt_of(run, found[0], side, found[1], at)
    return None


async def _count_hinted(
    run: RunSetup, recognizer: Recognizer, side: Side, keys: Sequence[str], coupled: int
) -> tuple[HaltKind, int] | None:
    known = _untold(run, side, run.store.partner_keys(run.mapping.name, side, keys))
    if _verdict(run, len(known), len(known), coupled) is None:
        return None
    changed = deleted = 0
    for start in range(0, len(known), _KEYS_AT_ONCE):
        chunk = tuple(known[start : start + _KEYS_AT_ONCE])
        records: list[Record | None] = await ReadKeys(view=run.view(side), keys=chunk)
        held = [(key, record) for key, record in zip(chunk, records, strict=True) if record is not None]
        there = {key for key, _ in held}
        deleted += _not_deleted_by_us(run, side, [key for key in chunk if key not in there])
        changed += _count_changed(run, side, recognizer.recognize(held).open)
        if found := _verdict(run, deleted, changed, coupled):
            return found
    return None


async def _count_scanned(
    run: RunSetup, recognizer: Recognizer, side: Side, coupled: int
) -> tuple[HaltKind, int] | None:
    after: str | None = None
    changed = seen = 0
    while True:
        page: Page = await ReadPage(view=run.view(side), after=after)
        items = [(record.key, record) for record in page.records]
        recognized = recognizer.recognize(items)
        seen += recognized.coupled
        changed += _count_changed(run, side, recognized.open)
        if found := _verdict(run, 0, changed, coupled):
            return found
        after = page.next
        if after is None:
            break
    if _verdict(run, coupled - seen, 0, coupled) is None:
        return None
    return _verdict(run, await _count_absent(run, side), 0, coupled)


def _count_changed(run: RunSetup, side: Side, items: Sequence[tuple[str, Record | None]]) -> int:
    """Count coupled records that are known to have held something else: what was never read says nothing."""
    keys = [key for key, _ in items]
    errors = run.store.errors_of(run.mapping.name, _READS[side], keys)
    listed = {
        key
        for key, record in items
        if record is not None and key in errors and errors[key].source_digest == record.digest
    }
    couplings = run.couplings_by_key(side, keys)
    changed = {key for key, each in couplings.items() if known_digest(each, side) is not None} - listed
    sent = _sent(run, side) if changed else {}
    records = ((key, record) for key, record in items if key in changed and record is not None)
    ours = {key for key, record in records if _is_as_sent(run, side, record, sent.get(key, ()))}
    return len(changed - ours)


def _sent(run: RunSetup, side: Side) -> dict[str, list[JournalEntry]]:
    """Return the writes of ours to a side that nobody saw the end of, by the record's key."""
    sent: dict[str, list[JournalEntry]] = {}
    for intent in run.store.open_intents(run.mapping.name):
        if intent.side is side and intent.entry is not None and not intent.marked:
            sent.setdefault(intent.key, []).append(intent.entry)
    return sent


def _is_as_sent(run: RunSetup, side: Side, record: Record, sent: Sequence[JournalEntry]) -> bool:
    try:
        return any(holds(run.view(side), record, entry) for entry in sent)
    except Exception:  # noqa: BLE001  (a record that can't be read costs that record later; here it counts)
        return False


async def _count_absent(run: RunSetup, side: Side) -> int:
    """Count the coupled records that a direct read does not find."""
    absent, after = 0, None
    while couplings := run.store.couplings_page(run.mapping.name, after, _KEYS_AT_ONCE):
        after = couplings[-1].erp_key
        pairs = {partner_key_of(each, side): partner_key_of(each, side.other) for each in couplings}
        keys = tuple(_untold(run, side, pairs))
        records: list[Record | None] = await ReadKeys(view=run.view(side), keys=keys)
        gone = [key for key, record in zip(keys, records, strict=True) if record is None]
        absent += _not_deleted_by_us(run, side, gone)
    return absent


def _untold(run: RunSetup, side: Side, pairs: Mapping[str, str]) -> list[str]:
    """Return the keys, of pairs (key of this side, partner's key), whose deletion is not on the error list yet."""
    told: set[str] = set()
    for direction in run.mapping.passes:
        from_side = direction is _READS[side]
        of = {(key if from_side else partner): key for key, partner in pairs.items()}
        errors = run.store.errors_of(run.mapping.name, direction, list(of))
        told.update(of[source] for source, error in errors.items() if error.error.code in _DELETION_CODES)
    return sorted(pairs.keys() - told)


def _not_deleted_by_us(run: RunSetup, side: Side, absent: Collection[str]) -> int:
    """Count the absent records that no deletion of ours is announced for."""
    if not absent:
        return 0
    own = {
        intent.key
        for intent in run.store.open_intents(run.mapping.name)
        if intent.side is side and is_deletion(intent)
    }
    return len(set(absent) - own)


def _verdict(run: RunSetup, deleted: int, changed: int, coupled: int) -> tuple[HaltKind, int] | None:
    counted = 0 if run.mapping.carries_figures else changed
    kind = braked(run.limits, deleted=deleted, changed=counted, coupled=coupled)
    if kind is None:
        return None
    return kind, changed if kind is HaltKind.MASS_CHANGE else deleted
