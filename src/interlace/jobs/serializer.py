"""Stores arguments and results of jobs as JSON, so that rows stay readable across versions."""

import json
from datetime import datetime
from typing import Any

from dbos import Serializer

_TIME = "$time"
_ERROR = "$error"


class JobFailed(Exception):
    """A job failed in an earlier process; only its text was kept."""


class JsonSerializer(Serializer):
    """JSON with two additions: aware times and exceptions."""

    def name(self) -> str:
        """Name the format that stored rows are in; changing it would strand them."""
        return "interlace_json"

    def serialize(self, data: Any) -> str:  # noqa: ANN401
        """Encode."""
        return json.dumps(data, default=_encode, ensure_ascii=False, separators=(",", ":"))

    def deserialize(self, serialized_data: str) -> Any:  # noqa: ANN401
        """Decode."""
        return json.loads(serialized_data, object_hook=_decode)


def _encode(value: object) -> object:
    if isinstance(value, datetime):
        return {_TIME: value.isoformat()}
    if isinstance(value, BaseException):
        return {_ERROR: f"{type(value).__name__}: {value}"}
    raise TypeError(f"A job's arguments and results must be plain JSON values, not {type(value).__name__}.")


def _decode(value: dict[str, Any]) -> object:
    if _TIME in value:
        return datetime.fromisoformat(value[_TIME])
    if _ERROR in value:
        return JobFailed(value[_ERROR])
    return value
