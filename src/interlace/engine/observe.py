"""Observes a batch: which records changed, what their partners hold, which uncoupled ones have a match.

What is known after `observe`: every candidate's partner was read by key after the source record was; a
coupling was looked up for each; a create of ours that nobody saw the end of was looked for under its key or by its
mark; an uncoupled record was matched by the mapping's rules. Nothing is written.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import cast

from interlace.domain.coupling import AgreedValues, Coupling
from interlace.domain.errors import RecordError
from interlace.domain.field_merge import FieldMerge, holds_news, is_unopened, merge_fields, open_record
from interlace.domain.integration_field_mapping import IntegrationFieldMapping
from interlace.domain.integration_table_mapping import MatchRule
from interlace.domain.observation import Link, Presence
from interlace.domain.row_merge import NO_DOUBTS, Doubts
from interlace.domain.side import Side
from interlace.domain.synch_action import Restore
from interlace.domain.transfer_fields import (
    NotCoupled,
    Pair,
    Remembered,
    Translate,
    agreed_after_insert,
    new_record,
)
from interlace.domain.values import Value, canonical, same_value
from interlace.engine.announced import note_landed
from interlace.engine.candidate import Candidate
from interlace.engine.explain_failure import defect_of
from interlace.engine.find_partners import find_created, find_named, leave_to_opposite
from interlace.engine.memory import Intent
from interlace.engine.newer import with_newer
from interlace.engine.ports import FindRecords, ReadKeys, Record
from interlace.engine.run_setup import PassSetup
from interlace.engine.synch_pass import Pass


def partner_key_of(coupling: Coupling, side: Side) -> str:
    """Return the key of the coupling's record on one side."""
    return coupling.erp_key if side is Side.ERP else coupling.crm_key


def known_digest(coupling: Coupling, side: Side) -> bytes | None:
    """Return the digest that the record of one side had when it was last read."""
    return coupling.erp_digest if side is Side.ERP else coupling.crm_digest


async def observe(work: Pass, candidates: Sequence[Candidate], asked: float) -> None:
    """Fill in partner, link and merge of every candidate whose source record is there and in scope.

    `asked` is the moment before the first question of this observation (ElapsedTime).
    """
    setup = work.setup
    for each in candidates:
        take_values(setup, each)
    await leave_to_opposite(work, candidates)
    free = [each for each in candidates if not each.waits]
    await _read_partners(work, candidates)
    await _read_partners(work, await find_created(work, candidates, asked))
    note_landed(setup, candidates)
    _let_go(candidates)
    link_found(setup, candidates)
    named = await find_named(work, free)
    await _read_partners(work, named)
    link_found(setup, named)
    await _match(work, free)
    _note_reappeared(work, candidates)
    await compare_all(work, candidates)


def _let_go(candidates: Sequence[Candidate]) -> None:
    """Let records go that were only about to be coupled: an announced change of them has not taken effect."""
    for each in candidates:
        only_updates = each.announced and not any(it.creates for it in each.announced)
        if only_updates and each.coupling is None and each.landed is None and not each.adopted:
            each.partner_key, each.partner, each.partner_was_read = None, None, False


async def compare_all(work: Pass, candidates: Sequence[Candidate]) -> None:
    """Merge the fields of every candidate whose two records were read."""
    setup = work.setup
    doubts = doubts_of(setup, candidates)
    open_ones = [each for each in candidates if each.values is not None and each.source is Presence.PRESENT]
    await work.references.prepare(cast("Sequence[Value]", each.values) for each in open_ones)
    judged = with_newer(setup, candidates, doubts)
    for each in candidates:
        compare(work, each, judged.get(each.key, NO_DOUBTS))


def doubts_of(setup: PassSetup, candidates: Sequence[Candidate]) -> dict[str, Doubts]:
    """Say of coupled candidates which side went back in time, and what the pair agreed on before."""
    doubtful = [it for it in candidates if it.coupling is not None and it.coupling.doubtful]
    if not doubtful:
        return {}
    pairs = {each.key: cast("Coupling", each.coupling) for each in doubtful}
    keys = [pair.erp_key for pair in pairs.values()]
    earlier = setup.run.store.earlier_values(setup.run.mapping.name, keys)
    for each in doubtful:
        sides = pairs[each.key].doubtful
        each.source_doubtful = setup.source.side in sides
        each.destination_doubtful = setup.destination.side in sides
    return {
        key: Doubts(sides=pair.doubtful, earlier=earlier.get(pair.erp_key, {})) for key, pair in pairs.items()
    }


def take_values(setup: PassSetup, each: Candidate) -> None:
    """Take a candidate's values from its record, and say whether it is there and in scope."""
    each.values, each.source = None, Presence.ABSENT if each.record is None else Presence.PRESENT
    if each.record is None:
        return
    try:
        each.values = each.record.values()
    except Exception as problem:  # noqa: BLE001  (our own mistake costs this record, not the batch)
        each.error_found = defect_of(setup, each, problem)
        return
    values = each.values
    if setup.source.filter.conditions:
        place = {name: index for index, name in enumerate(setup.source.fields)}
        if setup.source.filter.first_failing(lambda name: values[place[name]]) is not None:
            each.source = Presence.OUT_OF_SCOPE
            if setup.run.mapping.leaving_filter_deletes and each.coupling is not None:
                each.record, each.values, each.source = None, None, Presence.ABSENT


async def _read_partners(work: Pass, candidates: Sequence[Candidate]) -> None:
    setup = work.setup
    coupled = [
        each
        for each in candidates
        if each.partner_key is not None
        and not each.partner_was_read
        and (each.source is not Presence.OUT_OF_SCOPE or each.announced or work.rebuilding)
    ]
    if not coupled:
        return
    keys = tuple(cast("str", each.partner_key) for each in coupled)
    partners: list[Record | None] = await ReadKeys(view=setup.destination, keys=keys)
    for each, partner in zip(coupled, partners, strict=True):
        each.partner = partner
        each.partner_was_read = True


def link_found(setup: PassSetup, candidates: Sequence[Candidate]) -> None:
    """Link uncoupled candidates with the record found under the key that we chose for their partner.

    It is our own earlier attempt, unless it is someone's partner; without one a create is still to be made.
    """
    uncoupled = [
        each
        for each in candidates
        if each.coupling is None and each.partner_was_read and each.link is not Link.SKIPPED
    ]
    found = [each.partner.key for each in uncoupled if each.partner is not None]
    taken = setup.run.store.partner_keys(setup.run.mapping.name, setup.destination.side, found)
    for each in uncoupled:
        if each.partner is None:
            each.link = Link.UNCOUPLED
            continue
        owner = taken.get(each.partner.key)
        if owner is not None and owner != each.key:
            each.link, each.adopted, each.landed = Link.MATCH_TAKEN, False, None
        else:
            each.link = Link.MATCHED
            chosen = setup.run.chosen_key(setup.destination.side, each.key)
            each.adopted = each.adopted or each.landed is not None or each.partner.key == chosen


def _note_reappeared(work: Pass, candidates: Sequence[Candidate]) -> None:
    """Mark uncoupled records that were deleted once and are there again because their service was restored."""
    setup = work.setup
    if setup.source.side not in work.repairing:
        return
    keys = [each.key for each in candidates if each.link is Link.UNCOUPLED and each.values is not None]
    deleted = setup.run.store.journalled_deletions(setup.run.mapping.name, setup.source.side, keys)
    for each in candidates:
        if each.key in deleted and each.link is Link.UNCOUPLED:
            each.link = Link.REAPPEARED


async def _match(work: Pass, candidates: Sequence[Candidate]) -> None:
    setup = work.setup
    for rule in setup.run.mapping.match_rules:
        unmatched = [
            each
            for each in candidates
            if each.link is Link.UNCOUPLED
            and each.values is not None
            and each.source is Presence.PRESENT
            and not any(it.creates for it in each.announced)
        ]
        if unmatched:
            await _match_by(setup, rule, unmatched, _claimed(work, candidates))


def _claimed(work: Pass, candidates: Sequence[Candidate]) -> dict[str, str]:
    """Return records that are about to be coupled, with whom: found for others of the batch, or created by us."""
    found = {each.partner.key: each.key for each in candidates if each.partner is not None}
    created = {
        intent.key: source_key
        for source_key, intents in work.open_intents.items()
        for intent in intents
        if intent.creates and not intent.marked
    }
    return {**created, **found}


async def _match_by(
    setup: PassSetup, rule: MatchRule, candidates: Sequence[Candidate], claimed: dict[str, str]
) -> None:
    own, theirs = (rule.erp_field, rule.crm_field) if setup.to_crm else (rule.crm_field, rule.erp_field)
    own_place, their_place = setup.source.fields.index(own), setup.destination.fields.index(theirs)
    wanted: dict[str, list[Candidate]] = defaultdict(list)
    for each in candidates:
        text = _match_text(setup, rule, cast("Sequence[Value]", each.values)[own_place])
        if text is not None:
            wanted[text.casefold()].append(each)
    if not wanted:
        return
    texts = tuple(
        sorted(
            {
                cast("str", _match_text(setup, rule, cast("Sequence[Value]", one.values)[own_place]))
                for group in wanted.values()
                for one in group
            }
        )
    )
    found: list[Record] = await FindRecords(view=setup.destination, field=theirs, values=texts)
    hits: dict[str, list[Record]] = defaultdict(list)
    for record in found:
        try:
            text = str(canonical(record.values()[their_place]))
        except Exception as problem:  # noqa: BLE001  (which of them it matches is not known: none may be created)
            for each in candidates:
                each.error_found = defect_of(setup, each, problem)
            return
        hits[text.casefold()].append(record)
    keys = [record.key for record in found]
    taken = claimed | setup.run.store.partner_keys(setup.run.mapping.name, setup.destination.side, keys)
    for text, group in wanted.items():
        _link_matches(group, hits.get(text, []), taken)


def _link_matches(group: Sequence[Candidate], records: Sequence[Record], taken: dict[str, str]) -> None:
    for each in group:
        if len(records) > 1 or (records and len(group) > 1):
            each.link = Link.MATCH_AMBIGUOUS
        elif records:
            each.link = Link.MATCH_TAKEN if records[0].key in taken else Link.MATCHED
            each.partner_key, each.partner, each.partner_was_read = records[0].key, records[0], True


def _match_text(setup: PassSetup, rule: MatchRule, value: Value) -> str | None:
    value = canonical(value)
    if value is None:
        return None
    text = str(value)
    if setup.to_crm:
        return rule.erp_prefix + text
    return text.removeprefix(rule.erp_prefix) if text.startswith(rule.erp_prefix) else None


def compare(work: Pass, each: Candidate, doubts: Doubts) -> None:
    """Merge a candidate's fields with its partner's, or make the values of the record to be created."""
    each.error, each.merge = each.error_found, None
    if each.values is None and each.record is not None:
        return
    try:
        _compare(work, each, doubts)
    except Exception as problem:  # noqa: BLE001  (our own mistake costs this record, not the batch)
        each.error, each.merge = defect_of(work.setup, each, problem), None


def _compare(work: Pass, each: Candidate, doubts: Doubts) -> None:
    setup = work.setup
    each.base = _base_of(setup, each)
    is_open = each.source is Presence.PRESENT
    if each.values is None or (each.partner is None and each.link is Link.COUPLED):
        _compare_survivor(setup, each, doubts)
    if each.values is None or not is_open:
        return
    if each.partner is not None and each.link in {Link.COUPLED, Link.MATCHED}:
        _merge(work, each, doubts)
    elif each.link in {Link.UNCOUPLED, Link.COUPLED}:
        _make(work, each)


def _base_of(setup: PassSetup, each: Candidate) -> Sequence[Remembered] | None:
    """Return what the pair last agreed on; of a partner found without a memory of it, nobody knows."""
    unknown: Sequence[Remembered] = (None,) * setup.plan.row_count
    if each.landed is not None and each.landed.agreed is not None:
        return _agreed_by_landed(setup, each, each.landed.agreed)
    if each.coupling is not None:
        return None if each.coupling.agreed is None else each.coupling.agreed.pairs
    return unknown if each.adopted else None


def _agreed_by_landed(setup: PassSetup, each: Candidate, agreed: AgreedValues) -> Sequence[Remembered]:
    """Return what both sides agree on since a write took effect.

    Whoever sent a create did not live to write what the service takes only from an existing record.
    """
    assert each.landed is not None
    each.opening |= bool(each.landed.creates and setup.plan.deferred and each.partner is not None)
    if agreed.layout != setup.plan.layout:
        return (None,) * setup.plan.row_count
    if not each.landed.creates or each.partner is None:
        return agreed.pairs
    pairs = agreed_after_insert(setup.plan, agreed.pairs, each.partner.values())
    return _unless_entered(setup, each, pairs) if _restores(each.landed) else pairs


def _restores(intent: Intent) -> bool:
    return intent.entry is not None and intent.entry.action == Restore.__name__.lower()


def _unless_entered(setup: PassSetup, each: Candidate, pairs: Sequence[Remembered]) -> Sequence[Remembered]:
    """Take for unknown what a restored record holds otherwise than it was sent.

    It stands under a number of its own side: a user may have entered it anew, who never saw what we sent.
    """
    assert each.landed is not None
    assert each.landed.entry is not None
    assert each.partner is not None
    held, sent = each.partner.values(), each.landed.entry.after
    known = list(pairs)
    for row in setup.plan.rows:
        if row.destination is None or row.target not in sent:
            continue
        if not same_value(canonical(held[row.destination]), sent[row.target]):
            known[row.index] = None
    return known


def _compare_survivor(setup: PassSetup, each: Candidate, doubts: Doubts) -> None:
    of_source = each.values is not None
    held = each.values if each.values is not None else (each.partner.values() if each.partner else None)
    if held is not None:
        news = holds_news(setup.plan, held, each.base, doubts, of_source=of_source)
        each.survivor_changed = news and not setup.run.survivor_seen


def _merge(work: Pass, each: Candidate, doubts: Doubts) -> None:
    setup, agreed = work.setup, each.base
    assert each.values is not None
    assert each.partner is not None
    held = each.partner.values()
    if agreed is not None and (each.created or is_unopened(setup.plan, each.values, held, agreed)):
        each.opening |= not each.created
        agreed = agreed_after_insert(setup.plan, agreed, held)
    # A row of which nobody knows what was agreed is for the merge alone; so is a doubtful pair.
    if (
        agreed is not None
        and not doubts.sides
        and None not in agreed
        and setup.is_agreed(each.values, held, cast("Sequence[Pair]", agreed))
    ):
        each.merge = FieldMerge(agreed=list(agreed))
    else:
        each.merge = merge_fields(setup.plan, each.values, held, agreed, work.references.translate, doubts)
    if each.opening:
        each.opening = open_record(setup.plan, each.merge, held)
    each.error = each.error or each.merge.error
    each.pending = each.merge.pending


def _make(work: Pass, each: Candidate) -> None:
    setup = work.setup
    translate: Translate = work.references.translate
    if each.link is Link.COUPLED:
        translate = _without_clearable(translate)
    assert each.values is not None
    made = setup.make_record(each.values, translate) or new_record(setup.plan, each.values, translate)
    if isinstance(made, RecordError):
        each.error = each.error or made
    else:
        each.created_values, each.agreed, each.pending = made.values, made.agreed, made.pending
        each.deferred = bool(made.deferred)


def _without_clearable(translate: Translate) -> Translate:
    """Leave references that may be blank to a later run: what took the record away may have taken theirs along.

    Two deleted records that refer to each other could else never be created again.
    """

    def cleared(row: IntegrationFieldMapping, value: Value) -> Value | NotCoupled:
        reference = row.reference
        if value is None or reference is None or not row.clear_value_on_failed_sync:
            return translate(row, value)
        return NotCoupled(mapping=reference.mapping, key=str(value))

    return cleared
