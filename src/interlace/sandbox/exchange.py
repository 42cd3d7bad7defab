"""What passes between the HTTP edge of a sandbox and its services: requests, responses, refusals."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

_NO_WRITES = ("$batch", "/token", "/devicecode", "/devicelogin/")
"""Envelopes, whose parts count, and what belongs to signing in."""
READ_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as a service sees it, from the network or from a `$batch` part.

    `path` is the raw path (still percent-encoded) behind the service root, without leading slash;
    `query` is the raw query string; header names are lower case. `service_url` is the absolute address
    of the service root as the client wrote it, ending in a slash: links are built from it.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    service_url: str = "http://127.0.0.1/"
    caller: object = None
    account: str = ""
    """Windows account that the connection is signed in with."""

    def header(self, name: str) -> str | None:
        """A header by its lower-case name."""
        return self.headers.get(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One answer; header names are written as given."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    held_seconds: float = 0.0
    """How much later than now it is to be sent: the service took its time."""

    def header(self, name: str) -> str | None:
        """A header by name, in any letter case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A page that first needs something from elsewhere: the edge does `work` beside the event loop, then asks again.

    Nothing has been written yet. The work touches no store and doesn't fail: what it found out, good or bad,
    is there when the page is asked again.
    """

    work: Callable[[], None]


class Refusal(Exception):
    """A request that is answered with an error; the service renders it in its own dialect."""

    def __init__(
        self, status: int, code: str, message: str, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRequest:
    """One line of the request log; `in_batch` marks the parts of a `$batch`."""

    method: str
    path: str
    status: int
    in_batch: bool = False


class RequestLog:
    """The last requests and counts of all, so that a test can prove that nothing was written."""

    def __init__(self, capacity: int = 10_000) -> None:
        self._lines: deque[LoggedRequest] = deque(maxlen=capacity)
        self.counts: Counter[str] = Counter()
        self.written = 0
        """How many requests that could change something were carried out, since the beginning."""

    def add(self, line: LoggedRequest) -> None:
        """Takes a line in; the oldest one goes when the log is full."""
        self._lines.append(line)
        self.written += _may_write(line) and line.status < 400
        self.counts[f"$batch {line.method}" if line.in_batch else line.method] += 1

    def __iter__(self) -> Iterator[LoggedRequest]:
        return iter(tuple(self._lines))

    def __len__(self) -> int:
        return len(self._lines)

    def clear(self) -> None:
        """Forgets everything, to count from here."""
        self._lines.clear()
        self.counts.clear()
        self.written = 0

    def writes(self) -> list[LoggedRequest]:
        """Requests that could change something: neither reads, sign-ins nor the envelopes of batches."""
        return [line for line in self._lines if _may_write(line)]


def _may_write(line: LoggedRequest) -> bool:
    return line.method not in READ_METHODS and not line.path.endswith(_NO_WRITES)
