"""What the oracle passes over is exactly what is stated as a limit: a step beside it, and it is noticed."""

from dataclasses import replace

import pytest

from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.domain.coupling import Coupling
from interlace.domain.integration_table_mapping import DeletionConflictResolution
from interlace.domain.keys import CrmKey, ErpKey
from interlace.domain.side import Side
from interlace.testing.simulator.effect_oracle import UserDeletion
from interlace.testing.simulator.journal_of_events import Events
from interlace.testing.simulator.profile import FAULTS
from interlace.testing.simulator.reconstruction import left_to_policies
from interlace.testing.simulator.rest_oracle import RestOracle
from interlace.testing.simulator.schedule import World
from interlace.testing.simulator.synthetic_mappings import CONTACTS, UNITS
from interlace.testing.simulator.violation import Violation

_SENT, _DELETED, _NOW = 10.0, 20.0, 30.0


@pytest.fixture
def world() -> World:
    """Return a world without records, whose journal nobody asks for."""
    made = World(5, replace(FAULTS, whole_company=1.0, journal_complete=False), Events())
    for service in made.oracle.services.values():
        service.tables.clear()
    for task in made.kernel.tasks:
        task.coroutine.close()
    policy = {"deletion_conflict_resolution": DeletionConflictResolution.DELETE}
    made.company.mappings[UNITS] = replace(made.company.mappings[UNITS], **policy)  # type: ignore[arg-type]
    return made


def _brought_back(world: World, *, sent: float) -> None:
    """Create a unit of the ERP's in the CRM again that a user has deleted there."""
    oracle = world.oracle
    owner = oracle.lineage.new_identity()
    body = {"text": oracle.lineage.fresh(owner, None), "note": oracle.lineage.fresh(owner, None)}
    oracle.services[Side.ERP].put(
        "Unit", "e1", {"Text": body["text"], "Note": body["note"]}, identity=owner, by_engine=False
    )
    gone = UserDeletion(side=Side.CRM, key="c1", values=body, was_coupled=True, at=_DELETED)
    oracle.deletions[owner] = [gone]
    oracle.sent_at, oracle.now = sent, _NOW
    identity = oracle.creates(Side.CRM, "unit", "c1", body)
    values = {**body, "kind": None}
    oracle.services[Side.CRM].put("unit", "c1", values, identity=identity, by_engine=True)
    coupling = Coupling(mapping=UNITS, erp_key=ErpKey("e1"), crm_key=CrmKey("c1"), agreed=None)
    held = oracle.memory.mappings[UNITS]
    held.couplings["e1"], held.by_crm["c1"] = coupling, "e1"


def test_a_late_create_may_bring_a_deleted_record_back(world: World) -> None:
    """It was sent before somebody deleted the record: nothing tells it from one that a person entered."""
    _brought_back(world, sent=_SENT)
    RestOracle(world.oracle, restored=False, retried=True).judge()


def test_a_create_sent_after_the_deletion_is_a_resurrection(world: World) -> None:
    """Whoever sent it could have known."""
    _brought_back(world, sent=_DELETED + 1)
    with pytest.raises(Violation, match="I5 no resurrection"):
        RestOracle(world.oracle, restored=False, retried=True).judge()


@pytest.mark.parametrize(
    ("looked", "entered", "allowed"),
    [
        (_SENT - 5, _SENT - 2, True),
        (_SENT - 5, _SENT + 5, True),
        (_SENT - 5, _SENT - 6, False),
        (_SENT - 31, _SENT - 2, False),
        (_SENT + 1, _SENT + 5, False),
        (None, _SENT - 2, False),
        (_SENT - 5, None, False),
    ],
)
def test_only_a_number_entered_anew_behind_the_look_may_stand_beside_a_create(
    world: World, looked: float | None, entered: float | None, *, allowed: bool
) -> None:
    """The engine looked for it before it sent the create, and not long before; nobody entered it until then."""
    oracle = world.oracle
    erp, owner = oracle.services[Side.ERP], oracle.lineage.new_identity()
    body = {"Text": oracle.lineage.fresh(owner, None), "Note": oracle.lineage.fresh(owner, None)}
    erp.put("Unit", "e1", body, identity=owner, by_engine=False)
    if looked is not None:
        oracle.missed[Side.ERP, "Unit", "e1"] = [looked]
    if entered is not None:
        oracle.entered_anew[Side.ERP, "Unit", "e1"] = entered
    oracle.sent_at, oracle.now = _SENT, _NOW
    if not allowed:
        with pytest.raises(Violation, match="I1 no duplicate"):
            oracle.creates(Side.ERP, "Unit", "CRM1", body)
        return
    oracle.creates(Side.ERP, "Unit", "CRM1", body)
    erp.put("Unit", "CRM1", body, identity=owner, by_engine=True)
    with pytest.raises(Violation, match="I1 no duplicate"):
        oracle.creates(Side.ERP, "Unit", "CRM2", body)


@pytest.mark.parametrize(
    ("sweeps", "edited", "noticed"), [(False, False, False), (True, False, True), (False, True, True)]
)
def test_only_the_very_row_of_an_unnoticeable_restore_may_stay_alone(
    world: World, *, sweeps: bool, edited: bool, noticed: bool
) -> None:
    """A sweep would have found it; and what somebody has edited since is told by a feed."""
    erp = world.oracle.services[Side.ERP]
    owner = world.oracle.lineage.new_identity()
    erp.put("Unit", "e1", {"Text": world.oracle.lineage.fresh(owner, None)}, identity=owner, by_engine=False)
    world.oracle.not_told[Side.ERP, "Unit", "e1"] = erp.rows("Unit")["e1"]
    if edited:
        erp.put(
            "Unit", "e1", {"Text": world.oracle.lineage.fresh(owner, None)}, identity=owner, by_engine=False
        )
    judge = RestOracle(world.oracle, restored=True, retried=sweeps).judge
    if not noticed:
        judge()
        return
    with pytest.raises(Violation, match="I8 completeness"):
        judge()


@pytest.mark.parametrize(
    ("state", "policy", "allowed"),
    [
        ("x", UpdateConflictResolution.SEND_UPDATE_TO_INTEGRATION, True),
        ("x", UpdateConflictResolution.NONE, False),
        (None, UpdateConflictResolution.SEND_UPDATE_TO_INTEGRATION, False),
    ],
)
def test_a_policy_settles_only_what_a_filter_kept_apart(
    world: World, state: str | None, policy: UpdateConflictResolution, *, allowed: bool
) -> None:
    """After our memory was rebuilt, a difference may be written over where the filter explains that there is one."""
    mapping = world.company.mappings[CONTACTS]
    fields = tuple(replace(row, conflict_resolution=None) for row in mapping.fields)
    world.company.mappings[CONTACTS] = replace(mapping, fields=fields, update_conflict_resolution=policy)
    for side, key, table, names in (
        (Side.ERP, "e1", "Contact", ("Name", "Mobile")),
        (Side.CRM, "c1", "contact", ("name", "mobile")),
    ):
        values = {names[0]: f"v of {key}", names[1]: "the same", "state": state if key == "c1" else None}
        world.oracle.services[side].put(table, key, values, identity=1, by_engine=False)
    held = world.oracle.memory.mappings[CONTACTS]
    coupling = Coupling(mapping=CONTACTS, erp_key=ErpKey("e1"), crm_key=CrmKey("c1"), agreed=None)
    held.couplings["e1"], held.by_crm["c1"] = coupling, "e1"
    found = left_to_policies(world.oracle)
    expected = {
        (CONTACTS, Side.ERP, "e1"): {("Name", "v of c1")},
        (CONTACTS, Side.CRM, "c1"): {("name", "v of e1")},
    }
    assert found == (expected if allowed else {})


def test_the_end_of_all_trouble_does_not_shorten_the_outage_of_a_restored_service(world: World) -> None:
    """A backup within one marker interval is a stated limit; that nothing rests on a look before it is not."""
    erp = world.oracle.services[Side.ERP]
    erp.down_until = _NOW
    erp.refused["Unit", "Text"] = True
    world.disasters.end()
    assert (erp.down_until, erp.refused) == (_NOW, {})
