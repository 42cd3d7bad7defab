"""The exit codes of every command, documented in docs/reference/cli.md."""

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ended."""

    OK = 0
    """Done, nothing left to do."""
    ERROR = 1
    """Failed, or the two ends differ."""
    CHANGES_PENDING = 2
    """A dry run found changes to make."""
    REMAINING = 3
    """Done, but some records failed or were skipped and stand on the error list, or orders are held."""
    CONFIGURATION = 4
    """Settings, arguments or a connection's set-up are wrong."""
    SIGN_IN = 5
    """A service refused the credentials."""
    INTERRUPTED = 130
    """Stopped by Ctrl-C; the text says how to go on."""
