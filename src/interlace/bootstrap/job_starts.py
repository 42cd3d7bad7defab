"""How often people may begin a mapping's run: once in ten seconds, whoever asks and whichever server is asked."""

from datetime import timedelta

from interlace.domain.keys import MappingName
from interlace.locale.translatable import translatable
from interlace.management.throttle import OF_START
from interlace.store.attempts import AttemptCounts, subject


class StartedJustNow(Exception):
    """The mapping was begun less than ten seconds ago; nothing was begun now."""

    def __init__(self, mapping: MappingName, wait: timedelta) -> None:
        super().__init__(translatable("{mapping} can be started once in ten seconds.", mapping=mapping))
        self.wait = wait


def take_start(counts: AttemptCounts, connection_id: str, mapping: MappingName) -> None:
    """Count a start of a mapping; raises StartedJustNow if it comes too early."""
    now, start = counts.take([(subject("start", f"{connection_id}:{mapping}"), OF_START)])
    if start > now:
        raise StartedJustNow(mapping, start - now)
