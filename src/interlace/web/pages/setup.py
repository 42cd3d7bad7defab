"""Assisted Setup: the steps on the left, one question after the other on the right, Back and Next below."""

from __future__ import annotations

from collections.abc import Sequence

from htpy import Element, Node, a, details, div, form, h2, li, nav, ol, p, pre, span, summary, ul
from litestar import Response, get

from interlace.management import reviews, setup
from interlace.management.setup import Setup, SetupProblem, SetupStep, ShowSetup
from interlace.management.translatable import translatable
from interlace.ui.actions import action_link, form_button
from interlace.ui.badge import Tone, badge
from interlace.ui.notices import Kind, notice
from interlace.ui.shell import Page, hidden
from interlace.web.addresses import DO, address
from interlace.web.notice import said
from interlace.web.question_fields import answer_name, question_field
from interlace.web.security import PAGE
from interlace.web.visit import RETURN_TO, Button, TheVisit, Visit, live

_STATES = {
    "done": (translatable("Done"), Tone.GOOD),
    "open": (translatable("Open"), Tone.BUSY),
    "problem": (translatable("Needs correction"), Tone.BAD),
    "waiting": (translatable("Waiting"), Tone.NEUTRAL),
}


@get("/setup", opt=PAGE)
async def setup_page(visit: TheVisit) -> Response[str]:
    """The set-up of a connection, where it stands."""
    words = visit.words
    held = await visit.ask(setup.SHOW, ShowSetup(connection=visit.query("connection")))
    chosen = _chosen(held, visit.query("step"))
    content = _waiting(visit, held) or _step(visit, held, chosen)
    return visit.page(
        Page(
            heading=words.t("Set Up Connection"),
            subtitle=words.t(
                "Connects an ERP company with a CRM organization, step by step. You can leave at any time: it goes on "
                "where it stopped."
            ),
            content=div(".wizard")[_list(visit, held, chosen), div(".wizard-step")[content]],
        )
    )


PAGES = (setup_page,)


def _chosen(held: Setup, name: str) -> SetupStep:
    reached = [each for each in held.steps if each.name == name and each.state != "waiting"]
    return reached[0] if reached else next(each for each in held.steps if each.name == held.current)


def _at(held: Setup, step: str) -> str:
    return address("/setup", {"connection": held.connection, "step": step})


def _list(visit: Visit, held: Setup, chosen: SetupStep) -> Element:
    words = visit.words
    entries = []
    for each in held.steps:
        caption, tone = _STATES[each.state]
        is_current = each.name == chosen.name
        shown: Node = said(words, each.caption)
        if each.state != "waiting":
            shown = a(href=_at(held, each.name), aria_current="step" if is_current else None)[shown]
        shown = span(".step")[shown]
        status = None if held.is_looking else badge(words.t(caption), tone)
        entries.append(li(class_={"current": is_current and not held.is_looking})[shown, status])
    return nav(".steps", aria_label=words.t("Steps"))[ol[entries]]


def _waiting(visit: Visit, held: Setup) -> Element | None:
    """Say what is being waited for; the page looks again by itself."""
    words = visit.words
    if held.is_working:
        lines = [said(words, each) for each in held.told]
        told = notice(
            words.t("The step is being carried out"), body=words.t("You may leave this page; it goes on.")
        )
    elif held.is_looking:
        lines = []
        told = notice(
            words.t("Both services are being asked how the steps stand"),
            body=words.t("They take their time. This page shows it as soon as they have answered."),
        )
    else:
        return None
    return live(
        "setup-work",
        div({"data-live-poll": "1500"})[
            told,
            pre(".told")["\n".join(lines)] if lines else None,
            action_link(words.t("Refresh"), visit.here),
        ],
    )


def _step(visit: Visit, held: Setup, step: SetupStep) -> Element:
    words = visit.words
    problems = [_problem(visit, step, each) for each in step.problems if _is_told(step, each)]
    is_all_done = all(each.state == "done" for each in held.steps)
    return div[
        h2[said(words, step.caption)],
        p(".quiet-text")[said(words, step.text)] if step.text else None,
        problems,
        _details(visit, step.details),
        _form(visit, held, step),
        _finish(visit) if is_all_done else None,
        _protocol(visit, held),
    ]


def _problem(visit: Visit, step: SetupStep, each: SetupProblem) -> Element:
    words = visit.words
    if _is_asked(step, each):
        correct = action_link(words.t("Correct it"), f"#field-{answer_name(each.question)}")
        return notice(said(words, each.what), kind=Kind.ERROR, actions=correct)
    body = p[said(words, each.remedy)] if each.remedy else None
    return notice(said(words, each.what), kind=Kind.ERROR, body=body)


def _is_told(step: SetupStep, problem: SetupProblem) -> bool:
    """Whether a problem is shown: that a question is not answered goes without saying before it was asked."""
    return step.is_tried or not _is_asked(step, problem)


def _is_asked(step: SetupStep, problem: SetupProblem) -> bool:
    return any(each.key == problem.question for each in step.questions)


def _details(visit: Visit, lines: Sequence[str]) -> Node:
    if not lines:
        return None
    return ul(".details")[[li[said(visit.words, each)] for each in lines]]


def _form(visit: Visit, held: Setup, step: SetupStep) -> Element:
    words = visit.words
    wrong = {each.question: said(words, each.what) for each in step.problems if _is_told(step, each)}
    simple = [each for each in step.questions if not each.is_advanced]
    advanced = [each for each in step.questions if each.is_advanced]
    names = [each.name for each in held.steps]
    place = names.index(step.name)
    # What is missing is told by the server: which questions there are hangs on the answers to others.
    return form({"data-kept": "1"}, method="post", action=f"{DO}/setup/answer", novalidate=True)[
        hidden([("connection", held.connection), ("step", step.name), (RETURN_TO, _at(held, step.name))]),
        [question_field(visit, each, wrong.get(each.key, "")) for each in simple],
        details(".advanced")[
            summary[words.t("Advanced")],
            [question_field(visit, each, wrong.get(each.key, "")) for each in advanced],
        ]
        if advanced
        else None,
        div(".buttons")[
            action_link(words.t("Back"), _at(held, names[place - 1])) if place else None,
            form_button(words.t("Next"), is_primary=True),
        ],
    ]


def _finish(visit: Visit) -> Element:
    words = visit.words
    return div(".finish")[
        notice(
            words.t("The connection is set up"),
            kind=Kind.DONE,
            body=words.t("The full synchronization brings both sides in step for the first time."),
        ),
        div(".buttons")[
            visit.action(
                reviews.START,
                look=Button(
                    caption=translatable("Finish and start the full synchronization"),
                    is_primary=True,
                    return_to=visit.to("/review"),
                ),
            ),
            action_link(words.t("Connection Setup"), visit.to("/connection")),
        ],
    ]


def _protocol(visit: Visit, held: Setup) -> Node:
    if not held.told:
        return None
    lines = [said(visit.words, each) for each in held.told]
    return details(".copied")[summary[visit.words.t("What was done")], pre["\n".join(lines)]]
