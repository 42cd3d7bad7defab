"""Carries out what is asked about the causes of errors."""

from interlace.bootstrap.application import Connection
from interlace.bootstrap.cause_texts import cause_text, judged
from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.job_starts import StartedJustNow
from interlace.bootstrap.serving import Server
from interlace.domain.error_descriptions import ERROR_DESCRIPTIONS
from interlace.domain.errors import WaitsFor
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.management import causes
from interlace.management.caller import Caller
from interlace.management.causes import (
    AwaitedRecord,
    ErrorCauses,
    ErrorCauseShown,
    ErrorsRetried,
    ListCauses,
    RetryErrors,
)
from interlace.management.desk import Works
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable
from interlace.store.error_causes import CauseKind, ErrorCause

_LIMIT_MAX = 500


def add_causes(works: Works, server: Server) -> None:
    """Let these operations be carried out."""
    work = _Causes(server)
    works.add(causes.LIST, work.listed)
    works.add(causes.RETRY, work.retry)


class _Causes:
    """The error lists of a server's connections."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._application = server.application
        self._errors = server.application.state.errors

    async def listed(self, caller: Caller, asked: ListCauses) -> ErrorCauses:
        held = await connection_of(self._application, caller, asked)
        return await off_loop(self._listed, held, asked)

    def _listed(self, held: Connection, asked: ListCauses) -> ErrorCauses:
        limit = max(1, min(asked.limit, _LIMIT_MAX))
        found, number = self._errors.causes(held.id, mapping=asked.mapping or None, limit=limit)
        judged_ones = judged(self._application.connection_store(held), found)
        return ErrorCauses(causes=tuple(_shown(each) for each in judged_ones), number=number)

    async def retry(self, caller: Caller, asked: RetryErrors) -> ErrorsRetried:
        held = await connection_of(self._application, caller, asked)
        if not (asked.cause or asked.mapping or asked.every) or (asked.keys and not asked.mapping):
            raise Refused(
                RefusalKind.INVALID,
                translatable("Nothing was chosen"),
                next_step=translatable("Choose records, a cause or a mapping, or all."),
            )
        return await off_loop(self._retry, held, asked)

    def _retry(self, held: Connection, asked: RetryErrors) -> ErrorsRetried:
        names = self._concerned(held, asked)
        count = self._errors.retry(
            held.id,
            mapping=asked.mapping or None,
            keys=asked.keys or None,
            cause_id=asked.cause or None,
        )
        if not count:
            raise Refused(
                RefusalKind.NOT_FOUND,
                translatable("No record of the error list was meant"),
                next_step=translatable("They may have gone through meanwhile: look at the list again."),
            )
        if asked.synchronize and held.settings.enabled:
            taking_part = self._application.taking_part(held)
            began = [self._begins(held, name) for name in names if name in taking_part]
            if all(began):
                return ErrorsRetried(
                    count=count,
                    message=translatable(
                        "{count} records take part again; their mappings run now.", count=count
                    ),
                )
        return ErrorsRetried(
            count=count, message=translatable("{count} records take part in the next run.", count=count)
        )

    def _begins(self, held: Connection, name: MappingName) -> bool:
        """Have a mapping run; not if it was started just now, for records may have come too late for that run."""
        try:
            self._server.synchronize(held, name)
        except StartedJustNow:
            return False
        return True

    def _concerned(self, held: Connection, asked: RetryErrors) -> list[MappingName]:
        """Return the mappings of the records, in path order: what others wait for runs first."""
        if asked.mapping:
            return self._application.known_mappings(held, [asked.mapping])
        if asked.cause:
            found = self._errors.found(held.id, cause_id=asked.cause, limit=None)
            named = {each.mapping for each in found}
        else:
            named = {name for name, _skipped in self._application.state.queries.count_errors(held.id)}
        return [name for name in self._application.mappings(held) if name in named]


def _shown(cause: ErrorCause) -> ErrorCauseShown:
    described = ERROR_DESCRIPTIONS[cause.code]
    awaited = cause.waits_for if cause.kind is CauseKind.AWAITED else None
    if cause.kind is CauseKind.AWAITED_EACH and cause.count == 1:
        awaited = cause.example.error.awaited[0]
    return ErrorCauseShown(
        id=cause.id,
        code=cause.code.value,
        title=described.caption,
        text=cause_text(cause),
        count=cause.count,
        failed=cause.failed,
        mappings=tuple((str(name), count) for name, count in cause.mappings),
        why=described.why,
        next_step=described.next_step,
        awaited=None if awaited is None else _awaited(awaited, cause.example.direction),
        example_mapping=cause.example.mapping,
        example_key=cause.example.source_key,
        example_side=cause.example.direction.source_side.value,
    )


def _awaited(awaited: WaitsFor, direction: Direction) -> AwaitedRecord:
    return AwaitedRecord(mapping=awaited.mapping, key=awaited.key, side=direction.source_side.value)
