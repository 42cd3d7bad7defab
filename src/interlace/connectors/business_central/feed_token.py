"""Has the ERP issue a feed token: a password that reads the availability feed and nothing else."""

import json
from datetime import UTC, datetime
from urllib.parse import quote

import msgspec

from interlace.connectors.classify import service_error
from interlace.connectors.http import HttpChannel
from interlace.connectors.http_message import HttpAnswer, HttpRequest, RequestFailed
from interlace.engine.service import ServiceMismatch, ServiceUnavailable, SignInRefused
from interlace.locale.translatable import as_sentence, text_of, translatable

_JSON = {"Content-Type": "application/json", "Accept": "application/json"}


class FeedTokenNotIssued(ServiceMismatch):
    """The ERP does not issue feed tokens, or not to us."""


class _Token(msgspec.Struct):
    value: str


async def issue_feed_token(channel: HttpChannel, company_root: str, user: str, expires: datetime) -> str:
    """Return a new token of a user; the one before ends. Raises a ServiceFailure, which never holds a token.

    `company_root` is the address of the company's page services, with a slash at its end. When no answer came, the
    token before may have ended all the same: ask again.
    """
    url = (
        f"{company_root}Users('{quote(user.replace(chr(39), chr(39) * 2), safe=chr(39))}')/NAV.IssueFeedToken"
    )
    body = json.dumps({"expiry": expires.astimezone(UTC).isoformat().replace("+00:00", "Z")}).encode()
    try:
        answer = await channel.send(HttpRequest(method="POST", url=url, headers=_JSON, body=body))
    except RequestFailed as failure:
        message = translatable(
            "The ERP did not say whether it issued a feed token: {problem}. Publish again.",
            problem=as_sentence(text_of(failure)),
        )
        raise ServiceUnavailable(message, failure.retry_after_seconds) from failure
    if not answer.is_success:
        raise _failure(answer, user)
    try:
        return msgspec.json.decode(answer.body, type=_Token).value
    except (msgspec.DecodeError, msgspec.ValidationError):
        # What could not be read may hold the token: neither it nor the decoder's words are passed on.
        message = translatable(
            "The ERP's answer to the request for a feed token can't be read. Publish again."
        )
        raise ServiceUnavailable(message) from None


def _failure(answer: HttpAnswer, user: str) -> Exception:
    error = service_error(answer.body)
    said = f"{error.message or f'status {answer.status}'}"
    if answer.status == 401:
        return SignInRefused(
            translatable("The ERP does not accept our sign-in. Check the connection's user and key.")
        )
    if answer.status == 403:
        return SignInRefused(
            translatable(
                "The ERP does not let us issue a feed token for {user}: {said}", user=user, said=said
            )
        )
    if answer.status in (408, 425, 429) or (answer.status >= 500 and answer.status != 501):
        return ServiceUnavailable(
            translatable("The ERP answered {status}: {said}", status=str(answer.status), said=said)
        )
    return FeedTokenNotIssued(
        translatable(
            "The ERP issued no feed token for {user}: {said} Where the ERP has no such action, make a user there who "
            "may only read the page ProductItemAvailability, and publish with his sign-in: `interlace availability "
            "publish --odata-user USER --odata-key-file FILE`.",
            user=user,
            said=said,
        )
    )
