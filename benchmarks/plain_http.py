"""The cheapest client of both services: one blocking keep-alive connection, nothing retried or limited."""

import base64
import http.client
import json
import time
from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

_KEPT_SECONDS = 3.0
"""The services end a connection that was not used for some seconds."""
_JSON = {"Content-Type": "application/json"}
CREATE_MULTIPLE = "/api/data/v9.2/accounts/Microsoft.Dynamics.CRM.CreateMultiple"
UPSERT_MULTIPLE = "/api/data/v9.2/accounts/Microsoft.Dynamics.CRM.UpsertMultiple"
ACCOUNT_TYPE = "Microsoft.Dynamics.CRM.account"


class PlainService:
    """One keep-alive connection to a service."""

    def __init__(self, address: str, authorization: str = "") -> None:
        parts = urlsplit(address)
        self._connection = http.client.HTTPConnection(str(parts.hostname), parts.port)
        self._headers = {"Authorization": authorization, "Accept": "application/json"}
        self._used = 0.0
        self.requests = 0

    def ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> bytes:
        """Send a request and return the body of its answer; raises RuntimeError for a refusal."""
        if time.monotonic() - self._used > _KEPT_SECONDS:
            self._connection.close()  # the next request opens it again
        self._connection.request(method, path, body=body, headers={**self._headers, **headers})
        answer = self._connection.getresponse()
        content = answer.read()
        self._used = time.monotonic()
        self.requests += 1
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path} was answered {answer.status}: {content[:500]!r}")
        return content

    def get_page(self, path: str, page_size: int = 1000) -> bytes:
        """Get a page of a collection."""
        return self.ask("GET", path, None, {"Prefer": f"odata.maxpagesize={page_size}"})

    def post(self, path: str, body: bytes) -> bytes:
        """Post JSON."""
        return self.ask("POST", path, body, _JSON)


def open_erp(facts: Mapping[str, str]) -> PlainService:
    """Sign in to the ERP with its access key."""
    sign = base64.b64encode(f"INTERLACE:{facts['key']}".encode()).decode()
    return PlainService(facts["address"], f"Basic {sign}")


def open_crm(facts: Mapping[str, str]) -> PlainService:
    """Get a token for the CRM and use it."""
    form = {
        "grant_type": "client_credentials",
        "client_id": facts["client_id"],
        "client_secret": facts["secret"],
        "scope": f"{facts['address']}/.default",
    }
    parts = urlsplit(facts["token_url"])
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", parts.path, body=urlencode(form).encode(), headers=headers)
    token: str = json.loads(connection.getresponse().read())["access_token"]
    connection.close()
    return PlainService(facts["address"], f"Bearer {token}")


def customers_path(company: str, names: list[str]) -> str:
    """Address the ERP's customers with some of their fields."""
    return f"/BC/ODataV4/Company('{quote(company)}')/CustomerCard?$select={','.join(names)}"


def path_of(link: str | None) -> str | None:
    """Return the part of a continuation behind the host."""
    return None if link is None else "/" + link.partition("://")[2].partition("/")[2]
