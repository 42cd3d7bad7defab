"""Names the records that criteria found, for people."""

from collections.abc import Mapping
from typing import Final

from interlace.domain.keys import key_text
from interlace.domain.match_criteria import Ambiguity, Pair
from interlace.domain.side import Side
from interlace.management.matching import MatchSample, RecordNamed

_CANDIDATES: Final = 5


class NamedMatches:
    """Names records for people."""

    def __init__(self, captions: Mapping[Side, Mapping[str, str]]) -> None:
        self._captions = captions

    def record(self, side: Side, key: str) -> RecordNamed:
        """Name one record."""
        return RecordNamed(key=key_text(key), caption=self._captions[side].get(key, ""), record_key=key)

    def pair(self, pair: Pair) -> MatchSample:
        """Name both records of a pair."""
        return MatchSample(
            erp=self.record(Side.ERP, pair.erp_key), crm=(self.record(Side.CRM, pair.crm_key),)
        )

    def ambiguity(self, each: Ambiguity) -> MatchSample:
        """Name a record with those that it may be, and those that may be the same."""
        return MatchSample(
            erp=self.record(Side.ERP, each.erp_key),
            crm=tuple(self.record(Side.CRM, key) for key in each.candidates[:_CANDIDATES]),
            rivals=tuple(self.record(Side.ERP, key) for key in each.rivals[:_CANDIDATES]),
        )
