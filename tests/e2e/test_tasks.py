"""What people do in the web client: decide a conflict, remove a cause of errors, send an order on its way."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Page, expect
from tests.e2e.looking import looked_at
from tests.e2e.place import WORK_MILLISECONDS, Place, sign_in, until

CONFLICTING, DIFFERENT, MOVED, ORDERING, COUPLED = "C00010", "C00050", "C00040", "C00060", "C00140"
MISTAKEN = "C00150"
COUNT_CLICKS = """
addEventListener("click", (event) => {
  if (event.isTrusted) sessionStorage.clicks = 1 + Number(sessionStorage.clicks || 0);
}, true);
"""
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


def test_a_mistake_is_taken_back_from_the_log_with_two_clicks(place: Place, page: Page) -> None:
    """One shows what it would change, the other does it: both sides are as before, and stay so at the next run."""
    trade = place.trade
    before = trade.account_of(MISTAKEN)["telephone1"]
    trade.change_customer(MISTAKEN, Phone_No="+49 30 999")
    page.goto(f"/records/CUSTOMER/{MISTAKEN}")
    page.get_by_role("button", name="Synchronize Now").click()
    expect(page.locator(".notices")).to_contain_text("synchronized")
    assert trade.account_of(MISTAKEN)["telephone1"] == "+49 30 999"
    page.add_init_script(COUNT_CLICKS)
    page.goto("/journal")
    page.get_by_role("row").filter(has_text="+49 30 999").get_by_role("link", name="Undo").click()
    expect(page.get_by_role("row").filter(has_text="+49 30 999")).to_contain_text("Earlier values")
    page.get_by_role("button", name="Take Back", exact=True).click()
    expect(page.locator(".notices")).not_to_be_empty()
    assert page.evaluate("Number(sessionStorage.clicks)") == 2
    assert trade.account_of(MISTAKEN)["telephone1"] == before
    place.interlace("synch", "CUSTOMER")
    assert trade.account_of(MISTAKEN)["telephone1"] == before
    assert trade.customer(MISTAKEN)["Phone_No"] == "+49 30 999"


def test_keys_lead_through_a_list_record_by_record(page: Page) -> None:
    """Ctrl+Down goes on in the list's order, over the end of its page; Ctrl+Up comes back and says where it ends."""
    page.goto("/records/CUSTOMER?limit=4")
    numbers = page.locator("main .list tbody th a").all_inner_texts()
    page.goto("/records/CUSTOMER?limit=3")
    page.get_by_role("link", name=numbers[0], exact=True).click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text(numbers[0])
    for keys, places in (("Down", (1, 2, 3)), ("Up", (2, 1, 0))):
        for place in places:
            page.keyboard.press(f"Control+Arrow{keys}")
            expect(heading).to_contain_text(numbers[place])
    page.keyboard.press("Control+ArrowUp")
    expect(page.locator(".notices")).to_contain_text("This is the first record of the list")
    expect(heading).to_contain_text(numbers[0])


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
    assert looked_at(page) == []
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
    page.locator(f"main a[href^='/orders/{order}']").click()
    expect(page.locator("main")).to_contain_text("Open")
    expect(page.locator(".timeline")).to_contain_text("Created in the ERP")
    in_erp = place.listed("orders", "show", order)[0]["erp_order"]
    assert in_erp
    expect(page.locator(".fact-boxes")).to_contain_text(in_erp)


def test_an_administrator_who_brings_the_solution_again_is_kept_nowhere(place: Place, page: Page) -> None:
    """From the Connection Setup card: the version is imported anew; its secret is on no disk of ours."""
    ends, state = place.installation.ends.crm, place.installation.state
    name, secret = ends["crm_administrator_client_id"], ends["crm_administrator_client_secret"]
    imports, sealed = _imports(place), _sealed(state)
    # What an administrator does needs a password that was entered just now.
    page.context.clear_cookies()
    page.goto("/connection")
    sign_in(page, "ada")
    page.get_by_role("link", name="Redeploy Integration Solution").click()
    page.locator("[name='answers.administrator.sign_in']").select_option("token-address")
    page.fill("[name='answers.administrator.client_id']", name)
    page.fill("[name='secrets.administrator.secret_file']", secret)
    page.get_by_role("button", name="Redeploy Integration Solution").click()
    told = page.locator("pre.told")
    # The work goes on in the background; the open page follows it.
    expect(told).to_contain_text("of the solution is in the CRM", timeout=WORK_MILLISECONDS)
    assert _imports(place) > imports
    assert _sealed(state) == sealed
    assert secret not in page.content()
    written = [each for each in (*state.rglob("*"), place.log) if each.is_file()]
    of_interlace = [each for each in written if "sandbox" not in each.relative_to(state.parent).as_posix()]
    assert of_interlace
    held = {each: each.read_bytes() for each in of_interlace}
    assert [each for each, content in held.items() if secret.encode() in content] == []
    # The audit log alone says as whom it was done.
    assert [
        each.name for each, content in held.items() if name.encode() in content if not _is_database(each)
    ] == []
    assert _tables_with(state, name) == {"audit_entry"}


def _is_database(file: Path) -> bool:
    return file.name.startswith("interlace.db")


def _tables_with(state: Path, text: str) -> set[str]:
    with closing(sqlite3.connect(state / "interlace.db")) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {
            table
            for table in tables
            for row in database.execute(f'SELECT * FROM "{table}"')
            if text in str(row)
        }


def _imports(place: Place) -> int:
    return len(place.trade.catalogue("GET", "importjobs?$select=importjobid", {})["value"])


def _sealed(state: Path) -> list[tuple[str, bytes]]:
    """Read the secrets that are kept, as they stand in the database."""
    with closing(sqlite3.connect(state / "interlace.db")) as database:
        return list(database.execute("SELECT name, ciphertext FROM secret ORDER BY name"))
