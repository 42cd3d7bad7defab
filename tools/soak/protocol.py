"""A plain client of both services, as any third party would write it; shares no code with what it watches."""

import http.client
import json
import time
import urllib.parse
from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any

from interlace.bootstrap.demo import DemoEnds

AGENT = "soak-user"
"""The people of the soak meet no faults: what became of their own edits must be known."""
Row = dict[str, Any]
_OK = 300
_TIMEOUT_SECONDS = 30
_IDLE_SECONDS = 2.0


class Refused(Exception):
    """The service answered with an error."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text[:300]}")
        self.status = status


class Client:
    """Requests to one service; one connection, one thread."""

    def __init__(self, address: str, authorization: str | None) -> None:
        parts = urllib.parse.urlsplit(address)
        self._connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS
        )
        self._last_used = 0.0
        self._headers = {"User-Agent": AGENT, "Accept": "application/json"}
        if authorization is not None:
            self._headers["Authorization"] = authorization

    def send(
        self, method: str, path: str, body: Mapping[str, object] | None = None, tag: str | None = None
    ) -> Any:  # noqa: ANN401 - whatever JSON the service answers
        """Send a request and return the answer's JSON; raises Refused."""
        content = None if body is None else json.dumps(body).encode()
        answer = self.exchange(method, path, content, "application/json", tag)
        return json.loads(answer) if answer else None

    def exchange(
        self, method: str, path: str, body: bytes | None, content_type: str, tag: str | None = None
    ) -> bytes:
        """Send bytes and return bytes; raises Refused."""
        headers = dict(self._headers)
        if body is not None:
            headers["Content-Type"] = content_type
        if tag is not None:
            headers["If-Match"] = tag
        if time.monotonic() - self._last_used > _IDLE_SECONDS:
            # The server ends a connection that nobody used for a while, maybe just now.
            self._connection.close()
        self._last_used = time.monotonic()
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status >= _OK:
            raise Refused(answer.status, text.decode(errors="replace"))
        return text

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class Outsider:
    """A person (or a program) who is signed in at both services."""

    def __init__(self, ends: DemoEnds) -> None:
        pair = f"{ends.erp['erp_user']}:{ends.erp['erp_access_key']}"
        self.erp = Client(ends.erp["erp_address"], "Basic " + b64encode(pair.encode()).decode())
        company = urllib.parse.quote(ends.erp["erp_company"])
        self._ends = ends
        self.erp_root = f"{urllib.parse.urlsplit(ends.erp['erp_address']).path}/ODataV4/Company('{company}')/"
        self.crm_root = "/api/data/v9.2/"
        self.crm = Client(ends.crm["crm_address"], None)
        self.sign_in()

    def sign_in(self) -> None:
        """Connect anew with a new token: a service that was started again knows neither."""
        self.close()
        crm = self._ends.crm
        form = {
            "grant_type": "client_credentials",
            "client_id": crm["crm_client_id"],
            "client_secret": crm["crm_client_secret"],
            "scope": crm["crm_address"] + "/.default",
        }
        signing = Client(crm["crm_address"], None)
        token_path = urllib.parse.urlsplit(crm["crm_token_url"]).path
        answer = signing.exchange(
            "POST", token_path, urllib.parse.urlencode(form).encode(), "application/x-www-form-urlencoded"
        )
        signing.close()
        self.crm = Client(crm["crm_address"], "Bearer " + json.loads(answer)["access_token"])

    def marker_steps(self) -> int:
        """Add up the marker rows of both services: how often Interlace wrote where it stands."""
        in_erp = sum(row["Counter"] for row in self.erp_rows("EpochMarkers"))
        return int(in_erp + sum(row["ilc_counter"] for row in self.crm_rows("ilc_epochmarkers")))

    def close(self) -> None:
        """Close both connections."""
        self.erp.close()
        self.crm.close()

    def erp_path(self, page: str, number: str | None = None) -> str:
        """Return the path of a page, or of one of its records."""
        return f"{self.erp_root}{page}" + ("" if number is None else f"('{urllib.parse.quote(number)}')")

    def crm_path(self, set_name: str, record_id: str | None = None) -> str:
        """Return the path of an entity set, or of one of its records."""
        return f"{self.crm_root}{set_name}" + ("" if record_id is None else f"({record_id})")

    def erp_rows(self, page: str, condition: str = "") -> Iterator[Row]:
        """Yield all records of a page."""
        query = f"?$filter={urllib.parse.quote(condition)}" if condition else ""
        yield from _pages(self.erp, self.erp_path(page) + query)

    def crm_rows(self, set_name: str, condition: str = "") -> Iterator[Row]:
        """Yield all records of an entity set."""
        query = f"?$filter={urllib.parse.quote(condition)}" if condition else ""
        yield from _pages(self.crm, self.crm_path(set_name) + query)


def _pages(client: Client, path: str) -> Iterator[Row]:
    following: str | None = path
    while following is not None:
        content = client.send("GET", following)
        yield from content["value"]
        link = content.get("@odata.nextLink")
        parts = urllib.parse.urlsplit(link) if link else None
        following = None if parts is None else f"{parts.path}?{parts.query}"
