"""Looks at every connection again and again, and stores a message for each change and each person it concerns."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID, uuid5

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.notifying.addressees import Addressee, addressees, owners_of
from interlace.bootstrap.notifying.follow import Change, follow
from interlace.bootstrap.notifying.standing import LOOKS, SETTLES
from interlace.domain.keys import ConnectionId
from interlace.locale.translatable import as_sentence, translatable
from interlace.management.notifications import KINDS, NotificationKind
from interlace.store.notification_choices import NotificationChoice
from interlace.store.notifications import Followed, FollowedState, Message
from interlace.store.users import StoredUser

KEPT: Final = timedelta(days=90)
"""Older messages are forgotten."""
TOGETHER: Final = 5
"""More changes of a kind than these that one look finds are told in one message."""
_PAGES: Final = {
    NotificationKind.CAUSE: "/errors",
    NotificationKind.CONFLICT: "/conflicts",
    NotificationKind.ORDER: "/orders?held=1",
    NotificationKind.HALT: "/halts",
    NotificationKind.PLAN: "/plans",
    NotificationKind.FULL_SYNCH: "/review",
    NotificationKind.SILENCE: "/queue",
}
_SECONDS: Final = 15.0
_SHARE: Final = 20
"""A look that takes long is followed by a pause so many times as long."""
_NAMESPACE: Final = UUID("6d0f0a52-6f0e-4a39-9c52-0f4f4d1a6b07")


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


async def keep_notifying(application: Application) -> None:
    """Look for ever."""
    while True:
        began = time.monotonic()
        await asyncio.to_thread(notify, application)
        await asyncio.sleep(max(_SECONDS, _SHARE * (time.monotonic() - began)))


def notify(application: Application, now: Callable[[], datetime] = utc_now) -> int:
    """Look once at every connection; gives how many messages that made."""
    made = sum(_notify_of(application, each, now()) for each in application.connections())
    application.state.notifications.forget_before(now() - KEPT)
    return made


def _notify_of(application: Application, connection: Connection, now: datetime) -> int:
    looks = [look(application, connection) for look in LOOKS]
    unsure = {look.kind for look in looks if not look.is_whole}
    users = application.state.users.every()
    choices = application.state.notification_choices.every()
    standing = [
        replace(each, owners=owners_of(each, users, choices)) for look in looks for each in look.standing
    ]

    def changed(known: Sequence[FollowedState]) -> Followed:
        """Decide what to tell whom."""
        found = follow(known, standing, now, settles=SETTLES, unsure=unsure)
        messages = tuple(_messages(connection.id, found.changes, users, choices, now))
        return Followed(kept=found.kept, ended=found.ended, messages=messages)

    return application.state.notifications.follow(connection.id, changed)


def _messages(
    connection_id: ConnectionId,
    changes: Sequence[Change],
    users: Sequence[StoredUser],
    choices: Mapping[str, NotificationChoice],
    now: datetime,
) -> Iterator[Message]:
    told = [(to, change) for change in changes for to in addressees(change, users, choices)]

    def alike(item: tuple[Addressee, Change]) -> tuple[str, str, bool, bool, bool]:
        """Say what may be told together."""
        to, change = item
        return to.user_id, change.kind, change.is_over, to.is_shown, to.is_mailed

    for _, group in groupby(sorted(told, key=alike), key=alike):
        of_group = list(group)
        found = [change for _, change in of_group]
        for each in found if len(found) <= TOGETHER else [_together(found)]:
            yield _message(connection_id, of_group[0][0], each, now)


def _together(changes: Sequence[Change]) -> Change:
    """Return many changes of a kind as one."""
    first = changes[0]
    caption = as_sentence(KINDS[first.kind].caption)
    message = (
        translatable("{caption}: {count} are good again.", caption=caption, count=len(changes))
        if first.is_over
        else translatable("{caption}: {count} new ones.", caption=caption, count=len(changes))
    )
    return Change(
        kind=first.kind,
        subject=" ".join(sorted(each.subject for each in changes)),
        since=max(each.since for each in changes),
        message=message,
        page=_PAGES[first.kind],
        mappings=tuple(sorted(_every(each.mappings for each in changes))),
        is_over=first.is_over,
    )


def _every(names: Iterable[tuple[str, ...]]) -> set[str]:
    return set[str]().union(*names)


def _message(connection_id: ConnectionId, to: Addressee, change: Change, now: datetime) -> Message:
    ending = "over" if change.is_over else "came"
    told = (to.user_id, connection_id, change.kind, change.subject, change.since.isoformat(), ending)
    return Message(
        id=str(uuid5(_NAMESPACE, "\x1f".join(told))),
        user_id=to.user_id,
        kind=change.kind.value,
        message=change.message,
        page=change.page,
        at=now,
        is_over=change.is_over,
        is_shown=to.is_shown,
        is_mailed=to.is_mailed,
    )
