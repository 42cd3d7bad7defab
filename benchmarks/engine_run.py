"""The client under test: Interlace's engine through the same doors as the product, run after run."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.changes import change_crm, change_erp, change_one
from benchmarks.contender import Report, Scenario, read_task
from benchmarks.lighter_store import LighterStore
from benchmarks.measure import Stretch, own_peak_memory
from benchmarks.plain_http import open_crm, open_erp
from benchmarks.service_writes import count_writes
from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import CRM_SECRET, ERP_KEY_SECRET, ConnectionSettings
from interlace.bootstrap.demo import enable_connection
from interlace.bootstrap.ends import Ends
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.engine.run_setup import RunSetup
from interlace.engine.synch_mapping import synch_mapping
from interlace.settings import load_config

_NOTHING_OMITTED = "nothing"
IDLE_RUNS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    application: Application
    connection: Connection
    ends: Ends
    pids: dict[str, int]
    mapping: MappingName
    customers: int
    omitted: str
    count_writes: Callable[[], Mapping[str, int]]

    def setup(self, name: MappingName, run_id: str, *, whole: bool) -> RunSetup:
        """Lay out a run as the product does, less what is to be left out for its cost."""
        setup = self.application.run_setup(
            self.connection, name, run_id=run_id, create_new=True, compare_all=whole
        )
        if self.omitted == "write-back":
            return replace(setup, mapping=replace(setup.mapping, carries_erp_reference=False))
        if self.omitted != _NOTHING_OMITTED:
            return replace(setup, store=LighterStore(setup.store, self.omitted))
        return setup

    def _requests(self) -> dict[str, int]:
        return {side: sum(counts.values()) for side, counts in self.ends.requests.items()}

    async def measure(self, name: str, *, whole: bool, runs: int = 1) -> Scenario:
        """Run the mapping, once or some times, and say what that cost."""
        before, written = self._requests(), self.count_writes()
        outcome: Counter[str] = Counter()
        stretch = Stretch(self.pids)
        for number in range(runs):
            setup = self.setup(self.mapping, f"{name} {number}", whole=whole)
            result = await self.ends.run(synch_mapping(setup))
            for job in result.jobs:
                outcome.update(job.counters.as_dict())
        cost = stretch.end()
        after, now = self._requests(), self.count_writes()
        return Scenario(
            name=name,
            records=self.customers,
            cost=cost,
            requests={side: after[side] - before[side] for side in after},
            outcome=dict(outcome),
            runs=runs,
            writes={side: now[side] - written[side] for side in now},
        )


def parents_of(
    mapping: MappingName, mappings: dict[MappingName, IntegrationTableMapping]
) -> list[MappingName]:
    """Return the mappings that must run before one, in path order."""
    wanted: set[MappingName] = set()
    waiting = [mapping]
    while waiting:
        for name in mappings[waiting.pop()].depends_on:
            if name not in wanted:
                wanted.add(name)
                waiting.append(name)
    return [name for name in mappings if name in wanted]


def connection_settings(erp: dict[str, str], crm: dict[str, str]) -> ConnectionSettings:
    """Lay out the connection to the services of the benchmark."""
    return ConnectionSettings(
        name="benchmark",
        erp_address=f"{erp['address']}/BC",
        erp_company=erp["company"],
        erp_user="INTERLACE",
        crm_address=crm["address"],
        crm_token_url=crm["token_url"],
        crm_client_id=crm["client_id"],
        erp_internal_host=True,
        crm_internal_host=True,
    )


async def _scenarios(work: _Work, wanted: Sequence[str]) -> list[Scenario]:
    for name in parents_of(work.mapping, work.application.mappings(work.connection)):
        await work.ends.run(synch_mapping(work.setup(name, "parents", whole=True)))
    measured = [await work.measure("S1", whole=True)]
    if "S2" in wanted:
        measured.append(await work.measure("S2", whole=True))
    if "S3" in wanted:
        await change_erp(work.ends)
        await change_crm(work.ends)
        measured.append(await work.measure("S3", whole=False))
    if "idle" in wanted:
        # One more comparison settles what the CRM has filled in by itself, and takes new cursors: the old ones tell
        # of every account that S1 created.
        await work.measure("settling", whole=True)
        measured.append(await work.measure("idle full", whole=True))
        # The ERP's feed is read from some minutes before the newest stamp on, which is that of the load until
        # something else changes.
        measured.append(await work.measure("after load", whole=False, runs=2))
        await change_one(work.ends)
        await work.measure("one change", whole=False, runs=2)
        measured.append(await work.measure("idle", whole=False, runs=IDLE_RUNS))
    return measured


async def _main(task: dict[str, Any]) -> Report:
    state = str(Path(task["directory"]) / "interlace")
    with Application(load_config(environment={}, overrides={"state.directory": state})) as application:
        settings = connection_settings(task["erp"], task["crm"])
        secrets = {ERP_KEY_SECRET: task["erp"]["key"], CRM_SECRET: task["crm"]["secret"]}
        added = application.add_connection(settings, secrets)
        connection = await enable_connection(application, added)
        erp, crm = open_erp(task["erp"]), open_crm(task["crm"])
        async with application.ends(connection) as ends:
            work = _Work(
                application=application,
                connection=connection,
                ends=ends,
                pids=task["pids"],
                mapping=MappingName(task["mapping"]),
                customers=task["customers"],
                omitted=task["omitted"],
                count_writes=lambda: count_writes(erp, crm),
            )
            scenarios = await _scenarios(work, task["scenarios"])
    return Report(scenarios=tuple(scenarios), peak_memory=own_peak_memory())


if __name__ == "__main__":
    print(asyncio.run(_main(read_task())).dump())
