"""`interlace setup`: from two addresses to a running connection, step by step, again and again where it stopped."""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from interlace.bootstrap.application import Application
from interlace.bootstrap.connection_names import checked_name, default_of
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.full_synchronization import FullSynchronization
from interlace.bootstrap.setup.answers import Answers, parsed
from interlace.bootstrap.setup.desk import Desk
from interlace.bootstrap.setup.example import example_answers
from interlace.bootstrap.setup.progress import StepLook, StepProblem, StepReport, StepState
from interlace.bootstrap.setup.question import Answer, AnswerKind, Question, StepName
from interlace.bootstrap.setup.run import advance, look_at_steps
from interlace.cli.asking import confirm, may_ask, prompt, prompt_secret
from interlace.cli.connection_options import OptionalName
from interlace.cli.exit_codes import ExitCode
from interlace.cli.guides import show_guides
from interlace.cli.options import Json, State, opened
from interlace.cli.output import Output
from interlace.cli.review_table import ReviewDisplay, has_errors
from interlace.cli.spoken import said, t
from interlace.domain.full_synch_review import FullSynchReview
from interlace.locale.translatable import text_of, translatable

SingleAnswers = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KEY=VALUE",
        help="One answer by its key, such as erp.company=CRONUS; it comes before what the file says. "
        "May be repeated.",
        show_default=False,
    ),
]
_DEFAULT_NAME = "main"
_MARKS = {
    StepState.DONE: "done",
    StepState.OPEN: "open",
    StepState.PROBLEM: "problem",
    StepState.WAITING: "waiting",
}


def setup(
    name: OptionalName = None,
    answers: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Answers as TOML: nobody is asked then. `--example-answers` prints one.",
            show_default=False,
        ),
    ] = None,
    answer: SingleAnswers = None,
    until: Annotated[
        StepName | None, typer.Option(help="Stop when this step is done.", show_default=False)
    ] = None,
    show: Annotated[
        bool, typer.Option("--show", help="Only look how the steps stand; change nothing.")
    ] = False,
    list_guides: Annotated[
        bool, typer.Option("--list", help="Only list what there is to set up, and what is left of it.")
    ] = False,
    example: Annotated[
        bool,
        typer.Option("--example-answers", help="Print an answers file that explains every key, and end."),
    ] = False,
    state: State = None,
    *,
    as_json: Json = False,
) -> None:
    """Set up a connection from its addresses to the first full synchronization, or go on where that stopped.

    At a terminal you are asked; with --answers a file answers, with --answer you do. Each step looks first and does
    only what is missing. What is in the way is named with its remedy before anything is written.

    Example: interlace setup main --answers answers.toml
    """
    if example:
        sys.stdout.write(example_answers())
        return
    output = Output(as_json=as_json)
    if list_guides:
        with opened(state) as application:
            show_guides(output, application, name)
        return
    given = _given(answers, answer or (), name)
    is_asked = answers is None and not answer and may_ask() and not show
    with opened(state) as application:
        desk = Desk(
            application=application,
            answers=given,
            name=_name(application, output, name or given.name),
            person=_Terminal(output) if is_asked else None,
            tell=output.message,
        )
        if show:
            reports = asyncio.run(look_at_steps(desk, until))
            for report in reports:
                _tell(output, report)
        else:
            reports = _advanced(desk, until, output)
        code = _exit_code(reports, application, desk)
    if code is ExitCode.OK and not show and until is None:
        output.message(translatable("Set up. `interlace synch` brings both ends in step from now on."))
    raise typer.Exit(code)


def _given(file: Path | None, single: Sequence[str], name: str | None) -> Answers:
    """Return the answers of the file and the command line; raises ConnectionProblem for another connection's."""
    given = Answers() if file is None else Answers.read(file)
    for each in single:
        given.take(each)
    if name and given.name and name != given.name:
        raise ConnectionProblem(
            translatable(
                "The answers are for the connection {given}, not for {name}. Name one of them only.",
                given=given.name,
                name=name,
            )
        )
    return given


def _name(application: Application, output: Output, asked: str) -> str:
    """Return the name of the connection to set up, one of those there are or a new one; raises ConnectionProblem."""
    held = application.connections()
    names = ", ".join(each.settings.name for each in held)
    if not asked:
        default = default_of(held)
        if held and default is None:
            raise ConnectionProblem(
                translatable(
                    "There are several connections ({names}). Name the one to set up; another name begins a new one.",
                    names=names,
                )
            )
        return _DEFAULT_NAME if default is None else default.settings.name
    known = next((each.settings.name for each in held if asked in (each.settings.name, each.id)), "")
    if known:
        return known
    name = checked_name(asked, [each.settings.name for each in held])
    if held:
        output.message(translatable("{name} is a new connection beside {names}.", name=name, names=names))
    return name


def _advanced(desk: Desk, until: StepName | None, output: Output) -> list[StepReport]:
    with ExitStack() as held:
        displays: list[ReviewDisplay] = []

        def watch(review: FullSynchReview) -> None:
            """Show the review; the table takes the terminal only when there is something to show."""
            if not displays:
                displays.append(held.enter_context(ReviewDisplay(output)))
            displays[0].show(review)

        desk.watch = watch
        return asyncio.run(advance(desk, until, lambda report: _tell(output, report)))


def _tell(output: Output, report: StepReport) -> None:
    look = report.look
    if output.as_json:
        output.record(_row(report))
        return
    output.stdout.write(
        f"{_MARKS[look.state]:<8} {said(report.caption)}{': ' if look.text else ''}{said(look.text)}\n"
    )
    for line in look.details:
        output.stdout.write(f"{'':<8}   {said(line)}\n")
    for problem in look.problems:
        for line in problem_lines(problem, look):
            output.message(line)


def problem_lines(problem: StepProblem, look: StepLook) -> list[str]:
    """Say what is in the way, which answer it concerns, and what to do."""
    lines = [] if problem.what == look.text else [f"  {said(problem.what)}"]
    if problem.setting:
        lines.append(f"  {t('Answer: {setting}', setting=problem.setting)}")
    if problem.remedy:
        lines.append(f"  {t('What to do: {remedy}', remedy=said(problem.remedy))}")
    return lines


def _row(report: StepReport) -> dict[str, object]:
    look = report.look
    return {
        "step": report.name,
        "state": look.state.value,
        "performed": report.performed,
        "text": look.text,
        "details": list(look.details),
        "problems": [
            {"what": each.what, "setting": each.setting, "remedy": each.remedy} for each in look.problems
        ],
    }


def _exit_code(reports: list[StepReport], application: Application, desk: Desk) -> ExitCode:
    last = next((each for each in reports if each.look.state is not StepState.DONE), None)
    if last is not None and last.look.state is StepState.OPEN:
        return ExitCode.CHANGES_PENDING
    if last is not None:
        is_sign_in = any(problem.is_sign_in for problem in last.look.problems)
        return ExitCode.SIGN_IN if is_sign_in else ExitCode.CONFIGURATION
    if reports and reports[-1].name == StepName.FULL_SYNCHRONIZATION and reports[-1].performed:
        review = FullSynchronization(application=application).latest(desk.required_connection)
        return ExitCode.REMAINING if review is not None and has_errors(review) else ExitCode.OK
    return ExitCode.OK


class _Terminal:
    """Asks the person at the terminal."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def answer(self, question: Question, held: Answer) -> Answer:
        """Show the question with what is proposed, until the answer can be used."""
        caption = said(question.caption)
        text = f"{caption} ({said(question.help)})" if question.help else caption
        while True:
            if question.kind is AnswerKind.FLAG:
                return confirm(text, default=bool(held))
            shown = ", ".join(held) if isinstance(held, tuple) else str(held)
            if question.choices:
                text = f"{caption} ({', '.join(each or t('blank') for each in question.choices)})"
            typed = prompt(text, shown)
            given: object = typed.split(",") if question.kind is AnswerKind.NAMES else typed
            try:
                answer = parsed(question, given)
            except ConnectionProblem as problem:
                self._output.message(text_of(problem))
                continue
            if answer or not question.required:
                return answer
            self._output.message(translatable("This is needed."))

    def secret(self, question: Question, *, stored: bool) -> bytearray | None:
        """Ask without showing what is typed."""
        caption = said(question.caption)
        asked = t("{question} (Enter: the stored one stays)", question=caption) if stored else caption
        typed = prompt_secret(asked).strip()
        return bytearray(typed.encode()) if typed else None

    def corrects(self, problems: tuple[StepProblem, ...]) -> bool:
        """Show what is in the way and ask whether to answer again."""
        for problem in problems:
            self._output.message(problem.what)
            for line in problem_lines(problem, StepLook(state=StepState.PROBLEM, text=problem.what)):
                self._output.message(line)
        return confirm(t("Answer these questions again?"), default=True)
