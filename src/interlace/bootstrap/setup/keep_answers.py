"""Takes answers in: those of the file first, then what a person is asked; kept with the connection, secrets sealed."""

from collections.abc import Iterator
from pathlib import Path

from interlace.bootstrap.setup.desk import Desk, lies_inside, normal_address
from interlace.bootstrap.setup.progress import StepProblem
from interlace.bootstrap.setup.question import Answer, AnswerKind, Question, StepName
from interlace.bootstrap.setup.questions import questions_of
from interlace.bootstrap.setup.told_ways import ways_told
from interlace.connectors.dataverse.web_api_address import organization_address
from interlace.locale.translatable import as_sentence, translatable

_ADDRESS_FIELDS = {"erp_address", "crm_address", "erp_web_client"}


def take_given(desk: Desk, step: StepName) -> None:
    """Keep what the answers file says for a step, where it differs from what is kept.

    Raises ConnectionProblem for a file with a secret that can't be read.
    """
    given = desk.answers.values
    changes: dict[str, object] = {}
    secrets: dict[str, str] = {}
    for question in questions_of(step):
        if question.key not in given and question.key not in desk.answers.typed:
            continue
        if question.secret:
            held = desk.answers.secret(question)
            if held is not None:
                secrets[question.secret] = held.decode()
        elif question.field and question.key in given:
            changes[question.field] = _normal(desk, question, given[question.key])
    changes |= _told_by_others(desk, step, changes, secrets)
    changes |= _told_by_address(desk, changes)
    _keep_what_differs(desk, changes, secrets)


def ask(desk: Desk, step: StepName, *, again: bool = False) -> None:
    """Ask a person a step's questions, those that apply by the answers before them; not what the file answered."""
    if desk.person is None:
        return
    for question in questions_of(step):
        is_told = question.key in desk.answers.values and not (again and question.key in desk.answered)
        if not question.asked or (is_told and not again) or not _is_meant(desk, question):
            continue
        desk.answered.add(question.key)
        if question.kind is AnswerKind.SECRET_FILE:
            if question.secret:
                _ask_secret(desk, question)
            continue
        answer = desk.person.answer(question, _held(desk, question))
        if question.field:
            changes: dict[str, object] = {question.field: _normal(desk, question, answer)}
            told = {**_told_by_others(desk, step, changes, {}), **_told_by_address(desk, changes)}
            _keep_what_differs(desk, {**changes, **told}, {})
        else:
            desk.answers.values[question.key] = answer


def _is_meant(desk: Desk, question: Question) -> bool:
    """Tell whether a question makes sense by what was answered before it."""
    if question.only_for is not None:
        other, answers = question.only_for
        return str(desk.answers.values.get(other, "")) in answers
    return question.applies(desk.settings)


def unanswered(desk: Desk, step: StepName) -> Iterator[StepProblem]:
    """Yield a problem for each required question of a step that has no answer."""
    for question in questions_of(step):
        if not question.required or not question.applies(desk.settings):
            continue
        is_answered = (
            desk.is_stored(question.secret)
            if question.secret
            else bool(str(getattr(desk.settings, question.field)).strip())
        )
        if not is_answered:
            yield StepProblem(
                what=translatable("Not answered: {caption}.", caption=as_sentence(question.caption)),
                setting=question.key,
                remedy=translatable(
                    "Give {key} in the answers file, or run `interlace setup {name}` at a terminal.",
                    key=question.key,
                    name=desk.name,
                ),
            )


def _ask_secret(desk: Desk, question: Question) -> None:
    assert desk.person is not None
    typed = desk.person.secret(question, stored=desk.is_stored(question.secret))
    if typed is not None:
        _keep_what_differs(desk, {}, {question.secret: typed.decode()})


def _held(desk: Desk, question: Question) -> Answer:
    """Return what is proposed: what is kept, or the default while nobody has answered."""
    if not question.field:
        return desk.answers.values.get(question.key, question.default)
    held: Answer = getattr(desk.settings, question.field)
    is_new = question.step.value not in desk.settings.set_up
    return question.default if is_new and not held and question.default else held


def _normal(desk: Desk, question: Question, answer: Answer) -> Answer:
    if question.field in _ADDRESS_FIELDS or question.field in {"erp_authority", "crm_authority"}:
        return normal_address(str(answer))
    if question.kind is AnswerKind.FILE and answer:
        return str((desk.answers.directory / Path(str(answer)).expanduser()).absolute())
    if question.field == "write_in_product_number":
        return str(answer).upper()
    return answer


def _told_by_others(
    desk: Desk, step: StepName, changes: dict[str, object], secrets: dict[str, str]
) -> dict[str, object]:
    """Tell what nobody has to say: hosts on this machine lie inside, a token address or a user tells the way."""
    said = desk.answers.values.keys() | desk.answered
    told: dict[str, object] = {}
    if step is StepName.ADDRESSES:
        for end in ("erp", "crm"):
            address = changes.get(f"{end}_address")
            if address is not None and f"{end}.internal_host" not in said:
                told[f"{end}_internal_host"] = lies_inside(str(address))
    if step is StepName.SIGN_IN:
        ways = ways_told(changes, secrets, desk.settings)
        told |= {f: way for f, way in ways.items() if f"{f.partition('_')[0]}.sign_in" not in said}
    return told


def _told_by_address(desk: Desk, changes: dict[str, object]) -> dict[str, object]:
    """Tell what the CRM's address holds beside where the organization is: which version of its Web API is meant."""
    address = changes.get("crm_address")
    if address is None:
        return {}
    place, version = organization_address(str(address))
    if not version and place == desk.settings.crm_address:
        # The version that was found out there stays.
        return {"crm_address": place}
    return {"crm_address": place, "crm_api_version": version}


def _keep_what_differs(desk: Desk, changes: dict[str, object], secrets: dict[str, str]) -> None:
    before = desk.settings
    differing = {name: value for name, value in changes.items() if getattr(before, name) != value}
    if differing or (secrets and desk.connection is None):
        desk.keep(differing)
    held = desk.connection
    if held is None or not secrets:
        return
    fresh = {name: text for name, text in secrets.items() if desk.application.secret(held, name) != text}
    if fresh:
        desk.application.keep(held, fresh)
