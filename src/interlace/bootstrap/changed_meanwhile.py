"""Who keeps a connection after somebody else did is told so, and who that was as far as the audit log tells."""

from collections.abc import Collection, Iterable
from typing import Final

from interlace.bootstrap.service_address import ConnectionProblem
from interlace.locale.translatable import translatable
from interlace.store.audit import AuditLog, AuditSelection, AuditText

_ENTRIES_MAX: Final = 200
"""The newest entries among which the change is looked for: it was made while a page was open."""


class ConnectionChangedMeanwhile(ConnectionProblem):
    """Somebody else changed or removed a connection between its being read and being kept."""

    def __init__(self, name: str, *, is_there: bool) -> None:
        super().__init__(
            translatable(
                "The settings of the connection {name} were changed meanwhile, and what was kept then stays. Look at "
                "them, then do this again.",
                name=name,
            )
            if is_there
            else translatable("The connection {name} was removed meanwhile; nothing was kept.", name=name)
        )


def last_change(log: AuditLog, names: Collection[str], settings: Iterable[str]) -> AuditText | None:
    """Return the newest entry that tells of a change of one of these settings, if it is among the last ones.

    `names` are what the connection may have been called.
    """
    wanted = {*settings}
    entries = (each.told for each in log.entries(AuditSelection(limit=_ENTRIES_MAX)))
    return next(
        (
            told
            for told in entries
            if not told.outcome and told.details.get("connection") in names and wanted & told.changes.keys()
        ),
        None,
    )
