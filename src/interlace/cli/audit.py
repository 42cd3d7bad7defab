"""`interlace audit`: who did or tried what, and whether the log of it is whole."""

from collections.abc import Sequence
from typing import Annotated

import typer

from interlace.cli.account_desk import ask, ask_pages
from interlace.cli.captions import moment_text
from interlace.cli.exit_codes import ExitCode
from interlace.cli.options import Json, State
from interlace.cli.output import Column, Output
from interlace.cli.spoken import said
from interlace.locale.translatable import translatable
from interlace.management import audit
from interlace.management.audit import AuditChange, ExportEntries, ListEntries, VerifyEntries
from interlace.management.audit_words import done

commands = typer.Typer(help="Audit log: who did or tried what, when and from where.", no_args_is_help=True)
_COLUMNS = (
    Column(key="sequence", caption=translatable("No."), number=True),
    Column(key="at", caption=translatable("Time")),
    Column(key="user", caption=translatable("User")),
    Column(key="door", caption=translatable("Door")),
    Column(key="done", caption=translatable("Action")),
    Column(key="operation", caption=translatable("Technical name")),
    Column(key="outcome", caption=translatable("Refused because")),
    Column(key="address", caption=translatable("From")),
    Column(key="details", caption=translatable("Details")),
    Column(key="changes", caption=translatable("Before → after")),
)


@commands.command("list")
def list_entries(
    user: Annotated[str, typer.Option("--user", help="Only this user.", show_default=False)] = "",
    action: Annotated[
        str,
        typer.Option(
            "--action",
            help="Only this action or area, by its technical name, such as sign-in, or in the words of its page.",
            show_default=False,
        ),
    ] = "",
    refused: Annotated[bool, typer.Option("--refused", help="Only what was refused.")] = False,
    limit: Annotated[int, typer.Option("--limit", help="How many.", min=1, max=500)] = 50,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """List entries, the newest first.

    Example: interlace audit list --action sign-in --refused
    """
    asked = ListEntries(user=user, operation=action, refused_only=refused)
    rows: list[dict[str, object]] = [
        {
            "sequence": each.sequence,
            "at": moment_text(each.at, as_json=as_json),
            "user": each.user,
            "door": each.door,
            **({} if as_json else {"done": said(done(each.operation))}),
            "operation": each.operation,
            "outcome": each.outcome,
            "address": each.address,
            "key": each.key,
            "details": each.details,
            "changes": _changes(each.changes, as_json=as_json),
        }
        for page in ask_pages(state, audit.LIST, asked, limit)
        for each in page.rows
    ]
    Output(as_json=as_json).rows(_COLUMNS, rows, empty=translatable("No entry fits."))


def _changes(changes: Sequence[AuditChange], *, as_json: bool) -> object:
    if as_json:
        return [{"what": each.what, "before": each.before, "after": each.after} for each in changes]
    return "; ".join(f"{each.what}: {each.before or '–'} → {each.after or '–'}" for each in changes)


@commands.command()
def verify(state: State = None, *, as_json: Json = False) -> int:
    """Compute every entry's digest anew; exit code 1 when something was changed, added or taken out.

    Example: interlace audit verify
    """
    checked, output = ask(state, audit.VERIFY, VerifyEntries()), Output(as_json=as_json)
    output.record(
        {
            "holds": checked.holds,
            "entries": checked.entries,
            "head": checked.head,
            "first_wrong": checked.first_wrong,
            "reason": checked.reason,
        }
    )
    if checked.holds:
        return ExitCode.OK
    output.message(
        translatable(
            "FAIL at entry {number}: {reason}.", number=str(checked.first_wrong), reason=checked.reason
        )
    )
    return ExitCode.ERROR


@commands.command()
def export(state: State = None, *, as_json: Json = False) -> None:
    """Write every entry as it is stored, a line each: digest, a blank, JSON.

    Each digest is BLAKE2b-128 of the digest before (of 16 zero bytes for the first one) and the JSON.

    Example: interlace audit export > audit.txt
    """
    output = Output(as_json=as_json)
    after: int | None = 0
    while after is not None:
        found = ask(state, audit.EXPORT, ExportEntries(after=after))
        for each in found.entries:
            if as_json:
                output.record({"sequence": each.sequence, "digest": each.digest, "entry": each.text})
            else:
                output.stdout.write(f"{each.digest} {each.text}\n")
        after = found.after
