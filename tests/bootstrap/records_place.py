"""A desk over both embedded services, and what tests of records do beside it."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from interlace.bootstrap.accounts import StoredAccounts
from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.reading_ends import ReadingEnds
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.engine.ports import Deletion, Outcome, Precondition, Write
from interlace.jobs.job_client import BegunRun
from interlace.jobs.ports import SynchMode
from interlace.lead_to_cash.mapping_names import CUSTOMER
from interlace.management import record_changes, records
from interlace.management.caller import Caller, Door
from interlace.management.desk import Desk
from interlace.management.errors import LIST_ERRORS, ErrorRow
from interlace.management.listing import ListAsked
from interlace.management.operation import Operation
from interlace.management.permission import Permission
from interlace.management.record_changes import (
    RemoveCouplings,
    UpdateStatistics,
)
from interlace.management.records import (
    ListRecords,
    RecordAsked,
    RecordRow,
    RecordShown,
)

AskedT = TypeVar("AskedT", bound=msgspec.Struct)
AnswerT = TypeVar("AnswerT", bound=msgspec.Struct)
ANA = Caller(user_id="1", name="ana", permissions=frozenset(Permission), door=Door.PAGE)


@dataclass(slots=True, kw_only=True)
class Waiting:
    """Stands in for a server: what is to run in the background is only noted."""

    application: Application
    reading: ReadingEnds
    begun: list[tuple[str, SynchMode]] = field(default_factory=list)

    def begin_run(self, _connection: Connection, mapping: MappingName, mode: SynchMode) -> BegunRun:
        """Note a run."""
        self.begun.append((mapping, mode))
        return BegunRun(run_id=f"run-{len(self.begun)}", is_new=True)


@dataclass(slots=True, kw_only=True)
class Place:
    """A desk over both services, without anything running beside."""

    server: Waiting
    desk: Desk
    accounts: StoredAccounts
    untouched: Iterator[str]
    """Customers that are coupled and that no test has taken yet."""

    def ask(self, operation: Operation[AskedT, AnswerT], asked: AskedT, caller: Caller = ANA) -> AnswerT:
        """Ask as somebody who may do everything, or as the caller given."""
        return asyncio.run(self.desk.perform(operation, caller, asked))

    def rows(self, **asked: object) -> dict[str, RecordRow]:
        """List customers; gives them by key."""
        found = self.ask(records.LIST, msgspec.convert({"mapping": "CUSTOMER", **asked}, ListRecords))
        return {each.key: each for each in found.rows}

    def coupled(self) -> str:
        """Return a coupled customer, another one at each call: tests must not meet at one."""
        return next(self.untouched)

    def with_entries(self) -> str:
        """Return a coupled customer as `coupled` does, but one that has entries in the books."""
        while True:
            key = self.coupled()
            self.ask(record_changes.STATISTICS, UpdateStatistics(customers=(key,)))
            figures = {each.name: each.amount for each in self.customer(key).statistics}
            # A credit limit, say, is given before anything is sold.
            if figures["total_sales"]:
                return key

    def customer(self, key: str) -> RecordShown:
        """Show a customer."""
        return self.ask(records.SHOW, RecordAsked(mapping="CUSTOMER", key=key))

    def remove(self, key: str) -> str:
        """Uncouple a customer; gives the id of its account."""
        account = self.customer(key).crm.key
        self.ask(record_changes.UNCOUPLE, RemoveCouplings(mapping="CUSTOMER", keys=(key,)))
        return account

    def edit(self, side: Side, key: str, **values: Value) -> None:
        """Change a customer or an account as another user would."""
        application = self.server.application
        held = application.connection(None)
        run = application.run_setup(held, CUSTOMER, run_id="", create_new=False, compare_all=False)
        view = run.view(side)

        async def write() -> Outcome:
            """Change the record."""
            async with application.ends(held) as ends:
                service = ends.erp if side is Side.ERP else ends.crm
                [record] = await service.read_keys(view, (key,))
                assert record is not None
                wanted = Write(
                    key=key, precondition=Precondition.UNCHANGED, values=dict(values), tag=record.tag
                )
                return (await service.write(view, (wanted,)))[0].outcome

        assert asyncio.run(write()) is Outcome.DONE

    def delete(self, side: Side, key: str) -> None:
        """Delete a customer or an account as another user would; the next look at the pair finds it out."""
        application = self.server.application
        held = application.connection(None)
        run = application.run_setup(held, CUSTOMER, run_id="", create_new=False, compare_all=False)

        async def delete() -> Outcome:
            """Delete the record."""
            async with application.ends(held) as ends:
                service = ends.erp if side is Side.ERP else ends.crm
                [record] = await service.read_keys(run.view(side), (key,))
                assert record is not None
                deletion = Deletion(key=key, tag=record.tag)
                return (await service.delete(run.view(side), (deletion,)))[0].outcome

        assert asyncio.run(delete()) is Outcome.DONE

    def error(self, key: str) -> ErrorRow:
        """Return the row of a customer on the error list."""
        asked = ListAsked(filters={"mapping": "CUSTOMER", "source_key": key})
        [row] = self.ask(LIST_ERRORS, asked).rows
        return row
