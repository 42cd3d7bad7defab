"""Import jobs: imports at once and in the background, with progress, results and what went wrong.

A job in the background moves on by one step whenever the service is asked something; it is kept, so that a
restart goes on with it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from interlace.odata.error_response import ErrorBody, crm_error_body
from interlace.sandbox import json_codec
from interlace.sandbox.crm import errors
from interlace.sandbox.crm.access_rights import privilege_refusal
from interlace.sandbox.crm.call import JSON_HEADER, VERSION_HEADER, Call
from interlace.sandbox.crm.customizer import Customizer
from interlace.sandbox.crm.privileges import privileges_of_user
from interlace.sandbox.crm.record_layout import Row
from interlace.sandbox.crm.records import Author, Records
from interlace.sandbox.crm.schema import NAMESPACE
from interlace.sandbox.crm.solutions import refusals
from interlace.sandbox.crm.solutions.checks import installed_solution
from interlace.sandbox.crm.solutions.importing import UPGRADE_SUFFIX, SolutionImport
from interlace.sandbox.crm.solutions.package import SolutionPackage, read_package
from interlace.sandbox.crm.solutions.refusals import SolutionRefused
from interlace.sandbox.crm.solutions.removal import promote
from interlace.sandbox.crm.solutions.results import (
    ComponentResult,
    failed,
    planned_results,
    results_document,
    spreadsheet,
    succeeded,
)
from interlace.sandbox.exchange import Refusal, Response

_QUEUE = "solution imports"
_IMPORT_SOLUTION = 203
_READY, _RUNNING, _DONE = (0, 0), (2, 20), (3, 30)
_FAILED = (3, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Queued:
    """One import that waits or runs: its rows, who asked, and how many steps are done."""

    job: str
    operation: str
    user: str
    on_behalf_of: str | None
    holding: bool
    steps: int
    content: str


class ImportJobs:
    """The messages that import solutions, and the queue of those under way."""

    def __init__(self, records: Records, customizer: Customizer) -> None:
        self._records = records
        self._customizer = customizer
        self._queue: list[_Queued] = []
        self.messages: Mapping[str, Callable[[Call], Response]] = {
            "ImportSolution": self._import,
            "ImportSolutionAsync": self._import_later,
            "DeleteAndPromote": self._promote,
        }
        self._read()
        records.store.after_rollback.append(self._read)

    def _read(self) -> None:
        stored = self._records.store.read_state(_QUEUE)
        listed = json_codec.decode(stored) if stored else []
        assert isinstance(listed, list)
        self._queue = [_Queued(**each) for each in listed]

    def _keep(self) -> None:
        listed = [{name: getattr(each, name) for name in _Queued.__slots__} for each in self._queue]
        self._records.store.write_state(_QUEUE, json_codec.encode(listed).decode())

    # --- messages

    def _import(self, call: Call) -> Response:
        body = call.body("ImportSolution")
        job_id = body.get("ImportJobId")
        if not isinstance(job_id, str):
            raise errors.refused(errors.INVALID_ARGUMENT, "The parameter ImportJobId is missing.")
        content = self._content(call, body)
        records, author = self._records, call.author
        job = self._new_job(job_id.lower(), author)
        package: SolutionPackage | None = None
        try:
            package = read_package(content)
            with records.store.transaction():
                work = self._work(package, author, holding=body.get("HoldingSolution") is True)
                solution = work.apply()
        except SolutionRefused as refused:
            self._end(job, package, None, refused)
            # The job's row outlives the failure: that is why the refusal is answered and not raised.
            error = crm_error_body(ErrorBody(code=refused.code, message=refused.message))
            return Response(status=400, headers=(JSON_HEADER, VERSION_HEADER), body=error)
        self._end(job, package, solution, None)
        return call.nothing()

    def _import_later(self, call: Call) -> Response:
        body = call.body("ImportSolutionAsync")
        content = self._content(call, body)
        records, author = self._records, call.author
        job = self._new_job(records.ids.next_id(), author)
        table = records.schema.tables["asyncoperation"]
        facts = {
            "name": "Import Solution",
            "operationtype": _IMPORT_SOLUTION,
            "messagename": "ImportSolutionAsync",
        }
        operation = str(records.create(table, facts, author)[table.key])
        self._queue.append(
            _Queued(
                job=str(job["importjobid"]),
                operation=operation,
                user=author.user_id,
                on_behalf_of=author.on_behalf_of,
                holding=body.get("HoldingSolution") is True,
                steps=0,
                content=base64.b64encode(content).decode(),
            )
        )
        self._keep()
        answer = {"ImportJobKey": str(job["importjobid"]), "AsyncOperationId": operation}
        return call.value(answer, f"{NAMESPACE}.ImportSolutionAsyncResponse")

    def _promote(self, call: Call) -> Response:
        name = call.body("DeleteAndPromote").get("UniqueName")
        self._require_privilege(call.author)
        records = self._records
        base = installed_solution(records, str(name))
        upgrade = installed_solution(records, f"{name}{UPGRADE_SUFFIX}")
        if base is None or upgrade is None:
            raise errors.refused(
                errors.INVALID_ARGUMENT, f"There is no solution '{name}' with an upgrade that waits for it."
            )
        try:
            solution = promote(records, self._customizer, base, upgrade, call.author)
        except SolutionRefused as refused:
            raise Refusal(400, refused.code, refused.message) from refused
        return call.value({"SolutionId": solution}, f"{NAMESPACE}.DeleteAndPromoteResponse")

    def formatted_results(self, job_id: str) -> str:
        """The results of a job as the table that people download."""
        row = self._records.required_row("importjob", job_id)
        stored = self._records.store.read_state(f"import results {job_id}")
        listed = json_codec.decode(stored) if stored else []
        assert isinstance(listed, list)
        moment = _moment(str(row["completedon"] or row["startedon"]))
        return spreadsheet([ComponentResult(**each) for each in listed], moment)

    # --- what may be asked

    def _content(self, call: Call, body: Mapping[str, object]) -> bytes:
        self._require_privilege(call.author)
        for name in ("OverwriteUnmanagedCustomizations", "PublishWorkflows"):
            if not isinstance(body.get(name), bool):
                raise errors.refused(errors.INVALID_ARGUMENT, f"The parameter {name} is missing.")
        if self._queue:
            raise errors.refused(
                refusals.ALREADY_RUNNING,
                "Cannot start another [Import] because there is a previous [Import] running at this moment. Use "
                "Solution History for more details.",
            )
        given = body.get("CustomizationFile")
        try:
            return base64.b64decode(given if isinstance(given, str) else "", validate=True)
        except binascii.Error as error:
            raise errors.refused(
                errors.INVALID_ARGUMENT, "The parameter CustomizationFile is not base64."
            ) from error

    def _require_privilege(self, author: Author) -> None:
        held = {each["PrivilegeName"] for each in privileges_of_user(self._records, author.user_id)}
        if "prvImportCustomization" not in held:
            raise privilege_refusal(self._records, author.user_id, "prvImportCustomization", "")

    # --- the queue

    def advance(self) -> None:
        """Does the next step of the import that is under way, if there is one."""
        if not self._queue:
            return
        with self._records.store.transaction():
            self._records.begin_request()
            self._step(self._queue[0])

    def _step(self, queued: _Queued) -> None:
        records, author = self._records, Author(queued.user, queued.on_behalf_of)
        job, package, solution = records.required_row("importjob", queued.job), None, None
        try:
            package = read_package(base64.b64decode(queued.content))
            work = self._work(package, author, holding=queued.holding)
            checks = (work.check_manifest, work.check_tables, work.check_others)
            if queued.steps < len(checks):
                checks[queued.steps]()
                # Checking is the smaller half of the work.
                progress = 10.0 * (queued.steps + 1)
                self._under_way(queued, job, package, progress, author)
                return
            with records.store.transaction():
                solution = work.apply()
        except SolutionRefused as refused:
            self._end(job, package, None, refused)
            self._end_operation(queued, author, refused)
        else:
            self._end(job, package, solution, None)
            self._end_operation(queued, author, None)
        self._queue.pop(0)
        self._keep()

    def _under_way(
        self, queued: _Queued, job: Row, package: SolutionPackage, progress: float, author: Author
    ) -> None:
        records = self._records
        job["solutionname"], job["progress"] = package.unique_name, progress
        self._write_results(job, planned_results(package), progress)
        if queued.steps == 0:
            self._set_state(queued.operation, _RUNNING, author)
        facts = {name: getattr(queued, name) for name in _Queued.__slots__}
        self._queue[0] = _Queued(**{**facts, "steps": queued.steps + 1})
        self._keep()
        records.rewrite(records.schema.tables["importjob"], job)

    def _work(self, package: SolutionPackage, author: Author, *, holding: bool) -> SolutionImport:
        return SolutionImport(self._records, self._customizer, package, author, holding=holding)

    # --- rows

    def _new_job(self, job_id: str, author: Author) -> Row:
        records = self._records
        table = records.schema.tables["importjob"]
        facts = {"name": "Customizations", "progress": 0}
        row = records.create(table, facts, author, record_id=job_id)
        row["startedon"] = records.moment()
        return records.rewrite(table, row)

    def _end(
        self,
        job: Row,
        package: SolutionPackage | None,
        solution: str | None,
        refused: SolutionRefused | None,
    ) -> None:
        records = self._records
        planned = planned_results(package) if package is not None else []
        if refused is None:
            results, job["progress"] = succeeded(planned), 100
        else:
            results = failed(planned, refused.component, refused.code, refused.message)
        if package is not None:
            job["solutionname"], job["name"] = package.unique_name, package.friendly_name
        job["solutionid"], job["completedon"] = solution, records.moment()
        self._write_results(job, results, float(str(job["progress"])))
        records.rewrite(records.schema.tables["importjob"], job)

    def _write_results(self, job: Row, results: list[ComponentResult], progress: float) -> None:
        listed = [{name: getattr(each, name) for name in ComponentResult.__slots__} for each in results]
        state = f"import results {job['importjobid']}"
        self._records.store.write_state(state, json_codec.encode(listed).decode())
        moment = self._records.now().astimezone(UTC)
        start = _moment(str(job["startedon"]))
        job["data"] = results_document(results, start=start, moment=moment, progress=progress)

    def _end_operation(self, queued: _Queued, author: Author, refused: SolutionRefused | None) -> None:
        records = self._records
        row = self._set_state(queued.operation, _DONE if refused is None else _FAILED, author)
        row["completedon"] = records.moment()
        if refused is not None:
            row["message"], row["friendlymessage"] = refused.message, refused.message
            code = int(refused.code, 16)
            row["errorcode"] = code - 2**32 if code >= 2**31 else code
        records.rewrite(records.schema.tables["asyncoperation"], row)

    def _set_state(self, operation: str, state: tuple[int, int], author: Author) -> Row:
        records = self._records
        table = records.schema.tables["asyncoperation"]
        changes = {"statecode": state[0], "statuscode": state[1]}
        row = records.update(table, operation, changes, author, by_action=True)
        row["startedon"] = row["startedon"] or records.moment()
        return records.rewrite(table, row)


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
