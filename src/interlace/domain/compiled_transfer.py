"""The common case of a transfer as one generated function a plan: several times faster than row by row.

`transfer_fields` says what a transfer means; this module only says it again for records without surprises. Whatever
is not plain (a rule that fails, a reference that must be coupled and is not) makes the function return None, and
the caller asks `new_record`, which names the problem. A property test holds both to the same answers.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from types import CodeType
from typing import TypeAlias, cast

from interlace.domain.errors import WaitsFor
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.transfer_fields import (
    NewRecord,
    NotCoupled,
    Remembered,
    RowTransfer,
    TransferPlan,
    Translate,
)
from interlace.domain.transformation_rule import apply_rules
from interlace.domain.values import Value, canonical

MakeRecord: TypeAlias = Callable[[Sequence[Value], Translate], "NewRecord | None"]
Differing: TypeAlias = Callable[[Sequence[Value], Sequence[Remembered]], list[int]]
IsAgreed: TypeAlias = Callable[[Sequence[Value], Sequence[Value], Sequence[Remembered]], bool]


@lru_cache(maxsize=512)
def _code_of(source: str) -> CodeType:
    """Compile generated text; each run of a mapping generates the same one again."""
    return compile(source, "<generated>", "exec")


def compile_new_record(plan: TransferPlan) -> MakeRecord:
    """Generate the function that makes a destination record of a source record, or None for a doubtful one."""
    to_crm = plan.run is Direction.TO_INTEGRATION_TABLE
    templated = {name for name, _ in plan.template}
    names: dict[str, object] = {
        "NewRecord": NewRecord,
        "NotCoupled": NotCoupled,
        "apply_rules": apply_rules,
        "canonical": canonical,
        "template": dict(plan.template),
        "WaitsFor": WaitsFor,
    }
    lines = ["def make(source, translate):", "    try:", "        pending = []"]
    for place in sorted({place for place in plan.sources if place is not None}):
        lines.append(f"        s{place} = source[{place}]")
        lines.append(f"        if s{place}.__class__ is str: s{place} = s{place}.rstrip() or None")
    rows = [each for each in plan.rows if not each.row.after_insert]
    cleared = {each.index for each in rows if _may_be_cleared(each)}
    lines += [f"        h{each.index} = s{each.source}" for each in rows if each.index in cleared]
    for each in rows:
        lines += [f"        {line}" for line in _row_lines(plan, each, names)]
    lines.append("        values = {}")
    for each in rows:
        lines.append(f"        if d{each.index} is not None: values[{each.target!r}] = d{each.index}")
    lines.append("        values.update(template)")
    carried = {each.index: each for each in rows}
    pairs = []
    for index, held_at in enumerate(plan.sources):
        held = "None" if held_at is None or index in plan.deferred else f"s{held_at}"
        held = f"h{index}" if index in cleared else held
        wanted = "None"
        if index in carried:
            target = carried[index].target
            wanted = f"values[{target!r}]" if target in templated else f"d{index}"
        pair = f"({held}, {wanted})" if to_crm else f"({wanted}, {held})"
        pairs.append("None" if index in plan.deferred and not to_crm else pair)
    made = f"agreed=[{', '.join(pairs)}], pending=pending, deferred={plan.deferred!r}"
    lines.append(f"        return NewRecord(values=values, {made})")
    lines += ["    except (ValueError, ArithmeticError):", "        return None"]
    exec(_code_of("\n".join(lines)), names)  # noqa: S102 - generated from declarations: no record's value
    return cast("MakeRecord", names["make"])


def _row_lines(plan: TransferPlan, each: RowTransfer, names: dict[str, object]) -> list[str]:
    """Generate the lines that give d<index>, the row's value in the destination's terms."""
    target = f"d{each.index}"
    if each.row.is_constant:
        names[f"constant{each.index}"] = each.constant
        return [f"{target} = constant{each.index}"]
    lines = [f"{target} = s{each.source}"]
    rules = each.row.to_rules if plan.run is Direction.TO_INTEGRATION_TABLE else each.row.from_rules
    if rules:
        names[f"rules{each.index}"] = rules
        lines.append(f"{target} = canonical(apply_rules(rules{each.index}, {target}))")
    if each.row.reference is not None:
        names[f"row{each.index}"] = each.row
        lines.append(f"{target} = translate(row{each.index}, {target})")
        if _may_be_cleared(each):
            lines.append(f"if {target}.__class__ is NotCoupled:")
            lines.append(f"    pending.append(WaitsFor(mapping={target}.mapping, key={target}.key))")
            lines.append(f"    {target} = h{each.index} = None")
        else:
            lines.append(f"if {target}.__class__ is NotCoupled: return None")
    return lines


def _may_be_cleared(each: RowTransfer) -> bool:
    return each.row.reference is not None and each.row.clear_value_on_failed_sync and not each.row.is_constant


def compile_is_agreed(plan: TransferPlan) -> IsAgreed:
    """Generate the function that tells whether both records hold exactly what they last agreed on.

    A row of which nobody knows what was agreed never does.
    """
    to_crm = plan.run is Direction.TO_INTEGRATION_TABLE
    checks = []
    source_part, destination_part = (0, 1) if to_crm else (1, 0)
    for index in range(plan.row_count):
        held = [
            f"same({record}[{place}], agreed[{index}][{part}])"
            for record, place, part in (
                ("source", plan.sources[index], source_part),
                ("destination", plan.destinations[index], destination_part),
            )
            if place is not None
        ]
        checks += [f"agreed[{index}] is not None", *held]
    body = " and ".join(checks) or "True"
    source = f"def is_agreed(source, destination, agreed):\n    return {body}\n"
    names: dict[str, object] = {"same": _same}
    exec(_code_of(source), names)  # noqa: S102 - generated from places only
    return cast("IsAgreed", names["is_agreed"])


def compile_differing(places: Sequence[int | None], part: int) -> Differing:
    """Generate the function that names the rows in which one side's record differs from the agreed values, if known.

    `places` says where each row stands in the record, `part` which half of an agreed pair is this side's.
    """
    checks = [
        f"    if agreed[{index}] is None or not same(record[{place}], agreed[{index}][{part}]): rows.append({index})"
        for index, place in enumerate(places)
        if place is not None
    ]
    lines = ["def differing(record, agreed):", "    rows = []", *checks, "    return rows"]
    names: dict[str, object] = {"same": _same}
    exec(_code_of("\n".join(lines)), names)  # noqa: S102 - generated from places only
    return cast("Differing", names["differing"])


def _same(now: Value, then: Value) -> bool:
    """Compare quickly; only a difference at first sight is looked at for trailing blanks."""
    return now == then or (now.__class__ is str and canonical(now) == then)
