"""A document's path through both services: what must be looked at, and the one thing that may be done next.

A saga is level-triggered: whatever happened before, the next step follows from what both services hold now and from
what we know of a create under way. Every step has an end state that the next look recognizes, so a path can be taken up
again anywhere.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import TypeAlias

from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.domain.table_filter import EVERYTHING, TableFilter
from interlace.domain.values import Value

DOCUMENT = ""
"""Name of the look that holds the document itself."""

SETTINGS = "settings"
"""Name of the look that holds what the connection says: a field is a setting's name."""

_BASIS = "@basis"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRecord:
    """A record as it was when it was looked at."""

    key: str
    tag: str | None
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlyWith:
    """A record of an earlier look, without which another look is not worth its request."""

    look: str
    holds: Callable[[FoundRecord], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Records that a decision needs, found from records that were found before."""

    name: str
    side: Side
    table: str
    fields: tuple[str, ...]
    choice_column: str | None = None
    """Column of `table` whose choices are looked at, as records by number with a `label`, instead of its records."""
    start: str = DOCUMENT
    """Name of the earlier look that it starts from."""
    start_field: str | None = None
    """Field of those records whose value leads here; None: their key."""
    partner_of: MappingName | None = None
    """The value is first translated to the other side's key by the couplings of this mapping."""
    key_part: int | None = None
    """Which part of the composite key that the value is, or became, to go on with."""
    field: str | None = None
    """Field of `table` that holds the value; None: it is the key."""
    mark: bool = False
    """`field` holds the document's mark instead of a value of `start`."""
    whole_table: bool = False
    """Every record of `table`, once for all documents: set-up tables, and small ones; up to a minute old."""
    steady: bool = False
    """What it finds may be up to a minute old, found for another document even: items, units, currencies."""
    only_with: OnlyWith | None = None
    """Only a document of which an earlier look found such a record needs it: for others it finds nothing."""
    may_lack: bool = False
    """A table that the service does not have, or does not show us, holds nothing: `Observation.lacking` says why."""
    until_coupled: bool = False
    """Only a document without a partner, or one that is gone, needs it: for others it finds nothing."""
    lookup_targets: tuple[tuple[str, str], ...] = ()
    """(lookup column, CRM table it points at)."""


class Creation(Enum):
    """What we know of our own create of the partner document."""

    NOT_SENT = "not sent"
    """None is under way: it was never sent, was refused, or its last chance to take effect has passed."""
    UNDER_WAY = "under way"
    """One was sent whose answer we don't have; it may still take effect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Everything that the next step of one document may depend on."""

    document: FoundRecord | None
    """None: the document is gone."""
    found: Mapping[str, Mapping[str, FoundRecord]]
    """By look: the records found, by key, in the service's order."""
    partners: Mapping[MappingName, Mapping[str, str]]
    """Couplings that were asked for by looks: this side's key to the other side's key."""
    mark: str
    """What our create of the partner document carries: it follows from the document's key alone."""
    creation: Creation
    partner: str | None
    """Key of the partner document that the document is coupled with."""
    created_digest: str = ""
    """Of the create that made the partner, as `digest_of_create` tells; blank: we don't remember."""
    stage: str
    """Where the document was when it was looked at last; blank for a new one."""
    settings: Mapping[str, Value]
    """What the connection says for this saga."""
    at: datetime
    lacking: Mapping[str, str] = field(default_factory=dict)
    """Looks whose table the service does not have, each with the service's own words."""
    agreed: Mapping[str, Value] | None = None
    """What the saga last had remembered of the pair, by name; None: nothing since it was coupled."""

    def records(self, look: str) -> tuple[FoundRecord, ...]:
        """Return what a look found, in order."""
        return tuple(self.found[look].values())

    def record(self, look: str, key: str | None) -> FoundRecord | None:
        """Return one record of a look by its key, if it was found."""
        return None if key is None else self.found[look].get(key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that keeps a document from going on: stable code, what, and what to do about it."""

    code: str
    what: str
    """What is wrong, with the record it concerns."""
    remedy: str
    """What to do about it."""
    line: str = field(default="", compare=False)
    """Key of the document's line that it is about, blank: of none. It says where, not what: no news by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Go no further until the problems are gone; they are looked for again at every run."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDocument:
    """Create the partner document with its lines in one request, all or nothing; the service numbers it."""

    side: Side
    table: str
    values: Mapping[str, Value]
    lines: tuple[Mapping[str, Value], ...]
    tells: str
    """What the timeline says of the step once it is done; so for every step that writes."""
    basis: str = ""
    """Digest of what else of the document the partner is made of, such as what is written to it afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopt:
    """Couple the document with the partner that was found to carry its mark."""

    key: str
    tells: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Uncouple the document from a partner that is gone."""

    tells: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agree:
    """Remember of a coupled pair what both sides agreed on, instead of what was remembered of it before."""

    values: Mapping[str, Value]
    tells: str = ""
    """Blank: the timeline says nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Update one record if it still carries the tag with which it was looked at."""

    side: Side
    table: str
    key: str
    tag: str | None
    values: Mapping[str, Value]
    tells: str
    lookup_targets: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Insert:
    """Create a record under a key of our choosing, unless it is there."""

    side: Side
    table: str
    key: str
    values: Mapping[str, Value]
    tells: str
    lookup_targets: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Write several records of one table together; each is written, or not, by itself."""

    changes: tuple[Change | Insert, ...]
    """At least one; what needs no words of its own has none to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Perform:
    """Have a service carry out a message on a record; an end state that the looks show must tell that it was done."""

    side: Side
    table: str
    key: str
    tag: str | None
    message: str
    tells: str
    parameters: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """Delete the partner document if it still carries the tag: what was begun is taken back.

    A `CreateDocument` with the very same content is not carried out again until a person says so.
    """

    side: Side
    table: str
    key: str
    tag: str | None
    problems: tuple[Problem, ...]
    """Why: the document is held for them afterwards."""
    tells: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Delete a record that belongs to the document or its partner, if it still carries the tag: a line."""

    side: Side
    table: str
    key: str
    tag: str | None
    tells: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Nothing is to be done now: the services move on first."""

    stage: str
    tells: str = ""
    """What the timeline says when the stage is new; blank: the stage itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """The document has come to its end and is not followed any more, unless it counts as new again."""

    stage: str
    tells: str = ""


Step: TypeAlias = (
    Hold
    | CreateDocument
    | Adopt
    | Release
    | Agree
    | Change
    | Changes
    | Insert
    | Perform
    | Delete
    | Remove
    | Rest
    | Finish
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saga:
    """The path of one kind of document."""

    name: MappingName
    """Its couplings are those of this mapping."""
    caption: str
    side: Side
    """Where the document is born."""
    table: str
    fields: tuple[str, ...]
    new_documents: TableFilter = EVERYTHING
    """Which documents begin the path; those under way are followed whatever they hold."""
    partner_table: str
    looks: tuple[Look, ...]
    decide: Callable[[Observation], Step]
    title_field: str | None = None
    """Field of the document whose value names it for people, such as its number."""
    owner_field: str | None = None
    """Field of the document whose value names who is responsible for it: a salesperson, or a user."""
    lookup_targets: tuple[tuple[str, str], ...] = ()
    begins_once: bool = False
    """A document that has come to its end does not begin anew, whatever it holds."""
    steps_max: int = 20
    """After so many steps in one run a document finds no rest; a step writes one record."""


def content_of_create(step: CreateDocument) -> dict[str, Value]:
    """Write what a partner is created with, header and lines, as one flat record."""
    flat = dict(step.values)
    for number, line in enumerate(step.lines, start=1):
        flat |= {f"{number}.{name}": value for name, value in line.items()}
    return flat | ({_BASIS: step.basis} if step.basis else {})


def content_digest(flat: Mapping[str, Value]) -> str:
    """Digest what a document was created with; equal means the very same content."""
    text = json.dumps([[name, str(value)] for name, value in sorted(flat.items())], ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def digest_of_create(step: CreateDocument) -> str:
    """Digest everything that a create was made from."""
    return content_digest(content_of_create(step))
