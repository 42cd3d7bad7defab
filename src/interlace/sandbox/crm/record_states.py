"""States and status reasons: where a new record begins, and which pairs fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from interlace.sandbox.crm import errors
from interlace.sandbox.crm.errors import refused
from interlace.sandbox.crm.record_layout import Row
from interlace.sandbox.crm.schema import Table
from interlace.sandbox.crm.table_rules import rules_for

if TYPE_CHECKING:
    from interlace.sandbox.crm.records import Records


def require_initial_state(records: Records, table: Table, row: Row) -> None:
    """Settles the state of a new record; refuses any but the one in which the table begins."""
    if not table.states:
        return
    initial = rules_for(table).initial_state(records, table, row)
    given, reason = row["statecode"], row["statuscode"]
    declared = table.states[0]
    if given == initial == declared.value and reason == declared.reasons[0].value:
        return
    states = {state.value: state for state in table.states}
    if given == declared.value:
        given = initial
        if reason == declared.reasons[0].value:
            reason = states[initial].reasons[0].value
    row["statecode"], row["statuscode"] = given, reason
    permitted = [option.value for option in states[initial].reasons]
    if given != initial or reason not in permitted:
        raise refused(
            errors.INVALID_STATE_STATUS,
            f"{reason} is not a valid status code for state code "
            f"{table.logical_name}State.{states[initial].label} when a record is created. "
            "Create the record first and change its state afterwards.",
        )


def settle_state(table: Table, before: Row, row: Row, payload: Mapping[str, object]) -> None:
    """Settles state and reason of a changed record; refuses pairs that do not fit."""
    if row["statecode"] == before["statecode"] and row["statuscode"] == before["statuscode"]:
        return
    state = next((entry for entry in table.states if entry.value == row["statecode"]), None)
    if state is None:
        raise refused(
            errors.REQUIRED_FIELD_MISSING,
            f"The required field 'statecode' of {table.logical_name} cannot be cleared.",
        )
    if payload.get("statuscode") in (None, -1) and row["statecode"] != before["statecode"]:
        row["statuscode"] = state.reasons[0].value
    if row["statuscode"] not in [option.value for option in state.reasons]:
        raise refused(
            errors.INVALID_STATE_STATUS,
            f"{row['statuscode']} is not a valid status code for state code "
            f"{table.logical_name}State.{state.label} on {table.logical_name} with Id {row[table.key]}.",
        )
