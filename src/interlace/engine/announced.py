"""What is known of writes that were announced and whose outcome was not seen.

1. The record shows it: a create is found under its key or by its mark, an update's values are there, a deletion's
   record is gone. Then the pair's merge base is what the write said both sides would agree on.
2. It can't take effect any more: the longest life of a request has passed since it was sent, on the sender's own
   clock. Another process's stamp tells nothing, so such a write counts as sent just now.
3. Otherwise it may still take effect, and a create under a key of the service's choosing waits.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from interlace.domain.side import Side
from interlace.domain.synch_action import Delete
from interlace.domain.values import same_value
from interlace.engine.candidate import Candidate
from interlace.engine.memory import Intent, JournalEntry, SentStamp
from interlace.engine.ports import Capabilities, FindRecords, Record, TableView
from interlace.engine.run_setup import PassSetup

DELETE = Delete.__name__.lower()
UNDO = "undo"
"""The journal's word for a write that took an earlier one back."""
_MARGIN = 0.1
"""Share of a request's life that is waited on top of it."""


def may_still_land(intent: Intent, *, process: str, asked: float, capabilities: Capabilities) -> bool:
    """Tell whether a write may take effect after the moment `asked` (on the clock of `process`)."""
    sent = intent.sent
    if sent is None or sent.process != process:
        return True
    return asked < sent.elapsed + capabilities.max_request_life_seconds * (1 + _MARGIN)


def with_life_over(sent: SentStamp, capabilities: Capabilities) -> SentStamp:
    """Return a stamp by which a write can't take effect after the moment of this one: its answer was a refusal."""
    return replace(sent, elapsed=sent.elapsed - capabilities.max_request_life_seconds * (1 + _MARGIN))


def stamped_anew(intents: Iterable[Intent], process: str, elapsed: float) -> list[Intent]:
    """Return the intents of other processes with a stamp of this one, which can tell how old that is."""
    stamp = SentStamp(process=process, elapsed=elapsed)
    return [
        replace(each, sent=stamp) for each in intents if each.sent is None or each.sent.process != process
    ]


def less_certain(intents: Iterable[Intent], restored: Collection[Side]) -> list[Intent]:
    """Return the writes under way that a restored backup makes less certain, as they are to be kept from now on.

    What they would have both sides agree on may be older than what the other side holds by now. And a restored
    service may hold what they were to write by its age: reading it there proves nothing any more.
    """
    changed = []
    for each in intents:
        doubted = each
        if each.key and each.agreed is not None:
            doubted = replace(doubted, agreed=None)
        if each.entry is not None and each.entry.certain and each.side in restored:
            doubted = replace(doubted, entry=replace(each.entry, certain=False))
        if doubted is not each:
            changed.append(doubted)
    return changed


def is_deletion(intent: Intent) -> bool:
    """Tell whether an intent announced a deletion."""
    return intent.entry is not None and intent.entry.action == DELETE


def note_landed(setup: PassSetup, candidates: Sequence[Candidate]) -> None:
    """Find out which announced writes the records just read show to have taken effect."""
    for each in candidates:
        if each.landed is None and each.partner_was_read:
            sent = each.announced if each.refused is None else [each.refused, *each.announced]
            each.landed = next((intent for intent in sent if _landed(setup, each, intent)), None)


def _landed(setup: PassSetup, each: Candidate, intent: Intent) -> bool:
    doubtful = each.coupling is not None and setup.destination.side in each.coupling.doubtful
    if each.partner is None:
        return is_deletion(intent) and each.partner_key == intent.key and not doubtful
    if intent.marked:
        return each.adopted
    if each.partner.key != intent.key or is_deletion(intent):
        return False
    if intent.creates and intent is not each.refused:
        return True
    if doubtful or intent.entry is None:
        # A restored backup may hold the same values by its age.
        return False
    # Whoever refused a create had a record under its key: it is ours only if it holds what we sent.
    return holds(setup.destination, each.partner, intent.entry)


def holds(view: TableView, record: Record, entry: JournalEntry) -> bool:
    """Tell whether a record, read through a view, holds what an entry says was written."""
    held = dict(zip(view.fields, record.values(), strict=True))
    body = {name: value for name, value in entry.after.items() if name in held}
    return bool(body) and all(same_value(held[name], value) for name, value in body.items())


def entry_of_landed(setup: PassSetup, each: Candidate, intent: Intent) -> list[JournalEntry]:
    """Return the journal's entry of a write that took effect, by the partner as it is now.

    A created record that holds something else was edited since, or is of another create under the same key, which
    our memory no longer knows of or a user entered: then the entry is uncertain. So is the deletion of a record
    whose pair ended meanwhile: its service may have been restored since.
    """
    entry, partner = intent.entry, each.partner
    if entry is None:
        return []
    if partner is None:
        return [replace(entry, certain=entry.certain and each.coupling is not None)]
    certain = not intent.creates or intent.marked or holds(setup.destination, partner, entry)
    return [replace(entry, key=partner.key, certain=entry.certain and certain)]


def entry_of_refused(setup: PassSetup, intent: Intent, partner: Record | None) -> list[JournalEntry]:
    """Return the uncertain entry of a write that was refused and may have been done all the same.

    It may have been delivered twice, and this was the answer to the second delivery: then its record holds what it
    sent, or, after an update that somebody has edited over since, neither that nor what it was before. A restored
    service may hold the values that were sent by their age.
    """
    entry = intent.entry
    if entry is None or partner is None or partner.key != intent.key:
        return []
    is_update = not intent.creates and not is_deletion(intent)
    if holds(setup.destination, partner, entry) or (is_update and not _is_untouched(setup, entry, partner)):
        return [replace(entry, certain=False)]
    return []


def entry_of_lost_sight(
    setup: PassSetup, intent: Intent, partner: Record | None, *, restored: bool
) -> list[JournalEntry]:
    """Return the uncertain entry of an update whose record holds neither what it was nor what was written.

    Or of a create under whose key a record stands that has become another one's partner. What a `restored` service
    holds says nothing of what it held before, and what it lacks may have been deleted by us.
    """
    entry = intent.entry
    if entry is None:
        return []
    if is_deletion(intent):
        return [replace(entry, certain=False)] if restored and partner is None else []
    if intent.creates:
        return [] if partner is None or partner.key != intent.key else [replace(entry, certain=False)]
    if partner is not None and partner.key != entry.key:
        partner = None
    if partner is not None and not restored and _is_untouched(setup, entry, partner):
        return []
    return [replace(entry, certain=False)]


def _is_untouched(setup: PassSetup, entry: JournalEntry, record: Record) -> bool:
    """Tell whether a record holds what an update found there."""
    held, before = dict(zip(setup.destination.fields, record.values(), strict=True)), entry.before or {}
    return all(same_value(held.get(name), before.get(name)) for name in entry.after)


async def find_marked(setup: PassSetup, mark_field: str, marks: Sequence[str]) -> dict[str, list[str]]:
    """Return the keys of the records that carry each mark."""
    view = TableView(side=setup.destination.side, table=setup.destination.table, fields=(mark_field,))
    found: list[Record] = await FindRecords(view=view, field=mark_field, values=tuple(marks))
    keys: dict[str, list[str]] = {mark: [] for mark in marks}
    for record in found:
        mark = str(record.values()[0])
        if mark in keys:
            keys[mark].append(record.key)
    return keys
