"""Permissions, and the sets in which users get them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from interlace.management.translatable import translatable


class Permission(StrEnum):
    """What a user may do."""

    READ = "read"
    """See records, jobs, errors, settings; never secrets."""
    SYNCHRONIZE = "synchronize"
    """Couple and synchronize records, retry, resolve conflicts."""
    MANAGE_CONNECTION = "manage-connection"
    """Set up and enable connections, change mappings, start full synchronizations."""
    APPROVE = "approve"
    """Release safety halts and apply plans."""
    ADMINISTER = "administer"
    """Users, tokens, audit log, backups."""


PERMISSION_CAPTIONS: Final = {
    Permission.READ: translatable("Read"),
    Permission.SYNCHRONIZE: translatable("Synchronize"),
    Permission.MANAGE_CONNECTION: translatable("Set up"),
    Permission.APPROVE: translatable("Approve"),
    Permission.ADMINISTER: translatable("Administer"),
}
"""What permissions are called in short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionSet:
    """Permissions under the name by which users get them."""

    name: str
    caption: str
    description: str
    permissions: frozenset[Permission]


def _set(name: str, caption: str, description: str, *permissions: Permission) -> PermissionSet:
    return PermissionSet(
        name=name, caption=caption, description=description, permissions=frozenset(permissions)
    )


PERMISSION_SETS = {
    each.name: each
    for each in (
        _set(
            "INTERLACE VIEW",
            translatable("View"),
            translatable("See everything but secrets; change nothing."),
            Permission.READ,
        ),
        _set(
            "INTERLACE SYNCHRONIZE",
            translatable("Synchronize"),
            translatable("Couple and synchronize records, retry, resolve conflicts."),
            Permission.READ,
            Permission.SYNCHRONIZE,
        ),
        _set(
            "INTERLACE SETUP",
            translatable("Set up"),
            translatable("All of Synchronize, and connections, mappings and full synchronizations."),
            Permission.READ,
            Permission.SYNCHRONIZE,
            Permission.MANAGE_CONNECTION,
        ),
        _set(
            "INTERLACE APPROVE",
            translatable("Approve"),
            translatable("See everything; release safety halts and apply plans."),
            Permission.READ,
            Permission.APPROVE,
        ),
        _set(
            "INTERLACE ADMIN",
            translatable("Administer"),
            translatable("Everything, users and audit log included."),
            *Permission,
        ),
    )
}
"""By name, as users are given them. After the on-premises sets Dynamics CRM View, Edit and Admin."""


def permissions_of(sets: frozenset[str] | tuple[str, ...]) -> frozenset[Permission]:
    """Return what the named sets allow together; a set that no longer exists allows nothing."""
    held = [PERMISSION_SETS[name].permissions for name in sets if name in PERMISSION_SETS]
    return frozenset[Permission]().union(*held)
