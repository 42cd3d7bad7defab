"""Tells systemd how the server is: that it is ready, that it lives, that it stops (NOTIFY_SOCKET); else nothing."""

import os
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress


def notify(state: str, environment: Mapping[str, str] | None = None) -> bool:
    """Tell a state such as READY=1; False when nobody listens."""
    address = (os.environ if environment is None else environment).get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    path = f"\0{address[1:]}" if address.startswith("@") else address
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.connect(path)
        told.sendall(state.encode())
        return True
    return False


class Watchdog:
    """Tells the service manager again and again that the server lives, for as long as it does."""

    def __init__(self, is_alive: Callable[[], bool], environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment
        self._is_alive = is_alive
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._go, name="watchdog", daemon=True)

    @property
    def seconds(self) -> float | None:
        """How often it is to tell: twice in the time that the service manager allows; None: not at all."""
        allowed = self._environment.get("WATCHDOG_USEC", "")
        return int(allowed) / 2_000_000 if allowed.isdigit() and int(allowed) else None

    def open(self) -> None:
        """Begin, if the service manager wants it."""
        if self.seconds is not None:
            self._thread.start()

    def close(self) -> None:
        """Stop."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _go(self) -> None:
        while not self._stop.wait(self.seconds):
            if self._is_alive():
                notify("WATCHDOG=1", self._environment)
