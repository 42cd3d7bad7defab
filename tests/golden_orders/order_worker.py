"""A process of Interlace that takes orders on their way, wired as in production but for network, clock and store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from interlace.connectors.runner import run
from interlace.domain.saga import Saga
from interlace.domain.values import Value
from interlace.engine.saga import process_documents
from interlace.engine.saga_setup import SagaSetup
from interlace.engine.service import ServiceFailure, ServiceUnavailable
from interlace.lead_to_cash.order_sagas import orders_sagas
from interlace.simulation.memory import CONNECTION
from interlace.simulation.worker import Worker

_RETRY_SECONDS: Final = 20.0
_RETRIES_MAX: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRun:
    """How one look at all orders ended."""

    finished: bool
    reason: str = ""


@dataclass(slots=True, kw_only=True)
class OrderWorker(Worker):
    """Runs mappings and the saga of orders."""

    settings: Mapping[str, Value] = field(default_factory=dict)

    async def process_orders(self, run_id: str) -> OrderRun:
        """Look at every order that is new or under way; what waiting cures is waited for, as a job is retried."""
        end = OrderRun(finished=True)
        for saga in orders_sagas(two_way=self.settings.get("bidirectional_orders") is True):
            end = await self._process(saga, f"{run_id}-{saga.name}")
            if not end.finished:
                break
        return end

    async def _process(self, saga: Saga, run_id: str) -> OrderRun:
        state = self.memory.state
        retries = 0
        while True:
            fence = state.take_lease(CONNECTION, saga.name, run_id)
            if fence is None:
                return OrderRun(finished=False, reason="another run is at work")
            setup = SagaSetup(
                saga=saga,
                erp_company_id=self.pair.erp_company_id,
                crm_organization_id=self.pair.crm_organization_id,
                store=self.memory.store().fenced(saga.name, fence),
                run_id=run_id,
                process=self.process.name,
                settings={"company_id": self.pair.erp_company_id, "order_integration": True, **self.settings},
            )
            try:
                await run(process_documents(setup, seconds=1e9), self._erp, self._crm, self._ticking)
            except ServiceFailure as failure:
                retries += 1
                if not isinstance(failure, ServiceUnavailable) or retries > _RETRIES_MAX:
                    state.release_lease(CONNECTION, saga.name, fence)
                    return OrderRun(finished=False, reason=f"{type(failure).__name__}: {failure}")
                await self.process.pause(failure.retry_after_seconds or _RETRY_SECONDS)
            else:
                state.release_lease(CONNECTION, saga.name, fence)
                return OrderRun(finished=True)
