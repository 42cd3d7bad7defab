"""How a step of the set-up stands, in words for people: what is wrong, which answer it concerns, what to do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

Tell = Callable[[str], None]
"""Hears what is being done, a line at a time."""


class StepState(StrEnum):
    """How a step stands."""

    DONE = "done"
    OPEN = "open"
    """Something is to be done, and nothing is known to be in its way."""
    PROBLEM = "problem"
    """A person must correct something first."""
    WAITING = "waiting"
    """Not looked at: a step before it isn't done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepProblem:
    """One thing that is in the way."""

    what: str
    setting: str = ""
    """Name of the answer that it concerns, such as `erp.address`; blank: none."""
    remedy: str = ""
    is_sign_in: bool = False
    """A service refused the credentials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLook:
    """What a step found when it looked."""

    state: StepState
    text: str = ""
    problems: tuple[StepProblem, ...] = ()
    details: tuple[str, ...] = ()
    """Further lines that a person may want to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReport:
    """How a step stands after it was looked at or done."""

    name: str
    caption: str
    look: StepLook
    performed: bool = False


def done(text: str, details: Sequence[str] = ()) -> StepLook:
    """Say that nothing is left to do."""
    return StepLook(state=StepState.DONE, text=text, details=tuple(details))


def to_do(text: str) -> StepLook:
    """Say what is to be done."""
    return StepLook(state=StepState.OPEN, text=text)


def trouble(problems: Sequence[StepProblem], text: str = "") -> StepLook:
    """Say what is in the way."""
    return StepLook(state=StepState.PROBLEM, text=text or problems[0].what, problems=tuple(problems))
