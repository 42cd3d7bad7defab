"""`interlace explain`: every gate that a record passed or failed, mapping by mapping."""

import asyncio
from typing import Annotated

import typer

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.explaining import RecordExplanation, explain_record
from interlace.bootstrap.orders import Orders
from interlace.bootstrap.plan_file import as_json as action_json
from interlace.cli.captions import direction_text, key_text, moment_text
from interlace.cli.error_rows import failed_text
from interlace.cli.exit_codes import ExitCode
from interlace.cli.options import ConnectionName, Json, State, opened
from interlace.cli.output import Column, Output
from interlace.cli.spoken import said, t
from interlace.domain.error_descriptions import ERROR_DESCRIPTIONS
from interlace.domain.values import Value
from interlace.engine.explain import DirectionFinding, FieldFinding, GateFinding, MappingExplanation
from interlace.engine.memory import SynchError
from interlace.locale.translatable import translatable
from interlace.management.records import GATES
from interlace.store.journal import JournalledWrite

_FIELD_COLUMNS = (
    Column(key="erp_field", caption="ERP field"),
    Column(key="erp", caption="ERP"),
    Column(key="agreed", caption="Agreed"),
    Column(key="crm", caption="CRM"),
    Column(key="crm_field", caption="CRM field"),
    Column(key="state", caption="State"),
)


def explain(
    record: Annotated[
        str,
        typer.Argument(help="Number, id or name of the record, on either side.", show_default=False),
    ],
    mapping: Annotated[
        str | None, typer.Option("--mapping", help="Only this mapping.", show_default=False)
    ] = None,
    connection: ConnectionName = None,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Say why a record is or isn't synchronized: every gate it passed or failed in each mapping, and what is next.

    Nothing is written. Example: interlace explain C00010
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        names = application.known_mappings(held, [] if mapping is None else [mapping])
        found = asyncio.run(explain_record(application, held, record, names))
        is_order = not found and _is_order(application, held, record)
    if is_order:
        raise ConnectionProblem(
            translatable(
                "{record} is an order: `interlace orders show {record}` tells where it is and what holds it.",
                record=record,
            )
        )
    if not found:
        raise ConnectionProblem(
            translatable(
                "No mapping knows a record '{record}': neither end has it in a mapped table, and it is not coupled. "
                "Check its number, or name it as the ERP shows it.",
                record=record,
            )
        )
    for each in found:
        if as_json:
            output.record(_as_json(each))
        else:
            _show(output, each)
    stopped = any(_stopping(each.explanation) for each in found)
    raise typer.Exit(ExitCode.REMAINING if stopped else ExitCode.OK)


def _is_order(application: Application, held: Connection, record: str) -> bool:
    try:
        Orders(application=application, connection=held).show(record)
    except ConnectionProblem:
        return False
    return True


def _stopping(explanation: MappingExplanation) -> list[GateFinding]:
    gates = [*explanation.gates, *(gate for each in explanation.directions for gate in each.gates)]
    return [gate for gate in gates if gate.passed is False]


def _show(output: Output, each: RecordExplanation) -> None:
    explanation = each.explanation
    keys = [f"ERP {key_text(explanation.erp_key)}"] if explanation.erp_key else []
    keys += [f"CRM {explanation.crm_key}"] if explanation.crm_key else []
    output.stdout.write(f"{explanation.mapping}: {', '.join(keys)}\n")
    _show_gates(output, explanation.gates, "  ")
    for finding in explanation.directions:
        _show_direction(output, finding)
    fields = next((it.fields for it in explanation.directions if it.fields), [])
    if fields:
        output.stdout.write("\n")
        output.rows(_FIELD_COLUMNS, [_field_row(it) for it in fields], empty="")
    if each.journal:
        output.stdout.write(f"\n  {t('Last writes:')}\n")
        for write in each.journal:
            output.stdout.write(f"    {_write_text(write)}\n")
    output.stdout.write("\n")


def _show_direction(output: Output, finding: DirectionFinding) -> None:
    arrow = direction_text(finding.direction, as_json=False)
    output.stdout.write(f"  {arrow}: {said(finding.decision)}\n")
    _show_gates(output, finding.gates, "    ")
    if finding.error is not None:
        output.stdout.write(f"    {_error_text(finding.error)}\n")


def _show_gates(output: Output, gates: list[GateFinding], indent: str) -> None:
    signs = {True: t("yes"), False: t("no").upper(), None: "-"}
    width = max(map(len, signs.values()))
    for gate in gates:
        caption = t(GATES[gate.name]) if gate.name in GATES else gate.name
        output.stdout.write(f"{indent}{signs[gate.passed]:<{width}}  {caption}: {said(gate.text)}\n")


def _error_text(error: SynchError) -> str:
    wakes = "; ".join(t(each.value) for each in ERROR_DESCRIPTIONS[error.error.code].wakes)
    return t(
        "On the error list ({code}, {state}, {seen}); takes part again {wakes}.",
        code=error.error.code.value,
        state=t("left out") if error.skipped else t("tried again"),
        seen=failed_text(error),
        wakes=wakes,
    )


def _field_row(each: FieldFinding) -> dict[str, object]:
    agreed = _text(each.agreed_erp)
    if each.agreed_erp != each.agreed_crm:
        agreed = f"{agreed} / {_text(each.agreed_crm)}"
    return {
        "erp_field": each.erp_field or t("(constant)"),
        "erp": _text(each.erp),
        "agreed": agreed,
        "crm": _text(each.crm),
        "crm_field": each.crm_field or t("(constant)"),
        "state": said(each.state),
    }


def _text(value: Value) -> str:
    # As it is: a choice's number is no amount.
    return "" if value is None else str(value)


def _write_text(write: JournalledWrite) -> str:
    entry = write.entry
    fields = ", ".join(entry.after) or "-"
    moment = moment_text(write.at, as_json=False)
    return f"{moment}  {entry.action} {entry.side.value.upper()} {key_text(entry.key)}: {fields}"


def _as_json(each: RecordExplanation) -> dict[str, object]:
    explanation = each.explanation
    return {
        "mapping": explanation.mapping,
        "erp_key": explanation.erp_key,
        "crm_key": explanation.crm_key,
        "gates": [_gate_json(gate) for gate in explanation.gates],
        "directions": [_direction_json(finding) for finding in explanation.directions],
        "journal": [
            {
                "sequence": write.sequence,
                "at": moment_text(write.at, as_json=True),
                "action": write.entry.action,
                "side": write.entry.side.value,
                "key": write.entry.key,
                "before": write.entry.before,
                "after": write.entry.after,
                "job": write.entry.job_id,
            }
            for write in each.journal
        ],
    }


def _gate_json(gate: GateFinding) -> dict[str, object]:
    return {"gate": gate.name, "passed": gate.passed, "text": gate.text}


def _direction_json(finding: DirectionFinding) -> dict[str, object]:
    error = finding.error
    return {
        "direction": finding.direction.value,
        "record": finding.source_key,
        "gates": [_gate_json(gate) for gate in finding.gates],
        "decision": finding.decision,
        "would_write": [action_json(action) for action in finding.would_write],
        "error": None
        if error is None
        else {
            "code": error.error.code.value,
            "message": error.error.message,
            "times": error.times,
            "skipped": error.skipped,
            "at": moment_text(error.at, as_json=True),
            "wakes": [each.value for each in ERROR_DESCRIPTIONS[error.error.code].wakes],
        },
        "fields": [
            {
                "erp_field": each.erp_field,
                "crm_field": each.crm_field,
                "direction": each.direction.value,
                "erp": each.erp,
                "agreed_erp": each.agreed_erp,
                "agreed_crm": each.agreed_crm,
                "crm": each.crm,
                "state": each.state,
            }
            for each in finding.fields
        ],
    }
