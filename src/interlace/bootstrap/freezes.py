"""The freeze windows of a connection: as they are kept among its settings, how they are set, and what they stop.

What counts is the write of a business record of the ERP: a create, a change or a deletion, a document, a message to
one. The runner refuses each of them in a window. Marker rows, subscriptions and tokens are none: they hold counters and
sign-ins of Interlace's own, and what goes to the CRM needs them.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4
from zoneinfo import ZoneInfo

import msgspec

from interlace.bootstrap.connection_settings import ConnectionProblem, ConnectionSettings
from interlace.domain.freeze_window import FreezeWindow, freeze_at
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.engine.service import ErpFrozen
from interlace.locale.translatable import translatable

REASON_MAX: Final = 200
WINDOWS_MAX: Final = 200
"""More than anybody sets; each of them is looked at before each write."""


def freezes_of(settings: ConnectionSettings) -> Sequence[FreezeWindow]:
    """Return the windows of a connection, the next to begin last."""
    windows = [msgspec.convert(each, FreezeWindow) for each in settings.freezes]
    return sorted(windows, key=lambda each: (each.begin, each.end, each.id))


def freeze_now(settings: ConnectionSettings) -> FreezeWindow | None:
    """Return the window in which a connection is now, if it is in one."""
    return freeze_at(freezes_of(settings), datetime.now(UTC))


def require_thawed(settings: ConnectionSettings) -> None:
    """Refuse to write to the ERP in a freeze window; raises ErpFrozen."""
    window = freeze_now(settings)
    if window is None:
        return
    raise ErpFrozen(
        translatable(
            "The ERP of the connection {name} is frozen until {until} ({reason}): nothing is written to it before. "
            "What is changed in the CRM meanwhile is carried over afterwards.",
            name=settings.name,
            until=window.end,
            reason=window.reason,
        )
    )


def writes_to_erp(mapping: IntegrationTableMapping) -> bool:
    """Tell whether runs of a mapping may write to the ERP: then they wait for the end of a freeze window.

    One comparison decides both directions of a two-way mapping, so no half of it runs.
    """
    return mapping.run_by_saga or Direction.FROM_INTEGRATION_TABLE in mapping.passes


def require_may_run(settings: ConnectionSettings, mapping: IntegrationTableMapping) -> None:
    """Refuse to begin in a freeze window what may write to the ERP; raises ErpFrozen."""
    if writes_to_erp(mapping):
        require_thawed(settings)


def read_moment(text: str, zone: ZoneInfo | None) -> datetime:
    """Read a moment as ISO 8601 writes it; without an offset it is one of the zone, None: of this machine.

    Raises ConnectionProblem.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None and zone is not None:
            moment = moment.replace(tzinfo=zone)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as problem:
        raise ConnectionProblem(
            translatable(
                "{text} is no moment. Write it as year, month, day, hour and minute, such as 2026-11-30T18:00.",
                text=repr(text),
            )
        ) from problem


def with_freeze(
    settings: ConnectionSettings, *, begin: datetime, end: datetime, reason: str, by: str
) -> tuple[ConnectionSettings, FreezeWindow]:
    """Return the settings with one more window, and the window; raises ConnectionProblem for one that stops nothing."""
    told = " ".join(reason.split())
    if not told or len(told) > REASON_MAX:
        raise ConnectionProblem(
            translatable(
                "Give a reason of {count} characters at most, such as Month-end closing: everybody who waits for the "
                "ERP reads it.",
                count=REASON_MAX,
            )
        )
    if end <= begin:
        raise ConnectionProblem(translatable("The window ends before it begins. Choose a later end."))
    if end <= datetime.now(UTC):
        raise ConnectionProblem(translatable("The window is over already. Choose an end that is to come."))
    if len(settings.freezes) >= WINDOWS_MAX:
        raise ConnectionProblem(
            translatable("There are {count} windows already. Remove some that are over.", count=WINDOWS_MAX)
        )
    window = FreezeWindow(id=uuid4().hex[:8], begin=begin, end=end, reason=told, by=by)
    return replace(settings, freezes=(*settings.freezes, msgspec.to_builtins(asdict(window)))), window


def without_freeze(settings: ConnectionSettings, window_id: str) -> tuple[ConnectionSettings, FreezeWindow]:
    """Return the settings without a window, and the window; raises ConnectionProblem if there is none of that id."""
    removed = next((each for each in freezes_of(settings) if each.id == window_id), None)
    if removed is None:
        raise ConnectionProblem(
            translatable(
                "There is no freeze window {id}. `interlace freeze list` shows those there are.",
                id=repr(window_id),
            )
        )
    left = tuple(each for each in settings.freezes if each["id"] != window_id)
    return replace(settings, freezes=left), removed
