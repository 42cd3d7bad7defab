"""Couples many pairs that are known to exist, as part of one job, and lets the CRM's records name the ERP's."""

import asyncio
from collections.abc import Sequence

from interlace.bootstrap.ends import Ends
from interlace.domain.coupling import Coupling
from interlace.domain.errors import RecordError
from interlace.domain.synch_job import SynchJob
from interlace.engine.partner_names import free_partner, name_partner
from interlace.engine.run_setup import RunSetup
from interlace.store.connection_store import ConnectionStore

COUPLED_AT_ONCE = 20


async def couple_pairs(
    ends: Ends,
    store: ConnectionStore,
    naming: RunSetup | None,
    couplings: Sequence[Coupling],
    job: SynchJob,
) -> list[RecordError | None]:
    """Couple pairs and count them in the job; gives for each what kept it from being coupled.

    `naming` says how the CRM's records name their partners; None where they don't. Raises ServiceFailure if they can't.
    """
    if naming is not None:
        # Runs write nothing to records that are equal: nobody else would name the partner.
        await asyncio.gather(*(_name(ends, naming, each) for each in couplings))
    job.counters.coupled += len(couplings)
    errors = store.add_couplings(couplings, job)
    failed = sum(error is not None for error in errors)
    # Somebody coupled one of them with another record meanwhile.
    job.counters.coupled -= failed
    job.counters.failed += failed
    return errors


async def _name(ends: Ends, naming: RunSetup, coupling: Coupling) -> None:
    await free_partner(ends.crm, naming, coupling.erp_key, coupling.crm_key)
    await name_partner(ends.crm, naming, coupling.erp_key, coupling.crm_key)
