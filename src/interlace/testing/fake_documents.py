"""An in-memory service that creates documents with their lines, numbers them, and carries out messages."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from interlace.domain.errors import ErrorCode, RecordError
from interlace.domain.values import Value
from interlace.engine.ports import Outcome, TableView, WriteResult
from interlace.engine.service import ServiceMismatch
from interlace.testing.fake_service import FakeService, ScriptedAnswer

Message = Callable[[str, Mapping[str, Value]], str | None]
"""Carries a message out on the record of a key; gives the service's words when it refuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentTable:
    """How one kind of document is kept."""

    table: str
    line_table: str
    mark_field: str
    header_field: str
    """Field of the lines that names their document."""
    prefix: str = "D"


class FakeDocumentService(FakeService):
    """A service whose documents come whole, under numbers of its choosing."""

    def __init__(self, *documents: DocumentTable) -> None:
        super().__init__()
        self.creates: list[str] = []
        """The mark of every create that arrived."""
        self.performed: list[tuple[str, str]] = []
        """(message, key) of every message that arrived."""
        self.messages: dict[str, Message] = {}
        self._documents = {each.table: each for each in documents}
        self._answers: dict[str, deque[ScriptedAnswer]] = {}
        self._late: list[Callable[[], object]] = []
        self._numbers = 0

    def script_next(self, name: str, *answers: ScriptedAnswer) -> None:
        """Let the next creates with a mark, or the next messages of a name, end as given."""
        self._answers.setdefault(name, deque()).extend(answers)

    def forget_scripts(self) -> None:
        """Let nothing go wrong any more."""
        self._answers.clear()
        self._scripts.clear()

    def land_late_documents(self) -> None:
        """Let creates and messages arrive now whose answers were lost long ago."""
        late, self._late = self._late, []
        for act in late:
            act()

    async def create_document(
        self, view: TableView, mark: str, values: Mapping[str, Value], lines: tuple[Mapping[str, Value], ...]
    ) -> WriteResult:
        """Create header and lines under the next number."""
        kept = self._documents.get(view.table)
        if kept is None:
            return await super().create_document(view, mark, values, lines)
        self.creates.append(mark)

        def act() -> WriteResult:
            """Number the document and keep it."""
            self._numbers += 1
            key = f"{kept.prefix}{self._numbers:03d}"
            self.put(kept.table, key, {**values, kept.mark_field: mark})
            for number, line in enumerate(lines, start=1):
                self.put(kept.line_table, f"{key}.{number}", {**line, kept.header_field: key})
            return WriteResult(outcome=Outcome.DONE, key=key)

        return self._answered(mark, mark, act)

    async def perform(
        self, view: TableView, key: str, tag: str | None, message: str, parameters: Mapping[str, Value]
    ) -> WriteResult:
        """Carry out a message that the test has taught."""
        known = self.messages.get(message)
        if known is None:
            raise ServiceMismatch(f"The service has no message {message} for {view.table}.")
        self.performed.append((message, key))

        def act() -> WriteResult:
            """Do it, or refuse it in words."""
            refusal = known(key, parameters)
            if refusal is None:
                return WriteResult(outcome=Outcome.DONE, key=key)
            error = RecordError(code=ErrorCode.REJECTED_BY_SERVICE, message=refusal)
            return WriteResult(outcome=Outcome.REJECTED, key=key, error=error)

        return self._answered(message, key, act)

    def _answered(self, name: str, key: str, act: Callable[[], WriteResult]) -> WriteResult:
        waiting = self._answers.get(name)
        scripted = waiting.popleft() if waiting else None
        if scripted is None:
            return act()
        if scripted.takes_effect:
            act()
        elif scripted.lands_later:
            self._late.append(act)
        message = f"The service answered {scripted.outcome.value} for {key}. Try again."
        error = scripted.error or RecordError(code=ErrorCode.REJECTED_BY_SERVICE, message=message)
        return WriteResult(outcome=scripted.outcome, key=key, error=error)
