"""Executes `$batch` requests against an endpoint: order, change sets, references, outer status."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from interlace.odata import json_batch, multipart_batch
from interlace.odata.batch import (
    BatchAnswer,
    BatchItem,
    BatchRequest,
    BatchResponse,
    ChangeSet,
    ChangeSetResponse,
    requests_of,
    resolve_references,
    target_of,
)
from interlace.odata.prefer import parse_prefer
from interlace.odata.protocol_error import ProtocolError
from interlace.sandbox.exchange import READ_METHODS, LoggedRequest, Refusal, Request, RequestLog, Response


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPolicy:
    """What differs between services.

    `fails_outside` answers the whole batch with 400 and the first failure alone where the client did not
    ask to continue on error; otherwise the outer status stays 200 and the answers end with the failure.
    `isolates` honours `Isolation: snapshot`: the batch is one transaction that the first failure undoes
    (earlier answers still say what they said). `commits_once` keeps the effects of all parts by one commit
    at the end; failed parts are undone alone. Nobody sees the difference, and a commit is most of the cost
    of a small write.
    """

    requests_max: int
    fails_outside: bool
    too_many_code: str = "BadRequest"
    isolates: bool = True
    commits_once: bool = False


class BatchEndpoint(Protocol):
    """What batch execution needs of an endpoint."""

    @property
    def batch_policy(self) -> BatchPolicy:
        """How this service executes `$batch`."""
        ...

    def handle(self, request: Request) -> Response:
        """Executes one request that is no batch; raises `Refusal`."""
        ...

    def render(self, refusal: Refusal, request: Request) -> Response:
        """The error answer in the dialect of the service."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing for what happens inside."""
        ...


class _Undone(Exception):
    """Leaves a transaction that shall not be kept; `answer` says why."""

    def __init__(self, answer: BatchResponse) -> None:
        super().__init__()
        self.answer = answer


def execute_batch(endpoint: BatchEndpoint, request: Request, log: RequestLog) -> Response:
    """The answer to a whole batch; raises `Refusal` when the batch itself is malformed."""
    content_type = request.header("content-type") or ""
    is_multipart = multipart_batch.is_multipart(content_type)
    try:
        if is_multipart:
            items = multipart_batch.parse_batch(content_type, request.body)
        else:
            items = json_batch.parse_batch(request.body)
    except ProtocolError as error:
        raise Refusal(400, endpoint.batch_policy.too_many_code, error.message) from error
    if len(requests_of(items)) > endpoint.batch_policy.requests_max:
        raise Refusal(
            400,
            endpoint.batch_policy.too_many_code,
            f"A batch holds at most {endpoint.batch_policy.requests_max} requests.",
        )
    answers = _Execution(endpoint, request, log).run(items)
    failed = isinstance(answers[-1], BatchResponse) and not answers[-1].succeeded if answers else False
    continues = parse_prefer(request.header("prefer")).continue_on_error
    status = 200
    if failed and not continues and endpoint.batch_policy.fails_outside:
        status, answers = 400, answers[-1:]
    if is_multipart:
        written = multipart_batch.render_batch_response(answers, boundary=str(uuid.uuid4()))
        content, body = written.content_type, written.body
    else:
        content, body = "application/json; charset=utf-8", json_batch.render_batch_response(answers)
    return Response(status=status, headers=(("Content-Type", content), ("OData-Version", "4.0")), body=body)


class _Execution:
    """One batch on its way; knows the addresses of what it created."""

    def __init__(self, endpoint: BatchEndpoint, outer: Request, log: RequestLog) -> None:
        self._endpoint = endpoint
        self._outer = outer
        self._log = log
        self._locations: dict[str, str] = {}
        self._failed: set[str] = set()
        self._given: list[BatchAnswer] = []
        self._service_path = urlsplit(outer.service_url).path

    def run(self, items: Sequence[BatchItem]) -> list[BatchAnswer]:
        continues = parse_prefer(self._outer.header("prefer")).continue_on_error
        isolated = self._endpoint.batch_policy.isolates and self._outer.header("isolation") == "snapshot"
        whole = isolated or self._endpoint.batch_policy.commits_once
        with contextlib.suppress(_Undone), self._endpoint.transaction() if whole else nullcontext():
            return self._answers(items, continues=continues, isolated=isolated)
        return self._given

    def _answers(self, items: Sequence[BatchItem], *, continues: bool, isolated: bool) -> list[BatchAnswer]:
        for item in items:
            answer = self._item(item)
            self._given.append(answer)
            if isinstance(answer, BatchResponse) and not answer.succeeded and not continues:
                if isolated:
                    raise _Undone(answer)
                break
        return self._given

    def _item(self, item: BatchItem) -> BatchAnswer:
        if isinstance(item, BatchRequest):
            return self._request(item)
        try:
            with self._endpoint.transaction():
                return ChangeSetResponse(responses=tuple(self._members(item)), id=item.id)
        except _Undone as undone:
            return undone.answer

    def _members(self, item: ChangeSet) -> Iterator[BatchResponse]:
        for member in item.requests:
            if member.method in READ_METHODS:
                refusal = Refusal(
                    400, self._endpoint.batch_policy.too_many_code, "A change set holds no reads."
                )
                raise _Undone(self._refused(member, refusal))
            answer = self._request(member)
            if not answer.succeeded:
                raise _Undone(answer)
            yield answer

    def _request(self, each: BatchRequest) -> BatchResponse:
        if any(name in self._failed for name in each.depends_on):
            refusal = Refusal(424, "FailedDependency", "A request that this one depends on has failed.")
            answer = self._refused(each, refusal)
        else:
            answer = self._execute(each)
        if each.content_id is not None:
            location = answer.header("OData-EntityId") or answer.header("Location")
            if location is not None:
                self._locations[each.content_id] = location
            if not answer.succeeded:
                self._failed.add(each.content_id)
        return answer

    def _execute(self, each: BatchRequest) -> BatchResponse:
        try:
            resolved = resolve_references(each, self._locations)
            target = target_of(resolved.url, self._service_path)
        except ProtocolError as error:
            return self._refused(each, Refusal(400, self._endpoint.batch_policy.too_many_code, error.message))
        request = Request(
            method=resolved.method,
            path=target.path,
            query=target.query,
            headers=resolved.headers,
            body=resolved.body,
            service_url=self._outer.service_url,
            caller=self._outer.caller,
        )
        try:
            response = self._endpoint.handle(request)
        except Refusal as refusal:
            response = self._endpoint.render(refusal, request)
        line = LoggedRequest(method=request.method, path=request.path, status=response.status, in_batch=True)
        self._log.add(line)
        return BatchResponse(
            status=response.status,
            headers=response.headers,
            body=response.body,
            content_id=each.content_id,
        )

    def _refused(self, each: BatchRequest, refusal: Refusal) -> BatchResponse:
        response = self._endpoint.render(refusal, self._outer)
        return BatchResponse(
            status=response.status,
            headers=response.headers,
            body=response.body,
            content_id=each.content_id,
        )
