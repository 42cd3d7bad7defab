"""The page of Match-Based Coupling: criteria without a script, a dry run, and what came of the last run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.web.canned_desk import canned_app, sample
from tests.web.test_mapping_pages import browse, errors_of

from interlace.management import matching
from interlace.management.caller import Caller
from interlace.management.mapping_answers import MappingChanged
from interlace.management.matching import ChangeMatching, MatchSample, MatchTried, RecordNamed, TryMatching
from interlace.management.refusal import RefusalKind, Refused

PAGE = "/mappings/CUSTOMER/matching"
ROWS: dict[str, Any] = {
    "mapping": "CUSTOMER",
    "erp_fields": ["E_Mail", "Name"],
    "crm_fields": ["emailaddress1", "name"],
    "case_sensitive": ["no", "yes"],
    "priorities": ["1", "2"],
}
TUPLES: Any = {name: value if isinstance(value, str) else tuple(value) for name, value in ROWS.items()}
TRIED = MatchTried(
    is_complete=True,
    erp_records=31,
    crm_records=30,
    coupled_already=5,
    left_out=0,
    would_couple=29,
    ambiguous=1,
    unmatched=1,
    pairs=(
        MatchSample(erp=RecordNamed(key="C1", caption="Firm"), crm=(RecordNamed(key="a", caption="FIRM"),)),
    ),
    doubtful=(
        MatchSample(
            erp=RecordNamed(key="C2, EUR", caption="Twin", record_key="C2|EUR"),
            crm=(RecordNamed(key="b"), RecordNamed(key="c")),
            rivals=(RecordNamed(key="C3"),),
        ),
    ),
    without=(RecordNamed(key="C9", caption="Alone"),),
)


class MatchingDesk:
    """Answers what is asked about matching, and remembers it."""

    def __init__(self, directory: Path) -> None:
        self.asked: list[msgspec.Struct] = []
        self.answer: MatchTried | Refused = TRIED
        shown: dict[str, dict[str, object]] = {
            "MatchingShown": {"mapping": "CUSTOMER", "seen": "1", "is_possible": True, "may_create": True}
        }
        works: dict[str, Any] = {
            matching.SHOW.name: self._work(sample(matching.SHOW.answer, shown)),
            matching.CHANGE.name: self._work(MappingChanged(message="Kept.")),
            matching.TRY.name: self._try,
        }
        self.place, _ = canned_app(directory, works_of=works)

    def _work(self, answer: msgspec.Struct) -> Any:
        async def work(_caller: Caller, asked: msgspec.Struct) -> msgspec.Struct:
            self.asked.append(asked)
            return answer

        return work

    async def _try(self, _caller: Caller, asked: msgspec.Struct) -> msgspec.Struct:
        self.asked.append(asked)
        if isinstance(self.answer, Refused):
            raise self.answer
        return self.answer


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[MatchingDesk]:
    """A web client with matching."""
    held = MatchingDesk(tmp_path)
    yield held
    held.place.close()


async def test_criteria_are_tried_before_they_are_kept(desk: MatchingDesk) -> None:
    """The dry run shows counts and records of each kind; what was entered stays, and nothing is kept."""
    async with await browse(desk.place) as browser:
        answer = await browser.post(PAGE, data={**ROWS, "do": "try", "create_new": "yes"})
    assert answer.status_code == 200
    for text in ("Firm", "FIRM", "Twin", "C3", "Alone", "28 more records", 'value="emailaddress1"'):
        assert text in answer.text
    assert answer.text.count('href="/coupling/CUSTOMER/C2%7CEUR"') == 1
    assert desk.asked[-1] == TryMatching(**TUPLES, create_new="yes")
    assert not any(isinstance(each, ChangeMatching) for each in desk.asked)


async def test_criteria_are_added_removed_and_kept(desk: MatchingDesk) -> None:
    """Each button sends the whole form."""
    async with await browse(desk.place) as browser:
        removed = await browser.post(PAGE, data={**ROWS, "do": "remove-0"})
        assert 'value="E_Mail"' not in removed.text
        assert 'value="Name"' in removed.text
        added = await browser.post(PAGE, data={**ROWS, "do": "add"})
        assert 'id="field-erp_fields-2"' in added.text
        kept = await browser.post(PAGE, data={**ROWS, "do": "save", "seen": "1"})
        assert (kept.status_code, kept.headers["location"]) == (303, PAGE)
    assert ChangeMatching(**TUPLES, seen="1") in desk.asked


async def test_what_is_wrong_stands_at_its_criterion(desk: MatchingDesk) -> None:
    """With what was entered; tables that are too large are told instead of figures that are none."""
    desk.answer = Refused(RefusalKind.INVALID, "No", fields={"crm_fields.1": "No such column"})
    async with await browse(desk.place) as browser:
        refused = await browser.post(PAGE, data={**ROWS, "do": "try"})
        assert refused.status_code == 400
        assert errors_of(refused) == {"field-crm_fields-1": "No such column"}
        desk.answer = msgspec.structs.replace(TRIED, is_complete=False)
        large = await browser.post(PAGE, data={**ROWS, "do": "try"})
    assert "too large" in large.text
    assert "Would be coupled" not in large.text
