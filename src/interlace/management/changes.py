"""The signal that something which pages show has changed."""

from typing import Protocol


class Changes(Protocol):
    """Tells listeners of changes in what is stored."""

    async def token(self) -> str:
        """Return a text that changes with the store."""
        ...

    async def wait(self, after: str, timeout: float) -> str:  # noqa: ASYNC109 - one wait is shared by all listeners
        """Return the token as soon as it differs from `after`, or the same one after `timeout` seconds."""
        ...
