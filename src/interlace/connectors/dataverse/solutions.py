"""Imports solutions into the CRM, as its own tools do: start, watch, finish an upgrade, publish.

The CRM works on an import by itself: once it is started, losing the connection stops nothing.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from interlace.connectors.collection import ReadRefused
from interlace.connectors.dataverse.administration import Administration, AnswerLost
from interlace.connectors.dataverse.import_results import ComponentResult, component_results
from interlace.connectors.dataverse.solution_package import identity_of
from interlace.connectors.runner import Clock
from interlace.engine.service import ServiceMismatch, ServiceUnavailable
from interlace.locale.translatable import translatable

Tell = Callable[[float], None]
"""Is told how far an import is, in percent."""
_IMPORT_OPERATION = 203
_COMPLETED = 3
_SUCCEEDED = 30
_POLL_SECONDS = 2.0
_PATIENCE_SECONDS = 3600.0
_HELD_SUFFIX = "_Upgrade"
"""What the CRM adds to the name of a version that stands beside the one that it is to replace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledSolution:
    """A solution of the organization."""

    id: str
    unique_name: str
    version: str
    managed: bool


class ImportFailed(ServiceMismatch):
    """The CRM refused a solution; the components tell where."""

    def __init__(self, message: str, components: tuple[ComponentResult, ...]) -> None:
        super().__init__(message)
        self.components = components


class _Solution(msgspec.Struct):
    solutionid: str
    uniquename: str
    version: str
    ismanaged: bool = False


class _Solutions(msgspec.Struct):
    value: list[_Solution]


class _Started(msgspec.Struct):
    AsyncOperationId: str
    ImportJobKey: str | None = None


class _Operation(msgspec.Struct):
    asyncoperationid: str = ""
    statecode: int = 0
    statuscode: int = 0
    message: str | None = None
    friendlymessage: str | None = None


class _Operations(msgspec.Struct):
    value: list[_Operation]


class _Job(msgspec.Struct):
    progress: float | None = 0.0
    data: str | None = ""


class CrmSolutions:
    """The solutions of one organization."""

    def __init__(self, administration: Administration, clock: Clock) -> None:
        self._crm = administration
        self._clock = clock

    async def installed(self, unique_name: str) -> InstalledSolution | None:
        """Find a solution by its unique name."""
        found = await self._crm.read(
            "solutions",
            _Solutions,
            select="solutionid,uniquename,version,ismanaged",
            filter=f"uniquename eq '{unique_name}'",
        )
        for each in found.value:
            return InstalledSolution(
                id=each.solutionid,
                unique_name=each.uniquename,
                version=each.version,
                managed=each.ismanaged,
            )
        return None

    async def import_package(
        self, content: bytes, tell: Tell, *, hold: bool = False
    ) -> tuple[ComponentResult, ...]:
        """Import a package and wait until that is done; returns warnings.

        With `hold`, the new version stands beside the old one until `finish_upgrade` puts it in its place.
        Raises ImportFailed when the CRM refuses it, ServiceUnavailable when it is not done in an hour.
        """
        await self._require_idle()
        if hold and await self._is_held(content):
            tell(100.0)
            return ()
        body = {
            "OverwriteUnmanagedCustomizations": True,
            "PublishWorkflows": False,
            "CustomizationFile": base64.b64encode(content).decode("ascii"),
            **({"HoldingSolution": True} if hold else {}),
        }
        try:
            answer = await self._crm.perform("ImportSolutionAsync", body, translatable("import the solution"))
            started = msgspec.json.decode(answer, type=_Started)
        except AnswerLost:
            # It may have begun all the same; there was no other import a moment ago.
            running = await self._running()
            if running is None:
                raise
            started = _Started(AsyncOperationId=running)
        return await self._watch(started, tell)

    async def finish_upgrade(self, unique_name: str, version: str) -> None:
        """Put a held version in the place of the old one; what only the old one had is removed."""
        try:
            await self._crm.perform(
                "DeleteAndPromote", {"UniqueName": unique_name}, translatable("finish the upgrade")
            )
        except AnswerLost:
            await self._await_version(unique_name, version)

    async def publish(self) -> None:
        """Have everybody see what was changed."""
        await self._crm.perform(
            "PublishAllXml", {}, translatable("publish the customizations"), repeatable=True
        )

    async def remove(self, solution: InstalledSolution) -> None:
        """Uninstall a solution; a managed one takes its tables and columns with it."""
        await self._crm.delete(
            f"solutions({solution.id})", translatable("uninstall {solution}", solution=solution.unique_name)
        )

    async def _is_held(self, content: bytes) -> bool:
        """Tell whether an upgrade that broke off has left this very version; another one is cleared away."""
        package = identity_of(content)
        held = await self.installed(f"{package.unique_name}{_HELD_SUFFIX}")
        if held is None:
            return False
        if held.version == package.version:
            return True
        await self.remove(held)
        return False

    async def _require_idle(self) -> None:
        if await self._running() is not None:
            raise ServiceUnavailable(
                translatable(
                    "Another solution is being imported into the CRM at this moment. Wait until that is "
                    "done, then try again."
                )
            )

    async def _running(self) -> str | None:
        found = await self._crm.read(
            "asyncoperations",
            _Operations,
            select="asyncoperationid,statecode,statuscode",
            filter=f"operationtype eq {_IMPORT_OPERATION} and statecode ne {_COMPLETED}",
            top="1",
        )
        return next((each.asyncoperationid for each in found.value), None)

    async def _watch(self, started: _Started, tell: Tell) -> tuple[ComponentResult, ...]:
        deadline = self._clock.elapsed() + _PATIENCE_SECONDS
        told = -1.0
        while True:
            operation, job = await self._look(started)
            is_done = operation is not None and operation.statecode == _COMPLETED
            percent = 100.0 if is_done else (job.progress or 0.0)
            if percent > told:
                told = percent
                tell(percent)
            if operation is not None and is_done:
                return _judged(operation, job)
            if self._clock.elapsed() > deadline:
                raise ServiceUnavailable(
                    translatable(
                        "The CRM is not done with the import after an hour ({percent} %). It goes on by "
                        "itself; look later with `interlace solution status`.",
                        percent=round(told),
                    )
                )
            await self._clock.pause(_POLL_SECONDS)

    async def _look(self, started: _Started) -> tuple[_Operation | None, _Job]:
        """Ask for the state of an import; while it works, the CRM is slow to answer or doesn't."""
        try:
            operation = await self._crm.read(
                f"asyncoperations({started.AsyncOperationId})",
                _Operation,
                select="asyncoperationid,statecode,statuscode,message,friendlymessage",
            )
        except ServiceUnavailable:
            return None, _Job()
        return operation, await self._job(started.ImportJobKey)

    async def _job(self, key: str | None) -> _Job:
        if not key:
            return _Job()
        try:
            return await self._crm.read(f"importjobs({key})", _Job, select="progress,data")
        except (ServiceUnavailable, ReadRefused):
            # The job is written a moment after the operation.
            return _Job()

    async def _await_version(self, unique_name: str, version: str) -> None:
        deadline = self._clock.elapsed() + _PATIENCE_SECONDS
        while self._clock.elapsed() <= deadline:
            try:
                found = await self.installed(unique_name)
            except ServiceUnavailable:
                found = None
            if found is not None and found.version == version:
                return
            await self._clock.pause(_POLL_SECONDS)
        raise ServiceUnavailable(
            translatable(
                "The CRM has not put version {version} of {solution} in place within an hour. Look later "
                "with `interlace solution status`.",
                version=version,
                solution=unique_name,
            )
        )


def _judged(operation: _Operation, job: _Job) -> tuple[ComponentResult, ...]:
    results = component_results(job.data or "")
    if operation.statuscode == _SUCCEEDED:
        return results
    failures = tuple(each for each in results if each.is_failure)
    said = (operation.friendlymessage or operation.message or "it gives no reason").strip().rstrip(".")
    where = "".join(f"\n  {each}" for each in failures)
    raise ImportFailed(
        translatable("The CRM did not import the solution: {said}.{where}", said=said, where=where), failures
    )
