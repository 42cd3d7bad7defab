"""Reads what a person writes about the settings of a mapping: SETTING=VALUE."""

import asyncio
from collections.abc import Mapping, Sequence

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.entered_conditions import read_conditions
from interlace.bootstrap.mapping_conditions import (
    FILTER_OF,
    ConditionProblem,
    EnteredCondition,
    read_condition,
)
from interlace.bootstrap.mapping_settings import may_be_disabled
from interlace.bootstrap.own_rows import OWN_FIELDS, with_own_rows
from interlace.cli.conflict_policies import FIELD_PREFIX, field_policies
from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import (
    DeletionConflictResolution,
    IntegrationTableMapping,
)
from interlace.domain.side import Side
from interlace.locale.translatable import text_of, translatable
from interlace.store.encoding import JsonValue

ENABLED_PREFIX = "enabled."
TAKES_PART = "takes_part"
YES_OR_NO = ("yes", "no")
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "direction": tuple(each.value for each in Direction),
    "synch_only_coupled_records": YES_OR_NO,
    "update_conflict_resolution": tuple(
        each.value for each in UpdateConflictResolution if not each.makes_one_of_both
    ),
    "deletion_conflict_resolution": tuple(each.value for each in DeletionConflictResolution),
    TAKES_PART: YES_OR_NO,
}
_SIDES = {name: side for side, name in FILTER_OF.items()}
_BETWEEN = ";"


def read_settings(
    application: Application,
    held: Connection,
    default: IntegrationTableMapping,
    texts: Sequence[str],
) -> dict[str, JsonValue]:
    """Read every SETTING=VALUE; raises ConnectionProblem naming what would be possible."""
    known = application.state.mapping_settings(held.id).get(default.name, {})
    policies = [text for text in texts if text.casefold().startswith(FIELD_PREFIX)]
    rows = [text for text in texts if text.casefold().startswith(ENABLED_PREFIX)]
    changes: dict[str, JsonValue] = {}
    for text in texts:
        if text in policies or text in rows:
            continue
        name, sign, value = text.partition("=")
        setting = name.strip().lower()
        if sign and setting in _SIDES:
            changes[setting] = _filter(application, held, default, _SIDES[setting], value)
        else:
            setting, changed = _chosen(setting, value.strip(), text, is_setting=bool(sign))
            changes[setting] = changed
    changes |= field_policies(with_own_rows(default, known.get(OWN_FIELDS)), known, policies)
    if rows:
        changes["disabled_fields"] = _disabled(default, known, rows)
    return changes


def _chosen(name: str, value: str, text: str, *, is_setting: bool) -> tuple[str, JsonValue]:
    if not is_setting or name not in _CHOICES:
        raise ConnectionProblem(
            translatable(
                "{text} is no setting of a mapping. Write SETTING=VALUE; settings: {settings}.",
                text=repr(text),
                settings=", ".join((*_CHOICES, *_SIDES, f"{FIELD_PREFIX}FIELD", f"{ENABLED_PREFIX}FIELD")),
            )
        )
    for choice in _CHOICES[name]:
        if choice.casefold() == value.casefold():
            return name, choice == "yes" if choice in YES_OR_NO else choice
    raise ConnectionProblem(
        translatable(
            "{setting} can't be {value}. Possible: {possible}.",
            setting=name,
            value=repr(value),
            possible=", ".join(_CHOICES[name]),
        )
    )


def entered(text: str) -> list[EnteredCondition]:
    """Read conditions with semicolons between them; raises ConnectionProblem."""
    try:
        return [read_condition(each) for each in text.split(_BETWEEN) if each.strip()]
    except ValueError as problem:
        raise ConnectionProblem(text_of(problem)) from problem


def checked(
    application: Application,
    held: Connection,
    mapping: IntegrationTableMapping,
    side: Side,
    conditions: Sequence[EnteredCondition],
) -> list[JsonValue]:
    """Return conditions as they are stored, checked against the fields of the service's table."""

    async def ask() -> list[JsonValue]:
        """Ask both ends."""
        async with application.ends(held) as ends:
            return await read_conditions(ends, mapping, side, conditions)

    try:
        return asyncio.run(ask()) if conditions else []
    except ConditionProblem as problem:
        raise ConnectionProblem(text_of(problem)) from problem


def _filter(
    application: Application, held: Connection, mapping: IntegrationTableMapping, side: Side, text: str
) -> list[JsonValue]:
    return checked(application, held, mapping, side, entered(text))


def _disabled(
    default: IntegrationTableMapping, known: Mapping[str, JsonValue], texts: Sequence[str]
) -> list[JsonValue]:
    held = known.get("disabled_fields")
    off = {str(each) for each in held} if isinstance(held, list) else set()
    possible = {row.erp_field or "": row.row_id for row in default.fields if may_be_disabled(default, row)}
    by_name = {name.casefold(): row for name, row in possible.items()}
    for text in texts:
        name, _, value = text[len(ENABLED_PREFIX) :].partition("=")
        row = by_name.get(name.strip().casefold())
        if row is None or value.strip().casefold() not in YES_OR_NO:
            raise ConnectionProblem(
                translatable(
                    "{text} can't be done. Write enabled.FIELD=no or enabled.FIELD=yes with one of these fields: "
                    "{fields}.",
                    text=repr(text),
                    fields=", ".join(possible) or translatable("none"),
                )
            )
        off = off - {row} if value.strip().casefold() == "yes" else off | {row}
    return [row.row_id for row in default.fields if row.row_id in off]
