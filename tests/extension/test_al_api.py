"""The extension's API pages against the embedded ERP's `$metadata` and behaviour: neither may drift from the other."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from interlace.connectors.business_central.extension import our_name, shown_name
from interlace.connectors.business_central.field_names import reduced
from interlace.odata.edm import Model
from interlace.odata.metadata_reader import parse_metadata
from interlace.sandbox.erp.application_server import ErpSandbox, ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.erp.extension_sets import ANNOUNCEMENT, EXTENSION_PAGE, EXTENSION_SETS

SOURCES = sorted((Path(__file__).parents[2] / "extension" / "al" / "src").glob("*.Page.al"))
FIELD = re.compile(r'^ +field\("?(\w+)"?; Rec\.("[^"]+"|\w+)\)\n +\{\n(.*?)\n +\}$', re.MULTILINE | re.DOTALL)
OTHER_NAMES = {
    "Sales_Type": "Source Type",
    "Sales_Code": "Source No.",
    ("salesPrices", "Item_No"): "Asset No.",
}
"""Fields of price list lines that stand for those of the sales prices of old."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiPage:
    """An API page as its source declares it."""

    text: str

    def value_of(self, setting: str, default: str = "") -> str:
        """Return what a setting of the page says."""
        found = re.search(
            rf"^    {setting} = ['\"]?([^;'\"]+)['\"]?(?:, Locked = true)?;$", self.text, re.MULTILINE
        )
        return default if found is None else found[1]

    @property
    def set_name(self) -> str:
        """The entity set."""
        return self.value_of("EntitySetName")

    @property
    def fields(self) -> dict[str, tuple[str, bool]]:
        """Source and editability of each field by its name."""
        return {
            name: (source.strip('"'), "Editable = false;" not in block)
            for name, source, block in FIELD.findall(self.text)
        }


def _pages() -> Iterator[ApiPage]:
    for file in SOURCES:
        page = ApiPage(text=file.read_text(encoding="utf-8"))
        if page.value_of("PageType") == "API":
            yield page


PAGES = {page.set_name: page for page in _pages()}


@pytest.fixture
def erp() -> Iterator[ErpSandbox]:
    """An embedded ERP with the extension."""
    sandbox = create_erp_sandbox(None, ErpSandboxOptions(access_key="key", extension=True))
    yield sandbox
    sandbox.close()


def ask(erp: ErpSandbox, method: str, url: str, body: object = None) -> Any:
    """Send a request as the integration's user."""
    headers = {"Authorization": "Basic SU5URVJMQUNFOmtleQ=="}
    return erp.call(method, url, headers=headers, body=b"" if body is None else json.dumps(body).encode())


@pytest.fixture
def model(erp: ErpSandbox) -> Model:
    """What the embedded ERP declares at the address that the pages state."""
    [root] = {
        f"/BC/api/{page.value_of('APIPublisher')}/{page.value_of('APIGroup')}/{page.value_of('APIVersion')}/"
        for page in PAGES.values()
    }
    answer = ask(erp, "GET", f"{root}$metadata")
    assert answer.status == 200
    return parse_metadata(answer.body)


def test_both_have_the_same_sets(model: Model) -> None:
    """Every API page is served, and nothing else but what each API has by itself."""
    assert sorted(PAGES) == sorted(EXTENSION_SETS)
    assert set(model.sets) == {*PAGES, "companies", "subscriptions"}


@pytest.mark.parametrize("name", PAGES)
def test_page_and_metadata_declare_the_same(name: str, model: Model) -> None:
    """Entity, key, rights and fields, in the same order."""
    page = PAGES[name]
    entity_type = model.type_of_set(name)
    assert entity_type is not None
    assert page.value_of("EntityName") == entity_type.name
    assert page.value_of("ODataKeyFields") == "SystemId"
    assert model.key_of(entity_type) == ("id",)
    assert list(page.fields) == [each.name for each in model.properties_of(entity_type)]
    declared = model.sets[name]
    editable = page.value_of("Editable", "true") == "true"
    allowed = [page.value_of(f"{verb}Allowed", "true") == "true" for verb in ("Insert", "Modify", "Delete")]
    assert allowed == [declared.insertable, declared.updatable, declared.deletable]
    assert editable == declared.updatable
    assert (page.value_of("DelayedInsert"), page.value_of("Extensible")) == ("true", "false")


@pytest.mark.parametrize("name", PAGES)
def test_fields_are_called_by_their_sources(name: str) -> None:
    """A field is the table's of that name, and the connector finds its name both ways."""
    for each in EXTENSION_SETS[name].properties:
        source, editable = PAGES[name].fields[each.name]
        if each.name == "id":
            assert (source, editable) == ("SystemId", True)
        elif each.name == "lastModifiedDateTime":
            assert (source, editable) == ("SystemModifiedAt", False)
        else:
            told = OTHER_NAMES.get((name, each.source)) or OTHER_NAMES.get(each.source, each.source)
            assert reduced(source) == reduced(told)
            assert editable == (not each.read_only)
            assert (shown_name(each.source), our_name(each.name)) == (each.name, each.source)


@pytest.mark.parametrize("name", [name for name, each in EXTENSION_SETS.items() if each.insert])
def test_id_of_a_new_record_is_the_clients(name: str, erp: ErpSandbox) -> None:
    """A page that takes new records keeps the id that came; the embedded ERP does so, too."""
    text = PAGES[name].text
    assert "Rec.Insert(true, not IsNullGuid(Rec.SystemId));" in text
    assert "exit(false);" in text
    wanted = "6f0a3a5c-0000-4000-8000-0000000000a1"
    needed = {
        field.name
        for field in EXTENSION_SETS[name].table.fields
        if field.needed or field.name in EXTENSION_SETS[name].table.key
    }
    if name == "itemUnitsOfMeasure":
        ask(erp, "POST", "/BC/ODataV4/Company('Nordlicht')/UnitsOfMeasure", {"Code": "A1"})
        ask(erp, "POST", "/BC/ODataV4/Company('Nordlicht')/ItemCard", {"No": "A1"})
    body = {"id": wanted, **{shown_name(each): "A1" for each in needed}}
    answer = ask(erp, "POST", f"/BC/api/interlace/sync/v1.0/companies({erp.company.id})/{name}", body)
    assert answer.status == 201, answer.body
    assert json.loads(answer.body)["id"] == wanted


def test_pages_that_take_nothing_insert_nothing() -> None:
    """What is only shown has no code for new records."""
    assert "trigger" not in PAGES["salesPrices"].text


def test_announcement_is_the_page_of_the_source() -> None:
    """Clients see it by its name; it shows one field and takes nothing."""
    [text] = (file.read_text(encoding="utf-8") for file in SOURCES if file.name == "ILCExtension.Page.al")
    assert f"Web service {ANNOUNCEMENT}" in text
    assert [name for name, _, _ in FIELD.findall(text)] == [each.name for each in EXTENSION_PAGE.properties]
    assert all(f"    {verb}Allowed = false;" in text for verb in ("Insert", "Modify", "Delete"))
    assert [EXTENSION_PAGE.insert, EXTENSION_PAGE.modify, EXTENSION_PAGE.delete] == [False, False, False]
