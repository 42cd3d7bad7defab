"""The demo company, generated once for all tests that look at it."""

from collections import defaultdict

import pytest

from interlace.sandbox.erp.seed_company import seed_company

Company = dict[str, list[dict[str, object]]]


def collect(customers: int, **options: bool) -> Company:
    """Return the rows of a company by table."""
    tables: Company = defaultdict(list)
    for table, record in seed_company(customers, **options):
        tables[table].append(record)
    return tables


@pytest.fixture(scope="session")
def company() -> Company:
    """Return the company with a thousand customers, troublemakers included."""
    return collect(1000)
