"""Errors of the protocol core: what a text on the wire did that it must not do.

A server turns them into an error answer of its own dialect; a client reports them as a broken answer.
"""

from __future__ import annotations


class ProtocolError(ValueError):
    """The text does not follow the OData protocol."""

    def __init__(self, message: str, *, text: str = "", position: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        self.position = position


class LiteralSyntaxError(ProtocolError):
    """A literal is malformed or outside the range of its type."""


class PathSyntaxError(ProtocolError):
    """The path behind the service root is malformed."""


class QueryOptionError(ProtocolError):
    """A query option is malformed, unknown or given twice; `option` names it."""

    def __init__(self, message: str, *, option: str, text: str = "", position: int | None = None) -> None:
        super().__init__(message, text=text, position=position)
        self.option = option


class FilterSyntaxError(ProtocolError):
    """A filter expression is malformed; `position` counts characters from 0."""


class FilterTypeMismatch(ProtocolError):
    """A filter compares or transforms values whose types do not fit."""


class UnsupportedFeature(ProtocolError):
    """The protocol knows it, this implementation does not offer it (answer 501)."""


class TokenError(ProtocolError):
    """A skip token or delta token was not made by this service, was altered, or belongs elsewhere."""


class BatchSyntaxError(ProtocolError):
    """A batch body is malformed."""


class AnswerSyntaxError(ProtocolError):
    """An answer of the service is not what the protocol promises."""
