"""Plans as use cases: make one without writing anything, and carry one out under the same leases as any run."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.approval_rules import require_no_rule
from interlace.bootstrap.before_writing import needs_of_writes, require_may_write
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.freezes import freeze_now, require_thawed
from interlace.bootstrap.mapping_busy import MappingBusy
from interlace.bootstrap.orders import saga_of
from interlace.bootstrap.plan_file import PlanWriter, read_stages
from interlace.domain.coupling import Coupling
from interlace.domain.keys import MappingName
from interlace.domain.plan import (
    LEFT_ALONE,
    Operation,
    PlanHeading,
    PlanKind,
    PlannedAction,
    PlannedKind,
    PlanStage,
)
from interlace.domain.side import Side
from interlace.engine.apply_plan import ActionEnd, PlanApplication
from interlace.engine.plan import Keep, Planner
from interlace.engine.run_setup import RunSetup
from interlace.locale.translatable import translatable
from interlace.store.connection_store import ConnectionStore
from interlace.store.leases import LeaseLost

_RENEWAL_SECONDS = 30.0
_LOOK_AGAIN_SECONDS = 0.5


@dataclass(slots=True, kw_only=True)
class PlanSummary:
    """How many records of each mapping a plan treats in which way."""

    counts: dict[MappingName, Counter[PlannedKind]] = field(default_factory=dict)
    messages: dict[MappingName, str] = field(default_factory=dict)
    """Why nothing is planned for a mapping."""
    unchanged: Counter[MappingName] = field(default_factory=Counter)
    """How many records of each mapping were compared and found equal, counted in each direction."""

    def add(self, action: PlannedAction) -> None:
        """Count an action."""
        self.counts.setdefault(action.mapping, Counter())[action.kind] += 1

    @property
    def writes_anything(self) -> bool:
        """Tell whether carrying the plan out would change anything."""
        return any(kind not in LEFT_ALONE for counts in self.counts.values() for kind in counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """Makes and applies plans of one connection over ends that are open already."""

    application: Application
    connection: Connection
    ends: Ends
    watch: Callable[[MappingName], None] = lambda _: None
    """Called with each mapping before it is worked on."""
    patience_seconds: float = 0.0
    """How long applying waits for a mapping that another run holds."""
    is_approved: bool = False
    """Whether what is carried out was approved, or found to need no approval; else it may fall under no rule."""

    def heading(self, kind: PlanKind, subject: str = "") -> PlanHeading:
        """Say what a plan made now is for."""
        settings = self.connection.settings
        return PlanHeading(
            kind=kind,
            made_at=datetime.now(UTC),
            connection=self.connection.id,
            connection_name=settings.name,
            erp_company_id=settings.erp_company_id,
            crm_organization_id=settings.crm_organization_id,
            subject=subject,
        )

    async def plan(
        self,
        names: Sequence[MappingName],
        *,
        full: bool,
        out: Path | None,
        show: Keep,
        supposed: Sequence[Coupling] = (),
    ) -> PlanSummary:
        """Plan mappings in order, then the references that they fill in each other's records.

        `supposed` are pairs that count as coupled though nobody has coupled them yet.
        """
        summary = PlanSummary()
        writing = None if out is None else PlanWriter(out, self.heading(PlanKind.SYNCHRONIZATION))
        with writing or nullcontext() as writer:

            def keep(action: PlannedAction) -> None:
                """Count an action, show it, and write it down."""
                summary.add(action)
                show(action)
                if writer is not None:
                    writer.action(action)

            planner = Planner(self.application.connection_store(self.connection), keep)
            planner.store.suppose(supposed)
            async for stage in self._stages(planner, names, full=full):
                summary.counts.setdefault(stage.mapping, Counter())
                summary.unchanged[stage.mapping] += stage.unchanged
                if stage.message:
                    summary.messages[stage.mapping] = stage.message
                if writer is not None:
                    writer.stage(stage)
        return summary

    async def _stages(
        self, planner: Planner, names: Sequence[MappingName], *, full: bool
    ) -> AsyncIterator[PlanStage]:
        number = 0
        for name in names:
            self.watch(name)
            yield await self.ends.run(planner.stage(self.setup(name, full=full), number))
            number += 1
        for name in names:
            setup = self.setup(name, full=False)
            due = planner.due(name, setup.mapping.passes)
            if due:
                yield await self.ends.run(planner.stage(setup, number, due))
                number += 1

    def setup(
        self,
        name: MappingName,
        *,
        full: bool = False,
        creates_new: bool | None = None,
        run_id: str | None = None,
        store: ConnectionStore | None = None,
    ) -> RunSetup:
        """Lay out a run of a mapping; raises ConnectionProblem for one that is decided document by document."""
        if saga_of(name) is not None:
            raise ConnectionProblem(
                translatable(
                    "{name} is decided document by document when it runs, so nothing can be told ahead. "
                    "`interlace orders list` shows every order, `interlace orders show ORDER` what holds one.",
                    name=name,
                )
            )
        return self.application.run_setup(
            self.connection,
            name,
            run_id=run_id or str(uuid4()),
            create_new=full if creates_new is None else creates_new,
            compare_all=full,
            # What was planned is taken up even if it was left out after repeated failure.
            retry_skipped=full or creates_new is not None,
            store=store,
        )

    async def apply(
        self, path: Path, told: Callable[[ActionEnd], None], *, without: Collection[int] = ()
    ) -> str:
        """Carry a plan out stage by stage, without the actions at some places; gives the run's id.

        Raises MappingBusy while another run holds a mapping: what was applied by then stays applied.
        """
        await self.require_may_carry_out(path, without)
        application, run_id = PlanApplication(), str(uuid4())
        for stage, actions in read_stages(path, without):
            self.watch(stage.mapping)
            async with self.leased(stage.mapping, run_id) as store:
                setup = self.setup(
                    stage.mapping,
                    full=False,
                    creates_new=stage.creates_new,
                    run_id=f"{run_id}.{stage.number}",
                    store=store,
                )
                for end in await self.ends.run(application.stage(setup, actions)):
                    told(end)
        return run_id

    async def require_may_carry_out(self, path: Path, without: Collection[int] = ()) -> None:
        """Refuse a plan that awaits approval, goes to a frozen ERP, or would stop half-way for want of a privilege."""
        require_plan_thawed(self.connection, path, without)
        if not self.is_approved:
            require_no_rule(self.application, self.connection, path, without)
        mappings = self.application.mappings(self.connection)
        # Choices are no records: what their writes need stands in their mapping.
        choices = {name for name, each in mappings.items() if each.choice_column is not None}
        names: dict[MappingName, None] = {}
        writes: set[tuple[MappingName, Side, str, Operation]] = set()
        for stage, actions in read_stages(path, without):
            names[stage.mapping] = None
            writes |= {
                (each.mapping, write.side, write.table, write.operation)
                for each in actions
                for write in each.writes
                if write.side is Side.ERP or each.mapping not in choices
            }
        beside = needs_of_writes(writes)
        await require_may_write(self.application, self.connection, self.ends, tuple(names), beside)

    @asynccontextmanager
    async def leased(self, mapping: MappingName, holder: str) -> AsyncIterator[ConnectionStore]:
        """Hold a mapping; gives a store whose writes end with the lease."""
        state = self.application.state
        until = asyncio.get_running_loop().time() + self.patience_seconds
        while (fence := state.take_lease(self.connection.id, mapping, holder)) is None:
            if asyncio.get_running_loop().time() >= until:
                raise MappingBusy(mapping)
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        renewal = asyncio.create_task(self._renew(mapping, fence))
        try:
            yield self.application.connection_store(self.connection).fenced(mapping, fence)
        except LeaseLost as lost:
            raise MappingBusy(mapping) from lost
        finally:
            renewal.cancel()
            state.release_lease(self.connection.id, mapping, fence)

    async def _renew(self, mapping: MappingName, fence: int) -> None:
        while True:
            await asyncio.sleep(_RENEWAL_SECONDS)
            self.application.state.renew_lease(self.connection.id, mapping, fence)


def require_plan_thawed(connection: Connection, path: Path, without: Collection[int] = ()) -> None:
    """Refuse in a freeze window a plan with writes to the ERP; raises ErpFrozen."""
    if freeze_now(connection.settings) is None:
        return
    planned = (each for _, actions in read_stages(path, without) for each in actions)
    if any(write.side is Side.ERP for each in planned for write in each.writes):
        require_thawed(connection.settings)


def require_same_ends(connection: Connection, heading: PlanHeading) -> None:
    """Refuse a plan that was made for other ends; raises ConnectionProblem."""
    settings = connection.settings
    mine = (connection.id, settings.erp_company_id, settings.crm_organization_id)
    if mine != (heading.connection, heading.erp_company_id, heading.crm_organization_id):
        raise ConnectionProblem(
            translatable(
                "The plan was made for the connection {made_for} as it was on {day}, not for {name} with its present "
                "company and organization. Make a plan for this connection.",
                made_for=heading.connection_name,
                day=f"{heading.made_at:%Y-%m-%d}",
                name=settings.name,
            )
        )
