"""Reads the solution's source files: `sources/solution.toml`, its tables, roles and web resources."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from interlace.solution.model import (
    Button,
    Column,
    ColumnType,
    Key,
    Publisher,
    Role,
    Solution,
    Table,
    WebResource,
)

_WEB_RESOURCE_ENDINGS = (".html", ".js", ".css", ".svg")

Declaration = Mapping[str, Any]


@cache
def read_sources() -> Solution:
    """Read the source files that ship with the package."""
    folder = resources.files(__package__) / "sources"
    head = tomllib.loads((folder / "solution.toml").read_text("utf-8"))
    web_resources = tuple(_web_resources(folder / "web_resources", head.get("web_resources", {})))
    return Solution(
        unique_name=head["unique_name"],
        friendly_name=head["friendly_name"],
        description=head["description"],
        version=head["version"],
        language=head["language"],
        publisher=Publisher(**head["publisher"]),
        tables=(*_existing_tables(head), *_new_tables(folder / "tables", head)),
        roles=tuple(_role(each) for each in _declarations(folder / "roles")),
        web_resources=web_resources,
        existing_names={name: each["schema_name"] for name, each in head["existing_tables"].items()},
    )


def _declarations(folder: Traversable) -> Iterator[Declaration]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".toml"):
            yield tomllib.loads(entry.read_text("utf-8"))


def _existing_tables(head: Declaration) -> Iterator[Table]:
    for name, declared in head["existing_tables"].items():
        yield Table(
            schema_name=declared["schema_name"],
            display_name=declared["display_name"],
            columns=(*_columns(declared.get("columns", {})), *_reference_columns(head, name)),
            keys=tuple(_keys(head, name)),
            buttons=tuple(Button(**each) for each in declared.get("buttons", ())),
        )


def _new_tables(folder: Traversable, head: Declaration) -> Iterator[Table]:
    for declared in _declarations(folder):
        name = declared["schema_name"].lower()
        facts = {key: value for key, value in declared.items() if key != "columns"}
        yield Table(
            **facts,
            columns=(*_columns(declared["columns"]), *_reference_columns(head, name)),
            keys=tuple(_keys(head, name)),
            is_new=True,
        )


def _columns(declared: Declaration) -> Iterator[Column]:
    for name, facts in declared.items():
        kind = ColumnType(facts["type"])
        rest = {key: value for key, value in facts.items() if key != "type"}
        yield Column(name=name, type=kind, **rest)


def _reference_columns(head: Declaration, table: str) -> Iterator[Column]:
    if table in head["erp_record"]["tables"]:
        yield from _columns(head["erp_record"]["columns"])


def _keys(head: Declaration, table: str) -> Iterator[Key]:
    declared = head["erp_record"]
    if table in declared["tables"]:
        columns = tuple(declared["columns"])
        yield Key(name=declared["key"], display_name=declared["key_display_name"], columns=columns)


def _role(declared: Declaration) -> Role:
    names = [f"prv{verb}{table}" for table, verbs in declared["privileges"].items() for verb in verbs]
    names += declared.get("other", {}).get("privileges", ())
    return Role(name=declared["name"], description=declared["description"], privileges=tuple(sorted(names)))


def _web_resources(folder: Traversable, captions: Mapping[str, str]) -> Iterator[WebResource]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(_WEB_RESOURCE_ENDINGS):
            caption = captions.get(entry.name, entry.name)
            yield WebResource(name=entry.name, display_name=caption, content=entry.read_bytes())
