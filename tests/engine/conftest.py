"""A small company and a small organization: two fake services, the real store, the real engine."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from tests.postgresql import postgresql_url

from interlace.connectors.runner import run
from interlace.domain.integration_field_mapping import (
    Direction,
    IntegrationFieldMapping,
    NamedKey,
    Reference,
)
from interlace.domain.integration_table_mapping import IntegrationTableMapping, MatchRule
from interlace.domain.keys import ConnectionId, MappingName
from interlace.domain.side import Side
from interlace.domain.table_filter import Comparison, Condition, TableFilter
from interlace.engine.run_setup import PartnerColumns, RunSetup
from interlace.engine.synch_mapping import StepResult, synch_mapping
from interlace.store.connection_store import ConnectionStore
from interlace.store.connections import StoredConnection, new_connection_id, store_connection
from interlace.store.database import Database, open_database
from interlace.testing.fake_service import FakeService

__all__ = ["postgresql_url"]

TO, FROM, BOTH = Direction.TO_INTEGRATION_TABLE, Direction.FROM_INTEGRATION_TABLE, Direction.BIDIRECTIONAL
PEOPLE, FIRMS = MappingName("PEOPLE"), MappingName("FIRMS")


def both(erp: str, crm: str, **options: Any) -> IntegrationFieldMapping:
    """Make a two-way row."""
    return IntegrationFieldMapping(erp_field=erp, crm_field=crm, direction=BOTH, **options)


PEOPLE_MAPPING = IntegrationTableMapping(
    name=PEOPLE,
    erp_table="Salesperson",
    integration_table="user",
    direction=FROM,
    carries_erp_reference=False,
    match_rules=(MatchRule(erp_field="E_Mail", crm_field="email"),),
    fields=(
        IntegrationFieldMapping(erp_field="E_Mail", crm_field="email", direction=FROM),
        IntegrationFieldMapping(erp_field="Name", crm_field="fullname", direction=FROM),
    ),
)
FIRMS_MAPPING = IntegrationTableMapping(
    name=FIRMS,
    erp_table="Customer",
    integration_table="account",
    direction=BOTH,
    depends_on=(PEOPLE,),
    table_filter=TableFilter(
        conditions=(Condition(field="Blocked", comparison=Comparison.BLANK, reason="blocked"),)
    ),
    fields=(
        IntegrationFieldMapping(
            erp_field="Salesperson",
            crm_field="ownerid",
            direction=TO,
            not_null=True,
            reference=Reference(mapping=PEOPLE, target_table="user"),
        ),
        both("Name", "name"),
        both("Phone", "telephone"),
        IntegrationFieldMapping(erp_field="Credit", crm_field="creditlimit", direction=TO),
    ),
    erp_caption="Name",
)


class SetClock:
    """A clock that a test sets; a pause lets its time pass at once."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        """Return the set time."""
        return datetime.fromtimestamp(1_700_000_000 + self.seconds, UTC)

    def elapsed(self) -> float:
        """Return seconds on a clock that never steps."""
        return self.seconds

    async def pause(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds


@dataclass(kw_only=True)
class World:
    """Both services and what Interlace remembers."""

    erp: FakeService
    crm: FakeService
    store: ConnectionStore
    connection: ConnectionId
    mappings: dict[MappingName, IntegrationTableMapping]
    clock: SetClock = field(default_factory=SetClock)
    runs: Iterator[int] = field(default_factory=lambda: count(1))

    def setup(self, mapping: MappingName, **options: Any) -> RunSetup:
        """Lay out a run."""
        chosen: dict[str, Any] = {
            "create_new": False,
            "compare_all": False,
            "run_id": f"run-{next(self.runs)}",
        }
        return RunSetup(
            connection=self.connection,
            mapping=self.mappings[mapping],
            mappings=self.mappings,
            named_keys=dict.fromkeys(NamedKey, "key"),
            erp_company_id="company",
            crm_organization_id="organization",
            partner_columns=PartnerColumns(company="ilc_companyid", table="ilc_erptable", key="ilc_erpkey"),
            **({"store": self.store} | chosen | options),
        )

    async def synch(self, mapping: MappingName, **options: Any) -> StepResult:
        """Run a mapping incrementally."""
        return await run(synch_mapping(self.setup(mapping, **options)), self.erp, self.crm, self.clock)

    async def full(self, mapping: MappingName, **options: Any) -> StepResult:
        """Run a mapping fully, creating what is missing."""
        return await self.synch(mapping, create_new=True, compare_all=True, **options)

    def change(self, mapping: MappingName, **changes: Any) -> None:
        """Change a mapping's settings."""
        self.mappings[mapping] = replace(self.mappings[mapping], **changes)

    def counters(self, result: StepResult) -> dict[str, int]:
        """Sum up a run's counters over its passes; zeros are left out."""
        total: dict[str, int] = {}
        for job in result.jobs:
            for name, number in job.counters.as_dict().items():
                total[name] = total.get(name, 0) + number
        return {name: number for name, number in total.items() if number}

    def partner(self, erp_key: str) -> str:
        """Return the CRM key of a customer's account."""
        return self.store.partner_keys(FIRMS, Side.ERP, [erp_key])[erp_key]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Return an empty database of each kind."""
    is_sqlite = request.param == "sqlite"
    opened = open_database("sqlite://" if is_sqlite else request.getfixturevalue("postgresql_url"))
    yield opened
    opened.close()


@pytest.fixture
def world(database: Database) -> World:
    """Return two salespeople with users and three customers without accounts."""
    connection = new_connection_id()
    clock = SetClock()
    with database.write() as writing:
        store_connection(writing, StoredConnection(id=connection, name="test"), clock.now())
    erp, crm = FakeService(), FakeService()
    erp.put_all(
        "Salesperson",
        [
            ("AA", {"E_Mail": "aa@example.com", "Name": "Aroha"}),
            ("BB", {"E_Mail": "bb@example.com", "Name": "Björn"}),
        ],
    )
    crm.put_all(
        "user",
        [
            ("u-a", {"email": "AA@example.com", "fullname": "Aroha"}),
            ("u-b", {"email": "bb@example.com", "fullname": "Björn Ås"}),
        ],
    )
    erp.put_all(
        "Customer",
        [
            (
                f"C{number}",
                {
                    "Name": f"Firm {number}",
                    "Phone": "1",
                    "Salesperson": "AA",
                    "Credit": number,
                    "Blocked": None,
                },
            )
            for number in (1, 2, 3)
        ],
    )
    return World(
        erp=erp,
        crm=crm,
        store=ConnectionStore(database, connection, clock=clock.now),
        connection=connection,
        mappings={PEOPLE: PEOPLE_MAPPING, FIRMS: FIRMS_MAPPING},
        clock=clock,
    )
