"""Observes a batch: which records changed, what their partners hold, which uncoupled ones have a match.

What is known after `observe`: every candidate's partner was read by key after the source record was; a
coupling was looked up for each; an uncoupled record was matched by the mapping's rules. Nothing is written.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import cast

from interlace.domain.coupling import Coupling
from interlace.domain.errors import RecordError
from interlace.domain.integration_table_mapping import MatchRule
from interlace.domain.observation import Link, Presence
from interlace.domain.transfer_fields import (
    FieldMerge,
    Pair,
    agreed_after_insert,
    merge_fields,
    new_record,
    open_record,
)
from interlace.domain.values import Value, canonical
from interlace.engine.candidate import Candidate
from interlace.engine.ports import FindRecords, ReadKeys, Record, Side
from interlace.engine.references import References
from interlace.engine.run_setup import PassSetup


def partner_key_of(coupling: Coupling, side: Side) -> str:
    """Return the key of the coupling's record on one side."""
    return coupling.erp_key if side is Side.ERP else coupling.crm_key


def known_digest(coupling: Coupling, side: Side) -> bytes | None:
    """Return the digest that the record of one side had when it was last read."""
    return coupling.erp_digest if side is Side.ERP else coupling.crm_digest


async def observe(setup: PassSetup, references: References, candidates: Sequence[Candidate]) -> None:
    """Fill in partner, link and merge of every candidate whose source record is there and in scope."""
    for each in candidates:
        take_values(setup, each)
    await _read_partners(setup, candidates)
    link_found(setup, candidates)
    await _match(setup, candidates)
    open_ones = [each for each in candidates if each.values is not None and each.source is Presence.PRESENT]
    await references.prepare(cast("Sequence[Value]", each.values) for each in open_ones)
    for each in open_ones:
        compare(setup, references, each)


def take_values(setup: PassSetup, each: Candidate) -> None:
    """Take a candidate's values from its record, and say whether it is there and in scope."""
    each.values = None if each.record is None else each.record.values()
    each.source = Presence.ABSENT if each.values is None else Presence.PRESENT
    if each.values is None:
        return
    values = each.values
    if setup.source.filter.conditions:
        place = {name: index for index, name in enumerate(setup.source.fields)}
        if setup.source.filter.first_failing(lambda name: values[place[name]]) is not None:
            each.source = Presence.OUT_OF_SCOPE


async def _read_partners(setup: PassSetup, candidates: Sequence[Candidate]) -> None:
    coupled = [
        each
        for each in candidates
        if each.partner_key is not None
        and not each.partner_was_read
        and each.source is not Presence.OUT_OF_SCOPE
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
        else:
            owner = taken.get(each.partner.key)
            each.link = Link.MATCHED if owner is None or owner == each.key else Link.MATCH_TAKEN


async def _match(setup: PassSetup, candidates: Sequence[Candidate]) -> None:
    for rule in setup.run.mapping.match_rules:
        unmatched = [
            each
            for each in candidates
            if each.link is Link.UNCOUPLED and each.values is not None and each.source is Presence.PRESENT
        ]
        if unmatched:
            await _match_by(setup, rule, unmatched)


async def _match_by(setup: PassSetup, rule: MatchRule, candidates: Sequence[Candidate]) -> None:
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
        hits[str(canonical(record.values()[their_place])).casefold()].append(record)
    taken = setup.run.store.partner_keys(
        setup.run.mapping.name, setup.destination.side, [record.key for record in found]
    )
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


def compare(setup: PassSetup, references: References, each: Candidate) -> None:
    """Merge a candidate's fields with its partner's, or make the values of the record to be created."""
    assert each.values is not None
    each.error = None
    if each.partner is not None and each.link in {Link.COUPLED, Link.MATCHED}:
        agreed: Sequence[Pair] | None = None
        if each.coupling is not None and each.coupling.agreed is not None:
            agreed = each.coupling.agreed.pairs
        held = each.partner.values()
        if each.created and agreed is not None:
            agreed = agreed_after_insert(setup.plan, agreed, held)
        if agreed is not None and setup.is_agreed(each.values, held, agreed):
            each.merge = FieldMerge(agreed=list(agreed))
        else:
            each.merge = merge_fields(setup.plan, each.values, held, agreed, references.translate)
        if each.opening:
            each.opening = open_record(setup.plan, each.merge, held)
        each.error = each.merge.error
        each.pending = each.merge.pending
    elif each.link in {Link.UNCOUPLED, Link.COUPLED}:
        made = setup.make_record(each.values, references.translate) or new_record(
            setup.plan, each.values, references.translate
        )
        if isinstance(made, RecordError):
            each.error = made
        else:
            each.created_values, each.agreed, each.pending = made.values, made.agreed, made.pending
            each.deferred = bool(made.deferred)
