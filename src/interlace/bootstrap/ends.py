"""Opens the two ends of a connection over the real protocols."""

import gc
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import urlsplit

from interlace.bootstrap.connection_settings import ConnectionSettings, SignInMethod
from interlace.bootstrap.credentials import (
    Keep,
    crm_credential,
    erp_credential,
    sales_order_credential,
    secret_of,
    sign_in_of,
)
from interlace.bootstrap.plain_reading import HttpPlainReader
from interlace.connectors.business_central.named_pages import NamedPagesChannel, NavPagesChannel
from interlace.connectors.business_central.service import BusinessCentralService, BusinessCentralSettings
from interlace.connectors.collection import CollectionReader
from interlace.connectors.dataverse.administration import Administration
from interlace.connectors.dataverse.service import DataverseService, DataverseSettings
from interlace.connectors.dataverse.web_api_address import ONLINE_VERSION, web_api_root
from interlace.connectors.http import ChannelLimits, HttpChannel
from interlace.connectors.http_outbound import OutboundRules
from interlace.connectors.noted_requests import Notes
from interlace.connectors.runner import SystemClock, run
from interlace.connectors.sign_in import SignIn
from interlace.domain.allowance import Allowance
from interlace.domain.side import Side
from interlace.engine.ports import Call

Result = TypeVar("Result")
_COLLECTED_AFTER = 200_000
"""New objects after which cycles are looked for: a few pages of records."""
_AT_ONCE = {Side.ERP: 5, Side.CRM: 8}
"""How many requests a limited service runs at the same time for one user, or bears well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """Both services of a connection, signed in and ready."""

    erp: BusinessCentralService
    crm: DataverseService
    erp_channel: HttpChannel
    crm_channel: HttpChannel
    plain: HttpPlainReader
    sales_orders: BusinessCentralService | None = None
    """The ERP as the sales order user, who creates the orders; None: no credential of his is stored."""
    sales_order_channel: HttpChannel | None = None
    crm_root: str = web_api_root("", ONLINE_VERSION)
    before_erp_write: Callable[[], None] = lambda: None
    """Raises ErpFrozen where nothing may be written to the ERP now."""

    @property
    def administration(self) -> Administration:
        """Requests to the CRM that concern no mapped record."""
        return Administration(self.crm_channel, self.crm_root)

    async def run(self, work: Coroutine[Call, Any, Result]) -> Result:
        """Drive engine code against both services."""
        return await run(work, self.erp, self.crm, SystemClock(), self.before_erp_write)

    @property
    def requests(self) -> dict[str, dict[str, int]]:
        """How many requests of each method went to each side."""
        erp = Counter(self.erp_channel.requests)
        if self.sales_order_channel is not None:
            erp.update(self.sales_order_channel.requests)
        return {"erp": dict(erp), "crm": dict(self.crm_channel.requests)}

    @property
    def answers(self) -> dict[str, dict[str, int]]:
        """How often each side answered with each status."""
        return {
            side: dict(sum((each.answer_counts for each in channels), Counter()))
            for side, channels in self._channels.items()
        }

    @property
    def throttled_seconds(self) -> dict[str, float]:
        """For how long requests to each side have waited because of its limits."""
        return {
            side: sum(each.throttled_seconds for each in channels)
            for side, channels in self._channels.items()
        }

    @property
    def _channels(self) -> dict[str, list[HttpChannel]]:
        orders = [] if self.sales_order_channel is None else [self.sales_order_channel]
        return {"erp": [self.erp_channel, *orders], "crm": [self.crm_channel]}


@asynccontextmanager
async def open_ends(
    settings: ConnectionSettings,
    secrets: Mapping[str, str],
    *,
    timeout_seconds: float,
    retries_max: int | None = None,
    keep: Keep | None = None,
    allowances: Mapping[Side, Allowance | None] | None = None,
    page_size: int | None = None,
    before_erp_write: Callable[[], None] = lambda: None,
    notes: Mapping[Side, Notes] | None = None,
) -> AsyncIterator[Ends]:
    """Open both ends, and close their connections at the end; `retries_max` overrides how patient they are.

    `page_size` is how many records a page of a listing is to hold; runs want many, a person's page few.

    `allowances` tell what each service allows its user, where that is known.
    `keep` stores what a person's sign-in renews, by the secret's name; `notes` are taken of every request.
    """
    _calm_collector()
    limits = ChannelLimits(request_seconds_max=timeout_seconds)
    if retries_max is not None:
        limits = replace(limits, retries_max=retries_max)
    erp_channel, crm_channel = (
        channel(
            origin_of(address),
            sign_in(settings, side, secrets, keep),
            _with_allowance(limits, side, allowances),
            rules=rules_of(settings, side),
            notes=(notes or {}).get(side),
        )
        for side, address, channel in (
            (Side.ERP, settings.erp_address, _erp_channel(settings)),
            (Side.CRM, settings.crm_address, HttpChannel),
        )
    )
    erp_settings, crm_settings = _erp_settings(settings), DataverseSettings()
    if page_size is not None:
        erp_settings = replace(erp_settings, page_size=page_size)
        crm_settings = replace(crm_settings, page_size=page_size)
    async with AsyncExitStack() as opened:
        for channel in (erp_channel, crm_channel):
            await opened.enter_async_context(channel)
        order_limits = _with_allowance(limits, Side.ERP, allowances)
        order_channel = _sales_order_channel(settings, secrets, order_limits, (notes or {}).get(Side.ERP))
        if order_channel is not None:
            await opened.enter_async_context(order_channel)
        erp = BusinessCentralService(erp_channel, erp_settings, document_channel=order_channel)
        yield Ends(
            erp=erp,
            crm=DataverseService(crm_channel, settings.crm_root, crm_settings),
            erp_channel=erp_channel,
            crm_channel=crm_channel,
            plain=HttpPlainReader(
                erp=erp.reader.with_headers({}),
                erp_root=erp_settings.odata_root,
                company=settings.erp_company,
                crm=CollectionReader(crm_channel, "The CRM"),
                crm_root=settings.crm_root,
            ),
            crm_root=settings.crm_root,
            sales_orders=None
            if order_channel is None
            else BusinessCentralService(order_channel, erp_settings),
            sales_order_channel=order_channel,
            before_erp_write=before_erp_write,
        )


def _erp_settings(settings: ConnectionSettings) -> BusinessCentralSettings:
    path = urlsplit(settings.erp_address).path.rstrip("/")
    return BusinessCentralSettings(
        company=settings.erp_company,
        odata_root=f"{path}/ODataV4/",
        api_root=f"{path}/api/v2.0/",
        has_api=settings.has_erp_api,
        write_in_product=settings.write_in_product,
    )


def _erp_channel(settings: ConnectionSettings) -> type[HttpChannel]:
    """Return what speaks to the ERP's pages in their own names; NAV is asked for them before all else."""
    return NamedPagesChannel if settings.has_erp_api else NavPagesChannel


def _with_allowance(
    limits: ChannelLimits, side: Side, allowances: Mapping[Side, Allowance | None] | None
) -> ChannelLimits:
    allowance = (allowances or {}).get(side)
    if allowance is None:
        return limits
    return replace(limits, allowance=allowance, requests_at_once_max=_AT_ONCE[side])


def _sales_order_channel(
    settings: ConnectionSettings, secrets: Mapping[str, str], limits: ChannelLimits, notes: Notes | None
) -> HttpChannel | None:
    """The channel on which the sales order user signs in, if his name and key are known."""
    credential = sales_order_credential(settings, secrets)
    if credential is None:
        return None
    signed_in = sign_in_of(credential, settings.erp_scope, monotonic=time.monotonic)
    return _erp_channel(settings)(
        origin_of(settings.erp_address),
        signed_in,
        limits,
        rules=rules_of(settings, Side.ERP),
        notes=notes,
    )


def rules_of(settings: ConnectionSettings, side: Side) -> OutboundRules:
    """Return where requests to one end and its sign-in service may go."""
    if side is Side.ERP:
        return OutboundRules(
            internal_host=settings.erp_internal_host,
            root=f"{urlsplit(settings.erp_address).path.rstrip('/')}/",
            authority=settings.erp_authority if settings.erp_method.asks_directory else "",
            ca_file=settings.erp_ca_file,
        )
    is_plain = settings.crm_method is SignInMethod.TOKEN_ADDRESS
    return OutboundRules(
        internal_host=settings.crm_internal_host,
        # Any version: which one answers is found out.
        root=f"{settings.crm_place}/api/data/",
        authority=settings.crm_token_url if is_plain else settings.crm_authority,
        ca_file=settings.crm_ca_file,
    )


def sign_in(
    settings: ConnectionSettings, side: Side, secrets: Mapping[str, str], keep: Keep | None = None
) -> SignIn:
    """Make the sign-in of one end."""
    is_erp = side is Side.ERP
    credential = (erp_credential if is_erp else crm_credential)(settings, secrets)
    scope = settings.erp_scope if is_erp else f"{origin_of(settings.crm_address)}/.default"
    name = secret_of(settings, side)
    return sign_in_of(
        credential,
        scope,
        monotonic=time.monotonic,
        keep=None if keep is None else lambda text: keep(name, text),
        again=f"interlace connection sign-in {settings.name} --{side.value}",
    )


def _calm_collector() -> None:
    """Look for cycles rarely: records make none, and to look all the time costs a third of a bulk run."""
    if gc.get_threshold()[0] != _COLLECTED_AFTER:
        gc.collect()
        gc.freeze()
        gc.set_threshold(_COLLECTED_AFTER, 10, 10)


def origin_of(address: str) -> str:
    """Return scheme and host of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
