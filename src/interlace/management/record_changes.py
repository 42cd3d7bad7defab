"""What can be done with single records: couple, uncouple, synchronize, create the partner, bring figures up to date."""

from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from interlace.management.operation import MANY, Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.records import KEYS_MAX, Key, SideName
from interlace.management.translatable import translatable

Way: TypeAlias = Literal["", "send", "get"]
"""Send the ERP's values to the CRM, or get the CRM's; blank: neither."""
Keys: TypeAlias = Annotated[tuple[Key, ...], msgspec.Meta(max_length=KEYS_MAX)]


class AddCoupling(OfConnection, frozen=True, kw_only=True):
    """Couples two records that exist."""

    mapping: str
    erp_key: Key
    crm_key: Key
    synchronize: Way = ""
    """What happens after coupling; blank: the next run compares them."""
    replaces: Key = ""
    """Key of the record that one of the two is coupled with, as it was shown: that coupling gives way."""


class RemoveCouplings(OfConnection, frozen=True, kw_only=True):
    """Uncouples records; they stay on both sides."""

    mapping: str
    keys: Keys = ()
    side: SideName = "erp"
    """Whose keys they are."""


class RemoveAllCouplings(OfConnection, frozen=True, kw_only=True):
    """Uncouples every record of a mapping; they stay on both sides."""

    mapping: str
    count: Annotated[int, msgspec.Meta(ge=0)]
    """How many couplings were shown: refused if there are others by now."""


class SynchronizeRecords(OfConnection, frozen=True, kw_only=True):
    """Synchronizes coupled records now."""

    mapping: str
    keys: Keys = ()
    side: SideName = "erp"
    way: Way = ""
    """Blank: what changed goes to the other side, either way."""
    overwrite: bool = False
    """With a way: write over what the other side changed, too. Without, that is left to the conflicts."""


class CreateRecords(OfConnection, frozen=True, kw_only=True):
    """Creates the partners of records that have none."""

    mapping: str
    keys: Keys = ()
    side: SideName = "erp"
    """Where the records are; the partners are created on the other side."""


class OfMapping(OfConnection, frozen=True, kw_only=True):
    """Asks something of one mapping."""

    mapping: str


class UpdateStatistics(OfConnection, frozen=True, kw_only=True):
    """Brings account statistics up to date."""

    customers: Keys = ()
    """Only these customers', at once; none: all of them, in the background."""


class RecordsChanged(Answer, frozen=True, kw_only=True):
    """What came of it."""

    message: str
    done: int = 0
    failed: int = 0
    skipped: int = 0
    page: str = ""


class MatchBegun(Answer, frozen=True, kw_only=True):
    """A job that couples by the mapping's match rules."""

    message: str
    run_id: str = ""
    """Blank: it is done already."""


COUPLE: Final = Operation(
    name="couplings.add",
    asked=AddCoupling,
    answer=RecordsChanged,
    permission=Permission.SYNCHRONIZE,
    caption=translatable("Set Up Coupling"),
    tooltip=translatable("Couple two existing records by hand."),
    effect=Effect.WRITES,
    command="couplings add",
)
UNCOUPLE: Final = Operation(
    name="couplings.remove",
    asked=RemoveCouplings,
    answer=RecordsChanged,
    permission=Permission.SYNCHRONIZE,
    caption=translatable("Delete Coupling"),
    tooltip=translatable("Uncouple the records; both stay where they are."),
    effect=Effect.WRITES,
    asks_password_for=lambda asked: len(asked.keys) > MANY,
    command="couplings remove",
)
MATCH: Final = Operation(
    name="couplings.match",
    asked=OfMapping,
    answer=MatchBegun,
    permission=Permission.SYNCHRONIZE,
    caption=translatable("Match-Based Coupling"),
    tooltip=translatable("Couple records of both sides that the mapping's match rules find to be the same."),
    effect=Effect.WRITES,
    command="couplings match",
)
SYNCHRONIZE: Final = Operation(
    name="records.synchronize",
    asked=SynchronizeRecords,
    answer=RecordsChanged,
    permission=Permission.SYNCHRONIZE,
    caption=translatable("Synchronize Now"),
    tooltip=translatable("Bring the coupled records in line now."),
    effect=Effect.WRITES,
    command="records synchronize",
)
CREATE: Final = Operation(
    name="records.create",
    asked=CreateRecords,
    answer=RecordsChanged,
    permission=Permission.SYNCHRONIZE,
    caption=translatable("Create on the Other Side"),
    tooltip=translatable("Create the record on the other side and couple both; one that matches is coupled."),
    effect=Effect.WRITES,
    command="records create",
)
STATISTICS: Final = Operation(
    name="records.update_statistics",
    asked=UpdateStatistics,
    answer=MatchBegun,
    permission=Permission.SYNCHRONIZE,
    caption=translatable("Update Account Statistics"),
    tooltip=translatable("Bring the account statistics in the CRM up to date with the ERP's books."),
    effect=Effect.WRITES,
    command="statistics",
)

UNCOUPLE_ALL: Final = Operation(
    name="couplings.remove_all",
    asked=RemoveAllCouplings,
    answer=RecordsChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Delete Couplings"),
    tooltip=translatable("Uncouple every record of the mapping; the records stay on both sides."),
    effect=Effect.WRITES,
    asks_password_for=lambda asked: asked.count > MANY,
    command="couplings remove-all",
)

OPERATIONS: Final = (COUPLE, UNCOUPLE, UNCOUPLE_ALL, MATCH, SYNCHRONIZE, CREATE, STATISTICS)
