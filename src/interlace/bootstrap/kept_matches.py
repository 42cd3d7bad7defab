"""The ambiguous records of each mapping's last Match-Based Coupling, as files of the state directory."""

from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec

from interlace.bootstrap.kept_files import read_struct, write_struct
from interlace.management.matching import MatchSample

DIRECTORY: Final = "matching"
RECORDS_MAX: Final = 200
"""More than a person couples by hand; the job tells how many there were."""


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What one run left to people."""

    job_id: str
    ambiguous: tuple[MatchSample, ...]


class KeptMatches:
    """What the last runs of a state directory left to people; every method blocks for a moment."""

    def __init__(self, state_directory: Path) -> None:
        self._directory = state_directory / DIRECTORY

    def keep(self, connection: str, mapping: str, job_id: str, ambiguous: tuple[MatchSample, ...]) -> None:
        """Keep the first ambiguous records of a run, in the place of those of the run before."""
        write_struct(self._file(connection, mapping), _Kept(job_id=job_id, ambiguous=ambiguous[:RECORDS_MAX]))

    def of_job(self, connection: str, mapping: str, job_id: str) -> tuple[MatchSample, ...]:
        """Return the ambiguous records of a run; nothing if it was not the last one."""
        kept = read_struct(self._file(connection, mapping), _Kept)
        return kept.ambiguous if kept is not None and kept.job_id == job_id else ()

    def _file(self, connection: str, mapping: str) -> Path:
        return self._directory / quote(connection, safe="") / f"{quote(mapping, safe='')}.json"
