"""Life without JavaScript: the first step of the wizard and the decision of a conflict."""

from playwright.sync_api import expect
from tests.e2e.place import OpenPage, Place

CONFLICTING = "C00020"


def test_a_conflict_is_decided_without_a_script(place: Place, open_page: OpenPage) -> None:
    """Radio buttons and a button are enough."""
    trade = place.trade
    trade.change_customer(CONFLICTING, Name="Quay ERP")
    trade.change_account(CONFLICTING, name="Quay CRM")
    place.interlace("synch", "CUSTOMER")
    page = open_page(java_script_enabled=False)
    page.goto("/conflicts")
    page.get_by_role("row").filter(has_text="Quay").get_by_role("link").click()
    page.get_by_role("radio", name="ERP: Quay ERP").check()
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(page.locator(".notices")).not_to_be_empty()
    assert trade.account_of(CONFLICTING)["name"] == "Quay ERP"
