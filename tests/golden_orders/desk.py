"""The desk at which orders are entered, put right, shipped, invoiced and paid, by people's own requests."""

import re
from collections.abc import Mapping
from typing import Any, Final

from tests.golden_orders.documents import Deed, GoldenLine, GoldenOrder
from tests.golden_orders.world import DEFAULT_PRICE_LIST, World

from interlace.domain.coupling import Coupling
from interlace.domain.keys import CrmKey, ErpKey, MappingName
from interlace.domain.side import Side

ACTIVE: Final = 0
SUBMITTED: Final = 1
_NAMED: Final = re.compile(r"\{([a-z]+)(?::([^}]*))?\}")
# Table set, key column and the column by which people know a record.
_TABLES: Final[Mapping[str, tuple[str, str, str]]] = {
    "account": ("accounts", "accountid", "ilc_erpkey"),
    "accountname": ("accounts", "accountid", "name"),
    "contact": ("contacts", "contactid", "lastname"),
    "product": ("products", "productid", "productnumber"),
    "currency": ("transactioncurrencies", "transactioncurrencyid", "isocurrencycode"),
    "pricelist": ("pricelevels", "pricelevelid", "name"),
    "user": ("systemusers", "systemuserid", "fullname"),
    "group": ("uomschedules", "uomscheduleid", "name"),
}


class Desk:
    """People's work with the orders of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._crm = world.salesperson
        self._known: dict[tuple[str, str], str] = {}
        self.entered: dict[str, str] = {}
        """Key of the CRM order by the golden order's name."""

    # --- names

    def key(self, kind: str, name: str) -> str:
        """Return the key of a CRM record by the name that people know it by."""
        if (kind, name) not in self._known:
            table_set, key, column = _TABLES[kind]
            quoted = name.replace("'", "''")
            rows = self._crm.rows(table_set, f"{column} eq '{quoted}'", f"$select={key}")
            assert rows, f"the CRM has no {kind} {name}"
            self._known[kind, name] = str(rows[0][key])
        return self._known[kind, name]

    def unit(self, product: str, name: str | None) -> str:
        """Return the key of a product's unit: its default unit, or one of its group."""
        place = ("unit", f"{product}|{name}")
        if place not in self._known:
            row = self._crm.rows("products", f"productnumber eq '{product}'")[0]
            if name is None:
                self._known[place] = str(row["_defaultuomid_value"])
            else:
                group = row["_defaultuomscheduleid_value"]
                units = self._crm.rows("uoms", f"_uomscheduleid_value eq {group} and name eq '{name}'")
                self._known[place] = str(units[0]["uomid"])
        return self._known[place]

    def named(self, text: str, order: GoldenOrder) -> str:
        """Replace names in braces by keys: {order}, {line:1}, {product:CHAIR}, {unit:CHAIR|BOX} and the like."""

        def key(found: re.Match[str]) -> str:
            kind, name = found[1], found[2] or ""
            if kind == "order":
                return self.entered[order.name]
            if kind == "line":
                return str(self.lines(order)[int(name) - 1]["salesorderdetailid"])
            if kind == "salesperson":
                return str(self._world.clerk.rows("SalespersonCard", f"Name eq '{name}'")[0]["Code"])
            if kind == "unit":
                product, _, unit = name.partition("|")
                return self.unit(product, unit or None)
            return self.key(kind, name)

        return _NAMED.sub(key, text)

    # --- entering

    def enter(self, order: GoldenOrder) -> str:
        """Enter an order with its lines, as yet Active; return its key."""
        self._before_entry(order)
        currency = f"/transactioncurrencies({self.key('currency', order.currency)})"
        usual = DEFAULT_PRICE_LIST if order.currency == "EUR" else f"List {order.currency}"
        customer = (
            {"customerid_contact@odata.bind": f"/contacts({self.key('contact', order.customer)})"}
            if order.contact
            else {"customerid_account@odata.bind": f"/accounts({self._account(order)})"}
        )
        key = self._crm.create(
            "salesorders",
            {
                "name": order.title or order.name,
                **customer,
                "pricelevelid@odata.bind": f"/pricelevels({self.key('pricelist', order.price_list or usual)})",
                "transactioncurrencyid@odata.bind": currency,
                "discountamount": order.discount or None,
                "discountpercentage": order.discount_percent or None,
                "freightamount": order.freight or None,
                "order_details": [self._line(line) for line in order.lines[: order.enters]],
                **order.columns,
            },
        )
        self.entered[order.name] = key
        for note in order.notes:
            self.note(order, note)
        return key

    def note(self, order: GoldenOrder, note: Mapping[str, object]) -> str:
        """Write a note on the CRM order; return its key."""
        bind = {"objectid_salesorder@odata.bind": f"/salesorders({self.entered[order.name]})"}
        return self._crm.create("annotations", {**note, **bind})

    def _before_entry(self, order: GoldenOrder) -> None:
        for deed in order.prepare:
            self.do(deed, order)

    def _account(self, order: GoldenOrder) -> str:
        kind, _, name = order.customer.rpartition(":")
        return self.key(kind or "account", name)

    def _line(self, line: GoldenLine) -> dict[str, object]:
        body: dict[str, object] = {"quantity": line.quantity, **line.columns}
        if line.product is None:
            body |= {"isproductoverridden": True, "productdescription": line.text}
        else:
            body["productid@odata.bind"] = f"/products({self.key('product', line.product)})"
            body["uomid@odata.bind"] = f"/uoms({self.unit(line.product, line.unit)})"
        if line.price is not None:
            body["priceperunit"] = line.price if line.entered is None else line.entered
            body["ispriceoverridden"] = True
        discount = line.discount if line.entered_discount is None else line.entered_discount
        if discount:
            body["manualdiscountamount"] = discount
        if line.tax:
            body["tax"] = line.tax
        return body

    def submit(self, order: GoldenOrder) -> None:
        """Hand an order to the back office."""
        self._crm.ask("PATCH", f"salesorders({self.entered[order.name]})", {"statecode": SUBMITTED})

    # --- deeds

    def do(self, deed: Deed, order: GoldenOrder) -> None:
        """Do what the data say."""
        address = self.named(deed.address, order)
        values = {
            self.named(name, order): self.named(value, order) if isinstance(value, str) else value
            for name, value in deed.values.items()
        }
        match deed.side:
            case "crm":
                self._crm.ask(deed.method, address, values or None)
            case "erp":
                self._world.clerk.page(deed.method, address.replace(" ", "%20"), values or None)
            case "set":
                self._world.settings.update(values)  # type: ignore[arg-type]
            case "synchronize":
                self._world.synchronize([address], full=True)
            case "couple" | "uncouple":
                self._couple(deed.side, MappingName(address), values)
            case _:
                raise AssertionError(deed)

    def _couple(self, what: str, mapping: MappingName, values: Mapping[str, object]) -> None:
        """Change a coupling as a person does on the coupling page."""
        self._world.memory.gate.process = None
        store = self._world.memory.store()
        if "erp" not in values:
            found = store.couplings_by_key(mapping, Side.CRM, [str(values["crm"])])
            values = {"erp": found[str(values["crm"])].erp_key}
        erp_key = ErpKey(str(values["erp"]))
        if what == "uncouple":
            assert store.remove_couplings(mapping, [erp_key]) == 1
            return
        coupling = Coupling(mapping=mapping, erp_key=erp_key, crm_key=CrmKey(str(values["crm"])), agreed=None)
        assert store.add_couplings([coupling], self._world.job(mapping)) == [None]

    # --- reading

    def order(self, order: GoldenOrder) -> dict[str, Any]:
        """Read the CRM order."""
        read: dict[str, Any] = self._crm.ask("GET", f"salesorders({self.entered[order.name]})")
        return read

    def lines(self, order: GoldenOrder) -> list[dict[str, Any]]:
        """Read the lines of the CRM order."""
        key = self.entered[order.name]
        return self._crm.rows("salesorderdetails", f"_salesorderid_value eq {key}", "$orderby=lineitemnumber")
