"""STATISTICS: what the ERP's books say about a customer, beside its account in the CRM.

The figures are computed, so nothing tells that one of them moved: they are compared, and written only then.
"""

from typing import Final

from interlace.domain.integration_field_mapping import Direction, NamedKey
from interlace.domain.integration_table_mapping import DeletionConflictResolution, IntegrationTableMapping
from interlace.lead_to_cash import mapping_names, references
from interlace.lead_to_cash.field_rows import crm_constant, to_crm

STATISTICS_MAPPING: Final = IntegrationTableMapping(
    name=mapping_names.STATISTICS,
    erp_table="Customer_Statistics",
    integration_table="ilc_accountstatistics",
    direction=Direction.TO_INTEGRATION_TABLE,
    depends_on=(mapping_names.CUSTOMER,),
    synch_only_coupled_records=False,
    # They are nothing without their customer.
    deletion_conflict_resolution=DeletionConflictResolution.DELETE,
    fields=(
        to_crm("Name", "ilc_name"),
        to_crm("No", "ilc_customernumber"),
        to_crm("No", "ilc_accountid", reference=references.ACCOUNT),
        crm_constant("transactioncurrencyid", NamedKey.BASE_CURRENCY),
        to_crm("Balance_LCY", "ilc_balance"),
        to_crm("Balance_Due_LCY", "ilc_overdueamounts"),
        to_crm("Overdue_As_Of", "ilc_overdueasof"),
        to_crm("Sales_LCY", "ilc_totalsales"),
        to_crm("Sales_This_Year_LCY", "ilc_salesthisyear"),
        to_crm("Outstanding_Orders_LCY", "ilc_outstandingorders"),
        to_crm("Shipped_Not_Invoiced_LCY", "ilc_shippednotinvoiced"),
        to_crm("Outstanding_Invoices_LCY", "ilc_outstandinginvoices"),
        to_crm("Total_LCY", "ilc_total"),
        to_crm("Credit_Limit_LCY", "ilc_creditlimit"),
    ),
    carries_figures=True,
    erp_caption="Name",
    caption="Customer statistics of accounts",
)
