"""A create whose sender died: what the service takes only from an existing record is written by the next run."""

from typing import Any

import pytest
from tests.engine.conftest import BOTH, FIRMS, PEOPLE, World

from interlace.domain.integration_field_mapping import IntegrationFieldMapping
from interlace.domain.transformation_rule import Choose
from interlace.engine.memory import BatchResult
from interlace.store.connection_store import ConnectionStore


class Died(Exception):
    """The process ends here."""


class MortalStore:
    """The store, but for the moment at which the process dies before it has remembered a batch of writes."""

    def __init__(self, store: ConnectionStore) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def remember(self, result: BatchResult) -> None:
        """Die instead of remembering a batch that wrote something."""
        if result.finished_intents:
            raise Died
        self._store.remember(result)


@pytest.mark.parametrize(("blocked", "state"), [(False, 0), (True, 1)])
async def test_an_adopted_create_is_opened_and_gets_its_deferred_fields(
    world: World, *, blocked: bool, state: int
) -> None:
    """The record is in draft, as its service makes new ones; it must not stay there, nor count as agreed."""
    row = IntegrationFieldMapping(
        erp_field="Closed",
        crm_field="statecode",
        direction=BOTH,
        after_insert=True,
        opening_value=0,
        to_rules=(Choose(pairs=((False, 0), (True, 1))),),
        from_rules=(Choose(pairs=((0, False), (1, True), (2, False))),),
    )
    world.change(FIRMS, fields=(*world.mappings[FIRMS].fields, row))
    await world.full(PEOPLE)
    world.erp.put("Customer", "C1", {"Closed": blocked})
    world.erp.remove("Customer", "C2")
    world.erp.remove("Customer", "C3")
    mortal: Any = MortalStore(world.store)
    with pytest.raises(Died):
        await world.full(FIRMS, store=mortal)
    [key] = world.crm.keys("account")
    world.crm.put("account", key, {"statecode": 2})
    await world.full(FIRMS)
    assert world.partner("C1") == key
    account = world.crm.get("account", key)
    assert account is not None
    assert account["statecode"] == state
    assert world.store.open_intents(FIRMS) == []
    world.crm.writes.clear()
    world.erp.writes.clear()
    await world.full(FIRMS)
    assert (world.crm.writes, world.erp.writes) == ([], [])
