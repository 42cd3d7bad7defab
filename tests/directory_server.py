"""A directory (the sign-in service of the embedded services) behind TLS with a certificate of its own."""

import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from interlace.sandbox.exchange import Request
from interlace.sandbox.identity import Directory, IdentityService, open_directory


@dataclass
class DirectoryServer:
    """Where the directory answers, and what was asked of it."""

    origin: str
    ca_file: Path
    directory: Directory
    service: IdentityService
    asked: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    replies: list[tuple[int, bytes]] = field(default_factory=list)
    """Answers that come before the directory's own to requests for tokens."""

    @property
    def authority(self) -> str:
        """The address that applications are given."""
        return f"{self.origin}/{self.directory.tenant.tenant_id}"


def make_certificate(directory: Path, name: str = "127.0.0.1", key: object = None) -> tuple[Path, Path]:
    """Write a self-signed certificate for this machine, and its key; gives both files."""
    private = key if isinstance(key, ec.EllipticCurvePrivateKey) else ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    moment = datetime.now(UTC)
    names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - timedelta(days=1))
        .not_valid_after(moment + timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
        .sign(private, hashes.SHA256())
    )
    certificate_file, key_file = directory / f"{name}.pem", directory / f"{name}.key"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return certificate_file, key_file


@contextmanager
def served_directory(place: Path) -> Iterator[DirectoryServer]:
    """Serve an empty directory over TLS."""
    certificate, key = make_certificate(place)
    directory = open_directory(None)
    service = IdentityService(directory, interval_seconds=1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    class Answering(BaseHTTPRequestHandler):
        """Hands requests to the directory."""

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            server.asked.append(f"{self.command} {self.path}")
            server.bodies.append(body)
            path, _, query = self.path.partition("?")
            if server.replies and path.endswith("/token"):
                status, content = server.replies.pop(0)
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = service.page(
                Request(
                    method=self.command,
                    path=path,
                    query=query,
                    headers=headers,
                    body=body,
                    service_url=f"{server.origin}/",
                )
            )
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def do_GET(self) -> None:
            """Answer."""
            self._answer()

        def do_POST(self) -> None:
            """Answer."""
            self._answer()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the server's name for it
            """Say nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    listening.daemon_threads = True
    listening.socket = context.wrap_socket(listening.socket, server_side=True)
    server = DirectoryServer(
        origin=f"https://127.0.0.1:{listening.server_address[1]}",
        ca_file=certificate,
        directory=directory,
        service=service,
    )
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()
        directory.close()
