"""How old stored secrets are, and from when on they should be renewed."""

from datetime import UTC, datetime
from typing import TypeGuard

from interlace.store.secrets import SecretTrace

AGE_WARNING_DAYS = 180
"""From when on a secret should be renewed at its service, however long that lets it live."""


def days_old(trace: SecretTrace) -> int | None:
    """Return how many days ago a secret was entered; None: it lies in no envelope yet."""
    return None if trace.entered_at is None else (datetime.now(UTC) - trace.entered_at).days


def is_old(days: int | None) -> TypeGuard[int]:
    """Tell whether a secret of that age should be renewed."""
    return days is not None and days > AGE_WARNING_DAYS
