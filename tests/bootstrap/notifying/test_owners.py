"""What somebody is responsible for is told to him and not to others, if his address is proven."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.bootstrap.notifying.notified_place import NOON, NotifiedPlace, notified_place
from tests.bootstrap.notifying.test_decisions import CONFLICT, CUSTOMER, ORDER, contend, look_at_orders
from tests.store.proven_address import prove_address

from interlace.domain.coupling import AgreedValues, Coupling
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import CrmKey, ErpKey, MappingName
from interlace.domain.synch_job import Counters, SynchJob
from interlace.domain.values import Value
from interlace.engine.saga_memory import TrackedDocument
from interlace.lead_to_cash.mapping_names import SALESORDER_FROM_ERP, SALESPEOPLE
from interlace.lead_to_cash.order_problems import ACCOUNT_NOT_COUPLED
from interlace.store.notification_choices import NotificationChoice

SYNCHRONIZE = "INTERLACE SYNCHRONIZE"
USER_OF_JR = "11111111-0000-0000-0000-000000000001"
KINDS = ("conflict", "order")
HELD = (ACCOUNT_NOT_COUPLED.of(""),)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[NotifiedPlace]:
    """An Interlace with the salesperson JR, who is Ana; Bo chose nothing, and Cy wants what others care for, too."""
    with notified_place(tmp_path / "state") as opened:
        agree(opened, SALESPEOPLE, "JR", USER_OF_JR, {"internalemailaddress": ("Ana@Example.com",) * 2})
        agree(opened, CUSTOMER, CONFLICT.erp.key, CONFLICT.crm.key, {"ownerid": ("JR", USER_OF_JR)})
        for name in ("ana", "bo", "cy"):
            opened.add_user(name, SYNCHRONIZE)
        choose(opened, "ana", NotificationChoice(address="ana@example.com", shown=KINDS))
        prove_address(opened.application.state, "id-ana")
        choose(opened, "cy", NotificationChoice(shown=KINDS, of_others=KINDS))
        yield opened


def agree(
    place: NotifiedPlace, mapping: MappingName, erp_key: str, crm_key: str, held: dict[str, tuple[Value, ...]]
) -> None:
    """Couple two records that agreed on these values, by the CRM's field."""
    application = place.application
    fields = application.mappings(place.connection)[mapping]
    pairs = tuple((held.get(row.crm_field or "") or (None, None)) for row in fields.fields)
    store = application.connection_store(place.connection)
    store.remap_agreed(mapping, fields.layout, tuple(row.row_id for row in fields.fields))
    coupling = Coupling(
        mapping=mapping,
        erp_key=ErpKey(erp_key),
        crm_key=CrmKey(crm_key),
        agreed=AgreedValues(layout=fields.layout, pairs=tuple((pair[0], pair[1]) for pair in pairs)),
    )
    job = SynchJob(
        id=f"couple {erp_key}",
        mapping=mapping,
        direction=Direction.TO_INTEGRATION_TABLE,
        started_at=NOON,
        counters=Counters(),
    )
    assert store.add_couplings([coupling], job) == [None]


def choose(place: NotifiedPlace, name: str, choice: NotificationChoice) -> None:
    """Let somebody choose what he is told."""
    place.application.state.notification_choices.store(f"id-{name}", choice)


def settle(place: NotifiedPlace) -> None:
    """Take the conflict away."""
    cleared = [(Direction.TO_INTEGRATION_TABLE, CONFLICT.erp.key)]
    place.remember(CUSTOMER, settled_pairs=[CONFLICT.erp_key], cleared_errors=cleared)


def told(place: NotifiedPlace) -> dict[str, int]:
    """How many messages each has."""
    return {name: len(place.told(f"id-{name}")) for name in ("ana", "bo", "cy")}


def test_a_conflict_is_told_to_the_salesperson_of_the_record(place: NotifiedPlace) -> None:
    """Not to those who chose nothing; and that it is solved is told to the same, whatever became of them meanwhile."""
    contend(place, CONFLICT)
    place.settle()
    assert told(place) == {"ana": 1, "bo": 0, "cy": 1}
    choose(place, "ana", NotificationChoice(address="else@example.com", shown=KINDS))
    settle(place)
    place.settle()
    assert told(place) == {"ana": 2, "bo": 0, "cy": 2}


@pytest.mark.parametrize("orders", ["crm", "erp"])
def test_a_held_order_is_told_to_its_salesperson(place: NotifiedPlace, orders: str) -> None:
    """By the CRM user who owns it, or the code in the ERP; and that it is held no more."""
    order: TrackedDocument = replace(ORDER, owner=USER_OF_JR, problems=HELD)
    if orders == "erp":
        order = replace(order, mapping=SALESORDER_FROM_ERP, owner="JR")
    look_at_orders(place, order)
    place.settle()
    assert told(place) == {"ana": 1, "bo": 0, "cy": 1}
    look_at_orders(place, replace(order, problems=()))
    place.settle()
    assert told(place) == {"ana": 2, "bo": 0, "cy": 2}


@pytest.mark.parametrize("reason", ["unproven", "disabled", "other kinds", "other mappings"])
def test_what_its_salesperson_is_not_told_is_told_to_everybody(place: NotifiedPlace, reason: str) -> None:
    """Whether he can't or does not want to hear of it; an address that is only entered names nobody."""
    state = place.application.state
    match reason:
        case "unproven":
            choose(place, "ana", NotificationChoice())
            choose(place, "ana", NotificationChoice(address="ana@example.com", shown=KINDS))
        case "disabled":
            state.users.change("id-ana", lambda held: replace(held, disabled=True))
        case "other kinds":
            choose(place, "ana", NotificationChoice(address="ana@example.com", shown=("cause",)))
        case _:
            choice = NotificationChoice(address="ana@example.com", shown=KINDS, mappings=("CONTACT",))
            choose(place, "ana", choice)
    contend(place, CONFLICT)
    place.settle()
    assert told(place) == {"ana": 1 if reason == "unproven" else 0, "bo": 1, "cy": 1}


@pytest.mark.parametrize("owner", ["nobody", "a team"])
def test_what_nobody_is_responsible_for_is_told_to_everybody(place: NotifiedPlace, owner: str) -> None:
    """Records without a salesperson, and those that a team owns."""
    held = (None, None) if owner == "nobody" else (None, "99999999-0000-0000-0000-000000000009")
    store = place.application.connection_store(place.connection)
    store.remove_couplings(CUSTOMER, [CONFLICT.erp_key])
    agree(place, CUSTOMER, CONFLICT.erp.key, CONFLICT.crm.key, {"ownerid": held})
    contend(place, CONFLICT)
    look_at_orders(place, replace(ORDER, owner=str(held[1] or ""), problems=HELD))
    place.settle()
    assert told(place) == {"ana": 2, "bo": 2, "cy": 2}


def test_an_own_record_goes_by_mail_where_that_is_wanted(place: NotifiedPlace) -> None:
    """Who is responsible is told as he chose."""
    state = place.application.state
    choose(place, "ana", NotificationChoice(address="ana@example.com", mailed=("conflict",)))
    contend(place, CONFLICT)
    place.settle()
    assert told(place) == {"ana": 0, "bo": 0, "cy": 1}
    due = state.outgoing_mail.take(place.moment, place.moment)
    assert due is not None
    assert (due.user_id, due.kind) == ("id-ana", "conflict")
