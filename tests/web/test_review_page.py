"""Full Synch. Review: which mappings create what is missing is chosen line by line; every line can be begun anew."""

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
from tests.web.canned_desk import HOSTILE, canned_app

from interlace.management.caller import Caller
from interlace.management.reviews import ReviewBegun
from interlace.web.addresses import segment

READY: Mapping[str, object] = {"is_running": False, "is_paused": False, "is_over": True, "has_failed": False}
CRITERIA = f'href="/mappings/{segment(HOSTILE)}/matching"'
BOX = '<input type="checkbox" name="recommend_full" value="'


class Asked:
    """What the desk was asked to do."""

    def __init__(self) -> None:
        self.seen: list[msgspec.Struct] = []

    async def work(self, _caller: Caller, asked: msgspec.Struct) -> ReviewBegun:
        """Note it."""
        self.seen.append(asked)
        return ReviewBegun(run_id="r1")


async def shown(directory: Path, **review: object) -> str:
    """Return the page of a review with one line that is recommended to be coupled."""
    place, _ = canned_app(directory, {"Review": {**READY, **review}})
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        page = (await browser.get("/review")).text
    place.close()
    return page


async def test_a_line_is_chosen_and_started(tmp_path: Path) -> None:
    """The box of a line belongs to the form of Start, which sends the mappings that are ticked."""
    asked = Asked()
    place, _ = canned_app(tmp_path, {"Review": READY}, {"reviews.start": asked.work})
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        page = (await browser.get("/review")).text
        box = page[page.index(BOX) :].partition(">")[0]
        assert CRITERIA in page
        form = re.search(r'<form[^>]*id="start-full-synchronization"[^>]*>', page)
        assert form is not None
        assert 'action="/do/reviews/start"' in form[0]
        assert 'form="start-full-synchronization"' in box
        sent = {"recommend_full": ["CUSTOMER", "ITEM-PRODUCT"], "return_to": "/review"}
        answer = await browser.post("/do/reviews/start", data=sent)
        assert answer.status_code == 303
    place.close()
    [started] = asked.seen
    assert getattr(started, "recommend_full", ()) == ("CUSTOMER", "ITEM-PRODUCT")


async def test_every_line_is_begun_anew(tmp_path: Path) -> None:
    """Beside Restart, which takes only what failed, a button of its own; the page asks before."""
    page = await shown(tmp_path)
    forms = re.findall(r'<form[^>]*action="/do/reviews/restart".*?</form>', page, re.DOTALL)
    [every] = [each for each in forms if 'name="every" value="1"' in each]
    assert "Restart Every Line" in every
    assert "data-confirm" in every


@pytest.mark.parametrize("state", [{"is_running": True, "is_over": False}, {"is_paused": True}])
async def test_nothing_is_chosen_while_one_is_under_way(tmp_path: Path, state: dict[str, object]) -> None:
    """A paused one goes on as it was planned; the way to the criteria stays open."""
    page = await shown(tmp_path, **state)
    assert BOX not in page
    assert CRITERIA in page


async def test_a_line_that_ended_is_restarted_by_itself(tmp_path: Path) -> None:
    """Its button names it alone; one that never began can be left out instead, unless the review is at work."""
    ended = await shown(tmp_path / "ended")
    forms = re.findall(r'<form[^>]*action="/do/reviews/restart".*?</form>', ended, re.DOTALL)
    assert any('name="mappings"' in each and "data-confirm" in each for each in forms)
    assert "/do/reviews/leave_out" not in ended
    blank = {"ReviewLineShown": {"job_queue_entry_status": "", "is_blocked": False}}
    for state, is_offered in ((READY, True), ({**READY, "is_running": True, "is_over": False}, False)):
        place, _ = canned_app(tmp_path / str(is_offered), {"Review": state, **blank})
        await place.add("ada", "INTERLACE ADMIN")
        async with place.signed_in("ada") as browser:
            page = (await browser.get("/review")).text
        place.close()
        assert ("/do/reviews/leave_out" in page) is is_offered
