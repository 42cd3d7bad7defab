"""Windows sign-in over the wire, against a gate whose half of the handshake is the library's own acceptor."""

import asyncio
import hashlib
import logging
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from spnego.channel_bindings import GssChannelBindings
from tests.connectors.windows_gate import ACCOUNTS, PASSWORD, USER, Gate, greeting, opened
from yarl import URL

from interlace.connectors.http import ChannelLimits, HttpChannel
from interlace.connectors.http_message import ForeignAddress, HttpAnswer, HttpRequest, NoAnswer, NothingSent
from interlace.connectors.http_outbound import OutboundRules
from interlace.connectors.sign_in_credential import WindowsAccount
from interlace.connectors.sign_in_windows import WindowsSignIn
from interlace.engine.service import SignInRefused
from interlace.sandbox.tls_authority import tls_files

Open = Callable[..., HttpChannel]
GET = HttpRequest(method="GET", url="/x")
PATCH = HttpRequest(method="PATCH", url="/x", headers={"If-Match": 'W/"1"'}, body=b'{"Name":"A"}')


@pytest.fixture(autouse=True)
def _accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the acceptor its accounts."""
    file = tmp_path / "accounts"
    file.write_text(ACCOUNTS, encoding="utf-8")
    monkeypatch.setenv("NTLM_USER_FILE", str(file))
    monkeypatch.delenv("LM_COMPAT_LEVEL", raising=False)


@pytest.fixture
async def gate() -> AsyncIterator[Gate]:
    """A gate that tests set up further before the first request."""
    async with opened(Gate(passed=greeting)) as one:
        yield one


@pytest.fixture
async def open_channel(gate: Gate) -> AsyncIterator[Open]:
    """Return a function that opens channels to the gate until the test ends."""
    async with AsyncExitStack() as stack:
        channels: list[HttpChannel] = []

        def start(user: str = USER, password: str = PASSWORD, **limits: float) -> HttpChannel:
            """Begin a channel."""
            sign_in = WindowsSignIn(WindowsAccount(user=user, password=password))
            chosen = ChannelLimits(retries_max=0, **limits)  # type: ignore[arg-type]
            channels.append(HttpChannel(gate.origin, sign_in, chosen))
            stack.push_async_callback(channels[-1].close)
            return channels[-1]

        yield start


def steps(gate: Gate) -> list[tuple[int, str, bytes, int]]:
    """Tell what arrived: connection, scheme, body, status."""
    return [(each.connection, each.scheme, each.body, each.status) for each in gate.arrivals]


async def test_a_write_leaves_whole_when_the_service_knows_who_asks(gate: Gate, open_channel: Open) -> None:
    """The opening goes without the body; the proof brings it, and what follows needs no header any more."""
    channel = open_channel()
    assert (await channel.send(PATCH)).body == PATCH.body
    assert (await channel.send(PATCH)).status == 200
    assert steps(gate) == [(0, "NTLM", b"", 401), (0, "NTLM", PATCH.body, 200), (0, "", PATCH.body, 200)]
    assert channel.requests == {"PATCH": 2}


@pytest.mark.parametrize("user", [USER, "nordlicht\\Interlace", "interlace@nordlicht.example"])
async def test_accounts_are_written_with_their_domain(user: str, open_channel: Open) -> None:
    """Both spellings of an account sign in; case does not matter."""
    assert (await open_channel(user=user).send(GET)).status == 200


async def test_what_offers_negotiate_only_gets_it(gate: Gate, open_channel: Open) -> None:
    """NAV's usual setting offers Negotiate only: the same proof goes within it, and is remembered as the way."""
    gate.offers, gate.scheme_taken, gate.requests_per_connection = ("Negotiate",), "Negotiate", 3
    channel = open_channel()
    assert (await channel.send(PATCH)).status == 200
    assert (await channel.send(PATCH)).status == 200
    assert steps(gate) == [
        (0, "NTLM", b"", 401),
        (0, "Negotiate", b"", 401),
        (0, "Negotiate", PATCH.body, 200),
        (1, "Negotiate", b"", 401),
        (1, "Negotiate", PATCH.body, 200),
    ]


async def test_each_connection_is_signed_in_for_itself(gate: Gate, open_channel: Open) -> None:
    """Requests at once go over connections of their own, each with its handshake; later ones use them again."""
    is_met = asyncio.Event()

    async def passed(*request: object) -> tuple[int, dict[str, str], bytes]:
        """Pass a request on."""
        if gate.connections == 3:
            is_met.set()
        if len(gate.arrivals) > 1:
            await is_met.wait()
        return 200, {}, b"{}"

    gate.passed = passed
    channel = open_channel()
    await channel.send(GET)
    answers = await asyncio.gather(*(channel.send(GET) for _ in range(3)))
    assert [each.status for each in answers] == [200] * 3
    assert gate.connections == 3
    proofs = [each.connection for each in gate.arrivals if each.scheme and each.status == 200]
    assert sorted(proofs) == [0, 1, 2]
    await channel.send(GET)
    assert gate.connections == 3


async def test_a_connection_that_ended_is_signed_in_anew(gate: Gate, open_channel: Open) -> None:
    """No request ever leaves over a new connection before the service knows who asks."""
    gate.requests_per_connection = 3
    channel = open_channel()
    for _ in range(3):
        assert (await channel.send(PATCH)).status == 200
        await asyncio.sleep(0.01)
    bodies = [(each.connection, each.scheme) for each in gate.arrivals if each.body]
    assert bodies == [(0, "NTLM"), (0, ""), (1, "NTLM")]


async def test_a_connection_that_breaks_in_the_handshake_is_begun_anew(
    gate: Gate, open_channel: Open
) -> None:
    """The proof goes over the connection of its challenge, or nowhere."""
    gate.breaks_in_handshake = 2
    assert (await open_channel().send(PATCH)).status == 200
    assert [(each.connection, each.body) for each in gate.arrivals] == [
        (0, b""),
        (1, b""),
        (2, b""),
        (2, PATCH.body),
    ]


async def test_a_service_that_never_keeps_a_connection_is_told(gate: Gate, open_channel: Open) -> None:
    """A proxy that opens a connection for each request makes NTLM impossible; nothing was acted on."""
    gate.requests_per_connection = 1
    with pytest.raises(NothingSent, match=r"in the middle of the Windows sign-in.*proxy"):
        await open_channel().send(PATCH)
    assert all(not each.body for each in gate.arrivals)


async def test_a_service_that_forgot_us_is_told_again(gate: Gate, open_channel: Open) -> None:
    """A 401 on a signed-in connection is answered by one more handshake, with the body once more."""
    channel = open_channel()
    await channel.send(PATCH)
    await channel.send(PATCH)
    gate.forgets_at = {3}
    assert (await channel.send(PATCH)).status == 200
    assert [each.status for each in gate.arrivals[3:]] == [401, 401, 200]
    assert (await channel.send(PATCH)).status == 200
    assert gate.arrivals[-1].scheme == ""


@pytest.mark.parametrize(("is_said", "steps_expected"), [(True, 2 * 3), (False, 2 + 3 + 2)])
async def test_a_service_that_asks_each_time_is_answered_each_time(
    gate: Gate, open_channel: Open, steps_expected: int, *, is_said: bool
) -> None:
    """Where a sign-in is for one request only, each opens with the handshake, found out at the second at the latest."""
    gate.lets_last, gate.says_whether_it_lasts = False, is_said
    channel = open_channel()
    for _ in range(3):
        assert (await channel.send(PATCH)).status == 200
    assert len(gate.arrivals) == steps_expected


async def test_a_wrong_password_is_sent_once(gate: Gate, open_channel: Open) -> None:
    """A domain locks accounts after a few wrong passwords: neither requests at once nor later ones try it again."""
    channel = open_channel(password="Kessel-78")
    answers = await asyncio.gather(*(channel.send(GET) for _ in range(4)), return_exceptions=True)
    assert all(isinstance(each, SignInRefused) for each in answers)
    with pytest.raises(
        SignInRefused, match=r"refuses the Windows account NORDLICHT\\interlace. Check the user"
    ):
        await channel.send(PATCH)
    assert gate.refusals == 1
    assert all(not each.body for each in gate.arrivals)


async def test_a_user_whom_the_service_refuses_needs_a_person(gate: Gate, open_channel: Open) -> None:
    """A 401 after the handshake says that the account is right and may not in."""

    async def passed(*request: object) -> tuple[int, dict[str, str], bytes]:
        """Pass a request on."""
        return 401, {}, b""

    gate.passed = passed
    with pytest.raises(SignInRefused, match="kept from the service"):
        await open_channel().send(GET)


@pytest.mark.parametrize(
    ("offers", "said"),
    [
        (('Basic realm="erp"',), "does not offer a Windows sign-in; nothing of the account was sent"),
        ((), "does not offer a Windows sign-in"),
        (("Negotiate", "Bearer"), "does not take NTLM for its Windows sign-in, and Kerberos alone"),
    ],
)
async def test_no_weaker_way_is_taken(
    gate: Gate, open_channel: Open, offers: tuple[str, ...], said: str
) -> None:
    """What a service offers beside Windows sign-in is not tried: no password leaves as Basic."""
    gate.offers, gate.scheme_taken = offers, "none"
    with pytest.raises(SignInRefused, match=said):
        await open_channel().send(PATCH)
    assert {each.scheme for each in gate.arrivals} <= {"NTLM", "Negotiate"}
    assert all(not each.body for each in gate.arrivals)


@pytest.mark.parametrize(
    "challenge",
    ["AAAAAAAA", "TlRMTVNTUAACAAAA", "TlRMTVNTUAABAAAA" + "A" * 32],
)
async def test_a_challenge_that_is_none_is_told(gate: Gate, open_channel: Open, challenge: str) -> None:
    """What can't be a challenge is not answered, however it is broken."""
    gate.offers, gate.scheme_taken = (f"NTLM {challenge}",), "none"
    with pytest.raises(SignInRefused, match="in a way that can't be answered"):
        await open_channel().send(GET)


async def test_weak_proofs_are_refused(
    gate: Gate, open_channel: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An environment that asks for the old kind of proof, which can be guessed in hours, sends nothing."""
    monkeypatch.setenv("LM_COMPAT_LEVEL", "1")
    with pytest.raises(SignInRefused, match="LM_COMPAT_LEVEL=1 asks for a Windows sign-in that is not safe"):
        await open_channel().send(GET)
    assert gate.arrivals == []


async def test_a_service_that_asks_nobody_gets_reads_as_they_are(gate: Gate, open_channel: Open) -> None:
    """The answer to the opening is the answer to a request without a body."""
    gate.is_asking = False
    assert (await open_channel().send(GET)).status == 200
    assert len(gate.arrivals) == 1


async def test_a_service_that_takes_empty_writes_leaves_them_open(gate: Gate, open_channel: Open) -> None:
    """What took the opening of a write asked nobody; what it made of it must be looked at."""
    gate.is_asking = False
    with pytest.raises(NoAnswer, match="took a request before it knew who asks"):
        await open_channel().send(PATCH)


async def test_a_service_that_refuses_the_opening_gets_the_whole_request(
    gate: Gate, open_channel: Open
) -> None:
    """What judged an opening instead of asking who we are judged no request of ours: that follows."""
    gate.is_asking = False

    async def passed(
        method: str, target: str, headers: object, body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Pass a request on."""
        return (200, {}, body) if body else (400, {}, b"")

    gate.passed = passed
    answer = await open_channel().send(PATCH)
    assert (answer.status, answer.body) == (200, PATCH.body)


async def test_a_busy_service_is_waited_for_before_the_handshake(gate: Gate, open_channel: Open) -> None:
    """A refusal for the number of requests is what it is, handshake or not."""
    gate.is_asking = False

    async def passed(*request: object) -> tuple[int, dict[str, str], bytes]:
        """Pass a request on."""
        return 503, {}, b""

    gate.passed = passed
    assert (await open_channel().send(PATCH)).status == 503
    assert len(gate.arrivals) == 1


async def test_the_account_is_for_one_origin(gate: Gate) -> None:
    """Nothing of the account goes to another host, port or scheme, whoever asks for it."""
    sign_in = WindowsSignIn(WindowsAccount(user=USER, password=PASSWORD))
    carried = sign_in.transport(
        "http://127.0.0.1:9", ChannelLimits(), OutboundRules.for_origin("http://127.0.0.1:9")
    )
    with pytest.raises(ForeignAddress):
        await carried.exchange("GET", URL(f"{gate.origin}/x"), {}, None)
    await carried.close()
    async with HttpChannel(gate.origin, sign_in) as channel:
        with pytest.raises(ForeignAddress):
            await channel.send(HttpRequest(method="GET", url="http://127.0.0.1:9/x"))
    assert gate.arrivals == []


async def test_the_password_is_nowhere(
    gate: Gate, open_channel: Open, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither requests nor logs nor representations hold it, and logs don't hold the messages of the handshake."""
    caplog.set_level(logging.DEBUG)
    channel = open_channel()
    await channel.send(PATCH)
    held = repr(gate.arrivals) + repr(WindowsSignIn(WindowsAccount(user=USER, password=PASSWORD)))
    assert PASSWORD not in held
    assert PASSWORD.encode("utf-16-le").hex() not in held.encode().hex()
    assert PASSWORD not in caplog.text
    assert "TlRMTVNTUA" not in caplog.text


async def _over_tls(directory: Path, *, is_own: bool) -> HttpAnswer:
    files = tls_files(directory)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(files.certificate, files.key)
    certificate = ssl.PEM_cert_to_DER_cert(files.certificate.read_text(encoding="ascii").partition("\n\n")[0])
    digest = hashlib.sha256(certificate if is_own else b"another one").digest()
    bindings = GssChannelBindings(application_data=b"tls-server-end-point:" + digest)
    async with opened(Gate(passed=greeting, bindings=bindings), tls) as gate:
        rules = OutboundRules(internal_host=True, ca_file=str(files.authority))
        sign_in = WindowsSignIn(WindowsAccount(user=USER, password=PASSWORD))
        async with HttpChannel(gate.origin, sign_in, ChannelLimits(retries_max=0), rules=rules) as channel:
            return await channel.send(PATCH)


async def test_the_proof_is_bound_to_the_certificate(tmp_path: Path) -> None:
    """A service with Extended Protection lets in who spoke to itself."""
    assert (await _over_tls(tmp_path, is_own=True)).status == 200


async def test_a_proof_that_was_meant_for_another_certificate_is_refused(tmp_path: Path) -> None:
    """Whoever lies in between with a certificate of his own can't use the proof."""
    with pytest.raises(SignInRefused):
        await _over_tls(tmp_path, is_own=False)
