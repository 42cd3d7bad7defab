"""The outcome table, row by row, through both writers: from the bytes of an answer to what the engine is told."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from tests.connectors.stub_channel import StubChannel
from tests.connectors.test_writers import ACCOUNT, CRM_VIEW, CUSTOMER, KEYS, multipart, part

from interlace.connectors.business_central.writing import ErpWriter
from interlace.connectors.collection import CollectionReader
from interlace.connectors.dataverse.choices import ChoiceTable
from interlace.connectors.dataverse.writing import CrmWriter
from interlace.connectors.http import ChannelLimits, HttpChannel
from interlace.connectors.http_message import HttpAnswer, NoAnswer, NothingSent, RequestFailed
from interlace.connectors.sign_in import NoSignIn
from interlace.domain.side import Side
from interlace.engine.ports import Deletion, Outcome, Precondition, TableView, Write, WriteResult

CRM_KEY, ERP_KEY, TAG = KEYS[0], "C1", 'W/"1"'
DONE, EXISTS, STALE, GONE = Outcome.DONE, Outcome.EXISTS, Outcome.STALE, Outcome.GONE
REJECTED, RETRY_LATER, UNKNOWN = Outcome.REJECTED, Outcome.RETRY_LATER, Outcome.UNKNOWN
RECORD = json.dumps({"@odata.etag": TAG, "No": ERP_KEY, "Name": "A", "Search_Name": "CRM1"})


async def nothing() -> None:
    """There are no virtual fields to refresh."""


def erp(channel: HttpChannel) -> ErpWriter:
    """Return the ERP's writer over a channel."""
    return ErpWriter(channel, "/odata/", "/odata/company/", batch_size=10)


def crm(channel: HttpChannel) -> CrmWriter:
    """Return the CRM's writer over a channel."""
    return CrmWriter(channel, "/api/", bulk_size=10, batch_size=10)


def write(key: str, field: str, precondition: Precondition) -> Write:
    """Return a write of one field."""
    tag = TAG if precondition is Precondition.UNCHANGED else None
    return Write(key=key, precondition=precondition, values={field: "A"}, tag=tag)


Send = Callable[[HttpChannel], Awaitable[list[WriteResult]]]


def erp_write(precondition: Precondition, key: str = ERP_KEY) -> Send:
    """Return what sends one write to the ERP."""
    sent = write(key, "Name", precondition)
    return lambda channel: erp(channel).write(CUSTOMER, {}, nothing, [sent])


def crm_write(precondition: Precondition) -> Send:
    """Return what sends one write to the CRM."""
    return lambda channel: crm(channel).write(ACCOUNT, CRM_VIEW, [write(CRM_KEY, "name", precondition)])


SENDS: dict[str, Send] = {
    "erp create": erp_write(Precondition.ABSENT),
    "erp update": erp_write(Precondition.UNCHANGED),
    "erp delete": lambda channel: erp(channel).delete(CUSTOMER, [Deletion(key=ERP_KEY, tag=TAG)]),
    "erp marked": erp_write(Precondition.MARKED, "CRM1"),
    "crm create": crm_write(Precondition.ABSENT),
    "crm update": crm_write(Precondition.UNCHANGED),
    "crm delete": lambda channel: crm(channel).delete(ACCOUNT, [Deletion(key=CRM_KEY, tag=TAG)]),
}
CREATES = ("erp create", "crm create")
UPDATES = ("erp update", "crm update")
DELETES = ("erp delete", "crm delete")
KEYED = (*CREATES, *UPDATES, *DELETES)
ALL = tuple(SENDS)
ERP_WRITES = ("erp create", "erp update", "erp marked")


def answered(deed: str, status: int, body: str, **headers: str) -> HttpAnswer:
    """Return the answer to the one request: itself where it goes alone, else wrapped in a batch's answer."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    if deed == "erp marked":
        return HttpAnswer(status=status, headers=named, body=body.encode())
    if deed.startswith("crm"):
        return multipart(part(status, *(f"{name}: {text}" for name, text in named.items()), body=body))
    response: dict[str, object] = {"id": "1", "status": status, "headers": named}
    if body:
        try:
            response["body"] = json.loads(body)
        except ValueError:
            response["body"] = body
    content = json.dumps({"responses": [response]}).encode()
    return HttpAnswer(status=200, headers={"content-type": "application/json"}, body=content)


def error(code: str, message: str = "No.") -> str:
    """Return the body of a refusal."""
    return json.dumps({"error": {"code": code, "message": message}})


ROWS: list[tuple[str, tuple[str, ...], int, str, Outcome]] = [
    ("well-formed, with the record", ERP_WRITES, 201, RECORD, DONE),
    ("well-formed, without content", ("erp update", "erp delete", *UPDATES[1:], *CREATES[1:]), 204, "", DONE),
    ("success without the record", ("erp create", "erp marked"), 204, "", UNKNOWN),
    ("success with half a body", ALL, 200, RECORD[:20], UNKNOWN),
    ("success that is a web page", ALL, 200, "<html>Sign in</html>", UNKNOWN),
    ("success of another record", ERP_WRITES[:2], 200, RECORD.replace("C1", "C2"), UNKNOWN),
    ("success of another mark", ("erp marked",), 201, RECORD.replace("CRM1", "CRM2"), UNKNOWN),
    ("success of a record without number", ("erp marked",), 201, RECORD.replace('"C1"', '""'), UNKNOWN),
    ("accepted, not yet done", ALL, 202, "", UNKNOWN),
    ("reset content", ALL, 205, "", UNKNOWN),
    ("redirected", ALL, 302, "", UNKNOWN),
    ("precondition failed: it exists", CREATES, 412, error(""), EXISTS),
    ("precondition failed: it changed", (*UPDATES, *DELETES), 412, error(""), STALE),
    ("entity changed", ("erp update", "erp delete"), 409, error("Request_EntityChanged"), STALE),
    ("key taken", ("erp create",), 400, error("Internal_EntityWithSameKeyExists"), EXISTS),
    ("key taken, newer build", ("erp create",), 409, error("Internal_EntityWithSameKeyExists"), EXISTS),
    ("not there", (*UPDATES, *DELETES), 404, error(""), GONE),
    ("bad request", ALL, 400, error("Application_DialogException"), REJECTED),
    ("forbidden", ALL, 403, error("0x80040220"), REJECTED),
    ("a rule of the business", ALL, 409, error("Application_DialogException"), REJECTED),
    ("too large", ALL, 413, error(""), REJECTED),
    ("not processable", ALL, 422, error(""), REJECTED),
    ("not implemented", ALL, 501, error(""), REJECTED),
    ("sign-in refused", ALL, 401, error(""), RETRY_LATER),
    ("locked", ALL, 423, error("Locked"), RETRY_LATER),
    ("locked, the other way", ALL, 409, error("Application_LockTimeout"), RETRY_LATER),
    ("an earlier part failed", KEYED, 424, error(""), RETRY_LATER),
    ("too early", ALL, 425, error(""), RETRY_LATER),
    ("too many requests", ALL, 429, error(""), RETRY_LATER),
    ("time-out of the request", ALL, 408, error(""), UNKNOWN),
    ("defect", ALL, 500, error(""), UNKNOWN),
    ("bad gateway", ALL, 502, error(""), UNKNOWN),
    ("unavailable, without a time", ALL, 503, error(""), UNKNOWN),
    ("time-out of the gateway", ALL, 504, error(""), UNKNOWN),
    ("out of space", ALL, 507, error(""), UNKNOWN),
]
CASES = [(row, deed, *rest) for row, deeds, *rest in ROWS for deed in deeds]


@pytest.mark.parametrize(
    ("row", "deed", "status", "body", "outcome"), CASES, ids=[f"{row}: {deed}" for row, deed, *_ in CASES]
)
async def test_every_answer_has_its_row(
    row: str, deed: str, status: int, body: str, outcome: Outcome
) -> None:
    """An answer to one write means what the outcome table says."""
    [result] = await SENDS[deed](StubChannel(answered(deed, status, body)))
    assert result.outcome is outcome, row
    assert (result.error is None) == (outcome is DONE)


@pytest.mark.parametrize("deed", ALL)
async def test_unavailable_until_a_time_had_no_effect(deed: str) -> None:
    """A 503 that says when to come back is refused for now."""
    [result] = await SENDS[deed](StubChannel(answered(deed, 503, error(""), retry_after="3")))
    assert result.outcome is RETRY_LATER


async def test_marked_create_tells_the_key_that_the_erp_chose() -> None:
    """The result of a marked create names the record, not the mark."""
    [result] = await SENDS["erp marked"](StubChannel(answered("erp marked", 201, RECORD)))
    assert (result.key, result.tag) == (ERP_KEY, TAG)


@pytest.mark.parametrize("deed", KEYED)
@pytest.mark.parametrize("status", [404, 409, 410, 412])
async def test_status_of_a_whole_batch_is_no_news_of_a_record(deed: str, status: int) -> None:
    """When the address of batches answers "not there" or "changed", no record is taken for gone or changed."""
    [result] = await SENDS[deed](StubChannel(HttpAnswer(status=status, body=b"{}")))
    assert result.outcome is RETRY_LATER


@pytest.mark.parametrize("deed", ALL)
@pytest.mark.parametrize(("failure", "outcome"), [(NothingSent("x"), RETRY_LATER), (NoAnswer("x"), UNKNOWN)])
async def test_failure_depends_on_whether_a_byte_left(
    deed: str, failure: RequestFailed, outcome: Outcome
) -> None:
    """Without a byte sent there was no effect; with one nobody knows."""
    [result] = await SENDS[deed](StubChannel(failure))
    assert result.outcome is outcome


@pytest.mark.parametrize("places", [[], ["1"], ["1", "1", "2"], ["2", "2"], ["3"], ["x", "y"]])
async def test_unanswered_parts_are_unknown(places: list[str]) -> None:
    """Of two deletions, only the parts that are answered exactly once are known, whatever their order."""
    responses = [{"id": place, "status": 204} for place in places]
    body = json.dumps({"responses": responses}).encode()
    deletions = [Deletion(key="C1", tag=TAG), Deletion(key="C2", tag=TAG)]
    results = await erp(StubChannel(HttpAnswer(status=200, body=body))).delete(CUSTOMER, deletions)
    wanted = [DONE if places.count(place) == 1 else UNKNOWN for place in ("1", "2")]
    assert [result.outcome for result in results] == wanted


async def test_parts_in_another_order_find_their_records() -> None:
    """A batch's answers are told by their names, not by their place."""
    responses = [{"id": "2", "status": 404, "body": {}}, {"id": "1", "status": 204}]
    answer = HttpAnswer(status=200, body=json.dumps({"responses": responses}).encode())
    deletions = [Deletion(key="C1", tag=TAG), Deletion(key="C2", tag=TAG)]
    results = await erp(StubChannel(answer)).delete(CUSTOMER, deletions)
    assert [result.outcome for result in results] == [DONE, GONE]


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def talking(talk: Talk) -> AsyncIterator[HttpChannel]:
    """Serve connections by hand; gives a channel there."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk, then hang up."""
        over = asyncio.Event()
        conversations.append(over)
        try:
            await talk(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
            over.set()

    conversations: list[asyncio.Event] = []
    server = await asyncio.start_server(one, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    limits = ChannelLimits(request_seconds_max=0.3)
    async with server, HttpChannel(f"http://127.0.0.1:{port}", NoSignIn(), limits) as channel:
        yield channel
    for each in conversations:
        await each.wait()


async def hang_up_at_once(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    """Close the connection before anything was read."""


async def hang_up_after_the_request(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Read the request, say nothing."""
    await reader.readuntil(b"\r\n\r\n")


async def reset_in_the_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Begin the answer's head and break off."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 O")


async def stop_in_the_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Announce more of a body than comes."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b'HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{"No":')
    await writer.drain()


async def stay_silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Never answer."""
    await reader.readuntil(b"\r\n\r\n")
    await reader.read()


async def say_nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer in another protocol."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"220 mail.example.com ESMTP\r\n\r\n")


@pytest.mark.parametrize("deed", ["erp marked", "erp update", "crm create"])
@pytest.mark.parametrize(
    "talk",
    [
        hang_up_at_once,
        hang_up_after_the_request,
        reset_in_the_head,
        stop_in_the_body,
        stay_silent,
        say_nonsense,
    ],
)
async def test_connection_lost_at_any_byte_is_unknown(talk: Talk, deed: str) -> None:
    """Once bytes may have left, the end of a connection at whatever place leaves the outcome open."""
    async with talking(talk) as channel:
        [result] = await SENDS[deed](channel)
    assert result.outcome is UNKNOWN


@pytest.mark.parametrize("deed", ALL)
async def test_connection_refused_is_refused_for_now(deed: str) -> None:
    """Where nobody listens no byte was written."""
    async with talking(hang_up_at_once) as channel:
        pass
    async with HttpChannel(channel.origin, NoSignIn()) as closed:
        [result] = await SENDS[deed](closed)
    assert result.outcome is RETRY_LATER


async def test_name_that_leads_nowhere_is_refused_for_now() -> None:
    """Where the address has no host no byte was written."""
    async with HttpChannel("http://nobody.invalid", NoSignIn()) as channel:
        [result] = await SENDS["erp update"](channel)
    assert result.outcome is RETRY_LATER


async def test_failed_handshake_is_refused_for_now() -> None:
    """A TLS handshake that fails comes before the first byte of the request."""
    async with talking(say_nonsense) as plain:
        address = plain.origin.replace("http:", "https:")
        limits = ChannelLimits(request_seconds_max=2.0)
        async with HttpChannel(address, NoSignIn(), limits) as channel:
            [result] = await SENDS["erp update"](channel)
    assert result.outcome is RETRY_LATER


async def test_crm_takes_no_marked_create() -> None:
    """The CRM lets us choose keys, so a create that is only marked is refused before anything is sent."""
    channel = StubChannel()
    [result] = await crm_write(Precondition.MARKED)(channel)
    assert result.outcome is REJECTED
    assert result.error is not None
    assert channel.sent == []


async def test_choices_take_no_marked_create() -> None:
    """The number of a choice is ours to choose, too."""
    channel = StubChannel(HttpAnswer(status=200, body=b'{"OptionSet": {"Options": []}}'))
    view = TableView(side=Side.CRM, table="account", fields=("label",), choice_column="paymenttermscode")
    choices = ChoiceTable(CollectionReader(channel, "the CRM"), "/api/")
    [result] = await choices.write(view, [write("1", "label", Precondition.MARKED)])
    assert result.outcome is REJECTED
    assert [request.method for request in channel.sent] == ["GET"]
