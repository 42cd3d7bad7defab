"""Lets the judge look at the golden orders: both services as they are, by plain requests, and what holds an order."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from tests.golden_orders.story import ORDERS, Story
from tests.golden_orders.world import World

from interlace.domain.integration_field_mapping import NamedKey
from interlace.lead_to_cash import mapping_names
from interlace.verify import End, OpenError, Row, VerifyFacts, VerifyReport, verify

_HELD_MAX = 10_000


class WorldReader:
    """Reads whole sets of a world's services."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def rows(self, end: End, set_name: str, select: tuple[str, ...]) -> AsyncIterator[Row]:
        """Yield every row of a set."""
        path = f"{set_name}?$select={','.join(select)}"
        while path:
            page = self._page(end, path)
            for row in page["value"]:
                yield row
            path = str(page.get("@odata.nextLink", "")).rpartition("/")[2]

    def _page(self, end: End, path: str) -> Any:
        if end is End.ERP:
            return self._world.clerk.page("GET", path)
        return self._world.salesperson.ask("GET", path)

    async def choices(self, table: str, column: str) -> Mapping[int, str]:
        """Return the labels of a column's choices."""
        path = (
            f"EntityDefinitions(LogicalName='{table}')/Attributes(LogicalName='{column}')"
            "/Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$select=LogicalName&$expand=OptionSet"
        )
        options = self._world.salesperson.ask("GET", path)["OptionSet"]["Options"]
        return {each["Value"]: each["Label"]["UserLocalizedLabel"]["Label"] for each in options}


def judged(story: Story) -> VerifyReport:
    """Let the judge compare the orders of a story in both services."""
    world = story.world
    pair, settings = world.pair, world.settings
    facts = VerifyFacts(
        erp_company_id=pair.erp_company_id,
        base_currency_id=str(pair.named_keys[NamedKey.BASE_CURRENCY]),
        default_price_list_id=str(pair.named_keys[NamedKey.DEFAULT_PRICE_LIST]),
        work_date=world.clock.now().date(),
        write_in_product=_write_in_product(settings),
        crm_organization_id=pair.crm_organization_id,
        two_way_orders=settings.get("bidirectional_orders") is True,
        payment_discount_from_order=settings.get("payment_discount_from_order") is True,
    )
    return asyncio.run(verify(WorldReader(world), facts, _held(story), (), orders=True))


def _write_in_product(settings: Mapping[str, object]) -> str:
    number = settings.get("write_in_product_number")
    return f"{str(settings.get('write_in_product_type') or '').capitalize()} {number}" if number else ""


def _held(story: Story) -> list[OpenError]:
    story.world.memory.gate.process = None
    store = story.world.memory.store()
    found = []
    for mapping, end in ((ORDERS, End.CRM), (mapping_names.SALESORDER_FROM_ERP, End.ERP)):
        other = End.ERP if end is End.CRM else End.CRM
        held = store.documents_page(mapping, stage=None, held=True, after=None, limit=_HELD_MAX)
        for each in held:
            code, what = each.problems[0].code, each.problems[0].what
            keys = ((end, each.key), (other, each.partner))
            found += [
                OpenError(mapping=ORDERS, end=side, key=key, code=code, message=what)
                for side, key in keys
                if key is not None
            ]
    return found
