"""What can be done with several records of the error list at once, of whichever mappings, and finding deleted ones."""

from typing import Annotated, Final, Literal, TypeAlias
from urllib.parse import quote, unquote

import msgspec

from interlace.management.operation import MANY, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.record_changes import RecordsChanged
from interlace.management.records import KEYS_MAX, SideName
from interlace.management.translatable import translatable

ActionName: TypeAlias = Literal["retry", "synchronize", "remove-coupling", "restore", "delete"]
_ENDING: Final = frozenset({"remove-coupling", "delete"})
Place: TypeAlias = Annotated[str, msgspec.Meta(max_length=700)]


class SettleErrors(OfConnection, frozen=True, kw_only=True):
    """Does one thing with records of the error list."""

    action: ActionName
    """restore and delete are for pairs of which one record was deleted: it is created again, or its partner goes."""
    records: Annotated[tuple[Place, ...], msgspec.Meta(max_length=KEYS_MAX)] = ()
    """As the list names them: side, mapping and key of the record, such as `erp/PAYMENT%20TERMS/14 DAYS`."""


class FindDeleted(OfConnection, frozen=True, kw_only=True):
    """Asks which coupled records are not there any more."""

    mapping: str = ""
    """Blank: every mapping that takes part."""


def place_text(side: SideName, mapping: str, key: str) -> str:
    """Name a record of the error list."""
    return f"{side}/{quote(mapping, safe='')}/{key}"


def place_parts(text: str) -> tuple[SideName, str, str] | None:
    """Return side, mapping and key of a named record; None if it names none."""
    side, _, rest = text.partition("/")
    mapping, _, key = rest.partition("/")
    if side not in ("erp", "crm") or not mapping or not key:
        return None
    return ("erp" if side == "erp" else "crm"), unquote(mapping), key


SETTLE: Final = Operation(
    name="errors.settle",
    asked=SettleErrors,
    answer=RecordsChanged,
    permission=Permission.SYNCHRONIZE,
    caption=translatable("Settle"),
    tooltip=translatable(
        "Do the same with all chosen records; those that it makes no sense for are passed over."
    ),
    effect=Effect.WRITES,
    asks_password_for=lambda asked: asked.action in _ENDING and len(asked.records) > MANY,
    command="errors settle",
)
FIND_DELETED: Final = Operation(
    name="errors.find_deleted",
    asked=FindDeleted,
    answer=RecordsChanged,
    permission=Permission.SYNCHRONIZE,
    caption=translatable("Find for Deleted"),
    tooltip=translatable(
        "Look through the keys of both sides for coupled records that are not there any more."
    ),
    effect=Effect.WRITES,
    command="errors find-deleted",
)

OPERATIONS: Final = (SETTLE, FIND_DELETED)
