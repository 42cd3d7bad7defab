"""Carries out what is asked about approval rules."""

from interlace.bootstrap.application import Connection
from interlace.bootstrap.approval_rules import fields_to_name, rules_of, wrong_share
from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.plan_approval import change_rules
from interlace.bootstrap.serving import Server
from interlace.domain.approval_rules import ApprovalRules
from interlace.management import approvals
from interlace.management.approvals import ChangeRules, RulesShown
from interlace.management.caller import Caller
from interlace.management.connections import ConnectionChanged, OneConnection
from interlace.management.desk import Works
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable


def add_approvals(works: Works, server: Server) -> None:
    """Let these operations be carried out."""
    application = server.application

    async def show(caller: Caller, asked: OneConnection) -> RulesShown:
        """Tell the rules."""
        held = await connection_of(application, caller, asked)
        return await off_loop(_shown, held)

    async def change(caller: Caller, asked: ChangeRules) -> ConnectionChanged:
        """Keep other ones."""
        held = await connection_of(application, caller, asked)
        wanted = ApprovalRules(
            fields=asked.fields,
            deletions_percent=_percent("deletions_percent", asked.deletions_percent),
            changes_percent=_percent("changes_percent", asked.changes_percent),
        )
        await off_loop(change_rules, application, held, wanted)
        return ConnectionChanged(message=translatable("The approval rules are kept."))

    def _shown(held: Connection) -> RulesShown:
        rules = rules_of(held.settings)
        return RulesShown(
            fields=rules.fields,
            deletions_percent=rules.deletions_percent,
            changes_percent=rules.changes_percent,
            known=tuple(fields_to_name(application, held)),
        )

    works.add(approvals.SHOW, show)
    works.add(approvals.CHANGE, change)


def _percent(name: str, text: str) -> int | None:
    digits = text.strip().removesuffix("%").strip()
    if not digits:
        return None
    if digits.isascii() and digits.isdigit():
        return int(digits)
    raise Refused(
        RefusalKind.INVALID,
        translatable("Something in the request can't be understood"),
        why=wrong_share(text),
        fields={name: wrong_share(text)},
    )
