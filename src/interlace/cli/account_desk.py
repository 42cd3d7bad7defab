"""Asks about users, keys and the audit log on this machine: the state's owner may, and it is written down as his."""

import asyncio
import sys
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from interlace.bootstrap.accounts import open_accounts
from interlace.bootstrap.application import Application
from interlace.bootstrap.desk.account_areas import add_account_areas
from interlace.bootstrap.machine_user import machine_caller
from interlace.cli.options import opened
from interlace.management.desk import Desk, Works
from interlace.management.listing import PAGE_MAX, ListAnswer, ServerListAsked
from interlace.management.operation import Operation

AskedT = TypeVar("AskedT", bound=msgspec.Struct)
AnswerT = TypeVar("AnswerT", bound=msgspec.Struct)
ListT = TypeVar("ListT", bound=ServerListAsked)
ListAnswerT = TypeVar("ListAnswerT", bound=ListAnswer)


def ask(state: Path | None, operation: Operation[AskedT, AnswerT], asked: AskedT) -> AnswerT:
    """Carry an operation out; raises Refused."""
    with opened(state) as application:
        return asyncio.run(_desk(application).perform(operation, machine_caller(), asked))


def ask_pages(
    state: Path | None, operation: Operation[ListT, ListAnswerT], asked: ListT, rows: int | None = None
) -> list[ListAnswerT]:
    """Ask for the pages of a list, all of them or as many as hold so many rows; raises Refused."""
    pages: list[ListAnswerT] = []
    left = sys.maxsize if rows is None else rows
    while left > 0:
        limit = min(left, PAGE_MAX)
        cursor = pages[-1].next_cursor if pages else ""
        pages.append(ask(state, operation, replace(asked, cursor=cursor, limit=limit, counted=False)))
        left -= limit
        if not pages[-1].next_cursor:
            break
    return pages


def _desk(application: Application) -> Desk:
    accounts, works = open_accounts(application.state), Works()
    add_account_areas(works, accounts)
    return Desk(works, accounts.audit)
