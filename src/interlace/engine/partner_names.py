"""Lets CRM records name the ERP record that a person couples them with, and forget it once they are uncoupled.

A record that went on naming it would be coupled with it again by the next full run, and keep any other record from
taking its place: no two may name the same ERP record. One that names nobody is not found again by a recovery.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from interlace.domain.keys import CrmKey, ErpKey
from interlace.domain.side import Side
from interlace.engine.ports import Outcome, Precondition, Record, Write, WriteResult
from interlace.engine.run_setup import RunSetup
from interlace.engine.service import Service, ServiceFailure
from interlace.locale.translatable import as_sentence, translatable

_ATTEMPTS: Final = 5
_SETTLED: Final = frozenset({Outcome.DONE, Outcome.GONE})
_AGAIN: Final = frozenset({Outcome.STALE, Outcome.UNKNOWN, Outcome.RETRY_LATER})


async def forget_partners(crm: Service, run: RunSetup, pairs: Mapping[CrmKey, ErpKey]) -> None:
    """Clear the partner columns of those records that still name the ERP record given; raises ServiceFailure."""
    columns = tuple(run.partner_values(""))
    if not columns or not pairs:
        return
    view = replace(run.view(Side.CRM), fields=columns)
    for _ in range(_ATTEMPTS):
        records = await crm.read_keys(view, tuple(pairs))
        writes = tuple(
            Write(
                key=record.key,
                precondition=Precondition.UNCHANGED,
                values=dict.fromkeys(columns),
                tag=record.tag,
            )
            for (_, erp_key), record in zip(pairs.items(), records, strict=True)
            if record is not None and _names(run, columns, record, erp_key)
        )
        if not writes:
            return
        for result in await crm.write(view, writes):
            if _is_refused(result):
                raise ServiceFailure(
                    translatable(
                        "The CRM record {key} still names its ERP record: {reason}",
                        key=result.key,
                        reason=_reason(result),
                    )
                )
    message = translatable(
        "Records of {table} are being changed all the time: {keys}. Try again.",
        table=view.table,
        keys=", ".join(pairs),
    )
    raise ServiceFailure(message)


async def name_partner(crm: Service, run: RunSetup, erp_key: ErpKey, crm_key: CrmKey) -> None:
    """Let a record name the ERP record that it is to be coupled with; raises ServiceFailure."""
    values = run.partner_values(erp_key)
    if not values:
        return
    columns = tuple(values)
    view = replace(run.view(Side.CRM), fields=columns)
    for _ in range(_ATTEMPTS):
        [record] = await crm.read_keys(view, (crm_key,))
        if record is None or _names(run, columns, record, erp_key):
            return
        write = Write(
            key=record.key, precondition=Precondition.UNCHANGED, values=dict(values), tag=record.tag
        )
        for result in await crm.write(view, (write,)):
            if _is_refused(result):
                raise ServiceFailure(
                    translatable(
                        "The CRM record {key} can't name its ERP record: {reason}",
                        key=result.key,
                        reason=_reason(result),
                    )
                )
    message = translatable(
        "The record {key} of {table} is being changed all the time. Try again.", key=crm_key, table=view.table
    )
    raise ServiceFailure(message)


async def free_partner(crm: Service, run: RunSetup, erp_key: ErpKey, crm_key: CrmKey) -> None:
    """Let records that are coupled with nothing forget an ERP record that another one is to be coupled with."""
    columns = tuple(run.partner_values(""))
    if not columns:
        return
    view = replace(run.view(Side.CRM), fields=columns)
    found = await crm.find_records(view, run.partner_columns.key, (erp_key,))
    naming = [each.key for each in found if each.key != crm_key and _names(run, columns, each, erp_key)]
    coupled = run.store.partner_keys(run.mapping.name, Side.CRM, naming)
    await forget_partners(crm, run, {CrmKey(key): erp_key for key in naming if key not in coupled})


def _names(run: RunSetup, columns: tuple[str, ...], record: Record, erp_key: ErpKey) -> bool:
    return dict(zip(columns, record.values(), strict=True)) == run.partner_values(erp_key)


def _is_refused(result: WriteResult) -> bool:
    return result.outcome not in _SETTLED | _AGAIN


def _reason(result: WriteResult) -> str:
    return as_sentence(translatable("no reason was given") if result.error is None else result.error.message)
