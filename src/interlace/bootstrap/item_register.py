"""What follows a run of the items: the ERP's register of coupled products is brought in step, and the token renewed."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.availability import ItemAvailability
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.ends import Ends
from interlace.domain.keys import MappingName
from interlace.engine.partner_register import keep_register, view_of
from interlace.engine.service import ServiceFailure
from interlace.engine.synch_mapping import StepResult
from interlace.lead_to_cash.availability_to_product import ITEM_REGISTER

_A_LITTLE = timedelta(minutes=1)
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRegisterUpkeep:
    """Looks after what item availability needs, once a run of the items has ended."""

    application: Application
    connection: Connection
    ends: Ends

    async def after(self, mapping: MappingName, result: StepResult) -> None:
        """Do what a run's end calls for; a failure is logged and never fails the run, for the next one tries again."""
        if mapping != ITEM_REGISTER.mapping or result.more or result.stopped:
            return
        try:
            if _changed_couplings(result) or self._swept(result) or not await self._agrees_in_number():
                await self._keep()
            await ItemAvailability(
                application=self.application, connection=self.connection, ends=self.ends
            ).renew_if_due(datetime.now(UTC))
        except (ServiceFailure, ConnectionProblem) as problem:
            _logger.info("Item availability was left as it is: %s", problem)

    def _swept(self, result: StepResult) -> bool:
        """Tell whether the run looked through whole tables: then so do we, for what changes by hand left no trace."""
        store = self.application.connection_store(self.connection)
        swept = store.last_sweep(ITEM_REGISTER.mapping)
        # A sweep is stored under the moment at which its run began, a little before its jobs.
        return swept is not None and any(job.started_at - swept < _A_LITTLE for job in result.jobs)

    async def _agrees_in_number(self) -> bool:
        """Tell whether the register has as many records as there are couplings: all that an idle run asks as a rule."""
        store = self.application.connection_store(self.connection)
        return await self.ends.erp.count(view_of(ITEM_REGISTER)) == store.count_couplings(
            ITEM_REGISTER.mapping
        )

    async def _keep(self) -> None:
        store = self.application.connection_store(self.connection)
        comparison = await self.ends.run(keep_register(ITEM_REGISTER, store))
        for said in comparison.refused:
            _logger.warning("The ERP's register of coupled products was not changed: %s", said)


def _changed_couplings(result: StepResult) -> bool:
    counters = [job.counters for job in result.jobs]
    return any(each.inserted or each.deleted or each.coupled or each.uncoupled for each in counters)
