"""A toy of both services for orders that travel both ways: their steps carried out in memory."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from tests.lead_to_cash.order_toy import QUIET, STEPS_MAX, NothingHappened, Toy
from tests.lead_to_cash.order_world import ERP_KEY, ERP_NUMBER, line, observation, record, with_settings

from interlace.domain.keys import KEY_SEPARATOR
from interlace.domain.saga import (
    Adopt,
    Agree,
    Change,
    Delete,
    FoundRecord,
    Insert,
    Observation,
    Perform,
    Release,
    Remove,
    Step,
)
from interlace.domain.values import Value
from interlace.lead_to_cash import mapping_names
from interlace.lead_to_cash.two_way_orders import TWO_WAY_ORDER_SAGA

CRM_LINE: Final = "salesorderdetail"
_BLANK_LINE: Final[dict[str, Value]] = {
    "Document_No": ERP_NUMBER,
    "Quantity_Shipped": Decimal(0),
    "Quantity_Invoiced": Decimal(0),
    "VAT_Percent": Decimal(19),
}


def two_way_observation() -> Observation:
    """Return what is there for a submitted order of one line, with two-way orders on."""
    seen = with_settings(observation(), order_integration=False, bidirectional_orders=True)
    product = record(
        "product-1", productnumber="1000", statecode=0, producttypecode=1, defaultuomscheduleid="s-pcs"
    )
    organization = record("org", issopintegrationenabled=True, pricingdecimalprecision=2)
    unit = seen.found["unit"]["uom-pcs"]
    more = {
        "organization": {"org": organization},
        "line item": {"product-1": product},
        "line resource": {},
        "line units of items": {"uom-pcs": unit},
        "line units of resources": {},
        "line unit groups": {},
        "shipped lines": {},
    }
    partners = {name: dict(each) for name, each in seen.partners.items()}
    partners[mapping_names.ITEM_PRODUCT]["1000"] = "product-1"
    partners[mapping_names.UNIT_OF_MEASURE]["PCS"] = "s-pcs"
    return replace(seen, found={**seen.found, **more}, partners=partners)


@dataclass(slots=True, kw_only=True)
class TwoWayToy(Toy):
    """One CRM order and its ERP order, both of which people edit."""

    seen: Observation = field(default_factory=two_way_observation)

    def walk(self) -> Step:
        """Carry steps out until nothing is to be done."""
        for _ in range(STEPS_MAX):
            step = TWO_WAY_ORDER_SAGA.decide(self.observe())
            if isinstance(step, QUIET):
                return step
            if self.steps and step == self.steps[-1]:
                raise NothingHappened(str(step))
            self.steps.append(step)
            self.apply(step)
        raise NothingHappened("The order comes to no rest.")

    def again(self) -> tuple[Step, list[str]]:
        """Walk on; return where it ends and what was done on the way."""
        before = len(self.steps)
        step = self.walk()
        return step, [type(each).__name__ for each in self.steps[before:]]

    def apply(self, step: Step) -> None:
        """Carry a step out."""
        match step:
            case Agree():
                self.seen = replace(self.seen, agreed=dict(step.values))
            case Change(table="salesorderdetail"):
                self.edit_line(step.key, **step.values)
            case Insert(table="salesorderdetail"):
                self.put_line(record(step.key, **(dict(line().values) | dict(step.values))))
            case Delete(table="salesorderdetail"):
                self.drop_line(step.key)
            case Insert(table="Sales_Line"):
                number = int(step.key.rpartition(KEY_SEPARATOR)[2])
                self.lines.append({**_BLANK_LINE, "Line_No": number, **step.values})
                self.reckon()
            case Delete(table="Sales_Line"):
                number = int(step.key.rpartition(KEY_SEPARATOR)[2])
                self.lines = [each for each in self.lines if each["Line_No"] != number]
                self.reckon()
            case Perform(message="NAV.Release" | "NAV.Reopen"):
                self.set_erp(Status="Released" if step.message == "NAV.Release" else "Open")
            case _:
                Toy.apply(self, step)
                if isinstance(step, Adopt | Release | Remove):
                    self.seen = replace(self.seen, agreed=None)
        self.version += 1
        if self.order is not None:
            self.reckon()

    # --- the CRM's people

    @property
    def crm_lines(self) -> dict[str, FoundRecord]:
        """The lines of the CRM order."""
        return dict(self.seen.found["lines"])

    def put_line(self, added: FoundRecord) -> None:
        """Add a line to the CRM order, or write one anew."""
        lines = {**self.seen.found["lines"], added.key: added}
        self.seen = replace(self.seen, found={**self.seen.found, "lines": lines})

    def drop_line(self, key: str) -> None:
        """Delete a line of the CRM order."""
        lines = {name: each for name, each in self.seen.found["lines"].items() if name != key}
        self.seen = replace(self.seen, found={**self.seen.found, "lines": lines})

    def edit_line(self, key: str, **values: Value) -> None:
        """Change a line of the CRM order."""
        old = self.seen.found["lines"][key]
        self.put_line(replace(old, values={**old.values, **values}))

    # --- both

    def erp_line(self, number: int = 10_000) -> dict[str, Value]:
        """Return a line of the ERP order."""
        return next(each for each in self.lines if each["Line_No"] == number)

    @property
    def status(self) -> Value:
        """The ERP order's status."""
        assert self.order is not None
        return self.order["Status"]


def in_step() -> TwoWayToy:
    """Return an order that was made of a CRM order, and is in step."""
    toy = TwoWayToy()
    toy.walk()
    assert toy.seen.partner == ERP_KEY
    return toy
