"""Puts the embedded ERP together: store, company, users, the two OData roots, and the ASGI application."""

import asyncio
import contextlib
import random
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from interlace.sandbox import json_codec
from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.addressing import segments_of
from interlace.sandbox.erp.api_sets import API_SETS
from interlace.sandbox.erp.application import Application
from interlace.sandbox.erp.company import Company, open_company
from interlace.sandbox.erp.company_setup import OWN_TABLES, ensure_setup, forget_setup
from interlace.sandbox.erp.erp_endpoint import EndpointOptions, ErpEndpoint
from interlace.sandbox.erp.erp_records import ErpRecords
from interlace.sandbox.erp.extension_sets import ANNOUNCEMENT, EXTENSION_PAGE, EXTENSION_PATH, EXTENSION_SETS
from interlace.sandbox.erp.first_key import first_user_key
from interlace.sandbox.erp.notice_delivery import NoticeDelivery, shake_hands
from interlace.sandbox.erp.products import BUSINESS_CENTRAL, Product, pages_of
from interlace.sandbox.erp.published_services import PublishedServices
from interlace.sandbox.erp.row_loading import Row, load_rows
from interlace.sandbox.erp.rules import RULES
from interlace.sandbox.erp.subscription_requests import SubscriptionRequests, new_token
from interlace.sandbox.erp.subscriptions import Subscriptions
from interlace.sandbox.erp.user_tables import EFFECTIVE_PERMISSION, USER
from interlace.sandbox.erp.users import Users
from interlace.sandbox.exchange import Refusal, Request, RequestLog, Response
from interlace.sandbox.faults import FaultPlan
from interlace.sandbox.identity import Directory, IdentityService, open_directory
from interlace.sandbox.identity.founding import INTEGRATION_CLIENT_ID, ensure_trial_applications
from interlace.sandbox.limits import LimitSettings, RequestLimits
from interlace.sandbox.service import EdgeOptions, Receive, SandboxApplication, Send

_FILE = "erp.sqlite"
_DIRECTORY_FILE = "identity.sqlite"
_LOADED = "company loaded"
_LOADING = "loading"
_DONE = "yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpSandboxOptions:
    """The switches of an ERP sandbox.

    `access_key` None keeps the user's key, or makes one at first start; `ErpSandbox.access_key` tells it until
    somebody changes it, and is blank from then on. `seed` gives the rows of the company at first start.
    `editable_ids` accepts posted ids as an extension's pages do. With `extension` the ERP extension is installed: its
    API is served and announced. `unpublished` names page services that the company doesn't publish. `randomness` makes
    ids repeatable. In memory, the records begin with an `image` that `records.store` gave of another service.
    Applications and people sign in by a `directory` that other services may share; without one the ERP has its own. The
    first user is that of the application `application_id`. A `bare` ERP begins as nobody has prepared it: only the
    product's own page services, and a first user without rights. A `product` before Business Central has no API and
    publishes fields under their captions in a `language`.
    """

    company: str = "Nordlicht"
    user: str = "INTERLACE"
    access_key: str | None = None
    instance: str = "BC"
    limits: LimitSettings | None = None
    editable_ids: bool = False
    extension: bool = False
    manual_numbers: bool = True
    count_with_bom: bool = True
    notice_delay_seconds: float = 30.0
    seed: Callable[[], Iterable[Row]] | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    unpublished: frozenset[str] = frozenset()
    randomness: random.Random | None = None
    image: bytes | None = None
    directory: Directory | None = None
    application_id: str = INTEGRATION_CLIENT_ID
    bare: bool = False
    product: Product = BUSINESS_CENTRAL
    language: str = "en"


class ErpSandbox:
    """The ASGI application with what its operator needs to know."""

    def __init__(
        self,
        http: SandboxApplication,
        erp: Application,
        company: Company,
        users: Users,
        identity: IdentityService,
        *,
        access_key: str,
        owns_directory: bool,
    ) -> None:
        self.http = http
        self.erp = erp
        self.company = company
        self.users = users
        self.access_key = access_key
        self.identity = identity
        self._owns_directory = owns_directory
        self.published = PublishedServices(erp.records.store)
        self.subscription_requests: SubscriptionRequests | None = None
        self.delivery: NoticeDelivery | None = None

    @property
    def records(self) -> ErpRecords:
        """The records of the company."""
        return self.erp.records

    @property
    def requests(self) -> RequestLog:
        """The log of requests, to prove what was written and what was not."""
        return self.http.requests

    @property
    def faults(self) -> FaultPlan:
        """The faults that are planned."""
        return self.http.faults

    def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        address: str = "http://127.0.0.1",
    ) -> Response:
        """Execute one request without a socket."""
        return self.http.call(method, url, headers=headers, body=body, address=address)

    def close(self) -> None:
        """Write the log back and close the file, and the directory unless others use it."""
        self.records.store.close()
        if self._owns_directory:
            self.identity.directory.close()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """The ASGI entry; the handshake with a webhook's receiver must not block the loop."""
        path = scope.get("path", "")
        if (
            scope["type"] == "http"
            and "/subscriptions" in path
            and scope["method"] in {"POST", "PATCH", "PUT"}
        ):
            receive = await self._shake_hands(scope, receive)
        await self.http(scope, receive, send)

    async def _shake_hands(self, scope: MutableMapping[str, Any], receive: Receive) -> Receive:
        message = await receive()
        body = bytes(message.get("body", b""))
        while message.get("more_body", False):
            message = await receive()
            body += message.get("body", b"")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        tail = scope["path"].partition("/subscriptions")[2]
        request = Request(method=scope["method"], path=f"subscriptions{tail}", headers=headers, body=body)
        requests = self.subscription_requests
        with contextlib.suppress(Refusal):
            self.users.sign_in(request)
            url = requests.receiver_of(request, segments_of(request)[0]) if requests is not None else None
            if requests is not None and url is not None:
                requests.verdicts[url] = await asyncio.to_thread(shake_hands, url, new_token())

        async def again() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        return again


def create_erp_sandbox(state_dir: Path | None, options: ErpSandboxOptions | None = None) -> ErpSandbox:
    """Open (or create) the ERP whose records live in a directory; None keeps them in memory.

    The company's rows are loaded at first start; a start that was interrupted while loading begins anew.
    """
    chosen = options if options is not None else ErpSandboxOptions()
    records = _open_records(state_dir, chosen)
    company = open_company(records.store, chosen.company, records.ids.next_id)
    identity = IdentityService(_open_directory(state_dir, chosen), randomness=chosen.randomness)
    tenant_id = identity.directory.tenant.tenant_id
    users = Users(records, identity.tokens)
    published = PublishedServices(records.store)
    key = first_user_key(
        users, chosen.user, chosen.access_key, state_dir, lambda: _begin(users, published, chosen)
    )
    erp = Application(records, RULES)
    subscriptions = Subscriptions(records.store, API_SETS, chosen.now)
    records.listeners.append(subscriptions.note)
    requests = SubscriptionRequests(subscriptions, API_SETS, shake_hands)
    delivery = NoticeDelivery(subscriptions, chosen.notice_delay_seconds)
    api_options = _endpoint_options(chosen, tenant_id, "api/v2.0", is_api=True)
    api = ErpEndpoint(erp, company, users, API_SETS, api_options, requests)
    withdrawn = chosen.unpublished | published.withdrawn
    services = {
        name: page
        for name, page in pages_of(chosen.product, chosen.language).items()
        if name not in withdrawn
    }
    listed = company if chosen.product.has_company_ids else replace(company, id="")
    has_extension = chosen.extension and chosen.product.has_api
    if has_extension and ANNOUNCEMENT not in chosen.unpublished:
        services[ANNOUNCEMENT] = EXTENSION_PAGE
    pages = ErpEndpoint(
        erp, listed, users, services, _endpoint_options(chosen, tenant_id, "ODataV4", is_api=False)
    )
    endpoints = [api, pages] if chosen.product.has_api else [pages]
    if has_extension:
        own_options = replace(
            _endpoint_options(chosen, tenant_id, EXTENSION_PATH, is_api=True), editable_ids=True
        )
        endpoints.append(ErpEndpoint(erp, company, users, EXTENSION_SETS, own_options))
    limits = RequestLimits(chosen.limits) if chosen.limits is not None else None
    http = SandboxApplication(
        endpoints,
        pages={
            "/": identity.page,
            f"/{chosen.instance}/api/microsoft/runtime/beta/": _webhook_resources(api),
        },
        options=EdgeOptions(limits=limits),
        on_startup=(delivery.start,),
        on_shutdown=(delivery.stop,),
    )
    app = ErpSandbox(
        http, erp, company, users, identity, access_key=key, owns_directory=chosen.directory is None
    )
    app.subscription_requests, app.delivery = requests, delivery
    return app


def _webhook_resources(api: ErpEndpoint) -> Callable[[Request], Response]:
    """The list of what can be subscribed to, which lives in an API group of its own."""

    def answer(request: Request) -> Response:
        try:
            api.sign_in(request)
        except Refusal as refusal:
            return api.render(refusal, request)
        if not request.path.endswith("/webhookSupportedResources"):
            return api.render(refusals.unknown_segment(request.path.rpartition("/")[2]), request)
        names = sorted(published.name for published in API_SETS.values() if published.webhooks)
        body = json_codec.encode({"value": [{"resource": f"v2.0/{name}"} for name in names]})
        return Response(status=200, headers=(("Content-Type", "application/json"),), body=body)

    return answer


def _endpoint_options(
    chosen: ErpSandboxOptions, tenant_id: str, service: str, *, is_api: bool
) -> EndpointOptions:
    """Serve below the addresses of an installation, and of the online service: by environment, or tenant and it."""
    places = (chosen.instance, f"v2.0/{chosen.instance}", f"v2.0/{tenant_id}/{chosen.instance}")
    return EndpointOptions(
        roots=tuple(f"/{place}/{service}/" for place in places),
        is_api=is_api,
        editable_ids=chosen.editable_ids,
        count_with_bom=chosen.count_with_bom,
        has_batch=chosen.product.has_batch,
        page_rows_max=chosen.product.page_rows_max,
    )


def _begin(users: Users, published: PublishedServices, chosen: ErpSandboxOptions) -> None:
    """Add the first user, and decide what is published."""
    if chosen.bare:
        published.leave_the_products()
        users.add(chosen.user, permission_sets=())
    else:
        users.add(chosen.user, administrator=True, application_id=chosen.application_id)


def _open_directory(state_dir: Path | None, chosen: ErpSandboxOptions) -> Directory:
    directory = chosen.directory
    if directory is None:
        path = None if state_dir is None else state_dir / _DIRECTORY_FILE
        directory = open_directory(path, now=chosen.now)
    ensure_trial_applications(directory)
    return directory


def _open_records(state_dir: Path | None, chosen: ErpSandboxOptions) -> ErpRecords:
    path = None
    if state_dir is not None:
        state_dir.mkdir(parents=True, exist_ok=True)
        path = state_dir / _FILE
    records = ErpRecords(path, chosen.now, randomness=chosen.randomness, image=chosen.image)
    state = records.store.read_state(_LOADED)
    if chosen.seed is not None and state == _LOADING and path is not None:
        # The process died while it loaded the company: what is there is half of it.
        records.store.close()
        for file in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
            file.unlink(missing_ok=True)
        records = ErpRecords(path, chosen.now)
    if chosen.seed is not None and state != _DONE and not _has_rows(records):
        _load_company(records, chosen.seed())
    ensure_setup(records, manual_numbers=chosen.manual_numbers)
    return records


def _load_company(records: ErpRecords, rows: Iterable[Row]) -> None:
    with records.transaction():
        records.store.write_state(_LOADED, _LOADING)
        forget_setup(records)
    load_rows(records, rows)
    with records.transaction():
        records.store.write_state(_LOADED, _DONE)


def _has_rows(records: ErpRecords) -> bool:
    """Whether somebody has put records of his own here: they are never replaced by a demo company."""
    service_own = {*OWN_TABLES, USER.name, EFFECTIVE_PERMISSION.name}
    return any(records.store.count(name) for name in records.layouts if name not in service_own)
