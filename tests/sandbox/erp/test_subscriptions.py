"""Webhooks: the handshake, the life of a subscription, coalesced notices, receivers that fail."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

API = "/BC/api/v2.0"


class _Receiver(BaseHTTPRequestHandler):
    """Echoes validation tokens and keeps what it is sent."""

    def do_POST(self) -> None:
        server: Any = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        token = parse_qs(urlsplit(self.path).query).get("validationToken")
        answer = b"" if token is None else token[0].encode()
        if token is None:
            server.received.append(json.loads(body))
        self.send_response(server.status if token is None else server.handshake_status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args: object) -> None:
        """Stay quiet."""


@pytest.fixture
def receiver() -> Iterator[Any]:
    """A receiver on this machine."""
    server: Any = HTTPServer(("127.0.0.1", 0), _Receiver)
    server.received, server.status, server.handshake_status = [], 200, 200
    server.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def _subscribe(erp: Any, url: str, resource: str = "customers") -> Any:
    body = {
        "notificationUrl": url,
        "resource": f"{erp.company.removeprefix(API + '/')}/{resource}",
        "clientState": "secret",
    }
    return erp.post(f"{API}/subscriptions", body)


def _deliver(erp: Any) -> int:
    taken: int = asyncio.run(erp.app.delivery.deliver())
    return taken


def test_subscriber_hears_of_changes_once(erp: Any, receiver: Any) -> None:
    """Several changes of one record become one notice with its final meaning; no record data is sent."""
    subscription = _subscribe(erp, receiver.url)
    customer = erp.post(f"{erp.company}/customers", {"displayName": "A"})
    erp.patch(f"{erp.company}/customers({customer['id']})", {"city": "Bonn"})
    assert _deliver(erp) == 1
    assert _deliver(erp) == 0
    notice = receiver.received[0]["value"][0]
    assert notice["changeType"] == "created"
    assert notice["resource"].endswith(f"customers({customer['id']})")
    assert (notice["subscriptionId"], notice["clientState"]) == (subscription["subscriptionId"], "secret")
    erp.patch(f"{erp.company}/customers({customer['id']})", {"city": "Köln"})
    erp.send("DELETE", f"{erp.company}/customers({customer['id']})")
    assert _deliver(erp) == 1
    assert receiver.received[1]["value"][0]["changeType"] == "deleted"


def test_undone_changes_are_not_told(erp: Any, receiver: Any) -> None:
    """What a failed transaction undid reaches no subscriber."""
    _subscribe(erp, receiver.url)
    requests = [
        {"id": "1", "method": "POST", "url": "customers", "body": {"displayName": "A"}},
        {"id": "2", "method": "POST", "url": "customers", "body": {}},
    ]
    headers = {"Isolation": "snapshot", "Content-Type": "application/json"}
    for each in requests:
        each["headers"] = {"Content-Type": "application/json"}
    erp.send("POST", f"{API}/$batch", {"requests": requests}, headers)
    assert _deliver(erp) == 0


def test_many_changes_become_one_collection_notice(erp: Any, receiver: Any) -> None:
    """More than a thousand changed records are told as one change of the collection."""
    _subscribe(erp, receiver.url, "paymentTerms")
    for number in range(1_001):
        erp.app.erp.create(erp.app.records.layouts["Payment_Terms"].table, {"Code": f"T{number}"})
    assert _deliver(erp) == 1
    notice = receiver.received[0]["value"][0]
    assert notice["changeType"] == "collection"
    assert "paymentTerms?$filter=" in notice["resource"]


def test_changed_line_notifies_its_document(erp: Any, receiver: Any) -> None:
    """A change of an order's line is a change of the order."""
    erp.post(f"{erp.company}/customers", {"displayName": "A"})
    order = erp.post(f"{erp.company}/salesOrders", {"customerNumber": "C00010"})
    _subscribe(erp, receiver.url, "salesOrders")
    erp.post(f"{erp.company}/salesOrders({order['id']})/salesOrderLines", {"description": "Text"})
    assert _deliver(erp) == 1
    assert order["id"] in receiver.received[0]["value"][0]["resource"]


def test_failed_handshake_refuses_the_subscription(erp: Any, receiver: Any) -> None:
    """A receiver that doesn't echo the token gets no subscription."""
    receiver.handshake_status = 500
    body = {"notificationUrl": receiver.url, "resource": "customers"}
    status, code, message = erp.refused("POST", f"{API}/subscriptions", body)
    assert (status, code) == (400, "Application_DialogException")
    assert "handshake" in message
    assert erp.values(f"{API}/subscriptions") == []


@pytest.mark.parametrize(
    "change",
    [
        {"notificationUrl": "http://example.com/x"},
        {"resource": "salesOrderLines"},
        {"resource": "contacts"},
        {"resource": ""},
        {"clientState": "x" * 2049},
        {"nonsense": 1},
    ],
)
def test_wrong_subscriptions_are_refused(erp: Any, receiver: Any, change: dict[str, object]) -> None:
    """Plain http abroad, sets without webhooks, too long states and unknown properties are refused."""
    body = {"notificationUrl": receiver.url, "resource": "customers", **change}
    assert erp.refused("POST", f"{API}/subscriptions", body)[0] == 400


def test_subscription_expires_unless_renewed(erp: Any, receiver: Any) -> None:
    """A subscription lives three days; a PATCH with its tag lets it live three more."""
    subscription = _subscribe(erp, receiver.url)
    url = f"{API}/subscriptions('{subscription['subscriptionId']}')"
    assert subscription["expirationDateTime"] == "2026-11-23T12:00:00.000Z"
    erp.clock.advance(days=2)
    assert erp.refused("PATCH", url, {})[:2] == (400, "BadRequest_InvalidToken")
    renewed = erp.patch(url, {}, subscription["@odata.etag"])
    assert renewed["expirationDateTime"] == "2026-11-25T12:00:00.000Z"
    assert erp.refused("PATCH", url, {}, {"If-Match": subscription["@odata.etag"]})[0] == 409
    erp.clock.advance(days=2)
    assert erp.get(url)["clientState"] == "secret"
    erp.clock.advance(days=1)
    assert erp.refused("GET", url)[0] == 404


def test_failing_receiver_is_tried_again(erp: Any, receiver: Any) -> None:
    """A server error postpones the notice; any other refusal ends the subscription."""
    _subscribe(erp, receiver.url)
    erp.post(f"{erp.company}/customers", {"displayName": "A"})
    receiver.status = 503
    assert _deliver(erp) == 0
    receiver.status = 200
    assert _deliver(erp) == 0
    erp.clock.advance(minutes=5)
    assert _deliver(erp) == 1
    receiver.status = 410
    erp.post(f"{erp.company}/customers", {"displayName": "B"})
    assert _deliver(erp) == 0
    assert erp.values(f"{API}/subscriptions") == []


def test_subscriptions_survive_a_restart(open_erp: Any, receiver: Any, tmp_path: Any) -> None:
    """Subscriptions are kept in the store."""
    first = open_erp(tmp_path)
    _subscribe(first, receiver.url)
    first.app.close()
    second = open_erp(tmp_path)
    assert len(second.values(f"{API}/subscriptions")) == 1
    url = f"{API}/subscriptions('{second.values(f'{API}/subscriptions')[0]['subscriptionId']}')"
    assert second.send("DELETE", url, headers={"If-Match": "*"}).status == 204


def test_supported_resources_are_listed(erp: Any) -> None:
    """The list of what can be subscribed to names customers, and is for users only."""
    url = f"/BC/api/microsoft/runtime/beta/companies({erp.app.company.id})/webhookSupportedResources"
    assert {"resource": "v2.0/customers"} in erp.values(url)
    assert erp.app.call("GET", url).status == 401
    assert erp.refused("GET", url + "x")[0] == 404


async def test_handshake_does_not_block_the_loop(erp: Any) -> None:
    """A receiver on the very loop that serves the sandbox can answer the handshake."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the handshake slowly."""
        line = await reader.readline()
        token = line.split()[1].rpartition(b"validationToken=")[2]
        writer.write(
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(token), token)
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    body = json.dumps({"notificationUrl": f"http://127.0.0.1:{port}/", "resource": "customers"}).encode()
    sent: list[Any] = []
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"{API}/subscriptions",
        "raw_path": f"{API}/subscriptions".encode(),
        "query_string": b"",
        "headers": [(b"authorization", b"Basic SU5URVJMQUNFOnRlc3QtYWNjZXNzLWtleQ==")],
    }

    async def receive() -> dict[str, Any]:
        """Give the request."""
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        """Keep what is answered."""
        sent.append(message)

    await erp.app(scope, receive, send)
    server.close()
    await server.wait_closed()
    assert sent[0]["status"] == 201
