"""Field rows of one's own: which fields both tables have, whether a row would do, and adding, changing, removing it."""

from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from interlace.management.mapping_answers import MappingChanged, OwnRow
from interlace.management.operation import Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable

YesOrNo: TypeAlias = Literal["", "yes", "no"]
Name: TypeAlias = Annotated[str, msgspec.Meta(max_length=200)]
Text: TypeAlias = Annotated[str, msgspec.Meta(max_length=4000)]
RowName: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=400)]


class ListRowFields(OfConnection, frozen=True, kw_only=True):
    """Asks which fields rows can be made of."""

    mapping: str


class RowEntered(OfConnection, frozen=True, kw_only=True):
    """A field row; one of the fields is blank where a constant is written to the other."""

    mapping: str
    erp_field: Name = ""
    crm_field: Name = ""
    direction: str = ""
    """Blank: the mapping's."""
    constant: Text = ""
    transformation: Name = ""
    argument: Text = ""
    """What the transformation needs: a number, a text, or pairs such as `NO=1|SE=2`."""
    only_new: YesOrNo = ""
    """It counts only for records that are created."""


class CheckRow(RowEntered, frozen=True, kw_only=True):
    """Asks whether a row would do."""

    row: Annotated[str, msgspec.Meta(max_length=400)] = ""
    """The row whose place it takes; blank: it is a new one."""


class AddRow(RowEntered, frozen=True, kw_only=True):
    """Asks for one row more."""

    seen: str = ""


class ChangeRow(RowEntered, frozen=True, kw_only=True):
    """Asks for another row in place of one."""

    row: RowName
    seen: str = ""


class RemoveRow(OfConnection, frozen=True, kw_only=True):
    """Asks for one row less."""

    mapping: str
    row: RowName
    seen: str = ""


class RowChoice(Answer, frozen=True, kw_only=True):
    """One of the values that a field may hold."""

    value: str
    label: str


class RowField(Answer, frozen=True, kw_only=True):
    """A field that a row can be made of."""

    name: str
    kind: str
    caption: str = ""
    length: int = 0
    """How many characters fit; 0: no limit is told."""
    is_read_only: bool = False
    choices: tuple[RowChoice, ...] = ()
    takes_others: bool = False
    """The choices are those that records hold now; the service does not tell which others there are."""
    mapped: tuple[str, ...] = ()
    """The other side's fields that rows have it meet already; blank for a constant."""


class RowFields(Answer, frozen=True, kw_only=True):
    """The fields of both tables of a mapping."""

    erp_table: str
    crm_table: str
    erp: tuple[RowField, ...]
    crm: tuple[RowField, ...]
    transformations: tuple[str, ...]
    """What may be chosen as transformation."""


class RowProblem(Answer, frozen=True, kw_only=True):
    """Something that is wrong with a part of a row."""

    part: str
    message: str


class RowChecked(Answer, frozen=True, kw_only=True):
    """What is wrong with a row, and what to keep in mind about it."""

    problems: tuple[RowProblem, ...] = ()
    warnings: tuple[str, ...] = ()
    row: OwnRow | None = None
    """The row as it would be kept; none where there are problems."""


ROW_FIELDS: Final = Operation(
    name="mappings.row_fields",
    asked=ListRowFields,
    answer=RowFields,
    permission=Permission.READ,
    caption=translatable("Fields of Both Tables"),
    tooltip=translatable("Show the fields that rows can be made of, as both services tell them."),
    command="mappings row-fields",
)
CHECK_ROW: Final = Operation(
    name="mappings.check_row",
    asked=CheckRow,
    answer=RowChecked,
    permission=Permission.READ,
    caption=translatable("Check Row"),
    tooltip=translatable(
        "Say what is wrong with a row before it is kept: kind, length, read-only, choices, already mapped."
    ),
    command="mappings add-row",
)
ADD_ROW: Final = Operation(
    name="mappings.add_row",
    asked=AddRow,
    answer=MappingChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("New Field Row"),
    tooltip=translatable(
        "Let one more field of the ERP meet a column of the CRM, or write a constant value."
    ),
    effect=Effect.WRITES,
    command="mappings add-row",
)
CHANGE_ROW: Final = Operation(
    name="mappings.change_row",
    asked=ChangeRow,
    answer=MappingChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Save"),
    tooltip=translatable("Keep a field row of your own as it stands here; the next run works with it."),
    effect=Effect.WRITES,
    command="mappings change-row",
)
REMOVE_ROW: Final = Operation(
    name="mappings.remove_row",
    asked=RemoveRow,
    answer=MappingChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Delete"),
    tooltip=translatable(
        "Take a field row of your own out of the mapping; values stay on both sides as they are."
    ),
    effect=Effect.WRITES,
    command="mappings remove-row",
)

OPERATIONS: Final = (ROW_FIELDS, CHECK_ROW, ADD_ROW, CHANGE_ROW, REMOVE_ROW)
