"""The socket that a server listens at."""

import socket

__all__ = ["listening_at"]


def listening_at(family: socket.AddressFamily, address: tuple[object, ...]) -> socket.socket:
    """Open a TCP socket bound to an address; raises OSError or OverflowError if it can't be had.

    The protocol is named, since asyncio sends small answers at once (TCP_NODELAY) only over sockets that name it. Else
    the end of an answer waits until the asker has acknowledged its beginning: 40 ms on Linux, every time.
    """
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
    except (OSError, OverflowError):
        listening.close()
        raise
    return listening
