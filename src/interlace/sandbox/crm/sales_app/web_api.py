"""Writes of the app: requests to the organization's own Web API, made in process as the signed-in user."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager

from interlace.sandbox import json_codec
from interlace.sandbox.crm.document_pricing import totals_put_off
from interlace.sandbox.crm.endpoint import CrmEndpoint
from interlace.sandbox.crm.records import Author, Records
from interlace.sandbox.exchange import Request, Response

Body = Mapping[str, object]


class WebApi:
    """A client of the Web API; everything the service refuses is raised as its `Refusal`."""

    def __init__(self, endpoint: CrmEndpoint, records: Records, user_id: str) -> None:
        self._endpoint = endpoint
        self._records = records
        self._author = Author(user_id)

    def all_or_nothing(self) -> AbstractContextManager[None]:
        """Several requests that are kept together, or none of them."""
        return self._endpoint.transaction()

    def lines_of_one_document(self) -> AbstractContextManager[None]:
        """Many lines: their document is added up once at the end, as for lines that are created with it."""
        return totals_put_off(self._records)

    def create(self, set_name: str, body: Body) -> str:
        """Adds a record; returns its id."""
        address = self._send("POST", set_name, body).header("OData-EntityId")
        assert address is not None, "a record that was made has an address"
        return address.rpartition("(")[2].rstrip(")")

    def update(self, address: str, body: Body, *, etag: str | None = None) -> None:
        """Changes a record; with `etag` only the version that the person saw."""
        self._send("PATCH", address, body, {"if-match": etag or "*"})

    def delete(self, address: str) -> None:
        """Deletes a record."""
        self._send("DELETE", address, None)

    def call(self, action: str, body: Body) -> Body:
        """Calls an action; returns its answer."""
        answer = self._send("POST", action, body).body
        return json_codec.decode_object(answer) if answer else {}

    def _send(
        self, method: str, path: str, body: Body | None, headers: Mapping[str, str] | None = None
    ) -> Response:
        request = Request(
            method=method,
            path=path,
            headers=headers or {},
            body=b"" if body is None else json_codec.encode(body),
            service_url=f"http://127.0.0.1{self._endpoint.roots[0]}",
            caller=self._author,
        )
        return self._endpoint.handle(request)
