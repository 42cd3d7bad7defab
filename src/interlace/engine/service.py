"""What a runner asks of one service, and the ways in which asking can fail as a whole.

A single record's failure is a WriteResult; these exceptions are for answers that concern no record.
They are grouped by what happens next.
"""

from collections.abc import Mapping
from typing import Protocol

from interlace.domain.values import Value
from interlace.engine.ports import (
    Capabilities,
    Changes,
    Deletion,
    LastChange,
    Marker,
    Outcome,
    Page,
    Record,
    TableView,
    Write,
    WriteResult,
)


class Service(Protocol):
    """One end of a connection; each method carries out the Call of the same name."""

    async def read_page(self, view: TableView, after: str | None) -> Page:
        """Read one page; `after` is the `next` of the page before it."""
        ...

    async def read_keys(self, view: TableView, keys: tuple[str, ...]) -> list[Record | None]:
        """Read records by key, now, in the order of the keys."""
        ...

    async def find_records(
        self, view: TableView, field: str, values: tuple[str, ...], *, exact: bool = False
    ) -> list[Record]:
        """Find the records whose field equals one of the values; letter case may only count when they are `exact`."""
        ...

    async def read_changes(self, view: TableView, cursor: str | None) -> Changes:
        """Say what may differ since the cursor."""
        ...

    async def write(self, view: TableView, writes: tuple[Write, ...]) -> list[WriteResult]:
        """Carry out writes; one result each, in their order."""
        ...

    async def delete(self, view: TableView, deletions: tuple[Deletion, ...]) -> list[WriteResult]:
        """Carry out deletions; one result each, in their order."""
        ...

    async def create_document(
        self, view: TableView, mark: str, values: Mapping[str, Value], lines: tuple[Mapping[str, Value], ...]
    ) -> WriteResult:
        """Create a document with its lines, all or nothing; raises ServiceMismatch where no document can be made."""
        ...

    async def perform(
        self, view: TableView, key: str, tag: str | None, message: str, parameters: Mapping[str, Value]
    ) -> WriteResult:
        """Carry out a message on a record; raises ServiceMismatch for a message that the service does not have."""
        ...

    async def capabilities(self, view: TableView) -> Capabilities:
        """Say what a table can do."""
        ...

    async def read_marker(self, name: str) -> Marker | None:
        """Read a mapping's marker row (value 0: not there); None where the service has no table for markers."""
        ...

    async def advance_marker(self, name: str, value: int, tag: str | None) -> Outcome:
        """Create a marker row (no tag) or set it if it still carries the tag."""
        ...

    async def read_last_change(self, view: TableView, key: str) -> LastChange:
        """Say who changed a record last, and when, as far as the service tells."""
        ...


class ServiceFailure(Exception):
    """A service could not answer a request that concerns no single record."""


class ServiceUnavailable(ServiceFailure):
    """The service does not answer now; try again later."""

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class ErpFrozen(ServiceUnavailable):
    """Nothing may be written to the ERP until a freeze window ends; the request was not sent."""


class SignInRefused(ServiceFailure):
    """The service does not accept our sign-in, or denies it the table: a person must see to it."""


class ServiceMismatch(ServiceFailure):
    """The service answers, but not as a mapping needs it: unknown table or column, broken protocol."""
