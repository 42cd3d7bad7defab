"""Microsoft's library against a directory behind TLS: each way to sign in, and each refusal in words."""

import asyncio
import urllib.parse
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.directory_server import DirectoryServer, make_certificate, served_directory

from interlace.connectors.http import ChannelLimits, HttpChannel
from interlace.connectors.http_message import ForeignAddress, HttpRequest, NothingSent
from interlace.connectors.http_outbound import OutboundRules
from interlace.connectors.sign_in_credential import (
    ClientCertificate,
    ClientSecret,
    DeviceCode,
    DirectoryCredential,
)
from interlace.connectors.sign_in_directory import DirectorySignIn
from interlace.engine.service import SignInRefused
from interlace.sandbox.identity.device_flow import Decision
from interlace.sandbox.identity.founding import ensure_application, ensure_person
from interlace.sandbox.identity.registrations import hashed_password

CLIENT = "5b6e7f80-0000-4000-8000-000000000001"
SECRET = "very-secret-value-of-the-application"
SCOPE = "https://org.crm4.dynamics.com/.default"
ONE_TRY = ChannelLimits(retries_max=0)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DirectoryServer]:
    """A directory with one application and one person."""
    with served_directory(tmp_path_factory.mktemp("directory")) as server:
        yield server


@pytest.fixture
def server(served: DirectoryServer) -> DirectoryServer:
    """The directory as every test finds it."""
    served.asked.clear()
    served.bodies.clear()
    served.replies.clear()
    directory = served.directory
    ensure_application(directory, CLIENT, "Interlace", secret=SECRET, is_public=True)
    held = directory.application(CLIENT)
    assert held is not None
    never = datetime(9999, 1, 1, tzinfo=UTC)
    secrets = tuple(replace(each, expires=never) for each in held.secrets)
    directory.keep_application(replace(held, secrets=secrets, is_disabled=False, certificates=()))
    ensure_person(directory, "ann@interlace.invalid", "Ann", "correct horse battery")
    person = directory.person("ann@interlace.invalid")
    assert person is not None
    directory.keep_person(
        replace(person, is_disabled=False, password=hashed_password("correct horse battery"))
    )
    return served


def with_secret(server: DirectoryServer, secret: str = SECRET) -> ClientSecret:
    """The application's credential."""
    return ClientSecret(authority=server.authority, client_id=CLIENT, secret=secret)


@asynccontextmanager
async def opened(
    server: DirectoryServer, credential: DirectoryCredential, **changed: object
) -> AsyncIterator[tuple[HttpChannel, DirectorySignIn]]:
    """Open a channel of the directory's origin with a sign-in."""
    keep = changed.pop("keep", None)
    monotonic = changed.pop("monotonic", asyncio.get_running_loop().time)
    sign_in = DirectorySignIn(credential, SCOPE, keep=keep, monotonic=monotonic)  # type: ignore[arg-type]
    rules = OutboundRules(internal_host=True, authority=credential.authority, ca_file=str(server.ca_file))
    async with HttpChannel("https://crm.example", sign_in, ONE_TRY, rules=rules) as channel:
        yield channel, sign_in


async def token(server: DirectoryServer, credential: DirectoryCredential) -> str:
    """Sign in once."""
    async with opened(server, credential) as (channel, sign_in):
        return str(await sign_in.authorization(channel.send_to_authority, None))


async def test_an_application_signs_in_with_its_secret(server: DirectoryServer) -> None:
    """Only the authority that was configured is asked, and the secret stays out of every address."""
    assert (await token(server, with_secret(server))).startswith("Bearer ey")
    tenant = server.directory.tenant.tenant_id
    assert server.asked == [
        f"GET /{tenant}/v2.0/.well-known/openid-configuration",
        f"POST /{tenant}/oauth2/v2.0/token",
    ]
    form = urllib.parse.parse_qs(server.bodies[-1].decode())
    assert form["grant_type"] == ["client_credentials"]
    assert form["scope"] == [SCOPE]


async def test_a_token_serves_until_it_nears_its_end_or_is_refused(server: DirectoryServer) -> None:
    """A token is asked for once; again early before its end, and when the service refuses it."""
    moment = [0.0]
    async with opened(server, with_secret(server), monotonic=lambda: moment[0]) as (channel, sign_in):
        send = channel.send_to_authority
        first = await sign_in.authorization(send, None)
        assert await sign_in.authorization(send, None) == first
        assert len(server.asked) == 2
        renewed = await sign_in.authorization(send, first)
        assert renewed is not None
        assert len(server.asked) == 3


@pytest.mark.parametrize("line_end", ["\n", "\r\n", ""])
async def test_an_application_signs_in_with_its_certificate(server: DirectoryServer, line_end: str) -> None:
    """The private key signs, also of a text whose line ends were lost when it was pasted into a field."""
    credential = certificate_pem(server)
    pem = replace(credential, pem=credential.pem.replace("\n", line_end))
    assert (await token(server, pem)).startswith("Bearer ey")
    assert b"client_assertion=" in server.bodies[-1]
    assert b"PRIVATE" not in server.bodies[-1]


def certificate_pem(server: DirectoryServer) -> ClientCertificate:
    """Register a certificate and return the credential with its private key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Interlace")])
    moment = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(moment - timedelta(days=1))
        .not_valid_after(moment + timedelta(days=1))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
        .decode()
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    held = server.directory.application(CLIENT)
    assert held is not None
    server.directory.keep_application(replace(held, certificates=(certificate,)))
    return ClientCertificate(
        authority=server.authority, client_id=CLIENT, pem=f"{private.decode()}\n{certificate}"
    )


def wrong_secret(server: DirectoryServer) -> DirectoryCredential:
    """Another secret."""
    return with_secret(server, "something-else")


def expired_secret(server: DirectoryServer) -> DirectoryCredential:
    """A secret whose end date has passed."""
    held = server.directory.application(CLIENT)
    assert held is not None
    past = tuple(replace(each, expires=datetime(2020, 1, 1, tzinfo=UTC)) for each in held.secrets)
    server.directory.keep_application(replace(held, secrets=past))
    return with_secret(server)


def disabled_application(server: DirectoryServer) -> DirectoryCredential:
    """An application that an administrator has disabled."""
    held = server.directory.application(CLIENT)
    assert held is not None
    server.directory.keep_application(replace(held, is_disabled=True))
    return with_secret(server)


def unknown_application(server: DirectoryServer) -> DirectoryCredential:
    """A client id that is not registered."""
    return ClientSecret(
        authority=server.authority, client_id="00000000-1111-4000-8000-000000000000", secret=SECRET
    )


def unknown_tenant(server: DirectoryServer) -> DirectoryCredential:
    """A tenant that does not exist."""
    return ClientSecret(authority=f"{server.origin}/elsewhere.example", client_id=CLIENT, secret=SECRET)


def unknown_certificate(server: DirectoryServer) -> DirectoryCredential:
    """A certificate that is not registered."""
    credential = certificate_pem(server)
    held = server.directory.application(CLIENT)
    assert held is not None
    server.directory.keep_application(replace(held, certificates=()))
    return credential


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (wrong_secret, "Enter the client secret's value, not its id"),
        (expired_secret, "The client secret has expired"),
        (disabled_application, "Enable it"),
        (unknown_application, "Check the client id and the tenant"),
        (unknown_tenant, "tenant"),
        (unknown_certificate, "Upload"),
    ],
)
async def test_a_refusal_names_its_remedy_and_no_secret(
    server: DirectoryServer, prepare: Callable[[DirectoryServer], DirectoryCredential], words: str
) -> None:
    """Each refusal says what to do; none shows what was sent."""
    credential = prepare(server)
    with pytest.raises(SignInRefused) as caught:
        await token(server, credential)
    assert words in str(caught.value)
    for hidden in (SECRET, "something-else", "PRIVATE"):
        assert hidden not in str(caught.value) + repr(credential)


async def test_an_answer_that_is_cut_is_asked_for_again_and_never_logged(
    server: DirectoryServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Half a token is no reason to trouble a person, and it is not written to the log."""
    caplog.set_level("DEBUG")
    server.replies = [(200, b'{"access_token": "half-a-tok')]
    async with opened(server, with_secret(server)) as (channel, _):
        with pytest.raises(NothingSent, match="asked again"):
            await channel.send(_get())
    assert "half-a-tok" not in caplog.text


async def test_a_busy_sign_in_service_is_waited_for(server: DirectoryServer) -> None:
    """An overloaded directory says nothing about who signs in."""
    server.replies = [(503, b"busy")]
    async with opened(server, with_secret(server)) as (channel, _):
        with pytest.raises(NothingSent, match="answered 503"):
            await channel.send(_get())


async def test_a_page_in_place_of_a_token_needs_a_person(server: DirectoryServer) -> None:
    """Something else answers at the address of the sign-in service."""
    server.replies = [(200, b"<html>Welcome</html>")]
    with pytest.raises(SignInRefused, match="is no sign-in service"):
        await token(server, with_secret(server))


async def test_a_directory_that_sends_us_elsewhere_is_not_followed(
    server: DirectoryServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its document may name any token address; secrets go to the configured origin only."""
    real = server.service._configuration  # noqa: SLF001 - a hostile directory has no address of its own

    def hostile(base: str, *, is_former: bool) -> dict[str, object]:
        """Name another host for tokens."""
        document = real(base, is_former=is_former)
        return {**document, "token_endpoint": "https://thief.example/tenant/oauth2/v2.0/token"}

    monkeypatch.setattr(server.service, "_configuration", hostile)
    with pytest.raises(ForeignAddress, match=r"thief\.example.*nobody configured"):
        await token(server, with_secret(server))


async def test_a_certificate_of_a_private_authority_must_be_named(
    server: DirectoryServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Without the connection's own file of certificates nothing is sent; verification can't be switched off."""
    other, _ = make_certificate(tmp_path_factory.mktemp("other"))
    sign_in = DirectorySignIn(with_secret(server), SCOPE)
    for ca_file in ("", str(other)):
        rules = OutboundRules(internal_host=True, authority=server.authority, ca_file=ca_file)
        async with HttpChannel("https://crm.example", sign_in, ONE_TRY, rules=rules) as channel:
            with pytest.raises(NothingSent, match="certificate"):
                await channel.send(_get())
    assert server.asked == []


def _get() -> HttpRequest:
    return HttpRequest(method="GET", url="/")


def approve(server: DirectoryServer, message: str) -> None:
    """Do what a person does who reads the message: enter the code and sign in."""
    code = message.rpartition("code ")[2].split()[0]
    devices = server.service._devices  # noqa: SLF001 - the page itself has tests of its own
    assert devices.waiting(code) is not None
    devices.decide(code, Decision.APPROVED, "ann@interlace.invalid")


async def test_a_person_signs_in_by_code_and_is_remembered(server: DirectoryServer) -> None:
    """What was remembered signs in again without the person, also in another process, and is renewed."""
    kept: list[str] = []
    blank = DeviceCode(authority=server.authority, client_id=CLIENT, cache="")
    async with opened(server, blank, keep=kept.append) as (channel, sign_in):
        person = await sign_in.sign_person_in(
            channel.send_to_authority, lambda message: approve(server, message)
        )
    assert person == "ann@interlace.invalid"
    assert kept
    server.asked.clear()
    again = replace(blank, cache=kept[-1])
    assert kept[-1] not in repr(again)
    async with opened(server, again, keep=kept.append) as (channel, sign_in):
        send = channel.send_to_authority
        header = await sign_in.authorization(send, None)
        assert str(header).startswith("Bearer ey")
        assert not any("token" in each for each in server.asked)
        count = len(kept)
        renewed = await sign_in.authorization(send, header)
        assert str(renewed).startswith("Bearer ey")
        assert len(kept) > count


async def test_without_a_person_the_command_is_named(server: DirectoryServer) -> None:
    """Nobody has signed in: the message says how."""
    blank = DeviceCode(authority=server.authority, client_id=CLIENT, cache="")
    with pytest.raises(SignInRefused, match="interlace connection sign-in"):
        await token(server, blank)


async def test_a_disabled_person_is_named_with_the_remedy(server: DirectoryServer) -> None:
    """The remembered sign-in of somebody whose account was disabled ends with words."""
    kept: list[str] = []
    blank = DeviceCode(authority=server.authority, client_id=CLIENT, cache="")
    async with opened(server, blank, keep=kept.append) as (channel, sign_in):
        await sign_in.sign_person_in(channel.send_to_authority, lambda message: approve(server, message))
    person = server.directory.person("ann@interlace.invalid")
    assert person is not None
    server.directory.keep_person(replace(person, is_disabled=True))
    async with opened(server, replace(blank, cache=kept[-1])) as (channel, sign_in):
        send = channel.send_to_authority
        header = await sign_in.authorization(send, None)
        with pytest.raises(SignInRefused, match="Enable it"):
            await sign_in.authorization(send, header)
