"""Whom a change concerns: by permission and by what each person chose."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from interlace.bootstrap.notifying.follow import Change
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
    """Return who is told; nobody who may not see the page that it leads to."""
    found = []
    for user in users:
        choice = choice_in_force(user, choices.get(user.id))
        if Permission.READ not in user.permissions or not _concerns(change, user, choice):
            continue
        # Whom it alone concerns is told even of what he can do nothing about, unless he chose otherwise.
        is_own = bool(change.only_for) and user.id not in choices
        wants_mail = change.kind in choice.mailed
        each = Addressee(
            user_id=user.id,
            # What can't be sent yet stands on the list.
            is_shown=is_own or change.kind in choice.shown or (wants_mail and not choice.is_proven),
            is_mailed=wants_mail and choice.is_proven,
        )
        if each.is_shown or each.is_mailed:
            found.append(each)
    return found


def _concerns(change: Change, user: StoredUser, choice: NotificationChoice) -> bool:
    if change.only_for:
        return is_same_user(change.only_for, user.name)
    if is_same_user(change.not_for, user.name):
        return False
    return not (choice.mappings and change.mappings) or not set(choice.mappings).isdisjoint(change.mappings)
