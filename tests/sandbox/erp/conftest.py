"""A client of the ERP sandbox in process, and a clock that the test sets."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from interlace.sandbox.erp import ErpSandbox, ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.exchange import Response

API = "/BC/api/v2.0"
PAGES = "/BC/ODataV4"
KEY = "test-access-key"


@dataclass
class Clock:
    """Time that stands still until a test moves it."""

    moment: datetime = field(default_factory=lambda: datetime(2026, 11, 20, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        """The time now."""
        return self.moment

    def advance(self, **by: float) -> None:
        """Let time pass."""
        self.moment += timedelta(**by)


def basic(user: str = "INTERLACE", key: str = KEY) -> str:
    """The value of an Authorization header."""
    return "Basic " + base64.b64encode(f"{user}:{key}".encode()).decode()


@dataclass
class Client:
    """Speaks JSON with a sandbox, without a socket."""

    app: ErpSandbox
    clock: Clock

    @property
    def company(self) -> str:
        """The address of the company in the API."""
        return f"{API}/companies({self.app.company.id})"

    @property
    def pages(self) -> str:
        """The address of the company in the page services."""
        return f"{PAGES}/Company('{quote(self.app.company.name)}')"

    def send(
        self, method: str, url: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Send any request."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self.app.call(method, url, headers={"Authorization": basic(), **(headers or {})}, body=content)

    def get(self, url: str, **headers: str) -> Any:
        """Read something that must be there."""
        response = self.send(
            "GET", url, headers={name.replace("_", "-"): each for name, each in headers.items()}
        )
        assert response.status == 200, response.body
        return json.loads(response.body)

    def values(self, url: str, **headers: str) -> list[dict[str, Any]]:
        """Read one page of a collection."""
        values: list[dict[str, Any]] = self.get(url, **headers)["value"]
        return values

    def post(self, url: str, body: object) -> Any:
        """Create something; it must succeed."""
        response = self.send("POST", url, body)
        assert response.status == 201, response.body
        return json.loads(response.body)

    def patch(self, url: str, body: object, tag: str = "*") -> Any:
        """Change something; it must succeed."""
        response = self.send("PATCH", url, body, {"If-Match": tag})
        assert response.status == 200, response.body
        return json.loads(response.body)

    def refused(
        self, method: str, url: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, str, str]:
        """Send a request that must be refused; return status, code and message."""
        response = self.send(method, url, body, headers)
        assert response.status >= 400, response.body
        error = json.loads(response.body)["error"]
        return response.status, error["code"], error["message"]


def rows() -> Iterator[tuple[str, dict[str, object]]]:
    """A very small company."""
    yield "General_Ledger_Setup", {"Primary_Key": "", "LCY_Code": "EUR"}
    yield "Country_Region", {"Code": "DE", "Name": "Deutschland"}
    yield "Currency", {"Code": "USD", "Description": "US-Dollar", "Amount_Rounding_Precision": "0.01"}
    yield (
        "Currency_Exchange_Rate",
        {
            "Currency_Code": "USD",
            "Starting_Date": "2026-01-01",
            "Exchange_Rate_Amount": "1.1",
            "Relational_Exch_Rate_Amount": 1,
        },
    )
    for unit in ("PCS", "BOX"):
        yield "Unit_of_Measure", {"Code": unit, "Description": unit}
    yield "Payment_Terms", {"Code": "30 DAYS", "Description": "30 Tage netto"}
    yield "Salesperson_Purchaser", {"Code": "AB", "Name": "Anna Berg"}


Open = Callable[..., Client]


@pytest.fixture
def open_erp(tmp_path: Path) -> Iterator[Open]:
    """Opens sandboxes on a directory and closes them afterwards."""
    opened: list[ErpSandbox] = []

    def open_one(directory: Path | None = None, **options: Any) -> Client:
        clock = options.pop("clock", None) or Clock()
        chosen = {"company": "Nordlicht", "access_key": KEY, "seed": rows, "now": clock, **options}
        app = create_erp_sandbox(directory, ErpSandboxOptions(**chosen))
        opened.append(app)
        return Client(app=app, clock=clock)

    yield open_one
    for app in opened:
        app.close()


@pytest.fixture
def erp(open_erp: Open) -> Client:
    """A sandbox in memory with the small company."""
    return open_erp()
