"""Orders on their way from the CRM to the ERP and back: take them on, list them, show what happened to each."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem, require_enabled
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.fingerprint import require_home
from interlace.bootstrap.freezes import require_thawed
from interlace.bootstrap.mapping_busy import MappingBusy
from interlace.bootstrap.monotonic_clock import clock_name
from interlace.domain.keys import KEY_SEPARATOR, MappingName
from interlace.domain.saga import Saga
from interlace.domain.synch_job import SynchJob
from interlace.engine.saga import DocumentsStep, process_documents
from interlace.engine.saga_memory import DocumentEvent, TrackedDocument
from interlace.engine.saga_setup import SagaSetup
from interlace.lead_to_cash import mapping_names
from interlace.lead_to_cash.order_sagas import orders_sagas
from interlace.lead_to_cash.order_stages import ENDED_STAGES
from interlace.lead_to_cash.order_to_sales_order import ORDER_SAGA
from interlace.locale.translatable import translatable
from interlace.store.leases import LeaseLost

SAGAS: tuple[Saga, ...] = (ORDER_SAGA,)
"""One of each mapping that sagas run; `Orders.sagas` says which of them do."""
_FROM_ERP = mapping_names.SALESORDER_FROM_ERP


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One order with its timeline."""

    document: TrackedDocument
    events: Sequence[DocumentEvent]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCount:
    """How many orders are at a stage, and how many of them are held."""

    stage: str
    orders: int
    held: int

    @property
    def has_ended(self) -> bool:
        """Whether orders go nowhere from here."""
        return self.stage in ENDED_STAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """The orders of one connection."""

    application: Application
    connection: Connection
    saga: Saga = ORDER_SAGA

    @property
    def sagas(self) -> tuple[Saga, ...]:
        """The sagas that a run takes one after the other: with two-way orders, those that begin in the ERP first."""
        return orders_sagas(two_way=self.connection.settings.bidirectional_orders)

    # Looking

    def listed(
        self,
        *,
        stage: str | None = None,
        held: bool | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> list[TrackedDocument]:
        """Return a page of orders in the order of their keys, beginning after a key.

        An order that began in the ERP is a CRM order as soon as it can be one; until then it is listed if it is held.
        """
        store = self.application.connection_store(self.connection)
        found = store.documents_page(self.saga.name, stage=stage, held=held, after=after, limit=limit)
        if held is not False:
            found += store.documents_page(_FROM_ERP, stage=stage, held=True, after=after, limit=limit)
        return sorted(found, key=lambda each: each.key)[:limit]

    def under_way(self, *, after: str | None = None, limit: int = 100) -> list[TrackedDocument]:
        """Return a page of the orders that have not come to their end, in the order of their keys."""
        stages = [each.stage for each in self.counts() if not each.has_ended]
        found = [each for stage in stages for each in self.listed(stage=stage, after=after, limit=limit)]
        return sorted(found, key=lambda each: each.key)[:limit]

    def counts(self) -> list[StageCount]:
        """Count the orders of each stage."""
        store = self.application.connection_store(self.connection)
        counts: dict[str, tuple[int, int]] = {}
        from_erp = [each for each in store.count_documents(_FROM_ERP) if each[1]]
        for stage, held, number in (*store.count_documents(self.saga.name), *from_erp):
            orders, kept = counts.get(stage, (0, 0))
            counts[stage] = (orders + number, kept + number * held)
        return [StageCount(stage=stage, orders=it[0], held=it[1]) for stage, it in counts.items()]

    def show(self, name: str) -> Progress:
        """Return an order by its number, its key, or the number of its ERP order; raises ConnectionProblem."""
        document = self._named(name)
        store = self.application.connection_store(self.connection)
        return Progress(document=document, events=store.timeline(document.mapping, document.key))

    def _named(self, name: str) -> TrackedDocument:
        store = self.application.connection_store(self.connection)
        partners = (name, f"Order{KEY_SEPARATOR}{name}")
        found = store.documents_named(self.saga.name, name, partners)
        # An order of the ERP has its number as its title there.
        found = found or [
            each for each in store.documents_named(_FROM_ERP, name, partners) if not each.finished
        ]
        if len(found) == 1:
            return found[0]
        if found:
            keys = ", ".join(each.key for each in found)
            raise ConnectionProblem(
                translatable(
                    "{count} orders are called {name}. Name one by its key: {keys}.",
                    count=len(found),
                    name=repr(name),
                    keys=keys,
                )
            )
        raise ConnectionProblem(
            translatable(
                "No order {name} has been looked at. Submit it in the CRM, then run `interlace orders process`.",
                name=repr(name),
            )
        )

    # Going on

    async def process(
        self, ends: Ends, *, keys: Sequence[str] | None = None, again: bool = False
    ) -> SynchJob:
        """Take new orders and those under way on, or only those of some keys.

        Raises MappingBusy while another run is at work, and ServiceFailure when a service does not answer.
        """
        run_id = str(uuid4())
        sagas = self.sagas if keys is None else self.sagas[-1:]
        jobs = [await self._process(ends, saga, run_id, keys, again=again) for saga in sagas]
        return jobs[-1]

    async def _process(
        self, ends: Ends, saga: Saga, run_id: str, keys: Sequence[str] | None, *, again: bool
    ) -> SynchJob:
        state = self.application.state
        step: DocumentsStep | None = None
        fence: int | None = None
        try:
            while True:
                # Taken anew for every step, so that it outlasts a long run and not a killed one.
                fence = state.take_lease(self.connection.id, self.saga.name, run_id)
                if fence is None:
                    raise MappingBusy(self.saga.name)
                setup = self.setup(run_id, fence, keys, again=again, saga=saga)
                seconds = self.application.config.step_seconds
                step = await ends.run(process_documents(setup, seconds=seconds, earlier=step))
                if not step.more:
                    return step.job
        except LeaseLost as lost:
            raise MappingBusy(self.saga.name) from lost
        finally:
            if fence is not None:
                state.release_lease(self.connection.id, self.saga.name, fence)

    async def retry(self, ends: Ends, name: str) -> Progress:
        """Take one order on that is held, even if its ERP order was taken back before; return where it is then."""
        document = self._named(name)
        saga = next((each for each in self.sagas if each.name == document.mapping), self.saga)
        await self._process(ends, saga, str(uuid4()), (document.key,), again=True)
        return self.show(document.key)

    def setup(
        self,
        run_id: str,
        fence: int,
        keys: Sequence[str] | None = None,
        *,
        again: bool = False,
        saga: Saga | None = None,
    ) -> SagaSetup:
        """Lay out a run under a lease; raises ConnectionProblem where the connection can't be used, and ErpFrozen."""
        settings = self.connection.settings
        require_enabled(settings)
        require_home(settings, self.application.config)
        require_thawed(settings)
        store = self.application.connection_store(self.connection)
        return SagaSetup(
            saga=saga or self.sagas[-1],
            erp_company_id=settings.erp_company_id,
            crm_organization_id=settings.crm_organization_id,
            store=store.fenced(self.saga.name, fence),
            run_id=run_id,
            process=clock_name(),
            settings=settings.order_settings,
            keys=None if keys is None else tuple(keys),
            takes_new=settings.order_integration or settings.bidirectional_orders,
            again=again,
        )


def saga_of(mapping: MappingName) -> Saga | None:
    """Return the saga that runs a mapping, if one does."""
    return next((each for each in SAGAS if each.name == mapping), None)
