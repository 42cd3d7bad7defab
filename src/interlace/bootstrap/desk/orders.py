"""Carries out what is asked about orders."""

from collections.abc import Sequence
from dataclasses import replace

from interlace.bootstrap.application import Connection
from interlace.bootstrap.before_writing import require_may_write
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.desk.carry_out import connection_of, in_own_loop, off_loop
from interlace.bootstrap.desk.list_page import cursors, page_asked, stored_page
from interlace.bootstrap.order_figures import CrmFigures, crm_figures, difference_in_words
from interlace.bootstrap.order_lines import WholeOrder, problems_of, whole_order
from interlace.bootstrap.orders import Orders, Progress
from interlace.bootstrap.record_links import crm_record_link, erp_record_link
from interlace.bootstrap.serving import Server
from interlace.domain.filter_nodes import NOTHING, AllOf, AnyOf, Equal, holds
from interlace.domain.keys import KEY_SEPARATOR
from interlace.engine.saga_memory import TrackedDocument
from interlace.engine.service import ServiceFailure
from interlace.lead_to_cash.mapping_names import SALESORDER_FROM_ERP
from interlace.lead_to_cash.order_columns import CRM_TABLE, HEADER_TABLE
from interlace.locale.translatable import text_of
from interlace.management import orders
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.orders import (
    ORDER_COLUMNS,
    ListOrders,
    OrderEvent,
    OrderRow,
    OrderShown,
    OrdersListed,
    OrdersProcessed,
    ProcessOrders,
    RetryOrder,
    ShowOrder,
    StageCounted,
)
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable
from interlace.store.coupling_search import MAPPING
from interlace.store.keyset import ListedPage, PageAsked
from interlace.store.order_list import ORDERS, order_list

_ORDER = "-title"
_FIGURES_SECONDS = 10.0
_BEGUN = SALESORDER_FROM_ERP
"""Orders that begin in the ERP."""


def add_orders(works: Works, server: Server) -> None:
    """Let these operations be carried out."""
    work = _Orders(server)
    works.add(orders.LIST, work.listed)
    works.add(orders.SHOW, work.show)
    works.add(orders.PROCESS, work.process)
    works.add(orders.RETRY, work.retry)


class _Orders:
    """The orders of a server's connections."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._application = server.application

    async def listed(self, caller: Caller, asked: ListOrders) -> OrdersListed:
        held = await connection_of(self._application, caller, asked)
        use = self._use(held)
        wanted = page_asked(caller, asked, ORDER_COLUMNS, ORDERS, order=_ORDER)
        counts = await off_loop(use.counts)
        page, shown = await off_loop(_found, use, asked, wanted)
        figures, unread = await self._figures(held, shown)
        before, behind = cursors(page, asked, _ORDER)
        return OrdersListed(
            rows=tuple(_row(each, figures.get(each.key)) for each in shown),
            count=page.count,
            has_more_than_counted=page.has_more_than_counted,
            next_cursor=behind,
            previous_cursor=before,
            stages=tuple(
                StageCounted(stage=each.stage, orders=each.orders, held=each.held, has_ended=each.has_ended)
                for each in counts
            ),
            unread=unread,
        )

    async def _figures(
        self, held: Connection, documents: Sequence[TrackedDocument]
    ) -> tuple[dict[str, CrmFigures], str]:
        """Read what the CRM has of orders; a CRM that does not answer leaves what we remember ourselves."""
        if not documents:
            return {}, ""
        try:
            found = await self._server.reading.read(
                held, lambda ends: crm_figures(ends, documents), _FIGURES_SECONDS
            )
        except ServiceFailure as failure:
            return {}, text_of(failure)
        except TimeoutError:
            return {}, translatable("A service did not answer in time")
        return found, ""

    async def show(self, caller: Caller, asked: ShowOrder) -> OrderShown:
        held = await connection_of(self._application, caller, asked)
        use = self._use(held)
        progress = await off_loop(_known, use, asked.order)
        read = await in_own_loop(lambda: _both(use, progress.document))
        return _shown(held, progress, read)

    async def process(self, caller: Caller, asked: ProcessOrders) -> OrdersProcessed:
        held = await connection_of(self._application, caller, asked)
        use = self._use(held)
        begun = [await off_loop(self._server.synchronize, held, saga.name) for saga in use.sagas]
        if any(each.is_new for each in begun):
            return OrdersProcessed(message=translatable("The orders are taken on in the background."))
        return OrdersProcessed(message=translatable("The orders are being taken on already."))

    async def retry(self, caller: Caller, asked: RetryOrder) -> OrdersProcessed:
        held = await connection_of(self._application, caller, asked)
        use = self._use(held)
        before = await off_loop(_known, use, asked.order)
        after = await in_own_loop(lambda: self._retry(use, before.document.key))
        name = after.document.title or after.document.key
        if after.document.held:
            return OrdersProcessed(message=translatable("The order {order} is still held.", order=name))
        return OrdersProcessed(message=translatable("The order {order} goes on.", order=name))

    async def _retry(self, use: Orders, key: str) -> Progress:
        async with self._application.ends(use.connection) as ends:
            await require_may_write(self._application, use.connection, ends, (use.saga.name,))
            return await use.retry(ends, key)

    def _use(self, held: Connection) -> Orders:
        return Orders(application=self._application, connection=held)


def _found(use: Orders, asked: ListOrders, wanted: PageAsked) -> tuple[ListedPage, list[TrackedDocument]]:
    """Read a page, and the documents of its rows."""
    filters = dict(wanted.filters)
    held = {asked.held} if asked.held is not None else {True, False}
    if (passing := filters.pop("is_held", None)) is not None:
        held &= {each for each in held if holds(passing, "yes" if each else "no")}
    stages = [filters["stage"]] if "stage" in filters else []
    if asked.stage:
        stages.append(Equal(value=asked.stage))
    if asked.under_way:
        open_stages = [each.stage for each in use.counts() if not each.has_ended]
        stages.append(AnyOf(parts=tuple(Equal(value=each) for each in open_stages)))
    filters["stage"] = AllOf(parts=(*stages, *([] if held else [NOTHING])))
    filters[MAPPING] = AnyOf(parts=tuple(Equal(value=each) for each in (use.saga.name, _BEGUN)))
    listed = order_list(_BEGUN, held=next(iter(held)) if len(held) == 1 else None)
    lists = use.application.state.record_lists
    page, mappings = stored_page(lists, listed, use.connection.id, replace(wanted, filters=filters))
    store = use.application.connection_store(use.connection)
    documents: dict[tuple[int, str], TrackedDocument] = {}
    for number, mapping in mappings.items():
        keys = [row.key for row in page.rows if row.mapping_id == number]
        documents |= {(number, key): each for key, each in store.documents_by_key(mapping, keys).items()}
    return page, [documents[row.mapping_id, row.key] for row in page.rows]


def _known(use: Orders, name: str) -> Progress:
    """Return an order; one that nobody has looked at yet is not found, rather than not possible."""
    try:
        return use.show(name)
    except ConnectionProblem as problem:
        raise Refused(
            RefusalKind.NOT_FOUND,
            translatable("There are no such orders"),
            why=text_of(problem),
            next_step=translatable(
                "An order appears here once it is submitted in the CRM and was looked at."
            ),
        ) from problem


async def _both(use: Orders, document: TrackedDocument) -> WholeOrder:
    try:
        async with use.application.ends(use.connection, retries_max=0) as ends:
            return await whole_order(ends, document)
    except ServiceFailure as failure:
        return WholeOrder(unread=text_of(failure))


def _row(document: TrackedDocument, figures: CrmFigures | None) -> OrderRow:
    return OrderRow(
        key=document.key,
        title=document.title or document.key,
        stage=document.stage,
        is_held=document.held,
        erp_number=(document.partner or "").rpartition(KEY_SEPARATOR)[2],
        since=document.since,
        problems=problems_of(document.problems),
        customer=figures.customer if figures is not None else "",
        currency=figures.currency if figures is not None else "",
        total=figures.total if figures is not None else None,
    )


def _shown(held: Connection, progress: Progress, read: WholeOrder) -> OrderShown:
    document, crm, erp = progress.document, read.crm, read.erp
    is_there = erp is not None and bool(erp.order) and document.partner is not None
    return OrderShown(
        order=_row(document, crm),
        events=tuple(
            OrderEvent(at=each.at, kind=each.kind, text=each.text, stage=each.stage)
            for each in progress.events
        ),
        crm_net=crm.net if crm is not None else None,
        crm_tax=crm.tax if crm is not None else None,
        erp_net=erp.net if erp is not None else None,
        erp_total=erp.total if erp is not None else None,
        erp_invoices=erp.invoices if erp is not None else (),
        comparison=difference_in_words(crm, erp) if crm is not None and erp is not None else "",
        crm_link=crm_record_link(held.settings, CRM_TABLE, document.key) if crm is not None else "",
        erp_link=erp_record_link(held.settings, HEADER_TABLE, document.partner or "") if is_there else "",
        crm_lines=read.crm_lines,
        erp_lines=read.erp_lines,
        unread=read.unread,
    )
