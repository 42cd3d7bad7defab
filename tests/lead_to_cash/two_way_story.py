"""People at both services who work on the same orders, while Interlace keeps them in step."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from tests.golden_orders import company
from tests.golden_orders.documents import GoldenOrder, golden_orders
from tests.golden_orders.story import Story
from tests.golden_orders.world import World, beginning

from interlace.domain.saga import Problem
from interlace.lead_to_cash import mapping_names
from interlace.simulation.wire_faults import NO_FAULTS, FaultWeights

ORDERS: Final = mapping_names.SALESORDER_ORDER
SUBMITTED: Final[dict[str, object]] = {"statecode": 1, "statuscode": 3}
ACTIVE: Final[dict[str, object]] = {"statecode": 0, "statuscode": 1}
AMOUNTS: Final = (("quantity", "Quantity"), ("priceperunit", "Unit_Price"))


def plain_orders(count: int) -> tuple[GoldenOrder, ...]:
    """Return some golden orders that nothing holds."""
    return tuple(each for each in golden_orders() if not each.is_held_first)[:count]


@dataclass(slots=True, kw_only=True)
class TwoWay:
    """One world in which orders travel both ways."""

    story: Story

    @classmethod
    def begin(cls, seed: str, count: int, faults: FaultWeights = NO_FAULTS) -> "TwoWay":
        """Open a world, enter and submit some CRM orders, and switch two-way orders on."""
        story = Story(world=World(seed, beginning(), faults), orders=plain_orders(count))
        story.set_up()
        story.world.settings |= {"order_integration": False, "bidirectional_orders": True}
        story.hand_in()
        return cls(story=story)

    @property
    def world(self) -> World:
        """Both services and Interlace."""
        return self.story.world

    def process(self) -> None:
        """Look at all orders once."""
        self.story.process()

    # --- the ERP's people

    def enter_in_erp(self, *lines: dict[str, object], customer: str = "HOME", **header: object) -> str:
        """Enter and release an order in the ERP; return its number."""
        clerk = self.world.clerk
        number = str(clerk.page("POST", "SalesOrder", {"Sell_to_Customer_No": customer, **header})["No"])
        for line in lines:
            self.add_erp_line(number, **line)
        self.release(number)
        return number

    def add_erp_line(self, number: str, **values: object) -> None:
        """Add a line to an open ERP order."""
        self.world.clerk.page("POST", f"SalesOrder('{number}')/SalesOrderSalesLines", values)

    def change_erp_line(self, number: str, line: object, **values: object) -> None:
        """Change a line of an open ERP order."""
        self.world.clerk.page("PATCH", f"SalesOrder('{number}')/SalesOrderSalesLines(Line_No={line})", values)

    def delete_erp_line(self, number: str, line: object) -> None:
        """Delete a line of an open ERP order."""
        self.world.clerk.page("DELETE", f"SalesOrder('{number}')/SalesOrderSalesLines(Line_No={line})")

    def change_erp(self, number: str, **values: object) -> None:
        """Change an open ERP order."""
        self.world.clerk.page("PATCH", f"SalesOrder('{number}')", values)

    def reopen(self, number: str) -> None:
        """Reopen an ERP order."""
        self.world.clerk.page("POST", f"SalesOrder('{number}')/NAV.Reopen")

    def release(self, number: str) -> None:
        """Release an ERP order."""
        self.world.clerk.page("POST", f"SalesOrder('{number}')/NAV.Release")

    def erp(self, number: str) -> dict[str, Any]:
        """Read an ERP order."""
        read: dict[str, Any] = self.world.clerk.page("GET", f"SalesOrder('{number}')")
        return read

    def erp_lines(self, number: str) -> list[dict[str, Any]]:
        """Read its lines of goods."""
        rows = self.world.clerk.rows("SalesOrderSalesLines", f"Document_No eq '{number}'")
        return [row for row in rows if row["No"] and row["No"] != company.FREIGHT_ACCOUNT]

    # --- the CRM's people

    def change_crm(self, key: str, **values: object) -> None:
        """Change a CRM order."""
        self.world.salesperson.ask("PATCH", f"salesorders({key})", values)

    def change_crm_line(self, line: dict[str, Any], **values: object) -> None:
        """Change a line of an Active CRM order."""
        self.world.salesperson.ask("PATCH", f"salesorderdetails({line['salesorderdetailid']})", values)

    def delete_crm_line(self, line: dict[str, Any]) -> None:
        """Delete a line of an Active CRM order."""
        self.world.salesperson.ask("DELETE", f"salesorderdetails({line['salesorderdetailid']})")

    def add_crm_line(self, key: str, product: str, quantity: str, price: str) -> None:
        """Add a line to an Active CRM order."""
        desk = self.story.desk
        self.world.salesperson.create(
            "salesorderdetails",
            {
                "salesorderid@odata.bind": f"/salesorders({key})",
                "productid@odata.bind": f"/products({desk.key('product', product)})",
                "uomid@odata.bind": f"/uoms({desk.unit(product, None)})",
                "quantity": Decimal(quantity),
                "priceperunit": Decimal(price),
                "ispriceoverridden": True,
            },
        )

    def crm(self, key: str) -> dict[str, Any]:
        """Read a CRM order."""
        read: dict[str, Any] = self.world.salesperson.ask("GET", f"salesorders({key})")
        return read

    def crm_lines(self, key: str) -> list[dict[str, Any]]:
        """Read its lines."""
        return self.world.salesperson.rows(
            "salesorderdetails", f"_salesorderid_value eq {key}", "$orderby=lineitemnumber"
        )

    # --- both

    def number_of(self, key: str) -> str:
        """Return the number of a CRM order's ERP order."""
        return str(self.crm(key)["ilc_erpkey"]).rpartition("\x1f")[2]

    def key_of(self, number: str) -> str:
        """Return the key of the one CRM order of an ERP order."""
        rows = self.world.salesperson.rows("salesorders")
        keys = [row["salesorderid"] for row in rows if str(row["ilc_erpkey"]).endswith(f"\x1f{number}")]
        assert len(keys) == 1, keys
        return str(keys[0])

    def problems(self, key: str) -> tuple[Problem, ...]:
        """Return what holds a CRM order."""
        self.world.memory.gate.process = None
        return self.world.memory.store().documents_by_key(ORDERS, [key])[key].problems

    def held_in_erp(self) -> list[Problem]:
        """Return what keeps released ERP orders from becoming CRM orders."""
        self.world.memory.gate.process = None
        store = self.world.memory.store()
        found = store.documents_page(
            mapping_names.SALESORDER_FROM_ERP, stage=None, held=True, after=None, limit=99
        )
        return [problem for each in found for problem in each.problems]

    def timeline(self, key: str) -> str:
        """Return what happened to a CRM order, as text."""
        self.world.memory.gate.process = None
        return "\n".join(f"{it.kind}: {it.text}" for it in self.world.memory.store().timeline(ORDERS, key))

    def differences(self, key: str) -> list[str]:
        """Say in what a CRM order and its ERP order differ."""
        number = self.number_of(key)
        crm, erp = self.crm(key), self.erp(number)
        found = []
        for column, field in (
            ("shipto_line1", "Ship_to_Address"),
            ("shipto_city", "Ship_to_City"),
            ("billto_line1", "Bill_to_Address"),
            ("description", "Work_Description"),
        ):
            if (crm[column] or "") != erp[field]:
                found.append(f"{column}: {crm[column]} / {erp[field]}")
        for column, value in (
            ("totalamount", erp["Amount_Including_VAT"]),
            ("totaltax", erp["Amount_Including_VAT"] - erp["Amount"]),
            ("totalamountlessfreight", erp["Amount"] - (crm["freightamount"] or 0)),
        ):
            if crm[column] != value:
                found.append(f"{column}: {crm[column]} / {value}")
        of_crm = sorted(_of_crm_line(line) for line in self.crm_lines(key))
        of_erp = sorted(_of_erp_line(line) for line in self.erp_lines(number))
        if of_crm != of_erp:
            found.append(f"lines: {of_crm} / {of_erp}")
        if erp["Status"] != "Released" or crm["statecode"] != 1:
            found.append(f"states: {crm['statecode']} / {erp['Status']}")
        return found


def _of_crm_line(line: dict[str, Any]) -> tuple[str, Decimal, Decimal, Decimal]:
    product = str(line["productnumber"] or "EXTRA")
    net = Decimal(line["extendedamount"]) - Decimal(line["tax"] or 0)
    return product, Decimal(line["quantity"]), Decimal(line["priceperunit"]), net


def _of_erp_line(line: dict[str, Any]) -> tuple[str, Decimal, Decimal, Decimal]:
    return (
        str(line["No"]),
        Decimal(line["Quantity"]),
        Decimal(line["Unit_Price"]),
        Decimal(line["Line_Amount"]),
    )


def shown(row: dict[str, Any]) -> str:
    """Write a record for a failing test's message."""
    return json.dumps(row, default=str, indent=1)
