"""Where requests may go: by the address that is connected to, however it is written, and only below the service."""

import asyncio
import gzip
import random
import socket
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from interlace.connectors.answer_limits import DEPTH_MAX, KEYS_MAX, RECORDS_MAX
from interlace.connectors.http import ChannelLimits, HttpChannel
from interlace.connectors.http_message import (
    AnswerOverLimit,
    ForeignAddress,
    HttpRequest,
    NoAnswer,
    NothingSent,
)
from interlace.connectors.http_outbound import (
    AddressRefused,
    OutboundRules,
    Reach,
    reach_of,
    refused_port,
    socket_of,
    written_oddly,
)
from interlace.connectors.sign_in import NoSignIn
from interlace.sandbox.tls_authority import tls_files

REACHES = {
    # outside
    "8.8.8.8": Reach.OUTSIDE,
    "20.190.159.4": Reach.OUTSIDE,
    "172.15.255.255": Reach.OUTSIDE,
    "172.32.0.1": Reach.OUTSIDE,
    "192.169.0.1": Reach.OUTSIDE,
    "100.63.255.255": Reach.OUTSIDE,
    "100.128.0.1": Reach.OUTSIDE,
    "2606:4700:4700::1111": Reach.OUTSIDE,
    "2603:1006:2000::1": Reach.OUTSIDE,
    "::ffff:8.8.8.8": Reach.OUTSIDE,
    # this machine and the own network
    "127.0.0.1": Reach.INSIDE,
    "127.255.255.254": Reach.INSIDE,
    "::1": Reach.INSIDE,
    "::ffff:127.0.0.1": Reach.INSIDE,
    "::ffff:7f00:1": Reach.INSIDE,
    "0:0:0:0:0:ffff:7f00:0001": Reach.INSIDE,
    "10.0.0.1": Reach.INSIDE,
    "10.255.255.255": Reach.INSIDE,
    "172.16.0.1": Reach.INSIDE,
    "172.31.255.255": Reach.INSIDE,
    "192.168.1.1": Reach.INSIDE,
    "::ffff:192.168.1.1": Reach.INSIDE,
    "100.64.0.1": Reach.INSIDE,
    "100.127.255.255": Reach.INSIDE,
    "192.0.2.1": Reach.INSIDE,
    "198.18.0.1": Reach.INSIDE,
    "198.51.100.1": Reach.INSIDE,
    "203.0.113.7": Reach.INSIDE,
    "fc00::1": Reach.INSIDE,
    "fd12:3456:789a::1": Reach.INSIDE,
    "fec0::1": Reach.INSIDE,
    "2001:db8::1": Reach.INSIDE,
    # transition: leads to who knows where
    "2002:7f00:1::": Reach.INSIDE,
    "2002:a00:1::": Reach.INSIDE,
    "2002:808:808::": Reach.INSIDE,
    "64:ff9b::7f00:1": Reach.INSIDE,
    "64:ff9b::a00:1": Reach.INSIDE,
    "64:ff9b::808:808": Reach.INSIDE,
    "64:ff9b:1::a00:1": Reach.INSIDE,
    "2001:0:4136:e378:8000:63bf:3fff:fdd2": Reach.INSIDE,
    "::127.0.0.1": Reach.INSIDE,
    "::7f00:1": Reach.INSIDE,
    # never
    "169.254.169.254": Reach.NEVER,
    "169.254.0.1": Reach.NEVER,
    "169.254.170.2": Reach.NEVER,
    "::ffff:169.254.169.254": Reach.NEVER,
    "::ffff:a9fe:a9fe": Reach.NEVER,
    "2002:a9fe:a9fe::": Reach.NEVER,
    "64:ff9b::a9fe:a9fe": Reach.NEVER,
    "64:ff9b::169.254.169.254": Reach.NEVER,
    "::169.254.169.254": Reach.NEVER,
    "fd00:ec2::254": Reach.NEVER,
    "fe80::1": Reach.NEVER,
    "fe80::a9fe:a9fe": Reach.NEVER,
    "fe80::1%eth0": Reach.NEVER,
    "100.100.100.200": Reach.NEVER,
    "168.63.129.16": Reach.NEVER,
    "192.0.0.192": Reach.NEVER,
    "0.0.0.0": Reach.NEVER,  # noqa: S104 - an address that is refused
    "0.1.2.3": Reach.NEVER,
    "::": Reach.NEVER,
    "224.0.0.1": Reach.NEVER,
    "239.255.255.250": Reach.NEVER,
    "240.0.0.1": Reach.NEVER,
    "255.255.255.255": Reach.NEVER,
    "ff02::1": Reach.NEVER,
    "no address": Reach.NEVER,
    "": Reach.NEVER,
}


@pytest.mark.parametrize(("address", "reach"), REACHES.items())
def test_security_o2_an_address_is_judged_by_where_it_leads(address: str, reach: Reach) -> None:
    """Loopback, private, shared, translated, metadata and multicast addresses are told from outside ones."""
    assert reach_of(address) is reach


@pytest.mark.parametrize(("address", "reach"), REACHES.items())
def test_security_o2_a_socket_is_opened_for_what_is_allowed_only(address: str, reach: Reach) -> None:
    """The last step before connecting refuses what must not be reached, with and without internal hosts."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    where = (address, 443, 0, 0) if family is socket.AF_INET6 else (address, 443)
    found = (family, socket.SOCK_STREAM, 6, "", where)
    for internal in (False, True):
        rules = OutboundRules(internal_host=internal)
        if reach is Reach.OUTSIDE or (reach is Reach.INSIDE and internal):
            socket_of(rules, found).close()
        else:
            with pytest.raises(AddressRefused):
                socket_of(rules, found)


@pytest.mark.parametrize(
    "host",
    [
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "localhost",
        "[::ffff:127.0.0.1]",
        "[0:0:0:0:0:0:0:1]",
        "①②⑦.⓪.⓪.①",
    ],
)
async def test_security_o2_no_spelling_of_this_machine_gets_a_request(host: str) -> None:
    """However an address is written, what it resolves to is judged; nothing is sent."""
    received: list[bytes] = []

    async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Note what comes."""
        received.append(await reader.read(1))
        writer.close()

    listening = await asyncio.start_server(receive, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    channel = HttpChannel(
        f"http://{host}:{port}", NoSignIn(), ChannelLimits(retries_max=0), rules=OutboundRules()
    )
    async with listening, channel:
        with pytest.raises((ForeignAddress, NothingSent)):
            await channel.send(HttpRequest(method="GET", url="/"))
    assert received == []


@pytest.mark.parametrize(
    ("host", "odd"),
    [
        ("127.1", True),
        ("2130706433", True),
        ("0x7f.1", True),
        ("0177.0.0.1", True),
        ("①②⑦.⓪.⓪.①", True),
        ("erp.example", False),
        ("127.0.0.1", False),
        ("fd12::1", False),
        ("org.crm4.dynamics.com", False),
    ],
)
def test_security_o2_numbers_that_only_some_resolvers_read_are_told(host: str, *, odd: bool) -> None:
    """A setting is refused before anything is resolved."""
    assert written_oddly(host) is odd


@pytest.mark.parametrize(
    ("port", "refused"), [(22, True), (25, True), (443, False), (7048, False), (None, False)]
)
def test_security_o1_ports_of_other_services_are_refused(port: int | None, *, refused: bool) -> None:
    """Mail and shells are no services of ours."""
    assert refused_port(port) is refused


ORIGIN = "https://org.crm4.dynamics.com"


@pytest.mark.parametrize(
    ("link", "covered"),
    [
        (f"{ORIGIN}/api/data/v9.2/accounts?$skiptoken=x", True),
        ("/api/data/v9.2/accounts", True),
        (f"{ORIGIN}:443/api/data/v9.2/accounts", True),
        (f"{ORIGIN.upper()}/api/data/v9.2/accounts", True),
        ("/api/data/v9.2/accounts(name='a%2F..%2Fb')", True),
        (f"{ORIGIN}/api/data/v9.1/accounts", False),
        (f"{ORIGIN}/other", False),
        ("/api/data/v9.2/../v8/accounts", False),
        ("/api/data/v9.2/%2e%2e/%2E%2e/secret", False),
        ("/api/data/v9.2/..\\..\\secret", False),
        (f"{ORIGIN}:444/api/data/v9.2/accounts", False),
        ("http://org.crm4.dynamics.com/api/data/v9.2/accounts", False),
        ("https://org.crm4.dynamics.com.thief.example/api/data/v9.2/accounts", False),
        ("https://user@org.crm4.dynamics.com/api/data/v9.2/accounts", False),
        ("https://org.crm4.dynamics.com@thief.example/api/data/v9.2/accounts", False),
        ("//thief.example/api/data/v9.2/accounts", False),
        ("/\\thief.example/api/data/v9.2/accounts", False),
        ("javascript:alert(1)", False),
        ("", False),
    ],
)
async def test_security_o3_a_link_is_followed_below_the_service_only(link: str, *, covered: bool) -> None:
    """Continuations of a hostile service lead nowhere else, on its own host either."""
    rules = OutboundRules(root="/api/data/v9.2/")
    async with HttpChannel(ORIGIN, NoSignIn(), rules=rules) as channel:
        assert channel.covers(link) is covered


Reply = bytes


@pytest.fixture
async def answering() -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that sends prepared bytes, and its address."""
    replies: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send the next bytes and leave the connection open."""
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(replies.pop(0))
            await writer.drain()
            await reader.read(1)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", replies
    listening.close()


async def _answered(address: str, **limits: float) -> bytes:
    allowed = ChannelLimits(retries_max=0, **limits)  # type: ignore[arg-type]
    async with HttpChannel(address, NoSignIn(), allowed) as channel:
        return (await channel.send(HttpRequest(method="GET", url="/"))).body


async def test_security_o5_an_answer_that_announces_too_much_is_not_read(
    answering: tuple[str, list[bytes]],
) -> None:
    """Its length on the wire is looked at before its content."""
    address, replies = answering
    replies.append(b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b"x" * 100)
    with pytest.raises(AnswerOverLimit, match="more than 1000 bytes"):
        await _answered(address, sent_bytes_max=1000)


def in_chunks(body: bytes, size: int = 400) -> bytes:
    """Write a body in chunks, as who announces no length does."""
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in [*pieces, b""])


@pytest.mark.parametrize("packed", [False, True])
async def test_security_o5_an_answer_that_announces_nothing_is_counted(
    answering: tuple[str, list[bytes]], *, packed: bool
) -> None:
    """In chunks, too, as many bytes are taken from the wire as in one piece, and not one more; packed ones count."""
    address, replies = answering
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
    head += b"Content-Encoding: gzip\r\n\r\n" if packed else b"\r\n"
    content = random.Random(7).randbytes(900)
    body = gzip.compress(content) if packed else content
    replies += [head + in_chunks(body)] * 2
    assert await _answered(address, sent_bytes_max=len(body)) == content
    with pytest.raises(AnswerOverLimit, match=f"more than {len(body) - 1} bytes$"):
        await _answered(address, sent_bytes_max=len(body) - 1)


def test_security_o5_limits_are_the_ones_that_are_told() -> None:
    """What a channel that nobody told any limits takes of an answer."""
    limits = ChannelLimits()
    assert (limits.sent_bytes_max, limits.answer_bytes_max) == (64 * 2**20, 100 * 2**20)
    assert (limits.silence_seconds_max, limits.answer_seconds_max) == (10.0, 60.0)
    assert (DEPTH_MAX, KEYS_MAX, RECORDS_MAX) == (64, 10_000, 20_000)


async def test_security_o5_a_small_answer_that_unpacks_to_a_large_one_is_refused(
    answering: tuple[str, list[bytes]],
) -> None:
    """Unpacked bytes count, too."""
    address, replies = answering
    packed = gzip.compress(b"0" * 5_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    replies.append(head.encode() + packed)
    with pytest.raises(AnswerOverLimit, match="more than 1000000 bytes when unpacked"):
        await _answered(address, answer_bytes_max=1_000_000)


async def test_security_o5_an_answer_that_stops_half_way_is_given_up(
    answering: tuple[str, list[bytes]],
) -> None:
    """A server that drips keeps no worker."""
    address, replies = answering
    replies.append(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    with pytest.raises(NoAnswer, match=r"paused for more than 0.05 s within its answer"):
        await _answered(address, silence_seconds_max=0.05)


def test_security_o4_servers_are_verified_over_modern_tls(tmp_path: Path) -> None:
    """There is no switch that turns it off, and a wrong file of certificates is told."""
    context = OutboundRules().tls()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    for file in (tmp_path / "missing.pem", tmp_path / "empty.pem"):
        if file.name == "empty.pem":
            file.write_text("no certificate", encoding="utf-8")
        with pytest.raises(ForeignAddress, match="Name a PEM file"):
            OutboundRules(ca_file=str(file)).tls()


def test_security_o4_a_private_authority_is_trusted_by_whoever_named_it(tmp_path: Path) -> None:
    """The public ones, which all connections share, are not joined by it."""
    public = set(OutboundRules().tls().get_ca_certs(binary_form=True))
    file = tls_files(tmp_path / "tls", datetime.now(UTC)).authority
    own = OutboundRules(ca_file=str(file)).tls().get_ca_certs(binary_form=True)
    assert {*own} - public == {ssl.PEM_cert_to_DER_cert(file.read_text(encoding="ascii"))}
    assert {*OutboundRules().tls().get_ca_certs(binary_form=True)} == public
