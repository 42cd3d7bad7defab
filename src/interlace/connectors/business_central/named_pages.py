"""A channel that lets page services be spoken to in our names of fields, whatever the ERP calls them.

Addresses and bodies are renamed on their way out, records and metadata on their way back. Continuations are the
service's own and pass as they are. Where every field is called as we call it nothing is touched.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import quote, unquote
from xml.etree.ElementTree import tostring

import msgspec
from defusedxml.ElementTree import fromstring

from interlace.connectors.business_central.field_names import ServiceNames, names_in
from interlace.connectors.http import HttpChannel
from interlace.connectors.http_message import HttpAnswer, HttpRequest
from interlace.odata.metadata_reader import parse_metadata
from interlace.odata.protocol_error import ProtocolError

_PAGES: Final = "/ODataV4/"
_METADATA: Final = f"{_PAGES}$metadata"
_BATCH: Final = f"{_PAGES}$batch"
_RENAMED_OPTIONS: Final = ("$select=", "$filter=", "$orderby=")
_SAFE: Final = "$'(),=@:!*"
_SERVICE: Final = re.compile(r"^[^\W\d]\w*")
_RECORDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ROWS: Final = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
_PARTS: Final = msgspec.json.Decoder(dict[str, list[dict[str, msgspec.Raw]]])


class NamedPagesChannel(HttpChannel):
    """Sends requests to an ERP whose pages may call fields otherwise; `asks_first` reads the names before all else."""

    asks_first = False
    _names: Mapping[str, ServiceNames] | None = None

    async def send(self, request: HttpRequest) -> HttpAnswer:
        """Send a request in the ERP's names, and return its answer in ours."""
        path = request.url.partition("?")[0]
        if _PAGES not in path:
            return await super().send(request)
        if path.endswith(_METADATA):
            return self._learn(await super().send(request))
        if self._names is None and self.asks_first:
            root = path[: path.index(_PAGES)]
            headers = {"Accept": "application/xml"}
            self._learn(
                await super().send(HttpRequest(method="GET", url=f"{root}{_METADATA}", headers=headers))
            )
        if not self._names:
            return await super().send(request)
        if path.endswith(_BATCH):
            return await self._send_batch(request)
        return await self._send_renamed(request)

    async def _send_renamed(self, request: HttpRequest) -> HttpAnswer:
        service, url = self._outgoing(request.url)
        names = (self._names or {}).get(service)
        if names is None:
            return await super().send(request)
        body = None if not request.body else _renamed_record(request.body, names.shown)
        answer = await super().send(replace(request, url=url, body=body))
        return replace(answer, body=_incoming(answer.body, names)) if answer.is_success else answer

    async def _send_batch(self, request: HttpRequest) -> HttpAnswer:
        """Rename within the parts of a JSON batch; the answers are bound to their requests by id."""
        parts = _PARTS.decode(request.body or b'{"requests":[]}')["requests"]
        services: dict[bytes, ServiceNames] = {}
        for part in parts:
            service, url = self._outgoing(msgspec.json.decode(part["url"], type=str))
            names = (self._names or {}).get(service)
            if names is None:
                continue
            services[bytes(part["id"])] = names
            part["url"] = msgspec.Raw(msgspec.json.encode(url))
            if "body" in part:
                part["body"] = msgspec.Raw(_renamed_record(bytes(part["body"]), names.shown))
        answer = await super().send(replace(request, body=msgspec.json.encode({"requests": parts})))
        try:
            responses = _PARTS.decode(answer.body)["responses"]
        except (msgspec.MsgspecError, KeyError):
            return answer
        for each in responses:
            names = services.get(bytes(each.get("id", b"")))
            if names is not None and "body" in each:
                each["body"] = msgspec.Raw(_incoming(bytes(each["body"]), names))
        return replace(answer, body=msgspec.json.encode({"responses": responses}))

    def _learn(self, answer: HttpAnswer) -> HttpAnswer:
        """Remember the names that a metadata document shows, and return the document in ours."""
        if not answer.is_success:
            return answer
        try:
            model = parse_metadata(answer.body)
        except ProtocolError:
            # Who reads it says what is wrong with it.
            return answer
        self._names = names_in(model)
        types = {model.sets[service].type.rpartition(".")[2]: names for service, names in self._names.items()}
        return replace(answer, body=_renamed_metadata(answer.body, types)) if types else answer

    def _outgoing(self, url: str) -> tuple[str, str]:
        """Return the page service that an address ends at, and the address in the ERP's names."""
        path, mark, query = url.partition("?")
        segments = path.split("/")
        service = ""
        for place, segment in enumerate(segments):
            found = _SERVICE.match(segment)
            names = None if found is None else (self._names or {}).get(found.group())
            if found is None or names is None:
                continue
            service = found.group()
            key = segment[found.end() :]
            if key:
                segments[place] = service + quote(names.to_shown(unquote(key)), safe=_SAFE)
        names = (self._names or {}).get(service)
        if names is None or "$skiptoken=" in query:
            return service, url
        options = [_renamed_option(option, names) for option in query.split("&")]
        return service, "/".join(segments) + mark + "&".join(options)


class NavPagesChannel(NamedPagesChannel):
    """Sends requests to NAV, which calls fields by their captions."""

    asks_first = True


def _renamed_option(option: str, names: ServiceNames) -> str:
    for name in _RENAMED_OPTIONS:
        if option.startswith(name):
            return name + quote(names.to_shown(unquote(option.removeprefix(name))), safe=_SAFE)
    return option


def _renamed_record(body: bytes, names: Mapping[str, str]) -> bytes:
    """Rename the members of an object; values stay the bytes that they are."""
    return msgspec.json.encode(
        {names.get(name, name): value for name, value in _RECORDS.decode(body).items()}
    )


def _incoming(body: bytes, names: ServiceNames) -> bytes:
    """Rename the members of a record, or of every record of a page; what is neither passes."""
    if body.lstrip()[:1] != b"{":
        return body
    try:
        document = _RECORDS.decode(body)
        if "value" not in document:
            return _renamed_record(body, names.ours)
        rows = _ROWS.decode(document["value"])
    except msgspec.MsgspecError:
        return body
    ours = names.ours
    renamed = [{ours.get(name, name): value for name, value in row.items()} for row in rows]
    return msgspec.json.encode({**document, "value": renamed})


def _renamed_metadata(document: bytes, types: Mapping[str, ServiceNames]) -> bytes:
    root = fromstring(document, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    for element in root.iter():
        names = types.get(element.get("Name", "")) if element.tag.endswith("}EntityType") else None
        if names is None:
            continue
        for each in element.iter():
            if each.tag.rpartition("}")[2] in {"Property", "PropertyRef"}:
                each.set("Name", names.ours.get(each.get("Name", ""), each.get("Name", "")))
    text: bytes = tostring(root, encoding="utf-8")
    return text
