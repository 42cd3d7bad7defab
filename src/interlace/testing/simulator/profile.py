"""How a schedule is biased: which faults may happen and how often, as plain values."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The biases of a schedule; shares are probabilities a step, switches allow or forbid a kind of trouble."""

    name: str = "everything"
    steps: int = 170
    """Steps during which users act and things go wrong; then both stop."""
    users: float = 0.12
    crashes: float = 0.012
    """Steps at which a process dies at an await."""
    store_crashes: float = 0.015
    """Steps after which a process dies inside one of its next store calls."""
    clock_ages: float = 100.0
    """Seconds up to which a new process's clock of elapsed time may stand at its beginning."""
    clock_steps: float = 0.008
    expiries: float = 0.006
    """Steps at which a feed's cursors expire."""
    refusals: float = 0.008
    """Steps at which a service begins, or ceases, to refuse a field."""
    backups: float = 0.02
    restores: bool = True
    own_restores: bool = True
    """Backups of our own memory are restored, too."""
    write_faults: float = 0.35
    """Share of writes that do not end as they would."""
    landing: float = 0.05
    """Steps at which a write whose answer was given up takes effect after all, while there is one."""
    landing_asleep: float = 0.0
    """The same for the strides in which everybody waits for an answer or for time to pass."""
    read_faults: float = 0.02
    second_worker: float = 0.3
    """Share of schedules with two workers."""
    slow_answers: float = 0.5
    """Share of schedules in which the answers to some kinds of request are held back for long."""
    slow_calls: tuple[str, ...] = ()
    """Kinds of call whose answers are held back in every schedule, in place of two that are drawn."""
    server_keys: float = 0.4
    """Share of schedules in which the ERP chooses the keys of new customers."""
    markers: float = 0.9
    """Share of schedules whose services have marker rows; without them nothing is restored."""
    sweeps: float = 0.7
    """Share of schedules with unreliable feeds; then whole comparisons must find what the feeds did not tell."""
    whole_company: float = 0.15
    """Share of schedules with all four mappings; the others have one or two, and so more of what matters a step."""
    drafts: bool = False
    """The CRM makes new customers as drafts, which must be opened before they can be closed."""
    deletions: bool = True
    """Users delete records."""
    wipes: float = 0.02
    """Share of the users' actions that empty a whole table."""
    losers_first: bool = True
    """Demand that what a write overwrites is durable before the write is sent."""
    journal_complete: bool = True
    """Demand one journal entry for each effect."""

    @property
    def trouble(self) -> float:
        """How likely anything at all happens from outside at a step."""
        return (
            self.users
            + self.crashes
            + self.store_crashes
            + self.clock_steps
            + self.expiries
            + self.refusals
            + self.backups
        )


EVERYTHING = Profile()
CALM = Profile(
    name="calm",
    crashes=0,
    store_crashes=0,
    clock_steps=0,
    expiries=0,
    refusals=0,
    backups=0,
    restores=False,
    own_restores=False,
    write_faults=0,
    read_faults=0,
    slow_answers=0,
)
"""Users only: no fault at all."""
FAULTS = Profile(name="faults", restores=False, own_restores=False, backups=0)
"""Everything but restored backups."""
RESTORES = Profile(
    name="restores", backups=0.06, crashes=0.006, store_crashes=0.008, write_faults=0.08, markers=1.0
)
"""Backups are restored in nearly every schedule."""
LOST_ANSWERS = Profile(
    name="lost answers", write_faults=0.5, slow_answers=1.0, server_keys=1.0, backups=0.005, users=0.08
)
"""Most of what is sent is answered late or not at all, and the ERP chooses the keys."""
CRASHES = Profile(name="crashes", crashes=0.05, store_crashes=0.06, backups=0.005)
"""Processes die all the time."""
DRAFTS = replace(FAULTS, name="drafts", crashes=0.05, store_crashes=0.06, markers=1.0, drafts=True)
"""Processes die all the time, with new customers that nobody has opened yet."""

_OF_DRAFTS = 17
"""Every second seed that would let processes die all the time does so with drafts."""
PROFILES = (EVERYTHING, FAULTS, RESTORES, LOST_ANSWERS, CRASHES, CALM, DRAFTS)


def profile_of(seed: int) -> Profile:
    """Choose the profile of a seed: half of the schedules have a bias."""
    if seed % 20 == _OF_DRAFTS:
        return DRAFTS
    return (
        EVERYTHING,
        FAULTS,
        EVERYTHING,
        RESTORES,
        EVERYTHING,
        LOST_ANSWERS,
        EVERYTHING,
        CRASHES,
        CALM,
        FAULTS,
    )[seed % 10]
