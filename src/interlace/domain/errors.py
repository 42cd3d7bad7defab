"""What can go wrong with a record or a job, by stable code: what happened, to which record, what to do next."""

from dataclasses import dataclass
from enum import Enum


class ErrorClass(Enum):
    """Groups errors by what happens next."""

    TRANSIENT = "transient"
    """Tried again by itself; no record is blamed."""
    DATA = "data"
    """The record's values must be corrected."""
    PERMISSION = "permission"
    """An account lacks a right."""
    DEPENDENCY = "dependency"
    """Waits for another record to be coupled."""
    CONFLICT = "conflict"
    """A person or a policy must choose."""
    DEFECT = "defect"
    """Interlace itself is at fault."""


class ErrorCode(Enum):
    """Stable codes of record errors; the value is shown to users."""

    REFERENCE_NOT_COUPLED = "IL-101"
    REFERENCE_CLEARED = "IL-102"
    """The record went through, but one reference is blank until its record is coupled."""
    UPDATE_CONFLICT = "IL-201"
    PARTNER_DELETED = "IL-202"
    MATCH_AMBIGUOUS = "IL-203"
    MATCH_ALREADY_COUPLED = "IL-204"
    REJECTED_BY_SERVICE = "IL-301"
    VALUE_NOT_TRANSFERABLE = "IL-302"
    PRIVILEGE_MISSING = "IL-401"
    CHANGED_MEANWHILE = "IL-501"
    OUTCOME_UNKNOWN = "IL-502"
    SERVICE_UNAVAILABLE = "IL-503"


ERROR_CLASSES: dict[ErrorCode, ErrorClass] = {
    ErrorCode.REFERENCE_NOT_COUPLED: ErrorClass.DEPENDENCY,
    ErrorCode.REFERENCE_CLEARED: ErrorClass.DEPENDENCY,
    ErrorCode.UPDATE_CONFLICT: ErrorClass.CONFLICT,
    ErrorCode.PARTNER_DELETED: ErrorClass.CONFLICT,
    ErrorCode.MATCH_AMBIGUOUS: ErrorClass.CONFLICT,
    ErrorCode.MATCH_ALREADY_COUPLED: ErrorClass.CONFLICT,
    ErrorCode.REJECTED_BY_SERVICE: ErrorClass.DATA,
    ErrorCode.VALUE_NOT_TRANSFERABLE: ErrorClass.DATA,
    ErrorCode.PRIVILEGE_MISSING: ErrorClass.PERMISSION,
    ErrorCode.CHANGED_MEANWHILE: ErrorClass.TRANSIENT,
    ErrorCode.OUTCOME_UNKNOWN: ErrorClass.TRANSIENT,
    ErrorCode.SERVICE_UNAVAILABLE: ErrorClass.TRANSIENT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitsFor:
    """The record whose coupling would end an error."""

    mapping: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordError:
    """Why one record was not synchronized: a value, not an exception."""

    code: ErrorCode
    message: str
    """What happened, to which record, what to do next."""
    field: str | None = None
    waits_for: WaitsFor | None = None

    @property
    def error_class(self) -> ErrorClass:
        """The class that decides what happens next."""
        return ERROR_CLASSES[self.code]
