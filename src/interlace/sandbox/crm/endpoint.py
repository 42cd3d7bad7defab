"""The Dataverse Web API: signs callers in, routes calls, renders errors in the service's dialect."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from interlace.odata.error_response import ErrorBody, crm_error_body
from interlace.odata.protocol_error import ProtocolError
from interlace.odata.resource_path import SegmentKind, parse_path
from interlace.sandbox.batch_execution import BatchPolicy
from interlace.sandbox.crm import errors
from interlace.sandbox.crm.access_rights import AccessRights
from interlace.sandbox.crm.call import JSON_HEADER, VERSION_HEADER, Call, parse_call
from interlace.sandbox.crm.callers import Callers
from interlace.sandbox.crm.definitions import Definitions
from interlace.sandbox.crm.operations import Operations
from interlace.sandbox.crm.record_requests import RecordRequests
from interlace.sandbox.crm.records import Author, Records
from interlace.sandbox.crm.references import address_of
from interlace.sandbox.exchange import READ_METHODS, Refusal, Request, Response
from interlace.sandbox.limits import LimitKind, Throttled

_VERSIONS = ("9.2", "9.1", "9.0")
_VERSIONS_ON_PREMISES = ("9.1", "9.0", "8.2")
_BATCH_REQUESTS_MAX = 1_000
_THROTTLING = {
    LimitKind.REQUESTS: (
        errors.THROTTLED_REQUESTS,
        "Number of requests exceeded the limit over time window of 300 seconds.",
    ),
    LimitKind.EXECUTION_TIME: (
        errors.THROTTLED_TIME,
        "Combined execution time of incoming requests exceeded the limit over time window of 300 seconds.",
    ),
    LimitKind.CONCURRENCY: (
        errors.THROTTLED_CONCURRENCY,
        "Number of concurrent requests exceeded the limit.",
    ),
}


def roots_of(organization: str) -> tuple[str, ...]:
    """The service roots of the versions that coexist; on premises they lie below the organization's name."""
    if organization:
        return tuple(f"/{organization}/api/data/v{version}/" for version in _VERSIONS_ON_PREMISES)
    return tuple(f"/api/data/v{version}/" for version in _VERSIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the service answers, and where its callers sign in."""

    roots: Sequence[str]
    authority: str
    """Path of the sign-in service."""


class CrmEndpoint:
    """The service below `/api/data/v9.x/`."""

    def __init__(
        self,
        records: Records,
        requests: RecordRequests,
        operations: Operations,
        definitions: Definitions,
        callers: Callers,
        place: Place,
        rights: AccessRights,
    ) -> None:
        self._records = records
        self._requests = requests
        self._operations = operations
        self._definitions = definitions
        self._callers = callers
        self._place = place
        self._rights = rights
        self._policy = BatchPolicy(
            requests_max=_BATCH_REQUESTS_MAX,
            fails_outside=True,
            too_many_code=errors.INVALID_ARGUMENT,
            isolates=False,
            commits_once=True,
        )

    @property
    def roots(self) -> Sequence[str]:
        """The service roots of the versions that coexist."""
        return self._place.roots

    @property
    def batch_policy(self) -> BatchPolicy:
        """How this service executes `$batch`."""
        return self._policy

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing for what happens inside."""
        return self._records.store.transaction()

    # --- callers

    def sign_in(self, request: Request) -> object:
        """The author behind the bearer token; raises `Refusal` (401) for strangers."""
        user_id = self._user_of(request)
        if user_id is None:
            origin = "/".join(request.service_url.split("/", 3)[:3])
            challenge = (
                f'Bearer authorization_uri="{origin}/{self._place.authority}", resource_id="{origin}/"'
            )
            raise Refusal(
                401,
                "0x80040220",
                "The bearer token is missing, unknown or expired. Get a new one.",
                (("WWW-Authenticate", challenge),),
            )
        self._require_user(user_id)
        impersonated = request.header("mscrmcallerid") or request.header("callerobjectid")
        if impersonated is not None:
            self._require_user(impersonated.lower())
            return Author(impersonated.lower(), user_id)
        return Author(user_id)

    def _user_of(self, request: Request) -> str | None:
        if request.account:
            return self._callers.of_account(request.account)
        scheme, _, token = (request.header("authorization") or "").partition(" ")
        return self._callers.caller(token.strip()) if scheme.lower() == "bearer" else None

    def _require_user(self, user_id: str) -> None:
        user = self._records.row("systemuser", user_id)
        if user is None:
            raise Refusal(403, errors.USER_NOT_MEMBER, "The user is not a member of the organization.")
        if user["isdisabled"]:
            raise Refusal(403, errors.USER_NOT_ENABLED, f"The user with id {user_id} is disabled.")

    def throttled(self, reason: Throttled) -> Refusal:
        """The refusal of a request above a limit."""
        if reason.kind not in _THROTTLING:
            return Refusal(503, errors.UNEXPECTED, "The service is not available for now.")
        code, message = _THROTTLING[reason.kind]
        used_up = {
            LimitKind.REQUESTS: (("x-ms-ratelimit-burst-remaining-xrm-requests", "0"),),
            LimitKind.EXECUTION_TIME: (("x-ms-ratelimit-time-remaining-xrm-requests", "0.00"),),
        }
        headers = (("Retry-After", str(reason.retry_after_seconds)), *used_up.get(reason.kind, ()))
        return Refusal(429, code, message, headers)

    def limit_headers(self, requests_left: int, seconds_left: float) -> tuple[tuple[str, str], ...]:
        """Headers that tell the caller what is left."""
        return (
            ("x-ms-ratelimit-burst-remaining-xrm-requests", str(requests_left)),
            ("x-ms-ratelimit-time-remaining-xrm-requests", f"{seconds_left:,.2f}"),
            ("x-ms-dop-hint", "10"),
        )

    # --- calls

    def handle(self, request: Request) -> Response:
        """Executes one request that is no batch; raises `Refusal`."""
        author = request.caller
        assert isinstance(author, Author), "the edge signs callers in"
        try:
            self._operations.imports.advance()
            call = parse_call(request, parse_path(request.path), author)
            if request.method in READ_METHODS:
                self._records.begin_request()
                return self._route(call)
            with self._records.store.transaction():
                self._records.begin_request()
                return self._route(call)
        except ProtocolError as error:
            raise errors.feature_refused(error.message) from error

    def _route(self, call: Call) -> Response:
        segments = call.segments
        if not segments:
            return self._definitions.service_document(call)
        first = segments[0]
        if first.kind is SegmentKind.METADATA:
            return self._definitions.metadata_document(call)
        table = self._records.schema.by_set_name.get(first.name)
        if table is not None:
            last = segments[-1]
            if last.is_qualified and len(segments) > 1:
                return self._bound(call)
            return self._requests.answer(call, table)
        if self._definitions.knows(first.name):
            return self._definitions.answer(call)
        name = first.local_name if first.is_qualified else first.name
        operation = self._operations.find(name, call.request.method)
        if operation is None:
            raise errors.missing_resource(first.name)
        self._rights.require_operation(call.author, name)
        return operation(call)

    def _bound(self, call: Call) -> Response:
        segments = call.segments
        table = self._records.schema.by_set_name[segments[0].name]
        name = segments[-1].local_name
        predicate = segments[0].predicate
        if predicate is None:
            operation = self._operations.find(name, call.request.method)
            return operation(call) if operation is not None else self._requests.answer(call, table)
        self._rights.require_operation(call.author, name)
        record_id = self._records.resolve(address_of(table, predicate))
        # What one may do oneself, everybody may ask.
        if not (name.startswith("RetrieveUserPrivilege") and record_id == call.author.user_id):
            self._rights.require(call.author, "Read" if call.request.method == "GET" else "Write", table)
        if record_id is None:
            raise errors.missing_record(table.logical_name, str(predicate))
        return self._operations.bound(call, table, record_id, name)

    def render(self, refusal: Refusal, request: Request) -> Response:
        """The error answer as Dataverse writes it."""
        body = crm_error_body(ErrorBody(code=refusal.code, message=refusal.message))
        headers = (JSON_HEADER, VERSION_HEADER, ("REQ_ID", self._records.ids.next_id()), *refusal.headers)
        return Response(status=refusal.status, headers=headers, body=body)
