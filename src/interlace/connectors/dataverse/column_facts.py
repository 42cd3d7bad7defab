"""What the CRM tells of the columns of a table beyond their types: captions, lengths, choices, who may write them."""

from collections.abc import Mapping

import msgspec

from interlace.connectors.collection import CollectionReader
from interlace.connectors.dataverse.tables import CrmTable
from interlace.connectors.query import address
from interlace.domain.table_field import FieldChoice, TableField

_CAST = "Microsoft.Dynamics.CRM"
_TEXTS = ("StringAttributeMetadata", "MemoAttributeMetadata")
_CHOICES = "PicklistAttributeMetadata"
_BY_MESSAGES = frozenset({"statecode", "statuscode", "ownerid"})
"""Written along with everything that hangs on them, by mappings that know of it."""


class _LocalizedLabel(msgspec.Struct):
    Label: str | None = None


class _Label(msgspec.Struct):
    UserLocalizedLabel: _LocalizedLabel | None = None

    @property
    def text(self) -> str:
        """The label in our user's language."""
        return (self.UserLocalizedLabel.Label or "") if self.UserLocalizedLabel is not None else ""


class _Option(msgspec.Struct):
    Value: int
    Label: _Label = msgspec.field(default_factory=_Label)


class _OptionSet(msgspec.Struct):
    Options: list[_Option] = []


class _Attribute(msgspec.Struct):
    LogicalName: str
    DisplayName: _Label = msgspec.field(default_factory=_Label)
    IsValidForCreate: bool = True
    IsValidForUpdate: bool = True
    MaxLength: int | None = None
    OptionSet: _OptionSet | None = None
    GlobalOptionSet: _OptionSet | None = None

    @property
    def choices(self) -> tuple[FieldChoice, ...]:
        """The column's own choices, or those that it shares with other columns."""
        held = self.OptionSet or self.GlobalOptionSet or _OptionSet()
        return tuple(FieldChoice(value=each.Value, label=each.Label.text) for each in held.Options)


class _Attributes(msgspec.Struct):
    value: list[_Attribute]


async def read_column_facts(reader: CollectionReader, root: str, table: CrmTable) -> dict[str, TableField]:
    """Return every column of a table that records are read by."""
    place = f"{root}EntityDefinitions(LogicalName='{table.name}')/Attributes"
    told = await _attributes(reader, place, "LogicalName,DisplayName,IsValidForCreate,IsValidForUpdate")
    lengths: dict[str, int] = {}
    for each in _TEXTS:
        found = await _attributes(reader, f"{place}/{_CAST}.{each}", "LogicalName,MaxLength")
        lengths |= {name: held.MaxLength or 0 for name, held in found.items()}
    choices = await _attributes(
        reader, f"{place}/{_CAST}.{_CHOICES}", "LogicalName", expand="OptionSet,GlobalOptionSet"
    )
    return {
        name: TableField(
            name=name,
            kind="lookup" if table.is_lookup(name) else column.kind.value,
            caption="" if name not in told else told[name].DisplayName.text,
            length=lengths.get(name, 0),
            targets=tuple(target for owner, target in table.lookups if owner == name),
            is_read_only=_is_read_only(table, name, told),
            is_key=name == table.key,
            choices=() if name not in choices else choices[name].choices,
        )
        for name, column in table.columns.items()
    }


def _is_read_only(table: CrmTable, name: str, told: Mapping[str, _Attribute]) -> bool:
    if name == table.key or name in _BY_MESSAGES:
        return True
    held = told.get(name)
    # What is no column of the table itself, such as the name behind a lookup, can't be written.
    return held is None or not (held.IsValidForCreate and held.IsValidForUpdate)


async def _attributes(
    reader: CollectionReader, url: str, select: str, *, expand: str = ""
) -> dict[str, _Attribute]:
    options = {"$select": select, **({"$expand": expand} if expand else {})}
    found = await reader.document(address(url, options), _Attributes)
    return {each.LogicalName: each for each in found.value}
