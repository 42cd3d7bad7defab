"""What reads ask for: no more columns than needed, no lagging replica, and no marker where there is no table."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from tests.connectors.stub_channel import StubChannel
from tests.ready_crm import ready_crm

from interlace.connectors.business_central.published_tables import PUBLISHED_TABLES, PublishedTable
from interlace.connectors.business_central.service import BusinessCentralService, BusinessCentralSettings
from interlace.connectors.dataverse.service import DataverseService
from interlace.connectors.http import HttpChannel
from interlace.connectors.http_message import HttpAnswer, HttpRequest
from interlace.connectors.sign_in import BasicSignIn, NoSignIn
from interlace.domain.side import Side
from interlace.engine.ports import LastChange, Outcome, Precondition, TableView, Write
from interlace.engine.service import Service, ServiceMismatch
from interlace.sandbox.erp.application_server import ErpSandboxOptions, create_erp_sandbox

KEY = "the-access-key"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
Serve = Callable[[Any], Awaitable[str]]
METADATA = (
    b'<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
    b'<Schema Namespace="NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
    b'<EntityType Name="Thing"><Key><PropertyRef Name="No"/></Key>'
    b'<Property Name="No" Type="Edm.String" Nullable="false"/></EntityType>'
    b'<EntityContainer Name="NAV"><EntitySet Name="Things" EntityType="NAV.Thing"/></EntityContainer>'
    b"</Schema></edmx:DataServices></edmx:Edmx>"
)


class RecordingChannel(HttpChannel):
    """Keeps every request that it sends."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.sent: list[HttpRequest] = []

    async def send(self, request: HttpRequest) -> HttpAnswer:
        """Note the request and send it."""
        self.sent.append(request)
        return await super().send(request)

    def selected(self) -> set[str]:
        """Return what the last request asked for."""
        [names] = parse_qs(urlsplit(self.sent[-1].url).query)["$select"]
        return set(names.split(","))


class _Token(NoSignIn):
    def __init__(self, token: str) -> None:
        self._token = token

    async def authorization(self, post_form: object, refused: str | None) -> str | None:
        """Return the one token."""
        return f"Bearer {self._token}"


@dataclass(kw_only=True)
class End:
    """A service over a recording channel."""

    service: Service
    channel: RecordingChannel
    table: str
    key: str
    key_column: str
    new_key: str


@pytest.fixture(params=["erp", "crm"])
async def end(request: pytest.FixtureRequest, serve: Serve) -> AsyncIterator[End]:
    """Each of the two services in turn."""
    if request.param == "erp":
        erp = create_erp_sandbox(
            None, ErpSandboxOptions(company="Nordlicht", access_key=KEY, now=lambda: NOW)
        )
        async with RecordingChannel(await serve(erp), BasicSignIn("INTERLACE", KEY)) as channel:
            service = BusinessCentralService(channel, BusinessCentralSettings(company="Nordlicht"))
            yield End(
                service=service, channel=channel, table="Customer", key="C1", key_column="No", new_key="C2"
            )
    else:
        crm = ready_crm()
        async with RecordingChannel(await serve(crm), _Token(crm.access_token())) as channel:
            yield End(
                service=DataverseService(channel),
                channel=channel,
                table="account",
                key=str(uuid4()),
                key_column="accountid",
                new_key=str(uuid4()),
            )


def view_of(end: End, *fields: str) -> TableView:
    """Return the end's table with these fields."""
    side = Side.ERP if end.table == "Customer" else Side.CRM
    return TableView(side=side, table=end.table, fields=fields)


async def test_sweep_asks_for_keys_alone(end: End) -> None:
    """A view without fields selects the key only, listed or by key."""
    await end.service.read_page(view_of(end), None)
    assert end.channel.selected() == {end.key_column}
    await end.service.read_keys(view_of(end), (end.key,))
    assert end.channel.selected() == {end.key_column}


async def test_last_change_tells_when_and_as_far_as_known_who(end: End) -> None:
    """The CRM tells the user's full name and the moment; the ERP's customers tell the moment alone."""
    name = "Name" if end.table == "Customer" else "name"
    write = Write(key=end.key, precondition=Precondition.ABSENT, values={name: "A"})
    [created] = await end.service.write(view_of(end, name), (write,))
    assert created.outcome is Outcome.DONE
    told = await end.service.read_last_change(view_of(end, name), end.key)
    if end.table == "Customer":
        assert told == LastChange(by=None, at=NOW)
    else:
        assert told.by
        assert told.at is not None
        assert abs((datetime.now(UTC) - told.at).total_seconds()) < 60


async def test_table_without_stamps_tells_nothing(serve: Serve) -> None:
    """Price groups have neither an API set nor a column: nobody knows who changed them."""
    erp = create_erp_sandbox(None, ErpSandboxOptions(company="Nordlicht", access_key=KEY))
    async with HttpChannel(await serve(erp), BasicSignIn("INTERLACE", KEY)) as channel:
        service = BusinessCentralService(channel, BusinessCentralSettings(company="Nordlicht"))
        view = TableView(side=Side.ERP, table="Customer_Price_Group", fields=("Description",))
        assert await service.read_last_change(view, "RETAIL") == LastChange(by=None, at=None)


async def test_erp_is_read_past_its_replicas(serve: Serve) -> None:
    """A replica lags: that it lacks a record proves nothing, so every read asks for the primary."""
    erp = create_erp_sandbox(None, ErpSandboxOptions(company="Nordlicht", access_key=KEY))
    async with RecordingChannel(await serve(erp), BasicSignIn("INTERLACE", KEY)) as channel:
        service = BusinessCentralService(channel, BusinessCentralSettings(company="Nordlicht"))
        view = TableView(side=Side.ERP, table="Customer", fields=("Name",))
        await service.find_records(view, "Search_Name", ("CRM1",))
        await service.read_changes(view, None)
        reads = [request for request in channel.sent if request.method == "GET"]
        assert len(reads) > 2
        assert {request.headers.get("Data-Access-Intent") for request in reads} == {"ReadWrite"}


async def test_company_without_a_page_for_markers_has_none() -> None:
    """Where the page is not published there are no markers, which is no failure."""
    channel = StubChannel(HttpAnswer(status=200, body=METADATA))
    service = BusinessCentralService(channel, BusinessCentralSettings(company="Nordlicht"))
    assert await service.read_marker(str(uuid4())) is None


async def test_organization_without_our_solution_has_no_markers() -> None:
    """Where the solution is not imported there are no markers, which is no failure."""
    channel = StubChannel(HttpAnswer(status=200, body=METADATA))
    assert await DataverseService(channel).read_marker(str(uuid4())) is None


async def test_marker_row_of_another_name_is_refused(serve: Serve) -> None:
    """The ERP's key holds a part of the name: a row that belongs to another name is never taken for ours."""
    erp = create_erp_sandbox(None, ErpSandboxOptions(company="Nordlicht", access_key=KEY))
    name = str(uuid4())
    other = name[:-1] + ("0" if name[-1] != "0" else "1")
    async with HttpChannel(await serve(erp), BasicSignIn("INTERLACE", KEY)) as channel:
        service = BusinessCentralService(channel, BusinessCentralSettings(company="Nordlicht"))
        assert await service.advance_marker(name, 1, None) is Outcome.DONE
        with pytest.raises(ServiceMismatch, match="belongs to"):
            await service.read_marker(other)


async def test_company_that_publishes_no_series_counts_as_allowing_numbers() -> None:
    """What a company does not tell is tried: where a number is not allowed the ERP refuses it in words."""
    channel = StubChannel(HttpAnswer(status=200, body=METADATA.replace(b"Things", b"CustomerCard")))
    service = BusinessCentralService(channel, BusinessCentralSettings(company="Nordlicht"))
    capabilities = await service.capabilities(TableView(side=Side.ERP, table="Customer", fields=()))
    assert (capabilities.insert_with_key, capabilities.mark_field) == (True, None)


async def test_changed_number_series_is_noticed_when_tables_are_learned_anew(serve: Serve) -> None:
    """Somebody unticks Manual Nos.: from then on the ERP chooses, and the search name carries our mark."""
    erp = create_erp_sandbox(None, ErpSandboxOptions(company="Nordlicht", access_key=KEY))
    async with HttpChannel(await serve(erp), BasicSignIn("INTERLACE", KEY)) as channel:
        series = PublishedTable(name="No_Series", service="NoSeries", key=("Code",), search_field="Code")
        settings = BusinessCentralSettings(company="Nordlicht")
        service = BusinessCentralService(channel, settings, published=(*PUBLISHED_TABLES, series))
        customers = TableView(side=Side.ERP, table="Customer", fields=())
        assert (await service.capabilities(customers)).insert_with_key
        view = TableView(side=Side.ERP, table="No_Series", fields=("Manual_Nos",))
        [held] = await service.read_keys(view, ("CUST",))
        assert held is not None
        write = Write(
            key="CUST", precondition=Precondition.UNCHANGED, values={"Manual_Nos": False}, tag=held.tag
        )
        [written] = await service.write(view, (write,))
        assert written.outcome is Outcome.DONE
        service.forget_tables()
        capabilities = await service.capabilities(customers)
        assert (capabilities.insert_with_key, capabilities.mark_field) == (False, "Search_Name")
        contacts = TableView(side=Side.ERP, table="Contact", fields=())
        assert (await service.capabilities(contacts)).insert_with_key
