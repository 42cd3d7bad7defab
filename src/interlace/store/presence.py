"""Shows that this process lives, so that what it held can be taken over at once when it has been killed.

Each process locks a file of its own in the state directory; the operating system frees it however the process
ends. A process of another machine or directory can't be judged this way: its leases run out by themselves.
"""

import fcntl
import hashlib
import socket
from pathlib import Path
from typing import IO
from uuid import uuid4

_SUFFIX = ".lock"


class Presence:
    """One process among those that share a state directory."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        where = f"{socket.gethostname()}\0{directory.resolve()}"
        self._place = hashlib.blake2b(where.encode(), digest_size=6).hexdigest()
        self.token = f"{self._place}-{uuid4().hex}"
        self._own: IO[str] = self._file(self.token).open("w", encoding="utf-8")
        fcntl.flock(self._own, fcntl.LOCK_EX)

    def is_gone(self, token: str) -> bool:
        """Tell whether the process with this token has ended for certain."""
        if not token.startswith(f"{self._place}-"):
            return False
        try:
            with self._file(token).open("r+", encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return True
        except OSError:
            return False
        self._file(token).unlink(missing_ok=True)
        return True

    def close(self) -> None:
        """Be gone."""
        self._file(self.token).unlink(missing_ok=True)
        self._own.close()

    def _file(self, token: str) -> Path:
        return self._directory / (token + _SUFFIX)
