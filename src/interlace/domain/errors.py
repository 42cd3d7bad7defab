"""What can go wrong with a record or a job, by stable code: what happened, to which record, what to do next."""

import re
from dataclasses import dataclass

from interlace.domain.error_codes import ErrorClass, ErrorCode
from interlace.domain.error_descriptions import ERROR_DESCRIPTIONS

__all__ = ["ERROR_CLASSES", "ErrorClass", "ErrorCode", "RecordError", "WaitsFor"]

ERROR_CLASSES: dict[ErrorCode, ErrorClass] = {
    code: description.error_class for code, description in ERROR_DESCRIPTIONS.items()
}
_OF_ONE_RECORD = re.compile(
    r"'[^']*'|\"[^\"]*\"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    # A word with a digit in it, looked for from its beginning only.
    r"|(?<![^\W\d])[^\W\d]*+\d\w*+",
    re.IGNORECASE,
)


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
    """The record's own name as the message writes it."""

    @property
    def error_class(self) -> ErrorClass:
        """The class that decides what happens next."""
        return ERROR_CLASSES[self.code]

    @property
    def awaited(self) -> tuple[WaitsFor, ...]:
        """The records that are waited for."""
        first = () if self.waits_for is None else (self.waits_for,)
        return (*first, *self.also_waits_for)

    @property
    def trouble(self) -> str:
        """What is left of the message for every record with the same trouble: without names, numbers and ids."""
        text = self.message.replace(self.subject, "") if self.subject else self.message
        return _OF_ONE_RECORD.sub("#", text)
