"""A record of which several may be the partner leads to Set Up Coupling, wherever it is shown."""

import re
from pathlib import Path

import pytest
from tests.web.canned_desk import canned_app

ONE = "/coupling/CUSTOMER/C1"
WAY = f'href="{ONE}"'
OF_CODE: dict[str, dict[str, object]] = {
    "ErrorCauseShown": {
        "awaited": None,
        "count": 1,
        "example_mapping": "CUSTOMER",
        "example_key": "C1",
        "example_side": "erp",
    },
    "ErrorRow": {"mapping": "CUSTOMER", "record_key": "C1"},
    "ActionRow": {"mapping": "CUSTOMER", "record_key": "C1"},
    "RecordProblem": {"direction": "ToIntegrationTable"},
    "RecordShown": {"mapping": "CUSTOMER"},
    "RecordFace": {"key": "C1", "side": "erp"},
}
PAGES = ("/errors", "/errors/causes/c1", "/jobs/j1", "/plans/p1", "/records/CUSTOMER/C1")


async def shown(directory: Path, path: str, code: str, **causes: object) -> str:
    """Return a page on which each record has an error of this code."""
    coded = {"ErrorCauseShown", "ErrorRow", "ActionRow", "RecordProblem"}
    extra = {name: {**held, **({"code": code} if name in coded else {})} for name, held in OF_CODE.items()}
    extra["ErrorCauseShown"] |= causes
    place, _ = canned_app(directory, extra)
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        answer = await browser.get(path)
    place.close()
    assert answer.status_code == 200, answer.text[:500]
    return answer.text


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("code", "ways"), [("IL-203", 1), ("IL-206", 1), ("IL-301", 0)])
async def test_an_ambiguous_record_leads_to_set_up_coupling(
    tmp_path: Path, path: str, code: str, ways: int
) -> None:
    """Once, and only where a person has to say which one is right."""
    assert (await shown(tmp_path, path, code)).count(WAY) == ways


async def test_a_cause_of_several_ambiguous_records_leads_to_each_of_them(tmp_path: Path) -> None:
    """Each has a partner of its own: the card leads to the list, where each has its way."""
    page = await shown(tmp_path, "/errors", "IL-203", count=2, id="c1")
    assert WAY not in page
    assert len(re.findall(r'href="/errors/causes/c1"[^>]*>Set Up Coupling', page)) == 1
