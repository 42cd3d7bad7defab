"""`interlace verify`: proves both ends equal by reading them afresh."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.kept_verdicts import KeptVerdict, KeptVerdicts
from interlace.bootstrap.machine_user import machine_user_name
from interlace.bootstrap.verification import verify_connection
from interlace.cli.captions import error_title, moment_text
from interlace.cli.exit_codes import ExitCode
from interlace.cli.options import ConnectionName, Json, State, opened
from interlace.cli.output import Column, Output
from interlace.cli.spoken import said, t
from interlace.domain.errors import ErrorCode
from interlace.lead_to_cash.order_problems import PROBLEM_KINDS
from interlace.locale.translatable import translatable
from interlace.verify.order_judge import INVOICED_IN_PARTS, ORDER_LINES, TOLD
from interlace.verify.order_reading import ORDERS
from interlace.verify.verify_report import MappingVerdict, RecordState, SideCounts, VerifyReport

_LINES_MAX = 20
_ERROR_CODES = frozenset(each.value for each in ErrorCode)
_HOLDS = {each.code: each.means for each in PROBLEM_KINDS} | {
    TOLD: translatable("The ERP's documents are not what was ordered, and the CRM order says in what"),
    INVOICED_IN_PARTS: translatable(
        "Parts were invoiced, and each was rounded for itself: nobody changed anything"
    ),
}
_OF_ORDERS = (ORDERS, ORDER_LINES)
_STATE_OF = {
    "equal": RecordState.EQUAL,
    "excluded": RecordState.EXCLUDED,
    "failed": RecordState.FAILED,
    "drifted": RecordState.DRIFTED,
    "missing": RecordState.MISSING,
    "duplicate": RecordState.DUPLICATE,
}
_COLUMNS = (
    Column(key="mapping", caption="Mapping"),
    Column(key="table", caption="Table"),
    Column(key="total", caption="Total", number=True),
    Column(key="equal", caption="Equal", number=True),
    Column(key="excluded", caption="Excluded", number=True),
    Column(key="failed", caption="Failed", number=True),
    Column(key="drifted", caption="Drifted", number=True),
    Column(key="missing", caption="Missing", number=True),
    Column(key="duplicate", caption="Double", number=True),
)
_REASON_COLUMNS = (
    Column(key="mapping", caption="Mapping"),
    Column(key="table", caption="Table"),
    Column(key="records", caption="Records", number=True),
    Column(key="state", caption="State"),
    Column(key="reason", caption="Why"),
)


def verify(
    connection: ConnectionName = None,
    state: State = None,
    *,
    last: Annotated[
        bool, typer.Option("--last", help="Show the last verdict instead, here's or the web client's.")
    ] = False,
    stop: Annotated[
        bool, typer.Option("--stop", help="Stop the verification that a server is at work on instead.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Read both ends by the plain protocol and prove them equal; exit code 1 when they are not.

    Example: interlace verify
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held, kept = application.connection(connection), KeptVerdicts(application.config.state_directory)
        if stop:
            _stop(output, kept, held.id)
            return
        if last:
            green = _show_last(output, kept.verdict(held.id))
            raise typer.Exit(ExitCode.OK if green else ExitCode.ERROR)
        report = verify_connection(application, held)
        kept.keep_verdict(held.id, report, person=machine_user_name(), now=datetime.now(UTC))
    show_report(output, report)
    raise typer.Exit(ExitCode.OK if report.is_green else ExitCode.ERROR)


def _stop(output: Output, kept: KeptVerdicts, connection: str) -> None:
    """Ask a server's verification to stop; raises ConnectionProblem if there is none."""
    judgement = kept.judgement(connection)
    if judgement is None or not judgement.is_running:
        raise ConnectionProblem(translatable("No verification is running"))
    kept.ask_to_stop(connection)
    output.message(translatable("The verification stops; the last verdict stays."))


def _show_last(output: Output, verdict: KeptVerdict | None) -> bool:
    """Show a verdict that is kept; raises ConnectionProblem if there is none."""
    if verdict is None:
        raise ConnectionProblem(translatable("There is no verdict yet. Run `interlace verify`."))
    if output.as_json:
        output.record(
            {"green": verdict.green, "mappings": msgspec.to_builtins(verdict.mappings, enc_hook=str)}
        )
        return verdict.green
    rows = [
        {
            "mapping": each.mapping,
            "table": f"{end} {side.table}",
            "total": side.total,
            **{name: side.states.get(state.value, 0) for name, state in _STATE_OF.items()},
        }
        for each in verdict.mappings
        for end, side in (("ERP", each.erp), ("CRM", each.crm))
    ]
    output.rows(_COLUMNS, rows, empty="Nothing to compare.")
    judged = moment_text(verdict.judged_at, as_json=False)
    output.message(translatable("Judged {moment} by {name}.", moment=judged or "", name=verdict.judged_by))
    return verdict.green


def show_report(output: Output, report: VerifyReport) -> None:
    """Write the judge's report: counts a table, what stands out by name, and the verdict."""
    if output.as_json:
        output.record(report.as_json())
        return
    rows = [_row(verdict, side) for verdict in report.verdicts for side in (verdict.erp, verdict.crm)]
    output.rows(_COLUMNS, rows, empty="Nothing to compare.")
    # What failed stands last, nearest to the verdict.
    reasons = [*_reason_rows(report, RecordState.EXCLUDED), *_reason_rows(report, RecordState.FAILED)]
    if reasons:
        output.stdout.write("\n")
        output.rows(_REASON_COLUMNS, reasons, empty="")
    output.message("")
    for verdict in report.verdicts:
        _tell_differences(output, verdict)
    failed = {verdict.mapping: verdict.failed for verdict in report.verdicts}
    if any(count for mapping, count in failed.items() if mapping not in _OF_ORDERS):
        output.message("`interlace errors` names each failed record, with what to do.")
    if failed.get(ORDERS):
        output.message("`interlace orders list --held` names each order that is held, with what to do.")
    if report.is_green:
        output.message("Verified: both ends are equal, but for what a rule excludes or the error list names.")
    else:
        output.message("NOT equal: the lines above name the records and fields.")


def _row(verdict: MappingVerdict, side: SideCounts) -> dict[str, object]:
    return {
        "mapping": verdict.mapping,
        "table": f"{side.end.value} {side.table}",
        "total": side.total,
        **{name: side.states[state] for name, state in _STATE_OF.items()},
    }


def _reason_rows(report: VerifyReport, state: RecordState) -> list[dict[str, object]]:
    return [
        {
            "mapping": verdict.mapping,
            "table": f"{side.end.value} {side.table}",
            "records": count,
            "state": t(state.value),
            "reason": _failure_title(reason) if state is RecordState.FAILED else said(reason),
        }
        for verdict in report.verdicts
        for side in (verdict.erp, verdict.crm)
        for reason, count in side.reasons_of(state).items()
    ]


def _failure_title(code: str) -> str:
    """Write what an error code, or a code of what holds an order, means."""
    if code in _ERROR_CODES:
        return error_title(code)
    return t("{error} ({code})", error=said(_HOLDS[code]).rstrip("."), code=code) if code in _HOLDS else code


def _tell_differences(output: Output, verdict: MappingVerdict) -> None:
    bad = {RecordState.DRIFTED, RecordState.MISSING, RecordState.DUPLICATE}
    if verdict.mapping == ORDERS:
        # Orders that are held stand on no error list.
        bad.add(RecordState.FAILED)
    lines = [each.line() for each in verdict.differences]
    lines += [each.line() for each in verdict.findings if each.state in bad]
    if verdict.mapping in _OF_ORDERS:
        lines += [
            t("{line}: other than when it was made", line=each.line())
            for each in verdict.creation_differences
        ]
    for line in lines[:_LINES_MAX]:
        output.message(line)
    if len(lines) > _LINES_MAX:
        more = len(lines) - _LINES_MAX
        output.message(
            translatable(
                "{mapping}: {count} further ones; `interlace findings list --filter mapping={mapping}` lists them.",
                mapping=verdict.mapping,
                count=more,
            )
        )
