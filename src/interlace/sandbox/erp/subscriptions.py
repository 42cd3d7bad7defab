"""Webhook subscriptions and the notices that wait to be delivered: kept state, no network.

A subscription lives three days and is renewed by a PATCH. Changes of one record are coalesced to one notice;
when more than a thousand records of a set changed, one notice speaks for the collection.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from interlace.sandbox import json_codec
from interlace.sandbox.entity_store import EntityStore
from interlace.sandbox.erp.erp_records import Change, ChangeType
from interlace.sandbox.erp.field_values import stamp
from interlace.sandbox.erp.set_declaration import PublishedSet

SUBSCRIPTIONS_MAX = 200
LIFE = timedelta(days=3)
RETRY_FOR = timedelta(hours=36)
RECORDS_PER_NOTICE_MAX = 1_000
_STATE = "subscriptions"
_RETRIED = frozenset({408, 429})
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One subscription; times are as the wire shows them."""

    id: str
    notification_url: str
    resource: str
    client_state: str
    set_name: str
    version: int
    user_id: str
    created_at: str
    modified_at: str
    expires_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One entry of a delivery."""

    subscription: Subscription
    resource: str
    change_type: str
    at: str

    def to_wire(self) -> dict[str, object]:
        """The entry as the receiver reads it."""
        return {
            "subscriptionId": self.subscription.id,
            "clientState": self.subscription.client_state,
            "expirationDateTime": self.subscription.expires_at,
            "resource": self.resource,
            "changeType": self.change_type,
            "lastModifiedDateTime": self.at,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    change: str
    at: str


@dataclass(slots=True, kw_only=True)
class _Failure:
    since: datetime
    attempts: int
    next_at: datetime


class Subscriptions:
    """The subscriptions of a company and what waits for each."""

    def __init__(
        self,
        store: EntityStore,
        sets: Mapping[str, PublishedSet],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._now = now
        self._tables: dict[str, list[PublishedSet]] = {}
        for published in sets.values():
            for each in (published, published.drafts):
                if each is not None and published.webhooks:
                    self._tables.setdefault(each.table.name, []).append(each)
        self._waiting: dict[str, dict[str, _Waiting]] = {}
        self._failures: dict[str, _Failure] = {}
        kept = store.read_state(_STATE)
        rows = json_codec.decode(kept) if kept is not None else []
        assert isinstance(rows, list)
        self._all: dict[str, Subscription] = {row["id"]: Subscription(**row) for row in rows}

    # --- the list

    def current(self) -> list[Subscription]:
        """The subscriptions that have not expired."""
        moment = stamp(self._now())
        for subscription in [each for each in self._all.values() if each.expires_at <= moment]:
            self.remove(subscription)
        return list(self._all.values())

    def get(self, subscription_id: str) -> Subscription | None:
        """The subscription with this id, unless it has expired."""
        return next((each for each in self.current() if each.id == subscription_id), None)

    def add(self, *, notification_url: str, resource: str, client_state: str, set_name: str) -> Subscription:
        """Keep a new subscription."""
        moment = self._now()
        subscription = Subscription(
            id=uuid.uuid4().hex,
            notification_url=notification_url,
            resource=resource,
            client_state=client_state,
            set_name=set_name,
            version=1,
            user_id=str(uuid.uuid4()),
            created_at=stamp(moment),
            modified_at=stamp(moment),
            expires_at=stamp(moment + LIFE),
        )
        self._keep(subscription)
        return subscription

    def renew(
        self,
        subscription: Subscription,
        *,
        notification_url: str | None = None,
        client_state: str | None = None,
    ) -> Subscription:
        """Let a subscription live another three days, possibly with another receiver."""
        moment = self._now()
        renewed = replace(
            subscription,
            notification_url=notification_url or subscription.notification_url,
            client_state=subscription.client_state if client_state is None else client_state,
            version=subscription.version + 1,
            modified_at=stamp(moment),
            expires_at=stamp(moment + LIFE),
        )
        self._keep(renewed)
        return renewed

    def remove(self, subscription: Subscription) -> None:
        """End a subscription; what waits for it is dropped."""
        self._all.pop(subscription.id, None)
        self._waiting.pop(subscription.id, None)
        self._failures.pop(subscription.id, None)
        self._write()

    def _keep(self, subscription: Subscription) -> None:
        self._all[subscription.id] = subscription
        self._write()

    def _write(self) -> None:
        with self._store.transaction():
            rows = [asdict(subscription) for subscription in self._all.values()]
            self._store.write_state(_STATE, json_codec.encode(rows).decode())

    # --- notices

    def note(self, change: Change) -> None:
        """Remember a change for the subscribers of its table's sets."""
        record = change.record
        published = self._tables.get(record.table.name)
        if not published or not self._all:
            return
        names = {
            each.name
            for each in published
            if all(record.values[name] == value for name, value in each.fixed.items())
        }
        for subscription in self._all.values():
            if subscription.set_name in names:
                waiting = self._waiting.setdefault(subscription.id, {})
                known = waiting.get(change.record.system_id)
                waiting[change.record.system_id] = _Waiting(
                    change=_coalesced(known, change.type), at=change.record.modified_at
                )

    def due(self) -> dict[str, list[Notice]]:
        """What is to be delivered now, by receiver; failed receivers get time to recover."""
        deliveries: dict[str, list[Notice]] = {}
        now = self._now()
        for subscription in self.current():
            waiting = self._waiting.get(subscription.id)
            failure = self._failures.get(subscription.id)
            if not waiting or (failure is not None and failure.next_at > now):
                continue
            deliveries.setdefault(subscription.notification_url, []).extend(_notices(subscription, waiting))
        return deliveries

    def delivered(self, notices: Iterable[Notice], status: int | None) -> None:
        """Book a delivery by its answer; None means that nobody answered."""
        now = self._now()
        for subscription in {notice.subscription.id: notice.subscription for notice in notices}.values():
            if status is not None and status // 100 == 2:
                self._waiting.pop(subscription.id, None)
                self._failures.pop(subscription.id, None)
            elif status is None or status in _RETRIED or status >= _SERVER_ERROR:
                self._postpone(subscription, now)
            else:
                self.remove(subscription)

    def _postpone(self, subscription: Subscription, now: datetime) -> None:
        failure = self._failures.setdefault(subscription.id, _Failure(since=now, attempts=0, next_at=now))
        failure.attempts += 1
        failure.next_at = now + min(timedelta(seconds=30 * 2**failure.attempts), timedelta(hours=1))
        if now - failure.since > RETRY_FOR:
            self.remove(subscription)


def _coalesced(known: _Waiting | None, change: ChangeType) -> str:
    """A record that was created and then updated is new to the receiver; a deletion ends everything."""
    if known is not None and known.change == "created" and change is ChangeType.UPDATED:
        return "created"
    return change.value


def _notices(subscription: Subscription, waiting: Mapping[str, _Waiting]) -> list[Notice]:
    resource = subscription.resource.strip("/")
    if not resource.startswith("api/"):
        resource = f"api/v2.0/{resource}"
    if len(waiting) > RECORDS_PER_NOTICE_MAX:
        first = min(each.at for each in waiting.values())
        last = max(each.at for each in waiting.values())
        # The moment before the first change: the filter says "greater than" and knows whole seconds.
        before = stamp(datetime.fromisoformat(first) - timedelta(seconds=1))[:19]
        filtered = f"/{resource}?$filter=lastDateTimeModified%20gt%20{before}Z"
        return [Notice(subscription=subscription, resource=filtered, change_type="collection", at=last)]
    return [
        Notice(
            subscription=subscription,
            resource=f"{resource}({system_id})",
            change_type=each.change,
            at=each.at,
        )
        for system_id, each in waiting.items()
    ]
