"""`interlace orders` and `interlace statistics`: orders on their way, what holds them, and accounts' figures."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.acceptance.conftest import Installation
from tests.acceptance.trade import Trade
from tests.cli.both_ends import NAME, BothEnds, Ended, started, synchronize

from interlace.bootstrap.demo import DemoEnds
from interlace.cli.exit_codes import ExitCode
from interlace.cli.program import run_program

pytestmark = pytest.mark.slow


@dataclass(frozen=True, kw_only=True)
class Shop:
    """Both ends of this module, and people at them."""

    state: Path
    trade: Trade
    account: str
    crm_secret_file: str


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Services of this module's own: orders change what the others count."""
    state = tmp_path_factory.mktemp("orders") / "state"
    with started(tmp_path_factory.mktemp("ends")) as ends:
        synchronize(ends, state)
        trade = Trade(Installation(state=state, ends=_demo_ends(ends)))
        yield Shop(
            state=state,
            trade=trade,
            account=str(trade.account_of("C00010")["accountid"]),
            crm_secret_file=str(ends.crm_secret_file),
        )


def _demo_ends(ends: BothEnds) -> DemoEnds:
    return DemoEnds(
        erp={
            "erp_address": ends.erp_address,
            "erp_company": "Nordlicht",
            "erp_user": "INTERLACE",
            "erp_access_key": ends.erp_key_file.read_text(encoding="utf-8").strip(),
        },
        crm={
            "crm_address": ends.crm_address,
            "crm_token_url": f"{ends.crm_address}/{ends.crm.options.tenant_id}/oauth2/v2.0/token",
            "crm_client_id": ends.crm.options.client_id,
            "crm_client_secret": ends.crm.options.client_secret,
        },
    )


@pytest.fixture
def run(shop: Shop, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Run a command over this module's state."""

    def ended(*arguments: str) -> Ended:
        """Run it, and return what it wrote."""
        capsys.readouterr()
        code = run_program([*arguments, "--state", str(shop.state)])
        written = capsys.readouterr()
        return Ended(code=code, out=written.out, err=written.err)

    return ended


def _write_in(trade: Trade, order: str) -> None:
    line = {"salesorderid@odata.bind": f"/salesorders({order})", "quantity": 1, "priceperunit": 80}
    trade.crm(
        "POST", "salesorderdetails", {**line, "isproductoverridden": True, "productdescription": "Assembly"}
    )


def test_orders_are_taken_on_listed_and_shown(shop: Shop, run: Callable[..., Ended]) -> None:
    """A good order and one that is held: counted, listed with what is missing, shown with totals, links and times."""
    before = _by_stage(run)
    good = shop.trade.order(shop.account, "1000")
    held = shop.trade.order(shop.account, "1000")
    _write_in(shop.trade, held)
    for order in (good, held):
        shop.trade.submit(order)
    processed = run("orders", "process")
    assert processed.code == ExitCode.OK
    assert "created     1" in processed.out
    assert "1 order is held: `interlace orders list --held`" in processed.err
    again = run("orders", "process", "--json").only
    assert {name: again[name] for name in ("created", "moved_on", "taken_back", "held")} == {
        "created": 0,
        "moved_on": 0,
        "taken_back": 0,
        "held": 1,
    }
    listed = {each["id"]: each for each in run("orders", "list", "--json").objects}
    assert (listed[good]["stage"], listed[good]["held"], listed[good]["customer"]) == (
        "Open",
        False,
        "Möbelhaus Brandt Berlin",
    )
    assert [each["code"] for each in listed[held]["missing"]] == ["write_in_not_set_up"]
    table = run("orders", "list", "--held")
    assert "Assembly" in table.out
    assert listed[good]["erp_order"] not in table.out
    open_ones = {each["id"] for each in run("orders", "list", "--stage", "Open", "--json").objects}
    assert good in open_ones
    assert held not in open_ones
    page = run("orders", "list", "--limit", "1", "--json")
    rest = run("orders", "list", "--after", page.only["id"], "--json")
    assert f"--after {page.only['id']}" in page.err
    assert [page.only["id"], *(each["id"] for each in rest.objects)] == list(listed)
    assert [each["id"] for each in run("orders", "list", "--stage", "new", "--json").objects] == [held]
    assert run("orders", "list", "--stage", "open", "--held").err == "No such order.\n"
    nowhere = run("orders", "list", "--stage", "Nowhere")
    assert nowhere.code == ExitCode.CONFIGURATION
    assert "Stages that orders are at: " in nowhere.err
    opened, none_held = before.get("Open", (0, 0))
    assert _by_stage(run) == {**before, "Open": (opened + 1, none_held), "New": (1, 1)}
    _shown(run, good, listed[good]["erp_order"])
    _retried(run, held)


def _by_stage(run: Callable[..., Ended]) -> dict[str, tuple[int, int]]:
    """Count the orders of each stage, and those of them that are held."""
    rows = run("orders", "stages", "--json").objects
    return {each["stage"]: (each["orders"], each["held"]) for each in rows}


def _shown(run: Callable[..., Ended], order: str, number: str) -> None:
    shown = run("orders", "show", number, "--json").only
    assert shown["id"] == run("orders", "show", order, "--json").only["id"] == order
    assert shown["crm_net"] == shown["erp_net"] < shown["erp_total"]
    assert "The ERP adds" in shown["difference"]
    assert shown["crm_link"].endswith(f"/main.aspx?etn=salesorder&pagetype=entityrecord&id={order}")
    assert shown["erp_resource"][0].endswith(f"/SalesOrder('{number}')")
    assert shown["erp_link"] is None
    assert [each["stage"] for each in shown["timeline"]][-1] == "Open"
    [ordered], [created] = shown["crm_lines"], shown["erp_lines"]
    for name in ("line", "type", "number", "description", "quantity", "unit", "unit_price", "amount"):
        assert ordered[name] == created[name], name
    assert (ordered["type"], ordered["number"], created["invoiced"]) == ("Item", "1000", 0)
    assert sum(each["amount"] for each in shown["erp_lines"]) == pytest.approx(shown["erp_net"])
    text = run("orders", "show", number).out
    assert "difference" in text
    assert "Lines of the ERP Order:" in text
    assert "The ERP order was created." in text


def _retried(run: Callable[..., Ended], order: str) -> None:
    shown = run("orders", "show", order, "--json").only
    good, held = shown["crm_lines"]
    assert (good["problems"], shown["erp_lines"]) == ([], [])
    assert (held["type"], held["description"], held["amount"]) == ("Write-in Product", "Assembly", 80)
    assert [each["code"] for each in held["problems"]] == ["write_in_not_set_up"]
    tried = run("orders", "retry", order)
    assert tried.code == ExitCode.REMAINING
    assert "(write_in_not_set_up)" in tried.out
    assert "-> Name an item or resource for write-in products" in tried.out
    unknown = run("orders", "retry", "NOTHING")
    assert unknown.code == ExitCode.CONFIGURATION
    assert "No order 'NOTHING' has been looked at" in unknown.err


def test_an_ordinary_run_takes_orders_on_and_says_when_some_are_held(
    shop: Shop, run: Callable[..., Ended]
) -> None:
    """With the mapping's name, and in its place on the path of all mappings without."""
    order = shop.trade.order(shop.account, "1000")
    _write_in(shop.trade, order)
    shop.trade.submit(order)
    named = run("synch", "SALESORDER-ORDER")
    assert named.code == ExitCode.REMAINING
    assert "held" in named.err
    assert "interlace errors" not in named.err
    shop.trade.crm("PATCH", f"salesorders({order})", {"statecode": 0, "statuscode": 1})
    other = shop.trade.order(shop.account, "1000")
    shop.trade.submit(other)
    names = [each["mapping"] for each in run("synch", "--json").objects]
    assert (
        names.index("SALESPRC-PRODPRICE")
        < names.index("SALESORDER-ORDER")
        < names.index("POSTEDSALESINV-INV")
    )
    assert run("orders", "show", other, "--json").only["stage"] == "Open"


def test_what_is_decided_order_by_order_is_not_told_ahead(shop: Shop, run: Callable[..., Ended]) -> None:
    """A plan and an explanation lead to the commands that know orders."""
    order = shop.trade.order(shop.account, "1000")
    shop.trade.submit(order)
    run("orders", "process")
    for command in (("plan", "SALESORDER-ORDER"), ("explain", order, "--mapping", "SALESORDER-ORDER")):
        refused = run(*command)
        assert refused.code == ExitCode.CONFIGURATION
        assert "`interlace orders show ORDER`" in refused.err
    assert f"`interlace orders show {order}`" in run("explain", order).err


def test_a_crm_that_does_not_answer_leaves_what_we_remember(shop: Shop, run: Callable[..., Ended]) -> None:
    """The list still comes, without what only the CRM knows; an order that was never looked at is told so."""
    order = shop.trade.order(shop.account, "1000")
    shop.trade.submit(order)
    assert run("orders", "process").code == ExitCode.OK
    crm = run("connection", "show", "--json").only["crm_address"]
    moved = ("connection", "change", NAME, "--crm-secret-file", shop.crm_secret_file, "--crm")
    assert run(*moved, "http://127.0.0.1:1024").code == ExitCode.OK
    try:
        listed = run("orders", "list", "--json")
        assert listed.code == ExitCode.OK
        assert order in {each["id"] for each in listed.objects}
        assert all(each["amount"] is None for each in listed.objects)
        assert "Customers and amounts are left out" in listed.err
        shown = run("orders", "show", order)
        assert "Lines and totals could not be read." in shown.err
        assert "The ERP order was created." in shown.out
    finally:
        assert run(*moved, crm).code == ExitCode.OK
        assert run("connection", "enable", NAME).code == ExitCode.OK


def test_order_settings_are_shown_changed_and_checked(run: Callable[..., Ended]) -> None:
    """What can't work is refused in words, and changes nothing."""
    before = run("orders", "settings", "--json").only
    assert (before["order_integration"], before["write_in_product_number"]) == (True, "")
    refusals = {
        ("--bidirectional-orders",): "exclude each other",
        ("--write-in-item", "1000", "--no-write-in"): "Give only one of",
        ("--write-in-item", " "): "is blank",
        ("--write-in-item", "NOWHERE"): "The ERP has no item NOWHERE",
        ("--write-in-item", "1000"): "coupled with a CRM product",
    }
    for options, words in refusals.items():
        refused = run("orders", "settings", *options)
        assert refused.code == ExitCode.CONFIGURATION
        assert words in refused.err
    assert run("orders", "settings", "--json").only == before
    changed = run("orders", "settings", "--no-order-integration", "--bidirectional-orders", "--json").only
    assert (changed["order_integration"], changed["bidirectional_orders"]) == (False, True)
    back = ("--order-integration", "--no-bidirectional-orders", "--check-credit-limit", "--json")
    assert run("orders", "settings", *back).only["check_credit_limit"]
    run("orders", "settings", "--no-check-credit-limit")
    assert run("orders", "settings", "--json").only == before


def test_a_write_in_product_is_set_up(shop: Shop, run: Callable[..., Ended]) -> None:
    """An item that is not coupled stands for what is only named; the held order goes on with the next run."""
    item = {
        "No": "EXTRA",
        "Description": "Extra",
        "Base_Unit_of_Measure": "PCS",
        "Gen_Prod_Posting_Group": "HANDEL",
        "VAT_Prod_Posting_Group": "STANDARD",
        "Inventory_Posting_Group": "WARE",
    }
    shop.trade.erp("POST", "ItemCard", dict(item))
    order = shop.trade.order(shop.account, "1000")
    _write_in(shop.trade, order)
    shop.trade.submit(order)
    run("orders", "process")
    assert run("orders", "show", order, "--json").only["held"]
    settings = run("orders", "settings", "--write-in-item", "extra", "--json").only
    assert (settings["write_in_product_type"], settings["write_in_product_number"]) == ("item", "EXTRA")
    run("orders", "process")
    shown = run("orders", "show", order, "--json").only
    assert (shown["stage"], shown["held"]) == ("Open", False), shown
    assert run("orders", "settings", "--no-write-in", "--json").only["write_in_product_type"] == ""


def test_nothing_new_begins_while_the_integration_is_off(shop: Shop, run: Callable[..., Ended]) -> None:
    """Switched on again, the order goes its way."""
    order = shop.trade.order(shop.account, "1000")
    shop.trade.submit(order)
    run("orders", "settings", "--no-order-integration")
    run("orders", "process")
    assert run("orders", "show", order).code == ExitCode.CONFIGURATION
    run("orders", "settings", "--order-integration")
    run("orders", "process")
    assert run("orders", "show", order, "--json").only["stage"] == "Open"


def test_statistics_are_brought_up_to_date_and_shown(shop: Shop, run: Callable[..., Ended]) -> None:
    """A new order counts among the open ones at once; who has no account is told so."""
    before = run("statistics", "c00010", "--json").only
    order = shop.trade.order(shop.account, "1000")
    shop.trade.submit(order)
    run("orders", "process")
    total = run("orders", "show", order, "--json").only["erp_total"]
    shown = run("statistics", "C00010", "--json")
    assert shown.only["outstanding_orders"] - before["outstanding_orders"] == pytest.approx(total)
    assert shown.only["account_id"] == shop.account
    assert shown.code == ExitCode.OK
    assert "1 of " in shown.err
    assert len(run("statistics", "--limit", "3", "--json").objects) == 3
    unknown = run("statistics", "C99999")
    assert unknown.code == ExitCode.CONFIGURATION
    assert "Customer C99999 is coupled with no account" in unknown.err


def test_customers_without_figures_are_named_with_what_is_behind_it(
    shop: Shop, run: Callable[..., Ended]
) -> None:
    """A customer who can't become an account has no figures: the command names the customer and the reason."""
    shop.trade.erp("POST", "CustomerCard", {"No": "C77777", "Name": "Too deep", "Credit_Limit_LCY": -1})
    run("synch", "CUSTOMER", "--full")
    shown = run("statistics", "--limit", "1")
    assert shown.code == ExitCode.REMAINING
    assert "C77777 (Too deep)" in shown.err
    assert "creditlimit" in shown.err
