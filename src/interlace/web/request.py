"""Requests and parts as our handlers get them, and the id by which a request's lines in the log are found."""

from typing import Any, TypeAlias
from uuid import uuid4

from litestar import Request
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from interlace.management.accounts import Accounts
from interlace.management.changes import Changes
from interlace.management.desk import Desk

AnyRequest = Request[Any, Any, Any]

# What the server is put together from is checked once, when it is.
TheAccounts: TypeAlias = NamedDependency[SkipValidation[Accounts]]
TheChanges: TypeAlias = NamedDependency[SkipValidation[Changes]]
TheDesk: TypeAlias = NamedDependency[SkipValidation[Desk]]


def request_id(request: AnyRequest) -> str:
    """Return the request's id; the first call makes it."""
    held = request.scope["state"].get("request_id")
    if held is None:
        held = request.scope["state"]["request_id"] = uuid4().hex[:16]
    return str(held)
