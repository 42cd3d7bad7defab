"""The approval rules under which a plan falls, as they are told with it, and what holds for a decision on it."""

from typing import Final

from interlace.management.operation import Answer

NOTE_MAX: Final = 500
"""So many characters may be said with a decision on a plan."""


def is_same_user(one: str, other: str) -> bool:
    """Tell whether two names are one user's: case makes no difference."""
    return one.casefold() == other.casefold()


class RecordOfRule(Answer, frozen=True, kw_only=True):
    """A record of a plan for which an approval rule applies."""

    number: int
    """Its place in the plan, from 1."""
    source_key: str
    record_key: str
    """As addresses name the record."""
    from_crm: bool
    before: str
    after: str
    """The values of the field that the rule is about; both blank for a rule about shares."""


class RuleOfPlan(Answer, frozen=True, kw_only=True):
    """An approval rule under which a plan falls."""

    rule: str
    """What it says."""
    kind: str
    """field, deletions or changes."""
    mapping: str
    count: int
    """How many records it applies to."""
    of: int
    """How many records of the mapping are coupled, where a share counts; else 0."""
    records: tuple[RecordOfRule, ...]
    """The first of them."""
