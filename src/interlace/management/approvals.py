"""Approval rules: which plans another user than the one who made them approves before they are applied."""

from interlace.management.connections import ConnectionChanged, OneConnection
from interlace.management.operation import Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable


class RulesShown(Answer, frozen=True, kw_only=True):
    """The approval rules of a connection."""

    fields: tuple[str, ...]
    """Each as MAPPING.FIELD: a plan that changes it needs approval."""
    deletions_percent: int | None = None
    """A plan that deletes a greater share of a mapping's coupled records needs approval; None: none does."""
    changes_percent: int | None = None
    known: tuple[str, ...] = ()
    """The fields for which there can be a rule."""


class ChangeRules(OfConnection, frozen=True, kw_only=True):
    """Asks for these rules in place of all that were."""

    fields: tuple[str, ...] = ()
    """Each as MAPPING.FIELD, with the name that either side gives the field; blank ones count for nothing."""
    deletions_percent: str = ""
    """A whole number from 0 to 100, where 0 means any deletion; blank: no rule."""
    changes_percent: str = ""


SHOW = Operation(
    name="approvals.show",
    asked=OneConnection,
    answer=RulesShown,
    permission=Permission.READ,
    caption=translatable("Approval Rules"),
    tooltip=translatable("Show which plans another user approves before they are applied."),
    command="approvals show",
)
CHANGE = Operation(
    name="approvals.change",
    asked=ChangeRules,
    answer=ConnectionChanged,
    permission=Permission.ADMINISTER,
    caption=translatable("Save Rules"),
    tooltip=translatable("Keep these rules; plans that were approved under other ones await approval again."),
    effect=Effect.WRITES,
    # Whoever takes a rule away lets through what it holds.
    needs_fresh_sign_in=True,
    command="approvals set",
)

OPERATIONS = (SHOW, CHANGE)
