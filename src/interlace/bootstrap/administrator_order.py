"""What is handed to the administrator's process over its standard input, and what comes back as lines of JSON.

An order is one line without any secret; the secret follows it as plain bytes, so that nobody here makes a text of it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import assert_never

import msgspec

from interlace.bootstrap.connection_settings import ConnectionProblem, SignInMethod
from interlace.bootstrap.solution_setup import Progress, SolutionOrder, SolutionOutcome
from interlace.connectors.dataverse.web_api_address import ONLINE_VERSION, web_api_root
from interlace.connectors.http_outbound import OutboundRules
from interlace.connectors.sign_in_credential import (
    AccessKey,
    ClientCertificate,
    ClientSecret,
    Credential,
    DeviceCode,
    TokenAddress,
    WindowsAccount,
)
from interlace.engine.service import ServiceMismatch, ServiceUnavailable, SignInRefused
from interlace.locale.kept_text import from_kept, to_kept
from interlace.locale.translatable import text_of, translatable

_PROBLEMS: Mapping[str, type[Exception]] = {
    kind.__name__: kind for kind in (ConnectionProblem, SignInRefused, ServiceMismatch, ServiceUnavailable)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AdministratorAccount:
    """Who signs in as administrator and how; the secret is no part of it."""

    method: SignInMethod
    user: str = ""
    client_id: str = ""
    authority: str = ""
    token_url: str = ""

    def credential(self, secret: str) -> Credential:
        """Return what the administrator signs in with; a person who signs in with a code has no secret here."""
        match self.method:
            case SignInMethod.BASIC:
                return AccessKey(user=self.user, key=secret)
            case SignInMethod.NTLM:
                return WindowsAccount(user=self.user, password=secret)
            case SignInMethod.TOKEN_ADDRESS:
                return TokenAddress(url=self.token_url, client_id=self.client_id, secret=secret)
            case SignInMethod.CLIENT_SECRET:
                return ClientSecret(authority=self.authority, client_id=self.client_id, secret=secret)
            case SignInMethod.CERTIFICATE:
                return ClientCertificate(authority=self.authority, client_id=self.client_id, pem=secret)
            case SignInMethod.DEVICE_CODE:
                return DeviceCode(authority=self.authority, client_id=self.client_id, cache="")
            case _:
                assert_never(self.method)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdministratorOrder:
    """Whom to sign in where, and what to do there."""

    crm_address: str
    account: AdministratorAccount
    solution: SolutionOrder
    rules: OutboundRules
    timeout_seconds: float = 120.0
    crm_root: str = web_api_root("", ONLINE_VERSION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line that the process writes: how far it is, what it did, or what went wrong."""

    progress: Progress | None = None
    outcome: SolutionOutcome | None = None
    problem: str = ""
    text: str = ""


def encode_order(order: AdministratorOrder) -> bytes:
    """Write an order as one line."""
    return msgspec.json.encode(asdict(order)) + b"\n"


def decode_order(text: bytes) -> AdministratorOrder:
    """Read an order."""
    return msgspec.json.decode(text, type=AdministratorOrder)


def encode_line(line: Line) -> bytes:
    """Write a line; its texts are kept so that every language can say them."""
    progress, outcome = line.progress, line.outcome
    if progress is not None:
        progress = replace(progress, text=to_kept(progress.text))
    if outcome is not None:
        outcome = replace(outcome, remarks=tuple(map(to_kept, outcome.remarks)))
    kept = replace(line, progress=progress, outcome=outcome, text=to_kept(line.text))
    return msgspec.json.encode(kept) + b"\n"


def decode_line(text: bytes) -> Line:
    """Read a line."""
    kept = msgspec.json.decode(text, type=Line)
    progress, outcome = kept.progress, kept.outcome
    if progress is not None:
        progress = replace(progress, text=from_kept(progress.text))
    if outcome is not None:
        outcome = replace(outcome, remarks=tuple(map(from_kept, outcome.remarks)))
    return replace(kept, progress=progress, outcome=outcome, text=from_kept(kept.text))


def problem_line(problem: Exception) -> Line:
    """Tell a problem that a person can do something about; its subclasses are told as what callers know."""
    for name, kind in _PROBLEMS.items():
        if isinstance(problem, kind):
            return Line(problem=name, text=text_of(problem))
    return Line(problem=ServiceMismatch.__name__, text=unexpected(type(problem).__name__))


def problem_of(line: Line) -> Exception:
    """Make the problem that a line tells."""
    return _PROBLEMS.get(line.problem, ServiceMismatch)(line.text)


def unexpected(what: str) -> str:
    """Say that the process ended otherwise than we know; its inner texts might hold what must not be shown."""
    return translatable(
        "The administrator's process ended unexpectedly ({what}). Nothing of the sign-in was kept. See with "
        "`interlace solution status` what is installed, and run this again.",
        what=what,
    )
