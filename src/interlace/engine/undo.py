"""Plans the inverse of journalled writes: what still holds what was written goes back, what changed since is left.

Several writes of one record count as one: its newest values are expected, its oldest ones restored. A record that
was created is deleted only if nobody touched it since, also in fields that no mapping reads, as far as its service
tells when it was changed last. Nothing is written here.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.plan import Operation, PlannedAction, PlannedKind, PlannedWrite
from interlace.domain.side import Side
from interlace.domain.transfer_fields import TransferPlan, transfer_plan
from interlace.domain.values import Value, same_value
from interlace.engine.memory import JournalEntry
from interlace.engine.ports import LastChange, ReadKeys, ReadLastChange, Record, TableView, Together
from interlace.engine.run_setup import RunSetup
from interlace.locale.translatable import joined, translatable

_AT_ONCE = 100
_WITHOUT_WRITE = frozenset({"agree", "removecoupling"})
_CLOCKS_DIFFER = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Journalled:
    """A journal entry with its place, and whether it is itself part of an undo."""

    sequence: int
    at: datetime
    entry: JournalEntry
    of_undo: bool = False


@dataclass(slots=True, kw_only=True)
class _Inverse:
    """What undoing one record's writes comes to."""

    newest: Journalled
    sequences: list[int] = field(default_factory=list)
    expected: dict[str, Value] = field(default_factory=dict)
    """What the written fields must still hold."""
    target: dict[str, Value] = field(default_factory=dict)
    was_created: bool = False
    is_deleted: bool = False


def direction_to(side: Side) -> Direction:
    """Return the direction of the passes that write to a side."""
    return Direction.TO_INTEGRATION_TABLE if side is Side.CRM else Direction.FROM_INTEGRATION_TABLE


def is_effect(entry: JournalEntry) -> bool:
    """Tell whether an entry tells of a write to a service that can be taken back record by record.

    Steps of documents can't: what came of them has gone on in both services since.
    """
    is_step = ":" in entry.action
    return entry.action not in _WITHOUT_WRITE and not is_step and bool(entry.after or entry.before)


async def plan_undo(
    run: RunSetup,
    entries: Sequence[Journalled],
    keep: Callable[[PlannedAction], None],
    *,
    only_field: str | None = None,
) -> None:
    """Plan the inverse of a mapping's journal entries, newest first."""
    inverses: dict[tuple[Side, str], _Inverse] = {}
    for each in sorted(entries, key=lambda it: it.sequence, reverse=True):
        if is_effect(each.entry):
            place = each.entry.side, each.entry.key
            _take_back(inverses.setdefault(place, _Inverse(newest=each)), each, only_field)
    for side in Side:
        listed = [each for (of, _), each in inverses.items() if of is side]
        for start in range(0, len(listed), _AT_ONCE):
            for action in await _plan_some(run, side, listed[start : start + _AT_ONCE], only_field):
                keep(action)


def _take_back(inverse: _Inverse, each: Journalled, only_field: str | None) -> None:
    entry = each.entry
    inverse.sequences.append(each.sequence)
    first = len(inverse.sequences) == 1
    if not entry.after:
        inverse.is_deleted = inverse.is_deleted or first
        inverse.was_created = False
        inverse.target = dict(entry.before or {})
        return
    inverse.was_created = entry.before is None
    for name, value in entry.after.items():
        if only_field in {None, name}:
            inverse.expected.setdefault(name, value)
            inverse.target[name] = (entry.before or {}).get(name)


async def _plan_some(
    run: RunSetup, side: Side, inverses: Sequence[_Inverse], only_field: str | None
) -> list[PlannedAction]:
    view = view_with(run.view(side), {name for each in inverses for name in each.expected})
    keys = tuple(each.newest.entry.key for each in inverses)
    records: list[Record | None] = await ReadKeys(view=view, keys=keys)
    changes: list[LastChange] = await Together(
        calls=tuple(
            ReadLastChange(view=run.view(side), key=each.newest.entry.key)
            for each, record in zip(inverses, records, strict=True)
            if _is_deletion(each, record)
        )
    )
    told = iter(changes)
    actions = []
    for each, record in zip(inverses, records, strict=True):
        change = next(told) if _is_deletion(each, record) else None
        actions.append(_plan_one(run, view, each, record, change, only_field))
    return await _with_partner_columns(run, side, actions)


def _is_deletion(inverse: _Inverse, record: Record | None) -> bool:
    return record is not None and inverse.was_created and not inverse.is_deleted


def _plan_one(
    run: RunSetup,
    view: TableView,
    inverse: _Inverse,
    record: Record | None,
    change: LastChange | None,
    only_field: str | None,
) -> PlannedAction:
    entry = inverse.newest.entry
    action = PlannedAction(
        mapping=entry.mapping,
        direction=direction_to(entry.side),
        source_key=entry.source_key,
        partner_key=entry.key,
        kind=PlannedKind.SKIP,
        undoes=tuple(inverse.sequences),
    )
    if inverse.is_deleted:
        if inverse.was_created:
            return replace(action, reason=translatable("it was created and deleted again by what is undone"))
        if record is not None:
            return replace(action, reason=translatable("it was deleted, but somebody created it again"))
        return _restoration(run, view, action, inverse)
    if record is None:
        return replace(action, reason=translatable("it was deleted since"))
    held = dict(zip(view.fields, record.values(), strict=True))
    if inverse.was_created and only_field is None:
        if run.mapping.choice_column is not None and view.side is Side.CRM:
            return replace(action, reason=translatable("a choice stays, because records may hold it"))
        return _removal(view, action, inverse, held, change)
    return _change_back(view, action, inverse, held, run.partner_values(""))


def _restoration(run: RunSetup, view: TableView, action: PlannedAction, inverse: _Inverse) -> PlannedAction:
    key = inverse.newest.entry.key
    plan = transfer_plan(run.mapping, action.direction, run.named_keys)
    values, later = _writable(plan, inverse.target)
    if view.side is Side.CRM:
        values |= run.partner_values(action.source_key)
    write = PlannedWrite(
        side=view.side, table=view.table, key=key, operation=Operation.CREATE, before=None, after=values
    )
    follow_ups = [
        replace(write, operation=Operation.CHANGE, before=None, after={name: value}) for name, value in later
    ]
    return replace(action, kind=PlannedKind.CREATE, writes=(write, *follow_ups))


def _writable(
    plan: TransferPlan, held: Mapping[str, Value]
) -> tuple[dict[str, Value], list[tuple[str, Value]]]:
    """Return what a record is created with, and what it gets afterwards: only fields that its pass writes."""
    values = {name: held.get(name, value) for name, value in plan.template}
    later: list[tuple[str, Value]] = []
    for each in plan.rows:
        value = held.get(each.target)
        if value is None:
            continue
        if not each.row.after_insert:
            values[each.target] = value
            continue
        opening = each.row.opening_value
        if opening is not None:
            later.append((each.target, opening))
        if opening is None or not same_value(opening, value):
            later.append((each.target, value))
    return values, later


def _removal(
    view: TableView,
    action: PlannedAction,
    inverse: _Inverse,
    held: Mapping[str, Value],
    change: LastChange | None,
) -> PlannedAction:
    changed = {
        name: held.get(name)
        for name, value in inverse.expected.items()
        if not same_value(held.get(name), value)
    }
    if changed:
        reason = translatable("it was changed since it was created: {fields}", fields=_fields_text(changed))
        return replace(action, reason=reason)
    if change is not None and change.at is not None and change.at > inverse.newest.at + _CLOCKS_DIFFER:
        return replace(action, reason=_changed_elsewhere(change.by))
    write = PlannedWrite(
        side=view.side,
        table=view.table,
        key=inverse.newest.entry.key,
        operation=Operation.DELETE,
        before=dict(held),
    )
    return replace(action, kind=PlannedKind.DELETE, writes=(write,))


def _changed_elsewhere(by: str | None) -> str:
    if by:
        return translatable(
            "it was changed by {who} since it was created, in a field that no mapping carries", who=by
        )
    return translatable("it was changed since it was created, in a field that no mapping carries")


def _change_back(
    view: TableView,
    action: PlannedAction,
    inverse: _Inverse,
    held: Mapping[str, Value],
    partner_columns: Collection[str],
) -> PlannedAction:
    back: dict[str, Value] = {}
    left: dict[str, Value] = {}
    for name, value in inverse.expected.items():
        if name in partner_columns and inverse.target[name] is None:
            # An undo uncouples nobody: the record goes on to name its partner.
            continue
        if not same_value(held.get(name), value):
            left[name] = held.get(name)
        elif not same_value(value, inverse.target[name]):
            back[name] = inverse.target[name]
    reason = (
        translatable("left as somebody changed it since: {fields}", fields=_fields_text(left)) if left else ""
    )
    if not back:
        return replace(action, reason=reason or translatable("it holds what it held before"))
    write = PlannedWrite(
        side=view.side,
        table=view.table,
        key=inverse.newest.entry.key,
        operation=Operation.CHANGE,
        before={name: held[name] for name in back},
        after=back,
    )
    return replace(action, kind=PlannedKind.CHANGE, writes=(write,), reason=reason)


async def _with_partner_columns(
    run: RunSetup, side: Side, actions: list[PlannedAction]
) -> list[PlannedAction]:
    """Let the CRM records forget the ERP records that are deleted again."""
    removed = [each for each in actions if each.kind is PlannedKind.DELETE and side is Side.ERP]
    columns = tuple(run.partner_values("")) if removed else ()
    if not columns:
        return actions
    view = replace(run.view(Side.CRM), fields=columns)
    records: list[Record | None] = await ReadKeys(view=view, keys=tuple(each.source_key for each in removed))
    named = {
        each.source_key: record
        for each, record in zip(removed, records, strict=True)
        if record is not None
        and dict(zip(columns, record.values(), strict=True)) == run.partner_values(str(each.partner_key))
    }
    return [
        each
        if each.kind is not PlannedKind.DELETE or each.source_key not in named
        else replace(
            each,
            writes=(
                *each.writes,
                PlannedWrite(
                    side=Side.CRM,
                    table=view.table,
                    key=each.source_key,
                    operation=Operation.CHANGE,
                    before=run.partner_values(str(each.partner_key)),
                    after=dict.fromkeys(columns),
                ),
            ),
        )
        for each in actions
    ]


def in_order_of_need(restorations: Sequence[PlannedAction]) -> list[list[PlannedAction]]:
    """Return restorations with references to records that are restored later put off: to a second group."""
    coming = {each.writes[0].key for each in restorations}
    first: list[PlannedAction] = []
    second: list[PlannedAction] = []
    for each in restorations:
        write, *later = each.writes
        coming.discard(write.key)
        early = {name: value for name, value in write.after.items() if value not in coming}
        late = {name: value for name, value in write.after.items() if value in coming}
        first.append(replace(each, writes=(replace(write, after=early), *later)))
        if late:
            change = replace(write, operation=Operation.CHANGE, before=dict.fromkeys(late), after=late)
            second.append(replace(each, kind=PlannedKind.CHANGE, writes=(change,)))
    return [first, second]


def view_with(view: TableView, names: set[str]) -> TableView:
    """Return a view that reads these fields, too."""
    return replace(view, fields=(*view.fields, *sorted(names - {*view.fields})))


def _fields_text(fields: Mapping[str, Value]) -> str:
    return joined(
        (
            translatable("{field} is {value}", field=name, value=repr(value))
            for name, value in sorted(fields.items())
        ),
        between=", ",
    )
