"""Error bodies: `{"error":{"code","message"}}`, in the dialects of both services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

_CORRELATION = "  CorrelationId:  "


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorDetail:
    """One of several causes."""

    code: str
    message: str
    target: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorBody:
    """What a service says about a refused request; `message` is without the correlation id."""

    code: str
    message: str
    target: str | None = None
    details: tuple[ErrorDetail, ...] = ()
    inner_message: str | None = None
    correlation_id: str | None = None
    annotations: Mapping[str, object] = field(default_factory=dict)


def crm_error_body(error: ErrorBody) -> bytes:
    """The error as Dataverse writes it; annotations stand beside the message."""
    return _encode(error, error.message)


def erp_error_body(error: ErrorBody) -> bytes:
    """The error as Business Central writes it: the message ends in the correlation id."""
    suffix = f"{_CORRELATION}{error.correlation_id}." if error.correlation_id else ""
    return _encode(error, error.message + suffix)


def _encode(error: ErrorBody, message: str) -> bytes:
    content: dict[str, object] = {"code": error.code, "message": message}
    if error.target is not None:
        content["target"] = error.target
    if error.details:
        content["details"] = [
            {"code": each.code, "message": each.message, **({"target": each.target} if each.target else {})}
            for each in error.details
        ]
    if error.inner_message is not None:
        content["innererror"] = {"message": error.inner_message}
    return msgspec.json.encode({"error": {**content, **error.annotations}})


def parse_error_body(body: bytes) -> ErrorBody | None:
    """The error in an answer, None when the body holds none (a proxy's page, an empty body)."""
    try:
        content = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    error = content.get("error") if isinstance(content, dict) else None
    if not isinstance(error, dict):
        return None
    inner = error.get("innererror")
    inner_message = _text(inner.get("message")) if isinstance(inner, dict) else None
    message, correlation_id = _without_correlation(_text(error.get("message")) or inner_message or "")
    return ErrorBody(
        code=_text(error.get("code")) or "",
        message=message,
        target=_text(error.get("target")),
        details=_details(error.get("details")),
        inner_message=inner_message,
        correlation_id=correlation_id,
        annotations={key: value for key, value in error.items() if key.startswith("@")},
    )


def _details(value: object) -> tuple[ErrorDetail, ...]:
    entries = value if isinstance(value, list) else []
    return tuple(
        ErrorDetail(
            code=_text(each.get("code")) or "",
            message=_text(each.get("message")) or "",
            target=_text(each.get("target")),
        )
        for each in entries
        if isinstance(each, dict)
    )


def _text(value: object) -> str | None:
    """A text, also from OData v3's `{"lang","value"}` and from numeric codes."""
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value)


def _without_correlation(message: str) -> tuple[str, str | None]:
    text, found, rest = message.rpartition("CorrelationId:")
    if not found:
        return message, None
    return text.rstrip(), rest.strip().removesuffix(".") or None
