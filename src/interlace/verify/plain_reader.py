"""What the judge needs of the two services: rows of a set, read now, over nothing but the public protocol."""

from collections.abc import AsyncIterator, Mapping
from enum import Enum
from typing import Protocol, TypeAlias

Row: TypeAlias = Mapping[str, object]
"""A record as the service sent it: properties by wire name, fractions as Decimal."""


class End(Enum):
    """One of the two services, as the judge names them."""

    ERP = "ERP"
    CRM = "CRM"


class PlainReader(Protocol):
    """Reads whole sets by plain GET requests with paging: no filter, no cache, no coupling."""

    def rows(self, end: End, set_name: str, select: tuple[str, ...]) -> AsyncIterator[Row]:
        """Yield every row of a page service (ERP) or an entity set (CRM), with at least these properties."""
        ...

    async def choices(self, table: str, column: str) -> Mapping[int, str]:
        """Return the labels of a CRM column's choices by number."""
        ...
