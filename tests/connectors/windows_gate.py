"""A gate as IIS and HTTP.sys are one: it signs connections in with NTLM and passes on what came over them."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import spnego
from spnego.channel_bindings import GssChannelBindings
from spnego.exceptions import SpnegoError

USER = "NORDLICHT\\interlace"
PASSWORD = "Kessel-77-Flut"
ACCOUNTS = f"NORDLICHT:interlace:{PASSWORD}\n:interlace@nordlicht.example:{PASSWORD}\n"
Pass = Callable[[str, str, Mapping[str, str], bytes], Awaitable[tuple[int, Mapping[str, str], bytes]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A request as it came in, and what it was answered."""

    connection: int
    line: str
    scheme: str
    """Scheme of the Authorization header; blank without one."""
    body: bytes
    status: int
    header: str = ""


@dataclass
class Gate:
    """Who is let in and how; `passed` answers what came over a signed-in connection."""

    passed: Pass
    offers: tuple[str, ...] = ("Negotiate", "NTLM", 'Basic realm="erp"')
    scheme_taken: str = "NTLM"
    """The only scheme whose messages are looked at; others are answered by the offers."""
    is_asking: bool = True
    lets_last: bool = True
    """Whether the sign-in lasts as long as the connection; else it is for one request."""
    says_whether_it_lasts: bool = False
    requests_per_connection: int = 1_000
    breaks_in_handshake: int = 0
    """How many connections are closed right after the challenge."""
    forgets_at: set[int] = field(default_factory=set)
    """Arrivals, counted from 0, before which the gate forgets who is at the other end."""
    bindings: GssChannelBindings | None = None
    arrivals: list[Arrival] = field(default_factory=list)
    connections: int = 0
    refusals: int = 0
    origin: str = ""

    async def serve_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end."""
        visit = _Visit(self, self.connections)
        self.connections += 1
        try:
            for left in reversed(range(self.requests_per_connection)):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                line, *rest = head.rstrip().split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (e.partition(":") for e in rest)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                answer = await visit.answer(line, headers, body)
                is_last = not left or (visit.is_challenged and self.breaks_in_handshake > 0)
                if is_last:
                    answer = answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
                writer.write(answer)
                await writer.drain()
                if is_last:
                    self.breaks_in_handshake -= 1
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


class _Visit:
    """One connection: the handshake under way, and who was let in."""

    def __init__(self, gate: Gate, number: int) -> None:
        self._gate = gate
        self._number = number
        self._conversation: spnego.ContextProxy | None = None
        self._user: str | None = None

    @property
    def is_challenged(self) -> bool:
        """Whether a challenge waits for its answer."""
        return self._conversation is not None

    async def answer(self, line: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """Answer a request."""
        gate = self._gate
        if len(gate.arrivals) in gate.forgets_at:
            self._user = None
        header = headers.get("authorization", "")
        scheme, _, token = header.partition(" ")
        challenges = None
        if scheme == gate.scheme_taken and gate.is_asking:
            challenges = self._listen(scheme, base64.b64decode(token))
        elif self._user is None and gate.is_asking:
            challenges = list(gate.offers)
        told: Mapping[str, str] = {}
        status, content = 401, b"<html>Not authorized</html>"
        if challenges is None:
            method, target, _ = line.split(" ")
            status, told, content = await gate.passed(method, target, headers, body)
            if gate.says_whether_it_lasts:
                told = {**told, "Persistent-Auth": str(gate.lets_last).lower()}
            if not gate.lets_last:
                self._user = None
        gate.arrivals.append(
            Arrival(
                connection=self._number, line=line, scheme=scheme, body=body, status=status, header=header
            )
        )
        lines = [f"HTTP/1.1 {status} Any", f"Content-Length: {len(content)}"]
        lines += [f"{name}: {value}" for name, value in told.items()]
        lines += [f"WWW-Authenticate: {each}" for each in challenges or ()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + content

    def _listen(self, scheme: str, token: bytes) -> list[str] | None:
        """Take a step of the handshake; gives what to ask further, None: let in."""
        if self._conversation is None:
            is_wrapped = scheme == "Negotiate"
            self._conversation = spnego.server(
                protocol=scheme.lower(),
                options=spnego.NegotiateOptions.use_negotiate
                if is_wrapped
                else spnego.NegotiateOptions.use_ntlm,
                channel_bindings=self._gate.bindings,
            )
        try:
            reply = self._conversation.step(token)
        except SpnegoError:
            self._gate.refusals += 1
            self._conversation = None
            return list(self._gate.offers)
        if not self._conversation.complete:
            return [f"{scheme} {base64.b64encode(reply or b'').decode()}"]
        self._user = self._conversation.client_principal
        self._conversation = None
        return None


@asynccontextmanager
async def opened(gate: Gate, tls: ssl.SSLContext | None = None) -> AsyncIterator[Gate]:
    """Open a gate on a free port of the loopback."""
    server = await asyncio.start_server(gate.serve_connection, "127.0.0.1", 0, ssl=tls)
    scheme = "http" if tls is None else "https"
    gate.origin = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield gate
    finally:
        server.close()


async def greeting(
    method: str, target: str, headers: Mapping[str, str], body: bytes
) -> tuple[int, Mapping[str, str], bytes]:
    """Answer every request with its own body."""
    return 200, {"Content-Type": "application/json"}, body or b"{}"
