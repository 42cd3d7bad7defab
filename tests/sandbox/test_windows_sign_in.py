"""The embedded services ask for Windows accounts as those on premises do: connections are signed in, not requests."""

import base64
import http.client
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import spnego
from spnego.channel_bindings import GssChannelBindings
from tests.cli.both_ends import served

from interlace.connectors.http import ChannelLimits, HttpChannel
from interlace.connectors.http_message import HttpRequest
from interlace.connectors.sign_in_credential import WindowsAccount
from interlace.connectors.sign_in_windows import WindowsSignIn as OurSignIn
from interlace.engine.service import SignInRefused
from interlace.sandbox.crm.sandbox import CrmSandbox, SandboxOptions, create_crm_sandbox
from interlace.sandbox.tls_authority import tls_files
from interlace.sandbox.windows_accounts import (
    ACCOUNTS_VARIABLE,
    ADMINISTRATOR_ACCOUNT,
    INTEGRATION_ACCOUNT,
    PASSWORD,
    accounts_file,
    windows_name,
)
from interlace.sandbox.windows_sign_in import WindowsSignIn, bindings_of

ACCOUNT = windows_name(INTEGRATION_ACCOUNT)
WHO_AM_I = "/contoso/api/data/v9.1/WhoAmI"


@pytest.fixture
def crm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CrmSandbox]:
    """A CRM whose users are Windows accounts."""
    monkeypatch.setenv(ACCOUNTS_VARIABLE, str(accounts_file(tmp_path)))
    monkeypatch.delenv("LM_COMPAT_LEVEL", raising=False)
    one = create_crm_sandbox(None, SandboxOptions(windows_sign_in=True, organization="contoso"))
    yield one
    one.close()


@pytest.fixture
def gate(crm: CrmSandbox) -> WindowsSignIn:
    """What asks for Windows accounts before it."""
    return WindowsSignIn(crm, crm.serves)


@pytest.fixture
def address(gate: WindowsSignIn) -> Iterator[str]:
    """Where both answer."""
    with served(gate) as where:
        yield where


@pytest.fixture
async def stack() -> AsyncIterator[list[HttpChannel]]:
    """Channels that are closed when the test ends."""
    channels: list[HttpChannel] = []
    yield channels
    for each in channels:
        await each.close()


def _channel(
    stack: list[HttpChannel], address: str, user: str = ACCOUNT, password: str = PASSWORD
) -> HttpChannel:
    sign_in = OurSignIn(WindowsAccount(user=user, password=password))
    stack.append(HttpChannel(address, sign_in, ChannelLimits(retries_max=0)))
    return stack[-1]


@contextmanager
def _connected(address: str) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=30)
    try:
        yield connection
    finally:
        connection.close()


def _asked(
    connection: http.client.HTTPConnection, authorization: str = "", path: str = WHO_AM_I
) -> tuple[int, list[str]]:
    """Ask over a connection; gives the status and the challenges."""
    connection.request("GET", path, headers={"Authorization": authorization} if authorization else {})
    answer = connection.getresponse()
    answer.read()
    return answer.status, answer.headers.get_all("WWW-Authenticate") or []


def _signed_in(
    connection: http.client.HTTPConnection, scheme: str = "NTLM", bindings: GssChannelBindings | None = None
) -> int:
    """Sign a connection in as another client does; gives the status of the last step."""
    client = spnego.client(
        ACCOUNT,
        PASSWORD,
        protocol=scheme.lower(),
        options=spnego.NegotiateOptions.use_ntlm
        if scheme == "NTLM"
        else spnego.NegotiateOptions.use_negotiate,
        channel_bindings=bindings,
    )
    token: bytes | None = None
    for _ in range(3):
        token = client.step(token)
        status, challenges = _asked(connection, f"{scheme} {base64.b64encode(token or b'').decode()}")
        offered = next((each.partition(" ")[2] for each in challenges if each.startswith(f"{scheme} ")), "")
        if status != 401 or not offered:
            return status
        token = base64.b64decode(offered)
    return status


async def test_our_sign_in_runs_against_it(
    stack: list[HttpChannel], address: str, gate: WindowsSignIn
) -> None:
    """The connector's own handshake is taken, and the service knows whose account it is."""
    channel = _channel(stack, address)
    for _ in range(2):
        answer = await channel.send(HttpRequest(method="GET", url=WHO_AM_I))
        assert answer.status == 200
    assert gate.refused == 0
    administrator = await _channel(stack, address, windows_name(ADMINISTRATOR_ACCOUNT)).send(
        HttpRequest(method="GET", url=WHO_AM_I)
    )
    assert administrator.status == 200
    assert administrator.body != answer.body


async def test_a_wrong_password_is_refused_once(
    stack: list[HttpChannel], address: str, gate: WindowsSignIn
) -> None:
    """Our side gives up after one refusal, since domains lock accounts."""
    channel = _channel(stack, address, password="Kessel")
    for _ in range(2):
        with pytest.raises(SignInRefused, match="refuses the Windows account"):
            await channel.send(HttpRequest(method="GET", url=WHO_AM_I))
    assert gate.refused == 1


@pytest.mark.parametrize("scheme", ["NTLM", "Negotiate"])
def test_a_sign_in_lasts_as_long_as_its_connection(address: str, scheme: str) -> None:
    """Over the signed-in connection nothing more is asked for; another one begins as a stranger."""
    with _connected(address) as first, _connected(address) as second:
        assert _asked(first) == (401, ["Negotiate", "NTLM"])
        assert _signed_in(first, scheme) == 200
        assert _asked(first)[0] == 200
        assert _asked(second)[0] == 401
        assert _asked(first)[0] == 200


def test_nothing_weaker_is_taken(address: str, crm: CrmSandbox) -> None:
    """A key or a token opens nothing, not even over a connection that is signed in; garbage is no proof."""
    basic = f"Basic {base64.b64encode(f'{ACCOUNT}:{PASSWORD}'.encode()).decode()}"
    with _connected(address) as connection:
        for each in (basic, f"Bearer {crm.access_token()}", "NTLM !", "Negotiate", "NTLM TlRMTVNTUAADAAAA"):
            assert _asked(connection, each)[0] == 401
        assert _signed_in(connection) == 200
        assert _asked(connection, basic)[0] == 401


def test_what_lies_beside_the_service_asks_for_nobody(address: str) -> None:
    """People's pages have a sign-in of their own."""
    with _connected(address) as connection:
        assert _asked(connection, path="/app/")[0] in {200, 302, 303}


async def test_an_account_that_is_no_user_is_told_so(
    stack: list[HttpChannel], address: str, tmp_path: Path
) -> None:
    """The domain knows it, the organization does not."""
    with accounts_file(tmp_path).open("a", encoding="utf-8") as file:
        file.write("SANDBOX:stranger:password\n")
    answer = await _channel(stack, address, windows_name("stranger"), "password").send(
        HttpRequest(method="GET", url=WHO_AM_I)
    )
    assert answer.status == 403
    assert b"stranger is not a member of the organization" in answer.body


def test_over_tls_the_proof_is_bound_to_the_certificate(tmp_path: Path, crm: CrmSandbox) -> None:
    """A proof that was made for another certificate, or for none, opens nothing."""
    bindings = bindings_of(tls_files(tmp_path / "tls").certificate)
    others = bindings_of(tls_files(tmp_path / "others").certificate)
    with ExitStack() as stack:
        address = stack.enter_context(served(WindowsSignIn(crm, crm.serves, bindings)))
        for held, status in ((bindings, 200), (others, 401), (None, 401)):
            assert _signed_in(stack.enter_context(_connected(address)), bindings=held) == status


def test_a_state_goes_back_to_tokens(tmp_path: Path) -> None:
    """Who serves the same records without Windows accounts again finds the users as they were."""
    names = []
    for by_windows in (False, True, False):
        crm = create_crm_sandbox(tmp_path, SandboxOptions(windows_sign_in=by_windows))
        user_id = crm.records.store.read_state("integration_user")
        assert user_id is not None
        names.append(str(crm.records.required_row("systemuser", user_id)["domainname"]))
        crm.close()
    assert names == [names[0], ACCOUNT, names[0]]


def test_the_file_of_accounts_is_for_its_owner(tmp_path: Path) -> None:
    """It is made once, and what people add stays."""
    file = accounts_file(tmp_path)
    assert file.stat().st_mode & 0o077 == 0
    file.write_text("SANDBOX:someone:secret\n", encoding="utf-8")
    assert accounts_file(tmp_path).read_text(encoding="utf-8") == "SANDBOX:someone:secret\n"
