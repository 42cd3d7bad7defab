"""A sign-in service in memory whose clock the test sets, and what is sent to it."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from interlace.sandbox.exchange import Request, Response
from interlace.sandbox.identity import IdentityService, Registration, open_directory
from interlace.sandbox.identity.founding import ensure_application, ensure_person
from interlace.sandbox.identity.resources import BC_AUDIENCE

BASE = "https://127.0.0.1:7148/"
CRM = "https://127.0.0.1:7148"
ERP = BC_AUDIENCE
TENANT = "0e7c1a34-5b2d-4f68-8a90-b1c2d3e4f506"
CLIENT = "5f0a9c1e-2d3b-4e6f-8a7c-9b0d1e2f3a4b"
SECRET = "a-secret-of-forty-characters-0123456789x"
PUBLIC = "51f81489-12ee-4a9e-aaae-a2591f45987d"
PERSON = "ada@interlace.invalid"
PASSWORD = "correct horse"


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


@dataclass
class Office:
    """The service with its clock."""

    service: IdentityService
    clock: Clock

    def send(self, method: str, path: str, body: bytes = b"", query: str = "", **headers: str) -> Response:
        """One request."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.service.page(
            Request(method=method, path=path, query=query, headers=named, body=body, service_url=BASE)
        )

    def post(self, path: str, form: dict[str, str], **headers: str) -> tuple[int, dict[str, Any]]:
        """Status and JSON of a posted form."""
        answer = self.send("POST", path, urlencode(form).encode(), **headers)
        return answer.status, json.loads(answer.body)

    def token(self, tenant: str = TENANT, **form: str) -> tuple[int, dict[str, Any]]:
        """The answer of the token endpoint."""
        return self.post(f"/{tenant}/oauth2/v2.0/token", form)

    def as_application(self, **changes: str) -> tuple[int, dict[str, Any]]:
        """The answer to the integration's request for a token, with changes; blank ones are left out."""
        form = {
            "grant_type": "client_credentials",
            "client_id": CLIENT,
            "client_secret": SECRET,
            "scope": f"{CRM}/.default",
            **changes,
        }
        return self.token(**{name: value for name, value in form.items() if value})

    def change(self, client_id: str = CLIENT, **fields: object) -> None:
        """Changes a registration."""
        held = self.service.directory.application(client_id)
        assert held is not None
        document = {**held.document(), **fields}
        self.service.directory.keep_application(Registration.from_document(document))


def claims(token: str) -> dict[str, Any]:
    """What a token says."""
    part = token.split(".")[1]
    said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return said


@pytest.fixture
def office() -> Iterator[Office]:
    """A directory with an application, a public one, and a person."""
    clock = Clock()
    directory = open_directory(None, now=clock)
    ensure_application(directory, CLIENT, "Integration", secret=SECRET)
    ensure_application(directory, PUBLIC, "Sign-in", is_public=True)
    ensure_person(directory, PERSON, "Ada Berg", PASSWORD)
    yield Office(service=IdentityService(directory), clock=clock)
    directory.close()
