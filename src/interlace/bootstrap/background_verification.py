"""Verification in the background of a server: begun, followed mapping by mapping, and its verdict kept."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, TypeAlias

import msgspec

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.asked_to_stop import AskedToStop, unless_asked_to_stop
from interlace.bootstrap.background_work import BackgroundWork
from interlace.bootstrap.connection_settings import ConnectionProblem, require_enabled
from interlace.bootstrap.desk.carry_out import refusals
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.kept_files import take_work
from interlace.bootstrap.kept_verdicts import KeptJudgement, KeptVerdicts
from interlace.bootstrap.verification import verify_ends
from interlace.bootstrap.worker_lock import WorkerLock
from interlace.locale.kept_text import to_kept
from interlace.locale.translatable import translatable
from interlace.management.refusal import Refused
from interlace.verify.compare import Begun
from interlace.verify.verify_report import VerifyReport

Judge: TypeAlias = Callable[[Application, Connection, Ends, Begun], Coroutine[Any, Any, VerifyReport]]
"""Reads both ends of a connection and tells what it has found."""

_logger = logging.getLogger(__name__)


class BackgroundVerification:
    """Judges connections; every method blocks but for the judging itself."""

    def __init__(
        self, application: Application, background: BackgroundWork, judge: Judge = verify_ends
    ) -> None:
        self._application = application
        self._background = background
        self._judge_between = judge
        self.kept = KeptVerdicts(application.config.state_directory)

    def start(self, connection: Connection, *, person: str) -> KeptJudgement:
        """Begin to judge both ends; raises ConnectionProblem while that is being done already."""
        require_enabled(connection.settings)
        lock = take_work(self.kept.place(connection.id), "interlace")
        if lock is None:
            raise ConnectionProblem(
                translatable("Both sides are being compared already. Wait for the verdict.")
            )
        self.kept.forget_stop(connection.id)
        judgement = KeptJudgement(begun_by=person, begun_at=datetime.now(UTC))
        self.kept.keep_judgement(connection.id, judgement)
        self._background.begin(
            lambda: self._judge(connection, judgement, lock), f"verification-{connection.id}"
        )
        return judgement

    async def _judge(self, connection: Connection, judgement: KeptJudgement, lock: WorkerLock) -> None:
        problem: tuple[str, ...] = ()
        is_stopped = False
        try:
            with refusals():
                await unless_asked_to_stop(
                    self.kept.stop_sign(connection.id), lambda: self._judge_ends(connection, judgement)
                )
        except AskedToStop:
            is_stopped = True
        except asyncio.CancelledError:
            problem = (translatable("The verification was broken off."), translatable("Start it again."))
            raise
        except Refused as refused:
            problem = tuple(to_kept(each) for each in (refused.title, refused.why, refused.next_step) if each)
        except Exception:
            _logger.exception("The verification of %s failed.", connection.id)
            problem = (translatable("Something went wrong in Interlace"),)
        finally:
            ended = msgspec.structs.replace(
                judgement, is_running=False, problem=problem, is_stopped=is_stopped
            )
            self.kept.keep_judgement(connection.id, ended)
            lock.release()

    async def _judge_ends(self, connection: Connection, judgement: KeptJudgement) -> None:
        def begun(mapping: str, done: int, total: int) -> None:
            """Keep which mapping is judged now."""
            reached = msgspec.structs.replace(judgement, at_work=mapping, done=done, total=total)
            self.kept.keep_judgement(connection.id, reached)

        async with self._application.ends(connection) as ends:
            report = await self._judge_between(self._application, connection, ends, begun)
        self.kept.keep_verdict(connection.id, report, person=judgement.begun_by, now=datetime.now(UTC))
