"""Answers requests on `subscriptions` at the root of the API, with the handshake before each write."""

import secrets
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlsplit

from interlace.odata.entity import collection_body, entity_body
from interlace.odata.etag import parse_condition, parse_tag
from interlace.odata.protocol_error import ProtocolError
from interlace.odata.resource_path import Segment
from interlace.sandbox import json_codec
from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.record_layout import etag
from interlace.sandbox.erp.set_declaration import PublishedSet
from interlace.sandbox.erp.set_writing import parse_object
from interlace.sandbox.erp.subscriptions import SUBSCRIPTIONS_MAX, Subscription, Subscriptions
from interlace.sandbox.exchange import Refusal, Request, Response

# Asks a receiver to echo a token; returns None when it did, else what went wrong.
Handshake = Callable[[str, str], str | None]

_CLIENT_STATE_MAX = 2_048
_LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
_HEADERS = (("Content-Type", "application/json; odata.metadata=minimal"), ("OData-Version", "4.0"))


def new_token() -> str:
    """Return a validation token that nobody can guess."""
    return secrets.token_urlsafe(24)


def with_token(url: str, token: str) -> str:
    """Return the address that the handshake calls."""
    return f"{url}{'&' if urlsplit(url).query else '?'}validationToken={quote(token)}"


class SubscriptionRequests:
    """The set `subscriptions`.

    The verdict on a receiver may be known already (the server shakes hands without blocking its loop);
    otherwise the handshake is done here.
    """

    def __init__(
        self, subscriptions: Subscriptions, sets: Mapping[str, PublishedSet], handshake: Handshake
    ) -> None:
        self._subscriptions = subscriptions
        self._sets = sets
        self._handshake = handshake
        self.verdicts: dict[str, str | None] = {}

    def handle(self, request: Request, segment: Segment) -> Response:
        """Execute one request."""
        if segment.predicate is None:
            match request.method:
                case "GET":
                    return self._list(request)
                case "POST":
                    return self._create(request)
                case _:
                    raise refusals.method_not_allowed(request.method, "subscriptions")
        subscription = self._subscriptions.get(str(segment.predicate.single))
        if subscription is None:
            raise Refusal(
                404,
                "Internal_RecordNotFound",
                "The subscription does not exist or has expired. Create a new one.",
            )
        match request.method:
            case "GET":
                return self._answer(request, subscription, 200)
            case "PATCH" | "PUT":
                self._check_tag(request, subscription)
                return self._renew(request, subscription)
            case "DELETE":
                self._check_tag(request, subscription)
                self._subscriptions.remove(subscription)
                return Response(status=204, headers=(("OData-Version", "4.0"),))
            case _:
                raise refusals.method_not_allowed(request.method, "subscriptions")

    def receiver_of(self, request: Request, segment: Segment) -> str | None:
        """The address that a write asks to shake hands with; None when the request is no good anyway."""
        try:
            content = parse_object(request.body)
            if segment.predicate is None:
                return _receiver(content.get("notificationUrl"))
            subscription = self._subscriptions.get(str(segment.predicate.single))
            if subscription is None:
                return None
            return _receiver(content.get("notificationUrl", subscription.notification_url))
        except (Refusal, ProtocolError):
            return None

    # --- writes

    def _create(self, request: Request) -> Response:
        content = parse_object(request.body)
        _refuse_unknown(content)
        if len(self._subscriptions.current()) >= SUBSCRIPTIONS_MAX:
            raise refusals.dialog(f"There are {SUBSCRIPTIONS_MAX} subscriptions already. Delete one first.")
        url = _receiver(content.get("notificationUrl"))
        resource = content.get("resource")
        if not isinstance(resource, str) or not resource:
            raise refusals.bad_body("The property resource must name an entity set.")
        name = resource.partition("?")[0].rstrip("/").rpartition("/")[2].partition("(")[0]
        published = self._sets.get(name)
        if published is None or not published.webhooks:
            raise refusals.dialog(f"The resource {resource} does not support webhooks.")
        state = _client_state(content.get("clientState", ""))
        self._shake_hands(url)
        subscription = self._subscriptions.add(
            notification_url=url, resource=resource, client_state=state, set_name=name
        )
        location = ("Location", f"{request.service_url}subscriptions('{subscription.id}')")
        return self._answer(request, subscription, 201, (location,))

    def _renew(self, request: Request, subscription: Subscription) -> Response:
        content = parse_object(request.body)
        _refuse_unknown(content)
        url = _receiver(content.get("notificationUrl", subscription.notification_url))
        state = content.get("clientState")
        self._shake_hands(url)
        renewed = self._subscriptions.renew(
            subscription, notification_url=url, client_state=None if state is None else _client_state(state)
        )
        return self._answer(request, renewed, 200)

    def _shake_hands(self, url: str) -> None:
        problem = self.verdicts.pop(url) if url in self.verdicts else self._handshake(url, new_token())
        if problem is not None:
            raise refusals.dialog(
                f"The notification url {url} did not pass the handshake: {problem}. It must answer a POST "
                "with status 200 and the validation token as its body."
            )

    def _check_tag(self, request: Request, subscription: Subscription) -> None:
        try:
            condition = parse_condition(request.header("if-match"))
        except ProtocolError as error:
            raise refusals.token_missing() from error
        if condition is None:
            raise refusals.token_missing()
        if not condition.holds(parse_tag(etag(subscription.version))):
            raise Refusal(
                409,
                "Request_EntityChanged",
                "Another user has changed the subscription since you read it. Read it again and repeat.",
            )

    # --- answers

    def _list(self, request: Request) -> Response:
        records = [json_codec.encode(_to_wire(each)) for each in self._subscriptions.current()]
        body = collection_body(records, context=f"{request.service_url}$metadata#subscriptions")
        return Response(status=200, headers=_HEADERS, body=body)

    def _answer(
        self,
        request: Request,
        subscription: Subscription,
        status: int,
        more: tuple[tuple[str, str], ...] = (),
    ) -> Response:
        context = f"{request.service_url}$metadata#subscriptions/$entity"
        body = entity_body(json_codec.encode(_to_wire(subscription)), context=context)
        return Response(status=status, headers=(*_HEADERS, *more), body=body)


def _to_wire(subscription: Subscription) -> dict[str, object]:
    return {
        "@odata.etag": etag(subscription.version),
        "subscriptionId": subscription.id,
        "notificationUrl": subscription.notification_url,
        "resource": subscription.resource,
        "timestamp": subscription.version,
        "userId": subscription.user_id,
        "lastModifiedDateTime": subscription.modified_at,
        "clientState": subscription.client_state,
        "expirationDateTime": subscription.expires_at,
        "systemCreatedAt": subscription.created_at,
        "systemCreatedBy": subscription.user_id,
        "systemModifiedAt": subscription.modified_at,
        "systemModifiedBy": subscription.user_id,
    }


def _receiver(value: object) -> str:
    """The service wants https; on this machine itself plain http will do."""
    if not isinstance(value, str):
        raise refusals.bad_body("The property notificationUrl must be an address.")
    parts = urlsplit(value)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL_HOSTS):
        raise refusals.dialog(f"The notification url {value} must begin with https.")
    return value


def _client_state(value: object) -> str:
    if not isinstance(value, str) or len(value) > _CLIENT_STATE_MAX:
        raise refusals.bad_body(
            f"The property clientState must be a text of up to {_CLIENT_STATE_MAX} characters."
        )
    return value


def _refuse_unknown(content: dict[str, object]) -> None:
    for name in content:
        if name not in {"notificationUrl", "resource", "clientState", "subscriptionId"} and "@" not in name:
            raise refusals.unknown_property(name, "Microsoft.NAV.subscription")
