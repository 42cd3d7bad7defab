"""The judge's memory grows by less than 300 bytes a record."""

import tracemalloc
from collections.abc import AsyncIterator, Mapping

from tests.verify.small_company import FACTS, small_company
from tests.verify.small_company_records import (
    account,
    customer,
)

from interlace.verify import End, Row, verify
from interlace.verify.expectations import EXPECTATIONS

BYTES_PER_RECORD_MAX = 300


class LongCompany:
    """A company with many customers, made row by row while they are read."""

    def __init__(self, customers: int) -> None:
        self.customers = customers
        self.rest = small_company()

    async def rows(self, end: End, set_name: str, select: tuple[str, ...]) -> AsyncIterator[Row]:
        """Yield customers and accounts as many as asked for, and the small company's other records."""
        if set_name not in {"CustomerCard", "accounts"}:
            async for row in self.rest.rows(end, set_name, select):
                yield row
            return
        for number in range(self.customers):
            if set_name == "CustomerCard":
                yield customer(f"C{number:06}")
            else:
                yield account(f"c0000000-0000-4000-8000-{number:012}", f"C{number:06}")

    async def choices(self, table: str, column: str) -> Mapping[int, str]:
        """Return the labels of a column."""
        return await self.rest.choices(table, column)


async def peak_bytes(customers: int) -> int:
    """Return the most memory that judging so many customers takes."""
    company = LongCompany(customers)
    expectations = [each for each in EXPECTATIONS if each.mapping == "CUSTOMER"]
    tracemalloc.start()
    try:
        report = await verify(company, FACTS, (), expectations)
        assert report.is_green
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


async def test_memory_a_record_is_bounded() -> None:
    """More customers take at most so much more memory each, whatever their fields hold."""
    few, many = await peak_bytes(500), await peak_bytes(5400)
    assert (many - few) / 4900 < BYTES_PER_RECORD_MAX
