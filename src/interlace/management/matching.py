"""Match-Based Coupling: by which fields records of a mapping match, what that would couple, and what came of it."""

from datetime import datetime
from typing import Annotated, Final

import msgspec

from interlace.management.mapping_answers import MappingChanged
from interlace.management.mappings import Texts, YesOrNo
from interlace.management.operation import Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable

Flags = Annotated[tuple[YesOrNo, ...], msgspec.Meta(max_length=50)]


class OneMatching(OfConnection, frozen=True, kw_only=True):
    """Asks how records of a mapping are matched."""

    mapping: str


class MatchingEntered(OfConnection, frozen=True, kw_only=True):
    """Criteria: fields, columns, whether case counts, and priorities in one order; none: no criteria."""

    mapping: str
    erp_fields: Texts = ()
    crm_fields: Texts = ()
    case_sensitive: Flags = ()
    priorities: Texts = ()
    """Criteria of one priority hold together; lower ones are asked first. Blank: 0."""
    create_new: YesOrNo = ""
    """Create a CRM record for each ERP record that none matches."""


class ChangeMatching(MatchingEntered, frozen=True, kw_only=True):
    """Asks for other criteria."""

    seen: str = ""


class TryMatching(MatchingEntered, frozen=True, kw_only=True):
    """Asks what criteria would couple; without any: those that are kept."""


class Criterion(Answer, frozen=True, kw_only=True):
    """Two fields that must hold the same."""

    erp_field: str
    crm_field: str
    case_sensitive: bool = False
    priority: int = 0


class RecordNamed(Answer, frozen=True, kw_only=True):
    """A record by its key and what people call it."""

    key: str
    caption: str = ""
    record_key: str = ""
    """The key as other operations want it."""


class MatchSample(Answer, frozen=True, kw_only=True):
    """An ERP record with the CRM records that it may be; of a match there is one."""

    erp: RecordNamed
    crm: tuple[RecordNamed, ...] = ()
    rivals: tuple[RecordNamed, ...] = ()
    """Other records of the ERP that may be the same."""


class LastMatching(Answer, frozen=True, kw_only=True):
    """What came of the last run."""

    job_id: str
    started_at: datetime
    is_running: bool
    coupled: int
    ambiguous: int
    unmatched: int
    message: str = ""
    doubtful: tuple[MatchSample, ...] = ()
    """The first of its ambiguous records, but for those that were coupled since."""


class MatchingShown(Answer, frozen=True, kw_only=True):
    """How records of a mapping are matched."""

    mapping: str
    erp_table: str
    crm_table: str
    is_possible: bool
    """Orders and choices have ways of their own."""
    may_create: bool
    """The mapping writes to the CRM, so partners can be created there."""
    criteria: tuple[Criterion, ...]
    create_new: bool
    match_rules: tuple[str, ...]
    """The mapping's own rules, which every run goes by."""
    erp_fields: tuple[str, ...]
    """Fields of its rows, to choose from."""
    crm_fields: tuple[str, ...]
    last: LastMatching | None = None
    seen: str


class MatchTried(Answer, frozen=True, kw_only=True):
    """What criteria would couple; nothing was written."""

    is_complete: bool
    """False: the tables are so large that they could not be read while somebody waits."""
    erp_records: int
    """Uncoupled records of the ERP that take part."""
    crm_records: int
    coupled_already: int
    left_out: int
    """Uncoupled records of the ERP that the mapping's filter leaves out."""
    would_couple: int
    ambiguous: int
    unmatched: int
    pairs: tuple[MatchSample, ...] = ()
    """The first of them."""
    doubtful: tuple[MatchSample, ...] = ()
    without: tuple[RecordNamed, ...] = ()


SHOW: Final = Operation(
    name="matching.show",
    asked=OneMatching,
    answer=MatchingShown,
    permission=Permission.READ,
    caption=translatable("Match-Based Coupling"),
    tooltip=translatable("Show by which fields records of both sides are found to be the same."),
    command="couplings criteria",
)
CHANGE: Final = Operation(
    name="matching.change",
    asked=ChangeMatching,
    answer=MappingChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Save"),
    tooltip=translatable("Keep the criteria; nothing is coupled before Match-Based Coupling runs."),
    effect=Effect.WRITES,
    command="couplings criteria",
)
TRY: Final = Operation(
    name="matching.try",
    asked=TryMatching,
    answer=MatchTried,
    permission=Permission.READ,
    caption=translatable("Dry Run"),
    tooltip=translatable("Read both tables and show what would be coupled; nothing is written."),
    command="couplings match",
)

OPERATIONS: Final = (SHOW, CHANGE, TRY)
