"""Whom a change concerns: by responsibility, by permission, and by what each person chose."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from interlace.bootstrap.notifying.follow import Change, Standing
from interlace.bootstrap.notifying.owners import folded_address
from interlace.management.notifications import KINDS
from interlace.management.permission import Permission
from interlace.management.plan_rules import is_same_user
from interlace.store.notification_choices import NotificationChoice
from interlace.store.users import StoredUser


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Somebody who is told a change, and how."""

    user_id: str
    is_shown: bool
    is_mailed: bool


def choice_in_force(user: StoredUser, chosen: NotificationChoice | None) -> NotificationChoice:
    """Return what somebody is told: what he chose, else what he can do something about."""
    if chosen is not None:
        return chosen
    return NotificationChoice(
        shown=tuple(kind.value for kind, told in KINDS.items() if told.permission in user.permissions)
    )


def addressees(
    change: Change, users: Iterable[StoredUser], choices: Mapping[str, NotificationChoice]
) -> list[Addressee]:
    """Return who is told: who is responsible, and who wants to be told of what others are responsible for, too."""
    found = []
    for user in users:
        each = _told(change, user, choices.get(user.id))
        wants_all = change.kind in choice_in_force(user, choices.get(user.id)).of_others
        if each is not None and (not change.owners or user.id in change.owners or wants_all):
            found.append(each)
    return found


def owners_of(
    standing: Standing, users: Iterable[StoredUser], choices: Mapping[str, NotificationChoice]
) -> tuple[str, ...]:
    """Return the ids of those who are responsible and want to be told.

    There are none where nobody would be told for it: then it concerns everybody. Addresses that are not proven name
    nobody, for anybody can enter them.
    """
    if not standing.responsible:
        return ()
    proven = {
        user_id
        for user_id, choice in choices.items()
        if choice.is_proven and folded_address(choice.address) == standing.responsible
    }
    return tuple(
        user.id
        for user in users
        if user.id in proven and _told(standing, user, choices.get(user.id)) is not None
    )


def _told(change: Change | Standing, user: StoredUser, chosen: NotificationChoice | None) -> Addressee | None:
    """Return how somebody is told whom a change concerns; None: not at all, or he may not see where it leads."""
    choice = choice_in_force(user, chosen)
    if Permission.READ not in user.permissions or not _concerns(change, user, choice):
        return None
    # Whom it alone concerns is told even of what he can do nothing about, unless he chose otherwise.
    is_own = bool(change.only_for) and chosen is None
    wants_mail = change.kind in choice.mailed
    each = Addressee(
        user_id=user.id,
        # What can't be sent yet stands on the list.
        is_shown=is_own or change.kind in choice.shown or (wants_mail and not choice.is_proven),
        is_mailed=wants_mail and choice.is_proven,
    )
    return each if each.is_shown or each.is_mailed else None


def _concerns(change: Change | Standing, user: StoredUser, choice: NotificationChoice) -> bool:
    if change.only_for:
        return is_same_user(change.only_for, user.name)
    if is_same_user(change.not_for, user.name):
        return False
    return not (choice.mappings and change.mappings) or not set(choice.mappings).isdisjoint(change.mappings)
