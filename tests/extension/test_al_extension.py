"""The ERP extension's sources: what can be checked of them without the AL compiler."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import pytest
from defusedxml.ElementTree import parse

from interlace.bootstrap.erp_services import NeededService, publishing_xml
from interlace.connectors.business_central.extension import ANNOUNCEMENT
from interlace.connectors.business_central.page_objects import EXTENSION_PAGE, PAGE_OBJECTS
from interlace.connectors.business_central.published_tables import PUBLISHED_TABLES
from interlace.lead_to_cash.availability_to_product import FEED_FIELDS, ITEM_REGISTER
from interlace.sandbox.erp.page_services import PAGE_SERVICES

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "extension" / "al"
SOURCES = sorted(EXTENSION.glob("src/*.al"))
FILES = sorted(each for each in EXTENSION.rglob("*") if each.is_file())
MANIFEST = json.loads((EXTENSION / "app.json").read_text(encoding="utf-8"))
HEADING = re.compile(r'^(table|page|codeunit|permissionset) (\d+) "([^"]+)"$', re.MULTILINE)
FIELD_OF_PAGE = re.compile(r'^\s*field\("?(\w+)"?; (?:Rec\."?([^")]+)"?|\w+)\)$', re.MULTILINE)
FIELD_OF_TABLE = re.compile(r'^\s*field\((\d+); "?([^";]+)"?; (\w+)(?:\[(\d+)\])?\)$', re.MULTILINE)
SERVICES = [name for name, page in PAGE_OBJECTS.items() if page.number == EXTENSION_PAGE]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlObject:
    """An object of the extension and its source."""

    kind: str
    number: int
    name: str
    file: Path
    text: str

    def value_of(self, setting: str) -> str | None:
        """Return what a setting of the object says, without quotes."""
        found = re.search(rf'^    {setting} = "?([^";]+)"?;$', self.text, re.MULTILINE)
        return found and found[1]


def _objects() -> Iterator[AlObject]:
    for file in SOURCES:
        text = file.read_text(encoding="utf-8")
        [(kind, number, name)] = HEADING.findall(text)
        yield AlObject(kind=kind, number=int(number), name=name, file=file, text=text)


OBJECTS = list(_objects())


def _of_kind(kind: str) -> list[AlObject]:
    return [each for each in OBJECTS if each.kind == kind]


def _published(file: str) -> dict[str, int]:
    services = parse(EXTENSION / "src" / file).getroot().iter("TenantWebService")
    return {
        str(each.findtext("ServiceName")): int(str(each.findtext("ObjectID")))
        for each in services
        if (each.findtext("ObjectType"), each.findtext("Published")) == ("Page", "true")
    }


def _page_of(service: str) -> AlObject:
    number = _published("ExtensionWebServices.xml")[service]
    [page] = (each for each in _of_kind("page") if each.number == number)
    return page


def _table_of(page: AlObject) -> AlObject:
    [table] = (each for each in _of_kind("table") if each.name == page.value_of("SourceTable"))
    return table


def test_manifest_says_what_the_compiler_needs() -> None:
    """The id is fixed, versions are stated, and the range is that of extensions for one customer."""
    assert MANIFEST["id"] == str(uuid5(NAMESPACE_URL, "urn:interlace:erp-extension"))
    assert all(MANIFEST[name] for name in ("name", "publisher", "brief", "description"))
    assert all(
        re.fullmatch(r"\d+\.0\.0\.0", MANIFEST[name]) for name in ("version", "platform", "application")
    )
    # Runtime 11 is that of version 22, the first that knows inherent permissions of objects.
    assert (MANIFEST["application"], MANIFEST["platform"], MANIFEST["runtime"]) == (
        "22.0.0.0",
        "22.0.0.0",
        "11.0",
    )
    assert MANIFEST["idRanges"] == [{"from": 50100, "to": 50149}]
    assert MANIFEST["dependencies"] == []


def test_numbers_are_in_range_and_used_once() -> None:
    """Two objects of one kind never share a number or a name."""
    [numbers] = MANIFEST["idRanges"]
    assert all(numbers["from"] <= each.number <= numbers["to"] for each in OBJECTS)
    assert len({(each.kind, each.number) for each in OBJECTS}) == len(OBJECTS)
    assert len({(each.kind, each.name) for each in OBJECTS}) == len(OBJECTS)


@pytest.mark.parametrize("each", OBJECTS, ids=lambda each: each.file.name)
def test_object_is_named_as_its_file(each: AlObject) -> None:
    """Names carry the affix and fit: 30 characters, 20 for permission sets."""
    assert each.file.name.lower() == f"{each.name.replace(' ', '')}.{each.kind}.al".lower()
    assert each.name.startswith("ILC ")
    assert len(each.name) <= (20 if each.kind == "permissionset" else 30)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_file_is_plain_text(file: Path) -> None:
    """No tabs, no blanks at line ends, nothing beyond ASCII, and one line end at the end."""
    text = file.read_bytes().decode("ascii")
    assert not re.search(r"[^\n -~]| $", text, re.MULTILINE)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize("each", OBJECTS, ids=lambda each: each.file.name)
def test_brackets_quotes_and_blocks_match(each: AlObject) -> None:
    """What a compiler would say first."""
    code = re.sub(r"^\s*//.*$", "", each.text, flags=re.MULTILINE)
    code = re.sub(r"'[^'\n]*'", "''", code)
    assert code.count("'") % 2 == code.count('"') % 2 == 0
    bare = re.sub(r'"[^"\n]*"', "", code)
    for opening, closing in ("{}", "()", "[]"):
        assert bare.count(opening) == bare.count(closing)
    assert len(re.findall(r"\bbegin\b", bare)) == len(re.findall(r"\bend;", bare))


def test_extension_publishes_what_the_product_has_no_page_for() -> None:
    """Each service that erp-services list calls the ERP extension's, and no other."""
    published = _published("ExtensionWebServices.xml")
    assert sorted(published) == sorted([*SERVICES, ANNOUNCEMENT])
    of_web_services = [each.number for each in _of_kind("page") if each.value_of("PageType") != "API"]
    assert sorted(published.values()) == sorted(of_web_services)


@pytest.mark.parametrize("service", SERVICES)
def test_page_shows_what_the_connector_asks_for(service: str) -> None:
    """The embedded ERP's page has the fields that the connector was tested with: the same names and rights here."""
    page, declared = _page_of(service), PAGE_SERVICES[service]
    shown = dict(FIELD_OF_PAGE.findall(page.text))
    assert list(shown) == [each.name for each in declared.properties]
    allowed = tuple(
        page.value_of(name) != "false" for name in ("InsertAllowed", "ModifyAllowed", "DeleteAllowed")
    )
    assert allowed == (declared.insert, declared.modify, declared.delete)
    assert (page.value_of("Editable") != "false") == declared.modify


@pytest.mark.parametrize("service", SERVICES)
def test_page_is_keyed_as_the_connector_addresses_it(service: str) -> None:
    """OData takes a page's key from its table's first key."""
    table = _table_of(_page_of(service))
    [published] = (each for each in PUBLISHED_TABLES if each.service == service)
    key = re.search(r"^        key\(PK; (.+)\)$", table.text, re.MULTILINE)
    assert key is not None
    assert tuple(part.strip(' "').replace(" ", "_") for part in key[1].split(",")) == published.key


@pytest.mark.parametrize("service", SERVICES)
def test_fields_are_those_of_the_embedded_erp(service: str) -> None:
    """What a page shows of its table is there, with the embedded ERP's length; numbers are used once."""
    page = _page_of(service)
    fields = FIELD_OF_TABLE.findall(_table_of(page).text)
    lengths = {name: int(length) if length else None for _, name, _, length in fields}
    assert len({number for number, *_ in fields}) == len(fields)
    for each in PAGE_SERVICES[service].properties:
        source = dict(FIELD_OF_PAGE.findall(page.text))[each.name]
        if not source:
            assert each.name == "Projected_Available_Balance"
            continue
        assert lengths[source] == (each.length or None), each.name


def test_fields_of_register_and_feed_are_shown() -> None:
    """The fields that the availability use cases name."""
    register = set(dict(FIELD_OF_PAGE.findall(_page_of("CRMIntegrationRecords").text)))
    feed = set(dict(FIELD_OF_PAGE.findall(_page_of("ProductItemAvailability").text)))
    assert {ITEM_REGISTER.crm_key_field, ITEM_REGISTER.erp_key_field, *dict(ITEM_REGISTER.fixed)} <= register
    assert set(FEED_FIELDS) <= feed


def test_pages_of_the_product_are_published_as_the_connector_knows_them() -> None:
    """After a change of page_objects: write the file anew, as `interlace erp-services file` writes it."""
    services = [
        NeededService(service=each.part_of or each.service, page=each.number, caption="", needed_by=())
        for each in PAGE_OBJECTS.values()
    ]
    text = (EXTENSION / "src" / "ProductWebServices.xml").read_text(encoding="utf-8")
    assert text == publishing_xml(services)
    assert not _published("ProductWebServices.xml").keys() & _published("ExtensionWebServices.xml").keys()


def test_permission_set_covers_every_object() -> None:
    """Who has it may use all that the extension brings; markers are never deleted."""
    [whole] = (each for each in _of_kind("permissionset") if each.name == "ILC Interlace")
    for each in OBJECTS:
        if each.kind != "permissionset":
            assert f'{each.kind} "{each.name}" = X' in whole.text
    assert 'tabledata "ILC Epoch Marker" = RIM,' in whole.text
    assert 'tabledata "ILC CRM Integration Record" = RIMD,' in whole.text


def test_feed_user_may_read_one_page_and_write_nothing() -> None:
    """His key lies in the CRM: everything beyond the feed is read by the page alone (small letters)."""
    [feed] = (each for each in _of_kind("permissionset") if each.name == "ILC Availability")
    rights = re.findall(r'^        (\w+) "?([^"=]+?)"? = (\w+)[,;]$', feed.text, re.MULTILINE)
    assert {right for kind, _, right in rights if kind == "tabledata"} == {"R", "r"}
    assert [name for kind, name, _ in rights if kind == "page"] == ["ILC Product Item Availability"]
    borrowed = {name for kind, name, right in rights if right == "r"}
    page = _page_of("ProductItemAvailability")
    assert borrowed == set(re.findall(r'^        tabledata "?([^"=]+?)"? = r[,;]$', page.text, re.MULTILINE))


def test_every_object_is_explained() -> None:
    """The README names each object and service, and says that nobody compiled it here."""
    text = (EXTENSION / "README.md").read_text(encoding="utf-8")
    assert all(f"`{each.name}`" in text for each in OBJECTS)
    assert all(f"`{service}`" in text for service in SERVICES)
    assert "not been compiled" in text
