"""Verification: both ends read afresh and proved equal, record by record, by a judge of its own."""

from datetime import datetime

from interlace.management.findings import LIST_FINDINGS
from interlace.management.operation import Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable


class SideVerdict(Answer, frozen=True, kw_only=True):
    """What was found in one table."""

    table: str
    total: int
    adds_up: bool = True
    states: dict[str, int]
    """How many records are what; each record is exactly one of these."""
    excluded: dict[str, int]
    """Why records are left out, with their number."""
    failed: dict[str, int]
    """Error codes, with the number of records."""


class MappingVerdictShown(Answer, frozen=True, kw_only=True):
    """What was found for one mapping; its findings are a list of their own."""

    mapping: str
    green: bool
    erp: SideVerdict
    crm: SideVerdict
    drifted_fields: dict[str, int] = {}
    """How many records differ in which fields."""
    creation_fields: dict[str, int] = {}
    """How many differ in fields that count at creation only: that is told, and is no drift."""


class MappingCounts(Answer, frozen=True, kw_only=True):
    """How many records of a mapping are what, on both sides together; equal and different ones are counted as pairs."""

    mapping: str
    green: bool
    erp_total: int
    crm_total: int
    equal: int
    different: int
    missing: int
    double: int
    explained: int
    """Not equal, and the reason stands on the error list."""
    left_out: int
    """Left out by a rule or filter."""


class Verification(Answer, frozen=True, kw_only=True):
    """The last verdict, and how far a further judgement is."""

    is_running: bool = False
    begun_by: str = ""
    begun_at: datetime | None = None
    at_work: str = ""
    done: int = 0
    total: int = 0
    problem: tuple[str, ...] = ()
    """Why the last judgement came to no verdict."""
    is_stopped: bool = False
    """Somebody stopped the last judgement."""
    judged_at: datetime | None = None
    """None: there is no verdict yet."""
    judged_by: str = ""
    green: bool = False
    mappings: tuple[MappingCounts, ...] = ()


class ShowVerification(OfConnection, frozen=True, kw_only=True):
    """Asks for the last verdict."""


class OneVerdict(OfConnection, frozen=True, kw_only=True):
    """Asks what was found for one mapping."""

    mapping: str


class StartVerification(OfConnection, frozen=True, kw_only=True):
    """Asks to read and judge both ends now."""


class StopVerification(OfConnection, frozen=True, kw_only=True):
    """Asks to stop the judgement that goes on; the last verdict stays."""


class VerificationBegun(Answer, frozen=True, kw_only=True):
    """The judgement that goes on in the background, or comes to its end."""

    message: str = ""
    page: str = ""


SHOW = Operation(
    name="verification.show",
    asked=ShowVerification,
    answer=Verification,
    permission=Permission.READ,
    caption=translatable("Verification"),
    tooltip=translatable("Show the last verdict on whether both sides are equal."),
    command="verify",
)
MAPPING = Operation(
    name="verification.mapping",
    asked=OneVerdict,
    answer=MappingVerdictShown,
    permission=Permission.READ,
    caption=translatable("Verdict"),
    tooltip=translatable("Show how many records of a mapping the last verification found to be what."),
    command="verify",
)
START = Operation(
    name="verification.start",
    asked=StartVerification,
    answer=VerificationBegun,
    permission=Permission.SYNCHRONIZE,
    caption=translatable("Verify Now"),
    tooltip=translatable("Read both sides afresh and compare every record; nothing is written."),
    effect=Effect.WRITES,
    command="verify",
)
STOP = Operation(
    name="verification.stop",
    asked=StopVerification,
    answer=VerificationBegun,
    permission=Permission.SYNCHRONIZE,
    caption=translatable("Stop"),
    tooltip=translatable("Stop the verification; the last verdict stays."),
    effect=Effect.WRITES,
    command="verify",
)

OPERATIONS = (SHOW, MAPPING, LIST_FINDINGS, START, STOP)
