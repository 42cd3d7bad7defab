"""`interlace approvals`: which plans another user approves before they are applied."""

from typing import Annotated

import typer

from interlace.bootstrap.approval_rules import rules_of
from interlace.bootstrap.plan_approval import change_rules
from interlace.cli.options import ConnectionName, Json, State, opened
from interlace.cli.output import Output
from interlace.cli.spoken import t
from interlace.domain.approval_rules import ApprovalRules
from interlace.locale.translatable import translatable

commands = typer.Typer(
    help="Approval rules: which plans another user approves before they are applied.", no_args_is_help=True
)


@commands.command()
def show(connection: ConnectionName = None, state: State = None, *, as_json: Json = False) -> None:
    """Show the approval rules of a connection.

    Example: interlace approvals show
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        rules = rules_of(application.connection(connection).settings)
    _tell(output, rules)


@commands.command("set")
def set_rules(
    *,
    field: Annotated[
        list[str] | None,
        typer.Option(
            "--field",
            metavar="MAPPING.FIELD",
            help="A plan that changes this field needs approval, such as CUSTOMER.Credit_Limit_LCY; more than once.",
        ),
    ] = None,
    deletions: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=100,
            help="A plan that deletes more than this percentage of a mapping's coupled records needs approval; "
            "0 means any.",
            show_default=False,
        ),
    ] = None,
    changes: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=100,
            help="A plan that changes more than this percentage of a mapping's coupled records needs approval; "
            "0 means any.",
            show_default=False,
        ),
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="Take all rules away.")] = False,
    connection: ConnectionName = None,
    state: State = None,
    as_json: Json = False,
) -> None:
    """Put these approval rules in place of all that were.

    Example: interlace approvals set --field CUSTOMER.Credit_Limit_LCY --deletions 5
    """
    output = Output(as_json=as_json)
    wanted = ApprovalRules(fields=tuple(field or ()), deletions_percent=deletions, changes_percent=changes)
    if wanted.is_on == none:
        raise typer.BadParameter(translatable("Name the rules, or take all of them away with --none."))
    with opened(state) as application:
        changed = change_rules(application, application.connection(connection), wanted)
    _tell(output, rules_of(changed.settings))
    output.message(t("The approval rules are kept."))


def _tell(output: Output, rules: ApprovalRules) -> None:
    told = {
        "fields": list(rules.fields) if output.as_json else ", ".join(rules.fields),
        "deletions_percent": rules.deletions_percent,
        "changes_percent": rules.changes_percent,
    }
    output.record(told)
    if not rules.is_on:
        output.message(t("There is no approval rule: every plan is applied without approval."))
