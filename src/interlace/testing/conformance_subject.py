"""What the conformance suite works on: a service, one of its tables, and what differs from service to service."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from interlace.domain.values import Value
from interlace.engine.ports import Outcome, Precondition, Record, TableView, Write, WriteResult
from interlace.engine.service import Service


@dataclass(kw_only=True)
class ConformanceSubject:
    """A service under test and what its tables are called."""

    service: Service
    view: TableView
    key_of: Callable[[int], str]
    """Makes the key of a new record: different numbers, different keys."""
    text_field: str
    number_field: str | None = None
    required: Mapping[str, Value] = field(default_factory=dict)
    """Fields that a create must name."""
    refused: Mapping[str, Value] | None = None
    """Values that the service refuses for good."""
    tricky_keys: tuple[str, ...] = ()
    """Keys with quotes, ampersands and letters outside ASCII, where the service lets us choose them."""
    next_number: int = 1

    def new_key(self) -> str:
        """Return a key that no record has."""
        self.next_number += 1
        return self.key_of(self.next_number)

    def creation(self, key: str, **values: Value) -> Write:
        """Return the write that creates a record."""
        return Write(key=key, precondition=Precondition.ABSENT, values={**self.required, **values})

    def marked_creation(self, mark: str) -> Write:
        """Return the write that creates a record under a key of the service's choosing."""
        values = {**self.required, self.text_field: "Marked"}
        return Write(key=mark, precondition=Precondition.MARKED, values=values)

    async def create(self, **values: Value) -> str:
        """Create a record and return its key."""
        key = self.new_key()
        [result] = await self.service.write(self.view, (self.creation(key, **values),))
        assert result.outcome is Outcome.DONE, result
        return key

    async def read(self, key: str) -> Record:
        """Read a record that is there."""
        [record] = await self.service.read_keys(self.view, (key,))
        assert record is not None, key
        return record

    async def value(self, key: str, field_name: str) -> Value:
        """Read one field of a record."""
        return (await self.read(key)).values()[self.view.fields.index(field_name)]

    async def update(self, key: str, tag: str | None, **values: Value) -> WriteResult:
        """Update a record under a precondition."""
        write = Write(key=key, precondition=Precondition.UNCHANGED, values=dict(values), tag=tag)
        [result] = await self.service.write(self.view, (write,))
        return result

    async def listing(self) -> dict[str, Record]:
        """Read the whole table page by page; a key that comes twice fails."""
        found: dict[str, Record] = {}
        after: str | None = None
        while True:
            page = await self.service.read_page(self.view, after)
            for record in page.records:
                assert record.key not in found, f"{record.key} was listed twice"
                found[record.key] = record
            after = page.next
            if after is None:
                return found
