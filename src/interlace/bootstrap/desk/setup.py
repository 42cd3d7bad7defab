"""Carries the assisted set-up out: a step at a time, in the background where it takes longer than a page may.

Steps ask both services, which may take their time: nothing of that runs where pages would have to wait for it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from interlace.bootstrap.application import Application
from interlace.bootstrap.connection_names import ConnectionNameProblem, checked_name, default_of
from interlace.bootstrap.connection_settings import ConnectionProblem, ConnectionSettings
from interlace.bootstrap.desk.carry_out import beside_pages, off_loop, require_reach
from interlace.bootstrap.desk.connection_list import name_refused
from interlace.bootstrap.serving import Server
from interlace.bootstrap.setup.answers import Answers, from_text
from interlace.bootstrap.setup.desk import Desk as SetupDesk
from interlace.bootstrap.setup.keep_answers import take_given
from interlace.bootstrap.setup.progress import StepReport, StepState, Tell
from interlace.bootstrap.setup.question import Answer as GivenAnswer
from interlace.bootstrap.setup.question import AnswerKind, Question, StepName
from interlace.bootstrap.setup.questions import BY_KEY, questions_of
from interlace.bootstrap.setup.run import STEPS, advance, look_at_steps
from interlace.locale.translatable import text_of
from interlace.management import setup
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.entered_secrets import taken
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.setup import (
    AnswerSetup,
    Setup,
    SetupAnswered,
    SetupChoice,
    SetupProblem,
    SetupQuestion,
    SetupStep,
    ShowSetup,
)
from interlace.management.translatable import translatable

_DEFAULT_NAME = "main"
_PATIENCE_SECONDS = 4.0
"""How long a page waits for a step or a look."""
_LOOK_KEPT_SECONDS = 60.0
"""A look that nobody waited for is worth that long to whoever comes back for it."""
_LINES_MAX = 50
_KINDS = {
    AnswerKind.TEXT: "text",
    AnswerKind.FLAG: "flag",
    AnswerKind.NAMES: "names",
    AnswerKind.FILE: "text",
    AnswerKind.SECRET_FILE: "secret",
}
_CAPTIONS = {each.name: each.caption for each in STEPS}
_LAST_STEP = StepName.PUBLISH
"""The full synchronization is started by its own operation."""


def _silent(_line: str) -> None:
    """Tell nobody."""


@dataclass(slots=True)
class _Work:
    """What is being done for one set-up."""

    task: asyncio.Future[None] = field(default_factory=asyncio.Future)
    told: list[str] = field(default_factory=list)
    reports: list[StepReport] = field(default_factory=list)

    def tell(self, line: str) -> None:
        """Keep a line of what is done; the last ones are shown."""
        self.told.append(line)
        del self.told[:-_LINES_MAX]

    def take(self, report: StepReport) -> None:
        """Keep how a step that is over ended."""
        self.reports.append(report)
        self.tell(_line(report))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """A look at all steps, shared by everybody who asks for it meanwhile."""

    task: asyncio.Task[list[StepReport]]
    begun: float

    def is_worthless(self, now: float) -> bool:
        """Whether it was broken off, failed, or ended so long ago that things may stand otherwise."""
        if not self.task.done():
            return False
        is_told = not self.task.cancelled() and self.task.exception() is None
        return not is_told or now - self.begun > _LOOK_KEPT_SECONDS


def add_setup(works: Works, server: Server, *, patience_seconds: float = _PATIENCE_SECONDS) -> None:
    """Let these operations be carried out."""
    setups = _Setups(server.application, patience_seconds)
    works.add(setup.SHOW, setups.show)
    works.add(setup.ANSWER, setups.answer)


class _Setups:
    """The set-ups of one server, and what is being done for each."""

    def __init__(self, application: Application, patience_seconds: float) -> None:
        self._application = application
        self._patience_seconds = patience_seconds
        self._at_work: dict[str, _Work] = {}
        self._looks: dict[str, _Look] = {}

    async def show(self, caller: Caller, asked: ShowSetup) -> Setup:
        name = await off_loop(self._name, asked.connection)
        require_reach(caller, name)
        work = self._at_work.get(name)
        desk = self._desk(name)
        if work is not None and not work.task.done():
            return await off_loop(_shown, desk, work.reports, work, is_working=True)
        reports = await self._looked(name, desk)
        if reports is None:
            return await off_loop(_shown, desk, [], work, is_looking=True)
        tried = work.reports if work is not None else []
        return await off_loop(_shown, desk, _with_last_try(reports, tried), work)

    async def _looked(self, name: str, desk: SetupDesk) -> list[StepReport] | None:
        """Look at every step, or take part in a look that is under way; None: the services take their time."""
        now = asyncio.get_running_loop().time()
        look = self._looks.get(name)
        if look is None or look.is_worthless(now):
            begun = asyncio.create_task(_look_at_steps(desk))
            look = self._looks[name] = _Look(task=begun, begun=now)
        await asyncio.wait({look.task}, timeout=self._patience_seconds)
        if not look.task.done():
            return None
        self._forget_look(name, look)
        return look.task.result()

    def _forget_look(self, name: str, look: _Look) -> None:
        """Have the next one look anew; a newer look that somebody else has begun stays."""
        if self._looks.get(name) is look:
            del self._looks[name]

    async def answer(self, caller: Caller, asked: AnswerSetup) -> SetupAnswered:
        name = await off_loop(self._name, asked.connection)
        require_reach(caller, name)
        work = self._at_work.get(name)
        if work is not None and not work.task.done():
            raise Refused(
                RefusalKind.CHANGED_MEANWHILE,
                translatable("The step before is still being carried out"),
                next_step=translatable("Wait until it is done."),
            )
        step = _step_called(asked.step)
        begun = _Work()
        desk = self._desk(name, given_answers(asked.answers, asked.secrets, asked.connection), begun.tell)
        await off_loop(take_given, desk, step)
        self._looks.pop(name, None)
        if asked.only_keep:
            desk.answers.wipe()
            return SetupAnswered(page=_page(name, step))
        self._at_work[name] = begun
        begun.task = asyncio.create_task(_advanced(desk, step, begun))
        await asyncio.wait({begun.task}, timeout=self._patience_seconds)
        if not begun.task.done():
            return SetupAnswered(page=_page(name), message=translatable("The step is being carried out."))
        # Raises what could not even be tried, such as an answer that can't be used.
        begun.task.result()
        last = begun.reports[-1]
        if last.look.state is not StepState.DONE:
            return SetupAnswered(page=_page(name, StepName(last.name)), is_open=True)
        return SetupAnswered(page=_page(name), message=translatable("{step}: done", step=last.caption))

    def _name(self, asked: str) -> str:
        held = self._application.connections()
        if not asked:
            default = default_of(held) or next(iter(held), None)
            return _DEFAULT_NAME if default is None else default.settings.name
        known = next((each.settings.name for each in held if asked in (each.settings.name, each.id)), "")
        try:
            return known or checked_name(asked, [each.settings.name for each in held])
        except ConnectionNameProblem as problem:
            raise name_refused(problem) from problem

    def _desk(self, name: str, answers: Answers | None = None, tell: Tell = _silent) -> SetupDesk:
        return SetupDesk(application=self._application, answers=answers or Answers(), name=name, tell=tell)


async def _look_at_steps(desk: SetupDesk) -> list[StepReport]:
    return await beside_pages(lambda: asyncio.run(look_at_steps(desk, _LAST_STEP)))


async def _advanced(desk: SetupDesk, step: StepName, work: _Work) -> None:
    try:
        await beside_pages(lambda: asyncio.run(advance(desk, step, work.take)))
    finally:
        desk.answers.wipe()


def _with_last_try(reports: list[StepReport], tried: Sequence[StepReport]) -> list[StepReport]:
    """Let what the last try met be told until the step is tried again: a look alone may not show it."""
    if not tried or tried[-1].look.state is not StepState.PROBLEM:
        return reports
    last = tried[-1]
    is_open = {each.name: each.look.state for each in reports}.get(last.name) is StepState.OPEN
    return [last if is_open and each.name == last.name else each for each in reports]


def _page(name: str, step: StepName | None = None) -> str:
    query = {"connection": name} if step is None else {"connection": name, "step": step.value}
    return f"/setup?{urlencode(query)}"


def _line(report: StepReport) -> str:
    return f"{report.caption}: {report.look.text}" if report.look.text else report.caption


def _step_called(name: str) -> StepName:
    try:
        return StepName(name)
    except ValueError as problem:
        raise Refused(
            RefusalKind.NOT_FOUND,
            translatable("The set-up has no such step"),
            next_step=translatable("Choose one of the list."),
        ) from problem


def given_answers(given: Mapping[str, str], secrets: Mapping[str, str], connection: str) -> Answers:
    """Take answers and secrets by the keys of their questions; raises Refused that marks each wrong one."""
    answers = Answers(name=connection)
    wrong: dict[str, str] = {}
    for key, text in given.items():
        question = BY_KEY.get(key)
        if question is None or question.kind is AnswerKind.SECRET_FILE:
            wrong[f"answers.{key}"] = translatable("This is no question of the set-up.")
            continue
        if question.kind is AnswerKind.FLAG and not text:
            # Nobody said yes or no: what is found out stays.
            continue
        try:
            answers.values[key] = from_text(question, text)
        except ConnectionProblem as problem:
            wrong[f"answers.{key}"] = text_of(problem)
    for key, secret in secrets.items():
        question = BY_KEY.get(key)
        if question is None or question.kind is not AnswerKind.SECRET_FILE:
            wrong[f"secrets.{key}"] = translatable("This is no question of the set-up.")
        elif secret:
            answers.typed[key] = taken(secret)
    if wrong:
        raise Refused(
            RefusalKind.INVALID,
            translatable("Some answers can't be used"),
            why=" ".join(wrong.values()),
            fields=wrong,
        )
    return answers


def _shown(
    desk: SetupDesk,
    reports: Sequence[StepReport],
    work: _Work | None,
    *,
    is_working: bool = False,
    is_looking: bool = False,
) -> Setup:
    """Lay out how the steps stand; it asks the store, so it is for a thread."""
    tried = {each.name for each in work.reports} if work is not None else set()
    told = work.told if work is not None else []
    by_name = {each.name: each for each in reports}
    names = [each for each in StepName if each is not StepName.FULL_SYNCHRONIZATION]
    settings = desk.settings
    open_steps = [each for each in names if not _is_done(by_name.get(each.value))]
    return Setup(
        connection=desk.name,
        steps=tuple(
            _step(desk, settings, each, by_name.get(each.value), is_tried=each.value in tried)
            for each in names
        ),
        current=(open_steps[0] if open_steps else names[-1]).value,
        is_working=is_working,
        is_looking=is_looking,
        told=tuple(told),
    )


def _is_done(report: StepReport | None) -> bool:
    return report is not None and report.look.state is StepState.DONE


def _step(
    desk: SetupDesk,
    settings: ConnectionSettings,
    name: StepName,
    report: StepReport | None,
    *,
    is_tried: bool,
) -> SetupStep:
    look = report.look if report is not None else None
    return SetupStep(
        name=name.value,
        caption=_CAPTIONS[name],
        state=look.state.value if look is not None else StepState.WAITING.value,
        text=look.text if look is not None else "",
        problems=tuple(
            SetupProblem(what=each.what, question=each.setting, remedy=each.remedy)
            for each in (look.problems if look is not None else ())
        ),
        details=look.details if look is not None else (),
        questions=tuple(
            question_shown(settings, each, is_stored=bool(each.secret) and desk.is_stored(each.secret))
            for each in questions_of(name)
            if each.applies(settings)
        ),
        is_tried=is_tried,
    )


def question_shown(settings: ConnectionSettings, question: Question, *, is_stored: bool) -> SetupQuestion:
    """Return a question as a form asks it, with what is kept; of secrets only whether one is stored."""
    return SetupQuestion(
        key=question.key,
        caption=question.caption,
        help=question.help if question.hint is None else question.hint,
        kind=_KINDS[question.kind],
        value=_value(settings, question),
        example=question.example,
        choices=tuple(SetupChoice(value=each, caption=each) for each in question.choices),
        is_required=question.required,
        is_stored=is_stored,
        is_advanced=not question.asked,
        is_kept=bool(question.field),
    )


def _value(settings: ConnectionSettings, question: Question) -> str:
    if question.kind is AnswerKind.SECRET_FILE:
        return ""
    held: GivenAnswer = getattr(settings, question.field) if question.field else question.default
    if question.field and question.step.value not in settings.set_up and not held:
        held = question.default
    if isinstance(held, bool):
        return "1" if held else ""
    return "\n".join(held) if isinstance(held, tuple) else held
