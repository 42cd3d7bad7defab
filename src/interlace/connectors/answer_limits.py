"""How much of an answer is taken from a service: what is beyond is refused before anything is made of it.

An answer that keeps to the limits by far is known by counting bytes, which costs next to nothing; only what may be
beyond them is looked at closely.
"""

import json
from collections.abc import Sequence
from contextlib import suppress

import msgspec

from interlace.connectors.http_message import AnswerOverLimit, HttpAnswer, HttpRequest
from interlace.locale.translatable import translatable

DEPTH_MAX = 64
TOO_DEEP = translatable("JSON that is nested deeper than {depth} levels", depth=str(DEPTH_MAX))
KEYS_MAX = 10_000
"""How many members one JSON object may have."""
RECORDS_MAX = 20_000
"""More than any page that is asked for holds."""
_BLANKS = b" \t\r\n\xef\xbb\xbf"
_LEAST_MEMBER_BYTES = len('"":0,')
_REST = bytes(each for each in range(256) if each not in b'{}[]"')
_AS_BRACES = bytes.maketrans(b"[]", b"{}")


def check_answer(request: HttpRequest, answer: HttpAnswer) -> None:
    """Raise AnswerOverLimit for an answer whose JSON is beyond the limits.

    What a read got is left to who reads it: records are looked at one by one, by `check_records`.
    """
    if request.method != "GET" or not answer.is_success:
        check_document(answer.body)


def check_document(body: bytes) -> None:
    """Raise AnswerOverLimit for JSON that is nested too deeply or has an object of too many members."""
    if body.lstrip(_BLANKS)[:1] not in (b"{", b"["):
        return
    if _openings(body) > DEPTH_MAX and _is_too_deep(body):
        raise AnswerOverLimit(TOO_DEEP)
    if body.count(b":") > KEYS_MAX and _has_too_many_members(body):
        raise AnswerOverLimit(translatable("a JSON object of more than {count} members", count=KEYS_MAX))


def check_records(body: bytes, records: Sequence[msgspec.Raw]) -> None:
    """Raise AnswerOverLimit for a page with too many records, or with one that is beyond the limits itself."""
    if len(records) > RECORDS_MAX:
        raise AnswerOverLimit(
            translatable(
                "{count} records in one page; at most {most} are taken", count=len(records), most=RECORDS_MAX
            )
        )
    # Records lie beside one another: of their outermost braces only one counts for how deep a place is.
    openings = _openings(body)
    are_plain = openings - max(len(records) - 1, 0) <= DEPTH_MAX
    for record in records:
        if not are_plain or len(record) > KEYS_MAX * _LEAST_MEMBER_BYTES:
            held = bytes(record)
            check_document(held)
            openings -= _openings(held)
    if not are_plain and openings > DEPTH_MAX:
        # There is more beside the records than belongs to a page.
        check_document(body)


def _openings(body: bytes) -> int:
    return body.count(b"{") + body.count(b"[")


def _is_too_deep(body: bytes) -> bool:
    """Tell whether JSON is nested too deeply."""
    if b"\\" in body:
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    # Only brackets and quotes are left, and then only those quotes that lie around brackets: what they hold goes, too.
    marks = body.translate(_AS_BRACES, _REST).replace(b'""', b"")
    braces = b"".join(marks.split(b'"')[::2])
    if b"{" * (DEPTH_MAX + 1) in braces:
        return True
    unclosed = braces.count(b"{") - braces.count(b"}")
    for _ in range(DEPTH_MAX):
        # Each time the innermost level goes.
        braces = braces.replace(b"{}", b"")
        if not braces:
            return False
    # What was cut on its way keeps its openings; the decoder complains about it.
    return unclosed == 0 or unclosed > DEPTH_MAX


def _has_too_many_members(body: bytes) -> bool:
    """Tell whether an object of well-formed JSON has too many members."""
    most = 0

    def count(members: list[tuple[str, object]]) -> None:
        nonlocal most
        most = max(most, len(members))

    with suppress(ValueError, RecursionError):
        # What can't be read is the decoder's to complain about.
        json.loads(body, object_pairs_hook=count)
    return most > KEYS_MAX
