"""Both embedded services of one test's own, what they hold, and edits as their other users make them."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cli.both_ends import NAME, BothEnds, Interlace, started

from interlace.bootstrap.application import Application
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.engine.ports import (
    DeleteRecords,
    Deletion,
    Outcome,
    Page,
    Precondition,
    ReadKeys,
    ReadPage,
    Record,
    TableView,
    Write,
    WriteRecords,
    WriteResult,
)
from interlace.engine.run_setup import RunSetup
from interlace.sandbox.crm.sandbox import CrmSandbox
from interlace.sandbox.erp.application_server import ErpSandbox
from interlace.settings import load_config

PARTIES = (
    "SALESPEOPLE",
    "CURRENCY",
    "PAYMENT TERMS",
    "SHIPMENT METHOD",
    "SHIPPING AGENT",
    "CUSTOMER",
    "CONTACT",
)
"""Mappings whose records refer to each other, in both directions."""
Held = dict[tuple[str, str, str], dict[str, Value]]
"""Fields by side, table and key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoServices:
    """Two services, an Interlace that is connected with them, and what a test asks of them."""

    ends: BothEnds
    erp: ErpSandbox
    crm: CrmSandbox
    state: Path
    interlace: Interlace

    @property
    def written(self) -> int:
        """How many requests that change something the services have carried out."""
        return self.erp.requests.written + self.crm.requests.written

    def held(self) -> Held:
        """Return what the services hold in the tables of the mappings, read page by page."""

        async def everything(run: RunSetup, side: Side) -> list[tuple[str, str, dict[str, Value]]]:
            """Read one table of a mapping."""
            found, after = [], None
            view = run.view(side)
            while True:
                page: Page = await ReadPage(view=view, after=after)
                for record in page.records:
                    fields = dict(zip(view.fields, record.values(), strict=True))
                    found.append((f"{view.table}.{view.choice_column or ''}", record.key, fields))
                after = page.next
                if after is None:
                    return found

        async def all_tables() -> Held:
            """Read both tables of every mapping."""
            held: Held = {}
            with Application(load_config(overrides={"state.directory": str(self.state)})) as application:
                connection = application.connection(NAME)
                async with application.ends(connection) as ends:
                    for name in PARTIES:
                        run = application.run_setup(
                            connection, MappingName(name), run_id="", create_new=False, compare_all=True
                        )
                        for side in Side:
                            for table, key, fields in await ends.run(everything(run, side)):
                                held[side.value, table, key] = fields
            return held

        return asyncio.run(all_tables())

    def edit(self, mapping: str, side: Side, key: str, values: Mapping[str, Value]) -> None:
        """Change a record as another user would."""

        async def change(run: RunSetup) -> Outcome:
            """Write with the tag just read."""
            records: list[Record | None] = await ReadKeys(view=run.view(side), keys=(key,))
            assert records[0] is not None
            write = Write(
                key=key, precondition=Precondition.UNCHANGED, values=dict(values), tag=records[0].tag
            )
            return await _written(run.view(side), write)

        self._write(mapping, change)

    def add(self, mapping: str, side: Side, key: str, values: Mapping[str, Value]) -> None:
        """Create a record under a key as another user would."""
        write = Write(key=key, precondition=Precondition.ABSENT, values=dict(values))
        self._write(mapping, lambda run: _written(run.view(side), write))

    def delete(self, mapping: str, side: Side, key: str) -> None:
        """Delete a record as another user would."""

        async def remove(run: RunSetup) -> Outcome:
            """Delete whatever is there."""
            results: list[WriteResult] = await DeleteRecords(
                view=run.view(side), deletions=(Deletion(key=key),)
            )
            return results[0].outcome

        self._write(mapping, remove)

    def _write(self, mapping: str, work: Callable[[RunSetup], Coroutine[Any, Any, Outcome]]) -> None:
        """Open the services for one write."""

        async def connected() -> Outcome:
            """Write as a run of the mapping would."""
            with Application(load_config(overrides={"state.directory": str(self.state)})) as application:
                connection = application.connection(NAME)
                run = application.run_setup(
                    connection, MappingName(mapping), run_id="", create_new=False, compare_all=False
                )
                async with application.ends(connection) as ends:
                    return await ends.run(work(run))

        assert asyncio.run(connected()) is Outcome.DONE

    def partner(self, mapping: str, erp_key: str) -> str:
        """Return the CRM key that an ERP record is coupled with."""
        with Application(load_config(overrides={"state.directory": str(self.state)})) as application:
            store = application.connection_store(application.connection(NAME))
            return store.partner_keys(MappingName(mapping), Side.ERP, [erp_key])[erp_key]


async def _written(view: TableView, write: Write) -> Outcome:
    results: list[WriteResult] = await WriteRecords(view=view, writes=(write,))
    return results[0].outcome


@contextmanager
def two_services(
    directory: Path, state: Path, interlace: Interlace, *, customers: int
) -> Iterator[TwoServices]:
    """Start both services with a small company, connect an Interlace with them, and close everything at the end."""
    with started(directory, customers=customers) as ends:
        assert interlace("connection", "add", NAME, *ends.options()).code == 0
        assert interlace("connection", "enable", NAME).code == 0
        yield TwoServices(ends=ends, erp=ends.erp, crm=ends.crm, state=state, interlace=interlace)
