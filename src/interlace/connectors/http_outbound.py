"""Where requests may go: origins a person configured, outside addresses only, always over verified TLS.

A host inside the own network, this machine included, is reached only where that was allowed for the connection.
What is judged is the address that is connected to, whatever was written or resolved.
"""

import ipaddress
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

from interlace.connectors.http_message import ForeignAddress
from interlace.locale.translatable import translatable

_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
REFUSED_ERRNO = 99_001
"""Stands for an address that was refused; no operating system uses it."""
_METADATA = frozenset(
    ipaddress.ip_address(each)
    for each in (
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd20:ce::254",
    )
)
"""Services of cloud machines that give out credentials to whoever asks from within."""
_TRANSLATED = tuple(ipaddress.ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48"))
_COMPATIBLE = ipaddress.ip_network("::/96")
_SITE_LOCAL = ipaddress.ip_network("fec0::/10")
_PORTS_BELOW_1024 = frozenset({80, 443})


class Reach(Enum):
    """How far away an address is."""

    OUTSIDE = "outside"
    INSIDE = "inside"
    """This machine or the own network: allowed where a person said so."""
    NEVER = "never"
    """No service of ours is ever there."""


class AddressRefused(OSError):
    """An address must not be connected to."""

    def __init__(self, address: str) -> None:
        super().__init__(
            REFUSED_ERRNO, translatable("{address} lies inside the own network", address=address)
        )


def reach_of(text: str) -> Reach:
    """Judge an IP address in its canonical form; anything that can't be judged is refused."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return Reach.NEVER
    if isinstance(address, ipaddress.IPv6Address):
        return _reach_of_version_6(address)
    return _reach_of_plain(address)


def _reach_of_version_6(address: ipaddress.IPv6Address) -> Reach:
    if address.ipv4_mapped is not None:
        return _reach_of_plain(address.ipv4_mapped)
    within = _carried(address)
    if within is not None:
        # Leads to the address within over a gateway that we don't know: never outside for sure.
        return Reach.NEVER if _reach_of_plain(within) is Reach.NEVER else Reach.INSIDE
    return _reach_of_plain(address)


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that a transition address carries (6to4, Teredo, NAT64, compatible)."""
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    low = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if any(address in network for network in _TRANSLATED):
        return low
    return low if address in _COMPATIBLE and int(address) > 1 else None


def _reach_of_plain(address: _Address) -> Reach:
    if address in _METADATA or address.is_link_local or address.is_multicast or address.is_unspecified:
        return Reach.NEVER
    if address.is_loopback:
        return Reach.INSIDE
    if isinstance(address, ipaddress.IPv4Address):
        if address.packed[0] == 0 or address.packed[0] >= 240:
            return Reach.NEVER
    elif address in _SITE_LOCAL:
        return Reach.INSIDE
    return Reach.OUTSIDE if address.is_global else Reach.INSIDE


def is_loopback(host: str | None) -> bool:
    """Tell whether a host is written as this machine's own."""
    if host is None:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundRules:
    """What a channel may reach beside its own origin, and how it knows whom it reached."""

    internal_host: bool = False
    """The service may lie on this machine or inside the own network."""
    root: str = "/"
    """Path under which all addresses of the service lie."""
    authority: str = ""
    """Address of the sign-in service, any path; blank: only the channel's own origin is asked for tokens."""
    ca_file: str = ""
    """Certificates of a private authority, as PEM, trusted beside the public ones."""

    @classmethod
    def for_origin(cls, origin: str) -> "OutboundRules":
        """Return the rules of a channel that nobody laid down any for: its own origin, as far as that goes."""
        return cls(internal_host=is_loopback(urlsplit(origin).hostname))

    def require_allowed(self, family: socket.AddressFamily | int, address: str) -> None:
        """Raise AddressRefused for an address that must not be connected to."""
        reach = reach_of(address)
        if reach is Reach.NEVER or (reach is Reach.INSIDE and not self.internal_host):
            raise AddressRefused(address)

    def covers(self, path: str) -> bool:
        """Tell whether a path lies under the service's root, without ways up."""
        plain = path.partition("?")[0].partition("#")[0]
        segments = plain.replace("\\", "/").split("/")
        if any(_plain_dots(each) in {".", ".."} for each in segments):
            return False
        return plain.startswith(self.root) or plain == self.root.rstrip("/")

    def tls(self) -> ssl.SSLContext:
        """Return how servers are verified: TLS 1.2 at least, by the public authorities and the connection's own."""
        if not self.ca_file:
            return _by_public_authorities()
        context = _verifying()
        try:
            context.load_verify_locations(cafile=self.ca_file)
        except (OSError, ssl.SSLError) as problem:
            message = translatable(
                "The file of certificates {file} can't be used: {problem}. Name a PEM file that "
                "holds the certificate of your own authority.",
                file=str(Path(self.ca_file)),
                problem=str(problem),
            )
            raise ForeignAddress(message) from problem
        return context


@cache
def _by_public_authorities() -> ssl.SSLContext:
    """Read the public authorities once a process: that takes longer than most of what is asked over a connection."""
    return _verifying()


def _verifying() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _plain_dots(segment: str) -> str:
    return segment.lower().replace("%2e", ".")


def written_oddly(host: str) -> bool:
    """Tell whether a host is written as a number in a form that only some resolvers read, such as 0x7f.1."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        last = host.rstrip(".").rpartition(".")[2].lower()
        return not host.isascii() or last.isdecimal() or last.startswith("0x")
    return False


def refused_port(port: int | None) -> bool:
    """Tell whether a port belongs to other services than the web."""
    return port is not None and port < 1024 and port not in _PORTS_BELOW_1024


def socket_of(rules: OutboundRules, found: Sequence[object]) -> socket.socket:
    """Open a socket for an address as `getaddrinfo` found it; raises AddressRefused."""
    family, kind, protocol, _, where = found
    assert isinstance(family, int)
    assert isinstance(kind, int)
    assert isinstance(protocol, int)
    assert isinstance(where, tuple)
    rules.require_allowed(family, str(where[0]))
    opened = socket.socket(family, kind, protocol)
    opened.setblocking(False)
    return opened
