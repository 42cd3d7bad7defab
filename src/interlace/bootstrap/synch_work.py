"""The synchronization as background jobs call it: a few pages of one run of one mapping at a time."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.chores import CHORES, Chores, is_wanted
from interlace.bootstrap.connection_settings import ConnectionProblem, ConnectionSettings
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.fingerprint import confirm_ends
from interlace.bootstrap.freezes import freeze_now, writes_to_erp
from interlace.bootstrap.item_register import ItemRegisterUpkeep
from interlace.bootstrap.matching_run import MatchingRun, begin_matching
from interlace.bootstrap.orders import Orders, saga_of
from interlace.bootstrap.privileges import (
    HeldPrivileges,
    PrivilegesMissing,
    ask_privileges,
    require_privileges,
)
from interlace.connectors.noted_requests import on_occasion
from interlace.connectors.purpose import Purpose, working_for
from interlace.domain.keys import MappingName
from interlace.engine.saga import DocumentsStep, process_documents
from interlace.engine.service import ErpFrozen, ServiceMismatch, ServiceUnavailable, SignInRefused
from interlace.engine.synch_mapping import StepBudget, synch_step
from interlace.jobs.ports import BatchProgress, SynchMode
from interlace.locale.translatable import text_of
from interlace.store.leases import LeaseLost

_PAGES_PER_STEP = 20


@dataclass(slots=True, kw_only=True)
class OpenedEnds:
    """Both ends of a connection as they are kept open between batches."""

    settings: ConnectionSettings
    """What they were opened with."""
    ends: Ends
    resources: AsyncExitStack
    held: HeldPrivileges | None = None
    """What the accounts may do: asked once, and again after it was too little."""
    users: int = 0
    is_former: bool = False
    """Opened with settings or secrets of before; closed when nobody uses them any more."""


@dataclass(slots=True)
class EngineSynchWork:
    """Runs batches of the engine for the job engine; keeps both ends of each connection open in between."""

    application: Application
    _opened: dict[str, OpenedEnds] = field(default_factory=dict)
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    _steps: dict[str, tuple[int, DocumentsStep | None]] = field(default_factory=dict)
    """How far runs over documents have got, by run: which saga, and where in it."""
    _matchings: dict[str, MatchingRun] = field(default_factory=dict)
    """How far Match-Based Coupling has got, by run."""
    _closed_answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    _closed_waits: dict[str, float] = field(default_factory=dict)
    """What was counted over ends that are closed by now."""

    async def run_batch(
        self, connection_id: str, mapping: str, mode: SynchMode, run_id: str, fence: int
    ) -> BatchProgress:
        """Take a run a step further; what can't be cured by waiting is said as the reason to stop."""
        with on_occasion(run_id, mapping):
            return await self._step(connection_id, mapping, mode, run_id, fence)

    async def _step(
        self, connection_id: str, mapping: str, mode: SynchMode, run_id: str, fence: int
    ) -> BatchProgress:
        application = self.application
        try:
            connection = application.connection(connection_id)
            name = MappingName(mapping)
            if name in CHORES:
                return await self._do_chore(connection, name)
            if self._is_frozen(connection, name):
                return BatchProgress(more=True, is_frozen=True)
            saga = saga_of(name)
            if saga is not None:
                orders = Orders(application=application, connection=connection, saga=saga)
                return await self._take_documents(orders, run_id, fence)
            if mode is SynchMode.MATCH:
                return await self._match(connection, name, run_id, fence)
            store = application.connection_store(connection).fenced(name, fence)
            whole = mode is not SynchMode.INCREMENTAL
            setup = application.run_setup(
                connection,
                name,
                run_id=run_id,
                create_new=mode is SynchMode.FULL,
                compare_all=whole,
                retry_skipped=whole,
                store=store,
                sweeps=True,
            )
            budget = StepBudget(pages=_PAGES_PER_STEP, seconds=application.config.step_seconds)
            async with self._ends(connection, name) as ends:
                with working_for(Purpose.FULL if whole else self._purpose_of(run_id)):
                    result = await ends.run(synch_step(setup, budget))
                upkeep = ItemRegisterUpkeep(application=application, connection=connection, ends=ends)
                await upkeep.after(name, result)
        except ErpFrozen:
            # The window began in the middle of the batch, which is begun anew behind it.
            return BatchProgress(more=True, is_frozen=True)
        except (ConnectionProblem, SignInRefused, ServiceMismatch) as problem:
            return BatchProgress(more=False, stopped=text_of(problem))
        return BatchProgress(more=result.more, stopped=result.stopped)

    async def _match(
        self, connection: Connection, name: MappingName, run_id: str, fence: int
    ) -> BatchProgress:
        """Take Match-Based Coupling a step further; a new process reads both tables anew."""
        matching = self._matchings.pop(run_id, None) or begin_matching(
            self.application, connection, name, run_id
        )
        store = self.application.connection_store(connection).fenced(name, fence)
        async with self._ends(connection, name) as ends:
            with working_for(Purpose.REQUESTED):
                progress = await matching.step(
                    self.application, connection, ends, store, seconds=self.application.config.step_seconds
                )
        if progress.more:
            self._matchings[run_id] = matching
        return progress

    async def _take_documents(self, orders: Orders, run_id: str, fence: int) -> BatchProgress:
        """Take documents a step further; what this run did not look at is found again by a new process, too."""
        place, earlier = self._steps.pop(run_id, (0, None))
        sagas = orders.sagas
        setup = orders.setup(run_id, fence, saga=sagas[place])
        seconds = self.application.config.step_seconds
        async with self._ends(orders.connection, orders.saga.name) as ends:
            with working_for(Purpose.ORDERS):
                step = await ends.run(process_documents(setup, seconds=seconds, earlier=earlier))
        if step.more:
            self._steps[run_id] = place, step
        elif place + 1 < len(sagas):
            self._steps[run_id] = place + 1, None
        return BatchProgress(more=run_id in self._steps)

    def _purpose_of(self, run_id: str) -> Purpose:
        """Tell a run that a person started from a recurring one: only the first has an entry of its own."""
        entry = self.application.state.job_queue_entries.read(run_id)
        return Purpose.RECURRING if entry is None else Purpose.REQUESTED

    def is_transient(self, error: BaseException) -> bool:
        """Tell whether waiting may heal the error."""
        return isinstance(error, ServiceUnavailable | LeaseLost | TimeoutError | OSError)

    def may_recur(self, connection_id: str, mapping: str) -> bool:
        """Tell whether a recurring run may begin: the connection is enabled, and the mapping takes part."""
        try:
            connection = self.application.connection(connection_id)
        except ConnectionProblem:
            return False
        return takes_turns(self.application, connection, MappingName(mapping))

    def is_frozen(self, connection_id: str, mapping: str) -> bool:
        """Tell whether runs of a mapping must wait for the end of a freeze window."""
        try:
            connection = self.application.connection(connection_id)
        except ConnectionProblem:
            return False
        return self._is_frozen(connection, MappingName(mapping))

    def _is_frozen(self, connection: Connection, name: MappingName) -> bool:
        if freeze_now(connection.settings) is None:
            return False
        mapping = self.application.mappings(connection).get(name)
        return mapping is not None and writes_to_erp(mapping)

    def answers(self) -> Mapping[tuple[str, str], int]:
        """Count the services' answers so far by side and status."""
        counted = Counter(self._closed_answers)
        for each in list(self._opened.values()):
            counted.update(_answers_of(each.ends))
        return counted

    def throttled_seconds(self) -> Mapping[str, float]:
        """Add up for how long requests to each side have waited because of its limits."""
        seconds = dict(self._closed_waits)
        for each in list(self._opened.values()):
            for side, waited in each.ends.throttled_seconds.items():
                seconds[side] = seconds.get(side, 0.0) + waited
        return seconds

    async def _do_chore(self, connection: Connection, name: MappingName) -> BatchProgress:
        if not takes_turns(self.application, connection, name):
            return BatchProgress(more=False)
        async with self._open_ends(connection) as opened:
            chores = Chores(application=self.application, connection=connection, ends=opened.ends)
            return BatchProgress(more=False, stopped=await chores.do(name))

    @asynccontextmanager
    async def _ends(self, connection: Connection, mapping: MappingName) -> AsyncIterator[Ends]:
        """Give the open ends of a connection whose accounts may do what a mapping needs."""
        async with self._open_ends(connection) as opened:
            if opened.held is None:
                opened.held = await ask_privileges(opened.ends)
            try:
                require_privileges(self.application, connection, opened.held, (mapping,))
            except PrivilegesMissing:
                # Somebody may have given them meanwhile: the next run asks again.
                opened.held = None
                raise
            yield opened.ends

    @asynccontextmanager
    async def _open_ends(self, connection: Connection) -> AsyncIterator[OpenedEnds]:
        async with self._opening:
            opened = self._opened.get(connection.id)
            if opened is None or opened.settings != _lasting(connection.settings):
                if opened is not None:
                    await self._leave(connection, opened)
                opened = await self._open(connection)
                self._opened[connection.id] = opened
            opened.users += 1
        try:
            yield opened
        except SignInRefused:
            # Another secret may have been entered meanwhile: the next run opens them with what is stored then.
            await self._leave(connection, opened)
            raise
        finally:
            opened.users -= 1
            if opened.is_former and not opened.users:
                await self._close(opened)

    async def _open(self, connection: Connection) -> OpenedEnds:
        async with AsyncExitStack() as opening:
            ends = await opening.enter_async_context(self.application.ends(connection))
            await confirm_ends(connection.settings, ends)
            return OpenedEnds(settings=_lasting(connection.settings), ends=ends, resources=opening.pop_all())

    async def _leave(self, connection: Connection, opened: OpenedEnds) -> None:
        opened.is_former = True
        if self._opened.get(connection.id) is opened:
            del self._opened[connection.id]
        if not opened.users:
            await self._close(opened)

    async def _close(self, opened: OpenedEnds) -> None:
        self._closed_answers.update(_answers_of(opened.ends))
        for side, waited in opened.ends.throttled_seconds.items():
            self._closed_waits[side] = self._closed_waits.get(side, 0.0) + waited
        await opened.resources.aclose()

    async def close(self) -> None:
        """Close every connection that was opened."""
        for opened in list(self._opened.values()):
            await self._close(opened)
        self._opened.clear()


def takes_turns(application: Application, connection: Connection, name: MappingName) -> bool:
    """Tell whether a mapping or chore has recurring runs now."""
    if not connection.settings.enabled:
        return False
    if name in CHORES:
        return is_wanted(name, connection.settings, application.config)
    return name in application.taking_part(connection)


def _lasting(settings: ConnectionSettings) -> ConnectionSettings:
    """Return settings without what a run itself keeps, freezes and approval rules: no reason to sign in anew."""
    return replace(
        settings,
        feed_user="",
        feed_expires="",
        enabled=True,
        freezes=(),
        approval_fields=(),
        approval_deletions_percent=None,
        approval_changes_percent=None,
    )


def _answers_of(ends: Ends) -> Counter[tuple[str, str]]:
    return Counter({(side, code): n for side, each in ends.answers.items() for code, n in each.items()})
