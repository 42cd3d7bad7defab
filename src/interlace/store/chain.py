"""Chains of digests: each entry's digest covers the one before it, so whatever is changed or taken out shows."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from interlace.locale.translatable import translatable

START = bytes(16)
"""Stands before the first entry."""

EntryRow = sa.Row[*tuple[Any, ...]]
"""A row with at least `sequence`, `entry` and `digest`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainEnd:
    """How far a chain holds from its first entry on, and what is wrong behind that."""

    sequence: int
    digest: bytes
    reason: str = ""

    @property
    def first_wrong(self) -> int | None:
        """Number of the first entry that doesn't hold."""
        return self.sequence + 1 if self.reason else None


def next_digest(previous: bytes, content: bytes) -> bytes:
    """Return the digest of an entry behind another one's."""
    return hashlib.blake2b(previous + content, digest_size=16).digest()


def never_erased(row: EntryRow) -> bool:
    """Say of any entry that nobody may have erased its content."""
    return False


def follow(
    rows_after: Callable[[int], Sequence[EntryRow]],
    head: EntryRow,
    filed_wrong: Callable[[EntryRow], str],
    is_erased: Callable[[EntryRow], bool] = never_erased,
) -> ChainEnd:
    """Compute every digest anew and compare; `filed_wrong` says what is wrong with how an entry is found.

    The digest of one that `is_erased` stands for content that is gone, and is taken as it is.
    """
    end = ChainEnd(sequence=0, digest=START)
    while rows := rows_after(end.sequence):
        for row in rows:
            reason = _wrong_with(row, end, filed_wrong, is_erased)
            if reason:
                return ChainEnd(sequence=end.sequence, digest=end.digest, reason=reason)
            end = ChainEnd(sequence=int(row.sequence), digest=bytes(row.digest))
    if head.sequence == end.sequence and bytes(head.digest) == end.digest:
        return end
    reason = translatable(
        "the journal ends with entry {last}, but {written} were written",
        last=end.sequence,
        written=head.sequence,
    )
    return ChainEnd(sequence=end.sequence, digest=end.digest, reason=reason)


def _wrong_with(
    row: EntryRow,
    before: ChainEnd,
    filed_wrong: Callable[[EntryRow], str],
    is_erased: Callable[[EntryRow], bool],
) -> str:
    expected = before.sequence + 1
    if row.sequence != expected:
        return translatable("entry {entry} is missing", entry=expected)
    if bytes(row.digest) != next_digest(before.digest, row.entry.encode()) and not is_erased(row):
        return translatable("entry {entry} or its digest was changed", entry=expected)
    return filed_wrong(row)
