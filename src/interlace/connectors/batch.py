"""Sends many small requests as one `$batch` and binds every answer to its request.

A part that got no answer of its own is never taken for refused: its caller gets a NoAnswer for it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from interlace.connectors.answer_limits import check_document
from interlace.connectors.http import HttpChannel
from interlace.connectors.http_message import (
    AnswerOverLimit,
    BatchNotTaken,
    HttpAnswer,
    HttpRequest,
    NoAnswer,
    RequestFailed,
)
from interlace.locale.translatable import translatable

PartAnswer: TypeAlias = HttpAnswer | RequestFailed
_ABOUT_A_RECORD = frozenset({404, 409, 410, 412})
"""Statuses that would be taken for news of a record, and that mean the address when a whole batch gets them."""
_TOO_LARGE = frozenset({413, 414})


class BatchFormat(Protocol):
    """How a service writes batches down."""

    def request(self, url: str, parts: Sequence[HttpRequest]) -> HttpRequest:
        """Build the one request; the parts are identified by their place, from 1."""
        ...

    def answers(self, answer: HttpAnswer) -> list["BoundAnswer"]:
        """Read the parts of the answer; raises ValueError when it is none or was cut."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundAnswer:
    """One part of a batch's answer; `place` is None where the service doesn't name the request."""

    place: int | None
    answer: HttpAnswer


async def send_batch(
    channel: HttpChannel, url: str, batch_format: BatchFormat, parts: Sequence[HttpRequest]
) -> list[PartAnswer]:
    """Send the parts in one request; returns what became of each, in their order."""
    try:
        answer = await channel.send(batch_format.request(url, parts))
    except RequestFailed as failure:
        return [failure] * len(parts)
    if answer.status in _TOO_LARGE and len(parts) > 1:
        middle = len(parts) // 2
        halves = (parts[:middle], parts[middle:])
        sent = await asyncio.gather(*(send_batch(channel, url, batch_format, half) for half in halves))
        return [*sent[0], *sent[1]]
    try:
        bound = batch_format.answers(answer)
    except ValueError as error:
        if answer.status in _ABOUT_A_RECORD:
            return [
                BatchNotTaken(
                    translatable("its address for batches answered {status}", status=str(answer.status))
                )
            ] * len(parts)
        if answer.is_success:
            return [
                NoAnswer(translatable("the batch's answer can't be read: {problem}", problem=str(error)))
            ] * len(parts)
        return [answer] * len(parts)
    found = [_within_limits(each) for each in bind(bound, len(parts))]
    for part, each in zip(parts, found, strict=True):
        if isinstance(each, HttpAnswer):
            channel.note_part(part, each)
    return found


def _within_limits(answer: PartAnswer) -> PartAnswer:
    """Return a part's answer, or that it is more than is taken: its caller looks what became of the request."""
    try:
        if isinstance(answer, HttpAnswer):
            check_document(answer.body)
    except AnswerOverLimit as failure:
        return failure
    return answer


def bind(bound: Sequence[BoundAnswer], expected: int) -> list[PartAnswer]:
    """Give each request its answer: by identification, else by order when nothing is missing."""
    answers: list[PartAnswer] = [NoAnswer(translatable("the batch's answer leaves it out"))] * expected
    places = [each.place for each in bound]
    if None in places:
        if len(bound) == expected and not any(places):
            return [each.answer for each in bound]
        return answers
    for place in set(places):
        assert place is not None
        if 1 <= place <= expected:
            given = [each.answer for each in bound if each.place == place]
            twice = NoAnswer(translatable("the batch's answer names it twice"))
            answers[place - 1] = given[0] if len(given) == 1 else twice
    return answers


def in_chunks(total: int, size: int) -> list[slice]:
    """Cut a range into slices of at most a size."""
    return [slice(start, min(start + size, total)) for start in range(0, total, size)]
