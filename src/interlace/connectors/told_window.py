"""What a change feed has told already, in eight bytes an entry: a window may hold a whole table after a mass change."""

from array import array
from bisect import bisect_left

import xxhash


class ToldWindow:
    """A closed set of entries; an entry is told by its digest, so that one in 10^13 may be taken for another."""

    def __init__(self, digests: "array[int] | None" = None) -> None:
        self._digests = array("Q") if digests is None else array("Q", sorted(digests))

    def __contains__(self, digest: int) -> bool:
        place = bisect_left(self._digests, digest)
        return place < len(self._digests) and self._digests[place] == digest

    def __len__(self) -> int:
        return len(self._digests)


def entry_digest(*parts: str) -> int:
    """Digest what identifies an entry."""
    return xxhash.xxh3_64_intdigest("\x1f".join(parts).encode())
