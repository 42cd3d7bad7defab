"""Reads collections over a channel; what concerns no single record becomes a ServiceFailure."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import TypeVar
from xml.etree.ElementTree import ParseError

import msgspec

from interlace.connectors.answer_limits import TOO_DEEP, check_document
from interlace.connectors.classify import service_error
from interlace.connectors.http import HttpChannel
from interlace.connectors.http_message import (
    AnswerOverLimit,
    ForeignAddress,
    HttpAnswer,
    HttpRequest,
    RequestFailed,
)
from interlace.connectors.odata_table import ListingTrail, RawPage, split_page
from interlace.engine.service import ServiceFailure, ServiceMismatch, ServiceUnavailable, SignInRefused
from interlace.locale.translatable import as_sentence, text_of, translatable
from interlace.odata.edm import Model
from interlace.odata.metadata_reader import parse_metadata
from interlace.odata.protocol_error import ProtocolError

Document = TypeVar("Document")


class CollectionReader:
    """Gets documents and pages from one service."""

    def __init__(self, channel: HttpChannel, service: str, headers: Mapping[str, str] | None = None) -> None:
        self.channel = channel
        # Messages begin with it.
        self.service = service[:1].upper() + service[1:]
        self._headers = dict(headers or {})
        self._trail = ListingTrail()

    async def send(self, request: HttpRequest) -> HttpAnswer:
        """Send any request that only reads; raises a ServiceFailure unless it succeeds."""
        answer = await self._ask(request)
        try:
            check_document(answer.body)
        except AnswerOverLimit as error:
            raise self._over_limit(request.url, error.what) from error
        return answer

    async def _ask(self, request: HttpRequest) -> HttpAnswer:
        """Send a request whose answer is checked by who decodes it."""
        try:
            answer = await self.channel.send(request)
        except AnswerOverLimit as error:
            raise self._over_limit(request.url, error.what) from error
        except RequestFailed as error:
            message = translatable(
                "{service} does not answer: {problem}. See that it runs and can be reached.",
                service=self.service,
                problem=as_sentence(text_of(error)),
            )
            raise ServiceUnavailable(message, error.retry_after_seconds) from error
        except ForeignAddress as error:
            raise ServiceMismatch(text_of(error)) from error
        if not answer.is_success:
            raise self._failure(request.url, answer)
        return answer

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """Get a document."""
        return await self.send(
            HttpRequest(method="GET", url=url, headers={**self._headers, **(headers or {})})
        )

    async def document(
        self, url: str, kind: type[Document], headers: Mapping[str, str] | None = None
    ) -> Document:
        """Get a JSON document of a kind."""
        decoder = msgspec.json.Decoder(kind)

        def checked(body: bytes) -> Document:
            """Check a part that has come."""
            check_document(body)
            return decoder.decode(body)

        return await self._read(url, checked, headers)

    async def model(self, root: str) -> Model:
        """Get the metadata document of a service root."""
        return await self._read(f"{root}$metadata", parse_metadata, {"Accept": "application/xml"})

    async def number(self, url: str) -> int:
        """Get a whole number that is a document of its own."""
        return await self._read(url, lambda body: int(body.decode("utf-8-sig")))

    async def page(self, url: str, *, page_size: int, prefer: str = "") -> RawPage:
        """Get one page of a collection."""
        wishes = f"odata.maxpagesize={page_size}" + (f",{prefer}" if prefer else "")
        return await self._read(url, split_page, {"Prefer": wishes})

    async def _read(
        self, url: str, decode: Callable[[bytes], Document], headers: Mapping[str, str] | None = None
    ) -> Document:
        """Get and decode a document; one that something on the way has cut or garbled is asked for again."""
        attempt = 0
        request = HttpRequest(method="GET", url=url, headers={**self._headers, **(headers or {})})
        while True:
            try:
                answer = await self._ask(request)
                return decode(answer.body)
            except RecursionError as error:
                raise self._over_limit(url, TOO_DEEP) from error
            except AnswerOverLimit as error:
                raise self._over_limit(url, error.what) from error
            except (msgspec.DecodeError, ProtocolError, ValueError) as error:
                attempt += 1
                if attempt > self.channel.retries_max:
                    raise self._unreadable(url, answer, error) from error
                await self.channel.back_off(attempt)

    async def page_of_listing(self, url: str, after: str | None, *, page_size: int) -> RawPage:
        """Get the page behind a continuation, or the first; raises when the continuations go in circles."""
        page = await self.page(after or url, page_size=page_size)
        self._trail.follow(after, page.next_link)
        return page

    async def pages(self, url: str, *, page_size: int, prefer: str = "") -> AsyncIterator[RawPage]:
        """Get every page of a collection, one after the other."""
        link: str | None = url
        seen: set[str] = set()
        while link is not None:
            page = await self.page(link, page_size=page_size, prefer=prefer)
            yield page
            seen.add(link)
            link = page.next_link
            if link in seen:
                raise ServiceMismatch(
                    translatable(
                        "{service} sends the continuation {link} in circles.",
                        service=self.service,
                        link=repr(link),
                    )
                )

    async def everything(self, url: str, *, page_size: int) -> list[msgspec.Raw]:
        """Get all records of a collection that is known to be small."""
        records: list[msgspec.Raw] = []
        async for page in self.pages(url, page_size=page_size):
            records.extend(page.records)
        return records

    def _over_limit(self, url: str, what: str) -> ServiceMismatch:
        return ServiceMismatch(
            translatable(
                "{service} answered the request for {path} with {what}. No service sends that by itself, so nothing "
                "of it was used. See that the connection's address leads to the service itself.",
                service=self.service,
                path=url.partition("?")[0],
                what=as_sentence(what),
            )
        )

    def _unreadable(self, url: str, answer: HttpAnswer, error: Exception) -> ServiceFailure:
        values = {"service": self.service, "path": url.partition("?")[0], "problem": str(error)}
        if _is_damaged(answer, error):
            return ServiceUnavailable(
                translatable(
                    "{service} answered the request for {path} several times with something that can't be read: "
                    "{problem} The next run asks again. If that goes on, see what lies between us and the service.",
                    **values,
                )
            )
        return ServiceMismatch(
            translatable(
                "{service} answered the request for {path} with something else: {problem} "
                "See that the address leads to the service itself and not to a sign-in page or proxy.",
                **values,
            )
        )

    def _failure(self, url: str, answer: HttpAnswer) -> Exception:
        error = service_error(answer.body)
        code = f" ({error.code})" if error.code else ""
        values = {
            "service": self.service,
            "path": url.partition("?")[0],
            "status": str(answer.status),
            "said": (error.message or f"status {answer.status}") + code,
        }
        if answer.status == 401:
            return SignInRefused(
                translatable(
                    "{service} does not accept our sign-in. Check the connection's user, key or secret.",
                    **values,
                )
            )
        if answer.status == 403:
            return SignInRefused(
                translatable(
                    "{service} does not let our user read {path}: {said}. Give the user the missing right.",
                    **values,
                )
            )
        if answer.status in (408, 425, 429) or (answer.status >= 500 and answer.status != 501):
            return ServiceUnavailable(translatable("{service} answered {status}: {said}.", **values))
        refused = translatable("{service} refused to read {path}: {said}.", **values)
        return ReadRefused(refused, answer.status, error.code)


def _is_damaged(answer: HttpAnswer, error: Exception) -> bool:
    """Tell an answer that was cut or garbled on its way from a whole one that is none of ours."""
    is_page = b"<html" in answer.body[:1000].lower()
    if is_page or isinstance(error, msgspec.ValidationError):
        return False
    return not isinstance(error, ProtocolError) or isinstance(error.__cause__, ParseError)


class ReadRefused(ServiceMismatch):
    """A read was refused for good; status and code say why."""

    def __init__(self, message: str, status: int, code: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
