"""The page that takes the built-in connector's couplings over: compared first, without a script, and the way back."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
from tests.web.accounts_desk import Place
from tests.web.canned_desk import canned_app
from tests.web.shown_parts import unexplained
from tests.web.test_mapping_pages import browse, errors_of

from interlace.management import coupling_exchange
from interlace.management.caller import Caller
from interlace.management.coupling_exchange import (
    CouplingsImported,
    CouplingsText,
    DecisionShown,
    ExportCouplings,
    ImportCouplings,
    ImportedRow,
    ShadowCouplings,
    ShadowShown,
)
from interlace.management.mapping_answers import TriedWrite
from interlace.management.refusal import RefusalKind, Refused

PAGE = "/couplings/exchange"
ROWS = "CRM ID,Integration ID,Table ID\r\na,b,18"


@dataclass(slots=True, kw_only=True)
class ExchangeDesk:
    """Answers what is asked about the built-in connector's couplings, and remembers it."""

    asked: list[msgspec.Struct] = field(default_factory=list)
    refused: Refused | None = None

    async def import_(self, _caller: Caller, asked: ImportCouplings) -> CouplingsImported:
        """Answer with a row of each kind."""
        self.asked.append(asked)
        if self.refused is not None:
            raise self.refused
        rows = (
            ImportedRow(
                line=3, mapping="CUSTOMER", erp_key="C2", crm_key="b", result="left out", reason="Gone."
            ),
            ImportedRow(line=2, mapping="CUSTOMER", erp_key="C1", crm_key="a", result="to be coupled"),
        )
        return CouplingsImported(
            message="Told.",
            is_stored=not asked.only_compare,
            to_couple=41,
            left_out=1,
            rows=rows,
        )

    async def shadow(self, _caller: Caller, asked: ShadowCouplings) -> ShadowShown:
        """Answer with a decision that differs."""
        self.asked.append(asked)
        write = TriedWrite(
            side="crm", table="account", key="a", operation="change", field="name", before="Old", after="New"
        )
        decision = DecisionShown(
            line=2,
            mapping="CUSTOMER",
            erp_key="C1",
            crm_key="a",
            built_in="settled",
            decision="change",
            differs=True,
            writes=(write,),
        )
        return ShadowShown(pairs=2, differing=1, decisions=(decision,), messages={"CONTACT": "Halted."})

    async def export(self, _caller: Caller, asked: ExportCouplings) -> CouplingsText:
        """Answer with a file."""
        self.asked.append(asked)
        return CouplingsText(text=ROWS, count=1)


@pytest.fixture
def desk() -> ExchangeDesk:
    """What answers."""
    return ExchangeDesk()


@pytest.fixture
def place(desk: ExchangeDesk, tmp_path: Path) -> Iterator[Place]:
    """A web client over it."""
    works = {
        coupling_exchange.IMPORT.name: desk.import_,
        coupling_exchange.EXPORT.name: desk.export,
        coupling_exchange.SHADOW.name: desk.shadow,
    }
    held, _ = canned_app(tmp_path, works_of=works)
    yield held
    held.close()


async def test_rows_are_compared_before_they_are_imported(place: Place, desk: ExchangeDesk) -> None:
    """Both kinds stand there with their lines; what was entered stays until it is imported."""
    async with await browse(place) as browser:
        sent = {"text": ROWS, "record_ids": "ids"}
        compared = await browser.post(PAGE, data={**sent, "only_compare": "yes"})
        imported = await browser.post(PAGE, data=sent)
    for text in ("Told.", "Gone.", "41", "40 more rows", "a,b,18"):
        assert text in compared.text
    assert unexplained(compared.text) == []
    assert "Told." in imported.text
    assert "a,b,18" not in imported.text
    asked = ImportCouplings(text=ROWS, record_ids="ids")
    assert desk.asked == [msgspec.structs.replace(asked, only_compare="yes"), asked]


async def test_what_is_wrong_is_told_above_what_was_entered(place: Place, desk: ExchangeDesk) -> None:
    """With the status of the refusal."""
    wrong = {"text": "The first line names no column."}
    desk.refused = Refused(RefusalKind.INVALID, "Not these", fields=wrong)
    async with await browse(place) as browser:
        answer = await browser.post(PAGE, data={"text": ROWS})
    assert answer.status_code == 400
    assert errors_of(answer) == {"field-text": wrong["text"]}
    assert "a,b,18" in answer.text


async def test_our_couplings_are_kept_as_a_file(place: Place, desk: ExchangeDesk) -> None:
    """The way back begins on the same page; the file is nobody else's to keep."""
    async with await browse(place) as browser:
        assert f'href="{PAGE}/file"' in (await browser.get(PAGE)).text
        answer = await browser.get(f"{PAGE}/file")
    assert answer.text == ROWS
    assert answer.headers["content-disposition"].startswith('attachment; filename="CRM Integration Record')
    assert answer.headers["cache-control"] == "no-store"
    assert isinstance(desk.asked[-1], ExportCouplings)


async def test_the_shadow_report_stands_above_what_was_entered(place: Place, desk: ExchangeDesk) -> None:
    """Each decision with what would be written; what could not be planned is told."""
    async with await browse(place) as browser:
        assert 'href="/couplings/shadow"' in (await browser.get(PAGE)).text
        answer = await browser.post("/couplings/shadow", data={"text": ROWS})
    for text in ("settled", "CRM name: Old → New", "CONTACT: Halted.", "a,b,18"):
        assert text in answer.text
    assert unexplained(answer.text) == []
    assert desk.asked == [ShadowCouplings(text=ROWS)]


async def test_whoever_may_only_look_imports_nothing(place: Place, desk: ExchangeDesk) -> None:
    """No form, and no way around it."""
    async with await browse(place, "vera", "INTERLACE VIEW") as browser:
        assert "<textarea" not in (await browser.get(PAGE)).text
        for path in (PAGE, "/couplings/shadow"):
            assert (await browser.post(path, data={"text": ROWS})).status_code == 403
    assert desk.asked == []
