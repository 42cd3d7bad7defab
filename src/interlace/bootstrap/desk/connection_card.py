"""Carries out what the Connection Setup card asks: its form, the check of answers, and the change."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.change_connection import SecretsToEnter, apply_change
from interlace.bootstrap.changed_meanwhile import last_change
from interlace.bootstrap.connection_settings import (
    SALES_ORDER_KEY_SECRET,
    ConnectionProblem,
    ConnectionSettings,
)
from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.desk.setup import question_shown
from interlace.bootstrap.secret_age import days_old, is_old
from interlace.bootstrap.service_address import check_address, checked_authority
from interlace.bootstrap.serving import Server
from interlace.bootstrap.setup.answers import from_text
from interlace.bootstrap.setup.desk import lies_inside, normal_address
from interlace.bootstrap.setup.question import Answer, AnswerKind, Question, StepName
from interlace.bootstrap.setup.questions import BY_KEY, QUESTIONS
from interlace.connectors.dataverse.web_api_address import organization_address
from interlace.locale.translatable import as_sentence, text_of, translatable
from interlace.management import connection_card
from interlace.management.caller import Caller
from interlace.management.connection_card import (
    CardQuestion,
    ChangeConnection,
    ConnectionForm,
    ShowConnectionForm,
)
from interlace.management.connections import ConnectionChanged
from interlace.management.desk import Works
from interlace.management.entered_secrets import taken
from interlace.management.refusal import RefusalKind, Refused
from interlace.store.encoding import time_from_text
from interlace.store.secrets import SecretTrace

ASKED = tuple(each for each in QUESTIONS if each.option and each.side is not None)
"""What the card asks: the same as `interlace connection change`."""
_MISSING = translatable("This is missing.")
_MOVED = translatable("It was entered for another address: enter it again.")


def add_connection_card(works: Works, server: Server) -> None:
    """Let these operations be carried out."""
    application = server.application

    async def form(caller: Caller, asked: ShowConnectionForm) -> ConnectionForm:
        """Lay the form out, with what was entered."""
        held = await connection_of(application, caller, asked)
        return await off_loop(_form, application, held, asked.answers)

    async def change(caller: Caller, asked: ChangeConnection) -> ConnectionChanged:
        """Keep what was entered."""
        held = await connection_of(application, caller, asked)
        return await off_loop(_change, application, held, asked)

    works.add(connection_card.FORM, form)
    works.add(connection_card.CHANGE, change)


@dataclass(slots=True, kw_only=True)
class _Entered:
    """What was entered, as settings would hold it, and what is wrong with it, by the names of fields."""

    settings: ConnectionSettings
    changes: dict[str, object] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)


def _form(application: Application, held: Connection, answers: Mapping[str, str]) -> ConnectionForm:
    entered = _entered(held.settings, answers)
    shown = Connection(id=held.id, settings=entered.settings)
    traces = {
        each.name: each
        for each in application.state.secret_traces(application.seals())
        if each.connection_id == held.id
    }
    return ConnectionForm(
        questions=tuple(
            _question(
                shown, each, is_stored=application.is_stored(held, each.secret), trace=traces.get(each.secret)
            )
            for each in ASKED
            if each.applies(entered.settings)
        ),
        wrong=entered.wrong,
        is_enabled=held.settings.enabled,
        seen=_stamp(held.settings),
    )


def _question(
    shown: Connection, question: Question, *, is_stored: bool, trace: SecretTrace | None
) -> CardQuestion:
    assert question.side is not None
    return CardQuestion(
        question=question_shown(shown.settings, question, is_stored=bool(question.secret) and is_stored),
        end=question.side.value,
        is_place=question.step is StepName.ADDRESSES,
        entered_at=trace.entered_at if trace is not None else None,
        is_old=trace is not None and is_old(days_old(trace)),
    )


def _change(application: Application, held: Connection, asked: ChangeConnection) -> ConnectionChanged:
    entered = _entered(held.settings, asked.answers)
    if asked.seen and asked.seen != _stamp(held.settings):
        raise _changed_meanwhile(application, held, entered)
    secrets, wrong = _secrets(asked)
    entered.wrong |= wrong
    _require_order_key(application, held, entered, secrets)
    if entered.wrong:
        raise _refused(entered.wrong)
    if not entered.changes and not secrets:
        return ConnectionChanged(message=translatable("Nothing was changed."))
    try:
        kept = apply_change(application, held, entered.changes, secrets)
    except SecretsToEnter as problem:
        raise _refused({f"secrets.{each.key}": _MOVED for each in problem.questions}) from problem
    if held.settings.enabled and not kept.settings.enabled:
        return ConnectionChanged(
            message=translatable(
                "The settings are kept. The connection is disabled until it is enabled again."
            )
        )
    return ConnectionChanged(message=translatable("The settings are kept."))


def _changed_meanwhile(application: Application, held: Connection, entered: _Entered) -> Refused:
    """Tell who kept other settings, as far as it is known, and at each field that differs what they are."""
    fields = [each.field for each in ASKED if each.field]
    told = last_change(application.state.audit_log, (held.settings.name, held.id), fields)
    return Refused(
        RefusalKind.CHANGED_MEANWHILE,
        translatable("The connection was changed meanwhile"),
        why=translatable("Somebody else kept other settings after this page was shown.")
        if told is None
        else translatable(
            "{person} kept other settings at {moment}, after this page was shown.",
            person=told.user,
            moment=time_from_text(told.at),
        ),
        next_step=translatable(
            "What is kept by now stands at each field that differs: save again to put yours in its place."
        ),
        fields={
            f"answers.{each.key}": translatable(
                "Kept by now: {value}", value=_kept_value(held.settings, each)
            )
            for each in ASKED
            if each.field in entered.changes
        },
    )


def _kept_value(settings: ConnectionSettings, question: Question) -> str:
    value = question_shown(settings, question, is_stored=False).value
    if question.kind is AnswerKind.FLAG:
        return as_sentence(translatable("Yes") if value else translatable("No"))
    return value or as_sentence(translatable("blank"))


def _refused(wrong: Mapping[str, str]) -> Refused:
    return Refused(
        RefusalKind.INVALID,
        translatable("The settings are not kept"),
        why=translatable("Correct what is marked; nothing was changed."),
        fields=dict(wrong),
    )


def _secrets(asked: ChangeConnection) -> tuple[dict[str, str], dict[str, str]]:
    """Return the secrets by their names, and what is wrong."""
    given, wrong = {}, {}
    for key, text in asked.secrets.items():
        question = BY_KEY.get(key)
        if question is None or question not in ASKED or not question.secret:
            wrong[f"secrets.{key}"] = translatable("The card does not ask this.")
            continue
        secret = taken(text).decode().strip()
        if secret:
            given[question.secret] = secret
    return given, wrong


def _require_order_key(
    application: Application, held: Connection, entered: _Entered, secrets: Mapping[str, str]
) -> None:
    """Mark half a sign-in of the user who creates the sales orders."""
    user = entered.settings.sales_order_user
    is_given = SALES_ORDER_KEY_SECRET in secrets
    if user and not is_given and not application.is_stored(held, SALES_ORDER_KEY_SECRET):
        entered.wrong["secrets.orders.key_file"] = _MISSING
    if is_given and not user:
        entered.wrong["answers.orders.user"] = _MISSING


def _entered(settings: ConnectionSettings, answers: Mapping[str, str]) -> _Entered:
    """Take answers in as if they were kept; every one that can't be is marked, not only the first."""
    entered = _Entered(settings=settings)
    for key, text in answers.items():
        question = BY_KEY.get(key)
        if question is None or question not in ASKED or not question.field:
            entered.wrong[f"answers.{key}"] = translatable("The card does not ask this.")
            continue
        try:
            answer = _normal(question, from_text(question, text))
        except ConnectionProblem as problem:
            entered.wrong[f"answers.{key}"] = text_of(problem)
            continue
        entered.changes[question.field] = answer
    entered.changes |= _told_by_addresses(settings, entered.changes)
    # Another spelling of the same address, such as one with the Web API's path, moves nothing.
    entered.changes = {name: new for name, new in entered.changes.items() if new != getattr(settings, name)}
    entered.settings = replace(settings, **entered.changes)  # type: ignore[arg-type]
    if answers:
        entered.wrong |= {
            f"answers.{key}": why for key, why in _problems(entered.settings) if key not in entered.wrong
        }
    return entered


def _normal(question: Question, answer: Answer) -> Answer:
    if question.metavar == "URL":
        return normal_address(str(answer))
    return answer


def _told_by_addresses(before: ConnectionSettings, changes: Mapping[str, object]) -> dict[str, object]:
    """Tell what an address says besides where the end is: hosts of this machine, the version of the Web API."""
    told: dict[str, object] = {}
    for end in ("erp", "crm"):
        address = changes.get(f"{end}_address")
        is_new = address is not None and address != getattr(before, f"{end}_address")
        if is_new and lies_inside(str(address)):
            told[f"{end}_internal_host"] = True
    if "crm_address" in changes:
        place, version = organization_address(str(changes["crm_address"]))
        told["crm_address"] = place
        if version or place != before.crm_address:
            told["crm_api_version"] = version
    return told


def _problems(settings: ConnectionSettings) -> Iterator[tuple[str, str]]:
    """Yield what can't be kept, by the keys of questions."""
    for each in ASKED:
        if (
            each.required
            and each.field
            and each.applies(settings)
            and not str(getattr(settings, each.field)).strip()
        ):
            yield each.key, _MISSING
    for end, label, address, is_internal in (
        ("erp", translatable("ERP address"), settings.erp_address, settings.erp_internal_host),
        ("crm", translatable("CRM address"), settings.crm_address, settings.crm_internal_host),
    ):
        try:
            if address:
                check_address(end, label, address, is_internal=is_internal)
        except ConnectionProblem as problem:
            yield f"{end}.address", text_of(problem)
    for end, method, authority in (
        ("erp", settings.erp_method, settings.erp_authority),
        ("crm", settings.crm_method, settings.crm_authority),
    ):
        try:
            if method.asks_directory and authority:
                checked_authority(authority, end)
        except ConnectionProblem as problem:
            yield f"{end}.authority", text_of(problem)


def _stamp(settings: ConnectionSettings) -> str:
    """Stand for what the card shows, so that a change can tell whether others came between."""
    held = {each.field: getattr(settings, each.field) for each in ASKED if each.field}
    text = json.dumps(held, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
