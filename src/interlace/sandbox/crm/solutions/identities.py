"""Types and ids of components: how solutions name what they hold."""

from __future__ import annotations

import uuid
from functools import lru_cache

from interlace.sandbox.crm.attribute_definitions import metadata_id
from interlace.sandbox.crm.customizations import CHOICE, COLUMN, KEY, RELATIONSHIP, TABLE, Entry

ENTITY, ATTRIBUTE, OPTION_SET, ENTITY_RELATIONSHIP, ENTITY_KEY, ROLE, WEB_RESOURCE = 1, 2, 9, 10, 14, 20, 61
_TYPES = {
    TABLE: ENTITY,
    COLUMN: ATTRIBUTE,
    KEY: ENTITY_KEY,
    RELATIONSHIP: ENTITY_RELATIONSHIP,
    CHOICE: OPTION_SET,
}
_NAMESPACE = uuid.UUID("a8e0c5b7-3c7d-5f5c-9c3e-2f1d0b9a8c76")
_PREFIXES = {TABLE: "", COLUMN: "", KEY: "key ", RELATIONSHIP: "relationship ", CHOICE: "choice "}

Component = tuple[int, str]
"""Type and object id."""


def component_of(entry: Entry) -> Component:
    """The component that an added thing is."""
    return _TYPES[entry.kind], metadata_id(f"{_PREFIXES[entry.kind]}{entry.name}")


def solution_id(unique_name: str) -> str:
    """The id of a solution: the same in every organization."""
    return str(uuid.uuid5(_NAMESPACE, f"solution {unique_name}"))


def publisher_id(unique_name: str) -> str:
    """The id of a publisher: the same in every organization."""
    return str(uuid.uuid5(_NAMESPACE, f"publisher {unique_name}"))


@lru_cache(maxsize=2_048)
def membership_id(solution: str, component: Component) -> str:
    """The id of the row that says that a component is part of a solution."""
    return str(uuid.uuid5(_NAMESPACE, f"{solution} {component[0]} {component[1]}"))
