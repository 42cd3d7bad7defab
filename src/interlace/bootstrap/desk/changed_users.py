"""What is changed of a user, checked before anything is stored; what is left out stays."""

from collections.abc import Callable
from dataclasses import replace

from interlace.bootstrap import account_checks
from interlace.management.account import ChangeAccount
from interlace.management.noted_changes import note_change, note_secret
from interlace.management.users import ChangeUser
from interlace.store.users import StoredUser

Change = Callable[[StoredUser], StoredUser]
_NOTED = ("full_name", "permission_sets", "language", "time_zone", "experience", "disabled")


def change_of(asked: ChangeUser | ChangeAccount) -> Change:
    """Return the change of a user's name and settings; raises Refused naming the field that is wrong."""
    full_name = None if asked.full_name is None else account_checks.checked_full_name(asked.full_name)
    language = None if asked.language is None else account_checks.checked_language(asked.language)
    time_zone = None if asked.time_zone is None else account_checks.checked_zone(asked.time_zone)
    experience = None if asked.experience is None else account_checks.checked_experience(asked.experience)

    def changed(held: StoredUser) -> StoredUser:
        return replace(
            held,
            full_name=held.full_name if full_name is None else full_name,
            language=language or held.language,
            time_zone=time_zone or held.time_zone,
            experience=experience or held.experience,
        )

    return changed


def change_of_sets(asked: ChangeUser) -> Change:
    """Return the change of a user's permission sets; raises Refused for one that doesn't exist."""
    sets = None if asked.permission_sets is None else account_checks.checked_sets(asked.permission_sets)
    return lambda held: held if sets is None else replace(held, permission_sets=sets)


def noting(change: Change) -> Change:
    """Return a change that is noted for the audit log, value by value."""

    def noted(held: StoredUser) -> StoredUser:
        after = change(held)
        note_user(held, after)
        return after

    return noted


def note_user(before: StoredUser | None, after: StoredUser | None) -> None:
    """Note what is other of a user; None: not there yet, or any more. Of a password only that it is another one."""
    for name in _NOTED:
        note_change(name, getattr(before, name, None), getattr(after, name, None))
    if before is not None and after is not None and before.password_hash != after.password_hash:
        note_secret("password")
