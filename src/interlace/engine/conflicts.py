"""Describes the conflicts of a batch for people: both records, what they agreed on, who changed them and when."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from interlace.domain.conflict import CONFLICT_CODES, Conflict, ConflictKind, ConflictRow, SideOfConflict
from interlace.domain.errors import RecordError
from interlace.domain.observation import Presence
from interlace.domain.row_merge import pair_of
from interlace.domain.side import Side
from interlace.domain.synch_action import Fail
from interlace.domain.transfer_fields import Cleared, Remembered, RowTransfer, TransferPlan, carry_over
from interlace.domain.values import Value, canonical, same_value
from interlace.engine.candidate import Candidate
from interlace.engine.ports import Call, LastChange, ReadLastChange, Record, Together
from interlace.engine.references import References
from interlace.engine.run_setup import PassSetup, pass_setup
from interlace.engine.synch_pass import Pass

_ASKED_MAX = 200
"""Of so many records a batch is asked who changed them; more conflicts at once are a case for a policy."""


def is_conflict(each: Candidate) -> bool:
    """Tell whether a person must bring the candidate's pair together."""
    return isinstance(each.action, Fail) and each.action.code in CONFLICT_CODES and each.coupling is not None


async def note_conflicts(work: Pass, candidates: Sequence[Candidate], now: datetime) -> None:
    """Describe the conflicts among decided candidates, each with who changed its two records last."""
    found = [each for each in candidates if is_conflict(each)]
    if not found:
        return
    opposite = await _opposite(work, found)
    changes = await _last_changes(work.setup, found[:_ASKED_MAX])
    for each in found:
        each.conflict = _conflict(work, opposite, each, changes.get(each.key, {}), now)


async def _opposite(work: Pass, found: Sequence[Candidate]) -> References:
    """Prepare what the opposite pass would write: the other half of a person's choice."""
    references = References(pass_setup(work.setup.run, work.setup.opposite))
    await references.prepare([each.partner.values() for each in found if each.partner is not None])
    return references


async def _last_changes(setup: PassSetup, found: Sequence[Candidate]) -> dict[str, dict[Side, LastChange]]:
    calls: list[Call] = []
    places: list[tuple[str, Side]] = []
    for each in found:
        sides = ((setup.source, each.record), (setup.destination, each.partner))
        for view, record in sides:
            if record is not None:
                calls.append(ReadLastChange(view=view, key=record.key))
                places.append((each.key, view.side))
    told: list[LastChange] = await Together(calls=tuple(calls)) if calls else []
    changes: dict[str, dict[Side, LastChange]] = {}
    for (key, side), change in zip(places, told, strict=True):
        changes.setdefault(key, {})[side] = change
    return changes


def _conflict(
    work: Pass, opposite: References, each: Candidate, changes: dict[Side, LastChange], now: datetime
) -> Conflict:
    setup = work.setup
    assert each.coupling is not None
    assert isinstance(each.action, Fail)
    records = pair_of_records(setup, each)
    sides = {
        side: _side(key, records[side], changes.get(side))
        for side, key in ((Side.ERP, each.coupling.erp_key), (Side.CRM, each.coupling.crm_key))
    }
    is_update = each.record is not None and each.partner is not None
    return Conflict(
        mapping=setup.run.mapping.name,
        kind=ConflictKind.UPDATE if is_update else ConflictKind.DELETION,
        code=each.action.code,
        caption=_caption(setup, records, each.coupling.erp_key),
        erp=sides[Side.ERP],
        crm=sides[Side.CRM],
        detected_at=now,
        rows=_rows_in_conflict(work, opposite, each) if is_update else _rows_changed(setup, each),
    )


def pair_of_records(setup: PassSetup, each: Candidate) -> dict[Side, Record | None]:
    """Return the candidate's two records by side."""
    return {setup.source.side: each.record, setup.destination.side: each.partner}


def _side(key: str, record: Record | None, change: LastChange | None) -> SideOfConflict:
    return SideOfConflict(
        key=key,
        digest=None if record is None else record.digest,
        changed_by=None if change is None else change.by,
        changed_at=None if change is None else change.at,
    )


def _caption(setup: PassSetup, records: dict[Side, Record | None], erp_key: str) -> str:
    """Name the pair by its ERP key and, where the record is there, its caption."""
    key, caption = erp_key.replace("\x1f", ", "), setup.run.mapping.erp_caption
    record = records[Side.ERP]
    if record is None or not caption:
        return key
    text = record.values()[setup.run.view(Side.ERP).fields.index(caption)]
    return f"{key} ({text})" if text else key


def _rows_in_conflict(work: Pass, opposite: References, each: Candidate) -> tuple[ConflictRow, ...]:
    assert each.merge is not None
    assert each.partner is not None
    setup = work.setup
    source, destination = cast("Sequence[Value]", each.values), each.partner.values()
    backward = {row.index: row for row in opposite.setup.plan.rows}
    rows = []
    for forward in setup.plan.rows:
        if forward.index not in each.merge.conflict_rows or forward.index not in backward:
            continue
        there = each.merge.conflicting[forward.target]
        held = _held(setup.plan, forward.index, source, destination)
        back = _carried(opposite, backward[forward.index], held[1] if setup.to_crm else held[0])
        to_crm, to_erp = (there, back) if setup.to_crm else (back, there)
        rows.append(_row(setup, forward.index, held, each.base, to_crm=to_crm, to_erp=to_erp))
    return tuple(rows)


def _rows_changed(setup: PassSetup, each: Candidate) -> tuple[ConflictRow, ...]:
    """Return the rows that the surviving record changed since both last agreed."""
    if each.source is Presence.ABSENT:
        survivor: Sequence[Value] | None = None if each.partner is None else each.partner.values()
        places, part = setup.plan.destinations, 1 if setup.to_crm else 0
    else:
        survivor, places, part = each.values, setup.plan.sources, 0 if setup.to_crm else 1
    if survivor is None:
        return ()
    rows = []
    for index, place in enumerate(places):
        then = None if each.base is None else each.base[index]
        if place is None or (then is not None and same_value(survivor[place], then[part])):
            continue
        now = canonical(survivor[place])
        held = (now, None) if part == 0 else (None, now)
        rows.append(_row(setup, index, held, each.base, to_crm=held[0], to_erp=held[1]))
    return tuple(rows)


def _held(
    plan: TransferPlan, index: int, source: Sequence[Value], destination: Sequence[Value]
) -> tuple[Value, Value]:
    here, there = plan.sources[index], plan.destinations[index]
    mine = None if here is None else canonical(source[here])
    theirs = None if there is None else canonical(destination[there])
    return pair_of(plan, mine, theirs)


def _carried(references: References, row: RowTransfer, value: Value) -> Value:
    """Say what a value would become on the other side; nothing where it can't be carried over."""
    carried = carry_over(references.setup.plan, row, value, references.translate)
    return None if isinstance(carried, RecordError | Cleared) else carried


def _row(
    setup: PassSetup,
    index: int,
    held: tuple[Value, Value],
    base: Sequence[Remembered] | None,
    *,
    to_crm: Value,
    to_erp: Value,
) -> ConflictRow:
    row = setup.run.mapping.fields[index]
    return ConflictRow(
        row=setup.plan.row_ids[index],
        erp_field=row.erp_field,
        crm_field=row.crm_field,
        erp_value=held[0],
        crm_value=held[1],
        agreed=None if base is None else base[index],
        to_crm=to_crm,
        to_erp=to_erp,
        group=row.merge_group,
    )
