"""Plans that are made and applied in the background of a server; every method blocks but for the work itself."""

import contextlib
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.background_work import BackgroundWork
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.kept_planning import KeptPlanning
from interlace.bootstrap.kept_plans import KeptPlan, KeptPlans, new_plan_id
from interlace.bootstrap.undoing import UndoSubject
from interlace.domain.plan import PlanKind
from interlace.locale.translatable import translatable
from interlace.management.refusal import Refused

_PATIENCE_SECONDS: Final = 300.0
"""How long applying waits for a run that is at work on a mapping."""


class BackgroundPlans:
    """Makes, keeps and applies plans; progress is in the plan."""

    def __init__(self, application: Application, background: BackgroundWork) -> None:
        self._application = application
        self._background = background
        self.kept = KeptPlans(application.config.state_directory)

    def make(self, connection: Connection, names: Sequence[str], *, full: bool, person: str) -> KeptPlan:
        """Begin to plan what a synchronization of mappings would do; raises ConnectionProblem."""
        plan = synchronization_plan(self._application, connection, names, full=full, person=person)
        return self._make(connection, plan)

    def make_undo(self, connection: Connection, subject: UndoSubject, *, person: str) -> KeptPlan:
        """Begin to plan an undo; raises ConnectionProblem."""
        plan = undo_plan(connection, subject, person=person)
        return self._make(connection, plan)

    def apply(self, connection: Connection, plan: KeptPlan, *, person: str) -> KeptPlan:
        """Begin to carry a plan out; raises Refused when somebody did so already."""
        work = self._work(connection, plan)
        work.begin_applying(person)
        return self._begin(work, work.apply)

    def _make(self, connection: Connection, plan: KeptPlan) -> KeptPlan:
        work = self._work(connection, plan)
        work.begin_making()
        return self._begin(work, work.make)

    def _work(self, connection: Connection, plan: KeptPlan) -> KeptPlanning:
        return KeptPlanning(
            application=self._application,
            connection=connection,
            kept=self.kept,
            plan=plan,
            patience_seconds=_PATIENCE_SECONDS,
        )

    def _begin(self, work: KeptPlanning, run: Callable[[], Coroutine[Any, Any, KeptPlan]]) -> KeptPlan:
        async def until_its_end() -> None:
            """Work; the plan itself tells why it was refused."""
            with contextlib.suppress(Refused):
                await run()

        self._background.begin(until_its_end, f"plan-{work.plan.id}")
        return work.plan


def synchronization_plan(
    application: Application, connection: Connection, names: Sequence[str], *, full: bool, person: str
) -> KeptPlan:
    """Return a plan, still to be made, of what a synchronization of mappings would do; raises ConnectionProblem."""
    chosen = application.known_mappings(connection, names)
    mappings = application.mappings(connection)
    for name in chosen:
        if mappings[name].run_by_saga:
            raise ConnectionProblem(
                translatable(
                    "{mapping} is decided document by document when it runs, so nothing can be told ahead.",
                    mapping=name,
                )
            )
    return KeptPlan(
        id=new_plan_id(),
        connection=connection.id,
        kind=PlanKind.SYNCHRONIZATION,
        made_by=person,
        made_at=datetime.now(UTC),
        mappings=tuple(chosen),
        full=full,
    )


def undo_plan(connection: Connection, subject: UndoSubject, *, person: str) -> KeptPlan:
    """Return a plan, still to be made, of an undo."""
    return KeptPlan(
        id=new_plan_id(),
        connection=connection.id,
        kind=PlanKind.UNDO,
        made_by=person,
        made_at=datetime.now(UTC),
        subject=subject.text,
        subject_mapping=subject.mapping or "",
        subject_field=subject.field or "",
    )
