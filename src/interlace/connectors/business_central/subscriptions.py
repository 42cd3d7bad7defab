"""Keeps webhook subscriptions of API v2.0 alive: made once, renewed before they end, removed when not wanted.

A notice only wakes a run that would have come anyway: polling stays the safety net, and every record is read back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from interlace.connectors.classify import service_error
from interlace.connectors.collection import CollectionReader
from interlace.connectors.http_message import HttpAnswer, HttpRequest, RequestFailed
from interlace.engine.service import ServiceMismatch
from interlace.locale.translatable import as_sentence, text_of, translatable

RENEWED_BEFORE: Final = timedelta(days=1)
"""They live for three days: a day without us may pass before one ends."""
_JSON: Final = {"Content-Type": "application/json"}
_PAGE: Final = 200


class _Listed(msgspec.Struct):
    """A subscription as the service lists it."""

    subscriptionId: str  # noqa: N815 - the service's name
    notificationUrl: str  # noqa: N815 - the service's name
    resource: str
    expirationDateTime: datetime  # noqa: N815 - the service's name
    tag: str = msgspec.field(name="@odata.etag", default="*")


class _Supported(msgspec.Struct):
    """A set that can be subscribed to, such as v2.0/customers."""

    resource: str


@dataclass(slots=True, kw_only=True)
class Upkeep:
    """What one round of upkeep did; `refused` says in words which sets send no notices, and why."""

    made: list[str] = field(default_factory=list)
    renewed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


class SubscriptionKeeper:
    """Looks after the subscriptions of one company that lead to one receiver."""

    def __init__(self, reader: CollectionReader, api_root: str, company_id: str) -> None:
        self._reader = reader
        self._api_root = api_root
        self._company = f"companies({company_id})"
        self._api = api_root.rpartition("/api/")[2].strip("/")
        # A resource begins with /api, whatever stands before it in the address of the service.
        self._place = f"/api/{self._api}/{self._company}"

    async def keep(self, api_sets: Sequence[str], receiver: str, client_state: str, now: datetime) -> Upkeep:
        """Make what is missing, renew what ends within a day, remove what nobody wants any more.

        Subscriptions that lead elsewhere belong to somebody else and are left alone.
        """
        done = Upkeep()
        ours: dict[str, _Listed] = {}
        for each in await self._held():
            if each.notificationUrl == receiver and self._company.lower() in each.resource.lower():
                ours[each.resource.rstrip("/").rpartition("/")[2]] = each
        for api_set in api_sets:
            held = ours.pop(api_set, None)
            if held is None:
                body = _body(receiver, client_state, f"{self._place}/{api_set}")
                answer = await self._send("POST", "", body)
                _note(done.made, done.refused, api_set, answer)
            elif _aware(held.expirationDateTime) - now <= RENEWED_BEFORE:
                body = _body(receiver, client_state, held.resource)
                answer = await self._send("PATCH", held.subscriptionId, body, held.tag)
                _note(done.renewed, done.refused, api_set, answer)
        for api_set, each in ours.items():
            answer = await self._send("DELETE", each.subscriptionId, None, each.tag)
            _note(done.removed, done.refused, api_set, answer)
        return done

    async def supported(self, list_url: str) -> frozenset[str] | None:
        """Return the sets of our API that can be subscribed to; None where the service has no list of them."""
        try:
            raws = await self._reader.everything(list_url, page_size=_PAGE)
        except ServiceMismatch:
            return None
        resources = (msgspec.json.decode(raw, type=_Supported).resource.strip("/") for raw in raws)
        # The list has the sets of every publisher's API: their names may be those of ours.
        named = (each.removeprefix("api/").rpartition("/") for each in resources)
        return frozenset(name for api, _, name in named if api == self._api)

    async def _held(self) -> list[_Listed]:
        raws = await self._reader.everything(f"{self._api_root}subscriptions", page_size=_PAGE)
        return [msgspec.json.decode(raw, type=_Listed) for raw in raws]

    async def _send(
        self, method: str, key: str, body: bytes | None, tag: str | None = None
    ) -> HttpAnswer | RequestFailed:
        predicate = f"('{key}')" if key else ""
        condition = {"If-Match": tag} if tag is not None else {}
        headers = condition if body is None else {**_JSON, **condition}
        request = HttpRequest(
            method=method, url=f"{self._api_root}subscriptions{predicate}", headers=headers, body=body
        )
        try:
            return await self._reader.channel.send(request)
        except RequestFailed as failure:
            return failure


def _body(receiver: str, client_state: str, resource: str) -> bytes:
    return msgspec.json.encode(
        {"notificationUrl": receiver, "resource": resource, "clientState": client_state}
    )


def _note(done: list[str], refused: dict[str, str], api_set: str, answer: HttpAnswer | RequestFailed) -> None:
    """Remember how it ended; what got lost shows in the next round, which reads the list first."""
    if isinstance(answer, HttpAnswer) and answer.is_success:
        done.append(api_set)
        return
    if isinstance(answer, HttpAnswer):
        reason = service_error(answer.body).message or f"status {answer.status}"
    else:
        reason = translatable("no answer ({problem})", problem=as_sentence(text_of(answer)))
    refused[api_set] = translatable(
        "The ERP sends no notices about {subject}: {reason}. Changes are found by polling; see that the receiver can "
        "be reached over https from the ERP.",
        subject=api_set,
        reason=reason,
    )


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
