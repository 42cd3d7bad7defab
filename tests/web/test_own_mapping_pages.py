"""The pages of New Table Mapping: two steps without a script, what is wrong at its field, and what a deletion takes."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.web.canned_desk import canned_app, sample
from tests.web.test_mapping_pages import browse, errors_of

from interlace.management import mappings
from interlace.management.caller import Caller
from interlace.management.mapping_answers import MappingChanged
from interlace.management.own_mappings import (
    ADD_MAPPING,
    REMOVE_MAPPING,
    TABLES,
    AddMapping,
    CrmTable,
    ErpTable,
    ListTables,
    RemoveMapping,
    TablesOffered,
)
from interlace.management.own_rows import RowField
from interlace.management.refusal import RefusalKind, Refused

NEW = "/mappings/new"
COUPLED = 12
PAIR = {"erp_table": "PaymentMethods", "crm_table": "new_method"}
ENTERED = {
    **PAIR,
    "name": "PAYMENT METHOD",
    "crm_column": "new_code",
    "synch_only_coupled_records": "no",
    "direction": "Bidirectional",
}


class TableDesk:
    """Answers what is asked about mappings of one's own, and remembers it."""

    def __init__(self, directory: Path) -> None:
        self.asked: list[msgspec.Struct] = []
        self.refused: Refused | None = None
        self.header: dict[str, object] = {"name": "PAYMENT METHOD", "direction": "ToIntegrationTable"}
        self.header |= {"by_documents": False, "choice_column": "", "is_own": True, "coupled": COUPLED}
        works = {
            mappings.SHOW.name: self._show,
            TABLES.name: self._tables,
            ADD_MAPPING.name: self._add,
            REMOVE_MAPPING.name: self._remove,
        }
        self.place, _ = canned_app(directory, works_of=works)

    async def _show(self, _caller: Caller, _asked: msgspec.Struct) -> Any:
        return sample(mappings.SHOW.answer, {"MappingListed": {**self.header, "is_running": False}})

    async def _tables(self, _caller: Caller, asked: ListTables) -> TablesOffered:
        self.asked.append(asked)
        if asked.erp_table == "Nothing":
            fields = {"erp_table": "The ERP publishes no page service Nothing."}
            raise Refused(RefusalKind.INVALID, "The mapping is not added", fields=fields)
        key = ErpTable(name="PaymentMethods", service="PaymentMethods", key=("Code",), mapped=())
        return TablesOffered(
            erp=(key,),
            crm=(CrmTable(name="new_method", mapped=()),),
            key="Code" if asked.erp_table else "",
            columns=(RowField(name="new_code", kind="text", caption="Code"),) if asked.erp_table else (),
        )

    async def _add(self, _caller: Caller, asked: msgspec.Struct) -> MappingChanged:
        self.asked.append(asked)
        if self.refused is not None:
            raise self.refused
        return MappingChanged(message="Added.", changed=("PAYMENT METHOD",))

    async def _remove(self, _caller: Caller, asked: msgspec.Struct) -> MappingChanged:
        self.asked.append(asked)
        return MappingChanged(message="Deleted.", page="/mappings")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TableDesk]:
    """A web client on which tables can be joined."""
    held = TableDesk(tmp_path)
    yield held
    held.place.close()


async def test_tables_are_chosen_before_the_rest(desk: TableDesk) -> None:
    """Unknown ones come back with what is wrong; known ones lead to name, column and whether records are created."""
    async with await browse(desk.place) as browser:
        first = await browser.get(NEW)
        wrong = await browser.get(NEW, params={**PAIR, "erp_table": "Nothing"})
        second = await browser.get(NEW, params=PAIR)
    assert 'value="PaymentMethods"' in first.text
    assert 'name="crm_column"' not in first.text
    assert errors_of(wrong) == {"field-erp_table": "The ERP publishes no page service Nothing."}
    assert 'value="Nothing"' in wrong.text
    assert '<option value="new_code"' in second.text
    assert 'name="erp_table" value="PaymentMethods"' in second.text


async def test_back_leads_to_both_tables_as_chosen(desk: TableDesk) -> None:
    """The first step holds them again; the second names them without an arrow, for the direction is chosen there."""
    async with await browse(desk.place) as browser:
        second = await browser.get(NEW, params=PAIR)
        [back] = re.findall(r'<a[^>]*href="([^"]*)"[^>]*>Back</a>', second.text)
        first = await browser.get(unescape(back))
    assert all(f"<dd>{chosen}</dd>" in second.text for chosen in PAIR.values())
    assert " → ".join(PAIR.values()) not in second.text
    assert 'name="crm_column"' not in first.text
    for part, chosen in PAIR.items():
        assert re.search(f'name="{part}" value="{chosen}"', first.text), part


async def test_a_mapping_is_added_or_refused(desk: TableDesk) -> None:
    """An added one leads to its field rows; a refused one comes back with everything that was entered."""
    async with await browse(desk.place) as browser:
        added = await browser.post(NEW, data=ENTERED)
        assert (added.status_code, added.headers["location"]) == (303, "/mappings/PAYMENT%20METHOD/fields")
        desk.refused = Refused(RefusalKind.INVALID, "Not added", fields={"name": "It is taken"})
        refused = await browser.post(NEW, data=ENTERED)
    assert AddMapping(**ENTERED) in desk.asked  # type: ignore[arg-type]
    assert (refused.status_code, errors_of(refused)) == (400, {"field-name": "It is taken"})
    assert '<option value="new_code" selected' in refused.text
    assert '<option value="no" selected' in refused.text


async def test_what_a_deletion_takes_is_told_first(desk: TableDesk) -> None:
    """With the number of couplings, which goes along; a mapping of the product has no such button."""
    page = "/mappings/PAYMENT%20METHOD/delete"
    async with await browse(desk.place) as browser:
        card = await browser.get("/mappings/PAYMENT%20METHOD")
        shown = await browser.get(page)
        sent = {"mapping": "PAYMENT METHOD", "count": "12", "return_to": page}
        deleted = await browser.post("/do/mappings/remove", data=sent)
        desk.header["is_own"] = False
        others = await browser.get(page)
    assert page in card.text
    assert 'href="/records/PAYMENT%20METHOD"' in card.text
    assert "12 couplings are deleted" in shown.text
    assert deleted.status_code == 303
    assert any(isinstance(each, RemoveMapping) and each.count == COUPLED for each in desk.asked)
    assert "/do/mappings/remove" not in others.text
