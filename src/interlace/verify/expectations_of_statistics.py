"""What must hold between the ERP's customer statistics and those beside the CRM's accounts."""

from typing import Final

from interlace.verify.book_sources import OWN_COLUMNS
from interlace.verify.comparable import Comparable, as_amount
from interlace.verify.expectation import Expectation, FieldPair
from interlace.verify.field_pairs import BASE_CURRENCY, named, same, value_of
from interlace.verify.plain_reader import Row
from interlace.verify.reference_book import BookName, ReferenceBooks

_FIGURES: Final = (
    ("Balance_LCY", "ilc_balance"),
    ("Balance_Due_LCY", "ilc_overdueamounts"),
    ("Sales_LCY", "ilc_totalsales"),
    ("Sales_This_Year_LCY", "ilc_salesthisyear"),
    ("Outstanding_Orders_LCY", "ilc_outstandingorders"),
    ("Shipped_Not_Invoiced_LCY", "ilc_shippednotinvoiced"),
    ("Outstanding_Invoices_LCY", "ilc_outstandinginvoices"),
    ("Total_LCY", "ilc_total"),
    ("Credit_Limit_LCY", "ilc_creditlimit"),
)


def _as_of(row: Row, _books: ReferenceBooks) -> Comparable:
    # The day of the last run before this one: any is right where something is overdue, none elsewhere.
    return "" if as_amount(row.get("Balance_Due_LCY")) == "0" else None


STATISTICS_EXPECTATIONS: Final = (
    Expectation(
        mapping="STATISTICS",
        erp_service="CustomerStatistics",
        erp_columns=("No", "Name", *(field for field, _ in _FIGURES)),
        erp_key=("No",),
        crm_set="ilc_accountstatisticses",
        crm_columns=(
            "ilc_accountstatisticsid",
            *OWN_COLUMNS,
            "ilc_name",
            "ilc_customernumber",
            "_ilc_accountid_value",
            "_transactioncurrencyid_value",
            "ilc_overdueasof",
            *(column for _, column in _FIGURES),
        ),
        crm_key="ilc_accountstatisticsid",
        partner_name=value_of("No"),
        erp_table="Customer_Statistics",
        books=(BookName.ACCOUNT_CUSTOMER, BookName.CURRENCY_CODE),
        pairs=(
            same("Name", "ilc_name"),
            same("No", "ilc_customernumber"),
            FieldPair(
                erp_field="No",
                crm_column="ilc_accountid",
                expected=value_of("No"),
                actual=named("_ilc_accountid_value", BookName.ACCOUNT_CUSTOMER),
            ),
            BASE_CURRENCY,
            FieldPair(
                erp_field="Overdue_As_Of",
                crm_column="ilc_overdueasof",
                expected=_as_of,
                actual=value_of("ilc_overdueasof"),
            ),
            *(same(field, column) for field, column in _FIGURES),
        ),
    ),
)
