"""Plans that are kept in the state directory: what was planned, how far its making or applying is, and how it ended."""

import re
import shutil
from collections.abc import Collection, Iterator
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Final
from uuid import uuid4

import msgspec

from interlace.bootstrap.kept_files import (
    STATE_FILE,
    STOP,
    is_at_work,
    read_struct,
    replace_file,
    write_struct,
)
from interlace.domain.plan import PlanKind

DIRECTORY: Final = "plans"
PLANS_MAX: Final = 50
"""So many are kept for a connection; the oldest goes when a further one is made."""
_ID = re.compile(r"[0-9a-f]{12}")
_PLAN, _ENDS, _LEFT_OUT = "actions.plan", "ends.jsonl", "left-out.json"
LEFT_OUT: Final = "left_out"
"""The ending of an action that a person left out of the plan."""


class PlanState(Enum):
    """How far a kept plan is."""

    PLANNING = "planning"
    READY = "ready"
    FAILED = "failed"
    """It could not be made."""
    STOPPED = "stopped"
    """Somebody stopped its making, or the process that made it ended."""
    APPLYING = "applying"
    APPLIED = "applied"
    """It was carried out; what was refused or failed stands beside each action."""
    UNFINISHED = "unfinished"
    """Carrying it out ended early; what was applied by then stays applied."""

    @property
    def is_under_way(self) -> bool:
        """Whether somebody should be at work on it."""
        return self in {PlanState.PLANNING, PlanState.APPLYING}


_LEFT_ALONE: Final = {PlanState.PLANNING: PlanState.STOPPED, PlanState.APPLYING: PlanState.UNFINISHED}


class PlanDecision(msgspec.Struct, frozen=True, kw_only=True):
    """What another user decided on a plan that falls under approval rules."""

    is_approved: bool
    by: str
    at: datetime
    note: str
    content: str
    """Digest of what was decided on."""
    rules: str
    """Digest of the rules as they were."""


class KeptPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of a plan without reading its actions."""

    id: str
    connection: str
    kind: PlanKind
    made_by: str
    made_at: datetime
    state: PlanState = PlanState.PLANNING
    mappings: tuple[str, ...] = ()
    full: bool = False
    subject: str = ""
    """What an undo takes back, as it was named; `subject_mapping` and `subject_field` narrow it."""
    subject_mapping: str = ""
    subject_field: str = ""
    at_work: str = ""
    """The mapping that is worked on."""
    done: int = 0
    """How many mappings are through."""
    ready_at: datetime | None = None
    counts: dict[str, dict[str, int]] = {}
    """How many records of each mapping are treated in which way."""
    unchanged: dict[str, int] = {}
    """How many records of each mapping were found equal."""
    left_out: dict[str, dict[str, int]] = {}
    """How many of the counted ones a person left out."""
    messages: dict[str, str] = {}
    """Why nothing is planned for a mapping."""
    decision: PlanDecision | None = None
    """The newest one; whether it still counts is told by `plan_approval`."""
    applied_by: str = ""
    applied_at: datetime | None = None
    ended_at: datetime | None = None
    endings: dict[str, dict[str, int]] = {}
    """How many actions of each mapping ended in which way."""
    run_id: str = ""
    problem: tuple[str, ...] = ()
    """Why it could not be made or carried out: sentences."""


class EndKept(msgspec.Struct, frozen=True, kw_only=True):
    """How one action of a plan ended."""

    number: int
    """Its place in the plan, from 1."""
    ending: str
    reason: str = ""


def new_plan_id() -> str:
    """Return an id for a further plan."""
    return uuid4().hex[:12]


def is_plan_id(text: str) -> bool:
    """Tell whether a text has the shape of a plan's id."""
    return _ID.fullmatch(text) is not None


class KeptPlans:
    """The kept plans of a state directory; every method blocks for a moment."""

    def __init__(self, state_directory: Path) -> None:
        self.directory = state_directory / DIRECTORY

    def place(self, plan_id: str) -> Path:
        """Return the directory of a plan."""
        assert _ID.fullmatch(plan_id), plan_id
        return self.directory / plan_id

    def plan_file(self, plan_id: str) -> Path:
        """Return the file of a plan, as `interlace apply` reads it."""
        return self.place(plan_id) / _PLAN

    def add(self, plan: KeptPlan) -> KeptPlan:
        """Keep a further plan; the oldest ones of the connection that nobody works on make room."""
        for old in self.listed(plan.connection)[PLANS_MAX - 1 :]:
            if not old.state.is_under_way:
                self.remove(old.id)
        self.write(plan)
        return plan

    def write(self, plan: KeptPlan) -> None:
        """Keep how far a plan is."""
        write_struct(self.place(plan.id) / STATE_FILE, plan)

    def read(self, plan_id: str) -> KeptPlan | None:
        """Return a plan; one that nobody works on any more is told as stopped."""
        held = self.read_as_written(plan_id)
        if held is None or not held.state.is_under_way or is_at_work(self.place(plan_id)):
            return held
        # It may have ended between the two looks.
        again = self.read_as_written(plan_id)
        if again is None or not again.state.is_under_way:
            return again
        return msgspec.structs.replace(again, state=_LEFT_ALONE[again.state], at_work="")

    def read_as_written(self, plan_id: str) -> KeptPlan | None:
        """Return a plan as who works on it wrote it down last."""
        if not _ID.fullmatch(plan_id):
            return None
        return read_struct(self.place(plan_id) / STATE_FILE, KeptPlan)

    def listed(self, connection: str) -> list[KeptPlan]:
        """Return a connection's plans, the newest first."""
        if not self.directory.is_dir():
            return []
        found = (self.read(each.name) for each in self.directory.iterdir())
        own = [each for each in found if each is not None and each.connection == connection]
        return sorted(own, key=lambda each: (each.made_at, each.id), reverse=True)

    def remove(self, plan_id: str) -> None:
        """Forget a plan."""
        shutil.rmtree(self.place(plan_id), ignore_errors=True)

    def ask_to_stop(self, plan_id: str) -> None:
        """Ask whoever works on a plan, in whichever process, to stop."""
        (self.place(plan_id) / STOP).touch(mode=0o600)

    def begin_ends(self, plan_id: str) -> None:
        """Forget how the actions ended an earlier time."""
        (self.place(plan_id) / _ENDS).write_bytes(b"")

    def add_ends(self, plan_id: str, ends: list[EndKept]) -> None:
        """Keep how further actions ended."""
        with (self.place(plan_id) / _ENDS).open("ab") as file:
            file.writelines(msgspec.json.encode(each) + b"\n" for each in ends)

    def ends(self, plan_id: str) -> dict[int, EndKept]:
        """Return how the actions ended that are through or left out, by their place in the plan."""
        held = {number: EndKept(number=number, ending=LEFT_OUT) for number in self.left_out(plan_id)}
        path = self.place(plan_id) / _ENDS
        decoder = msgspec.json.Decoder(EndKept)
        if not path.is_file():
            return held
        with path.open("rb") as file:
            return held | {each.number: each for each in map(decoder.decode, _whole_lines(file))}

    def left_out(self, plan_id: str) -> frozenset[int]:
        """Return the places of the actions that a person left out."""
        path = self.place(plan_id) / _LEFT_OUT
        return msgspec.json.decode(path.read_bytes(), type=frozenset[int]) if path.is_file() else frozenset()

    def leave_out(self, plan: KeptPlan, numbers: Collection[int]) -> None:
        """Keep which actions are left out, and the plan that counts them."""
        replace_file(self.place(plan.id) / _LEFT_OUT, msgspec.json.encode(sorted(numbers)))
        self.write(plan)


def _whole_lines(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Yield lines but for the last one while it is still being written."""
    for line in lines:
        if line.endswith(b"\n"):
            yield line
