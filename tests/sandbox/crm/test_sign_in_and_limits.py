"""Tokens, callers, service protection limits, the request log and planned faults."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from tests.sandbox.crm.conftest import ROOT, Client, Clock, open_sandbox, refusal

from interlace.sandbox.crm import SandboxOptions
from interlace.sandbox.exchange import Response
from interlace.sandbox.faults import ConnectionDropped, Fault, FaultMoment
from interlace.sandbox.limits import LimitSettings

OPTIONS = SandboxOptions()
FORM = {
    "grant_type": "client_credentials",
    "client_id": OPTIONS.client_id,
    "client_secret": OPTIONS.client_secret,
    "scope": "http://127.0.0.1/.default",
}


def ask(client: Client, **changes: str) -> Response:
    """A token request."""
    body = urlencode({**FORM, **changes}).encode()
    return client.app.call("POST", f"/{OPTIONS.tenant_id}/oauth2/v2.0/token", body=body)


def test_client_credentials_give_a_working_token(client: Client) -> None:
    """The token endpoint and the API agree on who the caller is."""
    answer = json.loads(ask(client).body)
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3599)
    client.token = answer["access_token"]
    user = client.get(f"systemusers({client.get('WhoAmI')['UserId']})")
    assert user["applicationid"] == OPTIONS.client_id


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "00000000-0000-0000-0000-000000000000"}, "unauthorized_client"),
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({"grant_type": "password"}, "invalid_grant"),
    ],
)
def test_wrong_credentials_get_no_token(client: Client, changes: dict[str, str], error: str) -> None:
    """Each mistake has its own error word."""
    response = ask(client, **changes)
    assert response.status in (400, 401)
    assert json.loads(response.body)["error"] == error


def test_requests_without_a_valid_token_are_refused(client: Client) -> None:
    """Missing, unknown and expired tokens answer 401 with a challenge."""
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic YTpi"}):
        response = client.app.call("GET", f"{ROOT}accounts", headers=headers)
        assert response.status == 401
        assert str(response.header("WWW-Authenticate")).startswith("Bearer ")
    client.clock.forward(hours=1)
    assert client.send("GET", "WhoAmI").status == 401


def test_disabled_and_unknown_users_are_refused(client: Client) -> None:
    """A token does not outlive the user's right to call."""
    user = client.get("systemusers?$filter=fullname eq 'Anna Berg'")["value"][0]["systemuserid"]
    client.token = client.app.tokens.give(user)
    assert client.send("GET", "WhoAmI").status == 200
    client.token = client.app.access_token()
    client.patch(f"systemusers({user})", {"isdisabled": True})
    client.token = client.app.tokens.give(user)
    assert refusal(client.send("GET", "WhoAmI")) == (403, "0x80040225")


def test_requests_above_the_limit_answer_429(clock: Clock) -> None:
    """The code names the limit, Retry-After says when there is room again."""
    app = open_sandbox(None, clock, limits=LimitSettings(requests=3))
    client = Client(app, clock)
    first = client.send("GET", "WhoAmI")
    assert first.header("x-ms-ratelimit-burst-remaining-xrm-requests") == "2"
    assert [client.send("GET", "WhoAmI").status for _ in range(3)] == [200, 200, 429]
    response = client.send("GET", "WhoAmI")
    assert refusal(response) == (429, "0x80072322")
    assert 0 < int(response.header("Retry-After") or 0) <= 301
    clock.forward(seconds=301)
    assert client.send("GET", "WhoAmI").status == 200
    app.close()


def test_limits_are_off_by_default(client: Client) -> None:
    """No rate headers, no refusals."""
    assert client.send("GET", "WhoAmI").header("x-ms-ratelimit-burst-remaining-xrm-requests") is None


def test_the_request_log_proves_that_nothing_was_written(client: Client) -> None:
    """Reads and sign-ins are no writes; counts are kept by method."""
    client.app.requests.clear()
    client.get("accounts")
    ask(client)
    client.app.call("POST", f"/{OPTIONS.tenant_id}/oauth2/v2.0/devicecode")
    client.app.call("POST", "/devicelogin/")
    assert client.app.requests.writes() == []
    client.create("accounts", {"name": "A"})
    assert [(line.method, line.path, line.status) for line in client.app.requests.writes()] == [
        ("POST", "accounts", 204)
    ]
    shown = json.loads(client.app.call("GET", "/sandbox/requests").body)
    assert shown["counts"]["POST"] == 4
    assert shown["writes"] == 1


def test_a_lost_answer_leaves_the_effect(client: Client) -> None:
    """The record is there although the client never heard of it."""
    client.app.faults.faults.append(Fault(method="POST", path_contains="accounts", moment=FaultMoment.AFTER))
    with pytest.raises(ConnectionDropped):
        client.send("POST", "accounts", {"name": "A"})
    assert len(client.get("accounts")["value"]) == 1


def test_a_planned_answer_replaces_the_true_one(client: Client) -> None:
    """A fault before the effect leaves nothing done."""
    busy = Response(status=503, headers=(("Retry-After", "2"),))
    client.app.faults.faults.append(Fault(method="POST", answer=busy, times=2))
    assert [client.send("POST", "accounts", {"name": "A"}).status for _ in range(3)] == [503, 503, 204]
    assert len(client.get("accounts")["value"]) == 1
