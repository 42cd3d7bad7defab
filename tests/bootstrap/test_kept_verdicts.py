"""The last verdict is kept with its reasons as they can be said in every language."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from interlace.bootstrap.kept_verdicts import KeptVerdicts
from interlace.locale.translatable import as_sentence, translatable
from interlace.ui.words import words_of
from interlace.verify import End, RecordState, VerifyReport
from interlace.verify.verify_report import FieldDifference, Finding, MappingVerdict, OpenError, SideCounts

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
STAYS_OUT = translatable(
    "its ERP record stays out: {reason}", reason=as_sentence(translatable("the record is blocked"))
)


def report() -> VerifyReport:
    """Return a report with a reason that holds another one, and one that a service has said."""
    verdict = MappingVerdict(
        mapping="ITEM-PRODUCT",
        erp=SideCounts(end=End.ERP, table="ItemCard"),
        crm=SideCounts(end=End.CRM, table="products"),
    )
    verdict.crm.add(RecordState.EXCLUDED, STAYS_OUT)
    error = OpenError(
        mapping=verdict.mapping, end=End.ERP, key="1000", code="IL-301", message="No such unit."
    )
    for key, state, reason in (
        ("1000", RecordState.FAILED, error.text),
        ("1001", RecordState.MISSING, translatable("no CRM record belongs to it")),
        ("1002", RecordState.EXCLUDED, STAYS_OUT),
    ):
        verdict.note(Finding(mapping=verdict.mapping, end=End.ERP, key=key, state=state, reason=reason))
    return VerifyReport(verdicts=(verdict,))


@pytest.mark.parametrize("language", ["ru_RU", "es_MX", "nb_NO", "fi_FI"])
def test_reasons_are_said_in_the_readers_language(tmp_path: Path, language: str) -> None:
    """Also those with a value, and with a reason in a reason; what a service said stays as it is."""
    kept = KeptVerdicts(tmp_path)
    kept.keep_verdict("c1", report(), person="ada", now=NOW)
    held = KeptVerdicts(tmp_path).verdict("c1")
    assert held is not None
    words = words_of(language)
    [shown] = held.mappings
    failed, missing, excluded = (each.reason for each in shown.findings)
    assert words.t(failed) == failed == "IL-301 No such unit."
    assert words.t(missing) not in ("", missing)
    inner = words.t("the record is blocked")
    assert words.t(excluded).endswith(inner)
    assert not words.t(excluded).startswith("its ERP record")
    assert {words.t(each): count for each, count in shown.crm.excluded.items()} == {words.t(excluded): 1}


def test_a_verdict_that_was_kept_in_english_is_read(tmp_path: Path) -> None:
    """As earlier versions kept it."""
    kept = KeptVerdicts(tmp_path)
    kept.keep_verdict("c1", report(), person="ada", now=NOW)
    [file] = tmp_path.rglob("verdict.json")
    told = json.loads(file.read_text(encoding="utf-8"))
    told["mappings"][0]["findings"][1]["reason"] = "no CRM record belongs to it"
    told["mappings"][0]["crm"]["excluded"] = {"the record is blocked": 4}
    file.write_text(json.dumps(told), encoding="utf-8")
    held = kept.verdict("c1")
    assert held is not None
    assert held.mappings[0].findings[1].reason == "no CRM record belongs to it"
    assert held.mappings[0].crm.excluded == {"the record is blocked": 4}


def test_a_line_of_a_report_is_said_in_the_readers_language() -> None:
    """Fields, values and keys stand in it as they are."""
    difference = FieldDifference(
        mapping="ITEM-PRODUCT",
        erp_key="1000",
        crm_key="p1",
        erp_field="",
        crm_column="name",
        erp_value="Stuhl",
        crm_value="Stol",
    )
    assert difference.line() == "ITEM-PRODUCT 1000: constant is 'Stuhl', name is 'Stol' (CRM record p1)"
    assert words_of("nb_NO").t(difference.line()) == (
        "ITEM-PRODUCT 1000: konstant er 'Stuhl', name er 'Stol' (CRM-post p1)"
    )
    [verdict] = report().verdicts
    assert words_of("nb_NO").t(verdict.findings[1].line()) == (
        f"ITEM-PRODUCT ERP 1001: {words_of('nb_NO').t(RecordState.MISSING.value)}: ingen CRM-post hører til den"
    )
