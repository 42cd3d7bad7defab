"""Explains one record in one mapping: every gate that it passed or failed, as a run of this moment would find it.

The run is a planned one over this record alone; nothing is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from interlace.domain.coupling import Coupling
from interlace.domain.integration_field_mapping import Direction, IntegrationFieldMapping
from interlace.domain.integration_table_mapping import MatchRule
from interlace.domain.plan import LEFT_ALONE, PlannedAction
from interlace.domain.side import Side
from interlace.domain.synch_action import Skip, SkipReason
from interlace.domain.table_filter import Condition
from interlace.domain.transfer_fields import NotCoupled
from interlace.domain.values import Value, canonical, same_value
from interlace.engine.candidate import Candidate
from interlace.engine.explain_texts import (
    condition_text,
    coupled_text,
    decided_text,
    direction_text,
    found_text,
    halt_text,
    intent_text,
    never_source_text,
    not_coupled_text,
    partner_text,
    written_text,
)
from interlace.engine.interpret import under
from interlace.engine.memory import Intent, SynchError
from interlace.engine.plan import Planner
from interlace.engine.ports import FindRecords, ReadKeys, Record
from interlace.engine.references import References
from interlace.engine.run_setup import PassSetup, RunSetup, pass_setup
from interlace.locale.translatable import as_sentence, translatable


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFinding:
    """One condition for a record to be synchronized, and whether the record meets it."""

    name: str
    passed: bool | None
    """None: the gate says something, but stops nothing."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFinding:
    """One field row of a pair: what both sides hold, what they agreed on, and who changed it."""

    erp_field: str | None
    crm_field: str | None
    direction: Direction
    erp: Value
    agreed_erp: Value
    agreed_crm: Value
    crm: Value
    state: str


@dataclass(slots=True, kw_only=True)
class DirectionFinding:
    """What one pass makes of the record."""

    direction: Direction
    source_key: str
    gates: list[GateFinding] = field(default_factory=list)
    decision: str = ""
    would_write: tuple[PlannedAction, ...] = ()
    error: SynchError | None = None
    fields: list[FieldFinding] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class MappingExplanation:
    """What one mapping makes of a record."""

    mapping: str
    erp_key: str | None
    crm_key: str | None
    gates: list[GateFinding] = field(default_factory=list)
    directions: list[DirectionFinding] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPlace:
    """A record on one side of one mapping."""

    side: Side
    key: str


async def find_record(run: RunSetup, text: str) -> list[RecordPlace]:
    """Find a record of a mapping by its key or by its caption, on either side."""
    places: list[RecordPlace] = []
    for side in Side:
        view = run.view(side)
        if side is Side.ERP or _may_be_crm_key(text, is_choice=run.mapping.choice_column is not None):
            records: list[Record | None] = await ReadKeys(view=view, keys=(text,))
            coupled = run.couplings_by_key(side, [text])
            if records[0] is not None or coupled:
                places.append(RecordPlace(side=side, key=text))
                continue
        name = _caption_field(run, side)
        if name is not None and name in view.fields:
            found: list[Record] = await FindRecords(view=view, field=name, values=(text,))
            places += [RecordPlace(side=side, key=each.key) for each in found]
    return places


def _may_be_crm_key(text: str, *, is_choice: bool) -> bool:
    if is_choice:
        return text.isdigit()
    parts = text.split("-")
    return [len(each) for each in parts] == [8, 4, 4, 4, 12]


def _caption_field(run: RunSetup, side: Side) -> str | None:
    caption = run.mapping.erp_caption or None
    if side is Side.ERP or caption is None:
        return caption
    return next((row.crm_field for row in run.mapping.fields if row.erp_field == caption), None)


async def explain(run: RunSetup, place: RecordPlace) -> MappingExplanation:
    """Explain a record in the run's mapping; `retry_skipped` of the run has no say here."""
    coupling = run.couplings_by_key(place.side, [place.key]).get(place.key)
    explanation = MappingExplanation(
        mapping=run.mapping.name,
        erp_key=place.key if place.side is Side.ERP else None if coupling is None else coupling.erp_key,
        crm_key=place.key if place.side is Side.CRM else None if coupling is None else coupling.crm_key,
    )
    explanation.gates += _gates_of_mapping(run, coupling, place)
    for direction in run.mapping.passes:
        key = explanation.erp_key if direction.source_side is Side.ERP else explanation.crm_key
        if key is not None:
            explanation.directions.append(await _explain_direction(run, direction, key))
    if not explanation.directions:
        text = never_source_text(run.mapping.name, run.mapping.direction)
        explanation.gates.append(GateFinding(name="direction", passed=False, text=text))
    return explanation


def _gates_of_mapping(run: RunSetup, coupling: Coupling | None, place: RecordPlace) -> list[GateFinding]:
    mapping = run.mapping
    runs = direction_text(mapping.name, mapping.direction)
    gates = [GateFinding(name="mapping", passed=True, text=runs)]
    halt = run.store.halt(mapping.name)
    if halt is not None:
        held = halt.released_by is None
        text = halt_text(halt.message, halt.released_by)
        gates.append(GateFinding(name="safety halt", passed=not held, text=text))
    if coupling is None:
        only = mapping.synch_only_coupled_records
        text = not_coupled_text(only_coupled=only)
        gates.append(GateFinding(name="coupling", passed=None if not only else False, text=text))
    else:
        partner = coupling.crm_key if place.side is Side.ERP else coupling.erp_key
        text = coupled_text(place.side.other, partner, is_compared=coupling.agreed is not None)
        gates.append(GateFinding(name="coupling", passed=True, text=text))
    keys = {place.key} | ({coupling.erp_key, coupling.crm_key} if coupling is not None else set())
    intents = run.store.open_intents(mapping.name)
    return gates + [_gate_of_intent(each) for each in intents if keys & {each.source_key, each.key}]


def _gate_of_intent(intent: Intent) -> GateFinding:
    return GateFinding(name="unfinished write", passed=None, text=intent_text(intent))


async def _explain_direction(run: RunSetup, direction: Direction, key: str) -> DirectionFinding:
    finding = DirectionFinding(direction=direction, source_key=key)
    setup = pass_setup(run, direction)
    finding.error = run.store.errors_of(run.mapping.name, direction, [key]).get(key)
    seen: list[Candidate] = []
    actions: list[PlannedAction] = []

    def watch(watched: PassSetup, each: Candidate) -> None:
        if watched.direction is direction and each.key == key and not seen:
            seen.append(each)
            _look(setup, each, finding)

    planner = Planner(run.store, actions.append, watch)
    await planner.stage(replace(run, retry_skipped=False), 0, {direction: (key,)})
    own = [each for each in actions if each.direction is direction and each.source_key == key]
    finding.would_write = tuple(each for each in own if each.writes)
    finding.decision = _decision_text(own, seen)
    if seen and seen[0].values is not None and seen[0].coupling is None:
        finding.gates += await _gates_of_matching(setup, seen[0])
    if seen and seen[0].values is not None:
        finding.gates += await _gates_of_references(setup, planner, seen[0])
    return finding


def _look(setup: PassSetup, each: Candidate, finding: DirectionFinding) -> None:
    """Take down what can be said of a record before anything is done with it."""
    side, partner_side = setup.source.side.value.upper(), setup.destination.side.value.upper()
    if each.values is None:
        text = translatable("The {end} record is not there any more.", end=side)
        finding.gates.append(GateFinding(name="record", passed=False, text=text))
    else:
        text = translatable(
            "{table} {key} is in the {end}.", table=setup.source.table, key=each.key, end=side
        )
        finding.gates.append(GateFinding(name="record", passed=True, text=text))
        finding.gates += _gates_of_filter(setup, each)
    if each.partner_was_read and each.coupling is not None:
        there = each.partner is not None
        text = partner_text(each.partner_key or "", partner_side, is_there=there)
        finding.gates.append(GateFinding(name="partner", passed=there, text=text))
    if each.error is not None:
        finding.gates.append(GateFinding(name="values", passed=False, text=each.error.message))
    finding.fields = _fields(setup, each)
    if each.action == Skip(reason=SkipReason.SKIPPED) and finding.error is not None:
        text = translatable("Left out of runs: {message}", message=finding.error.error.message)
        finding.gates.append(GateFinding(name="error list", passed=False, text=text))


def _gates_of_filter(setup: PassSetup, each: Candidate) -> list[GateFinding]:
    conditions = setup.source.filter.conditions
    if not conditions or each.values is None:
        return [
            GateFinding(
                name="table filter", passed=True, text=translatable("The mapping takes every record.")
            )
        ]
    held = dict(zip(setup.source.fields, each.values, strict=True))
    gates = []
    for condition in conditions:
        holds = condition.holds(lambda name: held[name])
        gates.append(GateFinding(name="table filter", passed=holds, text=_condition_text(condition, held)))
    return gates


def _condition_text(condition: Condition, held: Mapping[str, Value]) -> str:
    wanted = condition.other_field or condition.value
    rule = f"{condition.field} {condition.comparison.value}" + ("" if wanted is None else f" {wanted}")
    return condition_text(rule, repr(held[condition.field]), condition.reason or "")


def _fields(setup: PassSetup, each: Candidate) -> list[FieldFinding]:
    own = {} if each.values is None else dict(zip(setup.source.fields, each.values, strict=True))
    other = (
        {}
        if each.partner is None
        else dict(zip(setup.destination.fields, each.partner.values(), strict=True))
    )
    erp, crm = (own, other) if setup.to_crm else (other, own)
    agreed: Sequence[tuple[Value, Value] | None] | None = None
    held = None if each.coupling is None else each.coupling.agreed
    # What a saga remembers of a pair is not by rows.
    if held is not None and held.layout == setup.plan.layout:
        agreed = held.pairs
    return [
        _field(row, erp, crm, None if agreed is None else agreed[index])
        for index, row in enumerate(setup.run.mapping.fields)
    ]


def _field(
    row: IntegrationFieldMapping,
    erp: Mapping[str, Value],
    crm: Mapping[str, Value],
    agreed: tuple[Value, Value] | None,
) -> FieldFinding:
    held = (erp.get(row.erp_field or ""), crm.get(row.crm_field or ""))
    return FieldFinding(
        erp_field=row.erp_field,
        crm_field=row.crm_field,
        direction=row.direction,
        erp=held[0],
        agreed_erp=None if agreed is None else agreed[0],
        agreed_crm=None if agreed is None else agreed[1],
        crm=held[1],
        state=_state(held, agreed),
    )


def _state(held: tuple[Value, Value], agreed: tuple[Value, Value] | None) -> str:
    if agreed is None:
        return translatable("never agreed")
    erp, crm = (not same_value(canonical(now), then) for now, then in zip(held, agreed, strict=True))
    if erp and crm:
        return translatable("changed on both sides")
    if erp:
        return translatable("changed in the ERP")
    return translatable("changed in the CRM") if crm else translatable("as agreed")


def _decision_text(actions: Sequence[PlannedAction], seen: Sequence[Candidate]) -> str:
    if not actions:
        return translatable("Nothing is to be done.") if seen else translatable("No run takes the record up.")
    texts = []
    for each in actions:
        if each.kind in LEFT_ALONE:
            texts.append(decided_text(each.kind.value, each.reason, each.code or ""))
        else:
            fields = dict.fromkeys(name for write in each.writes for name in write.after)
            texts.append(written_text(each.kind.value, list(fields)))
    return texts[0] if len(texts) == 1 else "; ".join(texts)


async def _gates_of_matching(setup: PassSetup, each: Candidate) -> list[GateFinding]:
    gates = []
    for rule in setup.run.mapping.match_rules:
        own, theirs = (rule.erp_field, rule.crm_field) if setup.to_crm else (rule.crm_field, rule.erp_field)
        value = canonical((each.values or ())[setup.source.fields.index(own)])
        if value is None:
            text = translatable("{field} is blank, so nothing can match by it.", field=own)
            gates.append(GateFinding(name="match rule", passed=None, text=text))
            continue
        wanted = _wanted(setup, rule, str(value))
        found: list[Record] = await FindRecords(view=setup.destination, field=theirs, values=(wanted,))
        gates.append(_gate_of_match(setup, each, f"{own} {value!r} = {theirs}", found))
    return gates


def _wanted(setup: PassSetup, rule: MatchRule, value: str) -> str:
    return rule.erp_prefix + value if setup.to_crm else value.removeprefix(rule.erp_prefix)


def _gate_of_match(setup: PassSetup, each: Candidate, rule: str, found: Sequence[Record]) -> GateFinding:
    taken = setup.run.store.partner_keys(
        setup.run.mapping.name, setup.destination.side, [record.key for record in found]
    )
    owner = taken.get(found[0].key) if len(found) == 1 else None
    foreign = owner if owner != each.key else None
    passed = None if not found else len(found) == 1 and foreign is None
    text = found_text(rule, [record.key for record in found], foreign)
    return GateFinding(name="match rule", passed=passed, text=text)


async def _gates_of_references(setup: PassSetup, planner: Planner, each: Candidate) -> list[GateFinding]:
    references = References(setup)
    values = each.values or ()
    await under(planner.speculation, references.prepare([values]))
    gates = []
    for row in setup.plan.rows:
        if row.row.reference is None or row.source is None:
            continue
        value = canonical(values[row.source])
        name = f"{row.row.erp_field} > {row.row.crm_field}"
        translated = references.translate(row.row, value)
        if isinstance(translated, NotCoupled):
            optional = row.row.clear_value_on_failed_sync or (row.row.not_null and value is None)
            text = translatable("{field}: {remedy}", field=name, remedy=as_sentence(translated.remedy))
            gates.append(GateFinding(name="reference", passed=None if optional else False, text=text))
        elif value is not None:
            text = translatable(
                "{field}: {value} is {partner} on the other side ({mapping}).",
                field=name,
                value=repr(value),
                partner=repr(translated),
                mapping=row.row.reference.mapping,
            )
            gates.append(GateFinding(name="reference", passed=True, text=text))
    return gates
