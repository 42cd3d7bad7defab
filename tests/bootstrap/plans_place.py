"""A server with its desk over both embedded services, whose customers are synchronized, for tests of plans."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
from tests.bootstrap.serving_ends import server_at, until
from tests.cli.both_ends import Ended
from tests.cli.two_services import TwoServices, two_services
from tests.web.accounts_desk import cheap_hasher

from interlace.bootstrap.accounts import AccountRules, open_accounts
from interlace.bootstrap.desk.opened import open_desk
from interlace.bootstrap.serving import Server
from interlace.cli.program import run_program
from interlace.management import plans
from interlace.management.caller import Caller, Door
from interlace.management.desk import Desk
from interlace.management.listing import ListAsked
from interlace.management.operation import Operation
from interlace.management.permission import Permission
from interlace.management.plans import ActionRow, MakePlan, OnePlan, PlanShown

AskedT = TypeVar("AskedT", bound=msgspec.Struct)
AnswerT = TypeVar("AnswerT", bound=msgspec.Struct)
CHAIN = ("CURRENCY", "SALESPEOPLE", "PAYMENT TERMS", "SHIPMENT METHOD", "SHIPPING AGENT", "CUSTOMER")
"""What customers refer to, and they."""
ANA = Caller(user_id="1", name="ana", permissions=frozenset(Permission), door=Door.MACHINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A server with its desk over two services."""

    services: TwoServices
    server: Server
    desk: Desk

    def ask(self, operation: Operation[AskedT, AnswerT], asked: AskedT, caller: Caller = ANA) -> AnswerT:
        """Ask as somebody who may do everything, or as somebody else."""
        return asyncio.run(self.desk.perform(operation, caller, asked))

    def through(self, plan_id: str) -> PlanShown:
        """Wait until nobody works on a plan, and return it."""

        def is_through() -> bool:
            """Ask how far it is."""
            return self.ask(plans.SHOW, OnePlan(plan_id=plan_id)).state not in {"planning", "applying"}

        until(is_through, "the end of the work on the plan")
        return self.ask(plans.SHOW, OnePlan(plan_id=plan_id))

    def made(self, *mappings: str, full: bool = False) -> PlanShown:
        """Make a plan."""
        return self.through(self.ask(plans.MAKE, MakePlan(mappings=mappings, full=full)).plan_id)

    def actions(self, plan: PlanShown, **filters: str) -> tuple[ActionRow, ...]:
        """List a plan's actions."""
        asked = ListAsked(filters={"plan_id": plan.id, **filters}, limit=200)
        return self.ask(plans.ACTIONS, asked).rows


@contextmanager
def plans_place(directory: Path) -> Iterator[Place]:
    """Open a server on a state whose customers are synchronized."""
    state = directory / "state"

    def interlace(*arguments: str) -> Ended:
        """Run a command on the state."""
        return Ended(code=run_program([*arguments, "--state", str(state)]), out="", err="")

    with two_services(directory, state, interlace, customers=8) as services:
        assert interlace("synch", "--full", *CHAIN).code in {0, 3}
        with server_at(state) as (server, _):
            accounts = open_accounts(server.application.state, AccountRules(hasher=cheap_hasher()))
            yield Place(services=services, server=server, desk=open_desk(server, accounts))
