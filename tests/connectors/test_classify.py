"""The outcome table: every answer of either service has one row."""

import json

import pytest

from interlace.connectors.classify import (
    Deed,
    Subject,
    classify_crm,
    classify_erp,
    classify_failure,
    service_error,
)
from interlace.connectors.http_message import HttpAnswer, NoAnswer, NothingSent
from interlace.domain.errors import ErrorCode
from interlace.engine.ports import Outcome
from interlace.locale.correlation import correlation_of
from interlace.locale.kept_text import from_kept, to_kept

KEY = "6f1c2d0e-7a35-5b0c-9a51-4e3f2a7c1d90"
OTHER = "11111111-7a35-5b0c-9a51-4e3f2a7c1d90"
CREATE, UPDATE, DELETE = Deed.CREATE, Deed.UPDATE, Deed.DELETE


def answer(status: int, code: str = "", message: str = "No.", **headers: str) -> HttpAnswer:
    """Return an error answer, or a success."""
    body = b"" if status < 300 else json.dumps({"error": {"code": code, "message": message}}).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpAnswer(status=status, headers=named, body=body)


def subject(deed: Deed) -> Subject:
    """Return a record under test."""
    return Subject(service="the service", table="account", key=KEY, deed=deed)


BOTH = [
    (200, "", UPDATE, Outcome.DONE),
    (201, "", CREATE, Outcome.DONE),
    (204, "", DELETE, Outcome.DONE),
    (401, "Unauthorized", UPDATE, Outcome.RETRY_LATER),
    (403, "0x80040220", CREATE, Outcome.REJECTED),
    (404, "", CREATE, Outcome.REJECTED),
    (404, "", UPDATE, Outcome.GONE),
    (404, "", DELETE, Outcome.GONE),
    (405, "", DELETE, Outcome.REJECTED),
    (408, "", UPDATE, Outcome.UNKNOWN),
    (412, "", CREATE, Outcome.EXISTS),
    (412, "", UPDATE, Outcome.STALE),
    (412, "", DELETE, Outcome.STALE),
    (413, "", UPDATE, Outcome.REJECTED),
    (423, "", UPDATE, Outcome.RETRY_LATER),
    (429, "", CREATE, Outcome.RETRY_LATER),
    (500, "", UPDATE, Outcome.UNKNOWN),
    (501, "", UPDATE, Outcome.REJECTED),
    (502, "", CREATE, Outcome.UNKNOWN),
    (503, "", CREATE, Outcome.UNKNOWN),
    (504, "", DELETE, Outcome.UNKNOWN),
]

ERP = [
    (400, "Application_DialogException", UPDATE, Outcome.REJECTED),
    (400, "Internal_EntityWithSameKeyExists", CREATE, Outcome.EXISTS),
    (409, "Internal_EntityWithSameKeyExists", CREATE, Outcome.EXISTS),
    (400, "Internal_EntityWithSameKeyExists", UPDATE, Outcome.REJECTED),
    (409, "Request_EntityChanged", UPDATE, Outcome.STALE),
    (409, "Request_EntityChanged", DELETE, Outcome.STALE),
    (409, "Application_Locked", UPDATE, Outcome.RETRY_LATER),
]

CRM = [
    (412, "0x80040237", CREATE, Outcome.EXISTS),
    (412, "0x80060882", UPDATE, Outcome.STALE),
    (412, "0x80060892", CREATE, Outcome.REJECTED),
    (412, "0x80060892", UPDATE, Outcome.REJECTED),
    (412, "0x80040333", CREATE, Outcome.REJECTED),
    (404, "0x80040217", UPDATE, Outcome.GONE),
    (400, "0x80044331", UPDATE, Outcome.REJECTED),
    (400, "0x80044150", UPDATE, Outcome.UNKNOWN),
    (405, "0x80040227", DELETE, Outcome.REJECTED),
]


@pytest.mark.parametrize(("status", "code", "deed", "outcome"), BOTH + ERP)
def test_erp_answer_has_its_outcome(status: int, code: str, deed: Deed, outcome: Outcome) -> None:
    """Each answer of the ERP means exactly one outcome."""
    assert classify_erp(answer(status, code), subject(deed)).outcome is outcome


@pytest.mark.parametrize(("status", "code", "deed", "outcome"), BOTH + CRM)
def test_crm_answer_has_its_outcome(status: int, code: str, deed: Deed, outcome: Outcome) -> None:
    """Each answer of the CRM means exactly one outcome."""
    assert classify_crm(answer(status, code), subject(deed)).outcome is outcome


@pytest.mark.parametrize("classify", [classify_crm, classify_erp])
def test_busy_with_a_time_is_refused_for_now(classify: object) -> None:
    """A 503 that says when to come back certainly had no effect."""
    assert callable(classify)
    result = classify(answer(503, retry_after="3"), subject(UPDATE))
    assert result.outcome is Outcome.RETRY_LATER


def test_missing_lookup_target_does_not_make_the_record_gone() -> None:
    """A "does not exist" about another record is this record's data error, not its absence."""
    message = f"account With Id = {OTHER} Does Not Exist"
    result = classify_crm(answer(404, "0x80040217", message), subject(UPDATE))
    assert result.outcome is Outcome.REJECTED
    own = classify_crm(answer(404, "0x80040217", f"account With Id = {KEY} Does Not Exist"), subject(UPDATE))
    assert own.outcome is Outcome.GONE


def test_missing_right_names_the_right_and_what_to_do() -> None:
    """A 403 is a permission error with a text for people."""
    said = "Principal user is missing prvCreateAccount privilege"
    error = classify_crm(answer(403, "0x80040220", said), subject(CREATE)).error
    assert error is not None
    assert error.code is ErrorCode.PRIVILEGE_MISSING
    assert "prvCreateAccount" in error.message
    assert "Give the integration user" in error.message


def test_refusal_names_record_reason_and_next_step() -> None:
    """A refused record's text says what happened, to which record, what to do; support ids are left out."""
    said = "The length of the string is 51. CorrelationId:  6a1c2d0e-7a35-5b0c-9a51-4e3f2a7c1d90."
    result = classify_erp(answer(400, "Application_StringExceededLength", said), subject(UPDATE))
    assert result.error is not None
    assert result.error.code is ErrorCode.REJECTED_BY_SERVICE
    assert result.error.message == (
        f"the service refused the update of account {KEY}: The length of the string is 51 "
        "(Application_StringExceededLength). Correct the record; it is tried again by itself."
    )


def test_text_about_a_refusal_carries_the_id_of_the_answer() -> None:
    """The ERP writes it behind its message, the CRM beside it; what failed alike stays alike."""
    said = "Too long. CorrelationId:  {id}."
    results = [
        classify_erp(answer(400, "Application_StringExceededLength", said.format(id=each)), subject(UPDATE))
        for each in (KEY, OTHER)
    ]
    errors = [each.error for each in results if each.error is not None]
    assert [correlation_of(each.message) for each in errors] == [KEY, OTHER]
    assert errors[0].message == errors[1].message
    assert errors[0].trouble == errors[1].trouble
    told = classify_crm(answer(400, "0x80044331", x_ms_service_request_id=OTHER), subject(UPDATE)).error
    assert told is not None
    assert correlation_of(told.message) == OTHER
    assert correlation_of(from_kept(to_kept(told.message))) == OTHER


@pytest.mark.parametrize(
    "said", ["No.", "CorrelationId:", "CorrelationId: \u00e6", "x" * 100_000 + " " * 100_000]
)
def test_text_about_a_refusal_without_an_id_carries_none(said: str) -> None:
    """Nothing is made up."""
    error = classify_erp(answer(400, "Application_DialogException", said), subject(UPDATE)).error
    assert error is not None
    assert correlation_of(error.message) == ""


def test_success_carries_the_tag_where_the_answer_does() -> None:
    """The etag header of a success is the tag of the write itself."""
    assert classify_crm(answer(204, etag='W/"7"'), subject(UPDATE)).tag == 'W/"7"'


def test_failure_to_connect_is_refused_for_now() -> None:
    """When nothing was sent the write is tried later; when the answer is lost nobody knows."""
    assert classify_failure(NothingSent("no route"), subject(CREATE)).outcome is Outcome.RETRY_LATER
    assert classify_failure(NoAnswer("cut"), subject(CREATE)).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b'{"error": null}', b"\xff\xfe", b"[]"])
def test_any_body_can_be_read_as_error(body: bytes) -> None:
    """A body that is no error has no code and no message, and raises nothing."""
    assert service_error(body).code == ""
