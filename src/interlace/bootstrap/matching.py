"""Matches the uncoupled records of a mapping by its criteria: both tables are read page by page, nothing is written."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from time import monotonic

from interlace.bootstrap.ends import Ends
from interlace.bootstrap.match_settings import Matching
from interlace.domain.match_criteria import MatchCriterion, Matches, match_records
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.engine.ports import TableView
from interlace.engine.run_setup import RunSetup

_SIDES = (Side.ERP, Side.CRM)


@dataclass(slots=True, kw_only=True)
class MatchReading:
    """Reads both tables a few pages at a time, so that it can go on where it stopped."""

    matching: Matching
    records: dict[Side, dict[str, tuple[Value, ...]]] = field(
        default_factory=lambda: {side: {} for side in _SIDES}
    )
    """The uncoupled records that take part: the criteria's values, by key."""
    captions: dict[Side, dict[str, str]] = field(default_factory=lambda: {side: {} for side in _SIDES})
    coupled: int = 0
    """Records of the ERP that are coupled already."""
    left_out: int = 0
    """Records of the ERP that the mapping's filter leaves out."""
    _side: int = 0
    _after: str | None = None

    @property
    def is_complete(self) -> bool:
        """Tell whether both tables were read."""
        return self._side == len(_SIDES)

    async def read(self, run: RunSetup, ends: Ends, *, seconds: float) -> bool:
        """Read on for so long; tells whether all is read."""
        until = monotonic() + seconds
        while not self.is_complete:
            side = _SIDES[self._side]
            await self._read_page(run, ends, side)
            if self._after is None:
                self._side += 1
            if monotonic() > until:
                break
        return self.is_complete

    async def _read_page(self, run: RunSetup, ends: Ends, side: Side) -> None:
        view, caption = _view(run, side, self.matching.criteria)
        service = ends.erp if side is Side.ERP else ends.crm
        page = await service.read_page(view, self._after)
        coupled = run.couplings_by_key(side, [each.key for each in page.records])
        for record in page.records:
            if record.key in coupled:
                self.coupled += side is Side.ERP
                continue
            values = dict(zip(view.fields, record.values(), strict=True))
            if view.filter.first_failing(values.__getitem__) is not None:
                self.left_out += side is Side.ERP
                continue
            self.records[side][record.key] = tuple(
                values[name] for name in _names(side, self.matching.criteria)
            )
            self.captions[side][record.key] = str(values.get(caption) or "")
        self._after = page.next

    def matches(self) -> Matches:
        """Match what was read."""
        return match_records(self.records[Side.ERP], self.records[Side.CRM], self.matching.criteria)


def _names(side: Side, criteria: tuple[MatchCriterion, ...]) -> Iterator[str]:
    return (each.erp_field if side is Side.ERP else each.crm_field for each in criteria)


def _view(run: RunSetup, side: Side, criteria: tuple[MatchCriterion, ...]) -> tuple[TableView, str]:
    """Return the table with the fields that matching needs, and the field that names a record."""
    mapping, view = run.mapping, run.view(side)
    caption = mapping.erp_caption
    if side is Side.CRM:
        rows = (row for row in mapping.fields if row.erp_field == caption and row.reference is None)
        caption = next((row.crm_field or "" for row in rows), "")
    names = [*_names(side, criteria), *view.filter.fields, *([caption] if caption else [])]
    return replace(view, fields=tuple(dict.fromkeys(names))), caption
