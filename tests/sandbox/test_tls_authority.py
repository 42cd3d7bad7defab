"""The certificate authority of the embedded services: who is trusted, and when files are made anew."""

import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from interlace.sandbox.tls_authority import TlsFiles, tls_files

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def _read(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())


def _verify(files: TlsFiles, name: x509.DNSName) -> None:
    """Checks the chain as strictly as browsers do; raises for any fault."""
    store = Store([_read(files.authority)])
    PolicyBuilder().store(store).time(NOW).build_server_verifier(name).verify(_read(files.certificate), [])


def test_clients_that_trust_the_authority_trust_the_server(tmp_path: Path) -> None:
    """The chain holds for the names of the loopback; keys are for their owner alone."""
    files = tls_files(tmp_path / "tls", NOW)
    _verify(files, x509.DNSName("localhost"))
    context = ssl.create_default_context(cafile=str(files.authority))
    assert context.cert_store_stats()["x509_ca"] == 1
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(files.certificate, files.key)
    for key in (files.key, tmp_path / "tls" / "authority-key.pem"):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_files_stay_until_they_are_about_to_end(tmp_path: Path) -> None:
    """The server's certificate is renewed in its last month under the same authority, which itself lasts for years."""
    files = tls_files(tmp_path, NOW)
    authority, server = files.authority.read_bytes(), files.certificate.read_bytes()
    tls_files(tmp_path, NOW + timedelta(days=300))
    assert (files.authority.read_bytes(), files.certificate.read_bytes()) == (authority, server)
    tls_files(tmp_path, NOW + timedelta(days=380))
    assert files.authority.read_bytes() == authority
    assert files.certificate.read_bytes() != server
    tls_files(tmp_path, NOW + timedelta(days=3_640))
    assert files.authority.read_bytes() != authority


def test_a_lost_key_brings_a_new_certificate(tmp_path: Path) -> None:
    """What can't be used any more is made anew."""
    files = tls_files(tmp_path, NOW)
    authority = files.authority.read_bytes()
    files.key.unlink()
    tls_files(tmp_path, NOW)
    assert files.key.exists()
    assert files.authority.read_bytes() == authority
    (tmp_path / "authority-key.pem").unlink()
    tls_files(tmp_path, NOW)
    assert files.authority.read_bytes() != authority
    _verify(files, x509.DNSName("localhost"))
