"""Marker rows: a counter per mapping in a table of our own, by which a restored backup is noticed."""

from dataclasses import dataclass

from interlace.domain.values import Value
from interlace.engine.ports import Marker, Outcome, Precondition, Record, TableView, Write
from interlace.engine.service import Service, ServiceMismatch
from interlace.locale.translatable import translatable


class MappingLacks(ServiceMismatch):
    """A service lacks what one mapping needs; the others can run."""


class FieldMissing(MappingLacks):
    """A service shows a table without a field that is needed."""


class TableMissing(MappingLacks):
    """A service does not have a table at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkerTable:
    """Where a service keeps marker rows; the view reads the counter, then the full name where it is kept."""

    view: TableView
    key_characters_max: int = 36

    async def read(self, service: Service, name: str) -> Marker | None:
        """Read a mapping's marker row from the service whose table this is; None where the table is not there."""
        try:
            [record] = await service.read_keys(self.view, (self._key_of(name),))
        except TableMissing:
            return None
        return self._marker_in(record, name)

    async def advance(self, service: Service, name: str, value: int, tag: str | None) -> Outcome:
        """Create a marker row (no tag) or set it if it still carries the tag."""
        [result] = await service.write(self.view, (self._write_of(name, value, tag),))
        return result.outcome

    def _key_of(self, name: str) -> str:
        """Return the key of a mapping's row: the name, which is a UUID, or as much of it as a key holds."""
        if len(name) <= self.key_characters_max:
            return name
        return name.replace("-", "").upper()[: self.key_characters_max]

    def _marker_in(self, record: Record | None, name: str) -> Marker:
        """Make the marker of the row that was found, or of its absence."""
        if record is None:
            return Marker(value=0, tag=None)
        value, *names = record.values()
        if any(each != name for each in names):
            message = translatable(
                "The marker row {row} belongs to {names}, not to {name}. Delete it and try again.",
                row=record.key,
                names=str(names),
                name=name,
            )
            raise ServiceMismatch(message)
        if not isinstance(value, int):
            message = translatable(
                "The marker row {row} holds no number. Delete it and synchronize again.", row=record.key
            )
            raise ServiceMismatch(message)
        return Marker(value=value, tag=record.tag)

    def _write_of(self, name: str, value: int, tag: str | None) -> Write:
        """Make the write that creates the row, or sets it if it still carries the tag."""
        counter, *names = self.view.fields
        key = self._key_of(name)
        if tag is not None:
            return Write(key=key, precondition=Precondition.UNCHANGED, values={counter: value}, tag=tag)
        values: dict[str, Value] = {counter: value, **dict.fromkeys(names, name)}
        return Write(key=key, precondition=Precondition.ABSENT, values=values)
