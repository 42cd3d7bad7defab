"""Asks about users, keys and the audit log on this machine: the state's owner may, and it is written down as his."""

import asyncio
from pathlib import Path
from typing import TypeVar

import msgspec

from interlace.bootstrap.accounts import open_accounts
from interlace.bootstrap.desk.account_areas import add_account_areas
from interlace.cli.options import opened
from interlace.cli.person import person_name
from interlace.management.caller import Caller, Door
from interlace.management.desk import Desk, Works
from interlace.management.operation import Operation
from interlace.management.permission import Permission

AskedT = TypeVar("AskedT", bound=msgspec.Struct)
AnswerT = TypeVar("AnswerT", bound=msgspec.Struct)


def ask(state: Path | None, operation: Operation[AskedT, AnswerT], asked: AskedT) -> AnswerT:
    """Carry an operation out; raises Refused."""
    caller = Caller(user_id="", name=person_name(), permissions=frozenset(Permission), door=Door.MACHINE)
    with opened(state) as application:

        async def perform() -> AnswerT:
            """Ask the desk."""
            accounts, works = open_accounts(application.state), Works()
            add_account_areas(works, accounts)
            return await Desk(works, accounts.audit).perform(operation, caller, asked)

        return asyncio.run(perform())
