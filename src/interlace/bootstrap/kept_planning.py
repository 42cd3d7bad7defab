"""Makes and applies kept plans: the work itself, with its progress, for servers and commands alike."""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.approval_rules import RulesInForce
from interlace.bootstrap.asked_to_stop import AskedToStop, unless_asked_to_stop
from interlace.bootstrap.connection_settings import ConnectionProblem, require_enabled
from interlace.bootstrap.desk.carry_out import refusals
from interlace.bootstrap.fingerprint import require_home
from interlace.bootstrap.kept_files import STOP, take_work
from interlace.bootstrap.kept_plans import EndKept, KeptPlan, KeptPlans, PlanState
from interlace.bootstrap.plan_approval import approval_of, require_approved
from interlace.bootstrap.plan_file import numbered_stages, read_heading
from interlace.bootstrap.planning import Planning, require_plan_thawed, require_same_ends
from interlace.bootstrap.undoing import UndoSubject, apply_undo, make_undo
from interlace.bootstrap.worker_lock import WorkerLock
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.domain.plan import PlanKind, PlannedAction, PlannedKind
from interlace.engine.apply_plan import ActionEnd
from interlace.locale.kept_text import to_kept
from interlace.locale.translatable import translatable
from interlace.management.refusal import RefusalKind, Refused

_logger = logging.getLogger(__name__)
_KEPT_EVERY_SECONDS: Final = 0.5
_ENDS_AT_ONCE: Final = 500
_Place = tuple[str, Direction, str, PlannedKind]


@dataclass(slots=True, kw_only=True)
class KeptPlanning:
    """One kept plan at work."""

    application: Application
    connection: Connection
    kept: KeptPlans
    plan: KeptPlan
    patience_seconds: float = 0.0
    """How long applying waits for a mapping that another run holds."""
    show: Callable[[PlannedAction], None] = lambda _: None
    told: Callable[[ActionEnd], None] = lambda _: None
    _lock: WorkerLock | None = None
    _counts: dict[str, dict[str, int]] = field(default_factory=dict)
    _endings: dict[str, dict[str, int]] = field(default_factory=dict)
    _ends: list[EndKept] = field(default_factory=list)
    _begun: list[str] = field(default_factory=list)
    _kept_at: float = 0.0

    def begin_making(self) -> None:
        """Keep the plan as one that is being made from now on; `make` makes it. Raises ConnectionProblem."""
        require_enabled(self.connection.settings)
        if any(each.state.is_under_way for each in self.kept.listed(self.connection.id)):
            raise ConnectionProblem(
                translatable("Another plan is being made or applied. Wait for its end, or stop it.")
            )
        self._take()
        self.kept.add(self.plan)

    def begin_applying(self, person: str) -> None:
        """Keep the plan as one that is being carried out from now on; `apply` does it. Raises Refused."""
        require_enabled(self.connection.settings)
        require_home(self.connection.settings, self.application.config)
        plan_file, left_out = self.kept.plan_file(self.plan.id), self.kept.left_out(self.plan.id)
        require_plan_thawed(self.connection, plan_file, left_out)
        self._take()
        try:
            held = self._still_ready()
            require_approved(self.application, self.connection, held)
        except BaseException:
            self._release()
            raise
        self.kept.begin_ends(self.plan.id)
        self._keep(
            msgspec.structs.replace(
                held, state=PlanState.APPLYING, applied_by=person, applied_at=datetime.now(UTC), done=0
            )
        )

    def _still_ready(self) -> KeptPlan:
        held = self.kept.read_as_written(self.plan.id)
        if held is None or held.state is not PlanState.READY:
            raise Refused(
                RefusalKind.CHANGED_MEANWHILE,
                translatable("The plan was applied meanwhile"),
                next_step=translatable("Make a new plan to see what is left to do."),
            )
        return held

    def _take(self) -> None:
        place = self.kept.place(self.plan.id)
        self._lock = take_work(place, "interlace")
        if self._lock is None:
            raise Refused(RefusalKind.CHANGED_MEANWHILE, translatable("Somebody works on this plan already"))
        (place / STOP).unlink(missing_ok=True)

    def _release(self) -> None:
        assert self._lock is not None
        self._lock.release()

    async def make(self) -> KeptPlan:
        """Make the plan; how it ended stands in it, and a problem is raised as well."""
        made = await self._at_work(PlanState.FAILED, PlanState.STOPPED, self._make)
        # Whoever lists the plans next need not read this one whole; rules may have been set meanwhile.
        connection = self.application.connection(self.connection.id)
        approval_of(RulesInForce(application=self.application, connection=connection), made)
        return made

    async def apply(self) -> KeptPlan:
        """Carry the plan out; how it ended stands in it, and a problem is raised as well."""
        return await self._at_work(PlanState.UNFINISHED, PlanState.UNFINISHED, self._apply)

    async def _at_work(
        self, failed: PlanState, stopped: PlanState, work: Callable[[], Coroutine[Any, Any, KeptPlan]]
    ) -> KeptPlan:
        try:
            with refusals():
                self._keep(await work())
        except AskedToStop:
            self._keep(self._ended(stopped))
        except asyncio.CancelledError:
            self._keep(self._ended(stopped))
            raise
        except Refused as refused:
            said = tuple(to_kept(each) for each in (refused.title, refused.why, refused.next_step) if each)
            self._keep(self._ended(failed, said))
            raise
        except Exception:
            _logger.exception("The plan %s failed.", self.plan.id)
            self._keep(self._ended(failed, (translatable("Something went wrong in Interlace"),)))
            raise
        finally:
            self._release()
        return self.plan

    def _ended(self, state: PlanState, problem: tuple[str, ...] = ()) -> KeptPlan:
        self._keep_ends()
        return msgspec.structs.replace(
            self.plan,
            **self._progress(),
            state=state,
            at_work="",
            problem=problem,
            ended_at=datetime.now(UTC),
        )

    # Making

    async def _make(self) -> KeptPlan:
        return await unless_asked_to_stop(self.kept.place(self.plan.id) / STOP, self._read_and_plan)

    async def _read_and_plan(self) -> KeptPlan:
        plan, path = self.plan, self.kept.plan_file(self.plan.id)
        async with self.application.ends(self.connection) as ends:
            planning = Planning(
                application=self.application, connection=self.connection, ends=ends, watch=self._watch
            )
            if plan.kind is PlanKind.UNDO:
                name = MappingName(plan.subject_mapping) if plan.subject_mapping else None
                subject = UndoSubject(text=plan.subject, field=plan.subject_field or None, mapping=name)
                summary = await make_undo(planning, subject, path, self._count)
            else:
                names = [MappingName(each) for each in plan.mappings]
                summary = await planning.plan(names, full=plan.full, out=path, show=self._count)
        counts = {
            str(name): {kind.value: count for kind, count in found.items()}
            for name, found in summary.counts.items()
        }
        return msgspec.structs.replace(
            plan,
            state=PlanState.READY,
            counts=counts,
            unchanged={str(name): count for name, count in summary.unchanged.items()},
            messages={str(name): to_kept(text) for name, text in summary.messages.items()},
            mappings=plan.mappings or tuple(counts),
            done=len(plan.mappings or counts),
            at_work="",
            ready_at=datetime.now(UTC),
        )

    def _count(self, action: PlannedAction) -> None:
        held = self._counts.setdefault(action.mapping, {})
        held[action.kind.value] = held.get(action.kind.value, 0) + 1
        self.show(action)
        self._keep_now_and_then()

    # Applying

    async def _apply(self) -> KeptPlan:
        path, without = self.kept.plan_file(self.plan.id), self.kept.left_out(self.plan.id)
        heading = read_heading(path)
        require_same_ends(self.connection, heading)
        numbers = _Numbers(path, without)

        def told(end: ActionEnd) -> None:
            """Keep how an action ended, under its place in the plan."""
            self._ends.append(
                EndKept(number=numbers.of(end.action), ending=end.ending.value, reason=to_kept(end.reason))
            )
            held = self._endings.setdefault(end.action.mapping, {})
            held[end.ending.value] = held.get(end.ending.value, 0) + 1
            if len(self._ends) >= _ENDS_AT_ONCE:
                self._keep_ends()
            self.told(end)
            self._keep_now_and_then()

        async with self.application.ends(self.connection) as ends:
            planning = Planning(
                application=self.application,
                connection=self.connection,
                ends=ends,
                watch=self._watch,
                patience_seconds=self.patience_seconds,
                # As it was looked at when this began.
                is_approved=True,
            )
            if heading.kind is PlanKind.UNDO:
                run_id = await apply_undo(planning, path, told, without=without)
            else:
                run_id = await planning.apply(path, told, without=without)
        return msgspec.structs.replace(self._ended(PlanState.APPLIED), run_id=run_id)

    # Progress

    def _watch(self, mapping: MappingName) -> None:
        if mapping not in self._begun:
            self._begun.append(mapping)
        self.plan = msgspec.structs.replace(self.plan, at_work=mapping)
        self._keep_ends()
        self._keep(msgspec.structs.replace(self.plan, **self._progress()))
        # What is being written is never interrupted: who asks for an end gets it before the next mapping.
        if self.plan.state is PlanState.APPLYING and (self.kept.place(self.plan.id) / STOP).exists():
            raise AskedToStop

    def _progress(self) -> dict[str, object]:
        done = max(len(self._begun) - 1, 0)
        if self.plan.state is PlanState.APPLYING:
            return {"endings": self._endings, "done": done}
        return {"counts": self._counts, "done": done}

    def _keep_now_and_then(self) -> None:
        if time.monotonic() - self._kept_at > _KEPT_EVERY_SECONDS:
            self._keep(msgspec.structs.replace(self.plan, **self._progress()))

    def _keep(self, plan: KeptPlan) -> None:
        self.plan = plan
        self.kept.write(plan)
        self._kept_at = time.monotonic()

    def _keep_ends(self) -> None:
        if self._ends:
            self.kept.add_ends(self.plan.id, self._ends)
            self._ends.clear()


class _Numbers:
    """Finds the place of actions in a plan; they come stage by stage, so only one stage is held."""

    def __init__(self, path: Path, without: Collection[int]) -> None:
        self._stages = self._read(path, without)
        self._stage: dict[_Place, list[int]] = {}

    def of(self, action: PlannedAction) -> int:
        """Return the place of an action, from 1."""
        place = _place(action)
        while not self._stage.get(place):
            self._stage = next(self._stages)
        return self._stage[place].pop(0)

    def _read(self, path: Path, without: Collection[int]) -> Iterator[dict[_Place, list[int]]]:
        for _, actions in numbered_stages(path):
            stage: dict[_Place, list[int]] = {}
            for number, each in actions:
                if number not in without:
                    stage.setdefault(_place(each), []).append(number)
            yield stage


def _place(action: PlannedAction) -> _Place:
    return action.mapping, action.direction, action.source_key, action.kind
