"""The stable codes of record errors, the classes they fall into, and what wakes a record that has one."""

from enum import Enum

from interlace.locale.translatable import translatable


class ErrorClass(Enum):
    """Groups errors by what happens next."""

    TRANSIENT = translatable("transient")
    """Tried again by itself; no record is blamed."""
    DATA = translatable("data")
    """The record's values must be corrected."""
    PERMISSION = translatable("permission")
    """An account lacks a right."""
    DEPENDENCY = translatable("dependency")
    """Waits for another record to be coupled."""
    CONFLICT = translatable("conflict")
    """A person or a policy must choose."""
    DEFECT = translatable("defect")
    """Interlace itself is at fault."""


class WakeUp(Enum):
    """What makes a record take part again; the value says it to people."""

    NEXT_RUN = translatable("in every run")
    RECORD_CHANGED = translatable("when the record is changed")
    PARTNER_CHANGED = translatable("when its partner is changed")
    AWAITED_COUPLED = translatable("when a record that it waits for is coupled")
    COUPLING_REMOVED = translatable("when a coupling of the mapping is removed")
    SETTINGS_CHANGED = translatable("when the mapping's settings are changed")
    RIGHT_GRANTED = translatable(
        "when another record with the same trouble goes through: every run tries one of them"
    )
    TIME = translatable("after 1 minute, 10 minutes, 1 hour, 6 hours, then daily")
    DAILY = translatable("once a day")
    PERSON = translatable("with `interlace errors retry`")


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
