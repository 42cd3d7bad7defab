"""Answers that no service sends by itself: each limit refuses them, and says which service and which limit."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import msgspec
import pytest

from interlace.connectors.answer_limits import (
    DEPTH_MAX,
    KEYS_MAX,
    RECORDS_MAX,
    check_document,
    check_records,
)
from interlace.connectors.batch import send_batch
from interlace.connectors.batch_formats import JsonFormat, MultipartFormat
from interlace.connectors.collection import CollectionReader
from interlace.connectors.http import ChannelLimits, HttpChannel
from interlace.connectors.http_message import AnswerOverLimit, HttpAnswer, HttpRequest, NoAnswer, NothingSent
from interlace.connectors.odata_table import split_page
from interlace.connectors.sign_in import ClientCredentialsSignIn, NoSignIn, SignIn
from interlace.engine.service import ServiceMismatch, ServiceUnavailable


def nested(levels: int, opening: str = '{"a":', closing: str = "}") -> str:
    """Return a value so many levels deep."""
    return opening * levels + "1" + closing * levels


def object_of(members: int) -> str:
    """Return an object of so many members."""
    return "{" + ",".join(f'"a{number}":0' for number in range(members)) + "}"


def page_of(record: str, others: int = 0) -> str:
    """Return a page with a record among others."""
    return '{"value":[' + ",".join(['{"No":"1"}'] * others + [record]) + "]}"


@pytest.mark.parametrize("opening", ['{"a":', "[", '[{"b":['])
def test_security_o5_depth_is_counted_to_the_level(opening: str) -> None:
    """The deepest that is taken is taken; one level more is not, whatever it is made of."""
    closing = "".join({"{": "}", "[": "]"}[each] for each in reversed(opening) if each in "{[")
    per_piece = len(closing)
    levels = DEPTH_MAX // per_piece
    rest = DEPTH_MAX - levels * per_piece
    deepest = "[" * rest + nested(levels, opening, closing) + "]" * rest
    check_document(deepest.encode())
    with pytest.raises(AnswerOverLimit, match="nested deeper than 64 levels"):
        check_document(f"[{deepest}]".encode())


@pytest.mark.parametrize(
    "text",
    ["{" * 500, "]" * 500, '\\"' * 300 + "[" * 300, "\\\\", "[" * 100 + "\\\\\\\\", '{\\"a\\":[' * 90],
    ids=["openings", "closings", "quotes", "backslash", "end in backslashes", "JSON in JSON"],
)
def test_brackets_in_texts_do_not_count(text: str) -> None:
    """What people write into fields is no structure, and hides none."""
    written = f'"{text}"' if "\\" in text else json.dumps(text)
    check_document(f'{{"value":[{written},{{"b":{written}}}]}}'.encode())
    hiding = nested(DEPTH_MAX + 1, f'{{"a":{written},"b":')
    with pytest.raises(AnswerOverLimit):
        check_document(hiding.encode())


def depth_of(value: object) -> int:
    """Return how deep a value is, by walking it."""
    if isinstance(value, dict):
        return 1 + max((depth_of(each) for each in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((depth_of(each) for each in value), default=0)
    return 0


def test_depth_is_what_walking_finds() -> None:
    """Random documents around the limit, with texts full of brackets, quotes and backslashes."""
    chance = random.Random(7)

    def text() -> str:
        return "".join(chance.choice('[]{}"\\:,x') for _ in range(chance.randrange(6)))

    def value(levels: int) -> object:
        if not levels:
            return text()
        inner: list[object] = [text() for _ in range(chance.randrange(3))]
        inner.insert(chance.randrange(len(inner) + 1), value(levels - 1))
        return (
            inner
            if chance.random() < 0.5
            else {f"{number}{text()}": each for number, each in enumerate(inner)}
        )

    refused = 0
    for _ in range(300):
        document = [value(chance.randrange(55, 75)) for _ in range(3)]
        try:
            check_document(json.dumps(document).encode())
            is_taken = True
        except AnswerOverLimit:
            is_taken = False
        assert is_taken == (depth_of(document) <= DEPTH_MAX)
        refused += not is_taken
    assert 0 < refused < 300


def test_a_cut_answer_is_left_to_the_decoder() -> None:
    """What was lost on the way is asked for again: it is no answer beyond the limits."""
    body = page_of('{"No":"1","Lines":[{"No":1}]}', others=200).encode()
    for length in range(1, len(body), 37):
        check_document(body[:length])


def test_security_o5_members_are_counted_by_object() -> None:
    """Many objects of many members are a large answer; one with more than any table has columns is refused."""
    check_document(f"[{object_of(KEYS_MAX)},{object_of(KEYS_MAX)}]".encode())
    with pytest.raises(AnswerOverLimit, match="a JSON object of more than 10000 members"):
        check_document(f'[{{"a":{object_of(KEYS_MAX + 1)}}}]'.encode())


def test_security_o5_records_are_looked_at_one_by_one() -> None:
    """A page may hold many plain records; each of them keeps to the limits itself."""
    plain = page_of('{"No":"2"}', others=RECORDS_MAX - 1).encode()
    assert len(split_page(plain).records) == RECORDS_MAX
    with pytest.raises(AnswerOverLimit, match="20001 records in one page; at most 20000 are taken"):
        split_page(page_of('{"No":"2"}', others=RECORDS_MAX).encode())
    with pytest.raises(AnswerOverLimit, match="nested deeper"):
        split_page(page_of(nested(DEPTH_MAX + 1), others=500).encode())
    beside = f'{{"other":{nested(DEPTH_MAX)},{page_of("{}", others=500)[1:]}'
    with pytest.raises(AnswerOverLimit, match="nested deeper"):
        split_page(beside.encode())
    with pytest.raises(AnswerOverLimit, match="members"):
        split_page(page_of(object_of(KEYS_MAX + 1), others=500).encode())
    texts = [msgspec.Raw(json.dumps({"No": "[{" * 40}).encode())] * 50
    check_records(b'{"value":[' + b",".join(bytes(each) for each in texts) + b"]}", texts)


@dataclass
class HostileService:
    """Answers every request with the same body, in pieces if wanted."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    pieces: int = 1
    pause_seconds: float = 0.0
    asked: list[str] = field(default_factory=list)
    origin: str = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.asked.append(head.decode().partition(" HTTP")[0])
                length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
                await reader.readexactly(int(length or 0))
                opening = f"HTTP/1.1 {self.status} Any\r\nContent-Type: {self.content_type}\r\n"
                writer.write(f"{opening}Content-Length: {len(self.body)}\r\n\r\n".encode())
                size = -(-len(self.body) // self.pieces)
                for start in range(0, len(self.body), size):
                    writer.write(self.body[start : start + size])
                    await writer.drain()
                    await asyncio.sleep(self.pause_seconds)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def service() -> AsyncIterator[HostileService]:
    """A service whose answer tests choose."""
    hostile = HostileService()
    listening = await asyncio.start_server(hostile.answer, "127.0.0.1", 0)
    hostile.origin = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    yield hostile
    listening.close()


def _channel(service: HostileService, sign_in: SignIn | None = None, **limits: float) -> HttpChannel:
    allowed = ChannelLimits(retry_delay_seconds=0.0, **limits)  # type: ignore[arg-type]
    return HttpChannel(service.origin, sign_in or NoSignIn(), allowed)


@pytest.mark.parametrize(
    ("body", "limits", "said"),
    [
        (page_of(nested(DEPTH_MAX + 1)), {}, "JSON that is nested deeper than 64 levels"),
        (
            '{"other":' + nested(100_000, "[", "]") + ',"value":[]}',
            {},
            "JSON that is nested deeper than 64 levels",
        ),
        (page_of("[" * 100_000), {}, "JSON that is nested deeper than 64 levels"),
        (page_of(object_of(KEYS_MAX + 1)), {}, "a JSON object of more than 10000 members"),
        (page_of("{}", others=RECORDS_MAX), {}, "20001 records in one page; at most 20000 are taken"),
        (page_of("{}", others=500), {"sent_bytes_max": 1000}, "more than 1000 bytes"),
    ],
    ids=["deep record", "deep answer", "cut deep answer", "many members", "many records", "many bytes"],
)
async def test_security_o5_a_read_names_service_and_limit(
    service: HostileService, body: str, limits: dict[str, float], said: str
) -> None:
    """What is beyond a limit is asked for once, told, and not used."""
    service.body = body.encode()
    async with _channel(service, None, **limits) as channel:
        with pytest.raises(ServiceMismatch) as raised:
            await CollectionReader(channel, "the CRM").page("/api/accounts?$top=1", page_size=1)
    assert str(raised.value).startswith(f"The CRM answered the request for /api/accounts with {said}.")
    assert "nothing of it was used" in str(raised.value)
    assert service.asked == ["GET /api/accounts?$top=1"]


async def test_documents_and_plain_reads_are_limited_too(service: HostileService) -> None:
    """What is no page is looked at as a whole; so are answers that refuse."""
    service.body = nested(DEPTH_MAX + 1).encode()
    async with _channel(service) as channel:
        reader = CollectionReader(channel, "the ERP")
        with pytest.raises(
            ServiceMismatch, match="The ERP answered the request for /x with JSON that is nested"
        ):
            await reader.document("/x", dict[str, msgspec.Raw])
        with pytest.raises(ServiceMismatch, match="nested deeper"):
            await reader.get("/x")
        service.status = 400
        with pytest.raises(ServiceMismatch, match="nested deeper"):
            await reader.page("/x", page_size=1)


async def test_security_o5_an_answer_that_drips_is_given_up_as_a_whole(service: HostileService) -> None:
    """Pieces that come in time one by one don't keep a worker for ever."""
    service.body, service.pieces, service.pause_seconds = page_of("{}", others=20).encode(), 40, 0.02
    async with _channel(service, answer_seconds_max=0.1, silence_seconds_max=5.0, retries_max=1) as channel:
        with pytest.raises(ServiceUnavailable) as raised:
            await CollectionReader(channel, "the ERP").page("/x", page_size=1)
    assert "The ERP does not answer" in str(raised.value)
    assert "was still sending its answer after 0.1 s, which is the most that is waited" in str(raised.value)
    assert len(service.asked) == 2
    assert ChannelLimits().answer_seconds_max == 60.0


@pytest.mark.parametrize("status", [200, 400, 500])
async def test_security_o5_a_write_whose_answer_is_beyond_a_limit_is_open(
    service: HostileService, status: int
) -> None:
    """The service may have acted: the write is sent once, and who sent it looks what became of it."""
    service.body, service.status = nested(DEPTH_MAX + 1).encode(), status
    async with _channel(service) as channel:
        with pytest.raises(NoAnswer, match="JSON that is nested deeper than 64 levels"):
            await channel.send(HttpRequest(method="PATCH", url="/x", body=b"{}"))
    assert service.asked == ["PATCH /x"]


async def test_a_batch_is_limited_as_a_whole_and_by_parts(service: HostileService) -> None:
    """Too deep a batch is none at all; a part that is too deep leaves the other parts their answers."""
    parts = [HttpRequest(method="GET", url=f"/{number}") for number in (1, 2)]
    service.body = nested(DEPTH_MAX + 1, '{"responses":').encode()
    async with _channel(service) as channel:
        answers = await send_batch(channel, "/$batch", JsonFormat("/"), parts)
        assert [type(each) for each in answers] == [AnswerOverLimit, AnswerOverLimit]
        service.content_type = "multipart/mixed; boundary=b"
        service.body = (
            "".join(
                "--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
                f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{body}\r\n"
                for body in ("{}", nested(DEPTH_MAX + 1))
            )
            + "--b--\r\n"
        ).encode()
        answers = await send_batch(channel, "/$batch", MultipartFormat(), parts)
    assert [type(each) for each in answers] == [HttpAnswer, AnswerOverLimit]


async def test_security_o5_a_token_answer_is_limited(service: HostileService) -> None:
    """A sign-in service is a service like any other."""
    service.body = nested(DEPTH_MAX + 1).encode()
    sign_in = ClientCredentialsSignIn(
        f"{service.origin}/token", "client", "secret", "scope", monotonic=lambda: 0.0
    )
    async with _channel(service, sign_in, retries_max=0) as channel:
        with pytest.raises(NothingSent, match=r"sign-in service.*JSON that is nested deeper than 64 levels"):
            await channel.send(HttpRequest(method="GET", url="/x"))
