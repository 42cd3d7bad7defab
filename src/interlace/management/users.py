"""Users: who may sign in, with which permission sets, and where they are signed in."""

from datetime import datetime
from typing import Final

from interlace.domain.filter_language import FieldKind
from interlace.management.listing import (
    YES_OR_NO,
    Choice,
    ListAnswer,
    ListColumn,
    ListRow,
    ServerListAsked,
)
from interlace.management.operation import Answer, Asked, Effect, Nothing, Operation
from interlace.management.permission import PERMISSION_SETS, Permission
from interlace.management.secret_text import SecretText
from interlace.management.translatable import translatable

USER_COLUMNS: Final = (
    ListColumn(
        name="name",
        caption=translatable("User Name"),
        tooltip=translatable("The name under which the user signs in."),
        is_sorted=True,
        is_searched=True,
    ),
    ListColumn(
        name="full_name",
        caption=translatable("Full Name"),
        tooltip=translatable("What the user is called."),
        is_sorted=True,
        is_searched=True,
    ),
    ListColumn(
        name="permission_sets",
        caption=translatable("Permission Sets"),
        tooltip=translatable("What the user may do; the filter finds users with one such set."),
        kind=FieldKind.CHOICE,
        choices=tuple(Choice(value=name, caption=each.caption) for name, each in PERMISSION_SETS.items()),
    ),
    ListColumn(
        name="disabled",
        caption=translatable("State"),
        tooltip=translatable("Whether the user may sign in."),
        kind=FieldKind.CHOICE,
        choices=(
            Choice(value="no", caption=translatable("Enabled")),
            Choice(value="yes", caption=translatable("Disabled")),
        ),
    ),
    ListColumn(
        name="has_second_step",
        caption=translatable("Two-Step Sign-In"),
        tooltip=translatable("Whether a code is asked for beside the password."),
        kind=FieldKind.CHOICE,
        choices=YES_OR_NO,
    ),
    ListColumn(
        name="signed_in_at",
        caption=translatable("Signed In Last"),
        tooltip=translatable("When the user signed in last; blank: never."),
        kind=FieldKind.MOMENT,
        is_sorted=True,
    ),
    ListColumn(
        name="sessions",
        caption=translatable("Sessions"),
        tooltip=translatable("In how many places the user is signed in."),
        kind=FieldKind.NUMBER,
        is_sorted=True,
    ),
)


class UserSummary(ListRow, frozen=True, kw_only=True):
    """A user as lists show him."""

    name: str
    full_name: str
    permission_sets: tuple[str, ...]
    disabled: bool
    has_second_step: bool
    language: str
    time_zone: str
    experience: str
    created_at: datetime
    signed_in_at: datetime | None
    """When he signed in last."""
    sessions: int
    """How many of his sessions are open."""


class Users(ListAnswer, frozen=True, kw_only=True):
    """A page of users, by name."""

    rows: tuple[UserSummary, ...] = ()


class SessionSummary(Answer, frozen=True, kw_only=True):
    """A place where a user is signed in."""

    id: str
    user: str
    signed_in_at: datetime
    seen_at: datetime
    address: str
    agent: str
    is_own: bool = False
    """The session in which this was asked."""


class Sessions(Answer, frozen=True, kw_only=True):
    """Open sessions, the one seen last first."""

    sessions: tuple[SessionSummary, ...]


class ListUsers(ServerListAsked, frozen=True, kw_only=True):
    """Asks for a page of users."""


class NamedUser(Asked, frozen=True, kw_only=True):
    """Asks something of one user."""

    name: str


class AddUser(Asked, frozen=True, kw_only=True):
    """A new user."""

    name: str
    password: SecretText
    full_name: str = ""
    permission_sets: tuple[str, ...] = ()
    language: str = "en_US"
    time_zone: str = "UTC"
    experience: str = "Suite"


class ChangeUser(Asked, frozen=True, kw_only=True):
    """What is to change of a user; what is left out stays."""

    name: str
    full_name: str | None = None
    permission_sets: tuple[str, ...] | None = None
    language: str | None = None
    time_zone: str | None = None
    experience: str | None = None


class SetPassword(Asked, frozen=True, kw_only=True):
    """A new password for a user who lost his."""

    name: str
    password: SecretText


class ListSessions(Asked, frozen=True, kw_only=True):
    """Asks where a user is signed in; blank asks of everybody."""

    name: str = ""


class EndSession(Asked, frozen=True, kw_only=True):
    """The session that is to end."""

    session: str


class Ended(Answer, frozen=True, kw_only=True):
    """How many sessions were ended."""

    sessions: int


class Deleted(Answer, frozen=True, kw_only=True):
    """A user who is gone, and what ended with that."""

    name: str
    sessions: int
    keys: int
    message: str
    page: str = ""


LIST = Operation(
    name="users.list",
    asked=ListUsers,
    answer=Users,
    permission=Permission.ADMINISTER,
    caption=translatable("Users"),
    tooltip=translatable("Show who may sign in, and with which permission sets."),
    command="users list",
)
SHOW = Operation(
    name="users.show",
    asked=NamedUser,
    answer=UserSummary,
    permission=Permission.ADMINISTER,
    caption=translatable("User"),
    tooltip=translatable("Show one user."),
    command="users show",
)
ADD = Operation(
    name="users.add",
    asked=AddUser,
    answer=UserSummary,
    permission=Permission.ADMINISTER,
    caption=translatable("New User"),
    tooltip=translatable("Add somebody who may sign in."),
    effect=Effect.WRITES,
    command="users add",
    needs_fresh_sign_in=True,
)
CHANGE = Operation(
    name="users.change",
    asked=ChangeUser,
    answer=UserSummary,
    permission=Permission.ADMINISTER,
    caption=translatable("Change"),
    tooltip=translatable(
        "Change a user's name, permission sets or settings; it counts from his next click on."
    ),
    effect=Effect.WRITES,
    command="users change",
    needs_fresh_sign_in=True,
)
DISABLE = Operation(
    name="users.disable",
    asked=NamedUser,
    answer=UserSummary,
    permission=Permission.ADMINISTER,
    caption=translatable("Disable"),
    tooltip=translatable("Let a user no longer in: his sessions end and his access keys rest."),
    effect=Effect.WRITES,
    command="users disable",
    needs_fresh_sign_in=True,
)
ENABLE = Operation(
    name="users.enable",
    asked=NamedUser,
    answer=UserSummary,
    permission=Permission.ADMINISTER,
    caption=translatable("Enable"),
    tooltip=translatable("Let a disabled user in again."),
    effect=Effect.WRITES,
    command="users enable",
    needs_fresh_sign_in=True,
)
DELETE = Operation(
    name="users.delete",
    asked=NamedUser,
    answer=Deleted,
    permission=Permission.ADMINISTER,
    caption=translatable("Delete"),
    tooltip=translatable(
        "Delete a user for good: sessions and access keys end at once; the audit log keeps the name."
    ),
    effect=Effect.WRITES,
    command="users delete",
    needs_fresh_sign_in=True,
)
SET_PASSWORD = Operation(
    name="users.set-password",
    asked=SetPassword,
    answer=Nothing,
    permission=Permission.ADMINISTER,
    caption=translatable("Set Password"),
    tooltip=translatable("Give a user a new password; his sessions end."),
    effect=Effect.WRITES,
    command="users set-password",
    needs_fresh_sign_in=True,
)
END_SECOND_STEP = Operation(
    name="users.end-second-step",
    asked=NamedUser,
    answer=Nothing,
    permission=Permission.ADMINISTER,
    caption=translatable("End Two-Step Sign-In"),
    tooltip=translatable("Let a user who lost his phone sign in by password alone; his sessions end."),
    effect=Effect.WRITES,
    command="users end-second-step",
    needs_fresh_sign_in=True,
)
SESSIONS = Operation(
    name="users.sessions",
    asked=ListSessions,
    answer=Sessions,
    permission=Permission.ADMINISTER,
    caption=translatable("Sessions"),
    tooltip=translatable("Show where users are signed in."),
    command="users sessions",
)
END_SESSION = Operation(
    name="users.end-session",
    asked=EndSession,
    answer=Ended,
    permission=Permission.ADMINISTER,
    caption=translatable("End Session"),
    tooltip=translatable("Sign a user out of one browser."),
    effect=Effect.WRITES,
    command="users end-session",
)
END_ALL = Operation(
    name="users.end-all",
    asked=NamedUser,
    answer=Ended,
    permission=Permission.ADMINISTER,
    caption=translatable("End All Sessions"),
    tooltip=translatable("Sign a user out everywhere."),
    effect=Effect.WRITES,
    command="users end-all",
)

OPERATIONS = (
    LIST,
    SHOW,
    ADD,
    CHANGE,
    DISABLE,
    ENABLE,
    DELETE,
    SET_PASSWORD,
    END_SECOND_STEP,
    SESSIONS,
    END_SESSION,
    END_ALL,
)
