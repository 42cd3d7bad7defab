"""Requests of an administrator to the CRM that concern no mapped record: what they got, or in words why not."""

from typing import TypeVar

import msgspec

from interlace.connectors.classify import service_error
from interlace.connectors.collection import CollectionReader
from interlace.connectors.dataverse.writing import SERVICE
from interlace.connectors.http import HttpChannel
from interlace.connectors.http_message import (
    ForeignAddress,
    HttpAnswer,
    HttpRequest,
    NothingSent,
    RequestFailed,
)
from interlace.connectors.query import address
from interlace.engine.service import ServiceFailure, ServiceMismatch, ServiceUnavailable, SignInRefused
from interlace.locale.translatable import as_sentence, text_of, translatable

Document = TypeVar("Document")
_HEADERS = {"OData-MaxVersion": "4.0", "OData-Version": "4.0"}
_BUSY = frozenset({408, 425, 429})


class AnswerLost(ServiceUnavailable):
    """A request was sent and no complete answer came: the CRM may be doing what it was asked for."""


class RequestRefused(ServiceMismatch):
    """The CRM refused a request for good; `code` is its own."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class Administration:
    """One organization, below the root of its Web API, asked by somebody who may administer it."""

    def __init__(self, channel: HttpChannel, root: str = "/api/data/v9.2/") -> None:
        self._channel = channel
        self._root = root
        self._reader = CollectionReader(channel, SERVICE, _HEADERS)

    async def read(self, path: str, kind: type[Document], **options: str) -> Document:
        """Get a document; the options are query options without their dollar sign."""
        named = {f"${name}": text for name, text in options.items()}
        return await self._reader.document(address(f"{self._root}{path}", named), kind)

    async def perform(self, path: str, body: object, deed: str, *, repeatable: bool = False) -> bytes:
        """Have something done; `deed` says what, for the message when it is refused."""
        request = HttpRequest(
            method="POST",
            unguarded=True,
            url=f"{self._root}{path}",
            headers={**_HEADERS, "Content-Type": "application/json"},
            body=msgspec.json.encode(body),
            repeatable=repeatable,
        )
        return await self._send(request, deed)

    async def change(self, path: str, body: object, deed: str) -> None:
        """Change a record that is there."""
        headers = {**_HEADERS, "Content-Type": "application/json", "If-Match": "*"}
        content = msgspec.json.encode(body)
        await self._send(
            HttpRequest(method="PATCH", url=f"{self._root}{path}", headers=headers, body=content), deed
        )

    async def replace(self, path: str, body: object, deed: str) -> None:
        """Put a whole definition in the place of the one that is there; labels of other languages stay."""
        headers = {**_HEADERS, "Content-Type": "application/json", "MSCRM.MergeLabels": "true"}
        content = msgspec.json.encode(body)
        await self._send(
            HttpRequest(method="PUT", url=f"{self._root}{path}", headers=headers, body=content), deed
        )

    async def delete(self, path: str, deed: str) -> None:
        """Delete a record."""
        await self._send(HttpRequest(method="DELETE", url=f"{self._root}{path}", headers=_HEADERS), deed)

    def reference(self, path: str) -> dict[str, str]:
        """Name a record in a request by its address."""
        return {"@odata.id": f"{self._channel.origin}{self._root}{path}"}

    async def _send(self, request: HttpRequest, deed: str) -> bytes:
        try:
            answer = await self._channel.send(request)
        except NothingSent as error:
            raise ServiceUnavailable(
                translatable("The CRM can't be reached: {problem}", problem=as_sentence(text_of(error))),
                error.retry_after_seconds,
            ) from error
        except RequestFailed as error:
            raise AnswerLost(
                translatable(
                    "The CRM's answer was lost when we were to {deed}: {problem}",
                    deed=as_sentence(deed),
                    problem=as_sentence(text_of(error)),
                )
            ) from error
        except ForeignAddress as error:
            raise ServiceMismatch(text_of(error)) from error
        if not answer.is_success:
            raise _refusal(answer, deed)
        return answer.body


def _refusal(answer: HttpAnswer, deed: str) -> ServiceFailure:
    error = service_error(answer.body)
    said = (error.message or f"status {answer.status}").rstrip(".")
    said += f" ({error.code})" if error.code else ""
    if answer.status == 401:
        return SignInRefused(
            translatable(
                "The CRM does not accept the administrator's sign-in. Check user, key or secret, and that "
                "the account belongs to this organization."
            )
        )
    if answer.status == 403:
        return SignInRefused(
            translatable(
                "The CRM does not let this account {deed}: {said}. Sign in with an account that has the "
                "roles System Administrator and System Customizer.",
                deed=as_sentence(deed),
                said=said,
            )
        )
    if answer.status in _BUSY or answer.status >= 500:
        return ServiceUnavailable(
            translatable(
                "The CRM could not {deed} now: {said}. Try again later.", deed=as_sentence(deed), said=said
            )
        )
    return RequestRefused(
        translatable("The CRM refused to {deed}: {said}.", deed=as_sentence(deed), said=said), error.code
    )
