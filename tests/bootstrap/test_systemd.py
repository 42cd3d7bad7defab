"""What systemd is told, and that nobody is told anything without it."""

import socket
from pathlib import Path

from interlace.bootstrap.systemd import Watchdog, notify


def test_the_service_manager_is_told_over_its_socket(tmp_path: Path) -> None:
    """Ready once, alive again and again, as long as that is so."""
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        manager.settimeout(10)
        environment = {"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "40000"}
        assert notify("READY=1", environment)
        assert manager.recv(100) == b"READY=1"
        watchdog = Watchdog(lambda: True, environment)
        assert watchdog.seconds == 0.02
        watchdog.open()
        assert manager.recv(100) == b"WATCHDOG=1"
        watchdog.close()
    assert not notify("READY=1", environment)


def test_without_a_service_manager_nothing_happens() -> None:
    """A server that was started by hand."""
    assert not notify("READY=1", {})
    watchdog = Watchdog(lambda: True, {})
    assert watchdog.seconds is None
    watchdog.open()
    watchdog.close()
