"""What is answered about integration table mappings."""

from datetime import datetime
from typing import Final, Literal, TypeAlias

from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.domain.filter_language import FieldKind
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import DeletionConflictResolution
from interlace.management.jobs import DIRECTION_CHOICES
from interlace.management.listing import YES_OR_NO, Choice, ListAnswer, ListColumn, ListRow, choices_of
from interlace.management.operation import Answer
from interlace.management.translatable import translatable

SideName: TypeAlias = Literal["erp", "crm"]


MAPPING_COLUMNS: Final = (
    ListColumn(
        name="name",
        caption=translatable("Name"),
        tooltip=translatable("The mapping's name."),
        is_sorted=True,
        is_searched=True,
    ),
    ListColumn(
        name="erp_table",
        caption=translatable("Table"),
        tooltip=translatable("The table of the ERP."),
        is_sorted=True,
        is_searched=True,
    ),
    ListColumn(
        name="direction",
        caption=translatable("Direction"),
        tooltip=translatable("Which side's changes are taken to the other."),
        kind=FieldKind.CHOICE,
        choices=(
            *DIRECTION_CHOICES,
            Choice(value=Direction.BIDIRECTIONAL.value, caption=translatable("Bidirectional")),
        ),
    ),
    ListColumn(
        name="integration_table",
        caption=translatable("Integration Table"),
        tooltip=translatable("The table of the CRM."),
        is_sorted=True,
        is_searched=True,
    ),
    ListColumn(
        name="table_filter",
        caption=translatable("Table Filter"),
        tooltip=translatable("Which records of the ERP take part; the filter looks at each condition."),
    ),
    ListColumn(
        name="integration_table_filter",
        caption=translatable("Integration Table Filter"),
        tooltip=translatable("Which records of the CRM take part; the filter looks at each condition."),
    ),
    ListColumn(
        name="synch_only_coupled_records",
        caption=translatable("Synch. Only Coupled Records"),
        tooltip=translatable("Whether records without a partner are left alone."),
        kind=FieldKind.CHOICE,
        choices=YES_OR_NO,
    ),
    ListColumn(
        name="update_conflict_resolution",
        caption=translatable("Update-Conflict Resolution"),
        tooltip=translatable("What happens when both sides changed the same field."),
        kind=FieldKind.CHOICE,
        choices=choices_of(UpdateConflictResolution),
    ),
    ListColumn(
        name="deletion_conflict_resolution",
        caption=translatable("Deletion-Conflict Resolution"),
        tooltip=translatable("What happens when the coupled record of the other side was deleted."),
        kind=FieldKind.CHOICE,
        choices=choices_of(DeletionConflictResolution),
    ),
    ListColumn(
        name="takes_part",
        caption=translatable("Takes Part"),
        tooltip=translatable("Whether it runs in this connection."),
        kind=FieldKind.CHOICE,
        choices=YES_OR_NO,
    ),
    ListColumn(
        name="fields",
        caption=translatable("Fields"),
        tooltip=translatable("How many field rows it has."),
        kind=FieldKind.NUMBER,
        is_sorted=True,
    ),
    ListColumn(
        name="coupled",
        caption=translatable("Couplings"),
        tooltip=translatable("How many records are coupled."),
        kind=FieldKind.NUMBER,
        is_sorted=True,
    ),
    ListColumn(
        name="failed",
        caption=translatable("Failed"),
        tooltip=translatable("How many records failed and are tried again."),
        kind=FieldKind.NUMBER,
        is_sorted=True,
    ),
    ListColumn(
        name="skipped",
        caption=translatable("Skipped"),
        tooltip=translatable("How many records are left out until somebody lets them take part again."),
        kind=FieldKind.NUMBER,
        is_sorted=True,
    ),
    ListColumn(
        name="last_synchronized_at",
        caption=translatable("Last Synchronized"),
        tooltip=translatable("When its last job began."),
        kind=FieldKind.MOMENT,
        is_sorted=True,
    ),
)


class MappingListed(ListRow, frozen=True, kw_only=True):
    """A mapping's header, with what users changed in it and how it stands."""

    name: str
    caption: str
    erp_table: str
    integration_table: str
    choice_column: str = ""
    """Column whose choices are the records, for mappings of option sets."""
    direction: str
    table_filter: tuple[str, ...]
    integration_table_filter: tuple[str, ...]
    synch_only_coupled_records: bool
    update_conflict_resolution: str
    deletion_conflict_resolution: str
    takes_part: bool
    by_documents: bool
    """It is carried out document by document, not record by record."""
    is_own: bool = False
    """Users added it, so it can be deleted."""
    fields: int
    changed: tuple[str, ...]
    """Names of the settings that users changed."""
    coupled: int = 0
    failed: int = 0
    skipped: int = 0
    is_running: bool = False
    last_synchronized_at: datetime | None = None


class MappingsListed(ListAnswer, frozen=True, kw_only=True):
    """A page of mappings, in the order in which they run."""

    rows: tuple[MappingListed, ...] = ()


class OwnRow(Answer, frozen=True, kw_only=True):
    """A field row that users added, as it was entered."""

    erp_field: str = ""
    crm_field: str = ""
    direction: str
    constant: str = ""
    transformation: str = ""
    argument: str = ""
    only_new: bool = False


class FieldRow(Answer, frozen=True, kw_only=True):
    """An integration field mapping."""

    row: str
    """Names it within its mapping."""
    erp_field: str
    crm_field: str
    direction: str
    remarks: tuple[str, ...]
    """What happens to the value on its way."""
    is_enabled: bool = True
    may_be_disabled: bool = False
    conflict_resolution: str = ""
    """Blank: the mapping's answer."""
    default_conflict_resolution: str = ""
    may_conflict: bool = False
    """It goes both ways, so that both sides can change it."""
    resolutions: tuple[str, ...] = ()
    """The answers to a conflict that it may have."""
    own: OwnRow | None = None
    """Users added it, so it may be changed and removed."""


class FilterCondition(Answer, frozen=True, kw_only=True):
    """A condition that users added to a filter."""

    field: str
    comparison: str
    value: str = ""


class SettingChange(Answer, frozen=True, kw_only=True):
    """A setting that users changed: what holds now, and what reset brings back."""

    setting: str
    subject: str = ""
    """The field that it is about; blank: the mapping as a whole."""
    now: str
    default: str


class Watermark(Answer, frozen=True, kw_only=True):
    """From where the next run reads the changes of one side."""

    side: SideName
    position: str = ""
    """As the service gave it; blank: every record is read."""
    read_at: datetime | None = None
    """When the last job that read this side to its end began; None: none has yet."""
    job_id: str = ""


class MappingShown(Answer, frozen=True, kw_only=True):
    """A mapping as its card shows it."""

    header: MappingListed
    directions: tuple[str, ...]
    """Those that make sense for its field rows."""
    default_table_filter: tuple[str, ...]
    default_integration_table_filter: tuple[str, ...]
    """Conditions that belong to the mapping; users' own are added to them."""
    own_table_filter: tuple[FilterCondition, ...]
    own_integration_table_filter: tuple[FilterCondition, ...]
    match_rules: tuple[str, ...]
    table_config_template: tuple[str, ...]
    integration_table_config_template: tuple[str, ...]
    depends_on: tuple[str, ...]
    needed_by: tuple[str, ...]
    leaving_filter_deletes: bool
    """A coupled record that leaves the filter counts as deleted."""
    fields: tuple[FieldRow, ...]
    watermarks: tuple[Watermark, ...]
    """Of the sides that are read, the ERP's first."""
    changes: tuple[SettingChange, ...]
    seen: str
    """Stands for the settings as they are shown; a change that names it is refused when others came between."""


class Problem(Answer, frozen=True, kw_only=True):
    """Something that a person must correct."""

    mapping: str
    row: str = ""
    message: str


class MappingsChecked(Answer, frozen=True, kw_only=True):
    """What is wrong with mappings; nothing: both ends have every table and field."""

    mappings: tuple[str, ...]
    problems: tuple[Problem, ...]


class TableField(Answer, frozen=True, kw_only=True):
    """A field of a table, by the service's own account."""

    name: str
    kind: str
    comparisons: tuple[str, ...]


class TableFields(Answer, frozen=True, kw_only=True):
    """The fields of one side of a mapping that can be filtered by."""

    table: str
    fields: tuple[TableField, ...]


class RecordsCounted(Answer, frozen=True, kw_only=True):
    """How many records take part."""

    total: int
    taking_part: int
    coupled_leaving: int
    """Coupled records that the conditions keep out."""
    is_complete: bool
    """False: the table is so large that only its first records were counted."""


class TriedWrite(Answer, frozen=True, kw_only=True):
    """One field that a run would write."""

    side: SideName
    table: str
    key: str
    operation: str
    field: str
    before: str | None
    after: str | None


class TriedAction(Answer, frozen=True, kw_only=True):
    """What a run would do with the record in one direction."""

    direction: str
    kind: str
    """create, change, delete, couple, uncouple, skip or fail; blank: nothing."""
    reason: str = ""
    code: str = ""
    writes: tuple[TriedWrite, ...] = ()


class Tried(Answer, frozen=True, kw_only=True):
    """What a run would do with one record; nothing was written."""

    mapping: str
    key: str
    caption: str = ""
    found: bool
    actions: tuple[TriedAction, ...] = ()
    message: str = ""
    """Why nothing can be told."""


class MappingChanged(Answer, frozen=True, kw_only=True):
    """What was done."""

    message: str
    page: str = ""
    changed: tuple[str, ...] = ()


class SettingsText(Answer, frozen=True, kw_only=True):
    """What users changed in all mappings, as one text."""

    text: str


class SettingsImported(Answer, frozen=True, kw_only=True):
    """What an import changes, or has changed."""

    message: str
    differences: tuple[str, ...]
    is_stored: bool
    page: str = ""
