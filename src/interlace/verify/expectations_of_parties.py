"""What must hold between salespeople and users, customers and accounts, contacts and contacts."""

from typing import Final

from interlace.locale.translatable import translatable
from interlace.verify.book_sources import OWN_COLUMNS
from interlace.verify.comparable import Comparable, as_text, is_blank, rounded
from interlace.verify.expectation import Expectation, FieldPair, ScopeRule
from interlace.verify.field_pairs import (
    CURRENCY,
    OWNER,
    equals,
    filled,
    named,
    same,
    value_of,
)
from interlace.verify.plain_reader import Row
from interlace.verify.reference_book import BookName, ReferenceBooks

_SALESPEOPLE: Final = Expectation(
    mapping="SALESPEOPLE",
    erp_service="SalespersonCard",
    erp_columns=("Code", "E_Mail", "Name", "Phone_No"),
    erp_key=("Code",),
    crm_set="systemusers",
    crm_columns=(
        "systemuserid",
        "internalemailaddress",
        "fullname",
        "mobilephone",
        "isdisabled",
        "islicensed",
        "isintegrationuser",
    ),
    crm_key="systemuserid",
    partner_name=lambda row, _books: as_text(row.get("E_Mail")).lower() or None,
    natural_name=lambda row, _books: as_text(row.get("internalemailaddress")).lower() or None,
    crm_rules=(
        equals("isdisabled", False, translatable("the user is disabled")),
        equals("islicensed", True, translatable("the user has no licence")),
        equals("isintegrationuser", False, translatable("the user is an integration user")),
    ),
    reaches_crm=False,
    reaches_erp=True,
    pairs=(same("E_Mail", "internalemailaddress"), same("Name", "fullname"), same("Phone_No", "mobilephone")),
)


def _primary_contact(row: Row, books: ReferenceBooks) -> Comparable:
    # A contact that is not synchronized is cleared on the way, not failed.
    number = as_text(row.get("Primary_Contact_No"))
    return number if books.find(BookName.CONTACT_IN_CRM, number) else ""


def _primary_contact_in_crm(row: Row, books: ReferenceBooks) -> Comparable:
    return books.find(BookName.CONTACT_NUMBER, row.get("_primarycontactid_value")) or ""


def _choice(erp_field: str, crm_column: str, book: BookName) -> FieldPair:
    return FieldPair(
        erp_field=erp_field,
        crm_column=crm_column,
        expected=value_of(erp_field),
        actual=named(crm_column, book),
    )


_CUSTOMER: Final = Expectation(
    mapping="CUSTOMER",
    erp_service="CustomerCard",
    erp_columns=(
        "No",
        "Salesperson_Code",
        "Name",
        "Contact",
        "Address",
        "Address_2",
        "Post_Code",
        "City",
        "Country_Region_Code",
        "County",
        "Currency_Code",
        "E_Mail",
        "Fax_No",
        "Home_Page",
        "Phone_No",
        "Shipment_Method_Code",
        "Shipping_Agent_Code",
        "Payment_Terms_Code",
        "Credit_Limit_LCY",
        "Primary_Contact_No",
    ),
    erp_key=("No",),
    crm_set="accounts",
    crm_columns=(
        "accountid",
        *OWN_COLUMNS,
        "statecode",
        "customertypecode",
        "_ownerid_value",
        "name",
        "address1_primarycontactname",
        "address1_line1",
        "address1_line2",
        "address1_postalcode",
        "address1_city",
        "address1_country",
        "address1_stateorprovince",
        "_transactioncurrencyid_value",
        "emailaddress1",
        "fax",
        "websiteurl",
        "telephone1",
        "address1_freighttermscode",
        "address1_shippingmethodcode",
        "paymenttermscode",
        "creditlimit",
        "_primarycontactid_value",
    ),
    crm_key="accountid",
    partner_name=value_of("No"),
    erp_table="Customer",
    crm_rules=(
        equals("statecode", 0, translatable("the account is inactive")),
        equals("customertypecode", 3, translatable("the account's relationship type is not Customer")),
    ),
    unclaimed_rules=(
        ScopeRule(
            reason=translatable("the account names a record of another company or table"),
            holds=lambda row, _books: is_blank(row.get("ilc_erpkey")),
        ),
    ),
    reaches_erp=True,
    books=(
        BookName.USER_EMAIL,
        BookName.SALESPERSON_EMAIL,
        BookName.CURRENCY_CODE,
        BookName.CONTACT_NUMBER,
        BookName.CONTACT_IN_CRM,
        BookName.PAYMENT_TERMS_LABEL,
        BookName.FREIGHT_TERMS_LABEL,
        BookName.SHIPPING_METHOD_LABEL,
    ),
    pairs=(
        OWNER,
        same("Name", "name"),
        same("Contact", "address1_primarycontactname"),
        same("Address", "address1_line1"),
        same("Address_2", "address1_line2"),
        same("Post_Code", "address1_postalcode"),
        same("City", "address1_city"),
        same("Country_Region_Code", "address1_country"),
        same("County", "address1_stateorprovince"),
        CURRENCY,
        same("E_Mail", "emailaddress1"),
        same("Fax_No", "fax"),
        same("Home_Page", "websiteurl"),
        same("Phone_No", "telephone1"),
        _choice("Shipment_Method_Code", "address1_freighttermscode", BookName.FREIGHT_TERMS_LABEL),
        _choice("Shipping_Agent_Code", "address1_shippingmethodcode", BookName.SHIPPING_METHOD_LABEL),
        _choice("Payment_Terms_Code", "paymenttermscode", BookName.PAYMENT_TERMS_LABEL),
        FieldPair(
            erp_field="Credit_Limit_LCY",
            crm_column="creditlimit",
            expected=lambda row, _books: rounded(row.get("Credit_Limit_LCY"), 4),
            actual=value_of("creditlimit"),
        ),
        FieldPair(
            erp_field="Primary_Contact_No",
            crm_column="primarycontactid",
            expected=_primary_contact,
            actual=_primary_contact_in_crm,
        ),
    ),
)


def _customer_of(row: Row, books: ReferenceBooks) -> str:
    return books.find(BookName.CUSTOMER_OF_COMPANY, row.get("Company_No")) or ""


_CONTACT: Final = Expectation(
    mapping="CONTACT",
    erp_service="ContactCard",
    erp_columns=(
        "No",
        "Type",
        "Company_No",
        "Salesperson_Code",
        "Currency_Code",
        "Address",
        "Address_2",
        "Post_Code",
        "City",
        "Country_Region_Code",
        "County",
        "E_Mail",
        "Fax_No",
        "First_Name",
        "Middle_Name",
        "Surname",
        "Home_Page",
        "Mobile_Phone_No",
        "Pager",
        "Phone_No",
    ),
    erp_key=("No",),
    crm_set="contacts",
    crm_columns=(
        "contactid",
        *OWN_COLUMNS,
        "_parentcustomerid_value",
        "_accountid_value",
        "_ownerid_value",
        "_transactioncurrencyid_value",
        "address1_line1",
        "address1_line2",
        "address1_postalcode",
        "address1_city",
        "address1_country",
        "address1_stateorprovince",
        "emailaddress1",
        "fax",
        "firstname",
        "middlename",
        "lastname",
        "websiteurl",
        "mobilephone",
        "pager",
        "telephone1",
    ),
    crm_key="contactid",
    partner_name=value_of("No"),
    erp_table="Contact",
    erp_rules=(
        equals("Type", "Person", translatable("the contact is a company")),
        filled("Company_No", translatable("the person belongs to no company")),
        ScopeRule(
            reason=translatable("the person's company is not a customer"),
            holds=lambda row, books: bool(_customer_of(row, books)),
        ),
    ),
    crm_rules=(
        filled("_parentcustomerid_value", translatable("the contact belongs to nobody")),
        filled("_accountid_value", translatable("the contact belongs to another contact")),
    ),
    unclaimed_rules=(
        ScopeRule(
            reason=translatable("the contact names a record of another company or table"),
            holds=lambda row, _books: is_blank(row.get("ilc_erpkey")),
        ),
    ),
    reaches_erp=True,
    books=(
        BookName.USER_EMAIL,
        BookName.SALESPERSON_EMAIL,
        BookName.CURRENCY_CODE,
        BookName.CUSTOMER_OF_COMPANY,
        BookName.ACCOUNT_CUSTOMER,
    ),
    pairs=(
        OWNER,
        CURRENCY,
        same("Address", "address1_line1"),
        same("Address_2", "address1_line2"),
        same("Post_Code", "address1_postalcode"),
        same("City", "address1_city"),
        same("Country_Region_Code", "address1_country"),
        same("County", "address1_stateorprovince"),
        same("E_Mail", "emailaddress1"),
        same("Fax_No", "fax"),
        same("First_Name", "firstname"),
        same("Middle_Name", "middlename"),
        same("Surname", "lastname"),
        same("Home_Page", "websiteurl"),
        same("Mobile_Phone_No", "mobilephone"),
        same("Pager", "pager"),
        same("Phone_No", "telephone1"),
        FieldPair(
            erp_field="Company_No",
            crm_column="parentcustomerid",
            expected=_customer_of,
            actual=named("_parentcustomerid_value", BookName.ACCOUNT_CUSTOMER),
            at_creation=True,
        ),
    ),
)

PARTY_EXPECTATIONS: Final = (_SALESPEOPLE, _CUSTOMER, _CONTACT)
