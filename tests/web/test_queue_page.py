"""Job Queue Entries: each entry leads to the jobs that it has run, and a failed one is run once more."""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

import pytest
from tests.web.canned_desk import MOMENT, canned_app

FAILED: Mapping[str, object] = {
    "status": "Error",
    "mapping": "CUSTOMER",
    "run_id": "r1",
    "held_because": "",
    "started_at": MOMENT,
}


@pytest.mark.parametrize(
    ("row", "restarted", "log"),
    [
        ({"kind": "Synchronization", "is_recurring": False}, "/do/queue/run", "filters.run_id=r1"),
        ({"kind": "Recurring Synchronization", "run_id": ""}, "/do/queue/run", "filters.mapping=CUSTOMER"),
        (
            {"kind": "Full Synchronization", "is_recurring": False, "mapping": ""},
            "/do/reviews/restart",
            "filters.run_id=r1",
        ),
    ],
)
async def test_a_failed_entry_is_restarted_and_leads_to_its_log(
    tmp_path: Path, row: Mapping[str, object], restarted: str, log: str
) -> None:
    """What was run is listed with its errors, by the run or by the mapping of a recurring job."""
    place, _ = canned_app(tmp_path, {"QueueRow": {**FAILED, **row}})
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        page = (await browser.get("/queue")).text
    place.close()
    forms = re.findall(r"<form.*?</form>", page, re.DOTALL)
    assert any(f'action="{restarted}"' in each and ">Restart<" in each for each in forms)
    links = [unquote(each) for each in re.findall(r'href="(/jobs\?[^"]*)"', page)]
    assert any(log in each.replace("'", "") for each in links)


@pytest.mark.parametrize(("is_paused", "offered"), [(True, "resume"), (False, "hold")])
async def test_who_held_a_job_can_let_it_go_on(tmp_path: Path, *, is_paused: bool, offered: str) -> None:
    """What a full synchronization or the connection holds is not on hold by a person, and can be set so."""
    held = {"status": "On Hold", "held_because": "It waits.", "is_recurring": True, "is_paused": is_paused}
    place, _ = canned_app(tmp_path, {"QueueRow": {**FAILED, **held}})
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        page = (await browser.get("/queue")).text
    place.close()
    assert set(re.findall(r'action="/do/queue/(hold|resume)"', page)) == {offered}
