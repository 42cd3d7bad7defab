"""The error codes of the Dataverse Web API and the refusals that carry them."""

from __future__ import annotations

from interlace.sandbox.exchange import Refusal

OBJECT_DOES_NOT_EXIST = "0x80040217"
RECORD_NOT_FOUND_BY_KEY = "0x80060891"
KEY_NOT_DEFINED = "0x80060890"
FEATURE_REFUSED = "0x80060888"
NO_ATTRIBUTE = "0x80041103"
PAYLOAD_ERROR = "0x80048d19"
DUPLICATE_RECORD = "0x80040237"
DUPLICATE_RECORD_BY_KEY = "0x80060892"
VERSION_MISMATCH = "0x80060882"
PRIVILEGE_DENIED = "0x80040220"
USER_NOT_ENABLED = "0x80040225"
USER_WITHOUT_ROLE = "0x80042f09"
USER_NOT_MEMBER = "0x80072560"
REQUIRED_FIELD_MISSING = "0x80040200"
INVALID_ARGUMENT = "0x80040203"
STRING_TOO_LONG = "0x80044331"
INTEGER_OUT_OF_RANGE = "0x8004432f"
DECIMAL_OUT_OF_RANGE = "0x80044330"
CHOICE_OUT_OF_RANGE = "0x8004431a"
INVALID_STATE_STATUS = "0x80048408"
CANNOT_DELETE = "0x80040227"
UNEXPECTED = "0x80040216"
THROTTLED_REQUESTS = "0x80072322"
THROTTLED_TIME = "0x80072321"
THROTTLED_CONCURRENCY = "0x80072326"
NOT_TRACKED = "0x80072491"


def payload_error(table_set: str, reason: str) -> Refusal:
    """A body that does not fit the table: unknown property, wrong JSON type."""
    return Refusal(
        400,
        PAYLOAD_ERROR,
        f"Error identified in Payload provided by the user for Entity :'{table_set}', "
        f"InnerException : Microsoft.OData.ODataException: {reason}",
    )


def missing_record(table: str, key: str) -> Refusal:
    """No record of this table has this id."""
    return Refusal(404, OBJECT_DOES_NOT_EXIST, f"{table} With Id = {key} Does Not Exist")


def missing_by_key(table: str) -> Refusal:
    """No record of this table has these alternate key values."""
    return Refusal(
        404,
        RECORD_NOT_FOUND_BY_KEY,
        f"A record with the specified key values does not exist in {table} entity",
    )


def missing_resource(segment: str) -> Refusal:
    """The address names nothing this service knows."""
    return Refusal(404, FEATURE_REFUSED, f"Resource not found for the segment '{segment}'.")


def refused(code: str, message: str) -> Refusal:
    """A business rule is violated (400)."""
    return Refusal(400, code, message)


def feature_refused(message: str) -> Refusal:
    """The request asks for something the protocol of this service does not offer (400)."""
    return Refusal(400, FEATURE_REFUSED, message)


def duplicate_record() -> Refusal:
    """The primary key is taken."""
    return Refusal(412, DUPLICATE_RECORD, "A record with matching key values already exists.")


def duplicate_key(key_name: str) -> Refusal:
    """An alternate key is taken."""
    return Refusal(
        412,
        DUPLICATE_RECORD_BY_KEY,
        f"A record that has the attribute values of key {key_name} already exists. "
        "The entity key requires that this set of attributes contains unique values. "
        "Select unique values and try again.",
    )


def version_mismatch() -> Refusal:
    """The precondition names a version that is no longer the record's."""
    return Refusal(
        412,
        VERSION_MISMATCH,
        "The version of the existing record doesn't match the RowVersion property provided.",
    )
