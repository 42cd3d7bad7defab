"""How a table of the embedded ERP is declared: fields with type, length, relation and rights, in a short
notation.

One line a field: `Salesperson_Code c20 -> Salesperson_Purchaser`. Types: `c20` code (upper-cased, trimmed),
`s100` text, `dec`, `int`, `bool`, `date`, `datetime`, `guid`, `opt:NAME`. Flags after it: `-> Table` relation to
the one key field of another table, `flow` computed on read, `ro` maintained by the ERP alone, `need` not blank,
`idx` mirrored in an indexed column, `mir` mirrored without index, `sum` an amount mirrored so that SQL can add it
up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cached_property

from interlace.sandbox.erp.option_members import OPTION_MEMBERS

BLANK_GUID = "00000000-0000-0000-0000-000000000000"
BLANK_DATE = "0001-01-01"
BLANK_DATETIME = "0001-01-01T00:00:00Z"

Value = str | int | bool | Decimal


class FieldType(Enum):
    """What a field of a table holds."""

    CODE = "code"
    TEXT = "text"
    DECIMAL = "dec"
    INTEGER = "int"
    BOOLEAN = "bool"
    DATE = "date"
    DATETIME = "datetime"
    GUID = "guid"
    OPTION = "opt"


_BLANKS: Mapping[FieldType, Value] = {
    FieldType.CODE: "",
    FieldType.TEXT: "",
    FieldType.DECIMAL: Decimal(0),
    FieldType.INTEGER: 0,
    FieldType.BOOLEAN: False,
    FieldType.DATE: BLANK_DATE,
    FieldType.DATETIME: BLANK_DATETIME,
    FieldType.GUID: BLANK_GUID,
}


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a table."""

    name: str
    type: FieldType
    length: int = 0
    option: str = ""
    relation: str = ""
    flow: bool = False
    read_only: bool = False
    needed: bool = False
    indexed: bool = False
    mirrored: bool = False
    summed: bool = False

    @cached_property
    def blank(self) -> Value:
        """The value of a field that nobody has filled."""
        if self.type is FieldType.OPTION:
            return OPTION_MEMBERS[self.option][0]
        return _BLANKS[self.type]

    @property
    def caption(self) -> str:
        """The field's name as messages to people spell it."""
        return self.name.replace("_", " ")


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table: its fields in page order, the key, and which number series fills a blank key.

    `covering` names groups of fields that are summed or looked up together: an index answers for them.
    """

    name: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    number_series: str = ""
    covering: tuple[tuple[str, ...], ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """The fields by their name."""
        return {field.name: field for field in self.fields}

    @cached_property
    def stored_fields(self) -> tuple[Field, ...]:
        """The fields that are kept with the record; the others are computed when it is read."""
        return tuple(field for field in self.fields if not field.flow)

    @cached_property
    def flow_fields(self) -> tuple[Field, ...]:
        """The fields that are computed when the record is read."""
        return tuple(field for field in self.fields if field.flow)

    @cached_property
    def relations(self) -> tuple[Field, ...]:
        """The fields whose value must be the key of a record in another table."""
        return tuple(field for field in self.fields if field.relation)

    @property
    def caption(self) -> str:
        """The table's name as messages to people spell it."""
        return self.name.replace("_", " ")


def _parse_field(line: str) -> Field:
    declaration, _, relation = line.partition("->")
    name, kind, *flags = declaration.split()
    option = ""
    length = 0
    if kind[0] in "cs" and kind[1:].isdigit():
        field_type = FieldType.CODE if kind[0] == "c" else FieldType.TEXT
        length = int(kind[1:])
    elif kind.startswith("opt:"):
        field_type, option = FieldType.OPTION, kind[4:]
    else:
        field_type = FieldType(kind)
    unknown = set(flags) - {"flow", "ro", "need", "idx", "mir", "sum"}
    if unknown:
        message = f"unknown flags {sorted(unknown)} in the declaration {line!r}"
        raise ValueError(message)
    return Field(
        name=name,
        type=field_type,
        length=length,
        option=option,
        relation=relation.strip(),
        flow="flow" in flags,
        read_only="ro" in flags or "flow" in flags,
        needed="need" in flags,
        indexed="idx" in flags,
        mirrored=bool({"idx", "mir", "sum"} & set(flags)),
        summed="sum" in flags,
    )


def declare_table(
    name: str,
    key: str,
    fields: str,
    *,
    number_series: str = "",
    covering: tuple[tuple[str, ...], ...] = (),
) -> Table:
    """Return the table that a block of field lines declares; key names its key fields (commas between)."""
    parsed = tuple(_parse_field(line) for line in fields.strip().splitlines() if line.strip())
    keys = tuple(part.strip() for part in key.split(","))
    missing = set(keys) - {field.name for field in parsed}
    if missing:
        text = f"table {name}: key fields {sorted(missing)} are not declared"
        raise ValueError(text)
    return Table(name=name, key=keys, fields=parsed, number_series=number_series, covering=covering)
