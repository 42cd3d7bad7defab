"""The assisted set-up: steps from two addresses to a running connection, each with its questions."""

from typing import Annotated

from interlace.management.operation import Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.secret_text import SECRET
from interlace.management.translatable import translatable


class SetupChoice(Answer, frozen=True, kw_only=True):
    """One possible answer."""

    value: str
    caption: str


class SetupQuestion(Answer, frozen=True, kw_only=True):
    """One question as a form asks it."""

    key: str
    caption: str
    help: str
    kind: str
    """text, flag, names or secret."""
    value: str = ""
    """What is kept, or proposed; never a secret. Flags: `1` or blank; names: a line each."""
    example: str = ""
    choices: tuple[SetupChoice, ...] = ()
    is_required: bool = False
    is_stored: bool = False
    """A secret that was given."""
    is_advanced: bool = False
    is_kept: bool = False
    """The answer is part of the connection; the others are for this once."""


class SetupProblem(Answer, frozen=True, kw_only=True):
    """One thing that is in the way."""

    what: str
    question: str = ""
    """Key of the question that it concerns."""
    remedy: str = ""


class SetupStep(Answer, frozen=True, kw_only=True):
    """One step and how it stands: done, open, problem or waiting."""

    name: str
    caption: str
    state: str
    text: str = ""
    problems: tuple[SetupProblem, ...] = ()
    details: tuple[str, ...] = ()
    questions: tuple[SetupQuestion, ...] = ()
    is_tried: bool = False
    """It was carried out, or that was tried, since the server started."""


class Setup(Answer, frozen=True, kw_only=True):
    """A set-up with all its steps."""

    connection: str
    steps: tuple[SetupStep, ...]
    current: str
    """The first step that isn't done; the last one if all are."""
    is_working: bool = False
    """Something was asked for that is still being done."""
    is_looking: bool = False
    """The services have not answered yet, so how the steps stand is not known: ask again in a moment."""
    told: tuple[str, ...] = ()
    """What is being done, or was done last, line by line."""


class ShowSetup(OfConnection, frozen=True, kw_only=True):
    """Asks how a set-up stands; a connection that does not exist yet begins one."""


class AnswerSetup(OfConnection, frozen=True, kw_only=True):
    """Answers a step's questions and lets it be carried out, with those before it."""

    step: str
    answers: dict[str, str] = {}
    """By the keys of questions; one that is left out, and a flag that is blank, stays as it is."""
    secrets: Annotated[dict[str, str], SECRET] = {}
    """By the keys of questions; blank ones stay as they are."""
    only_keep: bool = False
    """Keep the answers and carry nothing out."""


class SetupAnswered(Answer, frozen=True, kw_only=True):
    """The step is done, or its work has begun."""

    page: str
    message: str = ""
    is_open: bool = False
    """The step is not done: the page tells what is in the way."""


class Guide(Answer, frozen=True, kw_only=True):
    """Something that is set up once, with the page that does it."""

    name: str
    caption: str
    text: str
    state: str
    """Completed, Not Completed, or Not Needed."""
    left: str
    """What is left of it; blank once it is completed."""
    page: str
    permission: Permission
    """What its page needs."""


class Guides(Answer, frozen=True, kw_only=True):
    """What there is to set up."""

    guides: tuple[Guide, ...]


class ListGuides(OfConnection, frozen=True, kw_only=True):
    """Asks what there is to set up, and how far each is."""


LIST = Operation(
    name="setup.list",
    asked=ListGuides,
    answer=Guides,
    permission=Permission.READ,
    caption=translatable("Assisted Setup"),
    tooltip=translatable(
        "Show what there is to set up, what is completed, and what is left; asks no service."
    ),
    command="setup",
)
SHOW = Operation(
    name="setup.show",
    asked=ShowSetup,
    answer=Setup,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Assisted Setup"),
    tooltip=translatable("Show the steps of the set-up and how each stands; asks both services."),
    command="setup",
)
ANSWER = Operation(
    name="setup.answer",
    asked=AnswerSetup,
    answer=SetupAnswered,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Next"),
    tooltip=translatable("Keep the answers, carry the step out, and go on to the next one."),
    effect=Effect.WRITES,
    command="setup",
)

OPERATIONS = (LIST, SHOW, ANSWER)
