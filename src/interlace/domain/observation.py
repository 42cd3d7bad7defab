"""What was seen of a pair of records, in the terms that the decision needs."""

from dataclasses import dataclass
from enum import Enum


class Link(Enum):
    """What is known of the source record's partner."""

    UNCOUPLED = "uncoupled"
    """No coupling, and no record of the other side matches."""
    MATCHED = "matched"
    """No coupling, but exactly one uncoupled record of the other side matches."""
    MATCH_AMBIGUOUS = "match ambiguous"
    """No coupling, and several records of the other side match."""
    MATCH_TAKEN = "match taken"
    """No coupling, and the one record that matches is coupled with another one."""
    REAPPEARED = "reappeared"
    """No coupling: the record was deleted once, and is there again since its service was restored."""
    COUPLED = "coupled"
    """A coupling exists."""
    SKIPPED = "skipped"
    """The record is left out until its cause is gone or a person retries it."""


class Presence(Enum):
    """Whether a record is there; absence is only ever taken from a direct read by key."""

    PRESENT = "present"
    OUT_OF_SCOPE = "out of scope"
    """There, but the mapping's filter leaves it out."""
    ABSENT = "absent"


class Difference(Enum):
    """What changed on the two sides since they last agreed, over the fields that the pass may write.

    Each side is compared with its own past only.
    """

    NONE = "none"
    SOURCE = "source"
    """Something of the source is to be written."""
    DESTINATION = "destination"
    """Only the destination changed, in fields that the opposite pass carries."""
    AGREEMENT = "agreement"
    """Both hold the same now, by whatever way: only the memory is out of date."""
    CONFLICT = "conflict"
    """The same field changed on both sides, to different values, and no policy says who is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedPair:
    """One record and its partner, as seen in one pass from source to destination."""

    link: Link
    source: Presence
    destination: Presence
    difference: Difference = Difference.NONE
    source_doubtful: bool = False
    """The source's service went back in time since the pair last agreed: absence there is no deletion."""
    destination_doubtful: bool = False
    survivor_changed: bool = False
    """One record is absent, and the other holds news since the pair last agreed."""
