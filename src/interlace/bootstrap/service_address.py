"""Addresses of services and ways to sign in, as a person tells them: what can be used, and what must not be."""

from collections.abc import Sequence
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

from interlace.connectors.http_outbound import Reach, reach_of, refused_port, written_oddly
from interlace.locale.translatable import as_sentence, translatable


class ConnectionProblem(Exception):
    """A connection can't be used as it is; the text says what is wrong and what to do."""


class SignInMethod(StrEnum):
    """How a connection signs in at one of its ends."""

    BASIC = "basic"
    """User and web service access key, or password on premises."""
    TOKEN_ADDRESS = "token-address"  # noqa: S105 - the name of a method
    """Client id and client secret at a plain token address."""
    CLIENT_SECRET = "client-secret"  # noqa: S105 - the name of a method
    """App registration of the directory with a client secret."""
    CERTIFICATE = "certificate"
    """App registration of the directory with a certificate."""
    DEVICE_CODE = "device-code"
    """A person of the directory, who signs in with a code."""
    NTLM = "ntlm"
    """Windows account and password on premises; the password itself is never sent."""

    @property
    def takes_user(self) -> bool:
        """Tell whether a user signs in, with a key or password of the user's own."""
        return self in {SignInMethod.BASIC, SignInMethod.NTLM}

    @property
    def asks_directory(self) -> bool:
        """Tell whether an authority of the directory gives the tokens."""
        return self in {SignInMethod.CLIENT_SECRET, SignInMethod.CERTIFICATE, SignInMethod.DEVICE_CODE}


def method_called(name: str, end: str, allowed: Sequence[SignInMethod]) -> SignInMethod:
    """Return a way to sign in by its name; raises ConnectionProblem for one that this end does not have."""
    for each in allowed:
        if each.value == name:
            return each
    names = ", ".join(each.value for each in allowed)
    raise ConnectionProblem(
        translatable(
            "There is no way to sign in at the {end} that is called '{name}'. Ways: {ways}.",
            end=end,
            name=name,
            ways=names,
        )
    )


def require_filled(value: str, label: str, option: str) -> None:
    """Raise ConnectionProblem for a blank value that is needed."""
    if not value.strip():
        raise ConnectionProblem(
            translatable(
                "The {label} is blank. Name it with {option}.", label=as_sentence(label), option=option
            )
        )


def checked_authority(address: str, end: str) -> str:
    """Check the form of an authority: https and a tenant."""
    if _is_service_address(address):
        parts = urlsplit(address)
        if parts.scheme == "https" and parts.path.strip("/") and not parts.query:
            return address
    raise ConnectionProblem(
        translatable(
            "The address '{address}' of the {service}'s sign-in service must begin with https and end with the "
            "tenant. Give it with --{end}-authority, such as https://login.microsoftonline.com/TENANT.",
            address=address,
            service=end.upper(),
            end=end,
        )
    )


def check_address(end: str, label: str, address: str, *, is_internal: bool) -> None:
    """Raise ConnectionProblem for an address that can't be used or must not be."""
    if not _is_service_address(address):
        raise ConnectionProblem(
            translatable(
                "The {label} '{address}' is no web address. Give it with scheme and host, such as "
                "https://org.crm4.dynamics.com.",
                label=as_sentence(label),
                address=address,
            )
        )
    if address.startswith("http:") and not is_this_machine(urlsplit(address).hostname or ""):
        raise ConnectionProblem(
            translatable(
                "The {label} '{address}' would send keys and records in the clear. Use https; http is for services "
                "on this machine only.",
                label=as_sentence(label),
                address=address,
            )
        )
    _check_host(end, label, address, is_internal=is_internal)


def _check_host(end: str, label: str, address: str, *, is_internal: bool) -> None:
    """Refuse hosts and ports that no service of ours can have; names are judged when they are resolved."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if written_oddly(host) or refused_port(parts.port):
        raise ConnectionProblem(
            translatable(
                "The {label} '{address}' is written in an unusual way. Give the host by its name or as a plain IP "
                "address, and a port of the web: 443, 80, or one above 1023.",
                label=as_sentence(label),
                address=address,
            )
        )
    reach = Reach.INSIDE if is_this_machine(host) else _reach(host)
    if reach is Reach.NEVER:
        raise ConnectionProblem(
            translatable(
                "The {label} '{address}' is no place where a service can be. Correct it.",
                label=as_sentence(label),
                address=address,
            )
        )
    if reach is Reach.INSIDE and not is_internal:
        raise ConnectionProblem(
            translatable(
                "The {label} '{address}' lies on this machine or inside your own network. If that is right, allow it "
                "with --{end}-internal-host.",
                label=as_sentence(label),
                address=address,
                end=end,
            )
        )


def _reach(host: str) -> Reach:
    try:
        ip_address(host)
    except ValueError:
        return Reach.OUTSIDE
    return reach_of(host)


def _is_service_address(address: str) -> bool:
    """Tell whether an address has scheme and host, a port that is a number, and no credentials in it."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    is_plain = bool(parts.hostname) and not any(each.isspace() for each in address)
    return parts.scheme in ("http", "https") and is_plain and parts.username is None


def is_this_machine(host: str) -> bool:
    """Tell whether a host is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
