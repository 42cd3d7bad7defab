"""Where people reach the server, and whether others than this machine do."""

from typing import Final

from interlace.settings import Config

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
EVERYWHERE: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - told apart, not listened on


def is_reached_by_others(config: Config) -> bool:
    """Tell whether other machines can reach the server, straight or through a proxy."""
    return config.host not in LOOPBACK or bool(config.public_address)


def address_of(config: Config, port: int) -> str:
    """Return the address that people open."""
    if config.public_address:
        return config.public_address
    scheme = "https" if config.tls_certificate else "http"
    host = "localhost" if config.host in EVERYWHERE else config.host
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
