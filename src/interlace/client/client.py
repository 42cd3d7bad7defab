"""Asks operations over HTTP; what is refused comes back as the Refused that the desk raised."""

import re
import ssl
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from interlace.client.unanswered import Unanswered
from interlace.locale.translatable import translatable
from interlace.management.operation import AnyOperation, Effect, Operation
from interlace.management.refusal import RefusalKind, Refused

API: Final = "/api/v1"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})

_KEY: Final = re.compile(r"[A-Za-z0-9+/_=-]{20,200}")

AskedT = TypeVar("AskedT", bound=msgspec.Struct)
AnswerT = TypeVar("AnswerT", bound=msgspec.Struct)


class _Error(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    kind: str
    why: str = ""
    next_step: str = ""
    code: str = ""
    fields: dict[str, str] = msgspec.field(default_factory=dict)


class _Refusal(msgspec.Struct, frozen=True, kw_only=True):
    error: _Error


class Client:
    """One server and one access key; use as a context manager."""

    def __init__(self, address: str, key: str, *, timeout_seconds: float = 60.0, ca_file: str = "") -> None:
        """Keep the address and the key; raises Unanswered for one that would send the key readable over a network.

        `ca_file` is a PEM file with a private authority; the server's certificate is always checked.
        """
        parts = urlsplit(address)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise Unanswered(
                translatable(
                    "{address} is not https: the access key would be readable on the way. Use https.",
                    address=address,
                )
            )
        if not _KEY.fullmatch(key):
            # Whatever it is, it is not repeated here.
            raise Unanswered(
                translatable(
                    "The access key can't be one: give the key alone, as it was shown when it was made."
                )
            )
        self._http = httpx.Client(
            base_url=address.rstrip("/"),
            headers={"Authorization": f"Bearer {key}", "Accept": "application/json"},
            timeout=timeout_seconds,
            verify=ssl.create_default_context(cafile=ca_file or None),
            # A proxy of the environment would get what goes to this machine unencrypted, with the key.
            trust_env=parts.scheme == "https",
            follow_redirects=False,
        )
        self._address = address

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connections."""
        self._http.close()

    def ask(self, operation: Operation[AskedT, AnswerT], asked: AskedT) -> AnswerT:
        """Ask an operation; raises Refused when it is not done, Unanswered when the server does not answer."""
        content = self._sent(operation, msgspec.to_builtins(asked, str_keys=True))
        try:
            return msgspec.json.decode(content, type=operation.answer)
        except msgspec.DecodeError as problem:
            raise Unanswered(
                translatable(
                    "{address} answers {operation} otherwise than this version expects: {problem}. Use the "
                    "client of the server's version.",
                    address=self._address,
                    operation=operation.name,
                    problem=str(problem),
                )
            ) from problem

    def ask_plain(self, operation: AnyOperation, fields: dict[str, Any]) -> Any:  # noqa: ANN401 - as JSON has it
        """Ask an operation with plain values, and return its answer as plain values."""
        return msgspec.json.decode(self._sent(operation, fields))

    def _sent(self, operation: Operation[Any, Any], fields: dict[str, Any]) -> bytes:
        path = f"{API}/{operation.address}"
        try:
            if operation.effect is Effect.READS:
                answer = self._http.get(path, params=_parameters(fields))
            else:
                answer = self._http.post(
                    path,
                    content=msgspec.json.encode(fields),
                    headers={"Content-Type": "application/json"},
                )
        except httpx.HTTPError as problem:
            raise Unanswered(
                translatable(
                    "{address} does not answer: {problem}. See that the server runs and that the address is "
                    "right.",
                    address=self._address,
                    problem=str(problem),
                )
            ) from problem
        if answer.is_success:
            return answer.content
        raise self._refusal(answer)

    def _refusal(self, answer: httpx.Response) -> Exception:
        try:
            error = msgspec.json.decode(answer.content, type=_Refusal).error
            kind = RefusalKind(error.kind)
        except (msgspec.DecodeError, ValueError):
            return Unanswered(
                translatable(
                    "{address} answers with {status}, and not as Interlace does. See that the address is the "
                    "server's.",
                    address=self._address,
                    status=str(answer.status_code),
                )
            )
        return Refused(
            kind,
            error.title,
            why=error.why,
            next_step=error.next_step,
            code=error.code,
            fields=error.fields,
        )


def _parameters(fields: dict[str, Any]) -> httpx.QueryParams:
    """Write fields as parameters of an address: lists by repetition, mappings with a dot."""
    pairs: list[tuple[str, str]] = []
    for name, value in fields.items():
        if isinstance(value, dict):
            pairs += [(f"{name}.{inner}", _text(each)) for inner, each in value.items()]
        elif isinstance(value, list | tuple):
            pairs += [(name, _text(each)) for each in value]
        elif value is not None:
            pairs.append((name, _text(value)))
    return httpx.QueryParams(tuple(pairs))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
