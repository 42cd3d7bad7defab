"""`interlace users`: who may sign in to Interlace, and where they are signed in."""

import os
from typing import Annotated

import typer

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.cli.account_desk import ask, ask_pages
from interlace.cli.asking import may_ask, prompt_new_secret
from interlace.cli.captions import moment_text
from interlace.cli.consent import require_consent
from interlace.cli.options import Json, State
from interlace.cli.output import Column, Output
from interlace.cli.secret_sources import read_secret_file
from interlace.cli.spoken import t
from interlace.locale.translatable import translatable
from interlace.management import users
from interlace.management.permission import PERMISSION_SETS
from interlace.management.users import (
    AddUser,
    ChangeUser,
    EndSession,
    ListSessions,
    ListUsers,
    NamedUser,
    SetPassword,
    UserSummary,
)

PASSWORD_VARIABLE = "INTERLACE_USER_PASSWORD"  # noqa: S105 - the name of a variable
commands = typer.Typer(
    help="Users of Interlace: who may sign in, and what they may do.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="User name.", show_default=False)]
Sets = Annotated[
    list[str] | None,
    typer.Option(
        "--permission-set",
        "-p",
        help=f"Permission set; may be given several times: {', '.join(PERMISSION_SETS)}.",
        show_default=False,
    ),
]
FullName = Annotated[str | None, typer.Option("--full-name", help="The person's name.", show_default=False)]
Language = Annotated[
    str | None, typer.Option("--language", help="Language, such as nb_NO.", show_default=False)
]
TimeZone = Annotated[
    str | None, typer.Option("--time-zone", help="Time zone, such as Europe/Oslo.", show_default=False)
]
Experience = Annotated[
    str | None,
    typer.Option("--experience", help="Suite shows the integration, Basic hides it.", show_default=False),
]
PasswordFile = Annotated[
    str | None,
    typer.Option(
        "--password-file",
        help=f"File with the password; '-' reads standard input. Or in {PASSWORD_VARIABLE}.",
        show_default=False,
    ),
]
_COLUMNS = (
    Column(key="name", caption=translatable("User")),
    Column(key="full_name", caption=translatable("Full name")),
    Column(key="permission_sets", caption=translatable("Permission sets")),
    Column(key="disabled", caption=translatable("Disabled")),
    Column(key="has_second_step", caption=translatable("Two-step")),
    Column(key="signed_in_at", caption=translatable("Signed in last")),
    Column(key="sessions", caption=translatable("Sessions"), number=True),
)
_SESSION_COLUMNS = (
    Column(key="id", caption=translatable("Session")),
    Column(key="user", caption=translatable("User")),
    Column(key="signed_in_at", caption=translatable("Signed in")),
    Column(key="seen_at", caption=translatable("Seen last")),
    Column(key="address", caption=translatable("Address")),
    Column(key="agent", caption=translatable("Browser")),
)


@commands.command("list")
def list_users(state: State = None, *, as_json: Json = False) -> None:
    """List the users with their permission sets.

    Example: interlace users list
    """
    pages = ask_pages(state, users.LIST, ListUsers())
    rows = [_row(each, as_json=as_json) for page in pages for each in page.rows]
    Output(as_json=as_json).rows(
        _COLUMNS, rows, empty=translatable("There is no user. `interlace users add` makes one.")
    )


@commands.command()
def show(name: Name, state: State = None, *, as_json: Json = False) -> None:
    """Show one user.

    Example: interlace users show ingrid
    """
    Output(as_json=as_json).record(_row(ask(state, users.SHOW, NamedUser(name=name)), as_json=as_json))


@commands.command()
def add(
    name: Name,
    permission_sets: Sets = None,
    full_name: FullName = None,
    language: Language = None,
    time_zone: TimeZone = None,
    experience: Experience = None,
    password_file: PasswordFile = None,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Add somebody who may sign in; the password is asked for.

    Example: interlace users add ingrid -p "INTERLACE SYNCHRONIZE" --language nb_NO
    """
    asked = AddUser(
        name=name,
        password=_password(password_file),
        full_name=full_name or "",
        permission_sets=tuple(permission_sets or ()),
        language=language or "en_US",
        time_zone=time_zone or "UTC",
        experience=experience or "Suite",
    )
    Output(as_json=as_json).record(_row(ask(state, users.ADD, asked), as_json=as_json))


@commands.command()
def change(
    name: Name,
    permission_sets: Sets = None,
    full_name: FullName = None,
    language: Language = None,
    time_zone: TimeZone = None,
    experience: Experience = None,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Change a user; permission sets that are given replace those of before, from the next click on.

    Example: interlace users change ingrid -p "INTERLACE SYNCHRONIZE" -p "INTERLACE APPROVE"
    """
    asked = ChangeUser(
        name=name,
        full_name=full_name,
        permission_sets=None if permission_sets is None else tuple(permission_sets),
        language=language,
        time_zone=time_zone,
        experience=experience,
    )
    Output(as_json=as_json).record(_row(ask(state, users.CHANGE, asked), as_json=as_json))


@commands.command()
def disable(
    name: Name,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Disable without asking.")] = False,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Let a user no longer in: sessions end, access keys rest.

    Example: interlace users disable ingrid
    """
    require_consent(
        translatable("{name} is signed out everywhere and can't sign in again. Disable?", name=name),
        given=yes,
    )
    Output(as_json=as_json).record(_row(ask(state, users.DISABLE, NamedUser(name=name)), as_json=as_json))


@commands.command()
def enable(name: Name, state: State = None, *, as_json: Json = False) -> None:
    """Let a disabled user in again.

    Example: interlace users enable ingrid
    """
    Output(as_json=as_json).record(_row(ask(state, users.ENABLE, NamedUser(name=name)), as_json=as_json))


@commands.command()
def delete(
    name: Name,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Delete a user for good: sessions and access keys end; the audit log keeps the name.

    Example: interlace users delete ingrid
    """
    require_consent(
        translatable("{name} is deleted for good, with all access keys and saved views. Delete?", name=name),
        given=yes,
    )
    gone = ask(state, users.DELETE, NamedUser(name=name))
    if as_json:
        Output(as_json=True).record({"name": gone.name, "sessions": gone.sessions, "keys": gone.keys})
    else:
        Output(as_json=False).message(gone.message)


@commands.command("set-password")
def set_password(
    name: Name, password_file: PasswordFile = None, state: State = None, *, as_json: Json = False
) -> None:
    """Give a user a new password, which is asked for; sessions end.

    Example: interlace users set-password ingrid
    """
    ask(state, users.SET_PASSWORD, SetPassword(name=name, password=_password(password_file)))
    Output(as_json=as_json).message(
        translatable("{name} has a new password and is signed out everywhere.", name=name)
    )


@commands.command("end-second-step")
def end_second_step(
    name: Name,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="End it without asking.")] = False,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Let a user who lost the phone sign in by password alone; sessions end.

    Example: interlace users end-second-step ingrid
    """
    require_consent(
        translatable("{name} will sign in by password alone. End two-step sign-in?", name=name), given=yes
    )
    ask(state, users.END_SECOND_STEP, NamedUser(name=name))
    Output(as_json=as_json).message(translatable("{name} signs in by password alone now.", name=name))


@commands.command()
def sessions(
    name: Annotated[str, typer.Argument(metavar="NAME", help="User name; none: of everybody.")] = "",
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """List where users are signed in.

    Example: interlace users sessions ingrid
    """
    found = ask(state, users.SESSIONS, ListSessions(name=name))
    rows: list[dict[str, object]] = [
        {
            "id": each.id,
            "user": each.user,
            "signed_in_at": moment_text(each.signed_in_at, as_json=as_json),
            "seen_at": moment_text(each.seen_at, as_json=as_json),
            "address": each.address,
            "agent": each.agent,
        }
        for each in found.sessions
    ]
    Output(as_json=as_json).rows(_SESSION_COLUMNS, rows, empty=translatable("Nobody is signed in."))


@commands.command("end-session")
def end_session(
    session: Annotated[
        str,
        typer.Argument(metavar="SESSION", help="Its id, as `users sessions` lists it.", show_default=False),
    ],
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Sign a user out of one browser.

    Example: interlace users end-session 3f0e0c9e-5a5f-4b52-9d2c-6b1a43f1a3c1
    """
    ended = ask(state, users.END_SESSION, EndSession(session=session))
    Output(as_json=as_json).record({"sessions": ended.sessions})


@commands.command("end-all")
def end_all(name: Name, state: State = None, *, as_json: Json = False) -> None:
    """Sign a user out everywhere.

    Example: interlace users end-all ingrid
    """
    ended = ask(state, users.END_ALL, NamedUser(name=name))
    Output(as_json=as_json).record({"sessions": ended.sessions})


def _row(each: UserSummary, *, as_json: bool) -> dict[str, object]:
    return {
        "name": each.name,
        "full_name": each.full_name,
        "permission_sets": list(each.permission_sets),
        "disabled": each.disabled,
        "has_second_step": each.has_second_step,
        "language": each.language,
        "time_zone": each.time_zone,
        "experience": each.experience,
        "signed_in_at": moment_text(each.signed_in_at, as_json=as_json),
        "sessions": each.sessions,
    }


def _password(file: str | None) -> str:
    """Return the password from its file, the environment or the keyboard; never from the command line."""
    if file is not None:
        return read_secret_file(translatable("password"), "--password-file", file).rstrip("\r\n")
    given = os.environ.get(PASSWORD_VARIABLE, "")
    if given:
        return given
    if not may_ask():
        msg = translatable(
            "The password is missing. Give it with --password-file FILE, or in {variable}.",
            variable=PASSWORD_VARIABLE,
        )
        raise ConnectionProblem(msg)
    return prompt_new_secret(t("Password"))
