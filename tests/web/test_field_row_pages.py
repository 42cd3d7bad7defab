"""The page of a field row of one's own: checked, kept, changed and deleted without a script."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.web.canned_desk import canned_app, sample
from tests.web.test_mapping_pages import browse, errors_of

from interlace.management import mappings
from interlace.management.caller import Caller
from interlace.management.mapping_answers import MappingChanged
from interlace.management.own_rows import (
    ADD_ROW,
    CHANGE_ROW,
    CHECK_ROW,
    REMOVE_ROW,
    ROW_FIELDS,
    AddRow,
    ChangeRow,
    CheckRow,
    RemoveRow,
    RowChecked,
    RowChoice,
    RowField,
    RowFields,
    RowProblem,
)
from interlace.management.refusal import RefusalKind, Refused

PAGE = "/mappings/CUSTOMER/fields/row"
OWN = "Name_2>sic"
ENTERED: Any = {
    "mapping": "CUSTOMER",
    "erp_field": "Name_2",
    "crm_field": "sizecode",
    "direction": "Bidirectional",
}


class RowDesk:
    """Answers what is asked about rows, and remembers it."""

    def __init__(self, directory: Path) -> None:
        self.asked: list[msgspec.Struct] = []
        self.refusal: Refused | None = None
        own = {
            "erp_field": "Name_2",
            "crm_field": "sic",
            "direction": "ToIntegrationTable",
            "transformation": "cut",
            "argument": "20",
            "only_new": True,
        }
        shown: dict[str, dict[str, object]] = {
            "MappingListed": {
                "name": "CUSTOMER",
                "direction": "Bidirectional",
                "by_documents": False,
                "choice_column": "",
            },
            "MappingShown": {"seen": "1"},
            "FieldRow": {"row": OWN, "erp_field": "Name_2", "direction": "ToIntegrationTable", "own": own},
        }
        choices = (RowChoice(value="1", label="Small"),)
        tables = RowFields(
            erp_table="Customer",
            crm_table="account",
            erp=(RowField(name="Name_2", kind="text", length=50),),
            crm=(RowField(name="sizecode", kind="whole number", caption="Size", choices=choices),),
            transformations=("values", "cut"),
        )
        answers: dict[str, Any] = {
            mappings.SHOW.name: sample(mappings.SHOW.answer, shown),
            ROW_FIELDS.name: tables,
            CHECK_ROW.name: RowChecked(
                problems=(RowProblem(part="transformation", message="It is a choice"),), warnings=("Long",)
            ),
            ADD_ROW.name: MappingChanged(message="Kept."),
            CHANGE_ROW.name: MappingChanged(message="Kept."),
            REMOVE_ROW.name: MappingChanged(message="Removed."),
        }
        works = {name: self._work(answer) for name, answer in answers.items()}
        self.place, _ = canned_app(directory, works_of=works)

    def _work(self, answer: msgspec.Struct) -> Any:
        async def work(_caller: Caller, asked: msgspec.Struct) -> msgspec.Struct:
            self.asked.append(asked)
            if self.refusal is not None and isinstance(asked, AddRow):
                raise self.refusal
            return answer

        return work


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[RowDesk]:
    """A web client with field rows."""
    held = RowDesk(tmp_path)
    yield held
    held.place.close()


async def test_a_row_is_checked_before_it_is_kept(desk: RowDesk) -> None:
    """What is wrong stands at its part, with the choices of the field; nothing is kept, and nothing typed is lost."""
    async with await browse(desk.place) as browser:
        answer = await browser.post(PAGE, data={**ENTERED, "do": "check", "only_new": ["no", "yes"]})
    assert answer.status_code == 200
    assert errors_of(answer) == {"field-transformation": "It is a choice"}
    assert 'value="Name_2"' in answer.text
    assert "Small: 1" in answer.text
    assert "Long" in answer.text
    assert CheckRow(**ENTERED, only_new="yes") in desk.asked
    assert not any(isinstance(each, AddRow) for each in desk.asked)


async def test_a_row_is_kept_or_refused(desk: RowDesk) -> None:
    """A kept row leads back to the rows; a refused one comes back with the status of the refusal."""
    async with await browse(desk.place) as browser:
        kept = await browser.post(PAGE, data={**ENTERED, "row": "", "seen": "1", "do": "save"})
        assert (kept.status_code, kept.headers["location"]) == (303, "/mappings/CUSTOMER/fields")
        desk.refusal = Refused(RefusalKind.INVALID, "Not kept", fields={"crm_field": "Mapped already"})
        refused = await browser.post(PAGE, data={**ENTERED, "do": "save"})
    assert AddRow(**ENTERED, seen="1") in desk.asked
    assert refused.status_code == 400
    assert errors_of(refused) == {"field-crm_field": "Mapped already"}


async def test_a_row_is_changed_and_deleted(desk: RowDesk) -> None:
    """The form holds what the row is; the list of rows offers both."""
    async with await browse(desk.place) as browser:
        listed = await browser.get("/mappings/CUSTOMER/fields")
        assert f"{PAGE}?row=Name_2%3Esic" in listed.text
        page = await browser.get(PAGE, params={"row": OWN})
        assert '<option value="cut" selected' in page.text
        assert 'value="20"' in page.text
        await browser.post(PAGE, data={**ENTERED, "row": OWN, "do": "save"})
        sent = {"mapping": "CUSTOMER", "row": OWN, "seen": "1", "return_to": "/mappings/CUSTOMER/fields"}
        await browser.post("/do/mappings/remove_row", data=sent)
    assert ChangeRow(**ENTERED, row=OWN) in desk.asked
    assert RemoveRow(mapping="CUSTOMER", row=OWN, seen="1") in desk.asked


async def test_who_may_only_look_sees_no_form(desk: RowDesk) -> None:
    """The fields are there to read."""
    async with await browse(desk.place, "bo", "INTERLACE VIEW") as browser:
        answer = await browser.get(PAGE)
        listed = await browser.get("/mappings/CUSTOMER/fields")
    assert "<textarea" not in answer.text
    assert 'name="erp_field"' not in answer.text
    assert f'href="{PAGE}"' not in listed.text
