"""Stores to test: in memory, and in PostgreSQL where a test names it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.postgresql import empty_postgresql_url, postgresql_url

from interlace.domain.coupling import AgreedValues, Coupling
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import CrmKey, ErpKey, MappingName
from interlace.domain.synch_job import Counters, SynchJob
from interlace.domain.values import Value
from interlace.store.connection_store import ConnectionStore
from interlace.store.database import Database, open_database
from interlace.store.state_store import StateStore

__all__ = ["empty_postgresql_url", "postgresql_url"]

CUSTOMER = MappingName("CUSTOMER")


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the moment it was set to."""
        return self.moment

    def forward(self, **amount: float) -> None:
        """Move the clock."""
        self.moment += timedelta(**amount)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database; our tables may be there already where a test begins with a store."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/interlace.db"
    begins_with_store = "state" in request.fixturenames
    given: str = request.getfixturevalue("postgresql_url" if begins_with_store else "empty_postgresql_url")
    return given


@pytest.fixture
def clock() -> SetClock:
    """A clock that stands."""
    return SetClock()


@pytest.fixture
def state(url: str, clock: SetClock, tmp_path: Path) -> Iterator[StateStore]:
    """An open store with one connection named c."""
    with StateStore.open(url, clock=clock, key_file=tmp_path / "secret.key") as opened:
        opened.add_connection("c", connection_id="c")
        yield opened


@pytest.fixture
def database(url: str, state: StateStore) -> Iterator[Database]:
    """The store's database, for tests that look into its tables."""
    opened = open_database(url)
    yield opened
    opened.close()


@pytest.fixture
def store(state: StateStore) -> ConnectionStore:
    """The engine's store of the connection."""
    return state.connection_store("c")


@pytest.fixture
def make_job() -> Callable[..., SynchJob]:
    """Return a function that makes a job of CUSTOMER towards the CRM."""

    def make(job_id: str = "j1", **changes: object) -> SynchJob:
        values: dict[str, object] = {
            "id": job_id,
            "mapping": CUSTOMER,
            "direction": Direction.TO_INTEGRATION_TABLE,
            "started_at": datetime(2026, 1, 1, tzinfo=UTC),
            "counters": Counters(),
            **changes,
        }
        return SynchJob(**values)  # type: ignore[arg-type]

    return make


def pair(erp_key: str, crm_key: str, *agreed: tuple[Value, Value], layout: str = "L1") -> Coupling:
    """Make a coupling; without agreed values it was never compared."""
    return Coupling(
        mapping=CUSTOMER,
        erp_key=ErpKey(erp_key),
        crm_key=CrmKey(crm_key),
        agreed=AgreedValues(layout=layout, pairs=agreed) if agreed else None,
        erp_tag=f"e-{erp_key}",
        crm_tag=f"c-{crm_key}",
        erp_digest=b"\x00\xff" * 8,
        crm_digest=None,
    )
