"""One OData root of the embedded ERP: API v2.0 or the page web services, over the same records."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from interlace.odata.entity import collection_body, entity_body
from interlace.odata.error_response import ErrorBody, erp_error_body
from interlace.odata.etag import EntityTag, parse_condition, parse_tag
from interlace.odata.keys import format_key
from interlace.odata.metadata import render_metadata
from interlace.odata.prefer import parse_prefer
from interlace.odata.protocol_error import (
    FilterTypeMismatch,
    ProtocolError,
    QueryOptionError,
    UnsupportedFeature,
)
from interlace.odata.query_options import ERP_QUERY_POLICY, QueryOptions, parse_query
from interlace.odata.resource_path import Segment, SegmentKind
from interlace.sandbox import json_codec
from interlace.sandbox.batch_execution import BatchPolicy
from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.addressing import Address, Addressing, is_company_segment, segments_of
from interlace.sandbox.erp.application import Application
from interlace.sandbox.erp.bound_actions import BOUND_ACTIONS
from interlace.sandbox.erp.company import Company, company_entity
from interlace.sandbox.erp.draft_reading import DraftReading
from interlace.sandbox.erp.metadata_model import build_model
from interlace.sandbox.erp.permissions import PERMISSION_PAGE
from interlace.sandbox.erp.record_layout import Record, etag
from interlace.sandbox.erp.sales_document_sets import with_drafts
from interlace.sandbox.erp.set_declaration import PublishedSet
from interlace.sandbox.erp.set_reading import PAGE_ROWS_MAX, SetReading
from interlace.sandbox.erp.set_writing import SetWriting, parse_object
from interlace.sandbox.erp.subscription_requests import SubscriptionRequests
from interlace.sandbox.erp.user_requests import USER_ACTIONS, USERS_PAGE, UserRequests
from interlace.sandbox.erp.users import Users
from interlace.sandbox.exchange import Refusal, Request, Response
from interlace.sandbox.limits import Throttled
from interlace.sandbox.stored_table import StoredRecord

_QUERY_LENGTH_MAX = 8_099
_BATCH_REQUESTS_MAX = 100
_BOM = b"\xef\xbb\xbf"
_LINE_SETS = frozenset(
    {
        "salesQuoteLines",
        "salesOrderLines",
        "salesInvoiceLines",
        "salesCreditMemoLines",
        "salesShipmentLines",
    }
)
_ACTION_NAMESPACES = frozenset({"Microsoft.NAV", "NAV"})


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointOptions:
    """What differs between the roots, and the switches of the service."""

    roots: tuple[str, ...]
    is_api: bool
    editable_ids: bool = False
    count_with_bom: bool = True
    has_batch: bool = True
    page_rows_max: int = PAGE_ROWS_MAX


class ErpEndpoint:
    """Answers the requests below one kind of root."""

    def __init__(
        self,
        erp: Application,
        company: Company,
        users: Users,
        sets: Mapping[str, PublishedSet],
        options: EndpointOptions,
        subscriptions: SubscriptionRequests | None = None,
    ) -> None:
        self._erp = erp
        self._subscriptions = subscriptions
        self._metadata_body: bytes | None = None
        self._records = erp.records
        self._company = company
        self._users = users
        self._user_requests = UserRequests(erp.records, users)
        self._sets = sets
        self._options = options
        every = with_drafts(sets)
        self._addressing = Addressing(erp.records, company, every)
        self._reading = SetReading(erp.records, every, company.id.encode())
        self._drafts = DraftReading(self._reading, company.id.encode())
        self._writing = SetWriting(erp, every, editable_ids=options.editable_ids)

    # --- what the HTTP edge asks

    @property
    def roots(self) -> Sequence[str]:
        """Paths of the service root."""
        return self._options.roots

    @property
    def batch_policy(self) -> BatchPolicy:
        """A batch always answers 200 and stops at its first failure."""
        requests_max = _BATCH_REQUESTS_MAX if self._options.has_batch else 0
        return BatchPolicy(
            requests_max=requests_max, fails_outside=False, too_many_code="Unknown", isolates=True
        )

    def sign_in(self, request: Request) -> object:
        """The user of a request."""
        return self._users.sign_in(request)

    def throttled(self, reason: Throttled) -> Refusal:
        """The refusal of a request above a limit; none of them says when there is room again."""
        status, code, message = refusals.THROTTLING.get(reason.kind, refusals.TOO_MANY)
        return Refusal(status, code, message.format(actual=reason.actual, maximum=reason.maximum))

    def limit_headers(self, requests_left: int, seconds_left: float) -> tuple[tuple[str, str], ...]:
        """The service doesn't tell what is left."""
        return ()

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing for what happens inside."""
        return self._records.transaction()

    def render(self, refusal: Refusal, request: Request) -> Response:
        """The error answer."""
        body = erp_error_body(
            ErrorBody(code=refusal.code, message=refusal.message, correlation_id=self._records.ids.next_id())
        )
        return Response(status=refusal.status, headers=(*_JSON_HEADERS, *refusal.headers), body=body)

    def handle(self, request: Request) -> Response:
        """Execute one request."""
        self._users.act_as(request.caller)
        if len(request.query) > _QUERY_LENGTH_MAX:
            raise Refusal(
                414, "BadRequest_InvalidRequestUrl", "The query string is longer than 8099 characters."
            )
        try:
            options = parse_query(request.query, ERP_QUERY_POLICY)
            return self._dispatch(request, options)
        except QueryOptionError as error:
            raise Refusal(400, "BadRequest", error.message) from error
        except UnsupportedFeature as error:
            raise refusals.not_supported(error.message) from error
        except FilterTypeMismatch as error:
            raise refusals.bad_body(error.message) from error
        except ProtocolError as error:
            raise refusals.bad_url(f"The address can't be read: {error.message}") from error

    # --- dispatch

    def _dispatch(self, request: Request, options: QueryOptions) -> Response:
        segments = segments_of(request)
        if self._subscriptions is not None and segments and segments[0].name == "subscriptions":
            return self._subscriptions.handle(request, segments[0])
        company: Segment | None = None
        if segments and is_company_segment(segments[0]):
            company, *rest = segments
            if company.predicate is None:
                return self._companies(request, tuple(rest))
            segments = tuple(rest)
        self._addressing.check_company(request, options, company)
        if not segments:
            return self._root(request, company)
        if segments[0].kind is SegmentKind.METADATA:
            return self._metadata(request)
        address = self._addressing.resolve(segments)
        if address.record is not None and len(address.rest) == 1 and address.rest[0].is_qualified:
            return self._act(request, address, address.rest[0])
        if address.published is None or (address.rest and not address.is_count):
            raise refusals.unknown_segment(str((address.rest or segments)[-1]))
        self._user_requests.check(request, address.published, address.record)
        if address.record is None or address.is_count:
            return self._collection(request, options, address, address.published)
        return self._single(request, options, address.published, address.record)

    def _collection(
        self, request: Request, options: QueryOptions, address: Address, published: PublishedSet
    ) -> Response:
        match request.method:
            case "GET" if address.is_count:
                total = self._drafts.count(published, options, tuple(address.scope.items()))
                prefix = _BOM if self._options.count_with_bom else b""
                headers = (("Content-Type", "text/plain"), ("OData-Version", "4.0"))
                return Response(status=200, headers=headers, body=prefix + str(total).encode())
            case "GET":
                return self._page(request, options, address, published)
            case "POST" if not address.is_count:
                published = published.drafts or published
                if not published.insert:
                    raise refusals.operation_not_allowed("Insert", published.name)
                record = self._writing.create(published, parse_object(request.body), address.scope)
                return self._created(request, options, published, record)
            case _:
                raise refusals.method_not_allowed(request.method, address.segment)

    def _page(
        self, request: Request, options: QueryOptions, address: Address, published: PublishedSet
    ) -> Response:
        if published.name in _LINE_SETS and not address.scope and not _names_document(options):
            raise refusals.dialog(
                "You must specify an Id or a Document Id to get the lines. Read them through their document."
            )
        preferred = parse_prefer(request.header("prefer")).page_size
        most = self._options.page_rows_max
        rows_max = min(preferred or most, most)
        scope = dict(address.scope)
        if published.name == PERMISSION_PAGE:
            # Everybody sees his own.
            self._users.permissions.make_visible(self._records.user)
            scope["User_Name"] = self._records.user
        page = self._drafts.page(published, options, tuple(scope.items()), rows_max)
        link = None
        if page.next_token is not None:
            following = replace(
                options,
                skip=None,
                top=page.top_left,
                skip_token=page.next_token,
                custom=(*(pair for pair in options.custom if pair[0] != "aid"), ("aid", "FIN")),
            )
            link = f"{request.service_url}{request.path}?{following.to_query()}"
        body = collection_body(
            page.records, context=self._context(request, published), count=page.count, next_link=link
        )
        headers: tuple[tuple[str, str], ...] = _JSON_HEADERS
        if preferred is not None:
            headers = (*headers, ("Preference-Applied", f"odata.maxpagesize={rows_max}"))
        return Response(status=200, headers=headers, body=body)

    def _single(
        self, request: Request, options: QueryOptions, published: PublishedSet, record: Record
    ) -> Response:
        match request.method:
            case "GET":
                return self._answer(request, options, published, record, 200)
            case "PATCH" | "PUT":
                if not published.modify:
                    raise refusals.operation_not_allowed("Modify", published.name)
                self._check_tag(request, record, needed=True)
                changed = self._writing.change(published, record, parse_object(request.body))
                return self._answer(request, options, published, changed, 200)
            case "DELETE":
                if not published.delete:
                    raise refusals.operation_not_allowed("Delete", published.name)
                self._check_tag(request, record, needed=False)
                self._erp.delete(record)
                return Response(status=204, headers=(("OData-Version", "4.0"),))
            case _:
                raise refusals.method_not_allowed(request.method, published.name)

    def _act(self, request: Request, address: Address, segment: Segment) -> Response:
        """Call an action on a record; the answer points to what came of it."""
        published, record = address.published, address.record
        assert published is not None, "an address with a record has a set"
        assert record is not None, "an action is called on a record"
        action = BOUND_ACTIONS.get(published.name, {}).get(segment.local_name)
        of_users = published.name == USERS_PAGE and segment.local_name in USER_ACTIONS
        if not (action or of_users) or segment.namespace not in _ACTION_NAMESPACES:
            raise refusals.unknown_segment(segment.name)
        if request.method != "POST":
            raise refusals.method_not_allowed(request.method, segment.name)
        self._user_requests.check(request, published, record)
        self._check_tag(request, record, needed=False)
        parameters = parse_object(request.body) if request.body.strip() else {}
        if action is None:
            context = f"{request.service_url}$metadata#Edm.String"
            return self._user_requests.act(record, segment.local_name, parameters, context)
        result = action(self._erp, record, parameters)
        headers: tuple[tuple[str, str], ...] = (("OData-Version", "4.0"),)
        target = None if result is None else self._set_of(result)
        if result is not None and target is not None:
            headers = (*headers, ("Location", f"{request.service_url}{self._path_of(target, result)}"))
        return Response(status=204, headers=headers)

    def _set_of(self, record: Record) -> PublishedSet | None:
        """The set in which clients find a record."""
        for published in self._sets.values():
            for each in (published, published.drafts):
                if each is None or each.table.name != record.table.name:
                    continue
                if all(record.values[name] == value for name, value in each.fixed.items()):
                    return each
        return None

    def _check_tag(self, request: Request, record: Record, *, needed: bool) -> None:
        try:
            condition = parse_condition(request.header("if-match"))
        except ProtocolError as error:
            raise refusals.token_missing() from error
        if condition is None:
            if needed:
                raise refusals.token_missing()
            return
        current: EntityTag = parse_tag(etag(record.version))
        if not condition.holds(current):
            raise refusals.entity_changed(record.table, record.key_text)

    # --- answers

    def _answer(
        self, request: Request, options: QueryOptions, published: PublishedSet, record: Record, status: int
    ) -> Response:
        text = self._reading.single(published, self._stored(record), options)
        body = entity_body(text, context=self._context(request, published) + "/$entity")
        return Response(status=status, headers=(*_JSON_HEADERS, ("ETag", etag(record.version))), body=body)

    def _stored(self, record: Record) -> StoredRecord:
        stored = self._records.store.get(record.table.name, record.key)
        assert stored is not None, "the record was read in this very request"
        return stored

    def _created(
        self, request: Request, options: QueryOptions, published: PublishedSet, record: Record
    ) -> Response:
        location = ("Location", f"{request.service_url}{self._path_of(published, record)}")
        if "return-no-content" in (request.header("prefer") or ""):
            return Response(status=204, headers=(("OData-Version", "4.0"), location))
        response = self._answer(request, options, published, record, 201)
        return replace(response, headers=(*response.headers, location))

    def _company_path(self) -> str:
        if self._options.is_api:
            return f"companies({self._company.id})"
        return f"Company{format_key(self._company.name)}"

    def _path_of(self, published: PublishedSet, record: Record) -> str:
        if self._options.is_api:
            return f"{self._company_path()}/{published.name}({record.system_id})"
        values = {
            shown: record.values[name]
            for shown, name in zip(published.shown_key, record.table.key, strict=True)
        }
        key = values[published.shown_key[0]] if len(values) == 1 else values
        return f"{self._company_path()}/{published.name}{format_key(key)}"

    def _context(self, request: Request, published: PublishedSet) -> str:
        return f"{request.service_url}$metadata#{self._company_path()}/{published.name}"

    # --- documents about the service

    def _companies(self, request: Request, rest: tuple[Segment, ...]) -> Response:
        if request.method != "GET":
            raise refusals.method_not_allowed(request.method, "companies")
        if rest and rest[0].kind is SegmentKind.COUNT:
            return Response(status=200, headers=(("Content-Type", "text/plain"),), body=_BOM + b"1")
        name = "companies" if self._options.is_api else "Company"
        context = f"{request.service_url}$metadata#{name}"
        body = collection_body(
            [json_codec.encode(company_entity(self._company, is_api=self._options.is_api))],
            context=context,
        )
        return Response(status=200, headers=_JSON_HEADERS, body=body)

    def _root(self, request: Request, company: Segment | None) -> Response:
        if request.method != "GET":
            raise refusals.method_not_allowed(request.method, "")
        if company is not None and self._options.is_api:
            context = f"{request.service_url}$metadata#companies/$entity"
            body = entity_body(
                json_codec.encode(company_entity(self._company, is_api=self._options.is_api)),
                context=context,
            )
            return Response(status=200, headers=_JSON_HEADERS, body=body)
        names = [*(("companies", "subscriptions") if self._options.is_api else ("Company",)), *self._sets]
        documents = [json_codec.encode({"name": name, "kind": "EntitySet", "url": name}) for name in names]
        body = collection_body(documents, context=f"{request.service_url}$metadata")
        return Response(status=200, headers=_JSON_HEADERS, body=body)

    def _metadata(self, request: Request) -> Response:
        if request.method != "GET":
            raise refusals.method_not_allowed(request.method, "$metadata")
        if self._metadata_body is None:
            self._metadata_body = render_metadata(build_model(self._sets, is_api=self._options.is_api))
        headers = (("Content-Type", "application/xml; charset=utf-8"), ("OData-Version", "4.0"))
        return Response(status=200, headers=headers, body=self._metadata_body)


_JSON_HEADERS = (
    ("Content-Type", "application/json; odata.metadata=minimal; odata.streaming=true; charset=utf-8"),
    ("OData-Version", "4.0"),
)


def _names_document(options: QueryOptions) -> bool:
    """Whether a query selects lines by their document or by their own id."""
    if options.filter is None:
        return False
    text = options.to_query().lower()
    return "documentid" in text or "id%20eq" in text
