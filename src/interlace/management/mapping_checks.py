"""Checks of what is typed into the pages of a mapping: nothing is kept, and what is wrong is told by its field."""

from interlace.management.mappings import ChangeMapping, CountRecords
from interlace.management.operation import Answer, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable


class EnteredChecked(Answer, frozen=True, kw_only=True):
    """What can't be kept, by the names of fields; nothing: all of it can."""

    problems: dict[str, str]


CHECK_CHANGE = Operation(
    name="mappings.check_change",
    asked=ChangeMapping,
    answer=EnteredChecked,
    permission=Permission.READ,
    caption=translatable("Check"),
    tooltip=translatable("Tell whether these settings can be kept; nothing is."),
    command="mappings set",
)
CHECK_FILTER = Operation(
    name="mappings.check_filter",
    asked=CountRecords,
    answer=EnteredChecked,
    permission=Permission.READ,
    caption=translatable("Check"),
    tooltip=translatable("Tell whether these conditions fit the fields of the table; nothing is kept."),
    command="mappings count",
)

OPERATIONS = (CHECK_CHANGE, CHECK_FILTER)
