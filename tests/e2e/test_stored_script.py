"""Script in the text fields of both systems: shown as text wherever Interlace shows it, never carried out."""

import pytest
from playwright.sync_api import Dialog, Page, expect
from tests.e2e.place import Place

CONFLICTING, SENT, WRONG = "C00080", "C00100", "C00120"
ATTACKS = (
    "<script>window.attacked=1</script>",
    '"><img src=x onerror=attacked=1>',
    "'-alert(1)-'{{7*7}}</td><svg onload=alert(1)>",
)
ERP_FIELDS = ("Name", "Name_2", "Address", "Address_2", "City", "Contact", "Phone_No", "E_Mail", "Home_Page")
CRM_COLUMNS = (
    "name",
    "address1_line1",
    "address1_line2",
    "address1_city",
    "telephone1",
    "fax",
    "emailaddress1",
    "websiteurl",
    "description",
)
LENGTH = 30
"""What the shortest of the fields takes."""


def _text(place: int) -> str:
    return ATTACKS[place % len(ATTACKS)][:LENGTH]


def _attacked(page: Page, path: str) -> None:
    """Look at a page, and let nothing of it be carried out."""
    page.goto(path)
    assert page.locator("h1").count() == 1
    assert page.evaluate("typeof window.attacked") == "undefined"
    # Whatever stands there is a text: no element of the attacks came to be.
    assert page.locator("main script, main img, main svg[onload], main [onerror], main [onload]").count() == 0


@pytest.fixture(scope="module")
def _poisoned(place: Place) -> None:
    """Script stands in every text field of a customer and an account, coupled, in conflict and refused."""
    trade = place.trade
    for place_of_field, field in enumerate(ERP_FIELDS):
        for number in (SENT, CONFLICTING, WRONG):
            _try_customer(place, number, field, _text(place_of_field))
    for place_of_column, column in enumerate(CRM_COLUMNS):
        _try_account(place, CONFLICTING, column, _text(place_of_column + 1))
    trade.change_customer(WRONG, Salesperson_Code="HV")
    place.interlace("synch", "CUSTOMER")


@pytest.mark.usefixtures("_poisoned")
def test_script_from_both_systems_is_only_shown(place: Place, page: Page) -> None:
    """Records, conflicts, journal, errors, search and couplings show it as text."""
    dialogs: list[str] = []

    def opened(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", opened)
    for path in (
        "/records/CUSTOMER",
        f"/records/CUSTOMER/{SENT}",
        f"/records/CUSTOMER/{CONFLICTING}",
        f"/coupling/CUSTOMER/{SENT}?side=erp",
        "/conflicts",
        "/journal",
        f"/journal?key={SENT}",
        "/errors",
        "/errors/skipped",
        "/couplings",
        "/search?search=%3Cscript%3Ewindow.attacked%3D1%3C%2Fscript%3E",
        "/records/CUSTOMER?search=%22%3E%3Cimg%20src%3Dx%20onerror%3Dattacked%3D1%3E",
        "/",
    ):
        _attacked(page, path)
    page.goto("/conflicts")
    page.get_by_role("row").filter(has_text="script").get_by_role("link").first.click()
    expect(page.locator("table.diff")).to_contain_text("<script>window")
    _attacked(page, page.url)
    assert dialogs == []
    # It went to the other side as it is: nobody's text is changed on the way.
    assert place.trade.account_of(SENT)["name"] == _text(0)


def _try_customer(place: Place, number: str, field: str, text: str) -> None:
    """Enter a text; what the system itself refuses, nobody can store there."""
    try:
        place.trade.change_customer(number, **{field: text})
    except OSError:
        assert field not in {"Name", "Address", "City"}


def _try_account(place: Place, number: str, column: str, text: str) -> None:
    try:
        place.trade.change_account(number, **{column: text})
    except OSError:
        assert column not in {"name", "address1_line1", "description"}
