"""Settles writes that were announced and whose answer is not known, by what can be seen of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from interlace.domain.keys import KEY_SEPARATOR
from interlace.domain.saga import Adopt, Creation, Perform, Problem, content_digest
from interlace.domain.side import Side
from interlace.domain.synch_job import SynchJob
from interlace.engine.announced import may_still_land
from interlace.engine.memory import Intent, JournalEntry
from interlace.engine.observe import partner_key_of
from interlace.engine.ports import Capabilities
from interlace.engine.saga_look import read_records
from interlace.engine.saga_setup import SagaSetup
from interlace.engine.saga_turn import Ledger, Turn
from interlace.engine.saga_writes import (
    KIND_OF_VERB,
    is_same_perform,
    recorded_view,
    shows_effect,
    target_of,
)
from interlace.locale.translatable import translatable


async def settle_announced(
    setup: SagaSetup,
    ledger: Ledger,
    capabilities: Mapping[Side, Capabilities],
    turns: Sequence[Turn],
    asked: float,
    now: datetime,
) -> None:
    """Take what took effect for done, and forget what can't take effect any more."""
    for turn in turns:
        for intent in list(turn.announced):
            may_land = may_still_land(
                intent, process=setup.process, asked=asked, capabilities=capabilities[intent.side]
            )
            if intent.marked:
                _settle_create(ledger, turn, intent)
            elif isinstance(turn.step, Perform) and is_same_perform(intent, turn.step):
                if not may_land:
                    ledger.finish(turn, [intent])
            else:
                await _settle(ledger, turn, intent, now, may_land=may_land)


def _settle_create(ledger: Ledger, turn: Turn, intent: Intent) -> None:
    """Forget a create that can't take effect any more and was not found: adopting settles the others."""
    assert turn.observation is not None
    if turn.observation.creation is Creation.NOT_SENT and not isinstance(turn.step, Adopt):
        ledger.finish(turn, [intent])


async def _settle(ledger: Ledger, turn: Turn, intent: Intent, now: datetime, *, may_land: bool) -> None:
    view = recorded_view(intent)
    shown: bool | None = None
    if view is not None:
        shown = shows_effect(intent, (await read_records(view, (intent.key,)))[intent.key])
    if shown is False:
        if not may_land:
            ledger.finish(turn, [intent])
        return
    if intent.entry is not None:
        target = target_of(intent.entry)
        # Of a message whose document has moved on nobody can say whether it was ours that moved it.
        ledger.journal.append(replace(intent.entry, certain=bool(shown) and intent.entry.certain))
        if shown or intent.entry.certain:
            text = translatable(
                "The {verb} of {table} whose answer was lost has taken effect.",
                verb=target.verb,
                table=target.table,
            )
            ledger.tell(turn, now, KIND_OF_VERB[target.verb], text)
    ledger.finish(turn, [intent])


def take_adopted(
    setup: SagaSetup, ledger: Ledger, job: SynchJob, turn: Turn, step: Adopt, now: datetime
) -> None:
    """Couple a document with the partner that was found by its mark: it is our create's, or an earlier memory's."""
    partners = setup.store.couplings_by_key(setup.mapping, setup.saga.side.other, [step.key])
    other = partners.get(step.key)
    if other is not None and partner_key_of(other, setup.saga.side) != turn.key:
        what = translatable(
            "{record} carries the document's mark, but is coupled with {other}.",
            record=step.key.replace(KEY_SEPARATOR, " "),
            other=partner_key_of(other, setup.saga.side).replace(KEY_SEPARATOR, " "),
        )
        remedy = translatable("Clear the mark in the one that was copied, or uncouple the other one.")
        problem = Problem(code="partner_taken", what=what, remedy=remedy)
        ledger.hold(turn, (problem,), now)
        turn.refused = True
        return
    intent = turn.create_intent
    if intent is not None and intent.entry is not None:
        ledger.journal.append(replace(intent.entry, key=step.key))
        ledger.touch(turn, now, created_digest=content_digest(intent.entry.after))
        turn.created = True
    else:
        ledger.journal.append(_coupling_entry(setup, job, turn, step))
        # Whoever created it: we don't know from what.
        ledger.touch(turn, now, created_digest="")
    ledger.couple(turn, step.key)
    if intent is not None:
        ledger.finish(turn, [intent])
    ledger.tell(turn, now, "adopted", step.tells)


def _coupling_entry(setup: SagaSetup, job: SynchJob, turn: Turn, step: Adopt) -> JournalEntry:
    return JournalEntry(
        mapping=setup.mapping,
        side=setup.saga.side.other,
        key=step.key,
        action="couple",
        job_id=job.id,
        before=None,
        after={},
        source_key=turn.key,
    )
