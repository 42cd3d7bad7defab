"""Carries out what is asked about the solution in the CRM: its version, kept for a while, and bringing it once more."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.crm_version import crm_version
from interlace.bootstrap.desk.carry_out import connection_of, in_own_loop
from interlace.bootstrap.desk.setup import given_answers, question_shown
from interlace.bootstrap.serving import Server
from interlace.bootstrap.setup.desk import Desk as SetupDesk
from interlace.bootstrap.setup.question import StepName
from interlace.bootstrap.setup.questions import questions_of
from interlace.bootstrap.setup.solution_steps import deploy
from interlace.bootstrap.solution_setup import version_key
from interlace.bootstrap.solution_status import SolutionStatus, solution_status
from interlace.connectors.dataverse.web_api_address import ONLINE_VERSION
from interlace.locale.translatable import translatable
from interlace.management import solution
from interlace.management.caller import Caller
from interlace.management.connections import OneConnection
from interlace.management.desk import Works
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.solution import CrmVersions, Deployment, Redeployed, RedeploySolution

PAGE = "/connection/solution"
_PATIENCE_SECONDS = 1.5
_LOOK_KEPT = timedelta(minutes=5)
_PROBLEM_KEPT = timedelta(seconds=15)
_LINES_MAX = 50


@dataclass(slots=True)
class _Look:
    """What a CRM told last, and whether it is being asked again."""

    found: CrmVersions | None = None
    task: asyncio.Task[CrmVersions] | None = None

    def is_due(self, now: datetime) -> bool:
        """Whether it should be asked, and nobody is doing so."""
        if self.task is not None and not self.task.done():
            return self.task.get_loop().is_closed()
        if self.found is None or self.found.looked_at is None:
            return True
        return now - self.found.looked_at > (_PROBLEM_KEPT if self.found.problem else _LOOK_KEPT)

    def take(self) -> None:
        """Take what the CRM has told meanwhile; a look that ended with its loop told nothing."""
        if self.task is not None and self.task.done():
            if not self.task.cancelled():
                self.found = self.task.result()
            self.task = None


@dataclass(slots=True)
class _Work:
    """Bringing a solution."""

    task: asyncio.Task[None] | None = None
    told: list[str] = field(default_factory=list)
    problem: str = ""

    @property
    def is_working(self) -> bool:
        """Whether it is not at its end."""
        return self.task is not None and not self.task.done()

    def tell(self, line: str) -> None:
        """Keep a line of what is done."""
        if line not in self.told[-1:]:
            self.told.append(line)
            del self.told[:-_LINES_MAX]


def add_solution(works: Works, server: Server, *, patience_seconds: float = _PATIENCE_SECONDS) -> None:
    """Let these operations be carried out."""
    work = _Solutions(server.application, patience_seconds)
    works.add(solution.VERSIONS, work.versions)
    works.add(solution.DEPLOYMENT, work.deployment)
    works.add(solution.REDEPLOY, work.redeploy)


class _Solutions:
    """The solutions in the CRMs of one server's connections."""

    def __init__(self, application: Application, patience_seconds: float) -> None:
        self._application = application
        self._patience_seconds = patience_seconds
        self._looks: dict[str, _Look] = {}
        self._works: dict[str, _Work] = {}

    async def versions(self, caller: Caller, asked: OneConnection) -> CrmVersions:
        held = await connection_of(self._application, caller, asked)
        # Another address or account is another CRM to ask.
        look = self._looks.setdefault(f"{held.id} {held.settings.dump()}", _Look())
        look.take()
        if look.is_due(datetime.now(UTC)):
            look.task = asyncio.create_task(self._looked(held))
        if look.found is None and look.task is not None:
            await asyncio.wait({look.task}, timeout=self._patience_seconds)
            look.take()
        return look.found or CrmVersions(is_looking=True)

    async def _looked(self, held: Connection) -> CrmVersions:
        now = datetime.now(UTC)
        web_api = held.settings.crm_api_version or ONLINE_VERSION
        try:
            found = await in_own_loop(lambda: self._ask(held))
        except Refused as refused:
            return CrmVersions(looked_at=now, web_api=web_api, problem=refused.why or refused.title)
        return msgspec.structs.replace(found, looked_at=now, web_api=web_api)

    async def _ask(self, held: Connection) -> CrmVersions:
        async with self._application.ends(held, retries_max=1) as ends:
            version = await crm_version(ends.administration)
            return _shown(version, await solution_status(ends.administration))

    async def deployment(self, caller: Caller, asked: OneConnection) -> Deployment:
        held = await connection_of(self._application, caller, asked)
        work = self._works.get(held.id, _Work())
        return Deployment(
            questions=tuple(
                question_shown(held.settings, each, is_stored=False)
                for each in questions_of(StepName.SOLUTION)
                if each.applies(held.settings)
            ),
            is_working=work.is_working,
            told=tuple(work.told),
            problem=work.problem,
        )

    async def redeploy(self, caller: Caller, asked: RedeploySolution) -> Redeployed:
        held = await connection_of(self._application, caller, asked)
        if self._works.get(held.id, _Work()).is_working:
            raise Refused(
                RefusalKind.CHANGED_MEANWHILE,
                translatable("The solution is being brought already"),
                next_step=translatable("Wait until it is done."),
            )
        _require_administrator(asked.answers)
        work = _Work()
        answers = given_answers(asked.answers, asked.secrets, held.settings.name)
        desk = SetupDesk(
            application=self._application, answers=answers, name=held.settings.name, tell=work.tell
        )
        self._works[held.id] = work
        work.task = asyncio.create_task(self._deployed(desk, work))
        await asyncio.wait({work.task}, timeout=self._patience_seconds)
        if work.is_working:
            return Redeployed(page=PAGE, message=translatable("The solution is being brought."))
        if work.problem:
            raise Refused(
                RefusalKind.NOT_READY, translatable("The solution was not brought"), why=work.problem
            )
        return Redeployed(page=PAGE, message=work.told[-1])

    async def _deployed(self, desk: SetupDesk, work: _Work) -> None:
        try:
            outcome = await in_own_loop(lambda: deploy(desk, redeploy=True))
        except Refused as refused:
            work.problem = refused.why or refused.title
            return
        finally:
            desk.answers.wipe()
        self._looks.clear()
        work.tell(
            translatable(
                "Version {version} of the solution is in the CRM, and {user} has its roles.",
                version=outcome.version,
                user=outcome.integration_user,
            )
        )


def _require_administrator(answers: Mapping[str, str]) -> None:
    """Take nothing but what the administrator answers: the connection is changed elsewhere."""
    known = {each.key for each in questions_of(StepName.SOLUTION)}
    wrong = {
        f"answers.{key}": translatable("The card does not ask this.") for key in answers if key not in known
    }
    if wrong:
        raise Refused(RefusalKind.INVALID, translatable("Some answers can't be used"), fields=wrong)


def _shown(version: str, status: SolutionStatus) -> CrmVersions:
    is_older = bool(status.installed) and version_key(status.installed) < version_key(status.ours)
    return CrmVersions(
        crm=version,
        solution=status.installed,
        brought=status.ours,
        is_older=is_older,
        advice=status.advice,
        integration_user=status.integration_user,
        missing_roles=status.missing_roles,
    )
