"""Carries out what is asked about orders."""

from collections.abc import Sequence

from interlace.bootstrap.application import Connection
from interlace.bootstrap.before_writing import require_may_write
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.desk.carry_out import connection_of, in_own_loop, off_loop
from interlace.bootstrap.order_figures import CrmFigures, crm_figures, difference_in_words
from interlace.bootstrap.order_lines import WholeOrder, problems_of, whole_order
from interlace.bootstrap.orders import Orders, Progress
from interlace.bootstrap.record_links import crm_record_link, erp_record_link
from interlace.bootstrap.serving import Server
from interlace.domain.keys import KEY_SEPARATOR
from interlace.engine.saga_memory import TrackedDocument
from interlace.engine.service import ServiceFailure
from interlace.lead_to_cash.order_columns import CRM_TABLE, HEADER_TABLE
from interlace.locale.translatable import text_of
from interlace.management import orders
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.orders import (
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

_LIMIT_MAX = 200


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
        limit = max(1, min(asked.limit, _LIMIT_MAX))
        counts = await off_loop(use.counts)
        found = await off_loop(_found, use, asked, limit + 1)
        shown = found[:limit]
        figures, unread = await in_own_loop(lambda: _figures(use, shown))
        return OrdersListed(
            orders=tuple(_row(each, figures.get(each.key)) for each in shown),
            stages=tuple(
                StageCounted(stage=each.stage, orders=each.orders, held=each.held, has_ended=each.has_ended)
                for each in counts
            ),
            next_after=shown[-1].key if len(found) > limit else "",
            unread=unread,
        )

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


def _found(use: Orders, asked: ListOrders, limit: int) -> Sequence[TrackedDocument]:
    after = asked.after or None
    if asked.under_way:
        return use.under_way(after=after, limit=limit)
    return use.listed(stage=asked.stage or None, held=asked.held, after=after, limit=limit)


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


async def _figures(use: Orders, documents: Sequence[TrackedDocument]) -> tuple[dict[str, CrmFigures], str]:
    """Read what the CRM has of orders; a CRM that does not answer leaves what we remember ourselves."""
    if not documents:
        return {}, ""
    try:
        async with use.application.ends(use.connection, retries_max=0) as ends:
            return await crm_figures(ends, documents), ""
    except ServiceFailure as failure:
        return {}, text_of(failure)


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
