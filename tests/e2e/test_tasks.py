"""What people do in the web client: decide a conflict, remove a cause of errors, send an order on its way."""

import re

from playwright.sync_api import Page, expect
from tests.e2e.place import WORK_MILLISECONDS, Place, until

CONFLICTING, DIFFERENT, MOVED, ORDERING, COUPLED = "C00010", "C00050", "C00040", "C00060", "C00140"
SALESPERSON = "HV"


def test_a_conflict_is_decided_field_by_field(place: Place, page: Page) -> None:
    """By keys: the name is taken from the CRM and the telephone from the ERP; both sides agree on the result."""
    trade = place.trade
    trade.change_customer(CONFLICTING, Name="Harbour ERP", Phone_No="+49 30 111")
    trade.change_account(CONFLICTING, name="Harbour CRM", telephone1="+49 30 222")
    trade.change_customer(DIFFERENT, Name="Second ERP")
    trade.change_account(DIFFERENT, name="Second CRM")
    place.interlace("synch", "CUSTOMER")
    page.goto("/conflicts")
    page.get_by_role("row", name=re.compile("Name")).filter(has_text="Harbour").get_by_role("link").click()
    rows = page.locator("table.diff tbody tr")
    expect(rows).to_have_count(2)
    heading = page.get_by_role("heading", level=1)
    shown = heading.inner_text()
    there, back = (
        ("Down", "Up") if page.get_by_role("link", name="Next", exact=True).count() else ("Up", "Down")
    )
    page.keyboard.press(f"Control+Arrow{there}")
    expect(heading).not_to_have_text(shown)
    page.keyboard.press(f"Control+Arrow{back}")
    expect(heading).to_have_text(shown)
    page.keyboard.press("b")
    expect(rows.get_by_role("radio", name=re.compile("^CRM:"), checked=True)).to_have_count(2)
    page.keyboard.press("a")
    expect(rows.get_by_role("radio", name=re.compile("^ERP:"), checked=True)).to_have_count(2)
    rows.filter(has_text="Harbour").get_by_role("radio", name="CRM: Harbour CRM").check()
    page.keyboard.press("m")
    # The next conflict is shown, or the list if there is none.
    expect(page.locator(".notices")).not_to_be_empty()
    page.goto("/conflicts")
    expect(page.get_by_role("link", name=re.compile("Harbour"))).to_have_count(0)
    customer, account = trade.customer(CONFLICTING), trade.account_of(CONFLICTING)
    assert (customer["Name"], customer["Phone_No"]) == ("Harbour CRM", "+49 30 111")
    assert (account["name"], account["telephone1"]) == ("Harbour CRM", "+49 30 111")


def test_a_customer_is_coupled_by_hand(place: Place, page: Page) -> None:
    """Its coupling is deleted and made again: the account of its name is offered, both are compared, then coupled."""
    trade = place.trade
    name = trade.customer(COUPLED)["Name"]
    page.goto(f"/records/CUSTOMER/{COUPLED}")
    page.get_by_role("button", name="Delete Coupling").click()
    page.keyboard.press("n")
    expect(page.locator("dialog.question")).to_have_count(0)
    page.get_by_role("button", name="Delete Coupling").click()
    page.keyboard.press("y")
    page.get_by_role("group", name="Actions").get_by_role("link", name="Set Up Coupling").click()
    page.get_by_role("link", name=f"Choose {name}").click()
    expect(page.get_by_role("heading", level=2, name=f"Couple {name}")).to_be_visible()
    trade.change_customer(COUPLED, Phone_No="+49 40 777")
    page.get_by_role("button", name="Couple", exact=True).click()
    expect(page.get_by_role("link", name="Set Up Coupling")).to_have_count(0)
    expect(page.get_by_role("button", name="Delete Coupling")).to_be_visible()
    assert trade.account_of(COUPLED)["telephone1"] == "+49 40 777"


def test_the_cause_of_an_error_is_removed_and_what_waited_goes_through(place: Place, page: Page) -> None:
    """A customer has a salesperson whom the CRM doesn't know; coupled from the page of causes, the customer follows."""
    trade = place.trade
    trade.change_customer(MOVED, Salesperson_Code=SALESPERSON)
    place.interlace("synch", "CUSTOMER")
    user = _new_colleague(place)
    page.goto("/errors")
    cause = page.locator(".cause").filter(has_text=f"SALESPEOPLE {SALESPERSON}")
    expect(cause).to_be_visible()
    cause.get_by_role("link", name="Set Up Coupling").click()
    page.get_by_role("link", name="Choose Heiner Vosskuhl").click()
    page.get_by_role("button", name="Couple", exact=True).click()
    expect(page.locator(".notices")).not_to_be_empty()
    page.goto("/queue")
    page.get_by_role("row").filter(has=page.get_by_role("link", name="CUSTOMER", exact=True)).get_by_role(
        "button", name="Run"
    ).click()
    page.goto("/errors")
    # The run works in the background; the open page follows it.
    expect(cause).to_have_count(0, timeout=WORK_MILLISECONDS)
    until(page, lambda: trade.account_of(MOVED)["_ownerid_value"] == user, "the customer's salesperson")


def _new_colleague(place: Place) -> str:
    """Let the administrator of the CRM add the salesperson as a user, under another address; gives the id."""
    trade, address = place.trade, "h.vosskuhl@nordlicht.example"
    unit = trade.find("businessunits", "businessunitid ne null")[0]["businessunitid"]
    user = trade.catalogue(
        "POST",
        "systemusers",
        {
            "firstname": "Heiner",
            "lastname": "Vosskuhl",
            "domainname": address,
            "internalemailaddress": address,
            "islicensed": True,
            "businessunitid@odata.bind": f"/businessunits({unit})",
        },
    )
    return str(user["systemuserid"])


def test_an_order_is_created_in_the_erp_and_its_timeline_tells_it(place: Place, page: Page) -> None:
    """Submitted in the CRM, created by the button, shown with its ERP number, totals and history."""
    trade = place.trade
    order = trade.order(str(trade.account_of(ORDERING)["accountid"]), "1000")
    trade.submit(order)
    page.goto("/orders")
    page.get_by_role("button", name="Create in ERP").click()
    # The work goes on in the background; the open page follows it.
    page.locator(f"main a[href='/orders/{order}']").click()
    expect(page.locator("main")).to_contain_text("Open")
    expect(page.locator(".timeline")).to_contain_text("Created in the ERP")
    in_erp = place.listed("orders", "show", order)[0]["erp_order"]
    assert in_erp
    expect(page.locator(".fact-boxes")).to_contain_text(in_erp)
