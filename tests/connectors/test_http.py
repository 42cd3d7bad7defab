"""The channel against a server whose every answer is scripted byte by byte."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from interlace.connectors.http import ChannelLimits, HttpChannel
from interlace.connectors.http_message import (
    ForeignAddress,
    HttpAnswer,
    HttpRequest,
    NoAnswer,
    NothingSent,
    RequestFailed,
)
from interlace.connectors.sign_in import BasicSignIn, ClientCredentialsSignIn, NoSignIn, SignIn
from interlace.engine.service import SignInRefused

Reply = bytes | None
TOO_MANY = b'{"error":{"code":"0x80072322","message":"Number of requests exceeded the limit of 6000."}}'


@dataclass
class ScriptedServer:
    """Answers each request with the next reply; None closes the connection without a byte."""

    replies: list[Reply] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)
    origin: str = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = 0
                for line in head.split(b"\r\n"):
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                body = await reader.readexactly(length)
                self.requests.append(head + body)
                reply = self.replies.pop(0)
                if reply is None:
                    break
                writer.write(reply)
                await writer.drain()
                if b"Content-Length: 999" in reply:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def reply(status: int, body: bytes = b"", **headers: str) -> bytes:
    """Write an answer down."""
    lines = [f"HTTP/1.1 {status} Any", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


class FakeTime:
    """Time that passes only by pauses."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.pauses: list[float] = []

    def now(self) -> float:
        """Return the time."""
        return self.seconds

    async def pause(self, seconds: float) -> None:
        """Let time pass."""
        self.pauses.append(seconds)
        self.seconds += seconds


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    """A scripted server on a free port."""
    scripted = ScriptedServer()
    listening = await asyncio.start_server(scripted.answer, "127.0.0.1", 0)
    scripted.origin = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    yield scripted
    listening.close()


@pytest.fixture
def fake_time() -> FakeTime:
    """Time under the test's control."""
    return FakeTime()


Open = Callable[..., HttpChannel]


@pytest.fixture
async def open_channel(server: ScriptedServer, fake_time: FakeTime) -> AsyncIterator[Open]:
    """Return a function that opens channels to the server."""
    channels: list[HttpChannel] = []

    def start(sign_in: SignIn | None = None, limits: ChannelLimits | None = None) -> HttpChannel:
        """Open a channel until the test ends."""
        channel = HttpChannel(
            server.origin,
            sign_in or NoSignIn(),
            limits,
            monotonic=fake_time.now,
            epoch_seconds=fake_time.now,
            pause=fake_time.pause,
            jitter=lambda: 1.0,
        )
        channels.append(channel)
        return channel

    yield start
    for channel in channels:
        await channel.close()


def get(url: str = "/x") -> HttpRequest:
    """Return a GET."""
    return HttpRequest(method="GET", url=url)


def patch() -> HttpRequest:
    """Return a write."""
    return HttpRequest(method="PATCH", url="/x", body=b"{}")


async def test_answer_is_returned_with_lower_case_headers(server: ScriptedServer, open_channel: Open) -> None:
    """A complete answer comes back as it was sent; over loopback no compression is asked for."""
    server.replies = [reply(200, b"abc", ETag='W/"1"')]
    answer = await open_channel().send(get("/a%20b?$filter=No%20eq%20'x'"))
    assert (answer.status, answer.body, answer.headers["etag"]) == (200, b"abc", 'W/"1"')
    assert server.requests[0].startswith(b"GET /a%20b?$filter=No%20eq%20'x' HTTP/1.1\r\n")
    assert b"Accept-Encoding: identity" in server.requests[0]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
async def test_transient_answer_to_read_is_asked_again(
    server: ScriptedServer, open_channel: Open, status: int
) -> None:
    """A GET that meets trouble is repeated after a pause."""
    server.replies = [reply(status), reply(200, b"ok")]
    assert (await open_channel().send(get())).body == b"ok"


async def test_lost_answer_to_read_is_asked_again(server: ScriptedServer, open_channel: Open) -> None:
    """A GET whose answer is cut is repeated."""
    server.replies = [b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nshort", reply(200, b"ok")]
    assert (await open_channel().send(get())).body == b"ok"


@pytest.mark.parametrize("status", [408, 500, 503])
async def test_write_is_never_repeated(server: ScriptedServer, open_channel: Open, status: int) -> None:
    """Where a service may have looked at a write, it is sent once, whatever the answer."""
    server.replies = [reply(status)]
    assert (await open_channel().send(patch())).status == status
    assert len(server.requests) == 1


async def test_write_refused_for_the_number_of_requests_is_sent_again(
    server: ScriptedServer, open_channel: Open, fake_time: FakeTime
) -> None:
    """A write that nobody looked at, as the service's own code says, is sent once more after the pause asked for."""
    server.replies = [reply(429, TOO_MANY, Retry_After="3"), reply(204)]
    assert (await open_channel().send(patch())).status == 204
    assert fake_time.seconds == pytest.approx(1003.0)


async def test_write_refused_for_long_is_left_to_its_sender(
    server: ScriptedServer, open_channel: Open, fake_time: FakeTime
) -> None:
    """Where the pause makes a write stale, who sent it decides again."""
    server.replies = [reply(429, TOO_MANY, Retry_After="40")]
    assert (await open_channel().send(patch())).status == 429
    assert fake_time.seconds < 1030.0


@pytest.mark.parametrize(
    "body", [b"", b"<html>Too many</html>", b'{"error":{"code":"429","message":"Slow"}}']
)
async def test_write_that_something_in_between_refused_is_sent_once(
    server: ScriptedServer, open_channel: Open, body: bytes
) -> None:
    """A 429 without the service's own code may be a proxy's, which may have passed the write on."""
    server.replies = [reply(429, body, Retry_After="0")]
    assert (await open_channel().send(patch())).status == 429
    assert len(server.requests) == 1


async def test_unguarded_write_is_sent_once(server: ScriptedServer, open_channel: Open) -> None:
    """Where nothing would refuse a second one, not even the service's own word makes us send a write again."""
    server.replies = [reply(429, TOO_MANY, Retry_After="0")]
    request = HttpRequest(method="POST", url="/documents", body=b"{}", unguarded=True)
    assert (await open_channel().send(request)).status == 429
    assert len(server.requests) == 1


@pytest.mark.parametrize("lost", [None, b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nabc"])
async def test_lost_answer_to_write_leaves_it_open(
    server: ScriptedServer, open_channel: Open, lost: Reply
) -> None:
    """A write without a complete answer may have taken effect, and is sent once."""
    server.replies = [lost]
    with pytest.raises(NoAnswer):
        await open_channel().send(patch())
    assert len(server.requests) == 1


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "PUT", "DELETE"])
async def test_a_request_leaves_once_though_a_kept_connection_breaks(
    server: ScriptedServer, open_channel: Open, method: str
) -> None:
    """The HTTP client below repeats some methods by itself when a connection that it kept ends; ours does not."""
    server.replies = [reply(200), None, reply(200)]
    channel = open_channel(limits=ChannelLimits(retries_max=0))
    await channel.send(HttpRequest(method="GET", url="/before"))
    with pytest.raises(NoAnswer):
        await channel.send(HttpRequest(method=method, url="/x", body=None if method == "GET" else b"{}"))
    assert [each.split(b" ")[0] for each in server.requests] == [b"GET", method.encode()]
    await channel.send(HttpRequest(method="GET", url="/after"))


async def test_refused_connection_sends_nothing(open_channel: Open) -> None:
    """When nobody listens, no byte has left: the write certainly has no effect."""
    async with HttpChannel("http://127.0.0.1:9", NoSignIn()) as channel:
        with pytest.raises(NothingSent):
            await channel.send(patch())


async def test_silence_is_an_open_outcome(server: ScriptedServer, open_channel: Open) -> None:
    """A service that takes a write and says nothing until the time is up may have carried it out."""
    server.replies = [b" "]
    channel = open_channel(limits=ChannelLimits(request_seconds_max=0.2))
    with pytest.raises(NoAnswer):
        await channel.send(patch())


async def test_retry_after_pauses_the_whole_channel(
    server: ScriptedServer, open_channel: Open, fake_time: FakeTime
) -> None:
    """After a 429 to a write, the next request waits as long as the service asked; the write is old by then."""
    server.replies = [reply(429, Retry_After="37"), reply(200)]
    channel = open_channel()
    assert (await channel.send(patch())).status == 429
    await channel.send(get())
    assert fake_time.pauses == [37.0]


async def test_too_long_pause_fails_as_not_sent(server: ScriptedServer, open_channel: Open) -> None:
    """A pause beyond what may be waited out fails the next request without sending it."""
    server.replies = [reply(503, Retry_After="3600")]
    channel = open_channel(limits=ChannelLimits(retries_max=0))
    await channel.send(get())
    with pytest.raises(NothingSent) as caught:
        await channel.send(patch())
    assert caught.value.retry_after_seconds == pytest.approx(3600)


async def test_busy_service_gets_fewer_requests_at_once(server: ScriptedServer, open_channel: Open) -> None:
    """A refusal halves the number of requests under way; good answers raise it again, up to the maximum."""
    server.replies = [reply(503), *(reply(200) for _ in range(40))]
    channel = open_channel(limits=ChannelLimits(requests_at_once_max=8))
    await channel.send(patch())
    assert channel.requests_at_once == 4
    for _ in range(40):
        await channel.send(patch())
    assert channel.requests_at_once == 8


async def test_security_o3_redirect_is_not_followed(server: ScriptedServer, open_channel: Open) -> None:
    """A redirect is an answer like any other: credentials are not carried elsewhere."""
    server.replies = [reply(302, Location="http://127.0.0.1:1/evil")]
    assert (await open_channel().send(get())).status == 302


@pytest.mark.parametrize("url", ["http://evil.example/x", "//evil.example/x", "https://127.0.0.1/x"])
async def test_security_o1_o3_foreign_address_is_refused(open_channel: Open, url: str) -> None:
    """An address of another origin, such as a forged continuation, gets no request and no credentials."""
    with pytest.raises(ForeignAddress):
        await open_channel().send(get(url))


async def test_too_large_answer_is_refused(server: ScriptedServer, open_channel: Open) -> None:
    """An answer beyond the limit is not taken into memory."""
    server.replies = [reply(200, b"x" * 2000)]
    with pytest.raises(RequestFailed):
        await open_channel(limits=ChannelLimits(answer_bytes_max=1000, retries_max=0)).send(get())


async def test_access_key_is_sent_and_never_shown(server: ScriptedServer, open_channel: Open) -> None:
    """Basic sign-in sends the key with each request; no repr shows it."""
    server.replies = [reply(200)]
    sign_in = BasicSignIn("INTERLACE", "s3cret-key")
    channel = open_channel(sign_in)
    await channel.send(get())
    assert b"Authorization: Basic SU5URVJMQUNFOnMzY3JldC1rZXk=" in server.requests[0]
    assert "s3cret" not in f"{sign_in!r} {channel!r} {vars(channel)!r}"


async def test_refused_access_key_is_not_tried_twice(server: ScriptedServer, open_channel: Open) -> None:
    """With nothing new to offer, a 401 is the answer."""
    server.replies = [reply(401)]
    assert (await open_channel(BasicSignIn("u", "k")).send(get())).status == 401
    assert len(server.requests) == 1


def token_sign_in(server: ScriptedServer, fake_time: FakeTime) -> ClientCredentialsSignIn:
    """Return a client credentials sign-in at the scripted server."""
    return ClientCredentialsSignIn(
        f"{server.origin}/token", "client", "s3cret & more", "https://crm/.default", monotonic=fake_time.now
    )


async def test_token_is_fetched_used_and_renewed_early(
    server: ScriptedServer, open_channel: Open, fake_time: FakeTime
) -> None:
    """A token serves until shortly before its end; then a new one is fetched."""
    server.replies = [
        reply(200, b'{"access_token": "one", "expires_in": 3600}'),
        reply(200),
        reply(200),
        reply(200, b'{"access_token": "two", "expires_in": 3600}'),
        reply(200),
    ]
    channel = open_channel(token_sign_in(server, fake_time))
    await channel.send(get())
    await channel.send(get())
    fake_time.seconds += 3400
    await channel.send(get())
    assert b"client_secret=s3cret+%26+more" in server.requests[0]
    assert [b"Bearer one" in request for request in server.requests] == [False, True, True, False, False]
    assert b"Bearer two" in server.requests[4]


async def test_refused_token_is_renewed_once(
    server: ScriptedServer, open_channel: Open, fake_time: FakeTime
) -> None:
    """A 401 fetches a new token and sends the request again, once, even a write: it was refused whole."""
    token = reply(200, b'{"access_token": "one", "expires_in": 3600}')
    newer = reply(200, b'{"access_token": "two", "expires_in": 3600}')
    server.replies = [token, reply(401), newer, reply(401)]
    channel = open_channel(token_sign_in(server, fake_time))
    assert (await channel.send(patch())).status == 401
    assert len(server.requests) == 4


async def test_refused_client_needs_a_person(
    server: ScriptedServer, open_channel: Open, fake_time: FakeTime
) -> None:
    """When the token service refuses the secret, the message says what to check and shows no secret."""
    server.replies = [reply(400, b'{"error": "invalid_client"}')]
    with pytest.raises(SignInRefused) as caught:
        await open_channel(token_sign_in(server, fake_time)).send(get())
    assert "secret" in str(caught.value)
    assert "s3cret" not in str(caught.value)


async def test_cut_token_is_asked_for_again(
    server: ScriptedServer, open_channel: Open, fake_time: FakeTime
) -> None:
    """A token's answer that ends half-way says nothing against the connection's settings."""
    server.replies = [
        reply(200, b'{"access_tok'),
        reply(200, b'{"access_token": "one", "expires_in": 3600}'),
        reply(200, b"ok"),
    ]
    assert (await open_channel(token_sign_in(server, fake_time)).send(get())).body == b"ok"


async def test_answer_without_a_token_needs_a_person(
    server: ScriptedServer, open_channel: Open, fake_time: FakeTime
) -> None:
    """A page where a token was expected means another address."""
    server.replies = [reply(200, b"<html>Welcome</html>")]
    with pytest.raises(SignInRefused, match="holds no token"):
        await open_channel(token_sign_in(server, fake_time)).send(get())


async def test_secret_is_not_sent_in_the_clear(open_channel: Open, fake_time: FakeTime) -> None:
    """A token address without https is refused before anything is sent."""
    sign_in = ClientCredentialsSignIn("http://login.example/token", "c", "s", "x", monotonic=fake_time.now)
    with pytest.raises(ForeignAddress):
        await open_channel(sign_in).send(get())


async def test_requests_are_bounded_and_counted(server: ScriptedServer, open_channel: Open) -> None:
    """Never more than the maximum are under way; each is counted by method."""
    server.replies = [reply(200) for _ in range(10)]
    channel = open_channel(limits=ChannelLimits(requests_at_once_max=2))
    sent: list[Awaitable[HttpAnswer]] = [channel.send(get()) for _ in range(10)]
    answers = await asyncio.gather(*sent)
    assert len(answers) == 10
    assert channel.requests == {"GET": 10}
