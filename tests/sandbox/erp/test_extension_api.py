"""The ERP extension's API in the sandbox: announced, with ids of the client's choosing, stamps and markers."""

from typing import Any

import pytest

from interlace.sandbox.erp.products import PRODUCTS

ROOT = "/BC/api/interlace/sync/v1.0"
WANTED = "6f0a3a5c-0000-4000-8000-000000000001"


@pytest.fixture
def extended(open_erp: Any) -> Any:
    """A sandbox in which the extension is installed."""
    return open_erp(extension=True)


def sets_of(client: Any) -> str:
    """The address of the company in the extension's API."""
    return f"{ROOT}/companies({client.app.company.id})"


def test_extension_is_absent_unless_switched_on(erp: Any, extended: Any) -> None:
    """Without the switch there is neither the API nor the page that announces it."""
    assert erp.send("GET", f"{ROOT}/$metadata").status == 404
    assert erp.send("GET", f"{erp.pages}/InterlaceExtension").status == 404
    assert b"InterlaceExtension" not in erp.send("GET", "/BC/ODataV4/$metadata").body
    assert b"InterlaceExtension" in extended.send("GET", "/BC/ODataV4/$metadata").body
    assert extended.values(f"{extended.pages}/InterlaceExtension")[0]["Primary_Key"] == ""
    assert b'EntitySet Name="salesPrices"' in extended.send("GET", f"{ROOT}/$metadata").body


def test_create_takes_the_id_of_the_client_once(extended: Any) -> None:
    """A second create under the id is refused, whatever its number; a blank id is chosen by the ERP."""
    customers = f"{sets_of(extended)}/customers"
    made = extended.post(customers, {"id": WANTED, "name": "Nord", "searchName": "mark"})
    assert (made["id"], made["name"], made["searchName"]) == (WANTED, "Nord", "MARK")
    assert made["no"]
    refused = extended.refused("POST", customers, {"id": WANTED, "no": "C77", "name": "Again"})
    assert refused[:2] == (400, "Internal_EntityWithSameKeyExists")
    page = extended.values(f"{extended.pages}/CustomerCard")
    assert [(row["No"], row["Name"]) for row in page] == [(made["no"], "Nord")]
    blank = "00000000-0000-0000-0000-000000000000"
    assert extended.post(customers, {"id": blank, "name": "B"})["id"] != blank
    assert extended.post(f"{extended.company}/customers", {"displayName": "C", "id": WANTED})["id"] != WANTED


def test_stamps_tell_what_changed(extended: Any) -> None:
    """A change by the page moves the stamp of the same record, under the same tag."""
    groups = f"{sets_of(extended)}/customerPriceGroups"
    made = extended.post(groups, {"code": "RETAIL", "description": "Einzelhandel"})
    extended.clock.advance(minutes=5)
    changed = extended.patch(f"{extended.pages}/CustomerPriceGroups('RETAIL')", {"Description": "Handel"})
    since = f"{groups}?$filter=lastModifiedDateTime gt {made['lastModifiedDateTime']}"
    [told] = extended.values(since.replace(" ", "%20"))
    assert (told["id"], told["description"]) == (made["id"], "Handel")
    assert told["@odata.etag"] == changed["@odata.etag"]


def test_markers_are_kept_and_prices_only_shown(extended: Any) -> None:
    """A marker is raised and never deleted; prices are entered in the ERP's own price lists."""
    markers = f"{sets_of(extended)}/epochMarkers"
    made = extended.post(markers, {"code": "M1", "name": "mapping", "counter": 1})
    raised = extended.patch(f"{markers}({made['id']})", {"counter": 2}, made["@odata.etag"])
    assert raised["counter"] == 2
    assert extended.refused("DELETE", f"{markers}({made['id']})")[0] == 405
    assert extended.values(f"{extended.pages}/EpochMarkers")[0]["Counter"] == 2
    assert extended.refused("POST", f"{sets_of(extended)}/salesPrices", {"itemNo": "X"})[0] == 405


def test_nav_has_no_extension(open_erp: Any) -> None:
    """AL needs Business Central: the switch does nothing for NAV."""
    nav = open_erp(extension=True, product=PRODUCTS["nav2018"])
    assert nav.send("GET", f"{ROOT}/$metadata").status == 404
