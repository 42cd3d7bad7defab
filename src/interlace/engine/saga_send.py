"""Announces, sends and remembers the requests of a batch's steps, in small groups."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import cast

from interlace.domain.saga import (
    Change,
    Changes,
    CreateDocument,
    Delete,
    Insert,
    Perform,
    Problem,
    Remove,
    content_digest,
)
from interlace.engine.announced import with_life_over
from interlace.engine.memory import Intent, SentStamp
from interlace.engine.ports import (
    Attempt,
    DeleteRecords,
    ElapsedTime,
    Outcome,
    RequireThawed,
    Together,
    WriteRecords,
    WriteResult,
)
from interlace.engine.saga_turn import Turn
from interlace.engine.saga_work import Work
from interlace.engine.saga_writes import (
    KINDS,
    WritingStep,
    deletion_of,
    intent_of,
    single_call,
    view_of,
    write_of,
)
from interlace.engine.service import ServiceFailure, ServiceUnavailable
from interlace.locale.translatable import translatable

_LOOK_LIFE_SECONDS = 30.0
"""No request rests on an older look."""
_PUT_OFF_MAX = 3
"""How often a request may be put off for a look at its document alone that was old already."""
_ORDER = (CreateDocument, Change, Changes, Insert, Delete, Perform, Remove)
_AGAIN = frozenset({Outcome.STALE, Outcome.GONE, Outcome.EXISTS})


@dataclass(slots=True, kw_only=True)
class Sender:
    """Sends what one round decided."""

    work: Work
    looked_at: float
    now: datetime
    at_once: int
    """How many documents were looked at together."""
    was_old: bool = False
    """The look was too old when some requests were to be sent."""

    async def send(self, turns: Sequence[Turn]) -> list[Turn]:
        """Carry out the steps; return the documents to be looked at again. Raises ServiceFailure at the end."""
        again: list[Turn] = []
        for group in self._groups(turns):
            elapsed: float = await ElapsedTime()
            if elapsed > self.looked_at + _LOOK_LIFE_SECONDS:
                self.was_old = True
                if not self._must_go(group):
                    again += self._put_off(group)
                    continue
            await RequireThawed(side=view_of(_steps(group[0])[0]).side)
            intents = self._announce(group, elapsed)
            if await ElapsedTime() > elapsed + _LOOK_LIFE_SECONDS:
                # The process stood still meanwhile: another one may have taken over, and nothing was sent.
                self.work.ledger.finished += intents
                self.work.ledger.store()
                again += group
                continue
            answers = await self._ask(group)
            # A request may have waited before it was sent: its life is counted from when we gave it up.
            given_up = SentStamp(process=self.work.setup.process, elapsed=await ElapsedTime())
            failure = self._take(group, [replace(it, sent=given_up) for it in intents], answers)
            self.work.ledger.store()
            if failure is not None:
                raise failure
            again += group
        return again

    def _must_go(self, group: Sequence[Turn]) -> bool:
        """Tell whether the look can't become any younger: the services take that long for one document alone.

        The fence, the mark and the tags see to it that nothing is doubled or overwritten even so.
        """
        return self.at_once == 1 and group[0].put_off >= _PUT_OFF_MAX

    def _put_off(self, group: Sequence[Turn]) -> Sequence[Turn]:
        """Have documents looked at again: nothing came of this look, so it is none of the steps they may take."""
        for turn in group:
            turn.steps -= 1
            turn.put_off += self.at_once == 1
        return group

    def _groups(self, turns: Sequence[Turn]) -> Iterator[list[Turn]]:
        """Group steps that go in one request, or at the same time in one request each."""
        ordered = sorted(turns, key=lambda turn: _ORDER.index(type(turn.step)))
        batch, at_a_time = self.work.setup.batch_size, self.work.setup.at_a_time
        for (kind, _), members in groupby(
            ordered, key=lambda turn: (type(turn.step), view_of(_steps(turn)[0]))
        ):
            size = {CreateDocument: at_a_time, Perform: at_a_time, Changes: 1}.get(kind, batch)
            group = list(members)
            for start in range(0, len(group), size):
                yield group[start : start + size]

    def _announce(self, group: Sequence[Turn], elapsed: float) -> list[Intent]:
        work = self.work
        sent = SentStamp(process=work.setup.process, elapsed=elapsed)
        intents = []
        for turn, step in _parts(group):
            work.next_attempt += 1
            intents.append(intent_of(work.setup, turn, step, work.job.id, sent, work.next_attempt))
        work.setup.store.announce(intents)
        return intents

    async def _ask(self, group: Sequence[Turn]) -> list[WriteResult | ServiceFailure]:
        steps = [step for _, step in _parts(group)]
        first = steps[0]
        if isinstance(first, CreateDocument | Perform):
            calls = tuple(
                Attempt(single_call(self.work.setup, turn, cast("CreateDocument | Perform", turn.step)))
                for turn in group
            )
            answers: list[WriteResult | ServiceFailure] = await Together(calls=calls)
            return answers
        view = view_of(first)
        call: DeleteRecords | WriteRecords
        if isinstance(first, Delete | Remove):
            removals = tuple(deletion_of(each) for each in steps if isinstance(each, Delete | Remove))
            call = DeleteRecords(view=view, deletions=removals)
        else:
            writes = tuple(write_of(each) for each in steps if isinstance(each, Change | Insert))
            call = WriteRecords(view=view, writes=writes)
        results: list[WriteResult] | ServiceFailure = await Attempt(call)
        if isinstance(results, ServiceFailure):
            return [results] * len(steps)
        return list(results)

    def _take(
        self,
        group: Sequence[Turn],
        intents: Sequence[Intent],
        answers: Sequence[WriteResult | ServiceFailure],
    ) -> ServiceFailure | None:
        """Take the answers over; return what ends the run, if anything does."""
        failure: ServiceFailure | None = None
        for (turn, step), intent, answer in zip(_parts(group), intents, answers, strict=True):
            if isinstance(answer, ServiceFailure):
                self._leave_open(turn, intent, str(answer))
                failure = failure or answer
            elif answer.outcome is Outcome.RETRY_LATER:
                self._end(turn, intent)
                failure = failure or ServiceUnavailable(_said(answer))
            else:
                self._take_result(turn, step, intent, answer)
        return failure

    def _take_result(self, turn: Turn, step: WritingStep, intent: Intent, result: WriteResult) -> None:
        ledger = self.work.ledger
        if result.outcome is Outcome.DONE:
            self._take_done(turn, step, intent, result)
        elif result.outcome is Outcome.UNKNOWN:
            turn.unanswered += 1
            self._leave_open(turn, intent, _said(result))
        elif result.outcome is Outcome.REJECTED:
            if isinstance(step, Perform):
                # Who is told to do what it has done already refuses that, too.
                self._doubt(turn, intent)
            else:
                self._end(turn, intent)
            code = f"{intent.side.value}_refused"
            remedy = translatable("Remove the cause; it is tried again by the next run.")
            ledger.hold(turn, (Problem(code=code, what=_said(result), remedy=remedy),), self.now)
            turn.refused = True
        else:
            assert result.outcome in _AGAIN
            self._doubt(turn, intent)
            self.work.looker.forget()

    def _take_done(self, turn: Turn, step: WritingStep, intent: Intent, result: WriteResult) -> None:
        ledger = self.work.ledger
        assert intent.entry is not None
        ledger.journal.append(replace(intent.entry, key=result.key))
        alike = [
            each
            for each in turn.announced
            if each.key == intent.key and each.entry and each.entry.action == intent.entry.action
        ]
        ledger.finish(turn, alike)
        self._end(turn, intent)
        turn.changed = True
        if isinstance(step, CreateDocument):
            turn.created = True
            ledger.couple(turn, result.key)
            digest = content_digest(intent.entry.after)
            ledger.touch(turn, self.now, created_digest=digest, removed_digest="", problems=())
        if step.tells:
            ledger.tell(turn, self.now, KINDS[type(step)], step.tells)
        if isinstance(step, Remove):
            turn.removed = True
            ledger.release(turn)
            # What its own user took back may come again just as it was.
            taken_back = turn.tracked.created_digest if step.problems else ""
            ledger.touch(turn, self.now, removed_digest=taken_back, created_digest="", stage="")
            if step.problems:
                ledger.hold(turn, step.problems, self.now)

    def _leave_open(self, turn: Turn, intent: Intent, said: str) -> None:
        """Keep an announcement until it is seen what came of it."""
        ledger = self.work.ledger
        turn.announced.append(intent)
        ledger.unknown.append(intent)
        text = translatable("An answer was lost: {why}", why=said)
        ledger.tell(turn, self.now, "unanswered", text)

    def _doubt(self, turn: Turn, intent: Intent) -> None:
        """Keep the announcement of a refused write until its record has been looked at.

        Something on the way may have delivered it twice: then the first delivery took effect, and this is the answer
        to the second one. Nothing waits for it: as a refused write it can't take effect any more.
        """
        entry, sent = intent.entry, intent.sent
        if intent.marked or entry is None or sent is None:
            # A create is found by its mark.
            self._end(turn, intent)
            return
        over = with_life_over(sent, self.work.capabilities[intent.side])
        kept = replace(intent, entry=replace(entry, certain=False), sent=over)
        turn.announced.append(kept)
        self.work.ledger.turns[turn.key] = turn
        self.work.ledger.unknown.append(kept)

    def _end(self, turn: Turn, intent: Intent) -> None:
        """Forget an announcement whose outcome is known."""
        ledger = self.work.ledger
        ledger.turns[turn.key] = turn
        ledger.finished.append(intent)


def _steps(turn: Turn) -> tuple[WritingStep, ...]:
    """Return what a turn's step writes: one write, or several."""
    step = turn.step
    assert step is not None
    return step.changes if isinstance(step, Changes) else (cast("WritingStep", step),)


def _parts(group: Sequence[Turn]) -> list[tuple[Turn, WritingStep]]:
    return [(turn, step) for turn in group for step in _steps(turn)]


def _said(result: WriteResult) -> str:
    return result.error.message if result.error is not None else result.outcome.value
