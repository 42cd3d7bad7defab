"""Microsoft's sign-in library for Python, unmodified and over TLS, against the sign-in service of the embedded CRM."""

import threading
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msal
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from tests.clients.conftest import Serve
from tests.ready_crm import ready_crm

from interlace.sandbox.crm.sandbox import CrmSandbox
from interlace.sandbox.identity.registrations import ClientSecret
from interlace.sandbox.identity.resources import BC_AUDIENCE, Service
from interlace.sandbox.tls_authority import TlsFiles


@dataclass(frozen=True, kw_only=True)
class Online:
    """The CRM and where it answers."""

    crm: CrmSandbox
    address: str

    @property
    def authority(self) -> str:
        """Where MSAL asks."""
        return f"{self.address}/{self.crm.options.tenant_id}"

    @property
    def scope(self) -> str:
        """What MSAL asks for."""
        return f"{self.address}/.default"

    def confidential(self, credential: object) -> Any:
        """MSAL as the integration's application."""
        return msal.ConfidentialClientApplication(
            self.crm.options.client_id,
            client_credential=credential,
            authority=self.authority,
            instance_discovery=False,
        )

    def public(self) -> Any:
        """MSAL as the application that signs people in."""
        return msal.PublicClientApplication(
            self.crm.options.public_client_id,
            authority=self.authority,
            instance_discovery=False,
        )

    def who_am_i(self, token: str) -> str:
        """The user that the CRM sees behind a token."""
        headers = {"Authorization": f"Bearer {token}"}
        answer = self.crm.call("GET", "/api/data/v9.2/WhoAmI", headers=headers)
        assert answer.status == 200, answer.body
        return answer.body.decode().partition('"UserId":"')[2].partition('"')[0]

    def approve(self, flow: dict[str, Any], email: str, password: str) -> int:
        """What the person does in his browser."""
        form = {"user_code": flow["user_code"], "decision": "approve", "email": email, "password": password}
        page = urllib.parse.urlsplit(flow["verification_uri"]).path
        return self.crm.call("POST", page, body=urllib.parse.urlencode(form).encode()).status


@pytest.fixture
def online(serve: Serve, tls: TlsFiles, monkeypatch: pytest.MonkeyPatch) -> Iterator[Online]:
    """A new organization behind TLS; the library is told by the environment which authority to trust."""
    # The environment goes before what the library is given as `verify`.
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tls.authority))
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    crm = ready_crm()
    yield Online(crm=crm, address=serve(crm))
    crm.close()


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    """The key of an application's certificate."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _certificate(key: rsa.RSAPrivateKey, *, days: int = 30) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Interlace Integration")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _private(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _register(online: Online, **changes: Any) -> None:
    directory = online.crm.identity.directory
    held = directory.application(online.crm.options.client_id)
    assert held is not None
    directory.keep_application(replace(held, **changes))


def test_a_secret_opens_the_crm(online: Online) -> None:
    """Discovery, token and the API agree; the second time MSAL's own cache answers."""
    application = online.confidential(online.crm.options.client_secret)
    given = application.acquire_token_for_client([online.scope])
    assert (given["token_type"], given["token_source"]) == ("Bearer", "identity_provider")
    user = online.who_am_i(given["access_token"])
    assert user == online.crm.records.store.read_state("integration_user")
    again = application.acquire_token_for_client([online.scope])
    assert (again["access_token"], again["token_source"]) == (given["access_token"], "cache")


def test_the_same_secret_opens_the_erp(online: Online) -> None:
    """One directory gives tokens for both services."""
    application = online.confidential(online.crm.options.client_secret)
    given = application.acquire_token_for_client([f"{BC_AUDIENCE}/.default"])
    tokens = online.crm.identity.tokens
    principal = tokens.principal(given["access_token"], Service.ERP)
    assert principal is not None
    assert "API.ReadWrite.All" in principal.roles
    assert tokens.principal(given["access_token"], Service.CRM) is None


@pytest.mark.parametrize("thumbprint", [True, False], ids=["sha1", "sha256"])
def test_a_certificate_opens_the_crm(online: Online, key: rsa.RSAPrivateKey, *, thumbprint: bool) -> None:
    """Both ways in which MSAL names the certificate: the former thumbprint, and the newer one of the PEM."""
    certificate = _certificate(key)
    _register(online, certificates=[_pem(certificate)], secrets=())
    credential = {"private_key": _private(key)}
    if thumbprint:
        credential["thumbprint"] = certificate.fingerprint(hashes.SHA1()).hex()  # noqa: S303 - a name
    else:
        credential["public_certificate"] = _pem(certificate)
    given = online.confidential(credential).acquire_token_for_client([online.scope])
    assert "access_token" in given, given
    assert online.who_am_i(given["access_token"])


def test_certificates_that_are_unknown_forged_or_over_are_refused(
    online: Online, key: rsa.RSAPrivateKey
) -> None:
    """MSAL gets the number by which the real service tells them apart."""
    certificate, ended = _certificate(key), _certificate(key, days=-1)
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def number(signing: rsa.RSAPrivateKey, named: x509.Certificate) -> tuple[str, int]:
        credential = {"private_key": _private(signing), "public_certificate": _pem(named)}
        answer = online.confidential(credential).acquire_token_for_client([online.scope])
        return answer["error"], answer["error_codes"][0]

    assert number(key, certificate) == ("invalid_client", 700027)
    _register(online, certificates=[_pem(certificate), _pem(ended)])
    assert number(other, certificate) == ("invalid_client", 700027)
    assert number(key, ended) == ("invalid_client", 1000502)
    assert online.confidential(online.crm.options.client_secret).acquire_token_for_client([online.scope])


def test_refusals_reach_the_caller_of_the_library(online: Online) -> None:
    """Wrong and expired secrets, a disabled application, and another tenant."""
    options = online.crm.options
    wrong = online.confidential("wrong").acquire_token_for_client([online.scope])
    assert (wrong["error"], wrong["error_codes"]) == ("invalid_client", [7000215])
    assert wrong["error_description"].startswith("AADSTS7000215: Invalid client secret provided.")
    ended = ClientSecret.of(options.client_secret, "1", datetime(2020, 1, 1, tzinfo=UTC))
    _register(online, secrets=(ended,))
    expired = online.confidential(options.client_secret).acquire_token_for_client([online.scope])
    assert expired["error_codes"] == [7000222]
    _register(online, is_disabled=True)
    disabled = online.confidential(options.client_secret).acquire_token_for_client([online.scope])
    assert disabled["error_codes"] == [7000112]
    with pytest.raises(ValueError, match="double check your tenant name or GUID"):
        msal.ConfidentialClientApplication(
            options.client_id,
            client_credential="x",
            authority=f"{online.address}/contoso.invalid",
            instance_discovery=False,
        )


def test_the_library_may_discover_the_instance_here(online: Online) -> None:
    """MSAL takes another address for its question which authorities there are."""
    application = msal.ConfidentialClientApplication(
        online.crm.options.client_id,
        client_credential=online.crm.options.client_secret,
        authority=online.authority,
        instance_discovery=f"{online.address}/common/discovery/instance",
        validate_authority=True,
    )
    assert application.authority.token_endpoint == f"{online.authority}/oauth2/v2.0/token"


def test_a_person_signs_in_by_device_code(online: Online) -> None:
    """MSAL polls while the administrator types the code and his password; later it renews silently."""
    application = online.public()
    flow = application.initiate_device_flow([f"{online.address}/user_impersonation"])
    assert flow["user_code"] in flow["message"]
    # The person comes first, so that the library need not wait for its next look.
    options = online.crm.options
    assert online.approve(flow, options.administrator_email, options.administrator_password) == 200
    given = application.acquire_token_by_device_flow(flow)
    assert "access_token" in given, given
    assert given["id_token_claims"]["preferred_username"] == options.administrator_email
    administrator = online.crm.records.store.read_state("administrator")
    assert online.who_am_i(given["access_token"]) == administrator
    (account,) = application.get_accounts()
    assert account["username"] == options.administrator_email
    renewed = application.acquire_token_silent(
        [f"{online.address}/user_impersonation"], account, force_refresh=True
    )
    assert renewed["access_token"] != given["access_token"]
    assert online.who_am_i(renewed["access_token"]) == administrator


def test_the_library_waits_for_the_person(online: Online) -> None:
    """Polling goes on while the sign-in is pending and ends when the person comes."""
    online.crm.identity.interval_seconds = 1
    application = online.public()
    flow = application.initiate_device_flow([f"{online.address}/user_impersonation"])
    given: list[dict[str, Any]] = []
    waiting = threading.Thread(
        target=lambda: given.append(application.acquire_token_by_device_flow(flow)), name="msal"
    )
    waiting.start()
    deadline = time.monotonic() + 20
    while online.crm.requests.counts["POST"] < 2:
        assert time.monotonic() < deadline, "the library did not poll"
        time.sleep(0.02)
    options = online.crm.options
    online.approve(flow, options.administrator_email, options.administrator_password)
    waiting.join(20)
    assert "access_token" in given[0], given


@dataclass(frozen=True, kw_only=True)
class _Token:
    token: str
    expires_on: int


class _Credential:
    """MSAL in the shape that Microsoft's clients for Python ask for tokens in."""

    def __init__(self, application: Any) -> None:
        self._application = application

    def get_token(self, *scopes: str, **_: object) -> _Token:
        """Give a token of the library, from its cache while that holds."""
        given = self._application.acquire_token_for_client(list(scopes))
        return _Token(token=given["access_token"], expires_on=int(time.time()) + int(given["expires_in"]))


def test_the_dataverse_client_signs_in_by_the_library(online: Online) -> None:
    """Both libraries together, as programs use them: what is created is read back."""
    module = pytest.importorskip(
        "PowerPlatform.Dataverse.client",
        reason="powerplatform-dataverse-client is not installed; requirements/dev.txt brings it",
    )
    options = online.crm.options
    application = msal.ConfidentialClientApplication(
        options.administrator_client_id,
        client_credential=options.administrator_client_secret,
        authority=online.authority,
        instance_discovery=False,
    )
    with module.DataverseClient(online.address, _Credential(application)) as client:
        account = client.records.create("account", {"name": "Möbel Ærø"})
        assert client.records.retrieve("account", account, select=["name"])["name"] == "Möbel Ærø"
