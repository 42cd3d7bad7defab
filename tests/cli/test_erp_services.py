"""What the ERP must publish: named per mapping with the page behind it, and written as a file that publishes it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring
from tests.cli.both_ends import NAME, BothEnds, Interlace, started

OPTIONAL = frozenset({"EpochMarkers", "SalesCommentLines"})
MISSING = frozenset({"SalesPrices", "ResourceCard", "EpochMarkers"})


@pytest.fixture(scope="module")
def poor_ends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BothEnds]:
    """Both services; the ERP publishes neither sales prices nor resources, and has no extension for markers."""
    with started(tmp_path_factory.mktemp("poor"), unpublished=MISSING) as ends:
        yield ends


@pytest.fixture
def poor(interlace: Interlace, poor_ends: BothEnds) -> Interlace:
    """Commands on a connection with that ERP."""
    assert interlace("connection", "add", NAME, *poor_ends.options()).code == 0
    return interlace


def test_connection_test_names_what_to_publish(poor: Interlace) -> None:
    """Service, object type and object id are told, with the mappings that need them."""
    ended = poor("connection", "test", NAME, "--json")
    assert ended.code == 0, [each for each in ended.objects if each["state"] == "problem"]
    told = [each for each in ended.objects if each["check"] == "ERP web services"]
    prices = next(each for each in told if "SalesPrices" in each["message"])
    assert prices["state"] == "warning"
    assert "SALESPRC-PRODPRICE" in prices["message"]
    assert "Page 7002 (Sales Prices) as SalesPrices" in prices["remedy"]
    assert any("Page 76 (Resource Card) as ResourceCard" in each["remedy"] for each in told)
    # What the extension brings is told, too, and stops nothing.
    markers = next(each for each in told if "EpochMarkers" in each["message"])
    assert markers["state"] == "warning"
    assert "comes with the ERP extension (extension/al)" in markers["remedy"]


def test_check_of_mappings_names_what_to_publish(poor: Interlace) -> None:
    """The mappings concerned are told, and only they."""
    ended = poor("mappings", "check", "--json")
    assert ended.code == 4
    concerned = {each["mapping"] for each in ended.objects}
    assert {"SALESPRC-PRODPRICE", "RESOURCE-PRODUCT"} <= concerned
    assert "CUSTOMER" not in concerned
    assert all("Web Services" in each["message"] for each in ended.objects)


def test_only_mappings_that_lack_a_service_stop(poor: Interlace) -> None:
    """A run over everything says what to publish for those, and carries out the others."""
    assert poor("connection", "enable", NAME).code == 0
    terms = ("PAYMENT TERMS", "SHIPMENT METHOD", "SHIPPING AGENT")
    mappings = ("SALESPEOPLE", "CURRENCY", *terms, "CUSTOMER", "RESOURCE-PRODUCT", "SALESPRC-PRODPRICE")
    ended = poor("synch", "--full", *mappings, "--json")
    assert "Page 7002 (Sales Prices) as SalesPrices" in ended.out + ended.err
    customers = [each for each in ended.objects if each.get("mapping") == "CUSTOMER"]
    assert sum(each["inserted"] for each in customers) > 10, ended.out + ended.err


def test_file_publishes_every_page(poor: Interlace, tmp_path: Path) -> None:
    """The script and the XML name the same services with the numbers of their pages."""
    script, xml = tmp_path / "publish.ps1", tmp_path / "WebServices.xml"
    assert poor("erp-services", "file", "--out", str(script)).code == 0
    told = poor("erp-services", "file", "--out", str(xml), "--json").only
    nowhere = poor("erp-services", "file", "--out", str(tmp_path / "nowhere" / "publish.ps1"))
    assert nowhere.code == 4
    assert "can't be written: No such file or directory. Name another file with --out." in nowhere.err
    text = script.read_text(encoding="utf-8")
    assert "@{ Name = 'SalesPrices'; Id = 7002 }" in text
    assert "New-NAVWebService -ServerInstance $ServerInstance" in text
    assert "@{ Name = 'SalesOrder'; Id = 42; Own = 50200 }" in text
    services = fromstring(xml.read_bytes())
    found = {
        each.findtext("ServiceName"): each.findtext("ObjectID") for each in services.iter("TenantWebService")
    }
    assert found["CustomerCard"] == "21"
    assert (told["as"], told["services"]) == ("xml", sorted(map(str, found)))
    pages = tmp_path / "pages.txt"
    written = poor("erp-services", "file", "--out", str(pages), "--json").only
    assert (written["as"], "SalesOrder" in written["services"]) == ("cal", True)
    assert pages.read_text(encoding="utf-8").startswith("OBJECT Page 50200 Interlace Sales Order")
    assert found["SalesOrder"] == "42"
    assert "EpochMarkers" not in found
    plain = re.sub("; Own = [0-9]+", "", text)
    assert all(f"Name = '{name}'; Id = {number} " in plain for name, number in found.items())


def test_check_of_services_is_silent_when_all_is_there(connected: Interlace) -> None:
    """An ERP that publishes everything lacks nothing."""
    ended = connected("erp-services", "check")
    assert (ended.code, "publishes everything" in ended.err + ended.out) == (0, True)


@pytest.fixture(scope="module")
def limited_ends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BothEnds]:
    """Both services; the ERP lacks only what nothing stops for."""
    with started(tmp_path_factory.mktemp("limited"), unpublished=OPTIONAL) as ends:
        yield ends


def test_what_nothing_stops_for_does_not_fail_the_check(interlace: Interlace, limited_ends: BothEnds) -> None:
    """It is named with what is limited without it, and the command ends well."""
    assert interlace("connection", "add", NAME, *limited_ends.options()).code == 0
    assert interlace("orders", "settings", "--order-integration").code == 0
    ended = interlace("erp-services", "check", "--json")
    assert {each["service"] for each in ended.objects} == OPTIONAL
    assert ended.code == 0
    told = {each["service"]: each["message"] for each in ended.objects}
    assert "a restored backup of the ERP is noticed by other signs only" in told["EpochMarkers"]
    assert "Orders go on without it" in told["SalesCommentLines"]
    assert all(each["optional"] for each in ended.objects)
    assert "restored backup" in interlace("connection", "test", NAME).out


def test_what_a_mapping_stops_for_fails_the_check(poor: Interlace) -> None:
    """Among it stands what nothing stops for, marked as such."""
    ended = poor("erp-services", "check", "--json")
    assert ended.code == 4
    optional = {each["service"] for each in ended.objects if each["optional"]}
    assert optional == {"EpochMarkers"}
    assert {each["service"] for each in ended.objects} >= MISSING
