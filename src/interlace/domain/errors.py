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
    DELETED_AND_CHANGED = "IL-205"
    """One record was deleted while its partner was changed."""
    MARK_AMBIGUOUS = "IL-206"
    """Several records carry the mark of one create."""
    REAPPEARED = "IL-207"
    """A record that was deleted is there again since its service was restored."""
    HELD_AFTER_UNDO = "IL-208"
    """A person took the change back; it is not made again by itself."""
    REJECTED_BY_SERVICE = "IL-301"
    VALUE_NOT_TRANSFERABLE = "IL-302"
    PRIVILEGE_MISSING = "IL-401"
    CHANGED_MEANWHILE = "IL-501"
    OUTCOME_UNKNOWN = "IL-502"
    SERVICE_UNAVAILABLE = "IL-503"
    CREATE_WAITS = "IL-504"
    """An earlier request may still create the record; it is looked for before it is created again."""
    PLAN_MOVED = "IL-505"
    """A planned action was not carried out: the records are not any more what they were when it was planned."""
    DEFECT = "IL-901"
    """Interlace itself failed on the record."""


ERROR_CLASSES: dict[ErrorCode, ErrorClass] = {
    ErrorCode.REFERENCE_NOT_COUPLED: ErrorClass.DEPENDENCY,
    ErrorCode.REFERENCE_CLEARED: ErrorClass.DEPENDENCY,
    ErrorCode.UPDATE_CONFLICT: ErrorClass.CONFLICT,
    ErrorCode.PARTNER_DELETED: ErrorClass.CONFLICT,
    ErrorCode.MATCH_AMBIGUOUS: ErrorClass.CONFLICT,
    ErrorCode.MATCH_ALREADY_COUPLED: ErrorClass.CONFLICT,
    ErrorCode.DELETED_AND_CHANGED: ErrorClass.CONFLICT,
    ErrorCode.MARK_AMBIGUOUS: ErrorClass.CONFLICT,
    ErrorCode.REAPPEARED: ErrorClass.CONFLICT,
    ErrorCode.HELD_AFTER_UNDO: ErrorClass.CONFLICT,
    ErrorCode.REJECTED_BY_SERVICE: ErrorClass.DATA,
    ErrorCode.VALUE_NOT_TRANSFERABLE: ErrorClass.DATA,
    ErrorCode.PRIVILEGE_MISSING: ErrorClass.PERMISSION,
    ErrorCode.CHANGED_MEANWHILE: ErrorClass.TRANSIENT,
    ErrorCode.OUTCOME_UNKNOWN: ErrorClass.TRANSIENT,
    ErrorCode.SERVICE_UNAVAILABLE: ErrorClass.TRANSIENT,
    ErrorCode.CREATE_WAITS: ErrorClass.TRANSIENT,
    ErrorCode.PLAN_MOVED: ErrorClass.TRANSIENT,
    ErrorCode.DEFECT: ErrorClass.DEFECT,
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
