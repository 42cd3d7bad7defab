"""Delta reading: a first full read with a token at its end, then changes and deletions since a token."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from interlace.odata.entity import collection_body, deleted_entry_body
from interlace.sandbox.crm import errors
from interlace.sandbox.crm.reading import PAGE_SIZE_MAX, Reader, ReadRequest, context_of
from interlace.sandbox.crm.records import Records
from interlace.sandbox.crm.schema import Table
from interlace.sandbox.exchange import Refusal

_MOMENT = "%m/%d/%Y %H:%M:%S"
EXPIRED_DELTA = "0x80072493"


class ChangeTracking:
    """Delta reads of all tables.

    Tokens are `<version>!<moment>` as the service writes them; they live as many days as the
    organization's expirechangetrackingindays says. An expired one is refused, or answered silently with
    everything where `silent_when_expired` is set (older releases did so).
    """

    def __init__(self, records: Records, reader: Reader, *, silent_when_expired: bool = False) -> None:
        self._records = records
        self._reader = reader
        self._silent_when_expired = silent_when_expired

    def first_read(self, table: Table, request: ReadRequest) -> bytes:
        """A page of the full read that `Prefer: odata.track-changes` begins."""
        self._require(table, request)
        store = self._records.store
        size = min(request.preferences.page_size or PAGE_SIZE_MAX, PAGE_SIZE_MAX)
        # The delta token stands for the moment the reading began: later changes come again, none is lost.
        page, start, after = 1, store.version, None
        if request.options.skip_token is not None:
            page, position = self._reader.read_token(table, request.options.skip_token)
            assert isinstance(position[1], int)
            assert isinstance(position[2], int)
            start, after = position[1], (position[2],)
        found = store.page(table.logical_name, after=after, limit=size + 1)
        next_link = delta_link = None
        if len(found) > size:
            found = found[:size]
            position = ("full", start, found[-1].row_id)
            next_link = self._reader.next_link(request, table, page + 1, position, tracking=True)
        else:
            delta_link = self._delta_link(request, start)
        return collection_body(
            self._reader.render(table, found, request),
            context=f"{request.service_url}$metadata#{context_of(table, request.options)}",
            next_link=next_link,
            delta_link=delta_link,
        )

    def changes(self, table: Table, request: ReadRequest) -> bytes:
        """A page of what happened since the token of the request."""
        self._require(table, request)
        store, options = self._records.store, request.options
        size = min(request.preferences.page_size or PAGE_SIZE_MAX, PAGE_SIZE_MAX)
        if options.skip_token is not None:
            page, position = self._reader.read_token(table, options.skip_token)
            phase, since, until, after = position
            assert isinstance(since, int)
            assert isinstance(until, int)
            assert isinstance(after, int)
        else:
            page, phase, until = 1, "changed", store.version
            since = after = self._since(table, str(options.delta_token))
        entries: list[bytes] = []
        more = None
        if phase == "changed":
            found = store.changes(table.logical_name, since=since, until=until, after=after, limit=size + 1)
            if len(found) > size:
                found = found[:size]
                more = ("changed", since, until, found[-1].version)
            entries.extend(self._reader.render(table, found, request))
            after = since
        if more is None:
            context = f"{request.service_url}$metadata#{table.set_name}/$deletedEntity"
            room = size - len(entries)
            graves = store.deletions(table.logical_name, since=after, until=until, limit=room + 1)
            if len(graves) > room:
                graves = graves[:room]
                more = ("deleted", since, until, graves[-1].version if graves else after)
            entries.extend(deleted_entry_body(context=context, id=str(grave.key[0])) for grave in graves)
        next_link = delta_link = None
        if more is None:
            delta_link = self._delta_link(request, until)
        else:
            next_link = self._reader.next_link(request, table, page + 1, more, tracking=True)
        return collection_body(
            entries,
            context=f"{request.service_url}$metadata#{context_of(table, options)}/$delta",
            next_link=next_link,
            delta_link=delta_link,
        )

    def count(self, table: Table, token: str) -> int:
        """How many changes and deletions there are since a token."""
        store, name = self._records.store, table.logical_name
        since, until = self._since(table, token), store.version
        changed = len(store.changes(name, since=since, until=until, limit=-1))
        return changed + len(store.deletions(name, since=since, until=until, limit=-1))

    def is_tracking_token(self, skip_token: str | None) -> bool:
        """Whether a skip token continues a delta read."""
        return skip_token is not None and 'istracking="True"' in skip_token

    def is_full_read(self, table: Table, skip_token: str) -> bool:
        """Whether a tracking token continues the first full read."""
        return self._reader.read_token(table, skip_token)[1][0] == "full"

    def _delta_link(self, request: ReadRequest, version: int) -> str:
        moment = self._records.now().astimezone(UTC).strftime(_MOMENT)
        return request.link_with("$deltatoken", f"{version}!{moment}")

    def _since(self, table: Table, token: str) -> int:
        version, separator, moment = token.partition("!")
        try:
            given = datetime.strptime(moment, _MOMENT).replace(tzinfo=UTC)
            since = int(version)
        except ValueError as error:
            raise _refused_token() from error
        if not separator or since > self._records.store.version:
            raise _refused_token()
        days = self._records.organization_value("expirechangetrackingindays")
        life = timedelta(days=days if isinstance(days, int) else 7)
        if given + life < self._records.now():
            if self._silent_when_expired:
                return 0
            raise _refused_token()
        return since

    def _require(self, table: Table, request: ReadRequest) -> None:
        if not table.change_tracking:
            raise errors.refused(
                errors.NOT_TRACKED, f"Change tracking is not enabled for the table {table.logical_name}."
            )
        options = request.options
        if options.filter is not None or options.order_by or options.expand or options.top is not None:
            raise errors.feature_refused(
                "$filter, $orderby, $expand and $top cannot be used together with change tracking."
            )


def _refused_token() -> Refusal:
    return errors.refused(
        EXPIRED_DELTA,
        "The delta token is expired or was not given out by this organization. Read the table anew with "
        "Prefer: odata.track-changes.",
    )
