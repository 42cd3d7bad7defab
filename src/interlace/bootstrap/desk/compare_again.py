"""Has a mapping look at every record again once its settings let it see them otherwise."""

from enum import Enum, auto

from interlace.bootstrap.application import Connection
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.job_starts import StartedJustNow
from interlace.bootstrap.serving import Server
from interlace.domain.keys import MappingName
from interlace.jobs.ports import SynchMode


class Comparison(Enum):
    """What became of the wish."""

    BEGUN = auto()
    WAITS = auto()
    """A run is at work that began with the settings of before."""
    LATER = auto()
    """The mapping can't run now."""


def compare_again(server: Server, held: Connection, name: MappingName) -> Comparison:
    """Begin a run over every record that creates none, where that is possible."""
    try:
        server.require_may_synchronize(held, name)
        begun = server.begin_run(held, name, SynchMode.COUPLE)
    except ConnectionProblem:
        return Comparison.LATER
    except StartedJustNow:
        return Comparison.WAITS
    return Comparison.BEGUN if begun.is_new else Comparison.WAITS
