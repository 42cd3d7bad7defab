"""One request on its way through the CRM: parsed path, options, preferences, caller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from interlace.odata.prefer import Preferences, parse_prefer
from interlace.odata.protocol_error import ProtocolError
from interlace.odata.query_options import CRM_QUERY_POLICY, QueryOptions, parse_query
from interlace.odata.resource_path import ResourcePath, Segment
from interlace.sandbox import json_codec
from interlace.sandbox.crm import errors
from interlace.sandbox.crm.reading import ReadRequest
from interlace.sandbox.crm.records import Author
from interlace.sandbox.exchange import Request, Response

VERSION_HEADER = ("OData-Version", "4.0")
JSON_HEADER = ("Content-Type", "application/json; odata.metadata=minimal; charset=utf-8")
TEXT_HEADER = ("Content-Type", "text/plain; charset=utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request with everything the parts of the service ask of it."""

    request: Request
    path: ResourcePath
    options: QueryOptions
    preferences: Preferences
    author: Author

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The segments of the path."""
        return self.path.segments

    @property
    def address(self) -> str:
        """The absolute address of the request without its query."""
        return self.request.service_url + self.request.path

    def reading(self) -> ReadRequest:
        """This call as a read."""
        return ReadRequest(
            service_url=self.request.service_url,
            address=self.address,
            raw_query=self.request.query,
            options=self.options,
            preferences=self.preferences,
            author=self.author,
        )

    def body(self, set_name: str) -> Mapping[str, object]:
        """The JSON object in the body; raises `Refusal` when there is none."""
        try:
            return json_codec.decode_object(self.request.body)
        except json_codec.JsonError as error:
            raise errors.payload_error(set_name, f"The body is no JSON object: {error}") from error

    def json(self, body: bytes, *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Response:
        """An answer with a JSON body."""
        return Response(
            status=status, headers=(JSON_HEADER, VERSION_HEADER, *self._applied(), *headers), body=body
        )

    def value(self, value: Mapping[str, object], type_name: str = "") -> Response:
        """An answer that holds a complex value, with its context."""
        context = {"@odata.context": f"{self.request.service_url}$metadata#{type_name}"} if type_name else {}
        return self.json(json_codec.encode({**context, **value}))

    def nothing(self, *headers: tuple[str, str]) -> Response:
        """The answer of a request that was done and has nothing to say."""
        return Response(status=204, headers=(VERSION_HEADER, *self._applied(), *headers))

    def _applied(self) -> tuple[tuple[str, str], ...]:
        preferences = self.preferences
        honoured = []
        if preferences.page_size is not None:
            honoured.append(f"odata.maxpagesize={preferences.page_size}")
        if preferences.annotations is not None:
            honoured.append(f'odata.include-annotations="{preferences.annotations}"')
        if preferences.return_representation:
            honoured.append("return=representation")
        if preferences.track_changes:
            honoured.append("odata.track-changes")
        return (("Preference-Applied", ",".join(honoured)),) if honoured else ()


def parse_call(request: Request, path: ResourcePath, author: Author) -> Call:
    """The call that a request makes; raises `Refusal` for unknown or malformed query options."""
    try:
        options = parse_query(request.query, CRM_QUERY_POLICY)
    except ProtocolError as error:
        raise errors.feature_refused(error.message) from error
    return Call(
        request=request,
        path=path,
        options=options,
        preferences=parse_prefer(request.header("prefer")),
        author=author,
    )
