"""What users changed in all mappings as one text: to keep it, to look at it, to carry it to another connection."""

import json
from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.change_mapping import Changes, set_part, store_settings
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.own_mapping_keeping import require_free, with_own_mapping
from interlace.bootstrap.own_mappings import OwnMapping, own_mapping_called
from interlace.bootstrap.shared_tables import require_apart
from interlace.domain.keys import MappingName
from interlace.locale.translatable import translatable

_FORMAT = "interlace mapping settings 1"


def exported(application: Application, connection: Connection) -> str:
    """Return the settings of all mappings, and which take no part, as JSON."""
    known = application.state.mapping_settings(connection.id)
    held: dict[str, object] = {
        "format": _FORMAT,
        "left_out": sorted(connection.settings.left_out),
        "mappings": {name: known[name] for name in sorted(known) if known[name]},
    }
    if connection.settings.own_mappings:
        held["own_mappings"] = [dict(each) for each in connection.settings.own_mappings]
    return json.dumps(held, indent=2, ensure_ascii=False) + "\n"


def import_text(
    application: Application, connection: Connection, text: str, *, only_compare: bool = False
) -> list[str]:
    """Replace the settings of all mappings by those of a text, and return what differs.

    Mappings that users added are added here, too; those that the text does not name stay. Raises ConnectionProblem for
    a text that is none, or that holds a change that makes no sense: nothing is stored.
    """
    left_out, wanted, own = _read(text)
    parts_before = set(connection.settings.left_out)
    connection, added = _with_own(application, connection, own)
    names = list(application.mappings(connection))
    unknown = [name for name in (*wanted, *left_out) if name not in names]
    if unknown:
        raise ConnectionProblem(
            translatable("There is no mapping {name}, which the settings name.", name=unknown[0])
        )
    known = application.state.mapping_settings(connection.id)
    require_apart(application, connection, wanted, {*names} - {*left_out})
    changed = [name for name in names if dict(known.get(name, {})) != dict(wanted.get(name, {}))]
    parts = [name for name in names if (name in left_out) != (name in parts_before)]
    if not only_compare:
        if added:
            connection = application.keep(connection)
        store_settings(application, connection, wanted, changed)
        for name in parts:
            connection = set_part(application, connection, name, takes_part=name not in left_out)
    return [
        *(translatable("{mapping} is added", mapping=name) for name in added),
        *(_difference(name, known.get(name, {}), wanted.get(name, {})) for name in changed),
        *(_part(name, takes_part=name not in left_out) for name in parts),
    ]


def _with_own(
    application: Application, connection: Connection, wanted: Sequence[OwnMapping]
) -> tuple[Connection, list[str]]:
    """Return the connection with the mappings that it doesn't have yet, and their names; nothing is stored."""
    added = []
    for own in wanted:
        held = own_mapping_called(connection.settings, own.name)
        if held is None:
            require_free(application, connection, own)
            connection = with_own_mapping(connection, own)
            added.append(own.name)
        elif replace(held, only_coupled=own.only_coupled, erp_name=own.erp_name) != own:
            raise ConnectionProblem(
                translatable(
                    "{mapping} joins other tables here. Delete it, or take it out of the text.",
                    mapping=own.name,
                )
            )
    return connection, added


def _read(text: str) -> tuple[list[str], Mapping[str, Changes], list[OwnMapping]]:
    try:
        held = json.loads(text)
    except ValueError as problem:
        raise _no_settings(str(problem)) from problem
    if not isinstance(held, dict) or held.get("format") != _FORMAT:
        raise _no_settings(f"format: {_FORMAT}")
    left_out, mappings = held.get("left_out", []), held.get("mappings", {})
    if not isinstance(left_out, list) or not isinstance(mappings, dict):
        raise _no_settings("left_out, mappings")
    if not all(isinstance(each, dict) for each in mappings.values()):
        raise _no_settings("mappings")
    try:
        own = [OwnMapping.load(each) for each in held.get("own_mappings", [])]
    except (msgspec.ValidationError, TypeError) as problem:
        raise _no_settings(f"own_mappings: {problem}") from problem
    return [str(each) for each in left_out], mappings, own


def _no_settings(detail: str) -> ConnectionProblem:
    return ConnectionProblem(
        translatable(
            "The text holds no mapping settings ({detail}). `interlace mappings export` writes such a text.",
            detail=detail,
        )
    )


def _difference(name: str, before: Changes, after: Changes) -> str:
    settings = ", ".join(
        setting for setting in sorted({*before, *after}) if before.get(setting) != after.get(setting)
    )
    if not after:
        return translatable("{mapping}: back to the default ({settings})", mapping=name, settings=settings)
    return translatable("{mapping}: {settings}", mapping=name, settings=settings)


def _part(name: MappingName, *, takes_part: bool) -> str:
    if takes_part:
        return translatable("{mapping} takes part", mapping=name)
    return translatable("{mapping} takes no part", mapping=name)
