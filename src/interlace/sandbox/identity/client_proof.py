"""How an application proves that it is itself: by a secret, in the form or as Basic, or by a signed assertion."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import unquote_plus

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from interlace.sandbox.exchange import Request
from interlace.sandbox.identity import sign_in_errors
from interlace.sandbox.identity.directory import Directory
from interlace.sandbox.identity.registrations import Registration, secret_fits
from interlace.sandbox.identity.signing import BadToken, UncheckedToken, encode_part, take_apart

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SKEW_SECONDS = 300
_SALT_LENGTH = 32


def with_basic(request: Request, form: Mapping[str, str]) -> dict[str, str]:
    """The form with client id and secret of the Authorization header, if there is one; raises `SignInRefused`."""
    scheme, _, rest = (request.header("authorization") or "").partition(" ")
    if scheme.lower() != "basic":
        return dict(form)
    try:
        client_id, _, secret = base64.b64decode(rest.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise sign_in_errors.malformed_request() from error
    return {**form, "client_id": unquote_plus(client_id), "client_secret": unquote_plus(secret)}


class ClientProof:
    """Recognises applications."""

    def __init__(self, directory: Directory, now: Callable[[], datetime]) -> None:
        self._directory = directory
        self._now = now

    def application(self, form: Mapping[str, str]) -> Registration:
        """The application that a form names, whether it proved itself or not; raises `SignInRefused`."""
        client_id = form.get("client_id", "")
        if not client_id:
            raise sign_in_errors.missing_parameter("client_id")
        registration = self._directory.application(client_id)
        if registration is None:
            raise sign_in_errors.unknown_application(client_id, self._directory.tenant.domain)
        if registration.is_disabled:
            raise sign_in_errors.application_disabled(registration.client_id, registration.name)
        return registration

    def proves(self, registration: Registration, form: Mapping[str, str], addresses: frozenset[str]) -> bool:
        """Whether the form holds a proof; raises `SignInRefused` for a wrong one.

        `addresses` are the audiences that an assertion may name.
        """
        if form.get("client_assertion"):
            if form.get("client_assertion_type") != ASSERTION_TYPE:
                raise sign_in_errors.assertion_malformed("The type of the client assertion is not supported.")
            self._check_assertion(registration, form["client_assertion"], addresses)
            return True
        if form.get("client_secret"):
            self._check_secret(registration, form["client_secret"])
            return True
        return False

    def _check_secret(self, registration: Registration, secret: str) -> None:
        fitting = [each for each in registration.secrets if secret_fits(secret, each.kept)]
        if not fitting:
            raise sign_in_errors.wrong_secret(registration.client_id)
        if all(each.expires <= self._now() for each in fitting):
            raise sign_in_errors.expired_secret(registration.client_id)

    # --- assertions

    def _check_assertion(self, registration: Registration, assertion: str, addresses: frozenset[str]) -> None:
        try:
            token = take_apart(assertion)
        except BadToken as error:
            raise sign_in_errors.assertion_malformed(str(error)) from error
        certificate = self._certificate(registration, token)
        _verify(token, certificate)
        now = self._now()
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise sign_in_errors.certificate_out_of_time()
        self._check_claims(registration, token.claims, addresses)

    def _certificate(self, registration: Registration, token: UncheckedToken) -> x509.Certificate:
        """The registered certificate whose thumbprint the assertion names."""
        named = {"x5t": hashes.SHA1(), "x5t#S256": hashes.SHA256()}  # noqa: S303 - a name, no protection
        for pem in registration.certificates:
            certificate = x509.load_pem_x509_certificate(pem.encode())
            for name, algorithm in named.items():
                given = str(token.header.get(name, "")).rstrip("=").replace("+", "-").replace("/", "_")
                if given and given == encode_part(certificate.fingerprint(algorithm)):
                    return certificate
        given = str(token.header.get("x5t#S256") or token.header.get("x5t") or "")
        raise sign_in_errors.assertion_unsigned("The key was not found", given)

    def _check_claims(
        self, registration: Registration, claims: Mapping[str, object], addresses: frozenset[str]
    ) -> None:
        own = registration.client_id.lower()
        if str(claims.get("iss", "")).lower() != own or str(claims.get("sub", "")).lower() != own:
            raise sign_in_errors.assertion_malformed("Issuer and subject must be the client id.")
        audience = str(claims.get("aud", ""))
        if audience not in addresses:
            raise sign_in_errors.assertion_for_others(audience)
        expires, begins = claims.get("exp"), claims.get("nbf", claims.get("iat", 0))
        try:
            ends = datetime.fromtimestamp(float(str(expires)), UTC)
            starts = datetime.fromtimestamp(float(str(begins)), UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise sign_in_errors.assertion_malformed("The claim exp is missing or no number.") from error
        now = self._now()
        skewed = (now - starts).total_seconds() >= -_SKEW_SECONDS
        if not skewed or (now - ends).total_seconds() >= _SKEW_SECONDS:
            raise sign_in_errors.assertion_out_of_time(now, ends)


def _verify(token: UncheckedToken, certificate: x509.Certificate) -> None:
    """Refuses an assertion that the certificate's key did not sign."""
    key = certificate.public_key()
    paddings = {
        "RS256": padding.PKCS1v15(),
        "PS256": padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=_SALT_LENGTH),
    }
    chosen = paddings.get(str(token.header.get("alg")))
    thumbprint = encode_part(certificate.fingerprint(hashes.SHA256()))
    if chosen is None or not isinstance(key, rsa.RSAPublicKey):
        raise sign_in_errors.assertion_unsigned("The algorithm is not supported", thumbprint)
    try:
        key.verify(token.signature, token.signed, chosen, hashes.SHA256())
    except InvalidSignature as error:
        raise sign_in_errors.assertion_unsigned(
            "Client assertion failed signature validation", thumbprint
        ) from error
