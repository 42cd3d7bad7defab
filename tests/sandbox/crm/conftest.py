"""An in-process client of a CRM sandbox whose clock the test sets."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from tests.ready_crm import ready_crm

from interlace.sandbox.crm import CrmSandbox, SalesUser
from interlace.sandbox.exchange import Response

ROOT = "/api/data/v9.2/"
EVERYTHING = 'odata.include-annotations="*"'


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The moment at which the clock stands."""
        return self.moment

    def forward(self, **span: float) -> None:
        """Moves the clock."""
        self.moment += timedelta(**span)


class Client:
    """Sends requests below the service root as the integration user."""

    def __init__(self, app: CrmSandbox, clock: Clock) -> None:
        self.app = app
        self.clock = clock
        self.token = app.access_token()

    def send(
        self, method: str, address: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Response:
        """One request; a blank in the address is encoded, an absolute address is used as it is."""
        url = address if address.startswith("http") else ROOT + address.replace(" ", "%20")
        content = b"" if body is None else body if isinstance(body, bytes) else dumps(body)
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        return self.app.call(method, url, headers=sent, body=content)

    def get(self, address: str, **headers: str) -> Any:
        """The JSON of a read that must succeed."""
        response = self.send("GET", address, headers={k.replace("_", "-"): v for k, v in headers.items()})
        assert response.status == 200, response.body
        return json.loads(response.body, parse_float=Decimal)

    def create(self, set_name: str, body: object) -> str:
        """The id of a record that must be created."""
        response = self.send("POST", set_name, body)
        assert response.status == 204, response.body
        entity_id = response.header("OData-EntityId")
        assert entity_id is not None
        return entity_id.rpartition("(")[2].rstrip(")")

    def patch(self, address: str, body: object, **headers: str) -> Response:
        """An update or upsert."""
        return self.send("PATCH", address, body, {k.replace("_", "-"): v for k, v in headers.items()})


def dumps(body: object) -> bytes:
    """JSON text; decimals become numbers."""
    return json.dumps(body, default=float).encode()


def refusal(response: Response) -> tuple[int, str]:
    """Status and code of an error answer."""
    return response.status, json.loads(response.body)["error"]["code"]


def encoded(text: str) -> str:
    """A text percent-encoded for a query string."""
    return quote(text, safe="")


SALES_USERS = (
    SalesUser(full_name="Anna Berg", email="anna.berg@wholesale.invalid"),
    SalesUser(full_name="Jörg Größe", email="joerg@wholesale.invalid"),
)


def open_sandbox(state_dir: Path | None, clock: Clock, **options: Any) -> CrmSandbox:
    """A sandbox with fixed time and randomness."""
    chosen = {"enforces_privileges": False, **options}
    return ready_crm(state_dir, now=clock, randomness=random.Random(1), sales_users=SALES_USERS, **chosen)


@pytest.fixture
def clock() -> Clock:
    """The clock of the sandbox."""
    return Clock()


@pytest.fixture
def client(clock: Clock) -> Iterator[Client]:
    """A client of a fresh sandbox in memory."""
    app = open_sandbox(None, clock)
    yield Client(app, clock)
    app.close()
