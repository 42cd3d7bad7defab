"""Asks about single records on this machine: the state's owner may, and it is written down as his."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from interlace.bootstrap.accounts import open_accounts
from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.desk.error_actions import add_error_actions
from interlace.bootstrap.desk.record_changes import add_record_changes
from interlace.bootstrap.desk.record_log import add_record_log
from interlace.bootstrap.desk.records import add_records
from interlace.bootstrap.desk.requests import add_requests
from interlace.bootstrap.desk.search import add_search
from interlace.bootstrap.desk.service_use import add_service_use
from interlace.bootstrap.job_place import working
from interlace.bootstrap.machine_user import machine_caller
from interlace.bootstrap.reading_ends import ReadOnce
from interlace.cli.spoken import said, words
from interlace.domain.keys import MappingName
from interlace.jobs.job_client import BegunRun
from interlace.jobs.ports import SynchMode
from interlace.management.desk import Desk, Works
from interlace.management.operation import Operation
from interlace.management.refusal import Refused

AskedT = TypeVar("AskedT", bound=msgspec.Struct)
AnswerT = TypeVar("AnswerT", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneCommand:
    """An Interlace that is open for one command; what it has run in the background is waited for."""

    application: Application

    @property
    def reading(self) -> ReadOnce:
        """Reads for this command alone."""
        return ReadOnce(application=self.application)

    def begin_run(self, connection: Connection, mapping: MappingName, mode: SynchMode) -> BegunRun:
        """Have a mapping run, and wait for its end; raises ConnectionProblem when it could not go on."""
        with working(self.application) as place:
            begun = place.client.begin_run(connection.id, mapping, mode)
            stopped = place.wait(begun.run_id)
        if stopped:
            raise ConnectionProblem(stopped)
        return begun


def ask(application: Application, operation: Operation[AskedT, AnswerT], asked: AskedT) -> AnswerT:
    """Carry an operation out; raises ConnectionProblem with what was refused and why."""
    place, works = OneCommand(application=application), Works()
    add_records(works, place)
    add_record_log(works, place)
    add_record_changes(works, place)
    add_error_actions(works, place)
    add_search(works, place)
    add_requests(works, place)
    add_service_use(works, place)
    desk = Desk(works, open_accounts(application.state).audit)
    with _told():
        return asyncio.run(desk.perform(operation, machine_caller(words().name), asked))


@contextmanager
def _told() -> Iterator[None]:
    """Tell a refusal as commands tell problems."""
    try:
        yield
    except Refused as refused:
        told = [f"{said(refused.title)}.".replace("..", "."), said(refused.why), said(refused.next_step)]
        raise ConnectionProblem(" ".join(text for text in told if text)) from refused
