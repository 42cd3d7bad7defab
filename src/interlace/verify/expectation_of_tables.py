"""What must hold between two tables of a mapping that users added, by what was chosen when it was added."""

from interlace.verify.expectation import Expectation
from interlace.verify.field_pairs import same, value_of


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
        reaches_crm=reaches_crm,
    )
