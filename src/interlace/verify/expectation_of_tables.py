"""What must hold between two tables of a mapping that users added, by what was chosen when it was added."""

from dataclasses import replace

from interlace.locale.translatable import translatable
from interlace.verify.comparable import as_text
from interlace.verify.expectation import Expectation, Judge
from interlace.verify.field_pairs import filled, same, value_of


def expectation_of(
    *,
    mapping: str,
    erp_service: str,
    erp_key: str,
    crm_set: str,
    crm_key: str,
    crm_column: str,
    reaches_crm: bool,
) -> Expectation:
    """Expect the ERP's key in the column that was chosen for it; further field rows are added as for every mapping.

    `reaches_crm` tells whether ERP records without a partner get one made.
    """
    return Expectation(
        mapping=mapping,
        erp_service=erp_service,
        erp_columns=(erp_key,),
        erp_key=(erp_key,),
        crm_set=crm_set,
        crm_columns=(crm_key, crm_column),
        crm_key=crm_key,
        partner_name=value_of(erp_key),
        natural_name=value_of(crm_column),
        pairs=(same(erp_key, crm_column),),
        key_column=crm_column,
        reaches_crm=reaches_crm,
    )


def with_way_to_erp(
    expectation: Expectation, *, erp_key: str, crm_column: str, reaches_erp: bool
) -> Expectation:
    """Return what must hold where CRM records become ERP records, which get the column's value as their key.

    The ERP writes its codes in capitals, and nobody compares the key again once both records are there.
    """
    return replace(
        expectation,
        partner_name=_in_capitals(erp_key),
        natural_name=_in_capitals(crm_column),
        pairs=(same(erp_key, crm_column, at_creation=True),),
        crm_rules=(filled(crm_column, translatable("the column that makes the ERP's key is blank")),),
        reaches_erp=reaches_erp,
    )


def _in_capitals(field: str) -> Judge:
    return lambda row, _books: as_text(row.get(field)).upper()
