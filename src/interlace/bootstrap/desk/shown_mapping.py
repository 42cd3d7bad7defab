"""A mapping as lists and cards show it, with what users changed in it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.change_mapping import Changes
from interlace.bootstrap.mapping_conditions import FILTER_OF, condition_text, conditions_of
from interlace.bootstrap.mapping_settings import MappingSettingProblem, may_be_disabled, with_changes
from interlace.bootstrap.mapping_texts import filter_texts, match_text, remarks_of, template_text
from interlace.bootstrap.match_settings import MATCHING, matching_of
from interlace.bootstrap.own_rows import (
    OWN_FIELDS,
    EnteredRow,
    entered_row,
    own_row,
    stored_rows,
    with_own_rows,
)
from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.domain.coupling import row_names
from interlace.domain.integration_field_mapping import Direction, IntegrationFieldMapping
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.job_queue_entry import JobQueueEntryStatus
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.domain.synch_job import SynchJobType
from interlace.locale.translatable import translatable
from interlace.management.mapping_answers import (
    FieldRow,
    FilterCondition,
    MappingListed,
    MappingShown,
    OwnRow,
    SettingChange,
    Watermark,
)
from interlace.management.refusal import RefusalKind, Refused

YES, NO = translatable("Yes"), translatable("No")
_JOBS_LOOKED_AT = 100
_POLICIES = "field_conflict_resolution"
_DISABLED = "disabled_fields"


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingFigures:
    """How the mappings of a connection stand, by mapping."""

    coupled: Mapping[MappingName, int] = field(default_factory=dict)
    listed: Mapping[tuple[MappingName, bool], int] = field(default_factory=dict)
    finished: Mapping[MappingName, datetime] = field(default_factory=dict)
    running: frozenset[MappingName | None] = frozenset()


def figures_of(application: Application, connection: Connection) -> MappingFigures:
    """Count couplings and errors."""
    queries = application.state.queries
    entries = application.state.job_queue_entries.list(connection.id)
    return MappingFigures(
        coupled=queries.count_couplings(connection.id),
        listed=queries.count_errors(connection.id),
        finished=queries.last_finished(connection.id),
        running=frozenset(each.mapping for each in entries if each.status is JobQueueEntryStatus.IN_PROCESS),
    )


def stamp(changes: Changes, *, takes_part: bool) -> str:
    """Stand for settings, so that a change can tell whether others came between."""
    text = json.dumps([dict(changes), takes_part], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def require_unchanged(application: Application, held: Connection, name: MappingName, seen: str) -> None:
    """Refuse a change that was decided on other settings than are kept now; raises Refused."""
    changes = application.state.mapping_settings(held.id).get(name, {})
    if seen and seen != stamp(changes, takes_part=name in application.taking_part(held)):
        raise Refused(
            RefusalKind.CHANGED_MEANWHILE,
            translatable("The settings of {mapping} were changed meanwhile", mapping=name),
            why=translatable("Somebody else kept other settings after this page was shown."),
            next_step=translatable("Look at them again, then decide."),
        )


def listed(
    mapping: IntegrationTableMapping,
    changes: Changes,
    figures: MappingFigures,
    *,
    takes_part: bool,
    is_own: bool,
) -> MappingListed:
    """Return a mapping's header."""
    name = mapping.name
    return MappingListed(
        name=name,
        caption=mapping.caption,
        erp_table=mapping.erp_table,
        integration_table=mapping.integration_table,
        choice_column=mapping.choice_column or "",
        direction=mapping.direction.value,
        table_filter=filter_texts(mapping.table_filter),
        integration_table_filter=filter_texts(mapping.integration_table_filter),
        synch_only_coupled_records=mapping.synch_only_coupled_records,
        update_conflict_resolution=mapping.update_conflict_resolution.value,
        deletion_conflict_resolution=mapping.deletion_conflict_resolution.value,
        takes_part=takes_part,
        by_documents=mapping.run_by_saga,
        is_own=is_own,
        fields=len(mapping.fields),
        changed=tuple(changes),
        coupled=figures.coupled.get(name, 0),
        failed=figures.listed.get((name, False), 0),
        skipped=figures.listed.get((name, True), 0),
        is_running=name in figures.running,
        last_synchronized_at=figures.finished.get(name),
    )


def shown(
    header: MappingListed,
    default: IntegrationTableMapping,
    mappings: Mapping[MappingName, IntegrationTableMapping],
    changes: Changes,
    watermarks: tuple[Watermark, ...] = (),
) -> MappingShown:
    """Return a mapping with everything that its card shows."""
    mapping = mappings[default.name]
    return MappingShown(
        header=header,
        directions=tuple(each.value for each in Direction if _goes(default, changes, each)),
        default_table_filter=filter_texts(default.table_filter),
        default_integration_table_filter=filter_texts(default.integration_table_filter),
        own_table_filter=own_conditions(changes, Side.ERP),
        own_integration_table_filter=own_conditions(changes, Side.CRM),
        match_rules=tuple(match_text(each) for each in mapping.match_rules),
        table_config_template=tuple(template_text(each) for each in mapping.table_config_template),
        integration_table_config_template=tuple(
            template_text(each) for each in mapping.integration_table_config_template
        ),
        depends_on=mapping.depends_on,
        needed_by=tuple(each.name for each in mappings.values() if mapping.name in each.depends_on),
        leaving_filter_deletes=mapping.leaving_filter_deletes,
        fields=field_rows(default, mapping, changes),
        watermarks=watermarks,
        changes=differences(default, changes),
        seen=stamp(changes, takes_part=header.takes_part),
    )


def watermarks_of(
    application: Application, connection: Connection, mapping: IntegrationTableMapping
) -> tuple[Watermark, ...]:
    """Tell from where the next run reads each side, and when that was read last."""
    store = application.connection_store(connection)
    jobs = application.state.queries.synch_jobs(connection.id, mapping=mapping.name, limit=_JOBS_LOOKED_AT)
    found = []
    for direction in mapping.passes:
        side = Side.ERP if direction is Direction.TO_INTEGRATION_TABLE else Side.CRM
        last = next(
            (
                each
                for each in jobs
                if each.direction is direction
                and each.finished_at
                and each.type is SynchJobType.SYNCHRONIZATION
            ),
            None,
        )
        found.append(
            Watermark(
                side=side.value,
                position=store.cursor(mapping.name, side) or "",
                read_at=last.started_at if last is not None else None,
                job_id=last.id if last is not None else "",
            )
        )
    return tuple(found)


def _goes(default: IntegrationTableMapping, changes: Changes, direction: Direction) -> bool:
    try:
        with_changes(default, {**changes, "direction": direction.value})
    except MappingSettingProblem:
        return False
    return True


def own_conditions(changes: Changes, side: Side) -> tuple[FilterCondition, ...]:
    """Return the conditions that users added to the filter of one side."""
    stored = changes.get(FILTER_OF[side])
    if not isinstance(stored, list):
        return ()
    return tuple(
        FilterCondition(
            field=str(each["field"]), comparison=str(each["comparison"]), value=_value_text(each.get("value"))
        )
        for each in stored
        if isinstance(each, dict)
    )


def _value_text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def field_rows(
    default: IntegrationTableMapping, mapping: IntegrationTableMapping, changes: Changes
) -> tuple[FieldRow, ...]:
    """Return every field row, those that are disabled too, and those that users added."""
    present = {row.row_id: row for row in mapping.fields}
    every = with_own_rows(default, changes.get(OWN_FIELDS)).fields
    names = row_names([row.row_id for row in every])
    added = own_rows_of(changes)
    disabled = changes.get(_DISABLED)
    off = set(map(str, disabled)) if isinstance(disabled, list) else set()
    policies = changes.get(_POLICIES)
    answers = policies if isinstance(policies, dict) else {}
    rows = []
    for name, row in zip(names, every, strict=True):
        now, own = present.get(row.row_id, row), added.get(row.row_id)
        may_conflict = row.direction is Direction.BIDIRECTIONAL and not row.is_constant
        rows.append(
            FieldRow(
                row=name,
                erp_field=row.erp_field or "" if own is None else own.erp_field,
                crm_field=row.crm_field or "" if own is None else own.crm_field,
                direction=now.direction.value,
                remarks=tuple(remarks_of(now)) if own is None or not own.constant else _always(own, now),
                is_enabled=row.row_id not in off,
                may_be_disabled=row.row_id not in added and may_be_disabled(default, row),
                conflict_resolution=str(answers.get(name, "")),
                default_conflict_resolution=(
                    "" if row.conflict_resolution is None else row.conflict_resolution.value
                ),
                may_conflict=may_conflict,
                resolutions=_resolutions(row) if may_conflict else (),
                own=own,
            )
        )
    return tuple(rows)


def _always(own: OwnRow, now: IntegrationFieldMapping) -> tuple[str, ...]:
    """Say of a constant what it is, and not which field stands in for the missing one."""
    told = translatable("always {value}", value=own.constant)
    return (told, translatable("only for new records")) if now.insert_only else (told,)


def own_rows_of(changes: Changes) -> dict[str, OwnRow]:
    """Return the rows that users added, as they entered them, by their names."""
    return {own_row(each).row_id: shown_row(entered_row(each)) for each in stored_rows(changes)}


def shown_row(entered: EnteredRow) -> OwnRow:
    """Return a row as it is answered."""
    return OwnRow(
        erp_field=entered.erp_field,
        crm_field=entered.crm_field,
        direction=entered.direction,
        constant=entered.constant,
        transformation=entered.transformation,
        argument=entered.argument,
        only_new=entered.only_new,
    )


def _resolutions(row: IntegrationFieldMapping) -> tuple[str, ...]:
    return tuple(
        each.value for each in UpdateConflictResolution if row.is_plain or not each.makes_one_of_both
    )


def differences(default: IntegrationTableMapping, changes: Changes) -> tuple[SettingChange, ...]:
    """Tell what users changed: what holds now, and the default."""
    return tuple(
        each for name, value in changes.items() for each in _difference(default, changes, name, value)
    )


def _difference(
    default: IntegrationTableMapping, changes: Changes, name: str, value: object
) -> list[SettingChange]:
    if name == OWN_FIELDS:
        return [
            SettingChange(
                setting=name,
                subject=f"{each.erp_field or '–'} / {each.crm_field or '–'}",
                now=each.direction,
                default=translatable("Not mapped"),
            )
            for each in own_rows_of(changes).values()
        ]
    if name == MATCHING:
        return [
            SettingChange(
                setting=name,
                subject=f"{each.erp_field} / {each.crm_field}",
                now=str(each.priority),
                default=translatable("None"),
            )
            for each in matching_of(changes, default).criteria
        ]
    if name == _POLICIES and isinstance(value, dict):
        every = with_own_rows(default, changes.get(OWN_FIELDS)).fields
        own = dict(zip(row_names([row.row_id for row in every]), every, strict=True))
        return [
            SettingChange(
                setting=name,
                subject=_row_caption(own[row]) if row in own else row,
                now=str(policy),
                default=_default_policy(default, own.get(row)),
            )
            for row, policy in value.items()
        ]
    if name == _DISABLED and isinstance(value, list):
        by_id = {row.row_id: row for row in default.fields}
        return [
            SettingChange(
                setting=name,
                subject=_row_caption(by_id[str(each)]) if each in by_id else str(each),
                now=translatable("Disabled"),
                default=translatable("Enabled"),
            )
            for each in value
        ]
    if name in FILTER_OF.values():
        return [
            SettingChange(setting=name, now=condition_text(each), default="") for each in conditions_of(value)
        ]
    now = (YES if value else NO) if isinstance(value, bool) else str(value)
    return [SettingChange(setting=name, now=now, default=_default_text(default, name))]


def _row_caption(row: IntegrationFieldMapping) -> str:
    return f"{row.erp_field or '–'} / {row.crm_field or '–'}"


def _default_policy(default: IntegrationTableMapping, row: IntegrationFieldMapping | None) -> str:
    own = None if row is None else row.conflict_resolution
    return (own or default.update_conflict_resolution).value


def _default_text(default: IntegrationTableMapping, name: str) -> str:
    held = getattr(default, name, "")
    if isinstance(held, bool):
        return YES if held else NO
    return str(getattr(held, "value", held))
