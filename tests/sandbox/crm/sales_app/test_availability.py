"""Stock from the ERP on products and order lines: asked for once, with its age, and no hindrance when it is missing."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import aiohttp
import pytest
import uvicorn
from tests.sandbox.crm.conftest import Client, Clock
from tests.sandbox.crm.sales_app.conftest import Person
from tests.sandbox.crm.shop import Shop

from interlace.sandbox.erp import ErpSandbox, ErpSandboxOptions, create_erp_sandbox

TOKEN = "feed-token"


@dataclass
class Feed:
    """A feed that answers what the test says, and remembers what it was asked."""

    address: str = ""
    entries: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    body: bytes | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)


@pytest.fixture
def feed() -> Iterator[Feed]:
    """A feed on a free port."""
    told = Feed()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append((self.path, self.headers["Authorization"]))
            body = told.body if told.body is not None else json.dumps({"value": told.entries}).encode()
            self.send_response(told.status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Tests print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    told.address = f"http://127.0.0.1:{server.server_port}/BC/ODataV4/Company('Nordlys%20AS')"
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


def _connect(client: Client, address: str, **more: object) -> str:
    body = {
        "ilc_name": "Nordlys",
        "ilc_odataurl": address,
        "ilc_odatausername": "CRM",
        "ilc_odataaccesskey": TOKEN,
    }
    return client.create("ilc_connections", {**body, **more})


def _entry(shop: Shop, **figures: object) -> dict[str, Any]:
    return {
        "CRM_ID": shop.product.upper(),
        "UOM": "PCS",
        "Inventory": 12,
        "Projected_Available_Balance": 7.5,
        **figures,
    }


def test_stock_stands_on_the_order_line(anna: Person, shop: Shop, client: Client, feed: Feed) -> None:
    """Choosing a product shows what is there and what will be, asked for with user and token."""
    _connect(client, feed.address)
    feed.entries = [_entry(shop)]
    anna.open("orders/new")
    assert feed.asked == []
    page = anna.send("new", do="look-up", account="10000", **{"line-0-product": "1000"})
    for text in ("12 PCS", "projected 7.5", "just now"):
        assert text in page.text
    [(path, credentials)] = feed.asked
    assert urlsplit(path).path.endswith("/Company('Nordlys%20AS')/ProductItemAvailability")
    assert parse_qs(urlsplit(path).query)["$filter"] == [f"CRM_ID eq {shop.product}"]
    assert credentials == "Basic " + base64.b64encode(f"CRM:{TOKEN}".encode()).decode()


def test_figures_are_kept_for_a_short_time_and_show_their_age(
    anna: Person, shop: Shop, client: Client, feed: Feed, clock: Clock
) -> None:
    """Within half a minute nobody is asked again; then the figure is new."""
    _connect(client, f"{feed.address}/ProductItemAvailability")
    feed.entries = [_entry(shop)]
    assert "12 PCS" in anna.open(f"products/{shop.product}").text
    clock.forward(seconds=20)
    feed.entries = [_entry(shop, Inventory=0)]
    page = anna.open("products")
    assert "12 PCS" in page.text
    assert "20 seconds ago" in page.text
    clock.forward(seconds=11)
    assert "0 PCS" in anna.open("products").text
    assert len(feed.asked) == 2


def test_many_products_are_asked_for_in_one_request(
    anna: Person, shop: Shop, client: Client, feed: Feed
) -> None:
    """A page of products is one question; those that are no items of the ERP are called so."""
    _connect(client, feed.address)
    for number in range(20):
        shop.add_product(f"P{number:02}")
    feed.entries = [_entry(shop)]
    page = anna.open("products")
    assert (page.text.count("no stock item of the ERP"), page.text.count("12 PCS")) == (20, 1)
    assert len(feed.asked) == 1


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (401, b"", "does not accept the feed token"),
        (403, b"", "does not accept the feed token"),
        (500, b"", "answered with an error (500)"),
        (302, b"", "answered with an error (302)"),
        (200, b"<html>", "could not be understood"),
        (200, b"[]", "could not be understood"),
        (200, b'{"value": 1}', "could not be understood"),
    ],
)
def test_an_unreadable_feed_is_told_and_orders_go_on(
    anna: Person, shop: Shop, client: Client, feed: Feed, status: int, body: bytes, reason: str
) -> None:
    """The page says why; the order can be saved; the feed is not asked again at once."""
    _connect(client, feed.address)
    feed.status, feed.body = status, body
    anna.open("orders/new")
    page = anna.send("new", do="look-up", account="10000", **{"line-0-product": "1000"})
    assert "Availability can't be read" in page.text
    assert reason in page.text
    assert "100.00 EUR" in page.text
    assert "Saved." in anna.send("new", do="save").text
    anna.open("products")
    assert len(feed.asked) == 1


def test_without_a_feed_the_last_known_stock_is_shown(anna: Person, shop: Shop, client: Client) -> None:
    """What the synchronization left on the product stands there with its time; a product of the CRM alone has none."""
    client.patch(f"products({shop.product})", {"quantityonhand": 17.5})
    assert "17.5" not in anna.open("products").text
    coupled = {"ilc_erpkey": "1000", "ilc_erptable": "Item", "ilc_companyid": "c"}
    client.patch(f"products({shop.product})", coupled)
    page = anna.open(f"products/{shop.product}")
    assert "17.5 PCS" in page.text
    assert "last known, 2026-03-01 12:00 UTC" in page.text


def test_a_feed_that_comes_back_is_read_again(
    anna: Person, shop: Shop, client: Client, feed: Feed, clock: Clock
) -> None:
    """Trouble is remembered for some seconds only; a changed connection counts at once."""
    connection = _connect(client, feed.address)
    feed.status, feed.entries = 500, [_entry(shop)]
    assert "can't be read" in anna.open("products").text
    feed.status = 200
    clock.forward(seconds=11)
    assert "12 PCS" in anna.open("products").text
    client.patch(f"ilc_connections({connection})", {"ilc_odataaccesskey": "newer"})
    feed.entries = [_entry(shop, Inventory=3)]
    assert "3 PCS" in anna.open("products").text


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        (None, "The connection to the ERP is not set up"),
        ("http://127.0.0.1:1/BC", "does not answer"),
        ("file:///etc/passwd", "is no web address"),
        ("nonsense", "is no web address"),
        ("http://127.0.0.1:port/", "does not answer"),
        ("http://[::1", "is no web address"),
    ],
)
def test_a_wrong_address_is_told(
    anna: Person, shop: Shop, client: Client, address: str | None, reason: str
) -> None:
    """Nothing set up, nothing there, or no web address at all."""
    if address is not None:
        _connect(client, address)
    assert reason in anna.open(f"products/{shop.product}").text


def test_odd_figures_do_no_harm(anna: Person, shop: Shop, client: Client, feed: Feed) -> None:
    """Entries without figures or with texts instead of them show no stock."""
    _connect(client, feed.address)
    feed.entries = [_entry(shop, Inventory="<b>12</b>", UOM="<i>"), {"CRM_ID": None}, {}]
    assert "no stock item of the ERP" in anna.open("products").text


@pytest.fixture
async def both(client: Client, clock: Clock) -> AsyncIterator[tuple[ErpSandbox, str, str]]:
    """The embedded ERP and the CRM, served by one event loop; and their addresses."""
    erp = create_erp_sandbox(None, ErpSandboxOptions(now=clock))
    async with AsyncExitStack() as stack:
        addresses = []
        for app in (erp, client.app):
            server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
            task = asyncio.create_task(server.serve())
            while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0)
            addresses.append(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}")

            async def stop(server: uvicorn.Server = server, task: asyncio.Task[None] = task) -> None:
                """End a server, and wait for it."""
                server.should_exit = True
                await task

            stack.push_async_callback(stop)
        yield erp, addresses[0], addresses[1]
    erp.close()


async def test_both_services_on_one_event_loop_show_stock(
    both: tuple[ErpSandbox, str, str], shop: Shop, client: Client, anna: Person
) -> None:
    """The CRM waits for the ERP without standing in its way; a feed token of the ERP's user lets it in."""
    erp, erp_address, crm_address = both
    erp.users.add("CRM")
    pages = f"{erp_address}/BC/ODataV4/Company('{quote(erp.company.name)}')"
    key = base64.b64encode(f"INTERLACE:{erp.access_key}".encode()).decode()
    async with aiohttp.ClientSession(headers={"Authorization": f"Basic {key}"}) as session:
        async with session.post(
            f"{pages}/UnitsOfMeasure", json={"Code": "PCS", "Description": "Piece"}
        ) as answer:
            assert answer.status == 201, await answer.text()
        item = {"Description": "Bike", "Base_Unit_of_Measure": "PCS"}
        async with session.post(f"{pages}/ItemCard", json=item) as answer:
            assert answer.status == 201, await answer.text()
            number = (await answer.json())["No"]
        coupling = {"CRM_ID": shop.product, "Item_No": number}
        async with session.post(f"{pages}/CRMIntegrationRecords", json=coupling) as answer:
            assert answer.status == 201
    token = erp.users.issue_feed_token("CRM", "0001-01-01T00:00:00Z")
    _connect(client, pages, ilc_odataaccesskey=token)
    cookies = {"interlace_sales": anna.cookies["interlace_sales"]}
    async with (
        aiohttp.ClientSession(cookies=cookies) as session,
        session.get(f"{crm_address}/app/products/{shop.product}") as answer,
    ):
        text = await answer.text()
    assert answer.status == 200
    assert "0 PCS" in text
    assert "just now" in text
