"""Integration table mappings: what meets what, by which rules, and what users changed in it."""

from typing import Annotated, Literal, TypeAlias

import msgspec

from interlace.management.listing import ListAsked
from interlace.management.mapping_answers import (
    MappingChanged,
    MappingsChecked,
    MappingShown,
    MappingsListed,
    RecordsCounted,
    SettingsImported,
    SettingsText,
    SideName,
    TableFields,
    Tried,
)
from interlace.management.operation import Effect, OfConnection, Operation
from interlace.management.own_mappings import ADD_MAPPING, REMOVE_MAPPING, TABLES
from interlace.management.own_rows import ADD_ROW, CHANGE_ROW, CHECK_ROW, REMOVE_ROW, ROW_FIELDS
from interlace.management.permission import Permission
from interlace.management.translatable import translatable

YesOrNo: TypeAlias = Literal["", "yes", "no"]
Texts: TypeAlias = Annotated[
    tuple[Annotated[str, msgspec.Meta(max_length=1000)], ...], msgspec.Meta(max_length=50)
]


class ListMappings(ListAsked, frozen=True, kw_only=True):
    """Asks for a page of mappings."""


class OneMapping(OfConnection, frozen=True, kw_only=True):
    """Asks about one mapping."""

    mapping: str


class CheckMappings(OfConnection, frozen=True, kw_only=True):
    """Asks whether both ends have what a mapping needs."""

    mapping: str = ""
    """Blank: all of them."""


class ChangeMapping(OfConnection, frozen=True, kw_only=True):
    """Asks for other settings; what is blank or left out stays."""

    mapping: str
    direction: str = ""
    synch_only_coupled_records: YesOrNo = ""
    update_conflict_resolution: str = ""
    deletion_conflict_resolution: str = ""
    takes_part: YesOrNo = ""
    seen: str = ""


class ChangeFields(OfConnection, frozen=True, kw_only=True):
    """Asks for other settings of field rows, by the rows' names; what is left out stays."""

    mapping: str
    conflicts: dict[str, str] = {}
    """The answer to a conflict; blank: the mapping's."""
    enabled: dict[str, YesOrNo] = {}
    seen: str = ""


class ChangeFilter(OfConnection, frozen=True, kw_only=True):
    """Asks for other conditions of a user's own: the fields, comparisons and values in one order."""

    mapping: str
    side: SideName = "erp"
    fields: Texts = ()
    comparisons: Texts = ()
    values: Texts = ()
    """Blank where the comparison takes none."""
    seen: str = ""


class CountRecords(OfConnection, frozen=True, kw_only=True):
    """Asks how many records would take part by these conditions beside the mapping's own."""

    mapping: str
    side: SideName = "erp"
    fields: Texts = ()
    comparisons: Texts = ()
    values: Texts = ()


class ListFields(OfConnection, frozen=True, kw_only=True):
    """Asks which fields a mapping's table has."""

    mapping: str
    side: SideName = "erp"


class TryRecord(OfConnection, frozen=True, kw_only=True):
    """Asks what a run would do with a record, named by its key on either side or by its caption."""

    mapping: str
    key: Annotated[str, msgspec.Meta(min_length=1, max_length=400)]


class ExportSettings(OfConnection, frozen=True, kw_only=True):
    """Asks for what users changed in all mappings."""


class ImportSettings(OfConnection, frozen=True, kw_only=True):
    """Asks to replace what users changed in all mappings by what an export holds."""

    text: Annotated[str, msgspec.Meta(max_length=200_000)]
    only_compare: YesOrNo = ""
    """Only tell the differences."""


LIST = Operation(
    name="mappings.list",
    asked=ListMappings,
    answer=MappingsListed,
    permission=Permission.READ,
    caption=translatable("Integration Table Mappings"),
    tooltip=translatable("Show which table meets which, in which direction, and what users changed."),
    command="mappings list",
)
SHOW = Operation(
    name="mappings.show",
    asked=OneMapping,
    answer=MappingShown,
    permission=Permission.READ,
    caption=translatable("Integration Table Mapping"),
    tooltip=translatable("Show a mapping: policies, filters, matching, templates and field rows."),
    command="mappings show",
)
CHANGE = Operation(
    name="mappings.change",
    asked=ChangeMapping,
    answer=MappingChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Save"),
    tooltip=translatable("Keep the mapping's direction and policies; the next run works with them."),
    effect=Effect.WRITES,
    command="mappings set",
)
CHANGE_FIELDS = Operation(
    name="mappings.change_fields",
    asked=ChangeFields,
    answer=MappingChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Save"),
    tooltip=translatable("Keep which field rows are enabled, and what happens in a conflict of one."),
    effect=Effect.WRITES,
    command="mappings set",
)
CHANGE_FILTER = Operation(
    name="mappings.change_filter",
    asked=ChangeFilter,
    answer=MappingChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Save"),
    tooltip=translatable("Let only records take part that meet these conditions too."),
    effect=Effect.WRITES,
    command="mappings set",
)
COUNT = Operation(
    name="mappings.count",
    asked=CountRecords,
    answer=RecordsCounted,
    permission=Permission.READ,
    caption=translatable("Count Records"),
    tooltip=translatable("Read the table and count which records take part; nothing is changed."),
    command="mappings count",
)
FIELDS = Operation(
    name="mappings.fields",
    asked=ListFields,
    answer=TableFields,
    permission=Permission.READ,
    caption=translatable("Fields of the Table"),
    tooltip=translatable("Show the fields that the service has, and how they can be compared."),
    command="mappings fields",
)
CHECK = Operation(
    name="mappings.check",
    asked=CheckMappings,
    answer=MappingsChecked,
    permission=Permission.READ,
    caption=translatable("Check"),
    tooltip=translatable("Ask both ends whether they have every table and field that mappings name."),
    command="mappings check",
)
TRY = Operation(
    name="mappings.try",
    asked=TryRecord,
    answer=Tried,
    permission=Permission.READ,
    caption=translatable("Try with a Record"),
    tooltip=translatable("Show what a run would write for one record, field by field; nothing is written."),
    command="mappings try",
)
RESET = Operation(
    name="mappings.reset",
    asked=OneMapping,
    answer=MappingChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Use Default"),
    tooltip=translatable("Take back everything that was changed in the mapping."),
    effect=Effect.WRITES,
    command="mappings reset",
)
SYNCHRONIZE = Operation(
    name="mappings.synchronize",
    asked=OneMapping,
    answer=MappingChanged,
    permission=Permission.SYNCHRONIZE,
    caption=translatable("Synchronize Modified Records"),
    tooltip=translatable("Carry over what was changed since the mapping ran last."),
    effect=Effect.WRITES,
    command="synch",
)
RUN_FULL = Operation(
    name="mappings.run_full",
    asked=OneMapping,
    answer=MappingChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Run Full Synchronization"),
    tooltip=translatable("Compare every record of the mapping, and create what has no partner."),
    effect=Effect.WRITES,
    command="synch",
)
EXPORT = Operation(
    name="mappings.export",
    asked=ExportSettings,
    answer=SettingsText,
    permission=Permission.READ,
    caption=translatable("Export Settings"),
    tooltip=translatable("Show what was changed in all mappings as one text, for another connection."),
    command="mappings export",
    is_kept_reading=True,
)
IMPORT = Operation(
    name="mappings.import",
    asked=ImportSettings,
    answer=SettingsImported,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Import Settings"),
    tooltip=translatable("Replace what was changed in all mappings by what an export holds."),
    effect=Effect.WRITES,
    command="mappings import",
)

OPERATIONS = (
    LIST,
    SHOW,
    CHANGE,
    CHANGE_FIELDS,
    CHANGE_FILTER,
    COUNT,
    FIELDS,
    CHECK,
    TRY,
    RESET,
    SYNCHRONIZE,
    RUN_FULL,
    EXPORT,
    IMPORT,
    ROW_FIELDS,
    CHECK_ROW,
    ADD_ROW,
    CHANGE_ROW,
    REMOVE_ROW,
    TABLES,
    ADD_MAPPING,
    REMOVE_MAPPING,
)
