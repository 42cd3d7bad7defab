"""Faults between us and the embedded services: no write is repeated, no outcome is guessed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest
from tests.ready_crm import ready_crm

from interlace.connectors.business_central.service import BusinessCentralService, BusinessCentralSettings
from interlace.connectors.dataverse.service import DataverseService
from interlace.connectors.http import ChannelLimits, HttpChannel
from interlace.connectors.sign_in import BasicSignIn
from interlace.domain.side import Side
from interlace.engine.ports import Outcome, Precondition, TableView, Write
from interlace.engine.service import Service, ServiceUnavailable
from interlace.sandbox.erp.application_server import ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.exchange import Response
from interlace.sandbox.faults import Fault, FaultMoment

KEY = "the-access-key"
LIMITS = ChannelLimits(retry_delay_seconds=0.0, retries_max=2)
Serve = Callable[[Any], Awaitable[str]]


class End:
    """One embedded service with a connection to it."""

    def __init__(self, app: Any, service: Service, view: TableView, key: str, field: str) -> None:
        self.app = app
        self.service = service
        self.view = view
        self.key = key
        self.field = field

    async def create(self, *keys: str) -> list[Outcome]:
        """Create records, all in one call."""
        values = {self.field: "New"}
        writes = tuple(Write(key=key, precondition=Precondition.ABSENT, values=dict(values)) for key in keys)
        return [result.outcome for result in await self.service.write(self.view, writes)]

    async def exists(self, key: str) -> bool:
        """Tell whether a record is there."""
        [record] = await self.service.read_keys(self.view, (key,))
        return record is not None

    def plan(self, **fault: Any) -> None:
        """Let the next request meet a fault."""
        self.app.faults.faults.append(Fault(**fault))


class _Token:
    def __init__(self, token: str) -> None:
        self._header = f"Bearer {token}"

    async def authorization(self, post_form: object, refused: str | None) -> str | None:
        return self._header


@pytest.fixture(params=["erp", "crm"])
async def end(request: pytest.FixtureRequest, serve: Serve) -> AsyncIterator[End]:
    """Each of the two services in turn."""
    if request.param == "erp":
        erp = create_erp_sandbox(None, ErpSandboxOptions(company="Nordlicht", access_key=KEY))
        view = TableView(side=Side.ERP, table="Customer", fields=("Name",))
        async with HttpChannel(await serve(erp), BasicSignIn("INTERLACE", KEY), LIMITS) as channel:
            service = BusinessCentralService(channel, BusinessCentralSettings(company="Nordlicht"))
            await service.capabilities(view)
            yield End(erp, service, view, "C1", "Name")
    else:
        crm = ready_crm()
        view = TableView(side=Side.CRM, table="account", fields=("name",))
        async with HttpChannel(await serve(crm), _Token(crm.access_token()), LIMITS) as channel:
            service_of_crm = DataverseService(channel)
            await service_of_crm.capabilities(view)
            yield End(crm, service_of_crm, view, str(uuid5(NAMESPACE_URL, "A")), "name")


async def test_lost_answer_after_the_effect_is_unknown(end: End) -> None:
    """The write happened, its answer did not come: unknown, sent once, and found by reading."""
    end.plan(method="POST", path_contains="", moment=FaultMoment.AFTER)
    end.plan(method="PATCH", path_contains="", moment=FaultMoment.AFTER)
    assert await end.create(end.key) == [Outcome.UNKNOWN]
    assert await end.exists(end.key)
    assert await end.create(end.key) == [Outcome.EXISTS]


async def test_lost_request_is_unknown(end: End) -> None:
    """The service closed the connection before it did anything: nobody can know that, so it is unknown."""
    end.plan(method="POST")
    assert await end.create(end.key) == [Outcome.UNKNOWN]
    assert not await end.exists(end.key)


@pytest.mark.parametrize(
    ("status", "headers", "outcome"),
    [
        (429, (("Retry-After", "0"),), Outcome.RETRY_LATER),
        (503, (("Retry-After", "0"),), Outcome.RETRY_LATER),
        (503, (), Outcome.UNKNOWN),
        (500, (), Outcome.UNKNOWN),
        (504, (), Outcome.UNKNOWN),
        (401, (), Outcome.RETRY_LATER),
    ],
)
async def test_trouble_of_the_whole_request_is_judged_per_record(
    end: End, status: int, headers: tuple[tuple[str, str], ...], outcome: Outcome
) -> None:
    """What happens to a request with several writes is the outcome of each of them."""
    end.plan(method="POST", answer=Response(status=status, headers=headers), times=5)
    other = str(uuid5(NAMESPACE_URL, "B")) if end.view.side is Side.CRM else "C2"
    assert await end.create(end.key, other) == [outcome, outcome]
    assert len([line for line in end.app.requests if line.method == "POST"]) <= 1


async def test_refusal_that_lies_doubles_nothing(end: End) -> None:
    """A create that took effect though its answer says "too many requests" is found to exist when it is sent again."""
    code = "0x80072322" if end.view.side is Side.CRM else "Application_TooManyRequests"
    body = f'{{"error":{{"code":"{code}","message":"Too many."}}}}'.encode()
    answer = Response(status=429, headers=(("Retry-After", "0"),), body=body)
    for method in ("POST", "PATCH"):
        end.plan(method=method, path_contains="", moment=FaultMoment.AFTER, answer=answer)
    assert await end.create(end.key) == [Outcome.EXISTS]
    assert await end.exists(end.key)


async def test_refusal_for_the_number_of_requests_is_waited_out(end: End) -> None:
    """A create that the service did not look at is sent again, and done."""
    code = "0x80072322" if end.view.side is Side.CRM else "Application_TooManyRequests"
    body = f'{{"error":{{"code":"{code}","message":"Too many."}}}}'.encode()
    answer = Response(status=429, headers=(("Retry-After", "0"),), body=body)
    for method in ("POST", "PATCH"):
        end.plan(method=method, path_contains="", answer=answer)
    assert await end.create(end.key) == [Outcome.DONE]


async def test_cut_batch_answer_is_unknown(end: End) -> None:
    """An answer that says 200 and holds half a document proves nothing."""
    body = b'{"responses":[{"id":"1","status":201,"bo'
    end.plan(method="POST", moment=FaultMoment.AFTER, answer=Response(status=200, body=body))
    assert await end.create(end.key) == [Outcome.UNKNOWN]
    assert await end.exists(end.key)


async def test_reads_outlive_short_trouble(end: End) -> None:
    """A read that meets a dropped connection, then a 503, succeeds at the third attempt."""
    await end.create(end.key)
    end.plan(method="GET")
    end.plan(method="GET", answer=Response(status=503), skip=0)
    assert await end.exists(end.key)


async def test_long_trouble_is_told_as_unavailable(end: End) -> None:
    """A read that meets trouble at every attempt says that the service is not available."""
    end.plan(method="GET", answer=Response(status=502), times=100)
    with pytest.raises(ServiceUnavailable):
        await end.exists(end.key)


async def test_parallel_writes_of_one_key_create_it_once(end: End) -> None:
    """Of ten creates of one key at the same time exactly one is done."""
    outcomes = await asyncio.gather(*(end.create(end.key) for _ in range(10)))
    flat = [outcome for group in outcomes for outcome in group]
    assert sorted(outcome.value for outcome in flat) == ["done"] + ["exists"] * 9
