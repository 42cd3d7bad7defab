"""Sweeps a table: what a feed did not tell shows in the keys and version tags of all its records.

A sweep asks for nothing else, so it costs a small part of a whole comparison. It only gives hints, like a feed: a
coupled record that carries another tag than the one we remember, one that is not listed any more (whether it is
gone, a read by key tells), and a record without a partner where the mapping makes partners by itself.
"""

from dataclasses import replace
from datetime import datetime

from interlace.domain.side import Side
from interlace.domain.table_filter import EVERYTHING
from interlace.engine.observe import partner_key_of
from interlace.engine.ports import Page, ReadPage
from interlace.engine.run_setup import RunSetup

_COUPLINGS_AT_ONCE = 2000


def is_due(run: RunSetup, now: datetime) -> bool:
    """Tell whether the mapping's tables are to be swept in this run; a clock that was set back makes it due."""
    if run.sweep_after is None:
        return False
    last = run.store.last_sweep(run.mapping.name)
    return last is None or now < last or now - last >= run.sweep_after


async def swept(run: RunSetup, side: Side) -> list[str]:
    """Return the keys of one side that a sweep finds worth a look, in the order found."""
    view = replace(run.view(side), fields=(), filter=EVERYTHING)
    makes_partners = run.create_new or not run.mapping.synch_only_coupled_records
    hints: list[str] = []
    listed: set[str] = set()
    after: str | None = None
    while True:
        page: Page = await ReadPage(view=view, after=after)
        keys = [record.key for record in page.records]
        listed.update(keys)
        known = run.store.tags_by_key(run.mapping.name, side, keys)
        for record in page.records:
            is_news = known[record.key] != record.tag if record.key in known else makes_partners
            if is_news:
                hints.append(record.key)
        after = page.next
        if after is None:
            return hints + _unlisted(run, side, listed)


def _unlisted(run: RunSetup, side: Side, listed: set[str]) -> list[str]:
    """Return the coupled keys that were not listed."""
    missing: list[str] = []
    if run.store.count_couplings(run.mapping.name) == 0:
        return missing
    after = None
    while couplings := run.store.couplings_page(run.mapping.name, after, _COUPLINGS_AT_ONCE):
        after = couplings[-1].erp_key
        keys = (partner_key_of(each, side) for each in couplings)
        missing += [key for key in keys if key not in listed]
    return missing
