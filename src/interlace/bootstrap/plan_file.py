"""Plans on disk: one JSON line a heading, an action, a stage; the last line's digest covers all lines before it.

A stage's line stands behind its actions: only then is known how its planning ended. Both writing and reading hold
one stage in memory at most.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import msgspec

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import ConnectionId, MappingName
from interlace.domain.plan import (
    Operation,
    PlanHeading,
    PlanKind,
    PlannedAction,
    PlannedKind,
    PlannedWrite,
    PlanStage,
)
from interlace.domain.side import Side
from interlace.locale.kept_text import from_parts, parts_of
from interlace.locale.translatable import translatable

VERSION = 1
_END_MAX = 200
"""The last line of a plan file is shorter."""
_PARTS = "said"
"""Behind an English text, in which programs find it: what it is made of, so that it can be said in other languages."""
_ENCODER = msgspec.json.Encoder(decimal_format="number", enc_hook=str)
_DECODER = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)


class PlanFileError(Exception):
    """A plan file can't be used: why, and what to do."""


@dataclass(slots=True)
class PlanWriter:
    """Writes a plan; the file counts as whole only once it is closed without an error."""

    path: Path
    heading: PlanHeading
    actions: int = 0
    _file: IO[bytes] | None = None
    _digest: Any = field(default_factory=lambda: hashlib.blake2b(digest_size=16))

    def __enter__(self) -> Self:
        self._file = self.path.open("wb")
        heading = self.heading
        self._line(
            {
                "interlace_plan": VERSION,
                "kind": heading.kind.value,
                "made_at": heading.made_at.isoformat(),
                "connection": heading.connection,
                "connection_name": heading.connection_name,
                "erp_company_id": heading.erp_company_id,
                "crm_organization_id": heading.crm_organization_id,
                "subject": heading.subject,
            }
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._file is not None
        if kind is None:
            digest = self._digest.hexdigest()
            self._file.write(_ENCODER.encode({"end": self.actions, "digest": digest}) + b"\n")
        self._file.close()

    def action(self, action: PlannedAction) -> None:
        """Add an action to the present stage."""
        self.actions += 1
        self._line(_with_parts(as_json(action), action.reason))

    def stage(self, stage: PlanStage) -> None:
        """End the present stage."""
        line = {
            "stage": stage.number,
            "mapping": stage.mapping,
            "creates_new": stage.creates_new,
            "message": stage.message,
            "unchanged": stage.unchanged,
        }
        self._line(_with_parts(line, stage.message))

    def _line(self, line: Mapping[str, object]) -> None:
        assert self._file is not None
        text = _ENCODER.encode(line) + b"\n"
        self._digest.update(text)
        self._file.write(text)


def read_heading(path: Path) -> PlanHeading:
    """Check a whole plan file and return its heading; raises PlanFileError."""
    digest = hashlib.blake2b(digest_size=16)
    first: dict[str, Any] | None = None
    try:
        with path.open("rb") as file:
            previous: bytes | None = None
            for line in file:
                if previous is not None:
                    digest.update(previous)
                    first = first or _DECODER.decode(previous)
                previous = line
        last = _DECODER.decode(previous or b"{}")
    except OSError as problem:
        msg = translatable(
            "The plan {file} can't be read: {problem}.", file=str(path), problem=str(problem.strerror)
        )
        raise PlanFileError(msg) from problem
    except msgspec.DecodeError as problem:
        msg = translatable(
            "{file} is no plan: {problem}. Make one with `interlace plan --out FILE`.",
            file=str(path),
            problem=str(problem),
        )
        raise PlanFileError(msg) from problem
    if first is None or "interlace_plan" not in first:
        msg = translatable("{file} is no plan. Make one with `interlace plan --out FILE`.", file=str(path))
        raise PlanFileError(msg)
    if first["interlace_plan"] != VERSION:
        msg = translatable(
            "{file} was written by another version of Interlace. Make the plan again.", file=str(path)
        )
        raise PlanFileError(msg)
    if last.get("digest") != digest.hexdigest():
        raise _damaged(path)
    return _heading(first)


def digest_at_end(path: Path) -> str:
    """Return the digest that stands at the end of a plan file; only `read_heading` tells whether it is right.

    Raises PlanFileError where there is none.
    """
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _END_MAX))
        end = file.read().splitlines()[-1:]
    try:
        return str(_DECODER.decode(*end)["digest"])
    except (msgspec.DecodeError, KeyError, TypeError) as problem:
        raise _damaged(path) from problem


def _damaged(path: Path) -> PlanFileError:
    msg = translatable(
        "{file} is not as it was written: it was cut off or changed. Make the plan again.", file=str(path)
    )
    return PlanFileError(msg)


def read_stages(path: Path, without: Collection[int] = ()) -> Iterator[tuple[PlanStage, list[PlannedAction]]]:
    """Yield the stages of a plan that was checked, each with its actions but for those at some places, from 1."""
    for stage, numbered in numbered_stages(path):
        yield stage, [action for number, action in numbered if number not in without]


def numbered_stages(path: Path) -> Iterator[tuple[PlanStage, list[tuple[int, PlannedAction]]]]:
    """Yield the stages of a plan that was checked, each with its actions and their places in the plan."""
    number = 0
    actions: list[tuple[int, PlannedAction]] = []
    with path.open("rb") as file:
        for text in file:
            line = _DECODER.decode(text)
            if "action" in line:
                number += 1
                actions.append((number, _action(line)))
            elif "stage" in line:
                stage = PlanStage(
                    number=line["stage"],
                    mapping=MappingName(line["mapping"]),
                    creates_new=line["creates_new"],
                    message=from_parts(line["message"], line.get(_PARTS)),
                    unchanged=line.get("unchanged", 0),
                )
                yield stage, actions
                actions = []


def as_json(action: PlannedAction) -> dict[str, object]:
    """Return an action as plan files and `--json` write it."""
    line: dict[str, object] = {
        "action": action.kind.value,
        "mapping": action.mapping,
        "direction": action.direction.value,
        "record": action.source_key,
        "partner": action.partner_key,
        "writes": [
            {
                "side": each.side.value,
                "table": each.table,
                "key": each.key,
                "operation": each.operation.value,
                "before": None if each.before is None else dict(each.before),
                "after": dict(each.after),
            }
            for each in action.writes
        ],
        "reason": action.reason,
        "code": action.code,
        "source_digest": action.source_digest,
    }
    return line if not action.undoes else {**line, "undoes": list(action.undoes)}


def _with_parts(line: dict[str, object], text: str) -> dict[str, object]:
    parts = parts_of(text)
    return line if parts is None else {**line, _PARTS: parts}


def _heading(line: Mapping[str, Any]) -> PlanHeading:
    return PlanHeading(
        kind=PlanKind(line["kind"]),
        made_at=datetime.fromisoformat(line["made_at"]),
        connection=ConnectionId(line["connection"]),
        connection_name=line["connection_name"],
        erp_company_id=line["erp_company_id"],
        crm_organization_id=line["crm_organization_id"],
        subject=line["subject"],
    )


def _action(line: Mapping[str, Any]) -> PlannedAction:
    writes = tuple(
        PlannedWrite(
            side=Side(each["side"]),
            table=each["table"],
            key=each["key"],
            operation=Operation(each["operation"]),
            before=each["before"],
            after=each["after"],
        )
        for each in line["writes"]
    )
    return PlannedAction(
        mapping=MappingName(line["mapping"]),
        direction=Direction(line["direction"]),
        source_key=line["record"],
        kind=PlannedKind(line["action"]),
        partner_key=line["partner"],
        writes=writes,
        reason=from_parts(line["reason"], line.get(_PARTS)),
        code=line["code"],
        source_digest=line["source_digest"],
        undoes=tuple(line.get("undoes", ())),
    )
