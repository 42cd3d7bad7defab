"""The set-up as a use case: each step looks first, does only what is missing, and the next one follows."""

from collections.abc import Callable, Sequence
from typing import Protocol

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.setup.choice_steps import AvailabilityStep, OrdersStep, OwnershipStep, TablesStep
from interlace.bootstrap.setup.desk import Desk
from interlace.bootstrap.setup.keep_answers import ask, take_given, unanswered
from interlace.bootstrap.setup.privileges_step import PrivilegesStep
from interlace.bootstrap.setup.progress import (
    StepLook,
    StepProblem,
    StepReport,
    StepState,
    to_do,
    trouble,
)
from interlace.bootstrap.setup.question import StepName
from interlace.bootstrap.setup.questions import questions_of
from interlace.bootstrap.setup.running_steps import (
    EnableStep,
    FullSynchronizationStep,
    PublishStep,
    RecommendationsStep,
    SalespeopleStep,
)
from interlace.bootstrap.setup.signing_steps import AddressesStep, SignInStep
from interlace.bootstrap.setup.solution_steps import AccountStep, SolutionStep
from interlace.engine.service import ServiceFailure, SignInRefused
from interlace.locale.translatable import as_sentence, text_of, translatable
from interlace.store.secrets import SecretUnreadable

Reported = Callable[[StepReport], None]


class Step(Protocol):
    """One step of the set-up."""

    @property
    def name(self) -> StepName:
        """By which it is called."""
        ...

    @property
    def caption(self) -> str:
        """What people read."""
        ...

    async def look(self, desk: Desk) -> StepLook:
        """Find out how it stands; writes nothing."""
        ...

    async def perform(self, desk: Desk) -> None:
        """Do what is open; what is done already stays as it is."""
        ...


STEPS: Sequence[Step] = (
    AddressesStep(),
    SignInStep(),
    TablesStep(),
    AvailabilityStep(),
    OrdersStep(),
    OwnershipStep(),
    SolutionStep(),
    AccountStep(),
    SalespeopleStep(),
    PrivilegesStep(),
    RecommendationsStep(),
    EnableStep(),
    PublishStep(),
    FullSynchronizationStep(),
)

_NEEDED_BY_ALL = frozenset({StepName.ADDRESSES.value, StepName.SIGN_IN.value})
"""Without them nothing else can be found out."""
_CONCERNS = (
    ("base currency", "erp.company"),
    (", the account that Interlace works with,", "crm.client_id"),
)
"""What the administrator's process met comes back as words only: which answer they are about, if not his own."""


async def look_at_steps(desk: Desk, until: StepName | None = None) -> list[StepReport]:
    """Look at the steps in order and change nothing.

    While a connection is set up, those behind one that isn't done are waiting. One that is enabled has been set up,
    whoever did it: there each step tells how it stands itself, as soon as both ends can be asked.
    """
    reports: list[StepReport] = []
    for step in _steps(until):
        if _waits(desk, reports):
            reports.append(_report(step, StepLook(state=StepState.WAITING)))
            continue
        look = await _looked(step, desk)
        if look.state is StepState.DONE and not _is_answered(step, desk):
            look = to_do(
                translatable("Nobody has answered yet. By default: {text}", text=as_sentence(look.text))
            )
        reports.append(_report(step, look))
    return reports


def _waits(desk: Desk, reports: Sequence[StepReport]) -> bool:
    """Tell whether what is open keeps the steps behind it from being looked at."""
    is_open = {each.name for each in reports if each.look.state is not StepState.DONE}
    if not is_open:
        return False
    return not desk.settings.enabled or not is_open.isdisjoint(_NEEDED_BY_ALL)


async def advance(desk: Desk, until: StepName | None, reported: Reported) -> list[StepReport]:
    """Bring one step after the other to its end, and stop at the first that a person must see to.

    `reported` hears of each step as soon as it is over. Raises ConnectionProblem for answers that can't be used.
    """
    reports: list[StepReport] = []
    for step in _steps(until):
        report = await _carried_out(step, desk)
        reports.append(report)
        reported(report)
        if report.look.state is not StepState.DONE:
            break
    return reports


def _steps(until: StepName | None) -> list[Step]:
    names = [step.name for step in STEPS]
    return list(STEPS[: names.index(until) + 1 if until is not None else len(names)])


def _report(step: Step, look: StepLook, *, performed: bool = False) -> StepReport:
    return StepReport(name=step.name.value, caption=step.caption, look=look, performed=performed)


def _is_answered(step: Step, desk: Desk) -> bool:
    """Tell whether somebody has chosen what a step asks for, here or elsewhere.

    Who enables a connection has chosen all of it, and what has no default was given by somebody.
    """
    settings = desk.settings
    questions = [each for each in questions_of(step.name) if each.applies(settings)]
    if not questions or step.name.value in settings.set_up or settings.enabled:
        return True
    return any(each.required for each in questions) and not list(unanswered(desk, step.name))


async def _carried_out(step: Step, desk: Desk) -> StepReport:
    """Take its answers, look, and do what is open; a person who is there may correct what is wrong."""
    take_given(desk, step.name)
    if not _is_answered(step, desk):
        ask(desk, step.name)
    performed = False
    while True:
        if not list(unanswered(desk, step.name)) and desk.connection is not None:
            desk.mark_answered(step.name)
        look = await _looked(step, desk)
        if look.state is StepState.OPEN and not performed:
            if step.name is StepName.SOLUTION and not _names_administrator(desk):
                ask(desk, step.name)
            performed = True
            problem = await _performed(step, desk)
            if problem is None:
                continue
            look = problem
        elif look.state is StepState.OPEN:
            what = translatable(
                "{text} It was tried, and the CRM or the ERP shows nothing of it.",
                text=as_sentence(look.text),
            )
            look = trouble([StepProblem(what=what, remedy=translatable("Run the set-up again."))])
        if look.state is not StepState.PROBLEM or not _is_corrected(step, desk, look):
            return _report(step, look, performed=performed)
        performed = False


def _names_administrator(desk: Desk) -> bool:
    return any(key.startswith("administrator.") for key in desk.answers.values)


def _is_corrected(step: Step, desk: Desk, look: StepLook) -> bool:
    """Let a person answer a step's questions again."""
    if desk.person is None or not questions_of(step.name) or not desk.person.corrects(look.problems):
        return False
    ask(desk, step.name, again=True)
    return True


async def _looked(step: Step, desk: Desk) -> StepLook:
    try:
        return await step.look(desk)
    except (ConnectionProblem, ServiceFailure, SecretUnreadable) as problem:
        return _trouble_of(problem, step, desk)


async def _performed(step: Step, desk: Desk) -> StepLook | None:
    try:
        await step.perform(desk)
    except (ConnectionProblem, ServiceFailure, SecretUnreadable) as problem:
        return _trouble_of(problem, step, desk)
    return None


def _trouble_of(problem: Exception, step: Step, desk: Desk) -> StepLook:
    """Tell what a service or a check said; what the administrator met is told by the answer that it concerns."""
    text = text_of(problem)
    setting = ""
    if step.name is StepName.SOLUTION:
        named = (answer for words, answer in _CONCERNS if words in text)
        setting = next(named, "administrator.client_id")
    remedy = translatable(
        "Correct what is named, then run `interlace setup {name}` again: it goes on here.", name=desk.name
    )
    is_sign_in = isinstance(problem, SignInRefused)
    return trouble([StepProblem(what=text, setting=setting, remedy=remedy, is_sign_in=is_sign_in)])
