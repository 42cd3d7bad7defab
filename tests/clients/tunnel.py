"""An HTTP proxy on the loopback that leads the names of Microsoft's services to the embedded ones.

Clients that have their host built in are told of it by the usual environment variable; nothing is looked up or
reached outside this machine, and TLS stays between client and service.
"""

import contextlib
import socket
import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

LOOPBACK = "127.0.0.1"
_HEAD_BYTES_MAX = 65_536


class _Tunnel(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, ports: Mapping[str, int]) -> None:
        super().__init__((LOOPBACK, 0), _Connection)
        self.ports = ports


class _Connection(socketserver.BaseRequestHandler):
    server: _Tunnel

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head and len(head) < _HEAD_BYTES_MAX:
            received = self.request.recv(4096)
            if not received:
                return
            head += received
        method, target, _ = head.split(b" ", 2)
        port = self.server.ports.get(target.decode("latin-1").partition(":")[0])
        if method != b"CONNECT" or port is None:
            self.request.sendall(b"HTTP/1.1 502 No such service here\r\nContent-Length: 0\r\n\r\n")
            return
        with socket.create_connection((LOOPBACK, port)) as service:
            self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pour, args=(service, self.request), daemon=True)
            back.start()
            _pour(self.request, service)
            back.join()


def _pour(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while received := source.recv(65_536):
            target.sendall(received)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def tunnel(ports: Mapping[str, int]) -> Iterator[str]:
    """The proxy's address; `ports` gives the local port behind each name."""
    with _Tunnel(ports) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
