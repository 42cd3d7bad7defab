"""What is under way in a schedule: processes, their coroutines, requests, and writes that may still take effect."""

from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from interlace.domain.side import Side
from interlace.engine.ports import (
    AdvanceMarker,
    Call,
    DeleteRecords,
    Deletion,
    FindRecords,
    ReadChanges,
    ReadKeys,
    ReadLastChange,
    ReadMarker,
    ReadPage,
    TableView,
    Write,
    WriteRecords,
)

REQUEST_LIFE = 60.0
Part: TypeAlias = Write | Deletion


class ProcessDied(BaseException):
    """A process ended without warning: nothing in it may notice."""


@dataclass(slots=True, eq=False)
class Process:
    """One worker process: what it knows of time, and when it dies."""

    name: str
    started: float
    skew: float = 0.0
    """How far its wall clock is off."""
    alive: bool = True
    mapping: str = ""
    """What it works on now."""
    edges_left: int | None = None
    """It dies at this many transaction edges from now."""

    def edge(self) -> None:
        """Come to the edge of a transaction."""
        if not self.alive:
            raise ProcessDied
        if self.edges_left is not None:
            self.edges_left -= 1
            if self.edges_left < 0:
                self.alive = False
                raise ProcessDied


@dataclass(slots=True, eq=False)
class Task:
    """A coroutine under way."""

    process: Process
    coroutine: Coroutine[Call, Any, None]
    outcome: Any = None
    failure: Exception | None = None
    ready: bool = True
    wake: float | None = None
    waiting: int = 0
    results: list[Any] = field(default_factory=list)
    together: bool = False
    observed: float = 0.0
    """When a service last told it of records."""


@dataclass(slots=True, eq=False)
class Request:
    """A call on its way to a service and back."""

    task: Task | None
    """None: nobody waits for the answer any more."""
    call: Call
    side: Side
    sent: float
    place: int
    parts: tuple[Part, ...] = ()
    results: list[Any] = field(default_factory=list)
    effective: bool = False
    failure: Exception | None = None
    attempted: bool = False
    """A failure is the answer, not an exception."""
    held_until: float = 0.0


@dataclass(slots=True, eq=False, frozen=True)
class LateWrite:
    """A write whose answer is given up and whose effect may still come."""

    view: TableView
    part: Part
    sent: float


def named(call: Call) -> str:
    """Say in short what a call is about."""
    match call:
        case WriteRecords(view=view, writes=writes):
            return f"{view.table} " + " ".join(f"{each.key}:{each.precondition.value}" for each in writes)
        case ReadKeys(view=view, keys=keys):
            return f"{view.table} {' '.join(keys)}"
        case ReadMarker() | AdvanceMarker():
            return f"{call.side.value} {call.name}"
        case ReadPage() | FindRecords() | ReadChanges() | ReadLastChange() | DeleteRecords():
            return call.view.table
        case _:
            return ""
