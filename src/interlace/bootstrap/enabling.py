"""Tests a connection and enables it: learns from both ends what the mappings refer to by name."""

import uuid
from dataclasses import replace

from interlace.bootstrap.connection_settings import ConnectionProblem, ConnectionSettings
from interlace.bootstrap.ends import Ends
from interlace.domain.side import Side
from interlace.engine.ports import (
    FindRecords,
    Outcome,
    Precondition,
    ReadKeys,
    Record,
    TableView,
    Write,
    WriteRecords,
)
from interlace.locale.translatable import translatable

DEFAULT_PRICE_LIST = "Interlace Default Price List"
_PRICE_LIST_NAMESPACE = uuid.UUID("3d2a7f0e-51a4-5c36-8f0f-7d0b7c9a2c11")
_KEEPS_AMOUNTS = "issopintegrationenabled"
_PARTNER_COLUMNS = ("ilc_companyid", "ilc_erptable", "ilc_erpkey")


async def learn(settings: ConnectionSettings, ends: Ends) -> ConnectionSettings:
    """Read what the connection must know; raises ConnectionProblem or a ServiceFailure that says what is wrong."""
    erp = await ends.erp.facts()
    crm = await ends.crm.facts()
    if erp.lcy_code.upper() != crm.base_currency_code.upper():
        msg = translatable(
            "The ERP keeps its books in {lcy_code}, the CRM's base currency is {base_currency_code}. "
            "Both must be the same. Choose the company or the organization that fits.",
            lcy_code=erp.lcy_code,
            base_currency_code=crm.base_currency_code,
        )
        raise ConnectionProblem(msg)
    await _check_solution(ends)
    return replace(
        settings,
        erp_company_id=erp.company_id,
        local_currency_code=erp.lcy_code,
        crm_organization_id=crm.organization_id,
        crm_user_id=crm.user_id,
        base_currency_id=crm.base_currency_id,
    )


async def _check_solution(ends: Ends) -> None:
    columns = await ends.crm.columns("account")
    missing = [name for name in _PARTNER_COLUMNS if name not in columns]
    if missing:
        msg = translatable(
            "The CRM's account table lacks the columns {missing}. Import the Interlace solution with "
            "`interlace solution import`, then test the connection again.",
            missing=", ".join(missing),
        )
        raise ConnectionProblem(msg)


async def enable(settings: ConnectionSettings, ends: Ends) -> ConnectionSettings:
    """Learn, see to it that the CRM keeps the ERP's amounts and has the default price list.

    Returns the enabled settings.
    """
    learned = await learn(settings, ends)
    await ends.run(_let_erp_keep_amounts(learned))
    price_list = await ends.run(_default_price_list(learned))
    return replace(learned, enabled=True, default_price_list_id=price_list)


async def _let_erp_keep_amounts(settings: ConnectionSettings) -> None:
    """Have the CRM take orders and invoices from the integration user as they come, without pricing them anew."""
    view = TableView(side=Side.CRM, table="organization", fields=(_KEEPS_AMOUNTS,))
    key = settings.crm_organization_id
    found: list[Record | None] = await ReadKeys(view=view, keys=(key,))
    organization = found[0]
    if organization is None or organization.values() == (True,):
        return
    write = Write(
        key=key, precondition=Precondition.UNCHANGED, tag=organization.tag, values={_KEEPS_AMOUNTS: True}
    )
    [result] = await WriteRecords(view=view, writes=(write,))
    if result.outcome is not Outcome.DONE:
        said = "" if result.error is None else result.error.message
        msg = translatable(
            "The CRM does not let Interlace set the organization's sales order integration "
            "({keeps_amounts}): {said} Set it in the CRM, or give the integration user the right to "
            "change the organization, then enable the connection again.",
            keeps_amounts=_KEEPS_AMOUNTS,
            said=said,
        )
        raise ConnectionProblem(msg)


async def _default_price_list(settings: ConnectionSettings) -> str:
    """Find the default price list by name, or create it under a key of our choice."""
    view = TableView(
        side=Side.CRM,
        table="pricelevel",
        fields=("name", "transactioncurrencyid"),
        lookup_targets=(("transactioncurrencyid", "transactioncurrency"),),
    )
    found: list[Record] = await FindRecords(view=view, field="name", values=(DEFAULT_PRICE_LIST,))
    for record in found:
        if record.values()[1] == settings.base_currency_id:
            return record.key
    name = f"{settings.erp_company_id}|{settings.crm_organization_id}"
    write = Write(
        key=str(uuid.uuid5(_PRICE_LIST_NAMESPACE, name)),
        precondition=Precondition.ABSENT,
        values={"name": DEFAULT_PRICE_LIST, "transactioncurrencyid": settings.base_currency_id},
    )
    results = await WriteRecords(view=view, writes=(write,))
    if results[0].outcome not in {Outcome.DONE, Outcome.EXISTS}:
        said = "" if results[0].error is None else results[0].error.message
        msg = translatable(
            "The price list {default_price_list} could not be created in the CRM: {said}",
            default_price_list=repr(DEFAULT_PRICE_LIST),
            said=said,
        )
        raise ConnectionProblem(msg)
    return write.key
