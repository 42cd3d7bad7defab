"""One thread, virtual time: drives the engine's coroutines and decides when each request takes effect and answers.

A request is sent, takes effect part by part, and is answered, in separate steps between which anything may happen.
"""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from interlace.domain.side import Side
from interlace.engine.ports import (
    AdvanceMarker,
    Attempt,
    Call,
    CurrentTime,
    DeleteRecords,
    ElapsedTime,
    FindRecords,
    LastChange,
    Outcome,
    Pause,
    Precondition,
    ReadChanges,
    ReadKeys,
    ReadLastChange,
    ReadMarker,
    ReadPage,
    RequireThawed,
    TableCapabilities,
    TableView,
    Together,
    Write,
    WriteRecords,
)
from interlace.engine.service import ServiceUnavailable, SignInRefused
from interlace.testing.simulator.effect_oracle import EffectOracle
from interlace.testing.simulator.journal_of_events import Events
from interlace.testing.simulator.model_service import ModelService
from interlace.testing.simulator.profile import Profile
from interlace.testing.simulator.under_way import (
    REQUEST_LIFE,
    LateWrite,
    Part,
    Process,
    ProcessDied,
    Request,
    Task,
)

_STRIDE = 5.0
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class Kernel:
    """Runs tasks and requests one step at a time."""

    def __init__(self, rng: Random, faults: Random, oracle: EffectOracle, profile: Profile) -> None:
        self.now = 0.0
        self.tasks: list[Task] = []
        self.requests: list[Request] = []
        self.late: list[LateWrite] = []
        self.steps = 0
        self.marker_writes = 0
        self.healing = False
        self.slow: tuple[type[Call], ...] = ()
        """Calls whose answers are held back."""
        self.marker_names: dict[str, str] = {}
        """The mapping that each marker row belongs to."""
        self.dues: list[float] = []
        """Moments at which something happens by itself; time does not jump over them."""
        self._rng = rng
        self._faults = faults
        self._oracle = oracle
        self._events: Events = oracle.events
        self._profile = profile

    # Time.

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now = self._oracle.now = now = self.now + seconds
        for service in self._oracle.services.values():
            service.now = now

    def wall_clock(self, process: Process) -> datetime:
        """Return what a process takes for the present moment."""
        return _EPOCH + timedelta(seconds=self.now + process.skew)

    # Steps.

    def step(self) -> None:
        """Do one thing: let a task run, a request take effect or an answer arrive; else let time pass."""
        self.steps += 1
        x = self._rng.random()
        self.advance(0.02 if x < 0.95 else 1.0 if x < 0.965 else 5.0 if x < 0.98 else 20.0)
        ready = []
        for task in self.tasks:
            if task.wake is not None and task.wake <= self.now:
                task.wake, task.ready = None, True
            if task.ready:
                ready.append(task)
        moving = [each for each in self.requests if each.held_until <= self.now]
        number = len(ready) + len(moving)
        if not number:
            self._sleep()
            return
        if self.healing:
            self._go_on(ready, moving)
            return
        place = int(self._rng.random() * number)
        if place < len(ready):
            self.run(ready[place])
            return
        request = moving[place - len(ready)]
        if request.effective:
            self.requests.remove(request)
            self._answer(request)
        else:
            self._take_effect(request)

    def _go_on(self, ready: list[Task], moving: list[Request]) -> None:
        """Let everything go on by what it waits for: while the world heals, nothing comes between."""
        for request in moving:
            while not request.effective:
                self._take_effect(request)
            if request in self.requests:
                self.requests.remove(request)
                self._answer(request)
        for task in ready:
            self.run(task)

    def _sleep(self) -> None:
        """Jump to the next moment at which anything can happen."""
        moments = [task.wake for task in self.tasks if task.wake is not None]
        moments += [each.held_until for each in self.requests]
        moments += self.dues
        if self.late:
            # What is under way may land at any moment: time goes on in small strides.
            moments.append(self.now + _STRIDE)
        ahead = [moment - self.now for moment in moments if moment > self.now]
        self.advance(min(ahead) if ahead else 1.0)
        asleep = self._profile.landing_asleep
        if self.late and asleep and self._faults.random() < asleep:
            self.land(self._faults.choice(self.late))

    def run(self, task: Task) -> None:
        """Let a task run until it waits for something."""
        task.ready = False
        while True:
            failure, outcome, task.failure, task.outcome = task.failure, task.outcome, None, None
            call = task.coroutine.send(outcome) if failure is None else task.coroutine.throw(failure)
            match call:
                case CurrentTime():
                    task.outcome = self.wall_clock(task.process)
                case ElapsedTime():
                    task.outcome = self.now - task.process.started
                case RequireThawed():
                    task.outcome = None
                case TableCapabilities(view=view):
                    task.outcome = self._oracle.services[view.side].capabilities[view.table]
                case Pause(seconds=seconds):
                    task.wake = self.now + seconds
                    return
                case _:
                    self._send(task, call)
                    return

    def _send(self, task: Task, call: Call) -> None:
        calls = call.calls if isinstance(call, Together) else (call,)
        task.together = isinstance(call, Together)
        task.waiting, task.results = len(calls), [None] * len(calls)
        for place, each in enumerate(calls):
            asked = each.call if isinstance(each, Attempt) else each
            request = self._request(task, asked, place)
            request.attempted = asked is not each
            self.requests.append(request)
            self._events.note(self.now, task.process.name, "sends", asked)

    def _request(self, task: Task, call: Call, place: int) -> Request:
        parts: tuple[Part, ...] = ()
        match call:
            case WriteRecords(view=view, writes=writes):
                parts, side = writes, view.side
                for write in writes:
                    self._oracle.sent(view, write, observed=task.observed)
                    self._compare_bytes(view, write)
            case DeleteRecords(view=view, deletions=deletions):
                parts, side = deletions, view.side
                for deletion in deletions:
                    self._oracle.deleted(view, deletion.key, task.process.name, observed=task.observed)
            case ReadMarker() | AdvanceMarker():
                side = call.side
                self.marker_names[call.name] = task.process.mapping
            case ReadPage() | ReadKeys() | FindRecords() | ReadChanges() | ReadLastChange():
                side = call.view.side
            case _:
                message = f"the kernel does not know the call {type(call).__name__}"
                raise TypeError(message)
        request = Request(task=task, call=call, side=side, sent=self.now, place=place, parts=parts)
        self._hold(request)
        return request

    def _compare_bytes(self, view: TableView, write: Write) -> None:
        for late in self.late:
            part = late.part
            if (
                late.view.side is not view.side
                or late.view.table != view.table
                or not isinstance(part, Write)
                or self.now > late.sent + REQUEST_LIFE
            ):
                continue
            if part.key == write.key and part.precondition is not Precondition.UNCHANGED:
                self._oracle.same_bytes(view, part, write)

    def _hold(self, request: Request) -> None:
        """Hold a slow request back, on its way there or on its way back."""
        if self.healing or not isinstance(request.call, self.slow) or self._faults.random() < 0.6:
            return
        if self._events.allows("slow effect" if not request.effective else "slow answer"):
            request.held_until = self.now + self._faults.choice((3.0, 20.0, 45.0, 80.0))

    # Effects.

    def _take_effect(self, request: Request) -> None:
        service = self._oracle.services[request.side]
        if self.now > request.sent + REQUEST_LIFE or self.now < service.down_until:
            self._give_up(request)
        elif request.parts:
            self._take_part(request, service)
        elif not self._read_fails(request):
            request.results = [self._read(service, request.call)]
            if request.task is not None and isinstance(request.call, (ReadPage, ReadKeys, FindRecords)):
                request.task.observed = self.now
            self._done(request)

    def _take_part(self, request: Request, service: ModelService) -> None:
        """Carry out the next write of a request; often all that are left at once."""
        while True:
            part = request.parts[len(request.results)]
            result = self._write(service, request, part)
            if request.failure is not None:
                self._done(request)
                return
            request.results.append(result)
            if len(request.results) == len(request.parts):
                self._done(request)
                return
            if self._rng.random() < 0.3:
                return

    def _done(self, request: Request) -> None:
        request.effective = True
        if request.task is None:
            self.requests.remove(request)
        else:
            self._hold(request)

    def _write(self, service: ModelService, request: Request, part: Part) -> Any:  # noqa: ANN401 - see engine.ports
        view = request.call.view  # type: ignore[attr-defined]
        if not self.healing and self._faults.random() < self._profile.write_faults:
            kind = self._faults.choice(_WRITE_FAULTS)
            if self._events.allows(f"write: {kind}"):
                self._events.note(self.now, "FAULT", kind, view.table, part.key)
                match kind:
                    case "lost on the way":
                        return service.refusal(Outcome.UNKNOWN, view.table, part.key)
                    case "answer lost":
                        self._carry_out(service, view, part, request.sent)
                        return service.refusal(Outcome.UNKNOWN, view.table, part.key)
                    case "late effect":
                        self.late.append(LateWrite(view=view, part=part, sent=request.sent))
                        return service.refusal(Outcome.UNKNOWN, view.table, part.key)
                    case "retry later":
                        return service.refusal(Outcome.RETRY_LATER, view.table, part.key)
                    case _:
                        request.failure = _failure(self._faults)
                        return None
        return self._carry_out(service, view, part, request.sent)

    def _carry_out(self, service: ModelService, view: TableView, part: Part, sent: float) -> Any:  # noqa: ANN401 - see engine.ports
        self._oracle.sent_at = sent
        result = service.write(view, part) if isinstance(part, Write) else service.delete(view, part)
        self._events.count(f"outcome: {result.outcome.value}")
        return result

    def land(self, late: LateWrite) -> None:
        """Let a late write take effect, if it still lives and its precondition holds."""
        self.late.remove(late)
        service = self._oracle.services[late.view.side]
        if self.now <= late.sent + REQUEST_LIFE and self.now >= service.down_until:
            result = self._carry_out(service, late.view, late.part, late.sent)
            self._events.note(self.now, "LATE", late.view.table, late.part.key, result.outcome.value)
            self._events.count(f"late effect: {result.outcome.value}")

    def _read_fails(self, request: Request) -> bool:
        if self.healing or self._faults.random() >= self._profile.read_faults:
            return False
        if not self._events.allows("read fails"):
            return False
        self._events.note(self.now, "FAULT", "read fails", type(request.call).__name__)
        request.failure = _failure(self._faults)
        self._done(request)
        return True

    def _read(self, service: ModelService, call: Call) -> object:
        match call:
            case ReadPage(view=view, after=after):
                return service.read_page(view, after)
            case ReadKeys(view=view, keys=keys):
                records = [service.read_key(view, key) for key in keys]
                for key, record in zip(keys, records, strict=True):
                    if record is None:
                        self._oracle.missing(view, key)
                return records
            case FindRecords(view=view, field=name, values=values):
                return service.find_records(view, name, values)
            case ReadChanges(view=view, cursor=cursor):
                return service.read_changes(view, cursor)
            case ReadMarker(name=name):
                return service.read_marker(name)
            case AdvanceMarker(name=name, value=value, tag=tag):
                self.marker_writes += 1
                return service.advance_marker(name, value, tag)
            case _:
                return LastChange(by=None, at=None)

    def _give_up(self, request: Request) -> None:
        """Answer a request that never took effect: it expired on its way, or the service is down."""
        service, down = self._oracle.services[request.side], self.now > request.sent + REQUEST_LIFE
        outcome = Outcome.UNKNOWN if down else Outcome.RETRY_LATER
        if request.parts:
            view = request.call.view  # type: ignore[attr-defined]
            left = request.parts[len(request.results) :]
            request.results += [service.refusal(outcome, view.table, part.key) for part in left]
        else:
            request.failure = ServiceUnavailable("The service does not answer.")
        self._done(request)

    # Answers.

    def _answer(self, request: Request) -> None:
        task = request.task
        if task is None:
            return
        if request.failure is not None and request.attempted:
            task.results[request.place] = request.failure
        elif request.failure is not None:
            task.failure = task.failure or request.failure
        else:
            task.results[request.place] = request.results if request.parts else request.results[0]
        task.waiting -= 1
        if not task.waiting:
            task.outcome = list(task.results) if task.together else task.results[0]
            task.ready = True

    # Ends.

    def kill(self, process: Process) -> None:
        """End a process; what it sent may still take effect."""
        process.alive = False
        for task in [task for task in self.tasks if task.process is process]:
            self.tasks.remove(task)
            try:
                task.coroutine.close()
            except ProcessDied:
                self._events.count("died in a clean-up")
            for request in [each for each in self.requests if each.task is task]:
                self.requests.remove(request)
                self._abandon(request)

    def _abandon(self, request: Request) -> None:
        left = () if request.effective else request.parts[len(request.results) :]
        for part in left:
            if self._faults.random() < 0.6:
                view = request.call.view  # type: ignore[attr-defined]
                self.late.append(LateWrite(view=view, part=part, sent=request.sent))

    def drop_requests(self, side: Side) -> None:
        """A service goes down: what is on its way there never arrives."""
        self.late = [each for each in self.late if each.view.side is not side]
        for request in [each for each in self.requests if each.side is side and not each.effective]:
            self._give_up(request)


_WRITE_FAULTS = (
    "lost on the way",
    "answer lost",
    "answer lost",
    "late effect",
    "late effect",
    "retry later",
    "call fails",
)


def _failure(faults: Random) -> Exception:
    if faults.random() < 0.8:
        return ServiceUnavailable("The service does not answer now.")
    return SignInRefused("The service does not accept our sign-in.")
