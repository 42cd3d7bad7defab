"""One process of Interlace, wired as in production but for its network, clock and store: it runs mappings."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from traceback import extract_tb

from interlace.connectors.business_central.service import BusinessCentralService, BusinessCentralSettings
from interlace.connectors.dataverse.service import DataverseService, DataverseSettings
from interlace.connectors.http import ChannelLimits, HttpChannel
from interlace.connectors.runner import run
from interlace.connectors.sign_in import BasicSignIn, ClientCredentialsSignIn
from interlace.domain.integration_field_mapping import NamedKey
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.engine.run_setup import PartnerColumns, RunSetup
from interlace.engine.service import ServiceFailure, ServiceUnavailable
from interlace.engine.store_port import Store
from interlace.engine.synch_mapping import StepBudget, StepResult, synch_step
from interlace.simulation.memory import CONNECTION, Memory
from interlace.simulation.process import Process
from interlace.simulation.services import COMPANY, CRM_ORIGIN, ERP_KEY, ERP_ORIGIN, ERP_USER
from interlace.simulation.virtual_time import VirtualClock
from interlace.simulation.wire import REQUEST_LIFE_SECONDS, ProcessTransport, Wire
from interlace.store.leases import LeaseLost

PARTNER_COLUMNS = PartnerColumns(company="ilc_companyid", table="ilc_erptable", key="ilc_erpkey")
TENANT_ID = "0e7c1a34-5b2d-4f68-8a90-b1c2d3e4f506"
_CLIENT_ID = "5f0a9c1e-2d3b-4e6f-8a7c-9b0d1e2f3a4b"
_CLIENT_SECRET = "sandbox-secret"  # noqa: S105 - the embedded CRM's own, it protects nothing
_RETRIES_MAX = 6
_RETRY_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectedPair:
    """What a connection has learned of both ends when it was enabled."""

    erp_company_id: str
    crm_organization_id: str
    named_keys: Mapping[NamedKey, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOrder:
    """Which mapping is to run, and how."""

    mapping: MappingName
    run_id: str
    create_new: bool = False
    compare_all: bool = False


@dataclass(slots=True, kw_only=True)
class RunEnd:
    """How a run ended in this process."""

    order: RunOrder
    finished: bool
    reason: str = ""
    result: StepResult | None = None
    defect: str | None = None
    """What no code below expected."""


@dataclass(slots=True, kw_only=True)
class ProcessClock:
    """The clock of one process; what elapsed before it began is unknown to it."""

    process: Process
    clock: VirtualClock
    began: float

    def now(self) -> datetime:
        """Return the present moment."""
        return self.clock.now()

    def elapsed(self) -> float:
        """Return seconds since an arbitrary moment of this process."""
        return self.clock.seconds - self.began

    async def pause(self, seconds: float) -> None:
        """Let time pass."""
        await self.process.pause(seconds)


@dataclass(slots=True, kw_only=True)
class Worker:
    """Runs mappings, one after the other, as the background jobs do."""

    process: Process
    wire: Wire
    memory: Memory
    clock: VirtualClock
    pair: ConnectedPair
    mappings: Mapping[MappingName, IntegrationTableMapping]
    step_pages: int = 1
    page_sizes: tuple[int, int] = (3, 4)
    """How many records a page of the ERP and of the CRM holds."""
    write_in_product: str = ""
    ends: list[RunEnd] = field(default_factory=list)
    _erp: BusinessCentralService = field(init=False)
    _crm: DataverseService = field(init=False)
    _ticking: ProcessClock = field(init=False)

    def __post_init__(self) -> None:
        self._ticking = ProcessClock(
            process=self.process, clock=self.clock, began=self.clock.seconds - 1000.0
        )
        dice = random.Random(f"{self.process.name}|jitter")
        limits = ChannelLimits(retries_max=3, wait_seconds_max=60.0)
        channels = {}
        for side, origin in ((Side.ERP, ERP_ORIGIN), (Side.CRM, CRM_ORIGIN)):
            sign_in = (
                BasicSignIn(ERP_USER, ERP_KEY)
                if side is Side.ERP
                else ClientCredentialsSignIn(
                    f"{CRM_ORIGIN}/{TENANT_ID}/oauth2/v2.0/token",
                    _CLIENT_ID,
                    _CLIENT_SECRET,
                    f"{CRM_ORIGIN}/.default",
                    monotonic=self.clock.elapsed,
                )
            )
            channels[side] = HttpChannel(
                origin,
                sign_in,
                limits,
                monotonic=self.clock.elapsed,
                epoch_seconds=self.clock.epoch_seconds,
                pause=self.process.pause,
                jitter=dice.random,
                transport=ProcessTransport(self.wire, self.process, side),
            )
        settings = BusinessCentralSettings(
            company=COMPANY,
            page_size=self.page_sizes[0],
            max_request_life_seconds=REQUEST_LIFE_SECONDS,
            write_in_product=self.write_in_product,
        )
        today = lambda: self.clock.now().date()  # noqa: E731 - a port of one line
        self._erp = BusinessCentralService(channels[Side.ERP], settings, today=today)
        crm_settings = DataverseSettings(
            page_size=self.page_sizes[1], max_request_life_seconds=REQUEST_LIFE_SECONDS
        )
        self._crm = DataverseService(channels[Side.CRM], settings=crm_settings)

    async def work(self, orders: Sequence[RunOrder]) -> None:
        """Carry out runs one after the other; each end is noted in `ends`."""
        for order in orders:
            self.ends.append(await self._run(order))

    async def _run(self, order: RunOrder) -> RunEnd:
        """Take a run to its end; what waiting cures is waited for a few times, as a job is retried."""
        retries = 0
        while True:
            try:
                fence = self.memory.state.take_lease(CONNECTION, order.mapping, order.run_id)
                if fence is None:
                    return RunEnd(order=order, finished=False, reason="another run is at work")
                store = self.memory.store().fenced(order.mapping, fence)
                setup = self._setup(order, store)
                result = await run(
                    synch_step(setup, StepBudget(pages=self.step_pages, seconds=1e9)),
                    self._erp,
                    self._crm,
                    self._ticking,
                )
                if not result.more:
                    self.memory.state.release_lease(CONNECTION, order.mapping, fence)
                    return RunEnd(order=order, finished=True, result=result)
            except LeaseLost as lost:
                return RunEnd(order=order, finished=False, reason=str(lost))
            except ServiceFailure as failure:
                retries += isinstance(failure, ServiceUnavailable)
                if not isinstance(failure, ServiceUnavailable) or retries > _RETRIES_MAX:
                    self.memory.state.release_lease(CONNECTION, order.mapping, fence or 0)
                    return RunEnd(order=order, finished=False, reason=f"{type(failure).__name__}: {failure}")
                await self.process.pause(failure.retry_after_seconds or _RETRY_SECONDS)
            except Exception as error:  # noqa: BLE001 - a defect is what is looked for here
                self.memory.state.release_lease(CONNECTION, order.mapping, fence or 0)
                return RunEnd(order=order, finished=False, reason="defect", defect=_described(error))

    def _setup(self, order: RunOrder, store: Store) -> RunSetup:
        return RunSetup(
            connection=CONNECTION,
            mapping=self.mappings[order.mapping],
            mappings=self.mappings,
            named_keys=self.pair.named_keys,
            erp_company_id=self.pair.erp_company_id,
            crm_organization_id=self.pair.crm_organization_id,
            partner_columns=PARTNER_COLUMNS,
            store=store,
            run_id=order.run_id,
            process=self.process.name,
            create_new=order.create_new,
            compare_all=order.compare_all,
            retry_skipped=order.compare_all,
        )


def _described(error: BaseException) -> str:
    places = [
        f"{Path(each.filename).stem}.{each.name}:{each.lineno}"
        for each in extract_tb(error.__traceback__)[-3:]
    ]
    return f"{type(error).__name__}: {error} at {' < '.join(reversed(places))}"
