"""Requests for tokens as the pages of the Microsoft identity platform print them: forms, field by field.

Pages: v2-oauth2-client-creds-grant-flow (secret, certificate), certificate-credentials, v2-oauth2-device-code,
v2-oauth2-auth-code-flow (renewal). What Microsoft's library adds for itself is left out here, and named.
"""

import base64
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from tests.connectors.wire.capture import Wire, documented

from interlace.connectors.sign_in import BasicSignIn, ClientCredentialsSignIn
from interlace.connectors.sign_in_credential import ClientCertificate, ClientSecret, DeviceCode
from interlace.connectors.sign_in_directory import DirectorySignIn

AUTHORITY = "https://login.microsoftonline.com/contoso.onmicrosoft.com"
TOKENS = f"{AUTHORITY}/oauth2/v2.0/token"
CLIENT = "00001111-aaaa-2222-bbbb-3333cccc4444"
SCOPE = "https://contoso.crm4.dynamics.com/.default"
ENCODED_SCOPE = "scope=https%3A%2F%2Fcontoso.crm4.dynamics.com%2F.default"
DISCOVERED = json.dumps(
    {
        "authorization_endpoint": f"{AUTHORITY}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{AUTHORITY}/oauth2/v2.0/devicecode",
        "issuer": f"{AUTHORITY}/v2.0",
        "token_endpoint": TOKENS,
    }
)
DISCOVERY = (
    documented(f"GET {AUTHORITY}/v2.0/.well-known/openid-configuration\nAccept: application/json")
    + "\r\n" * 2
)
LIBRARY_HEADERS = ("client-request-id:", "x-anchormailbox:", "x-client-", "x-ms-lib-capability:")
"""What the library tells Microsoft of itself, and which user's servers are nearest."""
LIBRARY_FIELDS = ("client_info=", "code=")
"""A wish for the id of an account, and the device code a second time for servers of old."""


def token(**more: str) -> str:
    """Return an answer that holds a token."""
    return json.dumps(
        {"token_type": "Bearer", "scope": SCOPE, "access_token": "TOKEN", "expires_in": 3599, **more}
    )


def sent(request: str) -> str:
    """Leave out what the library adds for itself, and sort the form: its order means nothing."""
    head, _, form = request.partition("\r\n\r\n")
    lines = (each for each in head.split("\r\n") if not each.lower().startswith(LIBRARY_HEADERS))
    fields = (each for each in form.split("&") if not each.startswith(LIBRARY_FIELDS))
    return "\r\n".join(lines) + "\r\n\r\n" + "&".join(sorted(fields))


def form(address: str, fields: Iterable[str]) -> str:
    """Return a form as the pages print it."""
    head = f"POST {address}\nAccept: application/json\nContent-Type: application/x-www-form-urlencoded"
    return documented(head) + "\r\n\r\n" + "&".join(sorted(fields))


def jwt(claims: dict[str, object]) -> str:
    """Return an unsigned token; who it is about is all that is read of it."""
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return ".".join([*(encoded(json.dumps(each).encode()) for each in parts), ""])


def encoded(content: bytes) -> str:
    """Encode as tokens are."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """Decode as tokens are."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def test_a_secret_is_changed_at_a_plain_token_address() -> None:
    """Without a directory: one form, whose values are encoded; the secret stays out of the address."""
    wire = Wire().answer(token())
    sign_in = ClientCredentialsSignIn(TOKENS, CLIENT, "qWgdYAmab0YSkuL1qKv5 &=+/", SCOPE, monotonic=float)
    given = await sign_in.authorization(wire.crm().send_to_authority, None)
    assert given == "Bearer TOKEN"
    fields = (
        f"client_id={CLIENT}",
        "client_secret=qWgdYAmab0YSkuL1qKv5+%26%3D%2B%2F",
        "grant_type=client_credentials",
        ENCODED_SCOPE,
    )
    assert [sent(each) for each in wire.taken()] == [form(TOKENS, fields)]


async def test_a_secret_is_changed_at_the_directory() -> None:
    """The library asks the authority for its addresses, then sends the same form."""
    wire = Wire().answer(DISCOVERED).answer(token())
    credential = ClientSecret(authority=AUTHORITY, client_id=CLIENT, secret="qWgdYAmab0YSkuL1qKv5 &=+/")
    given = await DirectorySignIn(credential, SCOPE).authorization(wire.crm().send_to_authority, None)
    assert given == "Bearer TOKEN"
    discovery, asked = wire.taken()
    fields = (
        f"client_id={CLIENT}",
        "client_secret=qWgdYAmab0YSkuL1qKv5+%26%3D%2B%2F",
        "grant_type=client_credentials",
        ENCODED_SCOPE,
    )
    assert (discovery, sent(asked)) == (DISCOVERY, form(TOKENS, fields))


async def test_a_certificate_signs_an_assertion() -> None:
    """In place of a secret: a token for the token address, signed as PS256, with the certificate's thumbprint."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    certificate = certificate_of(key)
    wire = Wire().answer(DISCOVERED).answer(token())
    credential = ClientCertificate(authority=AUTHORITY, client_id=CLIENT, pem=pem_of(key, certificate))
    await DirectorySignIn(credential, SCOPE).authorization(wire.crm().send_to_authority, None)
    discovery, asked = wire.taken()
    [assertion] = [each for each in asked.split("&") if each.startswith("client_assertion=")]
    fields = (
        f"client_id={CLIENT}",
        assertion,
        "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer",
        "grant_type=client_credentials",
        ENCODED_SCOPE,
    )
    assert (discovery, sent(asked)) == (DISCOVERY, form(TOKENS, fields))
    head, claims, signature = assertion.removeprefix("client_assertion=").split(".")
    thumbprint = encoded(certificate.fingerprint(hashes.SHA256()))
    told = json.loads(decoded(head))
    # The library pads the thumbprint, which the page does not; both are the same bytes.
    assert (told["alg"], told["typ"], told["x5t#S256"].rstrip("=")) == ("PS256", "JWT", thumbprint)
    says = json.loads(decoded(claims))
    assert (says["aud"], says["iss"], says["sub"]) == (TOKENS, CLIENT, CLIENT)
    assert says["exp"] > says["iat"]
    assert says["jti"]
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.AUTO)
    key.public_key().verify(decoded(signature), f"{head}.{claims}".encode(), pss, hashes.SHA256())


async def test_a_person_signs_in_with_a_code_and_stays_signed_in() -> None:
    """The code is asked for, then the token by it; what is kept of it is renewed by its refresh token."""
    wire = Wire().answer(DISCOVERED)
    wire.answer(
        '{"device_code":"GMMhmHCXhWEzkobqIHGG","user_code":"FJC3EUDTD","expires_in":900,"interval":5,'
        '"verification_uri":"https://microsoft.com/devicelogin","message":"Enter FJC3EUDTD"}'
    )
    told = jwt({"aud": CLIENT, "exp": 2**33, "iss": f"{AUTHORITY}/v2.0", "name": "Ann", "sub": "S"})
    account = encoded(b'{"uid":"U","utid":"T"}')
    wire.answer(token(id_token=told, client_info=account, refresh_token="M.R3_BAY.A/B+="))
    wire.answer(token(id_token=told, client_info=account, refresh_token="M.R3_BAY.C"))
    kept: list[str] = []
    credential = DeviceCode(authority=AUTHORITY, client_id=CLIENT, cache="")
    sign_in = DirectorySignIn(credential, SCOPE, keep=kept.append)
    send = wire.crm().send_to_authority
    shown: list[str] = []
    assert await sign_in.sign_person_in(send, shown.append) == "Ann"
    assert await sign_in.authorization(send, None) == "Bearer TOKEN"
    assert await sign_in.authorization(send, "Bearer TOKEN") == "Bearer TOKEN"
    assert shown == ["Enter FJC3EUDTD"]
    discovery, *asked = wire.taken()
    scopes = f"{ENCODED_SCOPE}+offline_access+openid+profile"
    of_device = (
        f"client_id={CLIENT}",
        "device_code=GMMhmHCXhWEzkobqIHGG",
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code",
    )
    renewal = (
        f"client_id={CLIENT}",
        "grant_type=refresh_token",
        "refresh_token=M.R3_BAY.A%2FB%2B%3D",
        scopes,
    )
    assert discovery == DISCOVERY
    assert [sent(each) for each in asked] == [
        form(f"{AUTHORITY}/oauth2/v2.0/devicecode", (f"client_id={CLIENT}", scopes)),
        form(TOKENS, of_device),
        form(TOKENS, renewal),
    ]


async def test_a_user_and_a_key_are_one_header() -> None:
    """Basic is the user and the web service access key in UTF-8, joined by a colon; nothing is asked of anybody."""
    wire = Wire()
    given = await BasicSignIn("CONTOSO\\søren", "a:b=").authorization(wire.erp().send_to_authority, None)
    assert given == "Basic " + base64.b64encode("CONTOSO\\søren:a:b=".encode()).decode()
    assert wire.taken() == []


def certificate_of(key: rsa.RSAPrivateKey) -> x509.Certificate:
    """Return a certificate that the key has signed itself."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Interlace")])
    begun = datetime(2026, 3, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = builder.not_valid_before(begun).not_valid_after(begun + timedelta(days=365))
    return dated.serial_number(1).sign(key, hashes.SHA256())


def pem_of(key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> str:
    """Return key and certificate as the one file that people give."""
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return (private + certificate.public_bytes(serialization.Encoding.PEM)).decode()
