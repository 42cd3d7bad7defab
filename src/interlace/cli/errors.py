"""`interlace errors`: what could not be synchronized, why, what to do, and letting records take part again."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

# Typer carries a command-line library of its own and publishes only some of its classes.
from typer._click.core import Context
from typer.core import TyperGroup

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.cause_texts import is_coupled, judged, waits_text
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.cli import error_actions
from interlace.cli.captions import error_title, key_text
from interlace.cli.error_causes import (
    cause_row,
    couple_command,
    filled_in,
    quoted,
    show_causes,
)
from interlace.cli.error_rows import ERROR_COLUMNS, error_row, failed_text, state_text
from interlace.cli.exit_codes import ExitCode
from interlace.cli.list_options import ListQuestion, with_list_options
from interlace.cli.options import AnyMapping, ConnectionName, Json, State, mapping_called, opened
from interlace.cli.output import Output
from interlace.cli.spoken import said, t, words
from interlace.domain.error_descriptions import ERROR_DESCRIPTIONS
from interlace.domain.errors import ErrorCode, WaitsFor
from interlace.domain.keys import KEY_SEPARATOR
from interlace.engine.memory import SynchError
from interlace.locale.translatable import translatable

if TYPE_CHECKING:
    from interlace.cli.asked_list import AskedList

_CAUSES_BELOW_LIST = 5
_CHAIN_MAX = 20


class _ListByDefault(TyperGroup):
    """Takes `interlace errors CUSTOMER` for `interlace errors list CUSTOMER`."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Put the command in front that is meant when none is named."""
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


commands = typer.Typer(
    cls=_ListByDefault, help="What could not be synchronized: the list, its causes, and trying again."
)

_MappingOption = Annotated[
    str | None, typer.Option("--mapping", help="Only this mapping's records.", show_default=False)
]
_Cause = Annotated[
    str | None,
    typer.Option("--cause", metavar="ID", help="Only the records of this cause.", show_default=False),
]


@commands.command("list")
@with_list_options
def list_errors(
    mapping: AnyMapping = None,
    *,
    mapping_option: _MappingOption = None,
    code: Annotated[
        str | None, typer.Option(help="Only errors with this code, such as IL-301.", show_default=False)
    ] = None,
    cause: _Cause = None,
    skipped: Annotated[
        bool, typer.Option("--skipped", help="Only records that the next run passes over.")
    ] = False,
    question: ListQuestion,
    limit: Annotated[int, typer.Option(help="How many errors, the newest first.", min=1)] = 100,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """List what could not be synchronized, with the reason, what to do, and the causes behind; exit code 3 if any.

    Example: interlace errors list CUSTOMER --limit 20
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        name = mapping_called(application, held, mapping or mapping_option)
        errors, chosen = application.state.errors, _code(code)
        found: Sequence[SynchError] | None
        if question.is_blank:
            found = errors.found(
                held.id, mapping=name, code=chosen, cause_id=cause, skipped=skipped, limit=limit
            )
        else:
            wanted = _asked(held, name, chosen, cause, question, skipped=skipped)
            found = _fitting(application, output, held, wanted, limit)
        if found is None:
            return
        whole = cause is None and not skipped and question.is_blank
        number = errors.count(held.id, mapping=name, code=chosen) if whole else len(found)
        causes, causes_number = errors.causes(held.id, mapping=name, limit=_CAUSES_BELOW_LIST)
        causes = judged(application.connection_store(held), causes)
    rows = [error_row(each, as_json=as_json) for each in found]
    output.rows(ERROR_COLUMNS, rows, empty="There are no errors.")
    if not found:
        return
    if not as_json and whole and code is None:
        output.stdout.write("\n")
        show_causes(output, causes)
        _tell_further_causes(output, causes_number - len(causes))
    if not as_json and number > len(found):
        output.message(
            translatable(
                "{shown} of {number} errors are shown; --limit shows more.", shown=len(found), number=number
            )
        )
    raise typer.Exit(ExitCode.REMAINING)


def _tell_further_causes(output: Output, count: int) -> None:
    if count:
        output.message(
            words().n(
                "{count} further cause: {command}",
                "{count} further causes: {command}",
                count,
                command="interlace errors causes",
            )
        )


def _asked(
    held: Connection,
    mapping: str | None,
    code: ErrorCode | None,
    cause: str | None,
    question: ListQuestion,
    *,
    skipped: bool,
) -> "AskedList":
    """Return the list that is meant: of a cause, of what is skipped, or of all errors."""
    from interlace.bootstrap.desk.errors import add_errors
    from interlace.cli.asked_list import AskedList

    filters = [] if code is None else [f"code={code.value}"]
    if cause is not None and skipped:
        filters.append("state=skipped")
    return AskedList(
        name="errors.of_cause" if cause is not None else "errors.skipped" if skipped else "errors.list",
        add=add_errors,
        connection=held.id,
        mapping=mapping,
        question=question.narrowed(*filters),
        more={} if cause is None else {"cause": cause},
    )


def _fitting(
    application: Application, output: Output, held: Connection, wanted: "AskedList", limit: int
) -> list[SynchError] | None:
    """Return the errors that a list has, in its order; None where a file was asked for, which has them then."""
    from interlace.cli.asked_list import listed
    from interlace.management.errors import ErrorRow

    found = listed(application, output, wanted, limit)
    if found is None:
        return None
    open_ones = {
        (str(each.mapping), each.direction.value, each.source_key): each
        for each in application.state.errors.found(held.id, limit=None)
    }
    places = [(each.mapping, each.direction, each.record_key) for each in found.of(ErrorRow)]
    return [open_ones[place] for place in places if place in open_ones]


@commands.command("causes")
def list_causes(
    mapping: AnyMapping = None,
    *,
    limit: Annotated[int, typer.Option(help="How many causes, the biggest first.", min=1)] = 20,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Tell what holds records back: each cause with its number of records and what helps; exit code 3 if any.

    Example: interlace errors causes
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        name = mapping_called(application, held, mapping)
        causes, number = application.state.errors.causes(held.id, mapping=name, limit=limit)
        causes = judged(application.connection_store(held), causes)
    if not causes:
        output.message("There are no errors.")
        return
    if as_json:
        output.rows((), [cause_row(each) for each in causes], empty="")
    else:
        show_causes(output, causes)
        output.message(
            translatable(
                "What was corrected is tried again by itself in the next run: `interlace synch`. "
                "`interlace errors list --cause ID` names the records of one cause."
            )
        )
        if number > len(causes):
            output.message(
                translatable(
                    "{shown} of {number} causes are shown; --limit shows more.",
                    shown=len(causes),
                    number=number,
                )
            )
    raise typer.Exit(ExitCode.REMAINING)


@commands.command("show")
def show_error(
    key: Annotated[str, typer.Argument(help="Key of the record, of either side.", show_default=False)],
    *,
    mapping: _MappingOption = None,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Explain the errors of one record: what happened, what to do next, and when it is tried again.

    Example: interlace errors show C00010 --mapping CUSTOMER
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        name = mapping_called(application, held, mapping)
        found = _errors_of(application, held, key, name)
        if not found:
            raise ConnectionProblem(_not_listed(key))
        for place, error in enumerate(found):
            if place and not as_json:
                output.stdout.write("\n")
            output.record(_explained(application, held, error, as_json=as_json))


@commands.command("retry")
def retry_errors(
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="KEY", help="Keys of records.", show_default=False)
    ] = None,
    *,
    mapping: _MappingOption = None,
    cause: _Cause = None,
    every: Annotated[bool, typer.Option("--all", help="Every record on the list.")] = False,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Let records take part in the next run again: single ones, those of a cause or of a mapping, or all.

    Example: interlace errors retry C00010 --mapping CUSTOMER
    """
    if not (keys or cause or every or mapping):
        raise ConnectionProblem(
            translatable("Say which records: their keys, --cause ID, --mapping MAPPING, or --all.")
        )
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        name = mapping_called(application, held, mapping)
        errors = application.state.errors
        if not keys:
            number = errors.retry(held.id, mapping=name, cause_id=cause)
        else:
            found = {key: _errors_of(application, held, key, name) for key in keys}
            unknown = [key for key, listed in found.items() if not listed]
            if unknown:
                raise ConnectionProblem(_not_listed(unknown[0]))
            listed = [error.source_key for each in found.values() for error in each]
            number = errors.retry(held.id, mapping=name, keys=sorted(set(listed)))
    if as_json:
        output.record({"retried": number})
        return
    output.message(
        words().n(
            "{count} error takes part in the next run: {command}",
            "{count} errors take part in the next run: {command}",
            number,
            command="interlace synch",
        )
    )


commands.command("settle")(error_actions.settle)
commands.command("find-deleted")(error_actions.find_deleted)


def _code(text: str | None) -> ErrorCode | None:
    if text is None:
        return None
    try:
        return ErrorCode(text.upper())
    except ValueError as problem:
        known = ", ".join(code.value for code in ErrorCode)
        raise ConnectionProblem(
            translatable("There is no error code {code}. These exist: {known}.", code=text, known=known)
        ) from problem


def _not_listed(key: str) -> str:
    return translatable(
        "{key} is not on the error list. `interlace couplings show {key}` tells whether it has a partner, "
        "`interlace verify` why a record has none.",
        key=key,
    )


def _errors_of(application: Application, held: Connection, key: str, mapping: str | None) -> list[SynchError]:
    """Return the errors of a record, by its own key or its partner's."""
    typed = [key, KEY_SEPARATOR.join(part.strip() for part in key.split(","))]
    pairs = application.state.queries.couplings_of_key(held.id, key, mapping)
    keys = dict.fromkeys([*typed, *(each for pair in pairs for each in (pair.erp_key, pair.crm_key))])
    errors = application.state.errors
    return [error for each in keys for error in errors.found(held.id, mapping=mapping, key=each)]


def _explained(
    application: Application, held: Connection, error: SynchError, *, as_json: bool
) -> dict[str, object]:
    description = ERROR_DESCRIPTIONS[error.error.code]
    chain, root = _chain(application, held, error)
    failed = "" if root is error or root.error.awaited else root.error.code.value
    remedy = filled_in(ERROR_DESCRIPTIONS[root.error.code].remedy, root)
    if chain:
        show = f"interlace errors show {quoted(root.source_key)} --mapping {quoted(root.mapping)}"
        remedy = show if failed else couple_command(chain[-1], error.direction)
        if not failed and is_coupled(application.connection_store(held), chain[-1], error.direction):
            # A part of its partner is missing: the message says which, and no command puts it there.
            remedy = ""
    if as_json:
        told = {"remedy": remedy or None, "waits_in_the_end_for": waits_text(chain[-1]) if chain else None}
        return {**error_row(error, as_json=True), **told, "wakes": [wake.value for wake in description.wakes]}
    rows: dict[str, object] = {
        translatable("Record"): f"{error.mapping} {key_text(error.source_key)}",
        translatable("Error"): error_title(error.error.code.value),
        translatable("What happened"): said(error.error.message),
        translatable("What next"): t(description.next_step),
        translatable("Command"): remedy,
        translatable("Waits for"): _awaited_text([*map(waits_text, chain)], failed),
        translatable("State"): state_text(error),
        translatable("Tried again"): "; ".join(t(wake.value) for wake in description.wakes),
        translatable("Failed"): failed_text(error),
        translatable("Job"): error.job_id,
    }
    return {name: text for name, text in rows.items() if text}


def _awaited_text(chain: Sequence[str], failed: str) -> str:
    """Say what a record waits for, link by link; `failed` is the code of the last one's own error."""
    text = ""
    for place, record in enumerate(reversed(chain)):
        if place == 0:
            text = (
                t("{record}, which failed itself ({code})", record=record, code=failed) if failed else record
            )
        else:
            text = t("{record}, which waits for {others}", record=record, others=text)
    return text


def _chain(
    application: Application, held: Connection, error: SynchError
) -> tuple[Sequence[WaitsFor], SynchError]:
    """Follow what a record waits for, up to one that is not on the list itself or has a trouble of its own."""
    chain: list[WaitsFor] = []
    while len(chain) < _CHAIN_MAX and (awaited := error.error.awaited):
        if awaited[0] in chain:
            break
        chain.append(awaited[0])
        errors = application.state.errors
        listed = errors.found(held.id, mapping=awaited[0].mapping, key=awaited[0].key)
        if not listed:
            break
        error = listed[0]
    return chain, error
