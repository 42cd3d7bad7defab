"""Details to copy: on every record error and every refusal, with ids that are found in logs and services' answers."""

import logging
import re
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path

import pytest
from tests.web.accounts_desk import Place
from tests.web.canned_desk import canned_app

from interlace.management.causes import RETRY
from interlace.management.refusal import RefusalKind, Refused

PAGES = (
    "/conflicts/c1",
    "/errors/causes/c1",
    "/errors/skipped",
    "/jobs/j1",
    "/jobs/of-record/CUSTOMER/C1",
    "/orders/o1",
    "/queue",
    "/records/CUSTOMER/C1",
)
"""Wherever an error of a record, a job or an order is shown."""
CORRELATION = "6a1c2d0e-7a35-5b0c-9a51-4e3f2a7c1d90"
ERROR: Mapping[str, object] = {
    "code": "IL-301",
    "record_key": "C1",
    "key": "C1",
    "job_id": "j1",
    "correlation_id": CORRELATION,
}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Accounts, and a desk that answers with samples; retrying is refused."""

    async def refuse(*_asked: object) -> None:
        """Refuse."""
        raise Refused(
            RefusalKind.CHANGED_MEANWHILE, "It was changed", why="Somebody else was quicker.", code="IL-1"
        )

    extra = dict.fromkeys(("ErrorRow", "RecordProblem"), ERROR)
    held, _ = canned_app(tmp_path, extra, {RETRY.name: refuse})
    yield held
    held.close()


def copied_texts(page: str) -> list[str]:
    """Return the texts that can be copied from a page: they can be marked, and have a button."""
    found = re.findall(r'<details class="copied">.*?</details>', page, re.DOTALL)
    assert all('data-copies="1"' in each for each in found)
    return [unescape(re.search(r"<pre[^>]*>(.*?)</pre>", each, re.DOTALL)[1]) for each in found]  # type: ignore[index]


@pytest.mark.parametrize("path", PAGES)
async def test_errors_have_details_to_copy(place: Place, path: str) -> None:
    """What happened, when, and in which version; wherever an error is shown."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        texts = copied_texts((await browser.get(path)).text)
    assert texts
    for text in texts:
        assert re.search(r"^Version of Interlace: \d", text, re.MULTILINE), text
        assert re.search(r"^Time: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$", text, re.MULTILINE), text


@pytest.mark.parametrize("path", ["/errors/skipped", "/errors/causes/c1", "/jobs/j1", "/records/CUSTOMER/C1"])
async def test_errors_of_records_name_record_job_and_the_services_id(place: Place, path: str) -> None:
    """Whoever helps finds the record, the job, and the request in the service."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        texts = copied_texts((await browser.get(path)).text)
    wanted = ("Code: IL-301", "Job: j1", f"Correlation id of the service: {CORRELATION}")
    assert any(all(line in text.splitlines() for line in wanted) for text in texts), texts


async def test_a_refused_page_has_a_reference_that_the_log_holds(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """The reference on the page finds the request."""
    await place.add("bo", "INTERLACE VIEW")
    with caplog.at_level(logging.WARNING, logger="interlace.web"):
        async with place.signed_in("bo") as browser:
            answer = await browser.get("/users")
    assert answer.status_code == 403
    [text] = copied_texts(answer.text)
    reference = re.search(r"^Reference: (\w+)$", text, re.MULTILINE)
    assert reference is not None
    [line] = [each.getMessage() for each in caplog.records if reference[1] in each.getMessage()]
    assert "/users" in line
    assert "Address: /users" in text.splitlines()


async def test_a_refused_action_has_a_reference_that_the_log_holds(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """So has what a button was refused, on the page that comes back; the API tells the same one."""
    await place.add("ada", "INTERLACE ADMIN")
    with caplog.at_level(logging.WARNING, logger="interlace.web"):
        async with place.signed_in("ada") as browser:
            sent = {"every": "1", "return_to": "/about"}
            assert (await browser.post("/do/errors/retry", data=sent)).status_code == 303
            [text] = copied_texts((await browser.get("/about")).text)
            assert copied_texts((await browser.get("/about")).text) == []
    assert "Code: IL-1" in text.splitlines()
    reference = re.search(r"^Reference: (\w+)$", text, re.MULTILINE)
    assert reference is not None
    assert any(reference[1] in each.getMessage() for each in caplog.records)


async def test_a_notice_is_dismissed_without_a_script(place: Place) -> None:
    """A box with a name stands beside each; the style takes the notice away when it is ticked."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        page = (await browser.get("/records/CUSTOMER/C1")).text
        style = re.search(r'href="([^"]*\.css)"', page)
        assert style is not None
        sheet = (await browser.get(style[1])).text
    assert page.count('<div class="notice ') == page.count('<label class="dismiss" title="Dismiss">') > 0
    assert ".dismissable:has(> .dismiss :checked) { display: none; }" in sheet
