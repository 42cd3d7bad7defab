"""Webhook subscriptions as the pages of Microsoft Learn print their requests, byte by byte.

Pages: dynamics-subscriptions, dynamics_subscriptions_get, _create, _update and _delete. Subscriptions belong to the
root of the API, not to a company; the resource is written from /api on, whatever stands before it in the address.
"""

from datetime import UTC, datetime

import pytest
from tests.connectors.wire.capture import Bearer, Wire, documented

from interlace.connectors.business_central.subscriptions import SubscriptionKeeper
from interlace.connectors.collection import CollectionReader

HOST = "https://nav.contoso.com:7048"
COMPANY = "companies(f64eba74-dacd-4854-a584-1834f68cfc3a)"
SUBSCRIPTIONS = f"{HOST}/BC/api/v2.0/subscriptions"
SUPPORTED = f"/BC/api/microsoft/runtime/beta/{COMPANY}/webhookSupportedResources"
RECEIVER = "https://interlace.contoso.com/webhooks/SECRET-PATH"
STATE = "opaque"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ETAG = 'W/"JzQ0O3pVTT0nJw=="'
ASKED = "Accept: application/json\nAuthorization: Bearer TOKEN"
SENT = f"{ASKED}\nContent-Type: application/json"


@pytest.fixture
def wire() -> Wire:
    """A wire on which nothing has been sent."""
    return Wire()


@pytest.fixture
def keeper(wire: Wire) -> SubscriptionKeeper:
    """Who looks after the subscriptions of one company."""
    reader = CollectionReader(wire.erp(Bearer()), "The ERP")
    return SubscriptionKeeper(reader, "/BC/api/v2.0/", "f64eba74-dacd-4854-a584-1834f68cfc3a")


def request(head: str, body: str = "") -> str:
    """Return a request as the pages print it."""
    return f"{documented(head)}\r\n\r\n{body}"


def held(key: str, api_set: str, day: int) -> str:
    """Return a subscription of ours as the service lists it."""
    etag = ETAG.replace('"', '\\"')
    return (
        f'{{"@odata.etag":"{etag}","subscriptionId":"{key}","notificationUrl":"{RECEIVER}",'
        f'"resource":"/api/v2.0/{COMPANY}/{api_set}","clientState":"{STATE}",'
        f'"expirationDateTime":"2026-03-0{day}T12:00:00Z"}}'
    )


LISTED = request(f"GET {SUBSCRIPTIONS}\n{ASKED}\nPrefer: odata.maxpagesize=200")


async def test_a_subscription_is_made(keeper: SubscriptionKeeper, wire: Wire) -> None:
    """A POST at the root of the API, after a look at what is there; the resource begins with /api."""
    wire.answer('{"value":[]}').answer(held("1", "customers", 4), status=201)
    done = await keeper.keep(["customers"], RECEIVER, STATE, NOW)
    assert done.made == ["customers"]
    body = f'{{"notificationUrl":"{RECEIVER}","resource":"/api/v2.0/{COMPANY}/customers","clientState":"{STATE}"}}'
    assert wire.taken() == [LISTED, request(f"POST {SUBSCRIPTIONS}\n{SENT}", body)]


async def test_a_subscription_is_renewed_before_it_ends(keeper: SubscriptionKeeper, wire: Wire) -> None:
    """A PATCH under its etag; its key is a quoted text."""
    key = "c670ea73cacb459bb51dc1740da2f1db"
    wire.answer(f'{{"value":[{held(key, "customers", 2)},{held("2", "items", 4)}]}}')
    wire.answer(held(key, "customers", 4))
    done = await keeper.keep(["customers", "items"], RECEIVER, STATE, NOW)
    assert (done.renewed, done.made, done.refused) == (["customers"], [], {})
    body = f'{{"notificationUrl":"{RECEIVER}","resource":"/api/v2.0/{COMPANY}/customers","clientState":"{STATE}"}}'
    head = f"PATCH {SUBSCRIPTIONS}('{key}')\n{SENT}\nIf-Match: {ETAG}"
    assert wire.taken() == [LISTED, request(head, body)]


async def test_a_subscription_that_nobody_wants_is_deleted(keeper: SubscriptionKeeper, wire: Wire) -> None:
    """A DELETE under its etag, without a body and without saying what kind of body that would be."""
    wire.answer(f'{{"value":[{held("1", "vendors", 4)}]}}').answer()
    done = await keeper.keep([], RECEIVER, STATE, NOW)
    assert done.removed == ["vendors"]
    assert wire.taken() == [
        LISTED,
        request(f"DELETE {SUBSCRIPTIONS}('1')\n{ASKED}\nIf-Match: {ETAG}"),
    ]


async def test_what_can_be_subscribed_to_is_asked_of_the_runtime(
    keeper: SubscriptionKeeper, wire: Wire
) -> None:
    """The list belongs to a company of another API; its entries begin with their API, ours with its version."""
    wire.answer(
        '{"value":[{"resource":"v2.0/accounts"},{"resource":"v2.0/customers"},{"resource":"pub/grp/v1.0/items"}]}'
    )
    assert await keeper.supported(SUPPORTED) == frozenset({"accounts", "customers"})
    assert wire.taken() == [request(f"GET {HOST}{SUPPORTED}\n{ASKED}\nPrefer: odata.maxpagesize=200")]
