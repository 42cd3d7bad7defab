"""What the integration solution consists of, as its source files declare it."""

import enum
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

_NAMESPACE = uuid.UUID("c1e7d0f4-6f0a-5b8e-9a55-2f1f0f6f5d10")


class ColumnType(enum.Enum):
    """What a column holds; the value is the word of the source files."""

    TEXT = "text"
    BIG_INTEGER = "big_integer"
    MONEY = "money"
    DATETIME = "datetime"
    DATE = "date"
    LOOKUP = "lookup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column that the solution adds; a lookup also names the relationship that it belongs to."""

    name: str
    type: ColumnType
    display_name: str
    max_length: int = 0
    format: str = "text"
    target: str = ""
    relationship: str = ""
    on_target_delete: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An alternate key: columns that together name one record."""

    name: str
    display_name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button on the form of a table: what it says, and the function that it calls with the form."""

    name: str
    label: str
    tooltip: str
    script: str
    function: str
    icon: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of the solution, or one of the CRM's own that it extends."""

    schema_name: str
    display_name: str
    columns: tuple[Column, ...]
    keys: tuple[Key, ...] = ()
    buttons: tuple[Button, ...] = ()
    is_new: bool = False
    set_name: str = ""
    collection_name: str = ""
    description: str = ""
    primary_name: str = ""
    change_tracking: bool = False

    @property
    def name(self) -> str:
        """The logical name."""
        return self.schema_name.lower()

    @property
    def has_money(self) -> bool:
        """Whether its amounts need a currency."""
        return any(column.type is ColumnType.MONEY for column in self.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A security role with its privileges, all of them organization-wide."""

    name: str
    description: str
    privileges: tuple[str, ...]

    @property
    def id(self) -> str:
        """The same id in every organization."""
        return stable_id(f"role {self.name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebResource:
    """A page, script or style sheet that the CRM serves."""

    name: str
    display_name: str
    content: bytes

    @property
    def id(self) -> str:
        """The same id in every organization."""
        return stable_id(f"web resource {self.name}")

    @property
    def entry(self) -> str:
        """The file in the package: the name without dots and slashes, and the id."""
        plain = self.name.replace(".", "").replace("/", "")
        return f"WebResources/{plain}{self.id.upper()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Who stands behind the solution, and the prefix of everything in it."""

    unique_name: str
    friendly_name: str
    description: str
    prefix: str
    option_value_prefix: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """The whole solution."""

    unique_name: str
    friendly_name: str
    description: str
    version: str
    language: int
    publisher: Publisher
    tables: tuple[Table, ...]
    roles: tuple[Role, ...]
    web_resources: tuple[WebResource, ...]
    existing_names: Mapping[str, str] = field(default_factory=dict)
    """Schema names of the CRM's own tables by logical name."""


def stable_id(name: str) -> str:
    """An id that a component keeps through every build."""
    return str(uuid.uuid5(_NAMESPACE, name))
