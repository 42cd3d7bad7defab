"""Couplings as the ERP's built-in connector keeps them: taken over from its tables, and written for the way back."""

from typing import Annotated, Final

import msgspec

from interlace.management.mapping_answers import TriedWrite
from interlace.management.mappings import YesOrNo
from interlace.management.operation import Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable

TEXT_MAX: Final = 1_000_000
"""Some 8,000 couplings; commands take any number."""
FileText = Annotated[str, msgspec.Meta(max_length=TEXT_MAX)]


class ImportCouplings(OfConnection, frozen=True, kw_only=True):
    """Asks to couple what rows of the ERP's table 5331 couple."""

    text: FileText
    """The rows with their column names, as CSV or as copied from Excel."""
    record_ids: FileText = ""
    """Rows of table 5151, where no API tells the ids of the ERP's records."""
    only_compare: YesOrNo = ""
    """Only tell what would be coupled."""


class ExportCouplings(OfConnection, frozen=True, kw_only=True):
    """Asks for the couplings as rows of the ERP's table 5331."""

    record_ids: FileText = ""
    """Rows of table 5151, where no API tells the ids of the ERP's records."""


class ShadowCouplings(OfConnection, frozen=True, kw_only=True):
    """Asks what runs would decide if the couplings of table 5331 were ours."""

    text: FileText
    """The rows with their column names, as CSV or as copied from Excel."""
    record_ids: FileText = ""
    """Rows of table 5151, where no API tells the ids of the ERP's records."""


class ImportedRow(Answer, frozen=True, kw_only=True):
    """A row, and what becomes of it."""

    line: int
    mapping: str
    erp_key: str
    crm_key: str
    result: str
    reason: str = ""
    was_skipped: bool = False
    """The built-in connector has left the record out after repeated failure."""


class CouplingsImported(Answer, frozen=True, kw_only=True):
    """What an import couples, or has coupled."""

    message: str
    is_stored: bool
    to_couple: int = 0
    coupled_already: int = 0
    left_out: int = 0
    skipped: int = 0
    """How many of the others the built-in connector has skipped."""
    rows: tuple[ImportedRow, ...] = ()
    """The first of them, those that are left out before the others."""


class DecisionShown(Answer, frozen=True, kw_only=True):
    """What a run would do with a record, beside what the built-in connector thinks of it."""

    line: int
    """0: the record stands in no row."""
    mapping: str
    erp_key: str
    crm_key: str
    built_in: str
    decision: str
    differs: bool
    reason: str = ""
    writes: tuple[TriedWrite, ...] = ()


class ShadowShown(Answer, frozen=True, kw_only=True):
    """Where Interlace would decide otherwise than the built-in connector; nothing was written."""

    pairs: int
    """Pairs that were compared."""
    differing: int
    """Decisions that differ."""
    decisions: tuple[DecisionShown, ...] = ()
    """The first of them, those that differ before the others."""
    messages: dict[str, str] = {}
    """Why nothing could be planned for a mapping."""


class CouplingsText(Answer, frozen=True, kw_only=True):
    """Couplings as rows of table 5331."""

    text: str
    count: int
    without_id: dict[str, int] = {}
    """How many couplings of a mapping are left out, because nobody tells the id of the ERP's record."""


IMPORT: Final = Operation(
    name="couplings.import",
    asked=ImportCouplings,
    answer=CouplingsImported,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Import Couplings"),
    tooltip=translatable(
        "Couple the records that the ERP's built-in connector has coupled; no value is changed."
    ),
    effect=Effect.WRITES,
    command="couplings import",
)
EXPORT: Final = Operation(
    name="couplings.export",
    asked=ExportCouplings,
    answer=CouplingsText,
    permission=Permission.READ,
    caption=translatable("Export Couplings"),
    tooltip=translatable(
        "Write the couplings as the ERP's built-in connector keeps them, for the way back to it."
    ),
    command="couplings export",
    is_kept_reading=True,
)

SHADOW: Final = Operation(
    name="couplings.shadow",
    asked=ShadowCouplings,
    answer=ShadowShown,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Shadow Report"),
    tooltip=translatable(
        "Show where runs would decide otherwise than the built-in connector; nothing is written."
    ),
    # What is asked is longer than an address may be.
    effect=Effect.WRITES,
    command="couplings shadow",
)

OPERATIONS: Final = (IMPORT, EXPORT, SHADOW)
