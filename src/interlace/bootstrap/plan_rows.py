"""Pages of a kept plan's actions: read from its file line by line, from where the page before ended."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from interlace.bootstrap.kept_plans import EndKept
from interlace.locale.kept_text import from_kept, from_parts

_DECODER = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)


class _Line(msgspec.Struct):
    """What filters look at; lines without an action are heading, stages and end."""

    action: str = ""
    mapping: str = ""
    direction: str = ""
    record: str = ""
    partner: str | None = None
    reason: str = ""
    said: list[Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionLook:
    """An action as far as filters look at it."""

    number: int
    kind: str
    mapping: str
    direction: str
    source_key: str
    partner_key: str
    reason: str
    ending: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionsWanted:
    """Which page of which actions."""

    passes: Callable[[ActionLook], bool]
    limit: int
    after: tuple[int, int] = (0, 0)
    """Number of the last action of the page before, and where in the file the next line begins."""
    before: int = 0
    """Number of the first action of the page behind, to go back; 0: forwards."""
    count_max: int = 0
    """Count all that pass, up to so many; 0: none are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAction:
    """An action with its place in the file."""

    look: ActionLook
    line: dict[str, Any]
    end: int
    """Where the next line begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionsFound:
    """A page of actions."""

    actions: tuple[FoundAction, ...]
    has_more: bool
    has_earlier: bool
    count: int = 0


def page_of_actions(path: Path, ends: Mapping[int, EndKept], wanted: ActionsWanted) -> ActionsFound:
    """Return a page of a plan's actions; what is still being written is left out."""
    if not path.is_file():
        return ActionsFound(actions=(), has_more=False, has_earlier=False)
    if wanted.before:
        return _page_before(path, ends, wanted)
    found: list[FoundAction] = []
    has_more, count = False, 0
    start = (0, 0) if wanted.count_max else wanted.after
    for look, text, end in _looks(path, ends, start):
        if not wanted.passes(look):
            continue
        count += 1
        if look.number > wanted.after[0]:
            if len(found) == wanted.limit:
                has_more = True
            else:
                found.append(FoundAction(look=look, line=_DECODER.decode(text), end=end))
        if has_more and count > wanted.count_max:
            break
    return ActionsFound(
        actions=tuple(found), has_more=has_more, has_earlier=wanted.after != (0, 0), count=count
    )


def _page_before(path: Path, ends: Mapping[int, EndKept], wanted: ActionsWanted) -> ActionsFound:
    last: deque[tuple[ActionLook, bytes, int]] = deque(maxlen=wanted.limit)
    count = earlier = 0
    for look, text, end in _looks(path, ends, (0, 0)):
        if not wanted.passes(look):
            continue
        count += 1
        if look.number < wanted.before:
            earlier += 1
            last.append((look, text, end))
        elif count > wanted.count_max:
            break
    return ActionsFound(
        actions=tuple(
            FoundAction(look=look, line=_DECODER.decode(text), end=end) for look, text, end in last
        ),
        has_more=True,
        has_earlier=earlier > len(last),
        count=count,
    )


def _looks(
    path: Path, ends: Mapping[int, EndKept], start: tuple[int, int]
) -> Iterator[tuple[ActionLook, bytes, int]]:
    number, place = start
    decoder = msgspec.json.Decoder(_Line)
    with path.open("rb") as file:
        file.seek(place)
        for text in file:
            if not text.endswith(b"\n"):
                return
            place += len(text)
            held = decoder.decode(text)
            if not held.action:
                continue
            number += 1
            ended = ends.get(number)
            look = ActionLook(
                number=number,
                kind=held.action,
                mapping=held.mapping,
                direction=held.direction,
                source_key=held.record,
                partner_key=held.partner or "",
                reason=from_kept(ended.reason)
                if ended is not None and ended.reason
                else from_parts(held.reason, held.said),
                ending="" if ended is None else ended.ending,
            )
            yield look, text, place
