"""Turns the values of a write into the JSON that the Web API takes: lookups are bound, blanks are null."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from interlace.connectors.dataverse.tables import CrmTable
from interlace.connectors.odata_table import ColumnKind
from interlace.connectors.wire_body import ValueNotWritable
from interlace.domain.values import Value
from interlace.engine.ports import TableView
from interlace.locale.translatable import translatable


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """How one column of a write is named and spelled on the wire."""

    name: str
    opening: str | None
    """What stands before the key of a bound record; None for a plain column."""
    is_whole: bool


class WireRecords:
    """Makes the bodies of writes to one table through one view; each column is looked up once."""

    def __init__(self, table: CrmTable, view: TableView) -> None:
        self.table = table
        self._targets = dict(view.lookup_targets)
        self._places: dict[str, _Place] = {}

    def body(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Return the body of a write; raises ValueNotWritable for a reference that can't be bound."""
        body: dict[str, Value] = {}
        places = self._places
        for name, value in values.items():
            place = places.get(name) or self._learn(name)
            if value is None or value == "":
                body[place.name] = None
            elif place.opening is not None:
                body[place.name] = f"{place.opening}{value})"
            elif place.is_whole and isinstance(value, Decimal) and value == value.to_integral_value():
                body[place.name] = int(value)
            else:
                body[place.name] = value
        return body

    def _learn(self, name: str) -> _Place:
        table, target = self.table, self._targets.get(name)
        if not table.is_lookup(name):
            is_whole = table.column(name).kind is ColumnKind.WHOLE
            place = _Place(name=name, opening=None, is_whole=is_whole)
        else:
            lookup = table.lookup(name, target)
            if lookup is None:
                raise ValueNotWritable(
                    name,
                    translatable(
                        "is no writable lookup of {table} to {target}", table=table.name, target=target
                    )
                    if target
                    else translatable(
                        "is no writable lookup of {table}: name its target table in the mapping",
                        table=table.name,
                    ),
                )
            navigation = f"{lookup.navigation}@odata.bind"
            place = _Place(name=navigation, opening=f"/{lookup.set_name}(", is_whole=False)
        self._places[name] = place
        return place
