"""Takes stock of a mapping's ERP table: which records have a partner, and why the others have none.

Reads the table whole, now, and our own memory; nothing is written.
"""

from dataclasses import dataclass, field, replace
from enum import Enum

from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.domain.table_filter import EVERYTHING
from interlace.engine.ports import Page, ReadPage, Record
from interlace.engine.run_setup import RunSetup
from interlace.locale.translatable import as_sentence, translatable

_NOT_YET = translatable("no run has taken it up yet; synchronize the mapping")


class LeftOutBecause(Enum):
    """Why an ERP record has no partner."""

    FILTER = translatable("filter")
    """The mapping's filter keeps it out: the other side can't express it."""
    ERROR = translatable("error")
    """It failed, and stands on the list of errors."""
    NOT_YET = translatable("not yet")
    """No run has seen it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """One ERP record without a partner, or about to lose it."""

    mapping: MappingName
    key: str
    caption: str
    because: LeftOutBecause
    reason: str


@dataclass(slots=True, kw_only=True)
class StockTaking:
    """What became of every record of a mapping's ERP table."""

    mapping: MappingName
    partnered: int = 0
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many records the table holds."""
        return self.partnered + len(self.left_out)


async def take_stock(run: RunSetup) -> StockTaking:
    """Look at every ERP record of the run's mapping, page by page."""
    stock = StockTaking(mapping=run.mapping.name)
    view = replace(run.view(Side.ERP), filter=EVERYTHING)
    after: str | None = None
    while True:
        page: Page = await ReadPage(view=view, after=after)
        _take_page(run, stock, page)
        after = page.next
        if after is None:
            return stock


def _take_page(run: RunSetup, stock: StockTaking, page: Page) -> None:
    name, direction = run.mapping.name, run.mapping.passes[0]
    keys = [record.key for record in page.records]
    coupled = run.couplings_by_key(Side.ERP, keys)
    errors = run.store.errors_of(name, direction, keys)
    for record in page.records:
        reason = _filtered(run, record)
        error = errors.get(record.key)
        if reason is not None:
            if record.key in coupled:
                reason = translatable(
                    "{reason}; what the CRM holds of it is treated by the next run",
                    reason=as_sentence(reason),
                )
            because = LeftOutBecause.FILTER
        elif record.key in coupled:
            stock.partnered += 1
            continue
        elif error is not None:
            because = LeftOutBecause.ERROR
            reason = translatable(
                "{code}: {message}", code=error.error.code.value, message=as_sentence(error.error.message)
            )
        else:
            because, reason = LeftOutBecause.NOT_YET, _NOT_YET
        caption = _caption(run, record)
        stock.left_out.append(
            LeftOut(mapping=name, key=record.key, caption=caption, because=because, reason=reason)
        )


def _filtered(run: RunSetup, record: Record) -> str | None:
    values = dict(zip(run.view(Side.ERP).fields, record.values(), strict=True))
    failing = run.mapping.table_filter.first_failing(lambda name: values[name])
    return None if failing is None else failing.reason


def _caption(run: RunSetup, record: Record) -> str:
    fields = run.view(Side.ERP).fields
    place = fields.index(run.mapping.erp_caption) if run.mapping.erp_caption in fields else None
    return "" if place is None else str(record.values()[place] or "")
