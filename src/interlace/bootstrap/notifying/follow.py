"""Which changes people are told of, decided from what stands now and what they were told before; pure.

Whatever lasts has a subject. It is told once it has lasted as long as its kind settles, and told to be over once it has
been away as long: what comes and goes in between tells nobody anything. What is stored of it changes in the same
transaction in which its messages are stored, so a crash leaves both or neither, and the next look finds what is left.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from interlace.management.notifications import NotificationKind
from interlace.store.notifications import FollowedState


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Something that people are to know of, as it stands now."""

    kind: NotificationKind
    subject: str
    message: str
    page: str
    over: str = ""
    """What is said when it is over; blank: nothing."""
    over_page: str = ""
    mappings: tuple[str, ...] = ()
    """Those that it concerns; none: the whole connection."""
    settle: timedelta | None = None
    """How long it must last until it is told; None: as long as its kind."""
    only_for: str = ""
    """Name of the user whom alone it concerns; blank: it concerns more than one."""
    not_for: str = ""
    """Name of the user whose own doing it is."""
    responsible: str = ""
    """The e-mail address, as it is compared, of whoever is responsible; blank: nobody is."""
    owners: tuple[str, ...] = ()
    """Ids of the users who are responsible and want to be told; none: it concerns everybody."""

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from the others of its connection."""
        return self.kind.value, self.subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing to tell."""

    kind: NotificationKind
    subject: str
    since: datetime
    """From when it lasted: with it, the change is the only one of its subject."""
    message: str
    page: str
    mappings: tuple[str, ...]
    is_over: bool
    only_for: str = ""
    not_for: str = ""
    owners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What a look found."""

    kept: Sequence[FollowedState]
    """States that are new, or changed."""
    ended: Sequence[FollowedState]
    changes: Sequence[Change]


def follow(
    known: Sequence[FollowedState],
    standing: Sequence[Standing],
    now: datetime,
    *,
    settles: Mapping[NotificationKind, timedelta],
    unsure: Collection[NotificationKind] = (),
) -> Followed:
    """Compare what stands now with what is known; of an unsure kind, what isn't seen may still be there."""
    settled = {kind.value: settle for kind, settle in settles.items()}
    states = {each.key: each for each in known}
    seen = {each.key: each for each in standing}
    kept: list[FollowedState] = []
    ended: list[FollowedState] = []
    changes: list[Change] = []
    for key, each in seen.items():
        held = states.get(key)
        newer = _lasting(held, each, now, settles[each.kind] if each.settle is None else each.settle)
        if newer != held:
            kept.append(newer)
        if newer.told_at is not None and (held is None or held.told_at is None):
            changes.append(_came(each, newer))
    for key, held in states.items():
        if key in seen or held.kind in unsure:
            continue
        settle = settled.get(held.kind)
        # What only a newer version knows is told by nobody.
        if held.told_at is None or settle is None:
            ended.append(held)
        elif now - (held.gone_at or now) < settle:
            if held.gone_at is None:
                kept.append(replace(held, gone_at=now))
        else:
            ended.append(held)
            changes += [_over(held)] if held.over else []
    return Followed(kept=kept, ended=ended, changes=changes)


def _lasting(held: FollowedState | None, each: Standing, now: datetime, settle: timedelta) -> FollowedState:
    state = held or FollowedState(kind=each.kind.value, subject=each.subject, since=now)
    if state.told_at is None and now - state.since >= settle:
        state = replace(
            state,
            told_at=now,
            over=each.over,
            over_page=each.over_page or each.page,
            mappings=each.mappings,
            owners=each.owners,
        )
    return state if state.gone_at is None else replace(state, gone_at=None)


def _came(each: Standing, state: FollowedState) -> Change:
    return Change(
        kind=each.kind,
        subject=each.subject,
        since=state.since,
        message=each.message,
        page=each.page,
        mappings=each.mappings,
        is_over=False,
        only_for=each.only_for,
        not_for=each.not_for,
        owners=each.owners,
    )


def _over(state: FollowedState) -> Change:
    return Change(
        kind=NotificationKind(state.kind),
        subject=state.subject,
        since=state.since,
        message=state.over,
        page=state.over_page,
        mappings=state.mappings,
        is_over=True,
        owners=state.owners,
    )
