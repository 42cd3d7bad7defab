"""Changes what users may change in a mapping: checked as a whole before anything is stored."""

from collections.abc import Mapping
from dataclasses import replace

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.mapping_conditions import FILTER_OF
from interlace.bootstrap.shared_tables import require_apart, with_part
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.lead_to_cash.mapping_names import SALESPEOPLE
from interlace.locale.translatable import translatable
from interlace.management.noted_changes import note_changes
from interlace.store.encoding import JsonValue

Changes = Mapping[str, JsonValue]
FILTERS = tuple(FILTER_OF.values())
_EMPTY: tuple[JsonValue, ...] = ({}, [], None)


def change_mapping(
    application: Application,
    connection: Connection,
    mapping: IntegrationTableMapping,
    changes: Changes,
    *,
    takes_part: bool | None = None,
) -> dict[str, JsonValue]:
    """Store changes over the earlier ones and return them all; None, or nothing in a list, takes one back.

    Raises MappingSettingProblem for one that makes no sense, SharedTableProblem for one that lets two mappings take the
    same record; `takes_part` is what is to be kept afterwards. What failed under the earlier settings is tried again
    by the next run. Which records come in by another filter tells no feed: a run over all records takes them up.
    """
    known, changed = check_change(application, connection, mapping, changes, takes_part=takes_part)
    store_settings(application, connection, {**known, mapping.name: changed}, [mapping.name])
    return changed


def check_change(
    application: Application,
    connection: Connection,
    mapping: IntegrationTableMapping,
    changes: Changes,
    *,
    takes_part: bool | None = None,
) -> tuple[dict[str, Changes], dict[str, JsonValue]]:
    """Raise the problems of `change_mapping`; nothing is stored.

    Returns the settings of all mappings as they are known, and what this one's would be.
    """
    known: dict[str, Changes] = dict(application.state.mapping_settings(connection.id))
    changed: dict[str, JsonValue] = {**known.get(mapping.name, {}), **changes}
    changed = {name: value for name, value in changed.items() if value not in _EMPTY}
    settings = {**known, mapping.name: changed}
    application.mappings_with(connection, settings)
    names = with_part(application, connection, mapping.name, takes_part=takes_part)
    require_apart(application, connection, settings, names, only=mapping.name)
    return known, changed


def reset_mapping(application: Application, connection: Connection, name: MappingName) -> list[str]:
    """Take back everything that was changed in a mapping; returns the settings' names."""
    known = application.state.mapping_settings(connection.id)
    settings = {**known, name: {}}
    require_apart(application, connection, settings, application.taking_part(connection), only=name)
    store_settings(application, connection, settings, [name])
    return list(known.get(name, {}))


def store_settings(
    application: Application,
    connection: Connection,
    settings: Mapping[str, Changes],
    names: list[MappingName],
) -> None:
    """Store the settings of mappings, all of them checked before the first one is stored."""
    application.mappings_with(connection, settings)
    known = application.state.mapping_settings(connection.id)
    for name in names:
        note_changes(name, known.get(name, {}), settings.get(name, {}))
        application.state.store_mapping_settings(connection.id, name, dict(settings.get(name, {})))


def changes_filter(
    application: Application, connection: Connection, name: MappingName, changes: Changes
) -> bool:
    """Tell whether changes touch a filter: then other records take part, which no feed of changes tells."""
    held = application.state.mapping_settings(connection.id).get(name, {})
    return any((held.get(each) or []) != (changes[each] or []) for each in FILTERS if each in changes)


def set_part(
    application: Application, connection: Connection, name: MappingName, *, takes_part: bool
) -> Connection:
    """Let a mapping take part in the connection or not; raises ConnectionProblem if that is not to be chosen.

    Such as a mapping that would take the records of another one: SharedTableProblem.
    """
    settings = connection.settings
    if name == SALESPEOPLE and settings.is_owned_by_team:
        raise ConnectionProblem(
            translatable(
                "Salespeople take no part while a team owns the records. Change the ownership first."
            )
        )
    if takes_part:
        names = with_part(application, connection, name, takes_part=True)
        known = application.state.mapping_settings(connection.id)
        require_apart(application, connection, known, names, only=name)
    left_out = tuple(each for each in settings.left_out if each != name)
    if not takes_part:
        left_out = (*left_out, name)
    if set(left_out) == set(settings.left_out):
        return connection
    order: list[str] = list(application.mappings(connection))
    kept = tuple(sorted(left_out, key=lambda each: order.index(each) if each in order else len(order)))
    return application.keep(replace(connection, settings=replace(settings, left_out=kept)))
