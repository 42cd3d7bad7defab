"""Secrets that go beside the body of a request: whole, once, and whatever they are made of."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest

from interlace.management.entered_secrets import held_secrets, hold, taken
from interlace.web.secret_bodies import SecretBodies

FORM = "/do/setup/answer"
FORM_KIND = "application/x-www-form-urlencoded"
SECRETS = [
    "plain",
    "with spaces + plus & amp = equals % percent %41",
    'quotes " and \\ backslashes \\n',
    "Ёлка 松 \U0001f511",
    "x",
    "\ttab\nline",
]
Received = tuple[bytes, dict[str, str]]


async def sent(
    path: str,
    body: bytes,
    kind: str,
    *,
    parts: int = 1,
    headers: Mapping[str, str] | None = None,
    method: str = "POST",
) -> tuple[int, Received | None]:
    """Send a body in parts; gives the status, the body that was handed on, and the secrets that were taken."""
    received: list[Received] = []
    statuses: list[int] = []
    size = -(-len(body) // parts) or 1
    # Parts of their own, as a server makes them: they are wiped.
    pieces = [bytes(bytearray(body[at : at + size])) for at in range(0, len(body), size)] or [b""]
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": piece, "more_body": at < len(pieces) - 1}
        for at, piece in enumerate(pieces)
    ]

    async def receive() -> Any:
        """Give the next part."""
        return messages.pop(0)

    async def send(message: Any) -> None:
        """Keep the status."""
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def application(scope: Any, receive: Any, _send: Any) -> None:
        """Take what is handed on."""
        whole = (await receive())["body"]
        told = {name.decode(): value.decode() for name, value in scope["headers"]}
        assert told.get("content-length", "0") == str(len(whole))
        received.append((whole, {}))
        fields = dict(pair.partition("=")[::2] for pair in whole.decode().split("&"))
        for name, value in fields.items():
            if name.startswith("secrets.") and value:
                received[-1][1][name] = taken(value).decode()

    told = {"content-type": kind, "content-length": str(len(body)), **(headers or {})}
    scope: Any = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(name.encode(), value.encode()) for name, value in told.items() if value],
    }
    await SecretBodies(application)(scope, receive, send)
    return (statuses[0] if statuses else 200), (received[0] if received else None)


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("secret", SECRETS)
async def test_a_form_names_tokens_instead(secret: str, parts: int) -> None:
    """The secret comes out as it was typed, other fields stay as they were sent, and blank ones stay blank."""
    pairs = [
        ("step", "solution"),
        ("secrets.administrator.secret", secret),
        ("secrets.other", ""),
        ("answers.x", "a b"),
    ]
    body = urlencode(pairs).encode()
    status, handed_on = await sent(FORM, body, f"{FORM_KIND}", parts=parts)
    assert (status, handed_on is None) == (200, False)
    assert handed_on is not None
    whole, secrets = handed_on
    assert secrets == {"secrets.administrator.secret": secret}
    fields = [pair.partition(b"=")[::2] for pair in whole.split(b"&")]
    assert [name for name, _ in fields] == [name.encode() for name, _ in pairs]
    assert (fields[0][1], fields[2][1], fields[3][1]) == (b"solution", b"", b"a+b")
    assert len(fields[1][1]) == 32


async def test_what_can_not_be_looked_through_is_refused() -> None:
    """Without a length, too long, in parts of another kind."""
    form = b"secrets.a=b"
    assert (await sent(FORM, form, FORM_KIND, headers={"content-length": ""}))[0] == 411
    assert (await sent(FORM, form, FORM_KIND, headers={"content-length": "99999999"}))[0] == 413
    assert (await sent(FORM, form, "multipart/form-data; boundary=x"))[0] == 415


async def test_other_requests_are_handed_on_as_they_are() -> None:
    """Nobody else's body is touched."""
    assert (await sent(FORM, b"", FORM_KIND, headers={"content-length": ""}, method="GET"))[0] == 200
    assert await sent("/do/users/add", b"secrets.a=b", FORM_KIND) == (
        200,
        (b"secrets.a=b", {"secrets.a": "b"}),
    )


def test_a_secret_is_taken_once_and_in_its_own_request() -> None:
    """A token that is known elsewhere or later is a text like any other; what nobody took is wiped."""
    secret, left = bytearray(b"canary"), bytearray(b"canary")
    with held_secrets():
        token, other = hold(secret), hold(left)
        assert taken(token) is secret
        assert taken(token) == token.encode()
    assert (bytes(secret), bytes(left)) == (b"canary", bytes(6))
    assert taken(other) == other.encode()
