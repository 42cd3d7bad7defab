"""What can go wrong with a record or a job, by stable code: what happened, to which record, what to do next."""

from dataclasses import dataclass

from interlace.domain.error_codes import ErrorClass, ErrorCode
from interlace.domain.error_descriptions import ERROR_DESCRIPTIONS

__all__ = ["ERROR_CLASSES", "ErrorClass", "ErrorCode", "RecordError", "WaitsFor"]

ERROR_CLASSES: dict[ErrorCode, ErrorClass] = {
    code: description.error_class for code, description in ERROR_DESCRIPTIONS.items()
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
    also_waits_for: tuple[WaitsFor, ...] = ()
    """Further records whose coupling would do the record good: any one of them lets it take part again."""
    subject: str = ""
    """The record's own name as the message writes it: what is left of a message without it is the trouble itself."""

    @property
    def error_class(self) -> ErrorClass:
        """The class that decides what happens next."""
        return ERROR_CLASSES[self.code]
