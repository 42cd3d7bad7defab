"""Requests as our handlers get them, and the id by which their lines in the log are found."""

from typing import Any
from uuid import uuid4

from litestar import Request

AnyRequest = Request[Any, Any, Any]


def request_id(request: AnyRequest) -> str:
    """Return the request's id; the first call makes it."""
    held = request.scope["state"].get("request_id")
    if held is None:
        held = request.scope["state"]["request_id"] = uuid4().hex[:16]
    return str(held)
