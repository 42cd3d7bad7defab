"""Pages of errors: the records of a cause say which cause, and a job says what became of what failed in it."""

import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path

import msgspec
import pytest
from tests.web.canned_desk import MOMENT, canned_app

from interlace.management import causes
from interlace.management.caller import Caller
from interlace.management.errors import LIST_ERRORS, ErrorsListed


async def _shown(
    directory: Path,
    path: str,
    extra: Mapping[str, Mapping[str, object]],
    works: Mapping[str, object] | None = None,
) -> str:
    place, _ = canned_app(directory, extra, works)
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        answer = await browser.get(path)
    place.close()
    assert answer.status_code == 200
    return unescape(answer.text)


async def _no_errors(_caller: Caller, _asked: msgspec.Struct) -> ErrorsListed:
    return ErrorsListed(count=0)


async def test_the_records_of_a_cause_stand_below_its_text_and_its_remedy(tmp_path: Path) -> None:
    """Who comes from elsewhere sees what they wait for, and couples it from there."""
    named = {"id": "c1", "code": "IL-101", "text": "SALESPEOPLE HV is not coupled."}
    awaited = {"mapping": "SALESPEOPLE", "key": "HV", "side": "erp"}
    page = await _shown(tmp_path, "/errors/causes/c1", {"ErrorCauseShown": named, "AwaitedRecord": awaited})
    assert "SALESPEOPLE HV is not coupled." in page
    assert '<a class="button primary" href="/coupling/SALESPEOPLE/HV?side=erp"' in page


async def test_records_whose_cause_is_gone_are_listed_without_it(tmp_path: Path) -> None:
    """It may have been removed a moment ago."""
    named = {"id": "c2", "text": "SALESPEOPLE HV is not coupled."}
    page = await _shown(tmp_path, "/errors/causes/c1", {"ErrorCauseShown": named})
    assert "SALESPEOPLE HV" not in page
    assert causes.RETRY.caption in page


@pytest.mark.parametrize(
    ("failed", "path", "told"),
    [
        (0, "/jobs/j1", "Every record went through."),
        (2, "/jobs/j1", "None of its errors is open any more"),
        (2, "/jobs/j1?search=nobody", "No error fits"),
    ],
)
async def test_a_job_without_open_errors_does_not_deny_its_counter(
    tmp_path: Path, failed: int, path: str, told: str
) -> None:
    """What failed in it went through since, or is a later job's error."""
    works = {LIST_ERRORS.name: _no_errors}
    page = await _shown(tmp_path, path, {"JobRow": {"failed": failed, "message": ""}}, works)
    assert told in page
    assert ("Every record went through." in page) == (failed == 0)


async def test_a_job_tells_its_direction_its_type_and_how_long_it_took(tmp_path: Path) -> None:
    """As the list of jobs does."""
    job = {"direction": "FromIntegrationTable", "type": "Uncoupling", "seconds": 75, "message": ""}
    page = re.sub(r"<[^>]+>", "|", await _shown(tmp_path, "/jobs/j1", {"JobRow": job}))
    told = re.sub(r"\|+", "|", page)
    assert "|Duration|1 min 15 s|" in told
    assert "|Synch. Direction|From Integration Table|" in told
    assert "|Type|Uncoupling|" in told


@pytest.mark.parametrize(("seen", "is_told"), [(MOMENT, False), (MOMENT.replace(year=2025), True)])
async def test_when_a_record_was_seen_is_told_where_it_was_not_with_its_error(
    tmp_path: Path, *, seen: object, is_told: bool
) -> None:
    """Else each row would say its time three times."""
    row = {"at": MOMENT.isoformat(), "exists_at": str(seen), "partner_exists_at": "", "mapping": "CUSTOMER"}
    page = await _shown(tmp_path, "/errors/skipped", {"ErrorRow": row})
    assert ("as of " in page) == is_told
