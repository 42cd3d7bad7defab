"""What is entered for a user or a password, checked before it is stored; raises Refused naming the field."""

import re
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from interlace.locale.languages import offered
from interlace.management.accounts import BASIC, SUITE
from interlace.management.passwords import problem_with
from interlace.management.permission import PERMISSION_SETS
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable

_NAME = re.compile(r"[\w.@+-](?:[\w.@+ -]{0,78}[\w.@+-])?")
_FULL_NAME_MAX = 100
EXPERIENCES = (SUITE, BASIC)


def checked_name(name: str) -> str:
    """Return a user name without blanks around it."""
    stripped = name.strip()
    if not _NAME.fullmatch(stripped):
        raise invalid(
            "name",
            translatable("A user name has up to 80 letters, digits and blanks, and the signs . @ + - and _."),
        )
    return stripped


def checked_full_name(full_name: str) -> str:
    """Return a person's name."""
    stripped = full_name.strip()
    if len(stripped) > _FULL_NAME_MAX or any(ord(each) < 32 for each in stripped):
        raise invalid("full_name", translatable("A full name has up to 100 characters in one line."))
    return stripped


def check_password(password: str, context: Iterable[str], field: str = "password") -> None:
    """Refuse a password that is too short or known to everybody."""
    problem = problem_with(password, context)
    if problem:
        raise invalid(field, problem)


def checked_sets(names: Iterable[str]) -> tuple[str, ...]:
    """Return permission sets by their names, in the order in which they are listed."""
    wanted = {name.strip().upper() for name in names if name.strip()}
    unknown = sorted(wanted - PERMISSION_SETS.keys())
    if unknown:
        known = ", ".join(PERMISSION_SETS)
        raise invalid(
            "permission_sets",
            translatable(
                "There is no permission set {name}. There are: {known}.", name=unknown[0], known=known
            ),
        )
    return tuple(name for name in PERMISSION_SETS if name in wanted)


def checked_language(language: str) -> str:
    """Return a language that is offered."""
    name = offered(language)
    if name is None:
        raise invalid("language", translatable("This language is not offered."))
    return name


def checked_zone(zone: str) -> str:
    """Return the name of a time zone; blank is universal time."""
    name = zone.strip() or "UTC"
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as problem:
        raise invalid(
            "time_zone",
            translatable("There is no such time zone. Write it as region and city, such as Europe/Oslo."),
        ) from problem
    return name


def checked_experience(experience: str) -> str:
    """Return an experience."""
    if experience not in EXPERIENCES:
        raise invalid("experience", translatable("The experience is Suite or Basic."))
    return experience


def invalid(field: str, what: str) -> Refused:
    """Return the refusal of what stands in a field."""
    return Refused(
        RefusalKind.INVALID,
        what,
        next_step=translatable("Correct it and try again."),
        fields={field: what},
    )


def wrong_sign_in() -> Refused:
    """Return the refusal of a sign-in, the same for every cause."""
    return Refused(
        RefusalKind.NOT_SIGNED_IN,
        translatable("Name or password is wrong"),
        next_step=translatable("Try again, or ask an administrator for a new password."),
    )


def wrong_password() -> Refused:
    """Return the refusal of a wrong password from somebody who is known."""
    return Refused(
        RefusalKind.INVALID,
        translatable("The password is wrong"),
        fields={"password": translatable("The password is wrong")},
    )
