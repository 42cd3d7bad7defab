"""People of the demo's story: each works in one service, by its public protocol, and never by way of Interlace."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import msgspec

from interlace.bootstrap.ends import origin_of
from interlace.connectors.http import HttpChannel
from interlace.connectors.http_message import HttpRequest
from interlace.connectors.sign_in import BasicSignIn
from interlace.locale.translatable import translatable

Row = Mapping[str, Any]
_EXACT = msgspec.json.Encoder(decimal_format="number", enc_hook=str)
_JSON = {"Accept": "application/json", "Content-Type": "application/json"}
_KEY = re.compile(r"\(([0-9a-f-]{36})\)$")
_CRM_ROOT = "/api/data/v9.2/"


class Refused(Exception):
    """A service refused what a person wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Salesperson:
    """Works in the CRM as one of its users: not as the integration user, for whom nothing is calculated."""

    channel: HttpChannel
    user_id: str
    name: str

    async def ask(self, method: str, path: str, values: object = None) -> Any:  # noqa: ANN401 - whatever is answered
        """Ask the Web API, such as `accounts(...)`; gives what it answers, or the key of what was created."""
        headers = {**_JSON, "MSCRMCallerID": self.user_id}
        if method == "PATCH":
            headers["If-Match"] = "*"
        return await _ask(self.channel, "CRM", method, f"{_CRM_ROOT}{path}", headers, values)

    async def create(self, table_set: str, values: Mapping[str, object]) -> str:
        """Create a record; gives its key."""
        return str(await self.ask("POST", table_set, values))

    async def rows(self, table_set: str, condition: str, more: str = "") -> list[Row]:
        """Read the rows of a table that fulfil a condition."""
        answer = await self.ask("GET", f"{table_set}?$filter={quote(condition)}{more}")
        return list(answer["value"])


async def salesperson(channel: HttpChannel) -> Salesperson:
    """Return the first sales user of the CRM, by name."""
    condition = quote("isdisabled eq false and internalemailaddress ne null")
    answer = await _ask(channel, "CRM", "GET", f"{_CRM_ROOT}systemusers?$filter={condition}", _JSON, None)
    people = [
        each for each in answer["value"] if each.get("applicationid") is None and each["accessmode"] == 0
    ]
    chosen = min(people, key=lambda each: str(each["fullname"]))
    return Salesperson(channel=channel, user_id=str(chosen["systemuserid"]), name=str(chosen["fullname"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Clerk:
    """Works in the ERP on its pages."""

    channel: HttpChannel
    company_path: str
    """Path of the company's page services, with a slash at its end."""

    async def page(self, method: str, path: str, values: object = None) -> Any:  # noqa: ANN401 - whatever is answered
        """Ask a page service, such as `SalesOrder('101001')`."""
        headers = dict(_JSON)
        if method in {"PATCH", "DELETE"}:
            headers["If-Match"] = "*"
        return await _ask(self.channel, "ERP", method, f"{self.company_path}{path}", headers, values)

    async def rows(self, service: str, condition: str) -> list[Row]:
        """Read the rows of a page that fulfil a condition."""
        return list((await self.page("GET", f"{service}?$filter={quote(condition)}"))["value"])


async def availability(connection: Row, product_id: str) -> Row | None:
    """Look a product's stock up as the CRM's order form does: with the sign-in that the CRM was given."""
    address = str(connection["ilc_odataurl"])
    sign_in = BasicSignIn(str(connection["ilc_odatausername"]), str(connection["ilc_odataaccesskey"]))
    async with HttpChannel(origin_of(address), sign_in) as channel:
        url = f"{address}?$filter={quote(f'CRM_ID eq {product_id}')}"
        rows = (await _ask(channel, "ERP", "GET", url, _JSON, None))["value"]
    return rows[0] if rows else None


async def _ask(
    channel: HttpChannel, service: str, method: str, url: str, headers: Mapping[str, str], values: object
) -> Any:  # noqa: ANN401 - whatever is answered
    body = None if values is None else _EXACT.encode(values)
    answer = await channel.send(HttpRequest(method=method, url=url, headers=dict(headers), body=body))
    if not answer.is_success:
        told = answer.body[:400].decode("utf-8", "replace")
        raise Refused(
            translatable(
                "The {service} refused {request}: {status} {said}",
                service=service,
                request=f"{method} {url}",
                status=str(answer.status),
                said=told,
            )
        )
    if answer.body:
        return json.loads(answer.body, parse_float=Decimal)
    found = _KEY.search(answer.headers.get("odata-entityid", ""))
    return found[1] if found else None
