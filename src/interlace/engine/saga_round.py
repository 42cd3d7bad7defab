"""One look at a batch of documents, and the one step that each of them takes then.

1. Everything is looked at; announced writes whose effect can be seen, or can't come any more, are settled.
2. Each document's decision is taken; what needs no request is remembered in one transaction.
3. Requests are announced, sent and remembered in small groups; no request rests on an old look.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from interlace.domain.saga import (
    Adopt,
    Agree,
    CreateDocument,
    Creation,
    Finish,
    Hold,
    Observation,
    Perform,
    Problem,
    Release,
    Rest,
    Step,
    digest_of_create,
)
from interlace.engine.announced import may_still_land
from interlace.engine.memory import JournalEntry
from interlace.engine.ports import CurrentTime, ElapsedTime
from interlace.engine.saga_look import Looked
from interlace.engine.saga_send import Sender
from interlace.engine.saga_settle import settle_announced, take_adopted
from interlace.engine.saga_turn import Turn
from interlace.engine.saga_work import Work
from interlace.engine.saga_writes import is_same_perform
from interlace.locale.translatable import as_sentence, translatable

_UNANSWERED_MAX = 3
_TAKEN_BACK = Problem(
    code="taken_back",
    what=translatable("What was created for the document was taken back."),
    remedy=translatable("Correct the document, or have it tried once more."),
)
_RESTLESS = Problem(
    code="changed_meanwhile",
    what=translatable("The document was changed again and again while it was processed."),
    remedy=translatable("It is taken up again by the next run."),
)


async def take_round(work: Work, turns: Sequence[Turn]) -> list[Turn]:
    """Take each document one step on; return those to be looked at again. Raises ServiceFailure.

    What was answered before a failure is remembered.
    """
    looked = await work.looker.look(
        [turn.key for turn in turns], {turn.key for turn in turns if turn.tracked.partner is not None}
    )
    work.look_at_more(len(turns), await ElapsedTime() - looked.asked)
    now: datetime = await CurrentTime()
    for turn in turns:
        turn.steps += 1
        turn.observation = _observation(work, turn, looked, now)
        turn.step = _decided(work, turn)
    await settle_announced(work.setup, work.ledger, work.capabilities, turns, looked.asked, now)
    again: list[Turn] = []
    writing: list[Turn] = []
    for turn in turns:
        if _needs_request(work, turn, looked, now):
            writing.append(turn)
        elif isinstance(turn.step, Adopt | Release | Agree):
            again.append(turn)
    work.ledger.store()
    if writing:
        sender = Sender(work=work, looked_at=looked.asked, now=now, at_once=len(turns))
        again += await sender.send(writing)
        if sender.was_old:
            work.look_at_fewer(len(turns))
    return _still_waiting(work, again, now)


def _observation(work: Work, turn: Turn, looked: Looked, now: datetime) -> Observation:
    setup, intent = work.setup, turn.create_intent
    under_way = intent is not None and may_still_land(
        intent,
        process=setup.process,
        asked=looked.asked,
        capabilities=work.capabilities[intent.side],
    )
    return Observation(
        document=looked.documents[turn.key],
        found=looked.found[turn.key],
        partners=looked.partners,
        mark=setup.mark_of(turn.key),
        creation=Creation.UNDER_WAY if under_way else Creation.NOT_SENT,
        partner=turn.tracked.partner,
        created_digest=turn.tracked.created_digest,
        stage=turn.tracked.stage,
        settings=setup.settings,
        at=now,
        lacking=looked.lacking,
        agreed=turn.agreed,
    )


def _decided(work: Work, turn: Turn) -> Step:
    """Ask the saga; a defect of its rules holds one document and not all of them."""
    assert turn.observation is not None
    try:
        return work.setup.saga.decide(turn.observation)
    except Exception as defect:  # noqa: BLE001  (our own mistake costs this document, not the batch)
        what = translatable(
            "The rules for {documents} failed on this document: {defect}.",
            documents=as_sentence(work.setup.saga.caption),
            defect=repr(defect),
        )
        return Hold(
            problems=(
                Problem(code="defect", what=what, remedy=translatable("Report this to the developers.")),
            )
        )


def _needs_request(work: Work, turn: Turn, looked: Looked, now: datetime) -> bool:
    """Take a step that needs no request, or say that it needs one."""
    ledger = work.ledger
    _name(work, turn)
    match turn.step:
        case Hold(problems=problems):
            ledger.hold(turn, problems, now)
            _end(work, turn, now)
        case Rest(stage=stage, tells=tells):
            ledger.move(turn, stage, tells, now, finished=False)
            _end(work, turn, now)
        case Finish(stage=stage, tells=tells):
            ledger.move(turn, stage, tells, now, finished=True)
            _end(work, turn, now)
        case Adopt() as adopt:
            take_adopted(work.setup, ledger, work.job, turn, adopt, now)
        case Agree(values=values, tells=tells):
            ledger.agree(turn, values)
            if tells:
                ledger.tell(turn, now, "agreed", tells)
        case Release(tells=tells):
            ledger.journal.append(_uncoupling(work, turn))
            ledger.release(turn)
            ledger.tell(turn, now, "released", tells)
        case CreateDocument() as create:
            return _may_create(work, turn, create, now)
        case Perform() as perform:
            return _may_perform(work, turn, perform, looked, now)
        case _:
            return True
    return False


def _may_create(work: Work, turn: Turn, step: CreateDocument, now: datetime) -> bool:
    """Tell whether a create may be sent: none is under way, and its like was not taken back before."""
    assert turn.observation is not None
    if turn.observation.creation is Creation.UNDER_WAY:
        _end(work, turn, now)
        return False
    if digest_of_create(step) == turn.tracked.removed_digest and not work.setup.again:
        work.ledger.hold(turn, turn.tracked.problems or (_TAKEN_BACK,), now)
        _end(work, turn, now)
        return False
    return True


def _may_perform(work: Work, turn: Turn, step: Perform, looked: Looked, now: datetime) -> bool:
    """Tell whether a message may be sent: the same one is not on its way any more."""
    for intent in turn.announced:
        if is_same_perform(intent, step) and may_still_land(
            intent,
            process=work.setup.process,
            asked=looked.asked,
            capabilities=work.capabilities[intent.side],
        ):
            _end(work, turn, now)
            return False
    return True


def _name(work: Work, turn: Turn) -> None:
    """Take over what names the document for people, and who is responsible for it."""
    saga, document = work.setup.saga, turn.document
    if document is None:
        return
    title = document.values.get(saga.title_field) if saga.title_field is not None else None
    owner = document.values.get(saga.owner_field) if saga.owner_field is not None else None
    held = turn.tracked
    turn.tracked = replace(held, title=str(title or held.title), owner=str(owner or ""))


def _end(work: Work, turn: Turn, now: datetime) -> None:
    """End a document's turn in this run, and count it."""
    work.ledger.touch(turn, now, run_id=work.setup.run_id)
    counters, tracked = work.job.counters, turn.tracked
    if tracked.held:
        counters.failed += 1
    elif turn.created:
        counters.inserted += 1
    elif turn.removed:
        counters.deleted += 1
    elif turn.changed:
        counters.modified += 1
    else:
        counters.unchanged += 1


def _still_waiting(work: Work, turns: Sequence[Turn], now: datetime) -> list[Turn]:
    """Let go for this run of documents that find no rest."""
    waiting = []
    for turn in turns:
        if turn.removed and turn.tracked.held:
            _end(work, turn, now)
        elif turn.steps >= work.setup.saga.steps_max:
            work.ledger.hold(turn, (_RESTLESS,), now)
            _end(work, turn, now)
        elif turn.refused or turn.unanswered >= _UNANSWERED_MAX:
            _end(work, turn, now)
        else:
            waiting.append(turn)
    work.ledger.store()
    return waiting


def _uncoupling(work: Work, turn: Turn) -> JournalEntry:
    saga = work.setup.saga
    return JournalEntry(
        mapping=saga.name,
        side=saga.side.other,
        key=turn.tracked.partner or "",
        action="uncouple",
        job_id=work.job.id,
        before=None,
        after={},
        source_key=turn.key,
    )
