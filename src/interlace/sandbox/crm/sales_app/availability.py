"""What the ERP has in stock: read from its OData feed, kept for a short time, shown with its age.

The feed's address and token stand in the connection record that Interlace's set-up writes. Reading happens
beside the event loop (`Waiting`): the ERP may be served by the same loop.
"""

from __future__ import annotations

import base64
import http.client
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import SplitResult, quote, urlsplit

from interlace.sandbox import json_codec
from interlace.sandbox.crm.sales_app.shown_records import Shown, ShownRecords
from interlace.sandbox.exchange import Waiting

CONNECTION = "ilc_connection"
FEED = "ProductItemAvailability"
KEPT_FOR = timedelta(seconds=30)
# A feed that cannot be read is not asked again at once: pages stay quick.
TROUBLE_KEPT_FOR = timedelta(seconds=10)
_TIMEOUT_SECONDS = 3.0
_ASKED_AT_ONCE = 40
_ANSWER_BYTES_MAX = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedAddress:
    """Where the feed is and whom it admits."""

    url: str
    user: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What the feed says about one product; without quantities the ERP does not know it."""

    read_at: datetime
    unit: str = ""
    inventory: Decimal | None = None
    projected: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why the feed could not be read, and since when."""

    read_at: datetime
    reason: str


class WaitForFeed(Exception):
    """A page needs stock figures that are not there yet; raised before anything is written."""

    def __init__(self, waiting: Waiting) -> None:
        super().__init__("the feed has to be read")
        self.waiting = waiting


class FeedUnreadable(Exception):
    """The feed did not answer with figures; the text says why."""


class AvailabilityFeed:
    """Stock figures by product id."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._stock: dict[str, Stock] = {}
        self._trouble: Trouble | None = None
        self._address: FeedAddress | None = None

    def of(self, shown: ShownRecords, product_ids: Iterable[str]) -> Mapping[str, Stock] | Trouble:
        """The figures of these products; raises `WaitForFeed` when they have to be read first."""
        wanted = list(dict.fromkeys(product_ids))
        address = feed_address(shown)
        if address is None:
            reason = "The connection to the ERP is not set up in this CRM."
            return Trouble(read_at=self._now(), reason=reason)
        if address != self._address:
            self._address, self._trouble = address, None
            self._stock.clear()
        now = self._now()
        if self._trouble is not None and now - self._trouble.read_at < TROUBLE_KEPT_FOR:
            return self._trouble
        stale = [each for each in wanted if not self._is_fresh(each, now)]
        if stale:
            raise WaitForFeed(Waiting(work=lambda: self._read(address, stale)))
        return {each: self._stock[each] for each in wanted}

    def _is_fresh(self, product_id: str, now: datetime) -> bool:
        known = self._stock.get(product_id)
        return known is not None and now - known.read_at < KEPT_FOR

    def _read(self, address: FeedAddress, product_ids: Sequence[str]) -> None:
        """Reads the feed; keeps figures or the trouble."""
        try:
            for start in range(0, len(product_ids), _ASKED_AT_ONCE):
                asked = product_ids[start : start + _ASKED_AT_ONCE]
                found = read_feed(address, asked)
                read_at = self._now()
                for product_id in asked:
                    entry = found.get(product_id)
                    self._stock[product_id] = _stock(entry, read_at)
        except FeedUnreadable as unreadable:
            self._trouble = Trouble(read_at=self._now(), reason=str(unreadable))
        else:
            self._trouble = None


def feed_address(shown: ShownRecords) -> FeedAddress | None:
    """The feed that the organization's connection record names."""
    if not shown.has(CONNECTION):
        return None
    for connection in shown.listed(CONNECTION, limit=20):
        found = _address_in(connection)
        if found is not None and connection.state <= 0:
            return found
    return None


def _address_in(connection: Shown) -> FeedAddress | None:
    url = connection.text("ilc_odataurl")
    if not url:
        return None
    return FeedAddress(
        url=url, user=connection.text("ilc_odatausername"), token=connection.text("ilc_odataaccesskey")
    )


def _stock(entry: Mapping[str, object] | None, read_at: datetime) -> Stock:
    if entry is None:
        return Stock(read_at=read_at)
    return Stock(
        read_at=read_at,
        unit=str(entry.get("UOM") or ""),
        inventory=_number(entry.get("Inventory")),
        projected=_number(entry.get("Projected_Available_Balance")),
    )


def _number(value: object) -> Decimal | None:
    is_number = isinstance(value, (int, Decimal)) and not isinstance(value, bool)
    return Decimal(str(value)) if is_number else None


def read_feed(address: FeedAddress, product_ids: Sequence[str]) -> dict[str, Mapping[str, object]]:
    """The entries of the feed by CRM id; raises `FeedUnreadable`."""
    parts = _web_address(address.url.strip())
    answer = _fetched(parts, address, " or ".join(f"CRM_ID eq {each}" for each in product_ids))
    try:
        entries = json_codec.decode_object(answer).get("value")
    except json_codec.JsonError as error:
        raise FeedUnreadable("The ERP's answer could not be understood.") from error
    if not isinstance(entries, list):
        raise FeedUnreadable("The ERP's answer could not be understood.")
    return {str(entry.get("CRM_ID", "")).lower(): entry for entry in entries if isinstance(entry, dict)}


def _web_address(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FeedUnreadable("The address of the ERP in the connection record is no web address.")
    return parts


def _fetched(parts: SplitResult, address: FeedAddress, condition: str) -> bytes:
    path = parts.path.rstrip("/").removesuffix(f"/{FEED}") + f"/{FEED}"
    target = quote(path, safe="/%()',=") + "?$filter=" + quote(condition)
    credentials = base64.b64encode(f"{address.user}:{address.token}".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}", "Accept": "application/json"}
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    try:
        connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request("GET", target, headers=headers)
            response = connection.getresponse()
            body = response.read(_ANSWER_BYTES_MAX)
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise FeedUnreadable("The ERP does not answer.") from error
    if response.status in (401, 403):
        raise FeedUnreadable(
            "The ERP does not accept the feed token; it may have expired. Run the connection set-up again."
        )
    if response.status != 200:
        raise FeedUnreadable(f"The ERP answered with an error ({response.status}).")
    return body
