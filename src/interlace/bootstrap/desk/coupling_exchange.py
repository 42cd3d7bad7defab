"""Carries out what is asked about couplings of the ERP's built-in connector."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.coupling_export import exported_couplings
from interlace.bootstrap.coupling_file import read_couplings, read_record_ids
from interlace.bootstrap.coupling_import import CouplingImport, Imported, LookedRow, RowFate
from interlace.bootstrap.coupling_shadow import Decision, shadow_report
from interlace.bootstrap.desk.carry_out import connection_of, in_own_loop, off_loop
from interlace.bootstrap.desk.listing_place import ListingPlace
from interlace.bootstrap.desk.mapping_services import MappingServices, tried_writes
from interlace.bootstrap.ends import Ends
from interlace.domain.keys import key_text
from interlace.management import coupling_exchange
from interlace.management.caller import Caller
from interlace.management.coupling_exchange import (
    CouplingsImported,
    CouplingsText,
    DecisionShown,
    ExportCouplings,
    ImportCouplings,
    ImportedRow,
    ShadowCouplings,
    ShadowShown,
)
from interlace.management.desk import Works
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable

T = TypeVar("T")
ROWS_SHOWN: Final = 200
_PATIENCE_SECONDS: Final = 4.0
"""How long a page waits for what may take longer."""


def add_coupling_exchange(works: Works, place: ListingPlace) -> None:
    """Let these operations be carried out."""
    work = _CouplingExchange(place.application)
    works.add(coupling_exchange.IMPORT, work.import_)
    works.add(coupling_exchange.EXPORT, work.export)
    works.add(coupling_exchange.SHADOW, work.shadow)


class _CouplingExchange:
    """Couplings that come from the built-in connector, or go there."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._services = MappingServices(application)
        self._importing: dict[str, asyncio.Task[Imported]] = {}

    async def import_(self, caller: Caller, asked: ImportCouplings) -> CouplingsImported:
        """Look at all rows, and couple those that fit; what takes longer than a page may goes on by itself."""
        held = await connection_of(self._application, caller, asked)
        rows = await off_loop(read_couplings, asked.text)
        ids = await off_loop(read_record_ids, asked.record_ids)
        under_way = self._importing.get(held.id)
        if under_way is not None and not under_way.done():
            raise Refused(
                RefusalKind.NOT_READY,
                translatable("Couplings are being imported already"),
                next_step=translatable("Try again in a moment."),
            )

        async def look(ends: Ends) -> list[LookedRow]:
            """Ask both services."""
            work = CouplingImport(application=self._application, connection=held, ends=ends, record_ids=ids)
            return await work.look(rows)

        looked = await self._in_time(held, look, "couplings import")
        if asked.only_compare == "yes":
            return _told(translatable("Nothing was written."), looked, is_stored=False)
        task = asyncio.create_task(in_own_loop(lambda: self._couple(held, looked)))
        self._importing[held.id] = task
        await asyncio.wait({task}, timeout=_PATIENCE_SECONDS)
        if not task.done():
            return _told(
                translatable("The couplings are being imported; a job tells how it ended."),
                looked,
                is_stored=True,
            )
        done = task.result()
        message = translatable(
            "{count} couplings are imported; the next full run compares both records of each.",
            count=done.coupled,
        )
        return _told(message, [*done.failed, *looked], is_stored=True)

    async def _couple(self, held: Connection, looked: Sequence[LookedRow]) -> Imported:
        async with self._application.ends(held) as ends:
            work = CouplingImport(application=self._application, connection=held, ends=ends)
            return await work.couple(looked)

    async def export(self, caller: Caller, asked: ExportCouplings) -> CouplingsText:
        """Write the couplings as rows of table 5331."""
        held = await connection_of(self._application, caller, asked)
        ids = await off_loop(read_record_ids, asked.record_ids)
        found = await self._in_time(
            held, lambda ends: exported_couplings(self._application, held, ends, ids), "couplings export"
        )
        return CouplingsText(text=found.text, count=found.count, without_id=dict(found.without_id))

    async def shadow(self, caller: Caller, asked: ShadowCouplings) -> ShadowShown:
        """Plan full runs as if the rows' couplings were ours."""
        held = await connection_of(self._application, caller, asked)
        rows = await off_loop(read_couplings, asked.text)
        ids = await off_loop(read_record_ids, asked.record_ids)
        report = await self._in_time(
            held, lambda ends: shadow_report(self._application, held, ends, rows, ids), "couplings shadow"
        )
        ordered = sorted(report.decisions, key=lambda each: not each.differs)
        return ShadowShown(
            pairs=report.pairs,
            differing=report.differing,
            decisions=tuple(_decision(each) for each in ordered[:ROWS_SHOWN]),
            messages=dict(report.messages),
        )

    async def _in_time(self, held: Connection, work: Callable[[Ends], Awaitable[T]], command: str) -> T:
        """Ask both services as long as a person waits; whoever has more is sent to the command."""
        try:
            return await self._services.with_ends(held, work)
        except Refused as refused:
            if refused.code != "timeout":
                raise
            raise Refused(
                refused.kind,
                refused.title,
                why=refused.why,
                # Not as commands are written elsewhere: pages would name themselves in its place.
                next_step=translatable(
                    "Large tables take longer: the command {command} waits as long as it takes.",
                    command=f"interlace {command}",
                ),
                code=refused.code,
            ) from refused


def _decision(each: Decision) -> DecisionShown:
    return DecisionShown(
        line=each.line,
        mapping=each.mapping,
        erp_key=key_text(each.erp_key),
        crm_key=key_text(each.crm_key),
        built_in=each.built_in.value,
        decision=each.decision,
        differs=each.differs,
        reason=each.reason,
        writes=tuple(field for write in each.writes for field in tried_writes(write)),
    )


def _told(message: str, looked: Sequence[LookedRow], *, is_stored: bool) -> CouplingsImported:
    counts = Counter(each.fate for each in looked)
    ordered = sorted(looked, key=lambda each: each.fate is not RowFate.LEFT_OUT)
    return CouplingsImported(
        message=message,
        is_stored=is_stored,
        to_couple=counts[RowFate.COUPLE],
        coupled_already=counts[RowFate.COUPLED],
        left_out=counts[RowFate.LEFT_OUT],
        skipped=sum(each.row.is_skipped for each in looked if each.fate is not RowFate.LEFT_OUT),
        rows=tuple(_row(each) for each in ordered[:ROWS_SHOWN]),
    )


def _row(each: LookedRow) -> ImportedRow:
    return ImportedRow(
        line=each.row.number,
        mapping=each.mapping,
        erp_key=key_text(each.erp_key),
        crm_key=each.crm_key,
        result=each.fate.value,
        reason=each.reason,
        was_skipped=each.row.is_skipped,
    )
