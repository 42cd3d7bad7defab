"""Tell Me over the desk: what is remembered is found at once, what services tell in time, and the rest is told."""

import asyncio
import unicodedata
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionSettings
from interlace.bootstrap.desk.search import add_search
from interlace.bootstrap.ends import Ends
from interlace.domain.coupling import AgreedValues, Coupling
from interlace.domain.errors import ErrorCode, RecordError
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import KEY_SEPARATOR, ConnectionId, CrmKey, ErpKey
from interlace.domain.synch_job import Counters, SynchJob
from interlace.domain.values import Value
from interlace.engine.memory import BatchResult, SynchError
from interlace.engine.ports import TableView
from interlace.engine.service import ServiceUnavailable
from interlace.lead_to_cash.mapping_names import CUSTOMER
from interlace.management.caller import Caller, Door
from interlace.management.desk import Works
from interlace.management.permission import PERMISSION_SETS, Permission
from interlace.management.refusal import Refused
from interlace.management.search import Find, Found, Hit
from interlace.settings import load_config
from interlace.store.users import StoredUser

ADA = Caller(user_id="ada", name="ada", permissions=frozenset(Permission), door=Door.PAGE, language="ru_RU")
VERA = Caller(
    user_id="vera", name="vera", permissions=PERMISSION_SETS["INTERLACE VIEW"].permissions, door=Door.PAGE
)
_STARTED = datetime(2026, 3, 5, 22, 30, tzinfo=UTC)
_NAMES = {"C10": "Möbel Müller", "C11": unicodedata.normalize("NFD", "Ångström"), "C12": "Zebra"}
_JOB = "3f2a7c1d-9a51-4e3f-8a90-b1c2d3e4f506"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A record as a service answers it."""

    key: str
    fields: Sequence[Value]
    tag: str | None = None
    digest: bytes = b""

    def values(self) -> tuple[Value, ...]:
        """Return the values."""
        return tuple(self.fields)


@dataclass(slots=True, kw_only=True)
class Side:
    """A service that knows some customers, and says how often it was asked."""

    held: dict[str, dict[str, Value]] = field(default_factory=dict)
    table: str
    asked: int = 0
    by: dict[str, list[tuple[Sequence[str], ...]]] = field(default_factory=dict)
    """By which fields each table was asked each time: names, of the CRM numbers, too."""
    problem: Exception | None = None
    is_silent: bool = False

    async def search_records(
        self, view: TableView, text: str, *fields: Sequence[str], count: int
    ) -> list[Row]:
        """Find customers by a part of their number or name."""
        self.asked += 1
        self.by.setdefault(view.table, []).append(fields)
        assert count < 10
        if self.is_silent:
            await asyncio.sleep(3600)
        if self.problem is not None:
            raise self.problem
        if view.table != self.table or view.choice_column is not None:
            return []
        return [
            Row(key=key, fields=[values.get(name) for name in view.fields])
            for key, values in self.held.items()
            if any(text.lower() in str(each).lower() for each in (key, *values.values()))
        ]


@dataclass(slots=True, kw_only=True)
class Place:
    """An Interlace between two services that answer as a test wants it."""

    application: Application
    erp: Side = field(default_factory=lambda: Side(table="Customer"))
    crm: Side = field(default_factory=lambda: Side(table="account"))
    seconds: float = 0.2

    @property
    def reading(self) -> "Place":
        """Reads from them."""
        return self

    async def read(
        self, _connection: Connection, work: Callable[[Ends], Awaitable[Any]], _seconds: float
    ) -> Any:
        """Let work read for a moment."""
        async with asyncio.timeout(self.seconds):
            return await work(cast("Ends", self))

    async def find(self, text: str, caller: Caller = ADA, **asked: Any) -> Found:
        """Ask the desk."""
        works = Works()
        add_search(works, self)
        return cast("Found", await works.get("search.find")(caller, Find(text=text, **asked)))

    async def records(self, text: str) -> dict[str, Hit]:
        """Return the records that are found, by key."""
        return {each.key: each for each in (await self.find(text)).hits if each.kind == "record"}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Three coupled customers, one that failed, and a job."""
    config = load_config(environment={}, overrides={"state.directory": str(tmp_path / "state")})
    with Application(config) as application:
        yield Place(application=application)


@pytest.fixture
def connected(place: Place) -> Place:
    """The same with a connection."""
    settings = ConnectionSettings(
        name="main",
        erp_address="http://erp.example",
        erp_company="A",
        erp_user="I",
        crm_address="http://crm.example",
        crm_token_url="http://crm.example/token",
        crm_client_id="i",
        enabled=True,
    )
    held = place.application.keep(Connection(id=ConnectionId("c"), settings=settings))
    mapping, store = place.application.mappings(held)[CUSTOMER], place.application.connection_store(held)
    rows = tuple(row.row_id for row in mapping.fields)
    store.remap_agreed(CUSTOMER, mapping.layout, rows)
    at = rows.index("Name>name")
    couplings = tuple(
        Coupling(
            mapping=CUSTOMER,
            erp_key=ErpKey(key),
            crm_key=CrmKey(f"{number:08}-0000-4000-8000-000000000000"),
            agreed=AgreedValues(
                layout=mapping.layout,
                pairs=tuple((name, name) if each == at else (None, None) for each in range(len(rows))),
            ),
        )
        for number, (key, name) in enumerate(_NAMES.items())
    )
    job = SynchJob(
        id=_JOB,
        mapping=CUSTOMER,
        direction=Direction.TO_INTEGRATION_TABLE,
        started_at=_STARTED,
        counters=Counters(inserted=3, failed=1),
    )
    error = SynchError(
        mapping=CUSTOMER,
        direction=Direction.TO_INTEGRATION_TABLE,
        source_key="C99",
        error=RecordError(code=ErrorCode.MATCH_ALREADY_COUPLED, message="taken"),
        job_id=_JOB,
        at=_STARTED,
        times=1,
    )
    store.remember(BatchResult(job=job, couplings=couplings, errors=(error,)))
    return place


@pytest.mark.parametrize(
    "typed", ["müller", "MÖBEL", unicodedata.normalize("NFD", "Müller"), "c10", "möb mül", "muller", "mu mo"]
)
async def test_a_coupled_record_is_found_by_number_and_name(connected: Place, typed: str) -> None:
    """However its letters are written, and though both services are silent."""
    connected.erp.is_silent = connected.crm.is_silent = True
    [found] = (await connected.records(typed)).values()
    assert (found.key, found.caption, found.status) == ("C10", "Möbel Müller", "coupled")
    assert found.page == "/records/CUSTOMER/C10"


async def test_accents_that_are_stored_apart_are_found(connected: Place) -> None:
    """A service may hold letter and accent as two signs; people type one."""
    assert set(await connected.records("ångström")) == {"C11"}
    assert set(await connected.records("ANGSTROM")) == {"C11"}


async def test_services_tell_of_records_without_a_partner(connected: Place) -> None:
    """Each with its side; one that is coupled is told once, with its partner's card."""
    connected.erp.held = {"C10": {"Name": "Möbel Müller"}, "C50": {"Name": "Cannon AS"}}
    connected.crm.held = {
        "00000000-0000-4000-8000-000000000000": {"name": "Möbel Müller"},
        "00000050-0000-4000-8000-000000000000": {"name": "Cannon Ltd."},
    }
    found = await connected.records("cannon")
    assert {key: (hit.side, hit.status) for key, hit in found.items()} == {
        "C50": ("erp", "uncoupled"),
        "00000050-0000-4000-8000-000000000000": ("crm", "uncoupled"),
    }
    assert set(await connected.records("müller")) == {"C10"}


async def test_the_number_that_was_typed_comes_first(connected: Place) -> None:
    """Before records that only have it in their name."""
    connected.erp.held = {"A1": {"Name": "Successor of C12"}}
    assert list(await connected.records("c12")) == ["C12", "A1"]


async def test_a_line_of_a_document_is_found_by_its_number_and_named(connected: Place) -> None:
    """What it sells tells the lines of a document apart. The CRM, which numbers no lines, is not asked for any."""
    connected.erp.table = "Sales_Invoice_Line"
    connected.erp.held = {f"103001{KEY_SEPARATOR}10000": {"Description": "Antwerp Desk"}}
    [found] = (await connected.records("1030")).values()
    assert (found.number, found.caption, found.mapping) == (
        "103001, 10000",
        "Antwerp Desk",
        "POSTEDSALESLINE-INV",
    )
    assert connected.erp.by["Sales_Invoice_Line"] == [((),)]
    assert "invoicedetail" not in connected.crm.by


async def test_no_table_of_the_crm_is_asked_for_any_records(connected: Place) -> None:
    """Each by a name or a number: a question without either would be answered with whatever comes first."""
    await connected.find("müller")
    asked = connected.crm.by
    assert asked["account"]
    assert [table for table, questions in asked.items() if not all(map(any, questions))] == []


async def test_both_services_are_asked_a_bounded_number_of_times(connected: Place) -> None:
    """Once for each table that takes part, whatever was typed; not at all for one letter, or when nobody wants it."""
    await connected.find("a b c d e f g h i j k l m")
    tables = (connected.erp.asked, connected.crm.asked)
    await connected.find("müller")
    assert (connected.erp.asked, connected.crm.asked) == (2 * tables[0], 2 * tables[1])
    assert tables[0] <= 16
    assert tables[1] <= 16
    await connected.find("x")
    await connected.find("müller", in_services=False)
    assert connected.erp.asked == 2 * tables[0]


async def test_a_silent_service_holds_nothing_up(connected: Place) -> None:
    """What the other one tells is found; of which tables nothing is known is told."""
    connected.erp.held = {"C50": {"Name": "Müller & Sohn"}}
    connected.crm.is_silent = True
    found = await connected.find("müller")
    assert {each.key for each in found.hits if each.kind == "record"} == {"C10", "C50"}
    [silent] = found.not_looked
    assert silent.side == "crm"
    assert {"CUSTOMER", "ITEM-PRODUCT"} <= set(silent.mappings)
    assert "3 seconds" in silent.why


async def test_a_service_that_is_down_breaks_no_search(connected: Place) -> None:
    """What it says is told once, with the tables that could not be looked through."""
    connected.erp.problem = ServiceUnavailable("The ERP is being updated.")
    found = await connected.find("müller")
    assert [each.key for each in found.hits if each.kind == "record"] == ["C10"]
    [told] = found.not_looked
    assert (told.side, told.why) == ("erp", "The ERP is being updated.")


async def test_a_connection_that_is_not_enabled_is_searched_in_memory(connected: Place) -> None:
    """Its services can't be asked; that is told, too."""
    application = connected.application
    held = application.connection(None)
    application.keep(
        Connection(id=held.id, settings=ConnectionSettings(**{**_fields(held.settings), "enabled": False}))
    )
    found = await connected.find("müller")
    assert [each.key for each in found.hits if each.kind == "record"] == ["C10"]
    assert found.not_looked
    assert connected.erp.asked == 0


async def test_failed_records_jobs_and_mappings_are_found_by_number(connected: Place) -> None:
    """Also where both services are silent."""
    connected.erp.is_silent = connected.crm.is_silent = True
    failed = (await connected.records("c99"))["C99"]
    assert (failed.status, failed.side, failed.page) == ("failed", "erp", "/records/CUSTOMER/C99")
    assert ("job", _JOB) in [(each.kind, each.key) for each in (await connected.find(_JOB[:8].upper())).hits]
    mappings = {each.key for each in (await connected.find("sales price")).hits if each.kind == "mapping"}
    assert "SALESPRC-PRODPRICE" in mappings


async def test_a_failed_record_is_named_by_its_service(connected: Place) -> None:
    """Nobody remembers how it is called; it keeps its status."""
    connected.erp.held = {"C99": {"Name": "Nowhere AS"}}
    failed = (await connected.records("c99"))["C99"]
    assert (failed.caption, failed.status) == ("Nowhere AS", "failed")


async def test_users_are_found_by_who_may_administer(connected: Place) -> None:
    """By name and by what they are called; nobody else learns who there is."""
    connected.application.state.users.add(
        StoredUser(id="1", name="bjorn", full_name="Bjørn Hansen", password_hash="-", created_at=_STARTED)
    )
    found = await connected.find("bjorn hans", in_services=False)
    assert [(each.kind, each.number, each.page) for each in found.hits] == [("user", "bjorn", "/users/bjorn")]
    assert not (await connected.find("bjorn hans", VERA, in_services=False)).hits


async def test_pages_and_actions_are_found_without_a_connection(place: Place) -> None:
    """In the reader's language and in English, also by what is only shown; allowed ones only."""
    english, russian = await place.find("full synch. review"), await place.find("журнал")
    assert "/review" in [each.page for each in english.hits if each.kind == "page"]
    assert "/journal" in [each.page for each in russian.hits if each.kind == "page"]
    asked = await place.find("why not", VERA)
    assert [(each.caption, each.command) for each in asked.hits if each.kind == "action"] == [
        ("Why Not?", "explain")
    ]
    assert "/users" not in [each.page for each in (await place.find("users", VERA)).hits]
    assert not (await place.find("synchronize now", VERA)).hits
    with pytest.raises(Refused):
        await place.find("plans", connection="nowhere")


async def test_basic_finds_nothing_of_the_integration(connected: Place) -> None:
    """Neither its pages nor its records."""
    found = await connected.find("müller", is_basic=True)
    assert not found.hits
    assert connected.erp.asked == 0
    assert [each.page for each in (await connected.find("plans", is_basic=True)).hits] == []


def _fields(settings: ConnectionSettings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in settings.__dataclass_fields__}
