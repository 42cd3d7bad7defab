"""Short spellings for the field rows of the default mappings."""

from interlace.domain.integration_field_mapping import (
    Direction,
    IntegrationFieldMapping,
    NamedKey,
    Reference,
)
from interlace.domain.transformation_rule import TransformationRule
from interlace.domain.values import Value


def both_ways(
    erp_field: str,
    crm_field: str,
    *,
    reference: Reference | None = None,
    insert_only: bool = False,
    clear_value_on_failed_sync: bool = False,
    merge_group: str | None = None,
) -> IntegrationFieldMapping:
    """Keep a pair of fields in step in both directions."""
    return IntegrationFieldMapping(
        erp_field=erp_field,
        crm_field=crm_field,
        direction=Direction.BIDIRECTIONAL,
        reference=reference,
        insert_only=insert_only,
        clear_value_on_failed_sync=clear_value_on_failed_sync,
        merge_group=merge_group,
    )


def address_rows() -> tuple[IntegrationFieldMapping, ...]:
    """Keep a postal address in step; where both sides changed it, it is taken from one of them whole."""
    pairs = (
        ("Address", "address1_line1"),
        ("Address_2", "address1_line2"),
        ("Post_Code", "address1_postalcode"),
        ("City", "address1_city"),
        ("Country_Region_Code", "address1_country"),
        ("County", "address1_stateorprovince"),
    )
    return tuple(both_ways(erp, crm, merge_group="address") for erp, crm in pairs)


def to_crm(
    erp_field: str,
    crm_field: str,
    *rules: TransformationRule,
    reference: Reference | None = None,
    insert_only: bool = False,
    not_null: bool = False,
    after_insert: bool = False,
    clear_value_on_failed_sync: bool = False,
) -> IntegrationFieldMapping:
    """Carry an ERP field to the CRM."""
    return IntegrationFieldMapping(
        erp_field=erp_field,
        crm_field=crm_field,
        direction=Direction.TO_INTEGRATION_TABLE,
        reference=reference,
        insert_only=insert_only,
        not_null=not_null,
        after_insert=after_insert,
        clear_value_on_failed_sync=clear_value_on_failed_sync,
        to_rules=rules,
    )


def from_crm(
    erp_field: str,
    crm_field: str,
    *rules: TransformationRule,
    reference: Reference | None = None,
    insert_only: bool = False,
    not_null: bool = False,
) -> IntegrationFieldMapping:
    """Carry a CRM column to the ERP."""
    return IntegrationFieldMapping(
        erp_field=erp_field,
        crm_field=crm_field,
        direction=Direction.FROM_INTEGRATION_TABLE,
        reference=reference,
        insert_only=insert_only,
        not_null=not_null,
        from_rules=rules,
    )


def crm_constant(
    crm_field: str, value: Value | NamedKey, *, insert_only: bool = False
) -> IntegrationFieldMapping:
    """Write a constant to a CRM column."""
    return IntegrationFieldMapping(
        crm_field=crm_field,
        direction=Direction.TO_INTEGRATION_TABLE,
        constant=value,
        insert_only=insert_only,
    )


def erp_constant(erp_field: str, value: Value) -> IntegrationFieldMapping:
    """Write a constant to an ERP field."""
    return IntegrationFieldMapping(
        erp_field=erp_field, direction=Direction.FROM_INTEGRATION_TABLE, constant=value
    )
