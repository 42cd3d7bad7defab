"""Which lists can be exported, and what makes an export harmless where it is opened."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum
from typing import Final, cast

from interlace.management import (
    audit,
    causes,
    conflicts,
    halts,
    mappings,
    notifications,
    orders,
    plans,
    queue,
    records,
    requests,
    tokens,
    users,
)
from interlace.management.audit import AUDIT_COLUMNS
from interlace.management.conflicts import CONFLICT_COLUMNS
from interlace.management.couplings import COUPLING_COLUMNS, LIST_COUPLINGS
from interlace.management.errors import ERROR_COLUMNS, LIST_ERRORS, LIST_SKIPPED
from interlace.management.findings import FINDING_COLUMNS, LIST_FINDINGS
from interlace.management.halts import HALT_COLUMNS
from interlace.management.jobs import JOB_COLUMNS, LIST_JOBS
from interlace.management.journal_list import JOURNAL_COLUMNS, LIST_JOURNAL
from interlace.management.listing import (
    HeldValue,
    ListAnswer,
    ListColumn,
    ListRow,
    ServerListAsked,
    held_values,
)
from interlace.management.mapping_answers import MAPPING_COLUMNS
from interlace.management.notifications import NOTIFICATION_COLUMNS
from interlace.management.operation import Operation
from interlace.management.orders import ORDER_COLUMNS
from interlace.management.plan_list import PLAN_COLUMNS
from interlace.management.plans import ACTION_COLUMNS, ACTIONS
from interlace.management.queue import QUEUE_COLUMNS
from interlace.management.records import RecordRow, RecordsListed, record_columns, record_values
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.requests import REQUEST_COLUMNS
from interlace.management.tokens import KEY_COLUMNS
from interlace.management.translatable import translatable
from interlace.management.users import USER_COLUMNS

ListOperation = Operation[ServerListAsked, ListAnswer]

_LISTS: Final = (
    (LIST_COUPLINGS, COUPLING_COLUMNS),
    (conflicts.LIST, CONFLICT_COLUMNS),
    (LIST_JOBS, JOB_COLUMNS),
    (LIST_ERRORS, ERROR_COLUMNS),
    (LIST_SKIPPED, ERROR_COLUMNS),
    (causes.MEMBERS, ERROR_COLUMNS),
    (plans.LIST, PLAN_COLUMNS),
    (ACTIONS, ACTION_COLUMNS),
    (halts.LIST, HALT_COLUMNS),
    (LIST_FINDINGS, FINDING_COLUMNS),
    (LIST_JOURNAL, JOURNAL_COLUMNS),
    (queue.LIST, QUEUE_COLUMNS),
    (mappings.LIST, MAPPING_COLUMNS),
    (orders.LIST, ORDER_COLUMNS),
    (records.LIST, record_columns(())),
    (requests.LIST, REQUEST_COLUMNS),
    (audit.LIST, AUDIT_COLUMNS),
    (users.LIST, USER_COLUMNS),
    (tokens.LIST, KEY_COLUMNS),
    (notifications.LIST, NOTIFICATION_COLUMNS),
)
EXPORTED: Final[Mapping[str, tuple[ListOperation, tuple[ListColumn, ...]]]] = {
    operation.name: (cast("ListOperation", operation), columns) for operation, columns in _LISTS
}
"""Lists that can be exported, by the name of their operation."""

_ACTIVE: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""With these a program for tables takes a text for something to compute; the last four are the same, wide."""
_NOT_IN_NAMES: Final = re.compile(r"[^\w .()-]+")
_NAME_MAX: Final = 100


class ExportFormat(Enum):
    """The kinds of files, with their media types."""

    CSV = "text/csv"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    @property
    def ending(self) -> str:
        """The ending of the file's name."""
        return self.name.lower()


def exported_list(name: str) -> tuple[ListOperation, tuple[ListColumn, ...]]:
    """Return a list that can be exported, and its columns; raises Refused."""
    found = EXPORTED.get(name)
    if found is None:
        raise Refused(
            RefusalKind.NOT_FOUND,
            translatable("This list can't be exported"),
            next_step=translatable("Lists that can be: {lists}.", lists=", ".join(EXPORTED)),
        )
    return found


def exported_columns(columns: tuple[ListColumn, ...], first: ListAnswer) -> tuple[ListColumn, ...]:
    """Return the columns of a list whose first page is this: those of records depend on the mapping."""
    return record_columns(first.columns) if isinstance(first, RecordsListed) else columns


def exported_values(first: ListAnswer) -> Callable[[ListRow, str], tuple[HeldValue, ...]]:
    """Return what tells the values of a list whose first page is this."""
    if not isinstance(first, RecordsListed):
        return held_values
    names = first.columns

    def values(row: ListRow, name: str) -> tuple[HeldValue, ...]:
        """Tell the values of a record."""
        assert isinstance(row, RecordRow)
        return record_values(row, name, names)

    return values


def export_format(text: str) -> ExportFormat:
    """Return the kind of file of a name's ending; raises Refused."""
    for each in ExportFormat:
        if each.ending == text.lower():
            return each
    raise Refused(
        RefusalKind.INVALID,
        translatable("There is no export to such a file"),
        next_step=translatable("Choose csv or xlsx."),
        fields={"format": translatable("Choose csv or xlsx.")},
    )


def safe_text(text: str) -> str:
    """Return a text so that no program for tables computes it: an apostrophe goes before what looks like a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_ACTIVE) or text.startswith(_ACTIVE) else text


def file_name(title: str, day: date, wanted: ExportFormat) -> str:
    """Name an export's file: letters, digits and few signs, whatever the title holds."""
    plain = _NOT_IN_NAMES.sub(" ", title)
    name = " ".join(plain.split()).strip(". ")[:_NAME_MAX] or "list"
    return f"{name} {day.isoformat()}.{wanted.ending}"
