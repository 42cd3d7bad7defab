"""People at both services: they speak the public protocols, in their own name, and never by way of Interlace."""

import base64
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

import msgspec
from yarl import URL

from interlace.connectors.http_message import HttpAnswer
from interlace.domain.side import Side
from interlace.simulation.services import COMPANY, CRM_ORIGIN, ERP_KEY, ERP_ORIGIN, ERP_USER, Services

_EXACT: Final = msgspec.json.Encoder(decimal_format="number")
_JSON: Final = {"Accept": "application/json", "Content-Type": "application/json"}


class Refused(Exception):
    """A service refused what a person wanted."""

    def __init__(self, what: str, answer: HttpAnswer) -> None:
        super().__init__(f"{what}: {answer.status} {answer.body[:400].decode('utf-8', 'replace')}")
        self.answer = answer


class Clerk:
    """Works in the ERP: on its pages, and through its API where that is shorter."""

    def __init__(self, services: Services) -> None:
        self._services = services
        pair = base64.b64encode(f"{ERP_USER}:{ERP_KEY}".encode()).decode()
        self._headers = {**_JSON, "Authorization": f"Basic {pair}", "If-Match": "*"}
        self._api = f"{ERP_ORIGIN}/BC/api/v2.0/companies({services.erp.company.id})"

    def page(self, method: str, path: str, values: object = None) -> Any:
        """Ask a page service, such as `SalesOrder('101001')`."""
        return self._ask(method, f"{ERP_ORIGIN}/BC/ODataV4/Company('{COMPANY}')/{path}", values)

    def rows(self, path: str, condition: str = "") -> list[dict[str, Any]]:
        """Read all rows of a page service that fulfil a condition."""
        query = f"?$filter={quote(condition)}" if condition else ""
        return list(self.page("GET", f"{path}{query}")["value"])

    def api(self, method: str, path: str, values: object = None) -> Any:
        """Ask the API."""
        return self._ask(method, f"{self._api}/{path}", values)

    def _ask(self, method: str, url: str, values: object) -> Any:
        headers = dict(self._headers)
        if method not in {"PATCH", "DELETE"}:
            del headers["If-Match"]
        answer = self._services.carry(
            Side.ERP, method, URL(url, encoded=True), headers, _body(values), by_engine=False
        )
        return _read(f"ERP {method} {url} {values}", answer)


class Salesperson:
    """Works in the CRM as one of its users: not as the integration user, for whom nothing is calculated."""

    def __init__(self, services: Services) -> None:
        self._services = services
        bearer = f"Bearer {services.crm.access_token()}"
        self._headers = {**_JSON, "Authorization": bearer}
        users = self.rows("systemusers", "fullname eq 'Anna Berg'")
        self._headers["MSCRMCallerID"] = str(users[0]["systemuserid"])

    def ask(self, method: str, path: str, values: object = None) -> Any:
        """Ask the Web API, such as `accounts(...)`."""
        url = f"{CRM_ORIGIN}/api/data/v9.2/{path}"
        headers = dict(self._headers)
        if method == "PATCH":
            headers["If-Match"] = "*"
        answer = self._services.carry(
            Side.CRM, method, URL(url, encoded=True), headers, _body(values), by_engine=False
        )
        content = _read(f"CRM {method} {path} {values}", answer)
        if content:
            return content
        entity = answer.headers.get("odata-entityid", "")
        found = re.search(r"\(([0-9a-f-]{36})\)$", entity)
        return found[1] if found else None

    def create(self, table_set: str, values: Mapping[str, object]) -> str:
        """Create a record; return its id."""
        return str(self.ask("POST", table_set, values))

    def rows(self, table_set: str, condition: str = "", more: str = "") -> list[dict[str, Any]]:
        """Read all rows of a table that fulfil a condition."""
        options = [f"$filter={quote(condition)}"] if condition else []
        if more:
            options.append(more)
        return list(self.ask("GET", f"{table_set}?{'&'.join(options)}")["value"])


def _body(values: object) -> bytes | None:
    return None if values is None else _EXACT.encode(values)


def _read(what: str, answer: HttpAnswer) -> Any:
    if not answer.is_success:
        raise Refused(what, answer)
    return json.loads(answer.body, parse_float=Decimal) if answer.body else None
