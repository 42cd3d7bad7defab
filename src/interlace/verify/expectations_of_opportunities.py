"""What must hold between the opportunities of both sides, as long as both are open."""

from typing import Final

from interlace.locale.translatable import translatable
from interlace.verify.book_sources import OWN_COLUMNS
from interlace.verify.comparable import Comparable, as_amount, as_text, is_blank
from interlace.verify.expectation import Expectation, FieldPair, Judge, ScopeRule
from interlace.verify.field_pairs import OWNER, currency_code, equals, filled, named, same, value_of
from interlace.verify.plain_reader import Row
from interlace.verify.reference_book import BookName, ReferenceBooks


def _customer(row: Row, books: ReferenceBooks) -> str:
    return books.find(BookName.CUSTOMER_OF_COMPANY, row.get("Contact_Company_No")) or ""


def _person(row: Row, books: ReferenceBooks) -> Comparable:
    number = as_text(row.get("Contact_No"))
    if number == as_text(row.get("Contact_Company_No")):
        return ""
    return number if books.find(BookName.CONTACT_IN_CRM, number) else ""


def _person_in_crm(row: Row, books: ReferenceBooks) -> Comparable:
    return books.find(BookName.CONTACT_NUMBER, row.get("_parentcontactid_value")) or ""


def _value(row: Row, _books: ReferenceBooks) -> Comparable:
    # What the ERP has not estimated is the CRM's to say.
    figure = as_amount(row.get("Estimated_Value_LCY"))
    return None if figure in ("", "0") else figure


def _closing_day(row: Row, _books: ReferenceBooks) -> Comparable:
    day = row.get("Estimated_Closing_Date")
    return None if is_blank(day) else as_text(day)


def _account(crm_column: str) -> FieldPair:
    return FieldPair(
        erp_field="Customer_No",
        crm_column=crm_column,
        expected=_customer,
        actual=named(f"_{crm_column}_value", BookName.ACCOUNT_CUSTOMER),
    )


def _figure(erp_field: str, crm_column: str, expected: Judge) -> FieldPair:
    return FieldPair(
        erp_field=erp_field, crm_column=crm_column, expected=expected, actual=value_of(crm_column)
    )


OPPORTUNITY_EXPECTATIONS: Final = (
    Expectation(
        mapping="OPPORTUNITY",
        erp_service="OpportunityCard",
        erp_columns=(
            "No",
            "Description",
            "Status",
            "Contact_No",
            "Contact_Company_No",
            "Salesperson_Code",
            "Estimated_Value_LCY",
            "Estimated_Closing_Date",
        ),
        erp_key=("No",),
        crm_set="opportunities",
        crm_columns=(
            "opportunityid",
            *OWN_COLUMNS,
            "name",
            "statecode",
            "_customerid_value",
            "_accountid_value",
            "_parentaccountid_value",
            "_parentcontactid_value",
            "_ownerid_value",
            "_transactioncurrencyid_value",
            "estimatedvalue",
            "estimatedclosedate",
        ),
        crm_key="opportunityid",
        partner_name=value_of("No"),
        erp_table="Opportunity",
        erp_rules=(
            ScopeRule(
                reason=translatable("the opportunity is won or lost"),
                holds=lambda row, _books: row.get("Status") not in ("Won", "Lost"),
            ),
            ScopeRule(
                reason=translatable("the contact's company is not a customer"),
                holds=lambda row, books: bool(_customer(row, books)),
            ),
        ),
        crm_rules=(
            equals("statecode", 0, translatable("the opportunity is won or lost")),
            filled("_accountid_value", translatable("the opportunity's customer is not an account")),
        ),
        unclaimed_rules=(
            ScopeRule(
                reason=translatable("the opportunity names a record of another company or table"),
                holds=lambda row, _books: is_blank(row.get("ilc_erpkey")),
            ),
        ),
        reaches_erp=True,
        books=(
            BookName.USER_EMAIL,
            BookName.SALESPERSON_EMAIL,
            BookName.CURRENCY_CODE,
            BookName.ACCOUNT_CUSTOMER,
            BookName.CUSTOMER_OF_COMPANY,
            BookName.CONTACT_NUMBER,
            BookName.CONTACT_IN_CRM,
        ),
        pairs=(
            same("Description", "name"),
            _account("customerid"),
            _account("parentaccountid"),
            FieldPair(
                erp_field="Person_No",
                crm_column="parentcontactid",
                expected=_person,
                actual=_person_in_crm,
            ),
            OWNER,
            FieldPair(
                erp_field="",
                crm_column="transactioncurrencyid",
                expected=value_of(""),
                actual=currency_code,
                at_creation=True,
            ),
            _figure("Estimated_Value", "estimatedvalue", _value),
            _figure("Estimated_Closing_Date", "estimatedclosedate", _closing_day),
        ),
    ),
)
