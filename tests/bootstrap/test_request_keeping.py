"""Requests to the services as they are kept: what goes wrong always, everything on demand, never more than a bound."""

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.connectors.scripted_transport import ScriptedTransport, post_account

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionSettings
from interlace.bootstrap.desk.listing_place import OneCommand
from interlace.bootstrap.desk.requests import add_requests
from interlace.connectors.batch import send_batch
from interlace.connectors.batch_formats import MultipartFormat
from interlace.connectors.http import HttpChannel
from interlace.connectors.http_message import HttpAnswer, NoAnswer
from interlace.connectors.noted_requests import on_occasion
from interlace.connectors.sign_in import NoSignIn
from interlace.domain.keys import ConnectionId
from interlace.domain.side import Side
from interlace.management import requests
from interlace.management.caller import Caller, Door
from interlace.management.desk import Works
from interlace.management.listing import ListAsked
from interlace.management.permission import Permission
from interlace.management.refusal import Refused
from interlace.management.requests import KeepWhole, RequestShown, RequestsListed, ShowRequest
from interlace.settings import load_config
from interlace.store import sent_requests
from interlace.store.sent_requests import RequestSelection

CALLER = Caller(
    user_id="ada",
    name="ada",
    door=Door.API,
    permissions=frozenset(Permission),
    language="en_US",
    time_zone="UTC",
)
REFUSED = HttpAnswer(
    status=400,
    headers={"x-ms-service-request-id": "11111111-2222-4333-8444-555555555555"},
    body=b'{"error":{"code":"0x80040265","message":"The name of Anna Berg is too long."}}',
)


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """An Interlace with two connections."""
    config = load_config(overrides={"state.directory": str(tmp_path / "state")}, environment={})
    with Application(config) as opened:
        for name in ("north", "south"):
            opened.keep(Connection(id=ConnectionId(name), settings=_settings(name)))
        yield opened


def _settings(name: str) -> ConnectionSettings:
    crm = "http://crm.example"
    return ConnectionSettings(
        name=name,
        erp_address="http://erp.example",
        erp_company=name,
        erp_user="I",
        crm_address=crm,
        crm_token_url=f"{crm}/token",
        crm_client_id="i",
    )


def send(application: Application, *answers: HttpAnswer | NoAnswer, of: str = "north") -> None:
    """Send as many creations of an account to the CRM as there are answers, for a run."""
    notes = application.requests.notes(ConnectionId(of))[Side.CRM]
    channel = HttpChannel(
        "http://127.0.0.1:1", NoSignIn(), transport=ScriptedTransport(*answers), notes=notes
    )

    async def every() -> None:
        """Send one after the other."""
        with on_occasion("run-1", "CUSTOMER"):
            for _ in answers:
                with contextlib.suppress(NoAnswer):
                    await channel.send(post_account("Anna Berg"))

    asyncio.run(every())


async def listed(application: Application, of: str = "north", **filters: str) -> RequestsListed:
    """List requests as a person's page does."""
    works = Works()
    add_requests(works, OneCommand(application=application))
    found = await works.get(requests.LIST.name)(CALLER, ListAsked(connection=of, filters=filters))
    assert isinstance(found, RequestsListed)
    return found


async def test_what_goes_wrong_is_kept_with_its_run_and_record(application: Application) -> None:
    """A refused write is found by run, mapping, record, outcome and the correlation id of the answer."""
    await asyncio.to_thread(send, application, HttpAnswer(status=204), REFUSED, NoAnswer("the line was cut"))
    rows = (await listed(application)).rows
    assert [(each.status, each.outcome) for each in rows] == [(None, "unanswered"), (400, "refused")]
    for name, text in {
        "run_id": "run-1",
        "mapping": "CUSTOMER",
        "record": "0f0f0f0f-0000-4000-8000-000000000001",
        "outcome": "refused",
        "correlation_id": "11111111-2222-4333-8444-555555555555",
    }.items():
        found = await listed(application, **{name: text})
        assert rows[1] in found.rows, name
    assert rows[1].address == "/api/data/v9.2/accounts"
    assert rows[0].message == "the line was cut"
    assert (await listed(application, of="south")).rows == ()


async def test_the_refused_part_of_a_batch_is_kept_as_a_request_of_its_own(application: Application) -> None:
    """Most writes go in batches, which succeed as a whole while one of their parts is refused."""
    body = (
        b"--b\r\nContent-Type: application/http\r\nContent-ID: 1\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n\r\n"
        b"--b\r\nContent-Type: application/http\r\nContent-ID: 2\r\n\r\nHTTP/1.1 400 Bad Request\r\n"
        b"Content-Type: application/json\r\n\r\n"
        b'{"error":{"code":"0x80040265","message":"The name of Bo Dahl is too long."}}\r\n--b--\r\n'
    )
    answer = HttpAnswer(status=200, headers={"content-type": "multipart/mixed; boundary=b"}, body=body)
    notes = application.requests.notes(ConnectionId("north"))[Side.CRM]
    channel = HttpChannel("http://127.0.0.1:1", NoSignIn(), transport=ScriptedTransport(answer), notes=notes)
    parts = [post_account("Anna Berg"), post_account("Bo Dahl")]

    async def send_both() -> None:
        """Send the batch for a run."""
        with on_occasion("run-1", "CUSTOMER"):
            await send_batch(channel, "/api/data/v9.2/$batch", MultipartFormat(), parts)

    await asyncio.to_thread(asyncio.run, send_both())
    [row] = (await listed(application)).rows
    assert (row.status, row.outcome, row.run_id, row.mapping) == (400, "refused", "run-1", "CUSTOMER")
    assert row.address == "/api/data/v9.2/accounts"
    assert row.message == "The name of *** is too long."


async def test_no_value_of_a_field_is_kept(application: Application) -> None:
    """Names of fields and ids stay; values are hidden in bodies, and where the service repeats them."""
    await asyncio.to_thread(send, application, REFUSED)
    [row] = (await listed(application)).rows
    held = application.state.sent_requests.one("north", row.sequence)
    assert held is not None
    everything = f"{held.exchange} {held.message} {held.address}"
    assert "Anna" not in everything
    assert row.message == "The name of *** is too long."
    assert '"name": "*** (9)"' in held.exchange
    assert "0f0f0f0f-0000-4000-8000-000000000001" in held.exchange
    assert "0x80040265" in held.exchange


async def test_everything_is_kept_for_as_long_as_somebody_asks(application: Application) -> None:
    """What goes well is kept from then on, of that connection alone, until the time is over."""
    works = Works()
    add_requests(works, OneCommand(application=application))
    await works.get(requests.KEEP_WHOLE.name)(CALLER, KeepWhole(connection="north", minutes=5))
    await asyncio.to_thread(send, application, HttpAnswer(status=204))
    await asyncio.to_thread(send, application, HttpAnswer(status=204), of="south")
    found = await listed(application)
    assert [each.outcome for each in found.rows] == ["done"]
    assert found.whole_until is not None
    assert (await listed(application, of="south")).rows == ()
    await works.get(requests.KEEP_WHOLE.name)(CALLER, KeepWhole(connection="north", minutes=0))
    await asyncio.to_thread(send, application, HttpAnswer(status=204))
    again = await listed(application)
    assert again.rows == found.rows
    assert again.whole_until is None


async def test_a_request_is_told_in_plain_words(application: Application) -> None:
    """Who refused what, and what to do; one that is not there, or another connection's, is refused itself."""
    await asyncio.to_thread(send, application, REFUSED)
    [row] = (await listed(application)).rows
    works = Works()
    add_requests(works, OneCommand(application=application))
    shown = await works.get(requests.SHOW.name)(
        CALLER, ShowRequest(connection="north", sequence=row.sequence)
    )
    assert isinstance(shown, RequestShown)
    assert shown.told == "The CRM refused the creation or action of /api/data/v9.2/accounts with status 400."
    assert "correlation id" in shown.next_step
    for name, number in (("south", row.sequence), ("north", row.sequence + 1)):
        with pytest.raises(Refused, match="no such request"):
            await works.get(requests.SHOW.name)(CALLER, ShowRequest(connection=name, sequence=number))


def test_what_is_kept_is_bounded(application: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the number of rows of each connection, by how much text they hold, and by their age."""
    kept, now = application.state.sent_requests, datetime.now(UTC)
    every = RequestSelection()
    send(application, *[REFUSED] * 4)
    send(application, REFUSED, of="south")
    application.requests.write()
    monkeypatch.setattr(sent_requests, "ROWS_MAX", 3)
    assert kept.forget_old(now) == 1
    numbers = [each.number for each in kept.selected("north", every)]
    assert numbers == [4, 3, 2]
    monkeypatch.setattr(sent_requests, "TEXT_MAX", len(_text(application, 4)) * 2 + 400)
    assert kept.forget_old(now) == 1
    assert [each.number for each in kept.selected("north", every)] == [4, 3]
    assert kept.forget_old(now + sent_requests.KEPT + timedelta(minutes=1)) == 3
    assert kept.selected("south", every) == []


def _text(application: Application, number: int) -> str:
    held = application.state.sent_requests.one("north", number)
    assert held is not None
    return held.exchange


def test_requests_of_a_connection_go_with_it(application: Application) -> None:
    """What was noted before a connection was removed troubles nobody afterwards."""
    send(application, REFUSED)
    application.requests.write()
    send(application, REFUSED)
    application.state.delete_connection("north")
    application.requests.write()
    assert application.state.sent_requests.selected("north", RequestSelection()) == []
    send(application, REFUSED, of="south")
    application.requests.write()
    assert len(application.state.sent_requests.selected("south", RequestSelection())) == 1


def test_what_comes_too_fast_is_left_out(application: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    """Notes wait in a bounded place; all requests are counted none the less."""
    monkeypatch.setattr("interlace.bootstrap.request_keeping._WAITING_MAX", 2)
    # Nothing is written meanwhile.
    monkeypatch.setattr("interlace.bootstrap.request_keeping._SECONDS", 3_600.0)
    send(application, *[REFUSED] * 5)
    application.requests.write()
    assert len(application.state.sent_requests.selected("north", RequestSelection())) == 2
    used = application.state.service_use.of("north", datetime.now(UTC) - timedelta(hours=1))
    assert sum(each.requests for each in used[Side.CRM]) == 5
    assert used[Side.ERP] == []
