"""Which changes are told: each once when it has lasted, and once more when it has been away as long."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from interlace.bootstrap.notifying.follow import Standing, follow
from interlace.management.notifications import NotificationKind
from interlace.store.notifications import FollowedState

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CAUSE = NotificationKind.CAUSE
SETTLES = {CAUSE: timedelta(minutes=2)}


def standing(subject: str = "a", over: str = "a is over") -> Standing:
    """Something that is there."""
    return Standing(kind=CAUSE, subject=subject, message=f"{subject} came", page=f"/{subject}", over=over)


@dataclass(slots=True)
class Story:
    """What is known, carried from look to look."""

    known: tuple[FollowedState, ...] = ()

    def look(self, minutes: float, *seen: Standing, unsure: bool = False) -> list[str]:
        """Look so many minutes after noon; gives what is told."""
        now = NOON + timedelta(minutes=minutes)
        found = follow(self.known, seen, now, settles=SETTLES, unsure=[CAUSE] if unsure else ())
        gone = {each.key for each in (*found.ended, *found.kept)}
        self.known = (*(each for each in self.known if each.key not in gone), *found.kept)
        return [each.message for each in found.changes]


def test_what_lasts_is_told_once_and_its_end_once() -> None:
    """However often it is looked at, there is one message for each change."""
    story = Story()
    assert story.look(0, standing()) == []
    assert story.look(1, standing()) == []
    assert story.look(2, standing()) == ["a came"]
    assert story.look(3, standing()) == story.look(60, standing()) == []
    assert story.look(61) == []
    assert story.look(63) == ["a is over"]
    assert story.look(64) == []
    assert story.known == ()


@pytest.mark.parametrize("seen_before", [False, True], ids=["comes and goes", "goes and comes"])
def test_what_does_not_last_is_not_told(*, seen_before: bool) -> None:
    """A state that is there, or away, for less than its time is no change."""
    story = Story()
    if seen_before:
        story.look(0, standing())
        story.look(2, standing())
    now, otherwise = ((), (standing(),)) if seen_before else ((standing(),), ())
    told = [
        story.look(10, *now),
        story.look(11, *otherwise),
        story.look(12.5, *now),
        story.look(13, *otherwise),
    ]
    assert told == [[], [], [], []]


def test_it_is_a_new_change_when_it_comes_again() -> None:
    """After the end was told, the same subject is told anew, from when it came again."""
    story = Story()
    for minutes in (0, 2):
        story.look(minutes, standing())
    for minutes in (10, 12):
        story.look(minutes)
    assert story.look(20, standing()) == []
    assert story.look(22, standing()) == ["a came"]
    assert story.known[0].since == NOON + timedelta(minutes=20)


def test_what_may_still_be_there_is_not_over() -> None:
    """Where not everything was looked at, what isn't seen stays as it was."""
    story = Story()
    for minutes in (0, 2):
        story.look(minutes, standing())
    assert story.look(10, standing("b"), unsure=True) == []
    assert story.look(20, standing("b"), unsure=True) == ["b came"]
    assert {each.subject for each in story.known} == {"a", "b"}


def test_an_end_without_words_is_forgotten() -> None:
    """What only happened has no end to tell."""
    story = Story()
    for minutes in (0, 2):
        story.look(minutes, standing(over=""))
    assert story.look(10) == story.look(12) == []
    assert story.known == ()


def test_kinds_of_a_newer_version_are_let_go() -> None:
    """After going back to this version nobody is told of what it does not know."""
    newer = FollowedState(kind="newer", subject="x", since=NOON, told_at=NOON, over="x is over")
    story = Story(known=(newer,))
    assert story.look(10) == []
    assert story.known == ()
