"""`interlace plans`: the plans that are kept, here and in the web client."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from interlace.bootstrap import plan_choice, plan_decision
from interlace.bootstrap.application import Application
from interlace.bootstrap.approval_rules import RulesInForce
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.kept_plans import EndKept, KeptPlan, KeptPlans
from interlace.bootstrap.machine_user import machine_user_name
from interlace.bootstrap.plan_file import as_json as action_json
from interlace.bootstrap.plan_file import numbered_stages
from interlace.bootstrap.shown_plan import shown_plan
from interlace.cli.kept_plan import PLAN_COLUMNS, kept_plan, plan_row, show_kept
from interlace.cli.list_options import ListQuestion, with_list_options
from interlace.cli.options import ConnectionName, Json, State, opened
from interlace.cli.output import Output
from interlace.cli.plan import ENDINGS, show_action
from interlace.cli.spoken import said
from interlace.domain.plan import PlannedAction, PlannedKind
from interlace.locale.kept_text import english_of, from_kept
from interlace.locale.translatable import translatable
from interlace.management.plan_list import PlanRow
from interlace.management.plans import ChosenActions, DecideOnPlan

commands = typer.Typer(
    help="Kept plans: what a synchronization or an undo would write.", no_args_is_help=True
)

_PlanId = Annotated[
    str, typer.Argument(metavar="PLAN", help="Id, as `interlace plans list` shows it.", show_default=False)
]
_Content: TypeAlias = Annotated[
    str,
    typer.Option(help="What you looked at: its content, as `interlace plans show PLAN` tells it."),
]
_Records: TypeAlias = Annotated[
    list[int] | None,
    typer.Option(
        help="Place of a record, as `interlace plans show PLAN --actions` shows it; more than once."
    ),
]
_Mapping: TypeAlias = Annotated[
    str | None, typer.Option(help="All records of a mapping.", show_default=False)
]
_Kind: TypeAlias = Annotated[
    PlannedKind | None, typer.Option(help="All records that are treated so.", show_default=False)
]


@commands.command("list")
@with_list_options
def list_plans(
    *,
    question: ListQuestion,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """List the kept plans, the newest first.

    Example: interlace plans list --filter state=ready
    """
    from interlace.bootstrap.desk.plan_list import add_plan_list
    from interlace.cli.asked_list import AskedList, listed

    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        wanted = AskedList(
            name="plans.list",
            add=add_plan_list,
            connection=held.id,
            question=question,
        )
        found = listed(application, output, wanted)
        if found is None:
            return
        kept = {each.id: each for each in KeptPlans(application.config.state_directory).listed(held.id)}
        rules = RulesInForce(application=application, connection=held)
        shown = [shown_plan(rules, kept[each.id]) for each in found.of(PlanRow) if each.id in kept]
    rows = [plan_row(each, as_json=as_json) for each in shown]
    output.rows(PLAN_COLUMNS, rows, empty="No plan is kept. Make one with `interlace plan --keep`.")


@commands.command()
def show(
    plan_id: _PlanId,
    *,
    actions: Annotated[
        bool, typer.Option("--actions", help="Show each record with every field's old and new value.")
    ] = False,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Show what a kept plan would write, and how its actions ended if it was applied.

    Example: interlace plans show 5c1f0a9d2b7e --actions
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        plan = kept_plan(application, held, plan_id)
        kept = KeptPlans(application.config.state_directory)
        show_kept(output, shown_plan(RulesInForce(application=application, connection=held), plan))
        if not actions:
            return
        for number, action, end in _actions(kept, plan):
            if as_json:
                ended = {} if end is None else {"ending": end.ending, "ending_reason": english_of(end.reason)}
                output.record({"number": number, **action_json(action), **ended})
                continue
            output.stdout.write(f"{number}. ")
            show_action(output, action)
            if end is not None:
                reason = f": {said(from_kept(end.reason))}" if end.reason else ""
                output.stdout.write(f"  -> {said(ENDINGS[end.ending])}{reason}\n")


@commands.command("leave-out")
def leave_out(
    plan_id: _PlanId,
    *,
    record: _Records = None,
    mapping: _Mapping = None,
    kind: _Kind = None,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Leave records out of a kept plan before it is applied: some by their places, or all of a mapping or kind.

    Example: interlace plans leave-out 5c1f0a9d2b7e --kind delete
    """
    chosen = _chosen(plan_id, record, mapping, kind)
    _choose(plan_choice.leave_out, chosen, connection, state, Output(as_json=as_json))


@commands.command("take-in")
def take_in(
    plan_id: _PlanId,
    *,
    record: _Records = None,
    mapping: _Mapping = None,
    kind: _Kind = None,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Take records into a kept plan again that were left out of it.

    Example: interlace plans take-in 5c1f0a9d2b7e --record 3 --record 4
    """
    chosen = _chosen(plan_id, record, mapping, kind)
    _choose(plan_choice.take_in, chosen, connection, state, Output(as_json=as_json))


@commands.command()
def approve(
    plan_id: _PlanId,
    *,
    content: _Content,
    note: Annotated[str, typer.Option(help="What you looked at, for whoever asks later.")] = "",
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Let a plan be applied that falls under approval rules, and that another user made.

    Example: interlace plans approve 5c1f0a9d2b7e --content 8f14e45fceea167a5a36dedd4bea2543
    """
    asked = DecideOnPlan(plan_id=plan_id, content=content, note=note)
    _decide(asked, connection, state, Output(as_json=as_json), is_approved=True)


@commands.command()
def reject(
    plan_id: _PlanId,
    *,
    content: _Content,
    note: Annotated[str, typer.Option(help="What is wrong with the plan.")],
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Don't let a plan be applied as it is, and say why.

    Example: interlace plans reject 5c1f0a9d2b7e --content 8f14e45fceea167a5a36dedd4bea2543 --note 'Wrong customer'
    """
    asked = DecideOnPlan(plan_id=plan_id, content=content, note=note)
    _decide(asked, connection, state, Output(as_json=as_json), is_approved=False)


@commands.command()
def stop(
    plan_id: _PlanId, connection: ConnectionName = None, state: State = None, *, as_json: Json = False
) -> None:
    """Stop making a plan, or stop applying it before the next mapping.

    Example: interlace plans stop 5c1f0a9d2b7e
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        plan = _found(application, connection, plan_id)
        if not plan.state.is_under_way:
            raise ConnectionProblem(translatable("Nobody works on this plan"))
        KeptPlans(application.config.state_directory).ask_to_stop(plan.id)
    output.message(translatable("It stops; what was written stays."))


@commands.command()
def remove(
    plan_id: _PlanId, connection: ConnectionName = None, state: State = None, *, as_json: Json = False
) -> None:
    """Forget a kept plan; what it wrote stays.

    Example: interlace plans remove 5c1f0a9d2b7e
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        plan = _found(application, connection, plan_id)
        if plan.state.is_under_way:
            raise ConnectionProblem(
                translatable("The plan is being worked on. Stop it, or wait for its end.")
            )
        KeptPlans(application.config.state_directory).remove(plan.id)
    output.message(translatable("The plan is forgotten."))


def _chosen(
    plan_id: str, records: list[int] | None, mapping: str | None, kind: PlannedKind | None
) -> ChosenActions:
    return ChosenActions(
        plan_id=plan_id,
        records=tuple(records or ()),
        mapping=mapping or "",
        kind="" if kind is None else kind.value,
    )


def _choose(
    act: Callable[[KeptPlans, KeptPlan, ChosenActions], KeptPlan],
    chosen: ChosenActions,
    connection: str | None,
    state: Path | None,
    output: Output,
) -> None:
    with opened(state) as application:
        held = application.connection(connection)
        plan = kept_plan(application, held, chosen.plan_id)
        changed = act(KeptPlans(application.config.state_directory), plan, chosen)
        shown = shown_plan(RulesInForce(application=application, connection=held), changed)
    if output.as_json:
        output.record(plan_row(shown, as_json=True))
    else:
        output.message(plan_choice.told(changed))


def _decide(
    asked: DecideOnPlan, connection: str | None, state: Path | None, output: Output, *, is_approved: bool
) -> None:
    with opened(state) as application:
        held = application.connection(connection)
        plan = kept_plan(application, held, asked.plan_id)
        decided = plan_decision.decide(
            application, held, plan, asked, by=machine_user_name(), is_approved=is_approved
        )
        shown = shown_plan(RulesInForce(application=application, connection=held), decided)
    if output.as_json:
        output.record(plan_row(shown, as_json=True))
    else:
        output.message(plan_decision.told(decided))


def _found(application: Application, connection: str | None, plan_id: str) -> KeptPlan:
    return kept_plan(application, application.connection(connection), plan_id)


def _actions(kept: KeptPlans, plan: KeptPlan) -> Iterator[tuple[int, PlannedAction, EndKept | None]]:
    path, ends = kept.plan_file(plan.id), kept.ends(plan.id)
    if not path.is_file():
        return
    for _, actions in numbered_stages(path):
        for number, action in actions:
            yield number, action, ends.get(number)
