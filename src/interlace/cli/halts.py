"""`interlace halts`: mappings that write nothing until a person has looked."""

from typing import Annotated

import typer

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.machine_user import machine_user_name
from interlace.cli.captions import moment_text
from interlace.cli.consent import require_consent
from interlace.cli.list_options import ListQuestion, with_list_options
from interlace.cli.options import ConnectionName, Json, OneMapping, State, opened
from interlace.cli.output import Column, Output
from interlace.cli.spoken import said, t
from interlace.domain.safety_halt import SafetyHalt
from interlace.locale.translatable import translatable
from interlace.management.halts import Halt

commands = typer.Typer(
    help="Safety halts: mappings that write nothing until a person releases them.", no_args_is_help=True
)

_COLUMNS = (
    Column(key="mapping", caption="Mapping"),
    Column(key="kind", caption="Halt"),
    Column(key="side", caption="Seen in"),
    Column(key="count", caption="Records", number=True),
    Column(key="of", caption="Of", number=True),
    Column(key="raised_at", caption="Since"),
    Column(key="released_by", caption="Released by"),
    Column(key="message", caption="What was seen, and what to do"),
)


@commands.command("list")
@with_list_options
def list_halts(
    *,
    question: ListQuestion,
    unreleased: Annotated[
        bool, typer.Option("--unreleased", help="Only those that nobody has released yet.")
    ] = False,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """List the mappings that are halted, with the reason.

    Example: interlace halts list --filter 'kind=mass deletion'
    """
    from interlace.bootstrap.desk.halts import add_halts
    from interlace.cli.asked_list import AskedList, listed

    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        wanted = AskedList(
            name="halts.list",
            add=add_halts,
            connection=held.id,
            question=question.narrowed("is_released=no") if unreleased else question,
        )
        found = listed(application, output, wanted)
        if found is None:
            return
        halts = {
            (str(each.mapping), each.raised_at): each for each in application.state.queries.halts(held.id)
        }
    shown = [halts.get((each.mapping, each.raised_at)) for each in found.of(Halt)]
    rows = [_row(each, as_json=as_json) for each in shown if each is not None]
    output.rows(_COLUMNS, rows, empty="No mapping is halted.")


@commands.command()
def release(
    mapping: OneMapping,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Release without asking.")] = False,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Let the next run of a mapping through; a later run halts again if there is a new reason.

    Example: interlace halts release CUSTOMER
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        name = application.known_mappings(held, [mapping])[0]
        store = application.connection_store(held)
        halt = store.halt(name)
        if halt is None or halt.released_by is not None:
            if halt is None:
                raise ConnectionProblem(
                    translatable("{name} is not halted: its next run goes through.", name=name)
                )
            raise ConnectionProblem(
                translatable(
                    "{name} was released by {person} already: its next run goes through.",
                    name=name,
                    person=str(halt.released_by),
                )
            )
        question = t("Release {mapping}?", mapping=name)
        require_consent(f"{said(halt.message)}\n{question}", given=yes)
        store.release_halt(name, machine_user_name())
        now = store.halt(name)
    if now is not None:
        output.record(_row(now, as_json=as_json))
    output.message(t("Released. The next run carries it out: {command}", command=f"interlace synch {name}"))


def _row(halt: SafetyHalt, *, as_json: bool) -> dict[str, object]:
    return {
        "mapping": halt.mapping,
        "kind": halt.kind.value,
        "side": halt.side.value.upper(),
        "count": halt.count,
        "of": halt.of,
        "raised_at": moment_text(halt.raised_at, as_json=as_json),
        "released_by": halt.released_by,
        "message": halt.message,
    }
