"""Runs mappings through the process that works on the background jobs, and follows them as if they ran here."""

from collections.abc import Sequence
from dataclasses import dataclass

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import require_enabled
from interlace.bootstrap.fingerprint import require_home
from interlace.bootstrap.freezes import require_may_run
from interlace.bootstrap.job_place import JobPlace
from interlace.domain.keys import MappingName
from interlace.domain.synch_job import SynchJob
from interlace.engine.service import ErpFrozen
from interlace.engine.synch_mapping import StepResult
from interlace.jobs.ports import SynchMode
from interlace.locale.translatable import text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SynchBeside:
    """Runs mappings of one connection; every method blocks."""

    application: Application
    connection: Connection
    place: JobPlace

    def run_each(
        self, mappings: Sequence[MappingName], *, full: bool
    ) -> list[tuple[MappingName, StepResult]]:
        """Run mappings one after the other, and those once more that wait for records coupled by a later one."""
        require_enabled(self.connection.settings)
        require_home(self.connection.settings, self.application.config)
        results = [(name, self.run(name, full=full)) for name in mappings]
        again = self.application.mappings_to_fill(self.connection)
        results += [(name, self.run(name, full=False)) for name in again if name in mappings]
        return results

    def run(self, mapping: MappingName, *, full: bool) -> StepResult:
        """Run a mapping to its end; a run that began before is waited for, for it may have missed changes."""
        try:
            # A background run waits for the end of a freeze window; who asked on the command line is told at once.
            require_may_run(self.connection.settings, self.application.mappings(self.connection)[mapping])
        except ErpFrozen as frozen:
            return StepResult(more=False, jobs=(), stopped=text_of(frozen))
        mode = SynchMode.FULL if full else SynchMode.INCREMENTAL
        while not (begun := self.place.client.begin_run(self.connection.id, mapping, mode)).is_new:
            self.place.wait(begun.run_id)
        stopped = self.place.wait(begun.run_id)
        return StepResult(more=False, jobs=self._jobs(begun.run_id), stopped=stopped)

    def _jobs(self, run_id: str) -> tuple[SynchJob, ...]:
        found = self.application.state.queries.synch_jobs(self.connection.id, run_id=run_id)
        return tuple(reversed(found))
