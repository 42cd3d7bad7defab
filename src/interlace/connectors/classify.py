"""Every answer to a write becomes exactly one Outcome, with a text for people where the record fails.

Refused for good, refused for now, changed meanwhile, there already, not there, or not known. Whatever is not
provably without effect is UNKNOWN.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

import msgspec

from interlace.connectors.http_message import HttpAnswer, NothingSent, RequestFailed
from interlace.domain.errors import ErrorCode, RecordError
from interlace.engine.ports import Outcome, WriteResult
from interlace.locale.correlation import correlated
from interlace.locale.translatable import as_sentence, text_of, translatable


class Deed(Enum):
    """What a write was to do."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    PERFORM = "action"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The record that a write was about, as messages name it."""

    service: str
    table: str
    key: str
    deed: Deed

    @property
    def caption(self) -> str:
        """Name the record for people."""
        return f"{self.table} {self.key}".replace("\x1f", ", ")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceError:
    """The code and the message of an error body."""

    code: str = ""
    message: str = ""


class _ErrorDetail(msgspec.Struct):
    code: str | int | None = ""
    message: str | None = ""


class _ErrorBody(msgspec.Struct):
    error: _ErrorDetail


_DEEDS = {
    Deed.CREATE: translatable("creation"),
    Deed.UPDATE: translatable("update"),
    Deed.DELETE: translatable("deletion"),
    Deed.PERFORM: translatable("action"),
}
_WITHOUT_EFFECT = {
    Outcome.EXISTS: translatable("{record} in {service} exists already. It is read and compared by itself."),
    Outcome.STALE: translatable(
        "{record} in {service} was changed meanwhile. It is read again and decided again by itself."
    ),
    Outcome.GONE: translatable(
        "{record} in {service} is not there any more. Its coupling is looked at again by itself."
    ),
}
_DONE = frozenset({200, 201, 204})
_NOT_TAKEN = frozenset({407, 424, 425, 429})
"""Refused before the service looked at the record: a proxy, an earlier part of the batch, too many at once."""
_CORRELATION = re.compile(r"\s{0,8}CorrelationId:\s*[0-9a-f-]*\.?\s*", re.IGNORECASE)
_CORRELATION_MARK = b"CorrelationId:"
_ID = re.compile(rb"\s{0,8}([0-9a-f-]{1,64})", re.IGNORECASE)
_CORRELATION_HEADER = "x-ms-service-request-id"
"""Where the CRM tells the id of a request; the ERP writes it behind the message."""
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

_CRM_RECORD_EXISTS = frozenset({"0x80040237"})
_CRM_VERSION_MISMATCH = frozenset({"0x80060882"})
_CRM_DUPLICATE_VALUES = frozenset({"0x80060892", "0x80040333"})
_CRM_DATABASE_BUSY = frozenset({"0x80044150"})
_ERP_SAME_KEY = "EntityWithSameKeyExists"
_ERP_CHANGED = "EntityChanged"


def service_error(body: bytes) -> ServiceError:
    """Read the error from an answer's body; a body that is no error gives blanks."""
    try:
        detail = msgspec.json.decode(body, type=_ErrorBody).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ServiceError()
    message = _CORRELATION.sub("", detail.message or "").strip()
    return ServiceError(code=str(detail.code or ""), message=message)


def correlation_id(answer: HttpAnswer) -> str:
    """Return the id by which the service's owner finds what happened; blank if the answer tells none."""
    told = answer.headers.get(_CORRELATION_HEADER, "")
    if told or answer.is_success:
        return told
    found = (
        _ID.match(answer.body.rpartition(_CORRELATION_MARK)[2]) if _CORRELATION_MARK in answer.body else None
    )
    return found[1].decode() if found is not None else ""


def _traced(result: WriteResult, answer: HttpAnswer) -> WriteResult:
    """Let the text about a write carry the id of the answer."""
    if result.error is None:
        return result
    message = correlated(result.error.message, correlation_id(answer))
    return replace(result, error=replace(result.error, message=message))


def classify_erp(answer: HttpAnswer, subject: Subject) -> WriteResult:
    """Judge the ERP's answer to one write."""
    return _traced(_judge_erp(answer, subject), answer)


def classify_crm(answer: HttpAnswer, subject: Subject) -> WriteResult:
    """Judge the CRM's answer to one write."""
    return _traced(_judge_crm(answer, subject), answer)


def _judge_erp(answer: HttpAnswer, subject: Subject) -> WriteResult:
    result = _classify_success_or_trouble(answer, subject)
    if result is not None:
        return result
    error = service_error(answer.body)
    creates = subject.deed is Deed.CREATE
    if _ERP_SAME_KEY in error.code and creates:
        return _without_effect(Outcome.EXISTS, subject)
    if answer.status == 412 or _ERP_CHANGED in error.code:
        return _without_effect(Outcome.EXISTS if creates else Outcome.STALE, subject)
    if answer.status == 404 and not creates:
        return _without_effect(Outcome.GONE, subject)
    if answer.status == 423 or (answer.status == 409 and _is_lock(error)):
        return retry_later(subject, error.message or f"status {answer.status}")
    if answer.status == 403 or "Authorization" in error.code or "Permission" in error.code:
        return _privilege_missing(subject, error)
    return rejected(subject, error, answer.status)


def _judge_crm(answer: HttpAnswer, subject: Subject) -> WriteResult:
    result = _classify_success_or_trouble(answer, subject)
    if result is not None:
        return result
    error = service_error(answer.body)
    code = error.code.lower()
    creates = subject.deed is Deed.CREATE
    if code in _CRM_DATABASE_BUSY:
        return unknown(subject, error.message)
    if code in _CRM_RECORD_EXISTS and creates:
        return _without_effect(Outcome.EXISTS, subject)
    if answer.status == 412 and code not in _CRM_DUPLICATE_VALUES:
        return _without_effect(Outcome.EXISTS if creates else Outcome.STALE, subject)
    if code in _CRM_VERSION_MISMATCH:
        return _without_effect(Outcome.STALE, subject)
    if answer.status == 404 and not creates and _is_about(subject, error.message):
        return _without_effect(Outcome.GONE, subject)
    if answer.status == 423 or (answer.status == 409 and _is_lock(error)):
        return retry_later(subject, error.message or translatable("the record is locked"))
    if answer.status == 403:
        return _privilege_missing(subject, error)
    return rejected(subject, error, answer.status)


def classify_failure(failure: RequestFailed, subject: Subject) -> WriteResult:
    """Judge a request that got no complete answer."""
    if isinstance(failure, NothingSent):
        return retry_later(subject, text_of(failure))
    return unknown(subject, text_of(failure))


def done(key: str, tag: str | None = None) -> WriteResult:
    """Say that a write took effect."""
    return WriteResult(outcome=Outcome.DONE, key=key, tag=tag)


def unknown(subject: Subject, reason: str) -> WriteResult:
    """Say that nobody knows whether a write took effect."""
    message = translatable(
        "Whether {service} carried out the {deed} of {record} is not known: {reason}. The record is read again by "
        "itself before anything else is written to it.",
        **_named(subject),
        reason=as_sentence(reason),
    )
    return _failed(Outcome.UNKNOWN, subject, ErrorCode.OUTCOME_UNKNOWN, message)


def retry_later(subject: Subject, reason: str) -> WriteResult:
    """Say that a service has no time for a write now."""
    message = translatable(
        "{service} did not take the {deed} of {record} for now: {reason}. It is tried again by itself.",
        **_named(subject),
        reason=as_sentence(reason),
    )
    return _failed(Outcome.RETRY_LATER, subject, ErrorCode.SERVICE_UNAVAILABLE, message)


def rejected(subject: Subject, error: ServiceError, status: int | None = None) -> WriteResult:
    """Say that a service refused a write for good."""
    code = f" ({error.code})" if error.code else ""
    said = (error.message or f"status {status}").rstrip(".")
    message = translatable(
        "{service} refused the {deed} of {record}: {said}. Correct the record; it is tried again by itself.",
        **_named(subject),
        said=f"{said}{code}",
    )
    return _failed(Outcome.REJECTED, subject, ErrorCode.REJECTED_BY_SERVICE, message)


def not_writable(subject: Subject, field: str, reason: str) -> WriteResult:
    """Say that a value can't be brought to the wire; nothing was sent."""
    message = translatable(
        "The {deed} of {record} was not sent to {service}: {field} {reason}. "
        "Correct the value or the mapping's field row.",
        **_named(subject),
        field=field,
        reason=as_sentence(reason),
    )
    error = RecordError(code=ErrorCode.VALUE_NOT_TRANSFERABLE, message=message, field=field)
    return WriteResult(outcome=Outcome.REJECTED, key=subject.key, error=error)


def unmarkable(subject: Subject) -> WriteResult:
    """Refuse a create that could not be found again if its answer got lost; nothing was sent."""
    message = translatable(
        "{record} was not created in {service}: no field of the table can carry our mark, by which a create is found "
        "again whose answer was lost. Allow manual numbers in the table's number series; the record is tried again "
        "by itself.",
        record=subject.caption,
        service=subject.service,
    )
    return _failed(Outcome.REJECTED, subject, ErrorCode.REJECTED_BY_SERVICE, message)


def _classify_success_or_trouble(answer: HttpAnswer, subject: Subject) -> WriteResult | None:
    """Judge the statuses that mean the same on both sides; None: the error's code decides."""
    status = answer.status
    if answer.is_success:
        return _success(answer, subject)
    if status < 400:
        return unknown(
            subject, translatable("it answered {status} and pointed elsewhere", status=str(status))
        )
    if status == 401:
        return _sign_in_refused(subject)
    if status in _NOT_TAKEN or (status == 503 and "retry-after" in answer.headers):
        return retry_later(subject, service_error(answer.body).message or translatable("it is busy"))
    if status == 408 or (status >= 500 and status != 501):
        answered = translatable("it answered {status}", status=str(status))
        return unknown(subject, service_error(answer.body).message or answered)
    return None


def _success(answer: HttpAnswer, subject: Subject) -> WriteResult:
    """Believe a success only when it says that all is done, in words that can be read."""
    if answer.status not in _DONE:
        nothing = translatable("it answered {status}, which confirms nothing", status=str(answer.status))
        return unknown(subject, nothing)
    if answer.body.strip():
        try:
            msgspec.json.decode(answer.body, type=dict[str, msgspec.Raw])
        except (msgspec.DecodeError, UnicodeDecodeError):
            return unknown(subject, translatable("its answer can't be read"))
    return done(subject.key, _tag_of(answer.headers))


def _is_lock(error: ServiceError) -> bool:
    """Tell whether a 409 means a lock that will end, and not a rule of the business."""
    return not error.code or "lock" in error.code.lower() or "locked" in error.message.lower()


def _tag_of(headers: Mapping[str, str]) -> str | None:
    return headers.get("etag")


def _is_about(subject: Subject, message: str) -> bool:
    """Tell whether a "does not exist" means the record itself and not one that it refers to."""
    named = {guid.lower() for guid in _GUID.findall(message)}
    return not named or subject.key.lower() in named


def _without_effect(outcome: Outcome, subject: Subject) -> WriteResult:
    message = translatable(_WITHOUT_EFFECT[outcome], record=subject.caption, service=subject.service)
    return _failed(outcome, subject, ErrorCode.CHANGED_MEANWHILE, message)


def _privilege_missing(subject: Subject, error: ServiceError) -> WriteResult:
    said = f": {error.message.rstrip('.')}" if error.message else ""
    message = translatable(
        "{service} does not allow our user the {deed} of {record}{said}. "
        "Give the integration user the missing right; the record is tried again by itself.",
        **_named(subject),
        said=said,
    )
    return _failed(Outcome.REJECTED, subject, ErrorCode.PRIVILEGE_MISSING, message)


def _sign_in_refused(subject: Subject) -> WriteResult:
    message = translatable(
        "{service} did not accept our sign-in for the {deed} of {record}. "
        "Check the connection's user, key or secret.",
        **_named(subject),
    )
    return _failed(Outcome.RETRY_LATER, subject, ErrorCode.PRIVILEGE_MISSING, message)


def _named(subject: Subject) -> dict[str, str]:
    return {
        "service": subject.service,
        "deed": as_sentence(_DEEDS[subject.deed]),
        "record": subject.caption,
    }


def _failed(outcome: Outcome, subject: Subject, code: ErrorCode, message: str) -> WriteResult:
    return WriteResult(outcome=outcome, key=subject.key, error=RecordError(code=code, message=message))
