"""Orders from outside, over started processes: the whole story, what holds an order, and a process that is killed."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tests.acceptance.conftest import CUSTOMERS, Installation, connected, json_lines, run_command
from tests.acceptance.trade import Trade
from tests.web.canned_desk import canned_app

from interlace.bootstrap.desk.connections import add_connections
from interlace.bootstrap.desk.orders import add_orders
from interlace.bootstrap.serving import Server
from interlace.management.desk import Works

pytestmark = pytest.mark.slow

STAGES = ["", "Open", "Released", "Partially Shipped", "Shipped", "Invoiced", "Paid"]
"""What the order of the story goes through."""
ORDERS = 12
KILLS = 3
UNDER_WAY_MAX = 4
"""So many creates are under way at a time: after a kill they may have to wait until their request can't arrive."""


@dataclass(frozen=True, kw_only=True)
class Played:
    """A demo that has played its story; its services stay up."""

    installation: Installation
    told: dict[str, Any]
    trade: Trade

    def process(self) -> dict[str, Any]:
        """Take orders on."""
        ended = self.installation.interlace("orders", "process", "--json")
        assert ended.returncode == 0, ended.stderr
        return json_lines(ended.stdout)[0]

    def order(self, name: str) -> dict[str, Any]:
        """Look an order up."""
        ended = self.installation.interlace("orders", "show", name, "--json")
        assert ended.returncode == 0, ended.stderr
        return json_lines(ended.stdout)[0]

    def listed(self, *options: str) -> dict[str, dict[str, Any]]:
        """Return the list of orders by their ids."""
        ended = self.installation.interlace("orders", "list", "--json", *options)
        assert ended.returncode == 0, ended.stderr
        return {each["id"]: each for each in json_lines(ended.stdout)}

    def judge_orders(self) -> dict[str, Any]:
        """Let the independent judge look at the orders."""
        told = json_lines(self.installation.interlace("verify", "--json").stdout)[0]
        return next(each for each in told["mappings"] if each["mapping"] == "SALESORDER-ORDER")

    def assert_equal_amounts(self, order: dict[str, Any]) -> None:
        """Compare what both services say of an order without tax."""
        read = self.trade.read(order["id"])
        in_erp = self.trade.erp("GET", f"SalesOrder('{order['erp_order']}')")
        assert round(read["totalamount"] - read["totaltax"], 2) == in_erp["Amount"]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """One demo for all tests of this module, which use records of their own; nothing runs but what they ask for."""
    state = tmp_path_factory.mktemp("demo")
    options = ("--scenario", "lead-to-cash", "--once", "--json", "--customers", str(CUSTOMERS))
    ended = run_command("demo", *options, "--state", str(state), "--erp-port", "0", "--crm-port", "0")
    assert ended.returncode == 0, ended.stderr
    told = json_lines(ended.stdout)[0]
    with connected(state) as installation:
        yield Played(installation=installation, told=told, trade=Trade(installation))


def test_the_story_comes_as_told(played: Played) -> None:
    """From a new account to the payment, step by step; both ends are equal afterwards."""
    story = played.told["story"]
    assert story["came_as_told"], story
    assert len(story["steps"]) == 19
    assert played.told["verify"]["green"]
    paid = next(each for each in played.listed().values() if each["customer"].startswith("Lindenhof"))
    assert (paid["stage"], paid["held"], paid["finished"]) == ("Paid", False, True)
    order = played.trade.read(paid["id"])
    assert (order["statecode"], order["ilc_orderstatus"]) == (4, "Paid")
    shown = played.order(paid["erp_order"])
    assert shown["crm_net"] == shown["erp_net"]
    assert shown["timeline"][0]["kind"] == "created"
    assert list(dict.fromkeys(each["stage"] for each in shown["timeline"])) == STAGES
    assert paid["id"] in shown["crm_link"]
    assert shown["erp_invoices"][0] in shown["erp_resource"][0]


def test_the_page_of_a_paid_order_shows_each_step(played: Played, tmp_path: Path) -> None:
    """Created, released, shipped in two parts, invoiced and paid, the newest first, with the documents' numbers."""
    paid = next(each for each in played.listed().values() if each["stage"] == "Paid")
    page = order_page(played.installation, tmp_path, paid["id"])
    timeline = page.partition('<ol class="timeline">')[2].partition("</ol>")[0]
    shown = re.findall(r'<p class="event-title">([^<]*)</p><p>([^<]*)', timeline)
    steps = [text if title in {"Moved on", "Finished"} else title for title, text in shown]
    told = [*reversed(STAGES[1:]), "Created in the ERP"]
    assert [step for step in steps if step in told] == told
    for document in (f"ERP order {paid['erp_order']} created", "Shipment", "Invoice"):
        assert document in timeline


def order_page(installation: Installation, directory: Path, order: str) -> str:
    """Return an order's page as a desk on the installation's memory shows it."""
    with installation.opened() as application:
        works, server = Works(), cast("Server", SimpleNamespace(application=application))
        add_orders(works, server)
        add_connections(works, server)
        place, _ = canned_app(directory, works_of={name: works.get(name) for name in works.names()})

        async def read() -> str:
            """Open the page as somebody who may look."""
            await place.add("vera", "INTERLACE VIEW")
            async with place.signed_in("vera") as browser:
                return (await browser.get(f"/orders/{order}")).text

        with closing(place):
            return asyncio.run(read())


def test_what_is_missing_holds_an_order_until_it_is_there(played: Played) -> None:
    """Each kind of bad input is named with its remedy; once it is cured, an ordinary run takes the order on."""
    cases = Cases(played)
    orders = cases.submitted()
    told = played.process()
    held = played.listed("--held")
    assert told["held"] == len(held) == len(orders)
    for code, order in orders.items():
        missing = held[order]["missing"]
        assert code in [each["code"] for each in missing], (code, missing)
        assert all(each["remedy"] for each in missing)
        assert held[order]["erp_order"] == ""
        in_crm = played.trade.read(order)
        assert in_crm["ilc_orderstatus"] == "On Hold"
        assert missing[0]["what"] in in_crm["submitstatusdescription"]
    assert played.installation.interlace("orders", "retry", next(iter(orders.values()))).returncode == 3
    judged = played.judge_orders()
    assert judged["green"], judged
    listed_by_judge = {each["key"]: each["reason"] for each in judged["findings"]}
    assert set(listed_by_judge) == set(held)
    for order, reason in listed_by_judge.items():
        assert held[order]["missing"][0]["code"] in reason
    cases.cure()
    ended = played.installation.interlace("synch")
    assert "held" not in ended.stderr, ended.stderr
    listed = played.listed()
    for code, order in orders.items():
        assert (listed[order]["stage"], listed[order]["missing"]) == ("Open", []), (code, listed[order])
        played.assert_equal_amounts(listed[order])
    judged = played.judge_orders()
    assert judged["green"], judged
    assert not judged["crm"]["failed"]


class Cases:
    """Orders that something keeps from going on, and what cures each."""

    def __init__(self, played: Played) -> None:
        self.played = played
        self.trade = played.trade
        self.account = str(self.trade.account_of("C00010")["accountid"])
        self.blocked = "C00020"
        self.limited = "C00040"
        self.retired = self.trade.product("1010")
        self.list = ""

    def submitted(self) -> dict[str, str]:
        """Submit an order of each kind; gives their ids by the code of what is missing."""
        trade = self.trade
        stranger = trade.crm("POST", "accounts", {"name": "Nobody's customer", "customertypecode": 3})
        orders = {
            "account_not_coupled": trade.order(str(stranger["accountid"]), "1000"),
            "customer_blocked": trade.order(str(trade.account_of(self.blocked)["accountid"]), "1000"),
            "product_not_active": trade.order(self.account, "1010"),
            "price_list_closed": self._of_a_closed_list(),
            "unit_not_of_product": self._in_an_unknown_unit(),
            "credit_limit_exceeded": trade.order(str(trade.account_of(self.limited)["accountid"]), "1000"),
        }
        for order in orders.values():
            trade.submit(order)
        trade.erp("PATCH", f"CustomerCard('{self.blocked}')", {"Blocked": "All"})
        trade.erp("PATCH", f"CustomerCard('{self.limited}')", {"Credit_Limit_LCY": 1})
        trade.catalogue("PATCH", f"products({self.retired['productid']})", {"statecode": 1, "statuscode": 2})
        trade.catalogue("PATCH", f"pricelevels({self.list})", {"statecode": 1, "statuscode": 100002})
        self._settings("--check-credit-limit")
        return orders

    def cure(self) -> None:
        """Put everything right, each in its place."""
        trade = self.trade
        assert self.played.installation.interlace("synch", "CUSTOMER", "--full").returncode in {0, 3}
        stranger = trade.find("accounts", "name eq 'Nobody''s customer'")[0]
        groups = ("Gen_Bus_Posting_Group", "VAT_Bus_Posting_Group", "Customer_Posting_Group")
        trade.erp("PATCH", f"CustomerCard('{stranger['ilc_erpkey']}')", dict.fromkeys(groups, "DOMESTIC"))
        trade.erp("PATCH", f"CustomerCard('{self.blocked}')", {"Blocked": " "})
        trade.erp("PATCH", f"CustomerCard('{self.limited}')", {"Credit_Limit_LCY": 0})
        trade.catalogue("PATCH", f"products({self.retired['productid']})", {"statecode": 0, "statuscode": 1})
        trade.catalogue("PATCH", f"pricelevels({self.list})", {"statecode": 0, "statuscode": 100001})
        trade.erp("POST", "UnitsOfMeasure", {"Code": "LAGE", "Description": "Lage"})
        unit = {"Item_No": "1000", "Code": "LAGE", "Qty_per_Unit_of_Measure": 7}
        trade.erp("POST", "ItemUnitsOfMeasure", unit)

    def _of_a_closed_list(self) -> str:
        trade, product = self.trade, self.trade.product("1000")
        bind = {"transactioncurrencyid@odata.bind": f"/transactioncurrencies({trade.euro})"}
        self.list = str(trade.catalogue("POST", "pricelevels", {"name": "Fair", **bind})["pricelevelid"])
        price = {
            "pricelevelid@odata.bind": f"/pricelevels({self.list})",
            "productid@odata.bind": f"/products({product['productid']})",
            "uomid@odata.bind": f"/uoms({product['_defaultuomid_value']})",
            "amount": 999.5,
        }
        trade.catalogue("POST", "productpricelevels", price)
        return trade.order(self.account, "1000", price_list=self.list)

    def _in_an_unknown_unit(self) -> str:
        trade, product = self.trade, self.trade.product("1000")
        unit = {
            "name": "LAGE",
            "quantity": 7,
            "uomscheduleid@odata.bind": f"/uomschedules({product['_defaultuomscheduleid_value']})",
            "baseuom@odata.bind": f"/uoms({product['_defaultuomid_value']})",
        }
        layer = str(trade.catalogue("POST", "uoms", unit)["uomid"])
        order = trade.order(self.account)
        trade.line(order, product, layer, quantity=1, priceperunit=7500, ispriceoverridden=True)
        return order

    def _settings(self, *options: str) -> None:
        assert self.played.installation.interlace("orders", "settings", *options).returncode == 0


def test_an_order_that_is_changed_meanwhile_is_never_silently_another_one(played: Played) -> None:
    """Changed and submitted again between two runs, its ERP order is taken back and created as it is now."""
    trade = played.trade
    order = trade.order(str(trade.account_of("C00010")["accountid"]), "1000", quantity=1)
    trade.submit(order)
    assert played.process()["created"] == 1
    first = played.listed()[order]
    _change(trade, order, quantity=4)
    assert played.process()["held"] == 0
    again = played.listed()[order]
    assert (again["stage"], again["missing"]) == ("Open", [])
    assert again["erp_order"] != first["erp_order"]
    assert first["erp_order"] not in {each["No"] for each in trade.orders_of_interlace()}
    played.assert_equal_amounts(again)
    timeline = [each["text"] for each in played.order(order)["timeline"]]
    assert any(f"The ERP order {first['erp_order']} was taken back" in text for text in timeline)


def _change(trade: Trade, order: str, *, quantity: int) -> None:
    """Take an order back, change its line, and submit it again."""
    line = trade.find("salesorderdetails", f"_salesorderid_value eq {order}")[0]
    trade.crm("PATCH", f"salesorders({order})", {"statecode": 0, "statuscode": 1})
    trade.crm("PATCH", f"salesorderdetails({line['salesorderdetailid']})", {"quantity": quantity})
    trade.submit(order)


def test_a_killed_process_doubles_and_loses_nothing(played: Played) -> None:
    """Killed as soon as the ERP has more orders, again and again: each CRM order has one ERP order in the end."""
    trade = played.trade
    account = str(trade.account_of("C00010")["accountid"])
    orders = [trade.order(account, "1001") for _ in range(ORDERS)]
    for order in orders:
        trade.submit(order)
    before = {each["No"] for each in trade.orders_of_interlace()}
    for kill in range(KILLS):
        process = played.installation.start("orders", "process")
        while process.poll() is None and len(trade.orders_of_interlace()) - len(before) <= kill:
            time.sleep(0.02)
        process.kill()
        process.wait()
    played.process()
    made = [each for each in trade.orders_of_interlace() if each["No"] not in before]
    marks = Counter(each["External_Document_No"] for each in made)
    assert set(marks.values()) == {1}
    listed = played.listed()
    shown = [listed[order] for order in orders]
    waiting = [each for each in shown if not each["erp_order"]]
    assert len(made) + len(waiting) == ORDERS
    assert len(waiting) <= UNDER_WAY_MAX * KILLS
    assert {each["erp_order"] for each in shown} - {""} == {each["No"] for each in made}
    assert not any(each["held"] for each in shown)
