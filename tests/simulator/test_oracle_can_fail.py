"""The oracle notices: a hand-made wrong world for every promise that it watches over."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from interlace.domain.coupling import AgreedValues, Coupling
from interlace.domain.errors import ErrorCode, RecordError
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import CrmKey, ErpKey
from interlace.domain.safety_halt import HaltKind, SafetyHalt
from interlace.domain.side import Side
from interlace.domain.synch_job import Counters, SynchJob
from interlace.domain.values import Value
from interlace.engine.memory import BatchResult, Intent, JournalEntry, SynchError
from interlace.engine.ports import Precondition, TableView, Write
from interlace.testing.simulator.effect_oracle import UserDeletion
from interlace.testing.simulator.journal_of_events import Events
from interlace.testing.simulator.model_store import ModelStore, TwoPartners
from interlace.testing.simulator.profile import CALM, Profile
from interlace.testing.simulator.rest_oracle import RestOracle
from interlace.testing.simulator.schedule import World
from interlace.testing.simulator.synthetic_mappings import CONTACTS, CUSTOMERS, UNITS
from interlace.testing.simulator.violation import Violation

_VIEW = TableView(side=Side.CRM, table="unit", fields=("text", "note"))
_AT = datetime(2026, 1, 1, tzinfo=UTC)
_JOB = SynchJob(
    id="job", mapping=UNITS, direction=Direction.TO_INTEGRATION_TABLE, started_at=_AT, counters=Counters()
)


@pytest.fixture
def world() -> World:
    """Return a world without records, and without the rows that its users began with."""
    return _empty(replace(CALM, whole_company=1.0))


def _empty(profile: Profile) -> World:
    made = World(5, profile, Events())
    for service in made.oracle.services.values():
        service.tables.clear()
    for task in made.kernel.tasks:
        task.coroutine.close()
    return made


def _enter(
    world: World, side: Side, table: str, key: str, *, identity: int | None = None
) -> dict[str, Value]:
    """Let a user create a record."""
    shape = world.company.shapes[side, table]
    owner = world.oracle.lineage.new_identity() if identity is None else identity
    values: dict[str, Value] = {name: world.oracle.lineage.fresh(owner, None) for name in shape.texts}
    world.oracle.services[side].put(table, key, values, identity=owner, by_engine=False)
    world.oracle.ever.add((side, table, key))
    return values


def _couple(world: World, erp: str, crm: str, **changes: object) -> Coupling:
    coupling = Coupling(
        mapping=UNITS,
        erp_key=ErpKey(erp),
        crm_key=CrmKey(crm),
        agreed=AgreedValues(layout="layout", pairs=()),
    )
    coupling = replace(coupling, **changes)  # type: ignore[arg-type]
    memory = world.memory.mappings[UNITS]
    memory.couplings[erp], memory.by_crm[crm] = coupling, erp
    return coupling


def _list(world: World, code: ErrorCode) -> None:
    direction = Direction.TO_INTEGRATION_TABLE
    world.memory.mappings[UNITS].errors[direction, "e1"] = SynchError(
        mapping=UNITS,
        direction=direction,
        source_key="e1",
        error=RecordError(code=code, message="The service did not answer."),
        job_id="job",
        at=_AT,
    )


def _judge(world: World) -> None:
    RestOracle(world.oracle, restored=False, retried=True).judge()


def _unit_pair(world: World) -> dict[str, Value]:
    values = _enter(world, Side.ERP, "Unit", "e1")
    identity = world.oracle.services[Side.ERP].rows("Unit")["e1"].identity
    copy = {"text": values["Text"], "note": values["Note"]}
    world.oracle.services[Side.CRM].put("unit", "c1", copy, identity=identity, by_engine=True)
    _couple(world, "e1", "c1")
    return copy


def test_a_second_record_is_a_duplicate(world: World) -> None:
    """I1: a create beside a record that the engine made of the same source."""
    copy = _unit_pair(world)
    with pytest.raises(Violation, match="I1 no duplicate"):
        world.oracle.creates(Side.CRM, "unit", "c2", copy)


def test_overwriting_an_unseen_value_is_a_lost_update(world: World) -> None:
    """I2: the new value's user never saw the old one, and no journal holds it."""
    _unit_pair(world)
    row = world.oracle.services[Side.CRM].rows("unit")["c1"]
    stranger = world.oracle.lineage.fresh(row.identity, None)
    with pytest.raises(Violation, match="I2 no lost update"):
        world.oracle.updates(Side.CRM, "unit", "c1", row, {"text": stranger})


def test_overwriting_a_journalled_loser_is_allowed(world: World) -> None:
    """I2: what the loser file holds may be overwritten."""
    copy = _unit_pair(world)
    row = world.oracle.services[Side.CRM].rows("unit")["c1"]
    world.memory.losses.add((UNITS, Side.CRM, "c1", "text", copy["text"]))
    stranger = world.oracle.lineage.fresh(row.identity, None)
    world.oracle.updates(Side.CRM, "unit", "c1", row, {"text": stranger})


def test_a_value_that_nobody_entered_is_an_invention(world: World) -> None:
    """I3: a value that no user ever entered."""
    _unit_pair(world)
    row = world.oracle.services[Side.CRM].rows("unit")["c1"]
    with pytest.raises(Violation, match="I3 no invention"):
        world.oracle.updates(Side.CRM, "unit", "c1", row, {"text": "made up"})


def test_a_record_mixed_of_two_sources_is_an_invention(world: World) -> None:
    """I3: a create whose values belong to different records."""
    one, two = _enter(world, Side.ERP, "Unit", "e1"), _enter(world, Side.ERP, "Unit", "e2")
    with pytest.raises(Violation, match="I3 no invention"):
        world.oracle.creates(Side.CRM, "unit", "c1", {"text": one["Text"], "note": two["Note"]})


def test_deleting_what_nobody_deleted_is_spurious(world: World) -> None:
    """I4: no user deleted the partner."""
    _unit_pair(world)
    row = world.oracle.services[Side.CRM].rows("unit")["c1"]
    with pytest.raises(Violation, match="I4 no spurious deletion"):
        world.oracle.deletes(Side.CRM, "unit", "c1", row)


def test_deleting_an_edit_that_the_deleter_never_saw_is_spurious(world: World) -> None:
    """I4: the survivor holds a value that the deleted record never held."""
    _unit_pair(world)
    rows = world.oracle.services[Side.CRM].rows("unit")
    gone = UserDeletion(
        side=Side.ERP, key="e1", values={"Text": None, "Note": None}, was_coupled=True, at=0.0
    )
    world.oracle.deletions[rows["c1"].identity] = [gone]
    with pytest.raises(Violation, match="was news"):
        world.oracle.deletes(Side.CRM, "unit", "c1", rows["c1"])


def test_a_write_without_an_intent_is_noticed(world: World) -> None:
    """I10: nothing was announced."""
    write = Write(key="c1", precondition=Precondition.ABSENT, values={"text": "v1"})
    with pytest.raises(Violation, match="I10 intent before effect"):
        world.oracle.sent(_VIEW, write, observed=0.0)


def test_a_write_with_another_body_than_announced_is_noticed(world: World) -> None:
    """I10: the announcement told of another body."""
    entry = JournalEntry(
        mapping=UNITS, side=Side.CRM, key="c1", action="insert", job_id="j", before=None, after={"text": "v1"}
    )
    intent = Intent(
        mapping=UNITS, side=Side.CRM, source_key="e1", key="c1", creates=True, job_id="j", entry=entry
    )
    ModelStore(world.memory, lambda: None).announce([intent])
    announced = Write(key="c1", precondition=Precondition.ABSENT, values={"text": "v1"})
    world.oracle.sent(_VIEW, announced, observed=0.0)
    with pytest.raises(Violation, match="I10 intent before effect"):
        world.oracle.sent(_VIEW, replace(announced, values={"text": "v2"}), observed=0.0)


def test_another_body_for_a_create_under_way_is_noticed(world: World) -> None:
    """I13: the same key with other bytes while the first may still take effect."""
    first = Write(key="c1", precondition=Precondition.ABSENT, values={"text": "v1"})
    with pytest.raises(Violation, match="I13 same key"):
        world.oracle.same_bytes(_VIEW, first, replace(first, values={"text": "v2"}))


def test_two_partners_are_refused_by_the_store(world: World) -> None:
    """I12: one record, two couplings."""
    held = _couple(world, "e1", "c1")
    store = ModelStore(world.memory, lambda: None)
    with pytest.raises(TwoPartners):
        store.remember(BatchResult(job=_JOB, couplings=[replace(held, erp_key=ErpKey("e2"))]))


def test_a_write_under_a_halt_is_noticed(world: World) -> None:
    """Nothing of a mapping is written while it is halted."""
    world.memory.mappings[UNITS].halt = SafetyHalt(
        mapping=UNITS,
        kind=HaltKind.TABLE_EMPTIED,
        side=Side.ERP,
        count=2,
        of=2,
        raised_at=_AT,
        message="halted",
    )
    with pytest.raises(Violation, match="halt"):
        world.oracle.sent(
            _VIEW, Write(key="c1", precondition=Precondition.UNCHANGED, values={"text": "v1"}), observed=0.0
        )
    with pytest.raises(Violation, match="halt"):
        world.oracle.deleted(_VIEW, "c1", "process-1", observed=0.0)


def test_a_write_that_rests_on_an_old_look_is_noticed(world: World) -> None:
    """Nothing is written on the strength of records that were read more than 30 seconds ago."""
    world.kernel.advance(31.0)
    with pytest.raises(Violation, match="plan deadline"):
        world.oracle.deleted(_VIEW, "c1", "process-1", observed=0.0)


def test_a_peaceful_world_passes(world: World) -> None:
    """An equal, coupled pair and nothing else is no violation."""
    _unit_pair(world)
    _judge(world)


def test_a_difference_that_is_not_listed_is_noticed(world: World) -> None:
    """I6: the pair differs, and nobody is told."""
    _unit_pair(world)
    row = world.oracle.services[Side.ERP].rows("Unit")["e1"]
    value = world.oracle.lineage.fresh(row.identity, None)
    world.oracle.services[Side.ERP].put("Unit", "e1", {"Text": value}, identity=row.identity, by_engine=False)
    with pytest.raises(Violation, match="I6 convergence"):
        _judge(world)


@pytest.mark.parametrize("by_engine", [False, True])
def test_a_new_record_that_nobody_opened_is_noticed(*, by_engine: bool) -> None:
    """I6: it is as it was born, though its ERP record asks for more; one that was made of it asks for nothing."""
    world = _empty(replace(CALM, whole_company=1.0, drafts=True))
    values = _enter(world, Side.ERP, "Customer", "e1")
    erp, crm = (world.oracle.services[side] for side in Side)
    identity = erp.rows("Customer")["e1"].identity
    erp.remove("Customer", "e1")
    erp.put("Customer", "e1", values, identity=identity, by_engine=by_engine)
    shape = world.company.shapes[Side.ERP, "Customer"]
    copy = {crm: values[own] for own, crm in zip(shape.texts, shape.partners, strict=True)}
    crm.put("account", "c1", {**copy, "kind": "customer"}, identity=identity, by_engine=True)
    memory = world.memory.mappings[CUSTOMERS]
    memory.couplings["e1"] = Coupling(
        mapping=CUSTOMERS,
        erp_key=ErpKey("e1"),
        crm_key=CrmKey("c1"),
        agreed=AgreedValues(layout="layout", pairs=()),
    )
    memory.by_crm["c1"] = "e1"
    if by_engine:
        _judge(world)
    else:
        with pytest.raises(Violation, match=r"I6 convergence: .* Closed>state False / 2"):
            _judge(world)


def test_a_missing_partner_that_is_not_listed_is_noticed(world: World) -> None:
    """I6: a coupled record is gone, and nobody is told."""
    _unit_pair(world)
    world.oracle.services[Side.CRM].remove("unit", "c1")
    with pytest.raises(Violation, match="record missing"):
        _judge(world)


def test_an_open_intent_at_rest_is_noticed(world: World) -> None:
    """I6: a write whose outcome nobody ever found out."""
    world.memory.mappings[UNITS].intents[Side.CRM, "c1", 0] = Intent(
        mapping=UNITS, side=Side.CRM, source_key="e1", key="c1", creates=True, job_id="j"
    )
    with pytest.raises(Violation, match="open intents"):
        _judge(world)


def test_a_doubtful_pair_at_rest_is_noticed(world: World) -> None:
    """I6: a restored side was never settled."""
    _unit_pair(world)
    _couple(world, "e1", "c1", doubtful=frozenset({Side.CRM}))
    with pytest.raises(Violation, match="still doubtful"):
        _judge(world)


def test_a_record_that_nobody_took_up_is_noticed(world: World) -> None:
    """I8: neither coupled nor listed."""
    _enter(world, Side.ERP, "Unit", "e1")
    with pytest.raises(Violation, match="I8 completeness"):
        _judge(world)


def test_a_record_whose_pair_ended_as_it_began_was_taken_up(world: World) -> None:
    """I8: the policy has uncoupled it, though the coupling was never stored; unless it has another partner."""
    _enter(world, Side.ERP, "Unit", "e1")
    ended = Coupling(mapping=UNITS, erp_key=ErpKey("e1"), crm_key=CrmKey("c1"), agreed=None)
    other = _couple(world, "e2", "c1")
    store = ModelStore(world.memory, lambda: None)
    store.remember(BatchResult(job=_JOB, removed_couplings=[ended]))
    assert not world.memory.uncoupled
    store.remember(BatchResult(job=_JOB, removed_couplings=[other]))
    world.memory.uncoupled.clear()
    store.remember(BatchResult(job=_JOB, removed_couplings=[ended]))
    _judge(world)


def test_a_transient_error_at_rest_is_noticed(world: World) -> None:
    """I9: a passing failure stays listed though it has passed."""
    _unit_pair(world)
    _list(world, ErrorCode.SERVICE_UNAVAILABLE)
    with pytest.raises(Violation, match="I9 nothing stays listed"):
        _judge(world)


def test_an_effect_without_an_entry_is_noticed(world: World) -> None:
    """The journal is complete: one entry for each effect."""
    values = _enter(world, Side.ERP, "Unit", "e1")
    copy = {"text": values["Text"], "note": values["Note"]}
    identity = world.oracle.creates(Side.CRM, "unit", "c1", copy)
    world.oracle.services[Side.CRM].put("unit", "c1", copy, identity=identity, by_engine=True)
    _couple(world, "e1", "c1")
    with pytest.raises(Violation, match="journal complete"):
        _judge(world)


def test_an_entry_without_an_effect_is_noticed(world: World) -> None:
    """The journal is true: no entry for what never happened."""
    entry = JournalEntry(
        mapping=UNITS, side=Side.CRM, key="c1", action="insert", job_id="j", before=None, after={}
    )
    world.memory.journal.append(entry)
    with pytest.raises(Violation, match="journal true"):
        _judge(world)


def test_contacts_have_a_shape_on_both_sides(world: World) -> None:
    """The oracle knows each text field's name on the other side."""
    shape = world.company.shape_of(CONTACTS, Side.ERP)
    assert dict(zip(shape.texts, shape.partners, strict=True)) == {"Name": "name", "Mobile": "mobile"}
