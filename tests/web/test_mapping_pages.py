"""Pages of mappings: forms without a script, what is wrong told at its field, nothing typed is lost."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from tests.web.accounts_desk import Place
from tests.web.canned_desk import canned_app, sample

from interlace.management import mappings
from interlace.management.caller import Caller
from interlace.management.mapping_answers import (
    MappingChanged,
    RecordsCounted,
    SettingsImported,
    TableField,
    TableFields,
    Tried,
)
from interlace.management.refusal import RefusalKind, Refused

CARD = "/mappings/CUSTOMER"
_MAPPING = {
    "name": "CUSTOMER",
    "direction": "Bidirectional",
    "update_conflict_resolution": "None",
    "deletion_conflict_resolution": "None",
    "by_documents": False,
}
_FIELDS = (
    TableField(name="Name", kind="text", comparisons=("=", "one of")),
    TableField(name="Balance", kind="decimal", comparisons=("=", "at least")),
)


class MappingDesk:
    """Answers what is asked about mappings, and remembers it."""

    def __init__(self, directory: Path, *, leaving_deletes: bool = False) -> None:
        self.asked: list[msgspec.Struct] = []
        self.refusal: Refused | None = None
        shown: dict[str, dict[str, object]] = {
            "MappingListed": _MAPPING,
            "MappingShown": {
                "directions": ("Bidirectional", "ToIntegrationTable"),
                "seen": "1",
                "leaving_filter_deletes": leaving_deletes,
                "own_table_filter": [{"field": "Name", "comparison": "one of", "value": "A|B"}],
                "own_integration_table_filter": [],
            },
            "FieldRow": {
                "row": "Fax_No>fax",
                "erp_field": "Fax_No",
                "crm_field": "fax",
                "direction": "Bidirectional",
                "is_enabled": True,
                "may_be_disabled": True,
                "conflict_resolution": "",
                "default_conflict_resolution": "",
                "may_conflict": True,
                "resolutions": ("None", "Newest"),
            },
        }
        answers: dict[str, Any] = {
            mappings.SHOW.name: sample(mappings.SHOW.answer, shown),
            mappings.FIELDS.name: TableFields(table="Customer", fields=_FIELDS),
            mappings.CHANGE.name: MappingChanged(message="Kept."),
            mappings.CHANGE_FIELDS.name: MappingChanged(message="Kept."),
            mappings.CHANGE_FILTER.name: MappingChanged(message="Kept."),
            mappings.COUNT.name: RecordsCounted(total=12, taking_part=5, coupled_leaving=3, is_complete=True),
            mappings.TRY.name: Tried(mapping="CUSTOMER", key="X1", found=False),
            mappings.IMPORT.name: SettingsImported(
                message="Compared.", differences=("CONTACT: direction",), is_stored=False
            ),
        }
        works = {name: self._work(answer) for name, answer in answers.items()}
        self.place, _ = canned_app(directory, works_of=works)

    def _work(self, answer: msgspec.Struct) -> Any:
        async def work(_caller: Caller, asked: msgspec.Struct) -> msgspec.Struct:
            self.asked.append(asked)
            if self.refusal is not None and type(asked).__name__.startswith(("Change", "Import")):
                raise self.refusal
            return answer

        return work

    def refuse(self, field: str, text: str) -> None:
        """Refuse changes at a field."""
        self.refusal = Refused(RefusalKind.INVALID, "Not kept", fields={field: text})


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[MappingDesk]:
    """A web client with mappings."""
    held = MappingDesk(tmp_path)
    yield held
    held.place.close()


async def browse(place: Place, name: str = "ada", *sets: str) -> Any:
    """Add a user, who signs in."""
    await place.add(name, *(sets or ("INTERLACE SETUP",)))
    return place.signed_in(name)


def errors_of(answer: httpx.Response) -> dict[str, str]:
    """Return what a page says is wrong, by the id of the field."""
    return dict(re.findall(r'<p[^>]* id="([^"]+)-error"[^>]*>([^<]*)</p>', answer.text))


async def test_settings_are_kept_from_the_card(desk: MappingDesk) -> None:
    """The form sends everything that it shows, with what stands for the settings that were seen."""
    async with await browse(desk.place) as browser:
        page = await browser.get(CARD)
        assert '<option value="Bidirectional" selected' in page.text
        sent = {"mapping": "CUSTOMER", "direction": "ToIntegrationTable", "takes_part": "no", "seen": "1"}
        kept = await browser.post(CARD, data=sent)
        assert (kept.status_code, kept.headers["location"]) == (303, CARD)
        assert "Kept." in (await browser.get(CARD)).text
    assert (
        mappings.ChangeMapping(mapping="CUSTOMER", direction="ToIntegrationTable", takes_part="no", seen="1")
        in desk.asked
    )


async def test_what_is_wrong_stands_at_its_field_with_what_was_chosen(desk: MappingDesk) -> None:
    """The page comes back with the status of the refusal."""
    desk.refuse("direction", "no field row goes that way")
    async with await browse(desk.place) as browser:
        answer = await browser.post(CARD, data={"mapping": "CUSTOMER", "direction": "ToIntegrationTable"})
    assert answer.status_code == 400
    assert errors_of(answer) == {"field-direction": "no field row goes that way"}
    assert '<option value="ToIntegrationTable" selected' in answer.text


async def test_a_filter_is_built_without_a_script(desk: MappingDesk) -> None:
    """Each button sends the whole form; a row is removed, counted and kept."""
    address = f"{CARD}/filter"
    rows = {
        "mapping": "CUSTOMER",
        "side": "erp",
        "fields": ["Name", "Balance", ""],
        "comparisons": ["one of", "at least", "="],
        "values": ["A|B", "10", ""],
    }
    async with await browse(desk.place) as browser:
        assert 'value="A|B"' in (await browser.get(address)).text
        removed = await browser.post(address, data={**rows, "do": "remove-0"})
        assert 'value="A|B"' not in removed.text
        assert 'value="10"' in removed.text
        counted = await browser.post(address, data={**rows, "do": "count"})
        assert "5 of 12 records take part" in counted.text
        assert "3 coupled records are kept out." in counted.text
        added = await browser.post(address, data={**rows, "do": "add"})
        assert added.text.count('name="fields"') == 3
        assert not any(isinstance(each, mappings.ChangeFilter) for each in desk.asked)
        kept = await browser.post(address, data={**rows, "do": "save"})
        assert (kept.status_code, kept.headers["location"]) == (303, CARD)
        desk.refuse("values.1", "Write it like 12.50.")
        refused = await browser.post(address, data={**rows, "do": "save"})
    assert refused.status_code == 400
    assert errors_of(refused) == {"field-values-1": "Write it like 12.50."}
    (asked, _) = (each for each in desk.asked if isinstance(each, mappings.ChangeFilter))
    assert (asked.fields, asked.values) == (("Name", "Balance", ""), ("A|B", "10", ""))


async def test_a_filter_that_deletes_warns(tmp_path: Path) -> None:
    """Where leaving the filter deletes the partner, counting says so instead of that records are kept out."""
    rows = {"mapping": "CUSTOMER", "side": "erp", "fields": ["Name"], "comparisons": ["="], "values": ["A"]}
    with closing(MappingDesk(tmp_path, leaving_deletes=True).place) as place:
        async with await browse(place) as browser:
            counted = await browser.post(f"{CARD}/filter", data={**rows, "do": "count"})
    assert "3 coupled records count as deleted: their partners are deleted too." in counted.text
    assert "kept out" not in counted.text


async def test_field_rows_are_kept_by_their_names(desk: MappingDesk) -> None:
    """Which are enabled, and whose change wins."""
    address = f"{CARD}/fields"
    sent = {"mapping": "CUSTOMER", "enabled.Fax_No>fax": "no", "conflicts.Fax_No>fax": "Newest"}
    async with await browse(desk.place) as browser:
        assert 'name="enabled.Fax_No&gt;fax"' in (await browser.get(address)).text
        assert (await browser.post(address, data=sent)).status_code == 303
    (asked,) = (each for each in desk.asked if isinstance(each, mappings.ChangeFields))
    assert (asked.enabled, asked.conflicts) == ({"Fax_No>fax": "no"}, {"Fax_No>fax": "Newest"})


OWN_VALUE = {
    "row": "Gen_Bus_Posting_Group>",
    "erp_field": "Gen_Bus_Posting_Group",
    "crm_field": "",
    "direction": "FromIntegrationTable",
    "own": {
        "erp_field": "Gen_Bus_Posting_Group",
        "crm_field": "",
        "direction": "FromIntegrationTable",
        "constant": "DOMESTIC",
        "only_new": True,
    },
}


@pytest.mark.parametrize(
    ("changed", "adds", "why_not"),
    [
        ({}, ["crm", "erp"], ""),
        ({"direction": "ToIntegrationTable"}, ["crm"], "The mapping makes no new records on this side."),
        ({"by_documents": True}, [], "takes no field rows of your own."),
    ],
)
async def test_templates_of_both_sides_are_changed_from_the_card(
    tmp_path: Path, changed: dict[str, object], adds: list[str], why_not: str
) -> None:
    """A value of one's own can be changed and deleted; a side that gets no new records takes none."""
    answer: msgspec.Struct = sample(
        mappings.SHOW.answer,
        {"MappingListed": {**_MAPPING, "choice_column": "", **changed}, "FieldRow": OWN_VALUE},
    )

    async def work(_caller: Caller, _asked: msgspec.Struct) -> msgspec.Struct:
        """Answer as the desk would."""
        return answer

    place, _ = canned_app(tmp_path, works_of={mappings.SHOW.name: work})
    with closing(place):
        async with await browse(place) as browser:
            page = (await browser.get(CARD)).text
            form = (await browser.get(f"{CARD}/fields/row?template=erp")).text
    assert "DOMESTIC" in page
    assert f'href="{CARD}/fields/row?row=Gen_Bus_Posting_Group%3E"' in page
    assert sorted(re.findall(r"fields/row\?template=(\w+)", page)) == adds
    assert why_not in page
    assert ("The mapping makes no new records" in page) is ("direction" in changed)
    if "erp" in adds:
        # The form of a new value says already what makes a row one.
        assert '<option value="FromIntegrationTable" selected' in form
        [only_new] = re.findall(r'<input[^>]*type="checkbox"[^>]*name="only_new"[^>]*>', form)
        assert "checked" in only_new


async def test_whoever_may_only_look_sees_the_values_of_templates(tmp_path: Path) -> None:
    """But no way to change them."""
    answer: msgspec.Struct = sample(mappings.SHOW.answer, {"MappingListed": _MAPPING, "FieldRow": OWN_VALUE})

    async def work(_caller: Caller, _asked: msgspec.Struct) -> msgspec.Struct:
        """Answer as the desk would."""
        return answer

    place, _ = canned_app(tmp_path, works_of={mappings.SHOW.name: work})
    with closing(place):
        async with await browse(place, "bo", "INTERLACE VIEW") as browser:
            page = (await browser.get(CARD)).text
    assert "DOMESTIC" in page
    assert "fields/row?" not in page


async def test_an_import_is_compared_first(desk: MappingDesk) -> None:
    """The differences are listed, and the text stays in its field."""
    async with await browse(desk.place) as browser:
        compared = await browser.post("/mappings/settings", data={"text": '{"a": 1}', "only_compare": "yes"})
    assert "CONTACT: direction" in compared.text
    assert "{&#34;a&#34;: 1}" in compared.text


async def test_whoever_may_only_look_is_told_so(desk: MappingDesk) -> None:
    """No form to change anything, no way around it, but a record may be tried."""
    async with await browse(desk.place, "vera", "INTERLACE VIEW") as browser:
        card = await browser.get(f"{CARD}?try=X1")
        assert "Neither side has a record X1." in card.text
        for path in ("", "/filter", "/fields"):
            page = await browser.get(f"{CARD}{path}")
            assert "You don&#39;t have the permission for this" in page.text
            refused = await browser.post(f"{CARD}{path}", data={"mapping": "CUSTOMER"})
            assert refused.status_code == 403
    assert not any(type(each).__name__.startswith("Change") for each in desk.asked)
