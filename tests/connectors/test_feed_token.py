"""Having a feed token issued: what is asked, and that no failure ever holds a token."""

import json
from datetime import UTC, datetime

import pytest
from tests.connectors.stub_channel import StubChannel

from interlace.connectors.business_central.feed_token import FeedTokenNotIssued, issue_feed_token
from interlace.connectors.http_message import HttpAnswer, NoAnswer
from interlace.engine.service import ServiceMismatch, ServiceUnavailable, SignInRefused

_ROOT = "/BC/ODataV4/Company('N')/"
_EXPIRES = datetime(2026, 12, 1, tzinfo=UTC)
_TOKEN = "T" * 44


def _error(status: int, code: str = "Code") -> HttpAnswer:
    body = json.dumps({"error": {"code": code, "message": f"said {code}"}}).encode()
    return HttpAnswer(status=status, body=body)


async def test_token_is_asked_for_once_with_its_end() -> None:
    """One POST names user and expiry; it is never repeated by itself, for each ends the token before."""
    channel = StubChannel(HttpAnswer(status=200, body=json.dumps({"value": _TOKEN}).encode()))
    assert await issue_feed_token(channel, _ROOT, "O'Neil", _EXPIRES) == _TOKEN
    [request] = channel.sent
    assert (request.method, request.url) == ("POST", f"{_ROOT}Users('O''Neil')/NAV.IssueFeedToken")
    assert json.loads(request.body or b"") == {"expiry": "2026-12-01T00:00:00Z"}
    assert not request.may_be_repeated


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (_error(401), SignInRefused),
        (_error(403), SignInRefused),
        (_error(404), FeedTokenNotIssued),
        (_error(400), FeedTokenNotIssued),
        (_error(501), FeedTokenNotIssued),
        (_error(429), ServiceUnavailable),
        (_error(503), ServiceUnavailable),
        (NoAnswer("cut"), ServiceUnavailable),
    ],
)
async def test_failure_says_what_follows(answer: HttpAnswer | NoAnswer, kind: type[Exception]) -> None:
    """A missing action needs a person, a refused sign-in too, and a silent service another try."""
    with pytest.raises(kind):
        await issue_feed_token(StubChannel(answer), _ROOT, "INTERLACE", _EXPIRES)
    assert issubclass(FeedTokenNotIssued, ServiceMismatch)


@pytest.mark.parametrize("body", [f'{{"value": "{_TOKEN}", ', f'["{_TOKEN}"]', f'{{"valu": "{_TOKEN}"}}'])
async def test_unreadable_answer_does_not_tell_the_token(body: str) -> None:
    """An answer that was cut may hold the token: neither the failure nor its cause repeats it."""
    channel = StubChannel(HttpAnswer(status=200, body=body.encode()))
    with pytest.raises(ServiceUnavailable) as failure:
        await issue_feed_token(channel, _ROOT, "INTERLACE", _EXPIRES)
    assert _TOKEN not in str(failure.value)
    assert failure.value.__cause__ is None
    assert failure.value.__suppress_context__
