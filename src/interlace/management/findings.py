"""The list of findings: every record and field that stood out when both ends were judged last."""

from typing import Final

from interlace.domain.filter_language import FieldKind
from interlace.management.listing import SIDE_CHOICES, Choice, ListAnswer, ListAsked, ListColumn, ListRow
from interlace.management.operation import Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable

DIFFERENT: Final = "drifted"
DIFFERENT_SINCE_CREATION: Final = "creation"
FINDING_CHOICES: Final = (
    Choice(value=DIFFERENT, caption=translatable("Different")),
    Choice(value="missing partner", caption=translatable("Without partner")),
    Choice(value="duplicate partner", caption=translatable("Double")),
    Choice(value="failed", caption=translatable("On the error list")),
    Choice(value="excluded", caption=translatable("Left out beside a partner")),
    Choice(
        value=DIFFERENT_SINCE_CREATION,
        caption=translatable("Different since they were created, as they may be"),
    ),
)
"""What is found of a record or field."""
FINDING_COLUMNS: Final = (
    ListColumn(
        name="mapping",
        caption=translatable("Mapping"),
        tooltip=translatable("The mapping that the record belongs to."),
        is_sorted=True,
        is_searched=True,
    ),
    ListColumn(
        name="record",
        caption=translatable("Record"),
        tooltip=translatable("What identifies the record; of a pair, its key in the ERP."),
        is_sorted=True,
        is_searched=True,
    ),
    ListColumn(
        name="crm_key",
        caption=translatable("CRM record"),
        tooltip=translatable("What identifies the record of the pair in the CRM."),
        is_searched=True,
    ),
    ListColumn(
        name="found",
        caption=translatable("State"),
        tooltip=translatable("What the verification has found of the record, or of this field of it."),
        kind=FieldKind.CHOICE,
        choices=FINDING_CHOICES,
        is_sorted=True,
    ),
    ListColumn(
        name="side",
        caption=translatable("Side"),
        tooltip=translatable("The system whose record it is; blank where a field differs between both."),
        kind=FieldKind.CHOICE,
        choices=SIDE_CHOICES,
        is_sorted=True,
    ),
    ListColumn(
        name="erp_field",
        caption=translatable("ERP field"),
        tooltip=translatable("The field of the ERP; blank: a constant is expected in the CRM."),
        is_sorted=True,
        is_searched=True,
    ),
    ListColumn(
        name="erp_value",
        caption=translatable("ERP value"),
        tooltip=translatable("What the field of the CRM must hold, as the ERP has it."),
        is_searched=True,
    ),
    ListColumn(
        name="crm_field",
        caption=translatable("CRM field"),
        tooltip=translatable("The field of the CRM that differs."),
        is_sorted=True,
        is_searched=True,
    ),
    ListColumn(
        name="crm_value",
        caption=translatable("CRM value"),
        tooltip=translatable("What the field of the CRM holds."),
        is_searched=True,
    ),
    ListColumn(
        name="reason",
        caption=translatable("Why"),
        tooltip=translatable("Why the record stands out."),
        is_searched=True,
    ),
)


class FindingRow(ListRow, frozen=True, kw_only=True):
    """A record that stands out, or a field of a pair that disagrees."""

    number: int
    """Its place among what the verdict holds, from 1."""
    mapping: str
    found: str
    """A value of FINDING_CHOICES."""
    side: str = ""
    record: str
    crm_key: str = ""
    erp_field: str = ""
    erp_value: str = ""
    crm_field: str = ""
    crm_value: str = ""
    reason: str = ""


class FindingsListed(ListAnswer, frozen=True, kw_only=True):
    """A page of the findings of the last verdict; without a verdict there are none."""

    rows: tuple[FindingRow, ...] = ()


LIST_FINDINGS: Final = Operation(
    name="verification.findings",
    asked=ListAsked,
    answer=FindingsListed,
    permission=Permission.READ,
    caption=translatable("Findings"),
    tooltip=translatable("List what the last verification has found, record by record and field by field."),
    command="findings list",
)
