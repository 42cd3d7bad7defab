"""Finds what Interlace remembers itself: coupled records, those with errors, orders, jobs and mappings."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.coupling_listing import catch_up
from interlace.domain.filter_nodes import AnyOf, Equal, Filter
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import KEY_SEPARATOR, MappingName, key_text
from interlace.domain.search_words import has_words
from interlace.domain.side import Side
from interlace.lead_to_cash.mapping_names import SALESORDER_FROM_ERP
from interlace.management.listing import captions_of
from interlace.management.orders import ORDER_STAGES
from interlace.management.records import Status
from interlace.management.search import Hit, NotLooked
from interlace.management.translatable import translatable
from interlace.store.filter_sql import begins_with
from interlace.store.keyset import ListedPage, PageAsked
from interlace.store.order_list import order_list
from interlace.store.record_lists import ERRORS, JOBS, RecordList
from interlace.store.schema import synch_error, synch_job
from interlace.store.time_limit import TookTooLong
from interlace.web.addresses import address, segment

RECORDS: Final = 20
"""So many records are told at most."""
_FEW: Final = 10
_JOB_NUMBER: Final = re.compile(r"[0-9a-f][0-9a-f-]{5,35}")
_STAGES: Final = captions_of(ORDER_STAGES)
_ERRORS: Final = replace(ERRORS, searched=(synch_error.c.source_key,))
_Page = tuple[ListedPage, Mapping[int, MappingName]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedHits:
    """What a connection's memory has under some words."""

    application: Application
    held: Connection
    text: str
    typed: Sequence[str]
    """The words, as they are compared."""
    not_looked: list[NotLooked] = field(default_factory=list)
    """What there was too much of; filled while it is looked for."""

    def hits(self) -> list[Hit]:
        """Return all of it."""
        return [*self._records(), *self._orders(), *self._mappings(), *self._jobs()]

    def _records(self) -> list[Hit]:
        """Return records that are coupled or on the error list; those with this very number first."""
        if catch_up(self.application, self.held.id):
            why = translatable("Records that were coupled a moment ago are still being listed.")
            self.not_looked.append(NotLooked(why=why))
        number = AnyOf(parts=(Equal(value=self.text), Equal(value=self.text.upper())))
        couplings = [*self._coupled({"erp_key": number}), *self._coupled({}, self.text)]
        found = {(each.mapping, each.key): each for each in couplings}
        for each in self._failed():
            found.setdefault((each.mapping, each.key), each)
        return list(found.values())[:RECORDS]

    def _coupled(self, filters: Mapping[str, Filter], search: str = "") -> list[Hit]:
        asked = PageAsked(sort="erp_key", filters=filters, search=search, limit=RECORDS, counted=False)
        coupling_list = self.application.state.coupling_list
        page, mappings = self._in_time(
            lambda: coupling_list.page(self.held.id, asked), translatable("Coupled Records")
        )
        return [
            record_hit(
                mappings[row.mapping_id],
                row.erp_key,
                caption=row.erp_name or row.crm_name,
                status="broken" if row.state == "broken" else "coupled",
            )
            for row in page.rows
        ]

    def _failed(self) -> Iterator[Hit]:
        """Return what failed under this number; nobody remembers how it is called."""
        page, mappings = self._listed(_ERRORS, "at", self.text, translatable("Errors"))
        for row in page.rows:
            yield record_hit(
                mappings[row.mapping_id],
                row.source_key,
                side=Direction(row.direction).source_side,
                status="skipped" if row.skipped else "failed",
            )

    def _orders(self) -> Iterator[Hit]:
        listed = order_list(SALESORDER_FROM_ERP)
        page, _ = self._listed(listed, "title", self.text, translatable("Sales Orders"))
        for row in page.rows:
            yield Hit(
                kind="order",
                number=row.title or key_text(row.key),
                caption=(row.partner or "").rpartition(KEY_SEPARATOR)[2],
                page=f"/orders/{segment(row.key)}",
                about=_STAGES.get(row.stage, row.stage),
                key=row.key,
            )

    def _jobs(self) -> Iterator[Hit]:
        """Return the jobs whose number begins so."""
        number = self.text.lower()
        if not _JOB_NUMBER.fullmatch(number):
            return
        listed = replace(JOBS, conditions=(begins_with(synch_job.c.id, number),))
        page, mappings = self._listed(
            listed, "started_at", "", translatable("Integration Synchronization Jobs")
        )
        for row in page.rows:
            place = f"/jobs/{segment(row.id)}"
            yield Hit(kind="job", number=row.id, page=place, mapping=mappings[row.mapping_id], key=row.id)

    def _mappings(self) -> Iterator[Hit]:
        """Return the mappings that are called so, or one of their tables."""
        for name, each in self.application.mappings(self.held).items():
            tables = (each.erp_table, each.integration_table)
            names = [name, each.caption, *tables, *(table.replace("_", " ") for table in tables)]
            if has_words(self.typed, names):
                place = f"/mappings/{segment(name)}"
                yield Hit(
                    kind="mapping", number=name, caption=each.caption, page=place, mapping=name, key=name
                )

    def _listed(self, listed: RecordList, sort: str, search: str, what: str) -> _Page:
        asked = PageAsked(sort=sort, descending=True, search=search, limit=_FEW, counted=False)
        lists = self.application.state.record_lists
        return self._in_time(lambda: lists.page(listed, self.held.id, asked), what)

    def _in_time(self, read: Callable[[], _Page], what: str) -> _Page:
        """Read a page; what is too much to look through is told, and holds up nothing else."""
        try:
            return read()
        except TookTooLong:
            why = translatable("{what}: there is too much to look through. Type more of the name.", what=what)
            self.not_looked.append(NotLooked(why=why))
            return ListedPage(rows=()), {}


def record_hit(
    mapping: MappingName,
    key: str,
    *,
    side: Side = Side.ERP,
    number: str = "",
    caption: str = "",
    status: Status,
) -> Hit:
    """Return a record that was found."""
    query = {"side": "crm"} if side is Side.CRM else {}
    return Hit(
        kind="record",
        number=number or key_text(key),
        caption=caption,
        page=address(f"/records/{segment(mapping)}/{segment(key)}", query),
        mapping=mapping,
        key=key,
        side=side.value,
        status=status,
    )
