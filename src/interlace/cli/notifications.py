"""`interlace notifications`: what people are told of, and how."""

from typing import Annotated

import typer

from interlace.cli.account_desk import ask, ask_pages
from interlace.cli.captions import moment_text
from interlace.cli.options import Json, State
from interlace.cli.output import Column, Output
from interlace.cli.spoken import said, t
from interlace.locale.translatable import translatable
from interlace.management import notifications
from interlace.management.notifications import (
    ListNotifications,
    MarkRead,
    Notification,
    ProveAddress,
    SendCode,
    ShowSubscription,
    Subscribe,
    Subscription,
)

commands = typer.Typer(
    help="Notifications: what people are told of, and how; each message tells of one change.",
    no_args_is_help=True,
)

User = Annotated[str, typer.Argument(metavar="USER", help="User name.", show_default=False)]
_COLUMNS = (
    Column(key="at", caption=translatable("Told At")),
    Column(key="kind", caption=translatable("Kind")),
    Column(key="connection", caption=translatable("Connection")),
    Column(key="is_read", caption=translatable("Is Read")),
    Column(key="message", caption=translatable("What Changed")),
    Column(key="id", caption=translatable("ID")),
)


@commands.command("list")
def list_notifications(
    user: User,
    *,
    unread: Annotated[bool, typer.Option("--unread", help="Only those that are not read.")] = False,
    state: State = None,
    as_json: Json = False,
) -> None:
    """List what somebody was told, the newest first.

    Example: interlace notifications list ingrid --unread
    """
    filters = {"is_read": "no"} if unread else {}
    pages = ask_pages(state, notifications.LIST, ListNotifications(user=user, filters=filters))
    rows = [_row(each, as_json=as_json) for page in pages for each in page.rows]
    Output(as_json=as_json).rows(_COLUMNS, rows, empty=translatable("There are no notifications."))


@commands.command()
def read(
    user: User,
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="Messages, by their ids.", show_default=False),
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="All that there are.")] = False,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Mark messages as read.

    Example: interlace notifications read ingrid --all
    """
    asked = MarkRead(user=user, ids=tuple(ids or ()), every=every)
    marked = ask(state, notifications.READ, asked)
    output = Output(as_json=as_json)
    output.record({"marked": marked.count})
    output.message(said(marked.message))


@commands.command()
def subscription(user: User, state: State = None, *, as_json: Json = False) -> None:
    """Show what somebody is told, and how.

    Example: interlace notifications subscription ingrid
    """
    shown = ask(state, notifications.SUBSCRIPTION, ShowSubscription(user=user))
    Output(as_json=as_json).record(_chosen(shown, as_json=as_json))


@commands.command()
def subscribe(
    user: User,
    *,
    shown: Annotated[
        list[str] | None,
        typer.Option(
            "--show",
            metavar="KIND",
            help="Kind that stands on the list; may be given several times, '' for none.",
            show_default=False,
        ),
    ] = None,
    mailed: Annotated[
        list[str] | None,
        typer.Option("--mail", metavar="KIND", help="Kind that comes as an e-mail.", show_default=False),
    ] = None,
    mappings: Annotated[
        list[str] | None,
        typer.Option(
            "--mapping",
            metavar="MAPPING",
            help="Only what concerns this mapping; '' for all.",
            show_default=False,
        ),
    ] = None,
    of_others: Annotated[
        list[str] | None,
        typer.Option(
            "--of-others",
            metavar="KIND",
            help="Kind told of whoever is responsible, conflict or order; '' for one's own only.",
            show_default=False,
        ),
    ] = None,
    address: Annotated[
        str | None, typer.Option("--address", help="Where e-mails go.", show_default=False)
    ] = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Choose what somebody is told; what is not given stays as it is.

    Example: interlace notifications subscribe ingrid --mail cause --address ingrid@example.com
    """
    asked = Subscribe(
        user=user,
        address=address,
        shown=None if shown is None else tuple(shown),
        mailed=None if mailed is None else tuple(mailed),
        mappings=None if mappings is None else tuple(mappings),
        of_others=None if of_others is None else tuple(of_others),
    )
    output = Output(as_json=as_json)
    output.record(_chosen(ask(state, notifications.SUBSCRIBE, asked), as_json=as_json))
    output.message(t("Saved"))


@commands.command()
def send_code(user: User, state: State = None, *, as_json: Json = False) -> None:
    """Send somebody the message that confirms his e-mail address again.

    Example: interlace notifications send-code ingrid
    """
    asked = ask(state, notifications.SEND_CODE, SendCode(user=user))
    output = Output(as_json=as_json)
    output.record({"address": asked.address})
    output.message(said(asked.message))


@commands.command()
def prove(
    user: User,
    code: Annotated[str, typer.Argument(metavar="CODE", help="The code in the message.", show_default=False)],
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Confirm somebody's e-mail address by the code that was sent there; a code counts once, for a day.

    Example: interlace notifications prove ingrid 5f0c1c53a8e74b0d9a3e6f2b7c4d1e80d92a41b7
    """
    proven = ask(state, notifications.PROVE, ProveAddress(user=user, code=code))
    output = Output(as_json=as_json)
    output.record({"address": proven.address})
    output.message(said(proven.message))


def _row(each: Notification, *, as_json: bool) -> dict[str, object]:
    return {
        "at": moment_text(each.at, as_json=as_json),
        "kind": each.kind,
        "connection": each.connection,
        "is_read": each.is_read,
        "message": each.message,
        "id": each.id,
    }


def _chosen(shown: Subscription, *, as_json: bool) -> dict[str, object]:
    return {
        "address": shown.address,
        "shown": list(shown.shown),
        "mailed": list(shown.mailed),
        "mappings": list(shown.mappings),
        "of_others": list(shown.of_others),
        "is_chosen": shown.is_chosen,
        "is_proven": shown.is_proven,
        "code_expires_at": moment_text(shown.code_expires_at, as_json=as_json),
        "mail_problem": shown.mail_problem,
    }
