"""A certificate authority of our own, so that clients that insist on TLS can be aimed at the embedded services.

Its certificate is what clients are told to trust; the server's is signed by it and renewed before it ends.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_FILE = "authority.pem"
_AUTHORITY_KEY_FILE = "authority-key.pem"
_SERVER_FILE = "server.pem"
_SERVER_KEY_FILE = "server-key.pem"
_AUTHORITY_DAYS = 3_650
_SERVER_DAYS = 397
_RENEWAL_DAYS = 30
_EARLIER = timedelta(hours=1)
"""Clients whose clock is a little behind accept what was made just now."""
_NAMES = (
    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    x509.IPAddress(ipaddress.ip_address("::1")),
    x509.DNSName("localhost"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """What a server needs for TLS, and what its clients need to trust it."""

    authority: Path
    certificate: Path
    key: Path


def tls_files(directory: Path, now: datetime | None = None, names: tuple[str, ...] = ()) -> TlsFiles:
    """The files in a directory, made where they are missing or about to end.

    A new authority brings a new server certificate; clients must be told of the new authority then. A certificate
    that is made vouches for `names` besides this machine's own.
    """
    moment = now if now is not None else datetime.now(UTC)
    directory.mkdir(parents=True, exist_ok=True)
    files = TlsFiles(
        authority=directory / AUTHORITY_FILE,
        certificate=directory / _SERVER_FILE,
        key=directory / _SERVER_KEY_FILE,
    )
    authority_key = directory / _AUTHORITY_KEY_FILE
    is_new = not _holds(files.authority, moment) or not authority_key.exists()
    if is_new:
        _make_authority(files.authority, authority_key, moment)
    if is_new or not _holds(files.certificate, moment) or not files.key.exists():
        _make_server(files, authority_key, moment, names)
    return files


def _holds(certificate: Path, moment: datetime) -> bool:
    if not certificate.exists():
        return False
    read = x509.load_pem_x509_certificate(certificate.read_bytes())
    return read.not_valid_after_utc - timedelta(days=_RENEWAL_DAYS) > moment


def _make_authority(certificate: Path, key: Path, moment: datetime) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    # The name is told apart from the one of another state directory, which a client may trust as well.
    name = _name(f"Interlace sandbox authority {secrets.token_hex(4)}")
    identifier = x509.SubjectKeyIdentifier.from_public_key(private.public_key())
    made = (
        _begun(name, name, private.public_key(), moment, _AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False
        )
        .sign(private, hashes.SHA256())
    )
    _write_key(key, private)
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))


def _make_server(files: TlsFiles, authority_key: Path, moment: datetime, names: tuple[str, ...]) -> None:
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    signing = serialization.load_pem_private_key(authority_key.read_bytes(), password=None)
    assert isinstance(signing, ec.EllipticCurvePrivateKey)
    private = ec.generate_private_key(ec.SECP256R1())
    issued_by = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    made = (
        _begun(_name("Interlace sandbox"), authority.subject, private.public_key(), moment, _SERVER_DAYS)
        .add_extension(x509.SubjectAlternativeName([*_NAMES, *map(x509.DNSName, names)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issued_by), critical=False
        )
        .sign(signing, hashes.SHA256())
    )
    _write_key(files.key, private)
    files.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))


def _begun(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, moment: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - _EARLIER)
        .not_valid_after(moment + timedelta(days=days))
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write_key(file: Path, private: ec.EllipticCurvePrivateKey) -> None:
    file.unlink(missing_ok=True)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        target.write(pem)
