"""A toy of both services that carries an order's steps out, so that its whole way can be walked in memory."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

import pytest
from tests.lead_to_cash.order_world import (
    ERP_KEY,
    ERP_NUMBER,
    MARK,
    amount,
    line,
    observation,
    record,
    with_found,
    with_values,
)

from interlace.domain.saga import (
    Adopt,
    Change,
    Changes,
    CreateDocument,
    Creation,
    Delete,
    Finish,
    FoundRecord,
    Hold,
    Insert,
    Observation,
    Perform,
    Release,
    Remove,
    Rest,
    Step,
    digest_of_create,
)
from interlace.domain.values import Value
from interlace.lead_to_cash.order_amounts import net_of_line
from interlace.lead_to_cash.order_columns import ORDER_FIELDS
from interlace.lead_to_cash.order_to_sales_order import ORDER_SAGA

CENT: Final = Decimal("0.01")
RATE: Final = Decimal("0.19")
STEPS_MAX: Final = 40
QUIET: Final = (Hold, Rest, Finish)


class NothingHappened(AssertionError):
    """A step was asked for again although it was carried out."""


@dataclass(slots=True, kw_only=True)
class Toy:
    """One CRM order, its ERP order and what was posted of it."""

    seen: Observation = field(default_factory=observation)
    order: dict[str, Value] | None = None
    lines: list[dict[str, Value]] = field(default_factory=list)
    copies: list[FoundRecord] = field(default_factory=list)
    shipments: list[FoundRecord] = field(default_factory=list)
    invoices: list[FoundRecord] = field(default_factory=list)
    notes: dict[str, FoundRecord] = field(default_factory=dict)
    comments: dict[int, FoundRecord] = field(default_factory=dict)
    """Comment lines of the ERP order, by number."""
    steps: list[Step] = field(default_factory=list)
    skews: Decimal = Decimal(0)
    """What an extension of the ERP adds to the total."""
    version: int = 0

    @property
    def crm(self) -> dict[str, Value]:
        """The CRM order."""
        assert self.seen.document is not None
        return dict(self.seen.document.values)

    def edit(self, **values: Value) -> None:
        """Change the CRM order."""
        assert self.seen.document is not None
        self.version += 1
        changed = replace(
            self.seen.document,
            tag=f"v{self.version}",
            values={**self.seen.document.values, **values},
        )
        self.seen = replace(self.seen, document=changed)

    def observe(self) -> Observation:
        """Look at everything."""
        order = (
            None
            if self.order is None
            else FoundRecord(key=ERP_KEY, tag=f"v{self.version}", values=self.order)
        )
        own = () if order is None else (order,)
        coupled = self.seen.partner is not None
        named = self.seen.document is not None and self.crm["ilc_erpkey"] == ERP_KEY
        posted = tuple(each for each in self.invoices if each.values["Order_No"] == ERP_NUMBER)
        found = {
            "order": own if coupled else (),
            "marked orders": (*own, *self.copies) if self._carries_mark() else tuple(self.copies),
            "named order": own if named else (),
            "order lines": [
                record(f"{ERP_KEY}\x1f{each['Line_No']}", **each) for each in self.lines if coupled
            ],
            "shipments": self.shipments if coupled else (),
            "invoices": posted if coupled else (),
            "marked invoices": [
                each for each in self.invoices if each.values["External_Document_No"] == MARK
            ],
            "named invoices": posted if named else (),
            "notes": self.notes.values(),
            "comment lines": self.comments.values() if order is not None else (),
        }
        return replace(
            self.seen,
            found={**self.seen.found, **{look: {r.key: r for r in rs} for look, rs in found.items()}},
        )

    def _carries_mark(self) -> bool:
        return self.order is not None and self.order["External_Document_No"] == MARK

    # --- walking

    def walk(self) -> Step:
        """Carry steps out until nothing is to be done; no step may be asked for twice in a row."""
        for _ in range(STEPS_MAX):
            step = ORDER_SAGA.decide(self.observe())
            if isinstance(step, QUIET):
                return step
            if self.steps and step == self.steps[-1]:
                raise NothingHappened(str(step))
            self.steps.append(step)
            self.apply(step)
            if isinstance(step, Remove) and step.problems:
                return Hold(problems=step.problems)
        raise NothingHappened("The order comes to no rest.")

    def kinds(self) -> list[str]:
        """Name the steps that were carried out."""
        return [type(step).__name__ for step in self.steps]

    def apply(self, step: Step) -> None:
        """Carry a step out."""
        self.version += 1
        if isinstance(step, Change | Insert | Delete) and step.table == "Sales_Comment_Line":
            self._comment_on(step)
        else:
            self._apply(step)

    def _apply(self, step: Step) -> None:
        match step:
            case CreateDocument():
                self._create(step)
                self.seen = replace(
                    self.seen,
                    partner=ERP_KEY,
                    creation=Creation.NOT_SENT,
                    created_digest=digest_of_create(step),
                )
            case Adopt():
                self.seen = replace(self.seen, partner=step.key, creation=Creation.NOT_SENT)
            case Change(table="salesorder"):
                self.edit(**step.values)
            case Change(table="Sales_Header"):
                assert self.order is not None
                self.order |= step.values
                self.reckon()
            case Changes():
                for change in step.changes:
                    self.apply(change)
            case Change(table="Sales_Line"):
                next(each for each in self.lines if step.key.endswith(f"\x1f{each['Line_No']}")).update(
                    step.values
                )
            case Insert():
                assert step.key not in self.notes
                self.notes[step.key] = record(step.key, **step.values)
            case Perform(message="FulfillSalesOrder"):
                self.edit(statecode=3, statuscode=step.parameters["Status"])
            case Remove():
                self.order, self.lines = None, []
                self.seen = replace(self.seen, partner=None)
            case Release():
                self.seen = replace(self.seen, partner=None)
            case _:
                raise AssertionError(step)

    # --- the ERP

    def _comment_on(self, step: Change | Insert | Delete) -> None:
        assert step.key.startswith(f"{ERP_KEY}\x1f0\x1f")
        number = int(step.key.rpartition("\x1f")[2])
        match step:
            case Change():
                held = self.comments[number]
                self.comments[number] = replace(held, values={**held.values, **step.values})
            case Insert(values=values):
                assert number not in self.comments
                text, code = str(values["Comment"]), str(values["Code"])
                self.comments[number] = self.comment(number, text, code, values.get("Date"))
            case Delete():
                del self.comments[number]

    def comment(self, number: int, text: str, code: str, day: Value = None) -> FoundRecord:
        """Return a comment line on the ERP order."""
        values: dict[str, Value] = {
            "Document_Type": "Order",
            "No": ERP_NUMBER,
            "Document_Line_No": 0,
            "Line_No": number,
            "Code": code,
            "Comment": text,
            "Date": day,
        }
        return record(f"{ERP_KEY}\x1f0\x1f{number}", **values)

    def _create(self, step: CreateDocument) -> None:
        assert self.order is None
        self.order = dict.fromkeys(ORDER_FIELDS)
        self.order |= {"Document_Type": "Order", "No": ERP_NUMBER, "Status": "Open"}
        self.order |= step.values
        if self.order["Currency_Code"] == "EUR":
            self.order["Currency_Code"] = ""
        self.lines = []
        for place, body in enumerate(step.lines, start=1):
            made: dict[str, Value] = {
                "Document_No": ERP_NUMBER,
                "Line_No": place * 10_000,
                "Quantity": Decimal(0),
                "Unit_Price": Decimal(0),
                "Line_Discount_Amount": Decimal(0),
                "Quantity_Shipped": Decimal(0),
                "Quantity_Invoiced": Decimal(0),
                "Unit_of_Measure_Code": "",
                "VAT_Percent": Decimal(19),
                "Requested_Delivery_Date": None,
            }
            wire = {"": "_x0020_", "G/L Account": "G_x002F_L_x0020_Account"}.get(str(body["Type"]))
            self.lines.append(made | dict(body) | ({"Type": wire} if wire else {}))
        self.reckon()

    def reckon(self) -> None:
        """Compute the ERP's amounts."""
        assert self.order is not None
        total = Decimal(0)
        for each in self.lines:
            each["Line_Amount"] = _net(each)
            total += _net(each)
        total += self.skews - Decimal(str(self.order["Invoice_Discount_Amount"] or 0))
        self.order["Amount"] = total
        self.order["Amount_Including_VAT"] = total + (total * RATE).quantize(CENT)

    def set_erp(self, **values: Value) -> None:
        """Change the ERP order, as its people do."""
        assert self.order is not None
        self.version += 1
        self.order |= values

    def ship(self, share: str = "1") -> None:
        """Post a shipment of a share of every line."""
        name = f"S-{len(self.shipments) + 1}"
        self.shipments.append(record(name, No=name, Order_No=ERP_NUMBER, Posting_Date="2026-03-05"))
        for each in self.lines:
            each["Quantity_Shipped"] = _share(each, share)
        self.set_erp(Status="Released", Last_Shipment_Date="2026-03-05")

    def invoice(self, share: str = "1", mark: str = MARK) -> None:
        """Post an invoice of a share of every line; a whole one takes the order away."""
        name = f"I-{len(self.invoices) + 1}"
        assert self.order is not None
        posted = sum((Decimal(str(each.values["Amount"])) for each in self.invoices), Decimal(0))
        net = Decimal(str(self.order["Amount"])) * Decimal(share) - posted
        gross = net + (net * RATE).quantize(CENT)
        values: dict[str, Any] = {
            "No": name,
            "Order_No": ERP_NUMBER,
            "External_Document_No": mark,
            "Posting_Date": "2026-03-06",
            "Amount": net,
            "Amount_Including_VAT": gross,
            "Remaining_Amount": gross,
            "Closed": False,
            "Cancelled": False,
        }
        self.invoices.append(record(name, **values))
        for each in self.lines:
            each["Quantity_Invoiced"] = _share(each, share)
        if share == "1":
            self.order, self.lines = None, []

    def settle(self, **values: Value) -> None:
        """Change all posted invoices."""
        self.invoices = [replace(each, values={**each.values, **values}) for each in self.invoices]

    def pay(self) -> None:
        """Pay every invoice."""
        self.settle(Closed=True, Remaining_Amount=Decimal(0))

    def delete_order(self) -> None:
        """Delete the ERP order, as its people do."""
        self.order, self.lines = None, []


def _net(line: dict[str, Value]) -> Decimal:
    quantity, price, discount = (
        Decimal(str(line[name])) for name in ("Quantity", "Unit_Price", "Line_Discount_Amount")
    )
    return net_of_line(quantity=quantity, unit_price=price, discount=discount, step=CENT)


def _share(line: dict[str, Value], share: str) -> Decimal:
    return Decimal(str(line["Quantity"])) * Decimal(share)


PLAIN = observation()
LOCKED = with_values(PLAIN, "organization", "org", issopintegrationenabled=False)
ORGANIZATIONS = pytest.mark.parametrize(
    "seen", [pytest.param(PLAIN, id="orders written"), pytest.param(LOCKED, id="orders locked")]
)


def codes(step: Step) -> list[str]:
    """Return what a step holds an order for."""
    return [each.code for each in step.problems] if isinstance(step, Hold) else []


def handed_over(seen: Observation = PLAIN) -> Toy:
    """Return a toy whose order was created, compared and marked."""
    toy = Toy(seen=seen)
    assert toy.walk() == Rest(stage="Open")
    return toy


def changed_price(toy: Toy) -> None:
    """Change the CRM order's line."""
    cheaper = line(extendedamount=amount("180"))
    toy.seen = with_found(toy.seen, "lines", cheaper)
    toy.edit(
        **dict.fromkeys(("totallineitemamount", "totalamountlessfreight", "totalamount"), amount("180")),
        totaltax=amount("0"),
    )
