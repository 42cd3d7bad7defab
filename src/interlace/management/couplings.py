"""Which ERP record belongs to which CRM record: the list of couplings."""

from typing import Final

from interlace.domain.filter_language import FieldKind
from interlace.management.listing import Choice, ListAnswer, ListAsked, ListColumn, ListRow
from interlace.management.operation import Answer, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable

COUPLING_STATES: Final = (
    Choice(value="coupled", caption=translatable("Coupled")),
    Choice(value="not compared", caption=translatable("Not compared yet")),
    Choice(value="doubtful", caption=translatable("To be compared again")),
    Choice(value="broken", caption=translatable("Broken")),
)

COUPLING_COLUMNS: Final = (
    ListColumn(
        name="mapping",
        caption=translatable("Mapping"),
        tooltip=translatable("The integration table mapping that couples the two records."),
    ),
    ListColumn(
        name="erp_key",
        caption=translatable("ERP No."),
        tooltip=translatable("What identifies the record in the ERP."),
        is_sorted=True,
        is_searched=True,
    ),
    ListColumn(
        name="erp_name",
        caption=translatable("ERP Name"),
        tooltip=translatable("The ERP record's name when both sides were compared last."),
        is_sorted=True,
        is_searched=True,
    ),
    ListColumn(
        name="crm_name",
        caption=translatable("CRM Name"),
        tooltip=translatable("The CRM record's name when both sides were compared last."),
        is_sorted=True,
        is_searched=True,
    ),
    ListColumn(
        name="crm_key",
        caption=translatable("CRM ID"),
        tooltip=translatable("The id of the CRM record. Its first characters are enough to search for it."),
        is_searched=True,
    ),
    ListColumn(
        name="state",
        caption=translatable("Status"),
        tooltip=translatable("Whether both records exist and were compared."),
        kind=FieldKind.CHOICE,
        choices=COUPLING_STATES,
    ),
    ListColumn(
        name="synchronized_at",
        caption=translatable("Last Synchronized"),
        tooltip=translatable("When the job began that found or made both records alike."),
        kind=FieldKind.MOMENT,
        is_sorted=True,
    ),
    ListColumn(
        name="problem",
        caption=translatable("Problem"),
        tooltip=translatable("The code of the error that keeps the records from being synchronized."),
        is_filtered=False,
    ),
)


class CouplingRow(ListRow, frozen=True, kw_only=True):
    """One coupling."""

    mapping: str
    erp_key: str
    """Parts of a composite key have a comma between them."""
    crm_key: str
    erp_name: str
    crm_name: str
    state: str
    """A value of COUPLING_STATES."""
    synchronized_at: str
    """ISO 8601 in UTC; blank: never."""
    problem: str = ""
    """Code of the open error of either direction; blank: none."""
    is_skipped: bool = False
    record_key: str = ""
    """The ERP key as other operations want it."""


class CouplingsListed(ListAnswer, frozen=True, kw_only=True):
    """A page of couplings."""

    rows: tuple[CouplingRow, ...] = ()


class StateCount(Answer, frozen=True, kw_only=True):
    """How many couplings of one mapping are in one state."""

    mapping: str
    state: str
    count: int


class CouplingsCounted(Answer, frozen=True, kw_only=True):
    """Couplings by mapping and state; what there is none of is left out."""

    counts: tuple[StateCount, ...] = ()
    behind: int = 0


LIST_COUPLINGS: Final = Operation(
    name="couplings.list",
    asked=ListAsked,
    answer=CouplingsListed,
    permission=Permission.READ,
    caption=translatable("Coupled Records"),
    tooltip=translatable("Show which ERP record is coupled with which CRM record."),
    command="couplings list",
)
COUNT_COUPLINGS: Final = Operation(
    name="couplings.count_by_state",
    asked=OfConnection,
    answer=CouplingsCounted,
    permission=Permission.READ,
    caption=translatable("Couplings by Status"),
    tooltip=translatable("Count the couplings of every mapping by their status."),
    command="couplings list",
)

OPERATIONS: Final = (LIST_COUPLINGS, COUNT_COUPLINGS)
