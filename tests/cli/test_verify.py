"""`interlace verify`: what people read, and that its error codes are explained."""

from pathlib import Path

import pytest
from tests.cli.both_ends import Interlace

from interlace.cli.captions import ERROR_TITLES, error_title
from interlace.cli.exit_codes import ExitCode
from interlace.cli.output import Output
from interlace.cli.verify import show_report
from interlace.domain.errors import ErrorCode
from interlace.verify import End, RecordState, VerifyReport
from interlace.verify.order_reading import ORDERS
from interlace.verify.verify_report import FieldDifference, Finding, MappingVerdict, SideCounts

ERRORS_PAGE = Path(__file__).parents[2] / "docs" / "reference" / "errors.md"


def test_every_failure_says_what_its_code_means_and_where_to_look(synchronized: Interlace) -> None:
    """Nobody has to know the codes by heart."""
    ended = synchronized("verify")
    assert ended.code == 0
    assert "the service refused the record (IL-301)" in ended.out
    assert "the contact is a company" in ended.out
    assert "`interlace errors` names each failed record" in ended.err
    assert ended.err.rstrip().endswith("excludes or the error list names.")
    last = synchronized("verify", "--last", "--json")
    assert last.code == 0
    assert last.only["green"]
    failed = synchronized(
        "findings", "list", "--filter", "found=failed", "--sort", "record", "--json"
    ).objects
    assert any(each["reason"].startswith("IL-301 ") for each in failed)
    assert {each["found"] for each in failed} == {"failed"}
    assert [each["record"] for each in failed] == sorted(each["record"] for each in failed)
    told = synchronized("findings", "list", "--search", failed[0]["record"], "--limit", "1")
    assert "On the error list" in told.out
    assert "nothing of this kind" in synchronized("findings", "list", "--filter", "found=drifted").err
    assert synchronized("findings", "list", "--filter", "colour=red").code == ExitCode.CONFIGURATION
    shown = synchronized("verify", "--last")
    assert "CustomerCard" in shown.out
    assert "Judged" in shown.err


def test_without_a_verdict_there_is_none_to_show(connected: Interlace) -> None:
    """Whoever asks for the last verdict is told how to get one."""
    ended = connected("verify", "--last")
    assert ended.code != 0
    assert "interlace verify" in ended.err


def test_every_error_code_has_the_title_of_the_documentation() -> None:
    """The command line and the page of errors speak of one thing in the same words."""
    page = ERRORS_PAGE.read_text(encoding="utf-8")
    headings = dict(line[3:].split(": ", 1) for line in page.splitlines() if line.startswith("## IL-"))
    assert {code.value: title for code, title in ERROR_TITLES.items()} == headings
    assert set(ERROR_TITLES) == set(ErrorCode)
    assert error_title("IL-101") == "a reference is not coupled (IL-101)"


def test_orders_that_are_held_are_listed_with_what_holds_them(capsys: pytest.CaptureFixture[str]) -> None:
    """In words, each by name, and with the command that says what to do."""
    verdict = MappingVerdict(
        mapping=ORDERS,
        erp=SideCounts(end=End.ERP, table="SalesOrder"),
        crm=SideCounts(end=End.CRM, table="salesorders", total=2),
    )
    for key, code in (("one", "customer_blocked"), ("two", "crm_refused")):
        verdict.crm.add(RecordState.FAILED, code)
        reason = f"order SO-1: {code}"
        verdict.note(Finding(mapping=ORDERS, end=End.CRM, key=key, state=RecordState.FAILED, reason=reason))
    reference = FieldDifference(
        mapping=ORDERS,
        erp_key="101",
        crm_key="one",
        erp_field="Your_Reference",
        crm_column="ordernumber",
        erp_value="SO-2",
        crm_value="SO-1",
    )
    verdict.creation_differences.append(reference)
    show_report(Output(as_json=False), VerifyReport(verdicts=(verdict,)))
    shown = capsys.readouterr()
    assert "The ERP customer, or the customer who pays for it, is blocked (customer_blocked)" in shown.out
    assert "crm_refused" in shown.out
    assert "SALESORDER-ORDER CRM one: failed: order SO-1: customer_blocked" in shown.err
    assert "Your_Reference is 'SO-2', ordernumber is 'SO-1'" in shown.err
    assert "other than when it was made" in shown.err
    assert "`interlace orders list --held`" in shown.err
    assert "`interlace errors`" not in shown.err
    assert "Verified" in shown.err
