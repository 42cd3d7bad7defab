"""Makes the requests that steps ask for, the announcements that precede them, and the journal's entries of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from interlace.domain.saga import (
    Change,
    CreateDocument,
    Delete,
    FoundRecord,
    Insert,
    Perform,
    Remove,
    content_of_create,
)
from interlace.domain.side import Side
from interlace.domain.values import Value, same_value
from interlace.engine import ports
from interlace.engine.memory import Intent, JournalEntry, SentStamp
from interlace.engine.ports import Deletion, Precondition, TableView, Write
from interlace.engine.saga_setup import SagaSetup
from interlace.engine.saga_turn import Turn

WritingStep = CreateDocument | Change | Insert | Perform | Delete | Remove
CREATE, CHANGE, INSERT, PERFORM = "create document", "change", "insert", "perform"
DELETE, REMOVE = "delete", "delete document"
KINDS: Mapping[type, str] = {
    CreateDocument: "created",
    Change: "changed",
    Insert: "inserted",
    Perform: "performed",
    Delete: "deleted",
    Remove: "removed",
}
"""What the timeline calls a step that was carried out."""
KIND_OF_VERB: Mapping[str, str] = {
    CREATE: "created",
    CHANGE: "changed",
    INSERT: "inserted",
    PERFORM: "performed",
    DELETE: "deleted",
    REMOVE: "removed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The record that an announced write is about, as its journal entry tells."""

    verb: str
    table: str
    message: str = ""


def step_target(step: WritingStep) -> Target:
    """Say what a step writes to."""
    match step:
        case CreateDocument():
            return Target(verb=CREATE, table=step.table)
        case Change():
            return Target(verb=CHANGE, table=step.table)
        case Insert():
            return Target(verb=INSERT, table=step.table)
        case Perform():
            return Target(verb=PERFORM, table=step.table, message=step.message)
        case Delete():
            return Target(verb=DELETE, table=step.table)
        case Remove():
            return Target(verb=REMOVE, table=step.table)


def action_of(target: Target) -> str:
    """Write a target as the journal's word for the action."""
    return ":".join(part for part in (target.verb, target.table, target.message) if part)


def target_of(entry: JournalEntry) -> Target:
    """Read back what an entry's action is about."""
    verb, _, rest = entry.action.partition(":")
    table, _, message = rest.partition(":")
    return Target(verb=verb, table=table, message=message)


def view_of(step: WritingStep) -> TableView:
    """Return the table that a step writes to."""
    targets = step.lookup_targets if isinstance(step, Change | Insert) else ()
    return TableView(side=step.side, table=step.table, fields=(), lookup_targets=targets)


def key_of(setup: SagaSetup, turn: Turn, step: WritingStep) -> str:
    """Return the key under which a step's write is announced: the mark where the service chooses the key."""
    return setup.mark_of(turn.key) if isinstance(step, CreateDocument) else step.key


def entry_of(setup: SagaSetup, turn: Turn, step: WritingStep, job_id: str) -> JournalEntry:
    """Tell of a step's write, as it is to be."""
    before, after = _before_and_after(turn, step)
    key = key_of(setup, turn, step)
    is_other = step.side is not setup.saga.side
    return JournalEntry(
        mapping=setup.mapping,
        side=step.side,
        key=key,
        action=action_of(step_target(step)),
        job_id=job_id,
        before=before,
        after=after,
        lost=dict(before or {}) if isinstance(step, Delete | Remove) else {},
        source_key=turn.key if is_other else turn.tracked.partner or "",
    )


def _before_and_after(turn: Turn, step: WritingStep) -> tuple[dict[str, Value] | None, dict[str, Value]]:
    match step:
        case CreateDocument():
            return None, content_of_create(step)
        case Insert():
            return None, dict(step.values)
        case Perform():
            return None, dict(step.parameters)
        case Change():
            seen = _seen(turn, step.key, step.tag)
            held = {} if seen is None else {n: seen.values[n] for n in step.values if n in seen.values}
            return held, dict(step.values)
        case Delete() | Remove():
            seen = _seen(turn, step.key, step.tag)
            return ({} if seen is None else dict(seen.values)), {}


def _seen(turn: Turn, key: str, tag: str | None) -> FoundRecord | None:
    """Find a record among those that the document's looks found."""
    assert turn.observation is not None
    for records in turn.observation.found.values():
        record = records.get(key)
        if record is not None and record.tag == tag:
            return record
    return None


def intent_of(
    setup: SagaSetup, turn: Turn, step: WritingStep, job_id: str, sent: SentStamp, attempt: int
) -> Intent:
    """Announce a step's write."""
    creates = isinstance(step, CreateDocument)
    return Intent(
        mapping=setup.mapping,
        side=step.side,
        source_key=turn.key,
        key=key_of(setup, turn, step),
        creates=creates or isinstance(step, Insert),
        job_id=job_id,
        entry=entry_of(setup, turn, step, job_id),
        attempt=0 if creates else attempt,
        marked=creates,
        sent=sent,
    )


def write_of(step: Change | Insert) -> Write:
    """Make the write of a step."""
    if isinstance(step, Insert):
        return Write(key=step.key, precondition=Precondition.ABSENT, values=dict(step.values))
    return Write(key=step.key, precondition=Precondition.UNCHANGED, values=dict(step.values), tag=step.tag)


def deletion_of(step: Delete | Remove) -> Deletion:
    """Make the deletion of a step."""
    return Deletion(key=step.key, tag=step.tag)


def single_call(setup: SagaSetup, turn: Turn, step: CreateDocument | Perform) -> ports.Call:
    """Make the request of a step that takes one by itself."""
    if isinstance(step, CreateDocument):
        return ports.CreateDocument(
            view=view_of(step), mark=setup.mark_of(turn.key), values=step.values, lines=step.lines
        )
    return ports.PerformMessage(
        view=view_of(step), key=step.key, tag=step.tag, message=step.message, parameters=step.parameters
    )


def is_same_perform(intent: Intent, step: Perform) -> bool:
    """Tell whether an announced message is the one that a step asks for."""
    if intent.entry is None or intent.side is not step.side or intent.key != step.key:
        return False
    target = target_of(intent.entry)
    return target == step_target(step)


def shows_effect(intent: Intent, record: FoundRecord | None) -> bool | None:
    """Tell whether a record, read after an announced write, holds what was written; None: it can't tell."""
    entry = intent.entry
    if entry is None:
        return None
    target = target_of(entry)
    if target.verb in (DELETE, REMOVE):
        return record is None
    if record is None or target.verb not in (CHANGE, INSERT):
        return None if target.verb == PERFORM else False
    if target.verb == INSERT:
        return True
    return all(same_value(record.values.get(name), value) for name, value in entry.after.items())


def recorded_view(intent: Intent) -> TableView | None:
    """Return the view by which an announced write's record is read again; None for one without a record of its own."""
    entry = intent.entry
    if entry is None or intent.marked or target_of(entry).verb == PERFORM:
        return None
    return TableView(side=Side(intent.side), table=target_of(entry).table, fields=tuple(entry.after))
