"""The API v2.0 sets over master master_tables. Notation: see `set_declaration`."""

from typing import Final

from interlace.sandbox.erp import code_tables, master_tables
from interlace.sandbox.erp.document_tables import OPPORTUNITY
from interlace.sandbox.erp.set_declaration import PublishedSet, declare_set

_ADDRESS = """
    addressLine1 = Address
    addressLine2 = Address_2
    city = City
    state = County
    country = Country_Region_Code
    postalCode = Post_Code
    phoneNumber = Phone_No
    email = E_Mail
    website = Home_Page
"""

_CODE_AND_DESCRIPTION = """
    code = Code
    displayName = Description
    lastModifiedDateTime = #SystemModifiedAt
"""

CUSTOMERS: Final = declare_set(
    "customers",
    "customer",
    master_tables.CUSTOMER,
    f"""
    number = No
    displayName = Name
    type = Contact_Type
    {_ADDRESS}
    salespersonCode = Salesperson_Code
    balanceDue = Balance_Due_LCY ro
    creditLimit = Credit_Limit_LCY
    taxLiable = Tax_Liable
    taxAreaId = &Tax_Area_Code
    taxAreaDisplayName = #taxAreaName
    taxRegistrationNumber = VAT_Registration_No
    currencyId = &Currency_Code
    currencyCode = $Currency_Code
    paymentTermsId = &Payment_Terms_Code
    shipmentMethodId = &Shipment_Method_Code
    paymentMethodId = &Payment_Method_Code
    blocked = Blocked
    lastModifiedDateTime = #SystemModifiedAt
    """,
    rights="CUD",
    needed=(("displayName",),),
    expansions=(
        "currency -> currencies Currency_Code=Code",
        "paymentTerm -> paymentTerms Payment_Terms_Code=Code",
        "shipmentMethod -> shipmentMethods Shipment_Method_Code=Code",
        "paymentMethod -> paymentMethods Payment_Method_Code=Code",
        "customerFinancialDetail -> customerFinancialDetails No=No",
        "customerFinancialDetails -> customerFinancialDetails No=No",
        "contactsInformation[] -> contactsInformation No=No",
    ),
    webhooks=True,
)

CUSTOMER_FINANCIAL_DETAILS: Final = declare_set(
    "customerFinancialDetails",
    "customerFinancialDetail",
    master_tables.CUSTOMER,
    """
    number = No ro
    balance = Balance_LCY ro
    totalSalesExcludingTax = Sales_LCY ro
    overdueAmount = Balance_Due_LCY ro
    lastModifiedDateTime = #SystemModifiedAt
    """,
)

CONTACTS: Final = declare_set(
    "contacts",
    "contact",
    master_tables.CONTACT,
    f"""
    number = No
    type = Type
    displayName = Name
    jobTitle = Job_Title
    companyNumber = Company_No
    companyName = Company_Name
    contactBusinessRelation = Contact_Business_Relation
    {_ADDRESS}
    mobilePhoneNumber = Mobile_Phone_No
    searchName = Search_Name
    privacyBlocked = Privacy_Blocked
    taxRegistrationNumber = VAT_Registration_No
    lastInteractionDate = .date
    lastModifiedDateTime = #SystemModifiedAt
    """,
    rights="CUD",
    needed=(("displayName",),),
)

CONTACTS_INFORMATION: Final = declare_set(
    "contactsInformation",
    "contactInformation",
    master_tables.CONTACT_BUSINESS_RELATION,
    """
    contactId = &Contact_No ro
    contactNumber = Contact_No ro
    contactName = #contactName
    contactType = #contactType
    relatedId = #relatedId
    relatedType = Link_to_Table ro
    """,
    expansions=("contact -> contacts Contact_No=No", "customer -> customers No=No"),
)

ITEMS: Final = declare_set(
    "items",
    "item",
    master_tables.ITEM,
    """
    number = No
    displayName = Description
    displayName2 = Description_2
    type = Type
    itemCategoryId = &Item_Category_Code
    itemCategoryCode = Item_Category_Code
    blocked = Blocked
    gtin = GTIN
    inventory = Inventory ro
    unitPrice = Unit_Price
    priceIncludesTax = Price_Includes_VAT
    unitCost = Unit_Cost
    taxGroupId = &VAT_Prod_Posting_Group
    taxGroupCode = VAT_Prod_Posting_Group
    baseUnitOfMeasureId = &Base_Unit_of_Measure
    baseUnitOfMeasureCode = Base_Unit_of_Measure
    generalProductPostingGroupId = .guid
    generalProductPostingGroupCode = Gen_Prod_Posting_Group
    inventoryPostingGroupId = .guid
    inventoryPostingGroupCode = Inventory_Posting_Group
    lastModifiedDateTime = #SystemModifiedAt
    """,
    rights="CUD",
    needed=(("displayName",),),
    expansions=(
        "itemVariants[] -> itemVariants No=Item_No",
        "baseUnitOfMeasure -> unitsOfMeasure Base_Unit_of_Measure=Code",
        "unitOfMeasure -> unitsOfMeasure Base_Unit_of_Measure=Code",
    ),
    webhooks=True,
)

ITEM_VARIANTS: Final = declare_set(
    "itemVariants",
    "itemVariant",
    master_tables.ITEM_VARIANT,
    """
    itemId = &Item_No
    itemNumber = Item_No
    code = Code
    description = Description
    lastModifiedDateTime = #SystemModifiedAt
    """,
    rights="CUD",
    needed=(("itemId", "itemNumber"), ("code",)),
)

UNITS_OF_MEASURE: Final = declare_set(
    "unitsOfMeasure",
    "unitOfMeasure",
    code_tables.UNIT_OF_MEASURE,
    """
    code = Code
    displayName = Description
    internationalStandardCode = International_Standard_Code
    symbol = Symbol
    lastModifiedDateTime = #SystemModifiedAt
    """,
    rights="CUD",
    webhooks=True,
)

CURRENCIES: Final = declare_set(
    "currencies",
    "currency",
    code_tables.CURRENCY,
    """
    code = Code
    displayName = Description
    symbol = Symbol
    amountDecimalPlaces = Amount_Decimal_Places
    amountRoundingPrecision = Invoice_Rounding_Precision
    lastModifiedDateTime = #SystemModifiedAt
    """,
    rights="CUD",
)

CURRENCY_EXCHANGE_RATES: Final = declare_set(
    "currencyExchangeRates",
    "currencyExchangeRate",
    code_tables.CURRENCY_EXCHANGE_RATE,
    """
    currencyCode = Currency_Code
    startingDate = Starting_Date
    exchangeRateAmount = Exchange_Rate_Amount
    relationalCurrencyCode = Relational_Currency_Code
    relationalExchangeRateAmount = Relational_Exch_Rate_Amount
    lastModifiedDateTime = #SystemModifiedAt
    """,
)

SALESPEOPLE_PURCHASERS: Final = declare_set(
    "salespeoplePurchasers",
    "salespersonPurchaser",
    code_tables.SALESPERSON_PURCHASER,
    """
    code = Code
    displayName = Name
    email = E_Mail
    email2 = E_Mail_2
    phoneNo = Phone_No
    jobTitle = Job_Title
    commisionPercent = Commission_Percent
    privacyBlocked = Privacy_Blocked
    blocked = Blocked
    lastModifiedDateTime = #SystemModifiedAt
    """,
    rights="CUD",
)

PAYMENT_TERMS: Final = declare_set(
    "paymentTerms",
    "paymentTerm",
    code_tables.PAYMENT_TERMS,
    """
    code = Code
    displayName = Description
    dueDateCalculation = Due_Date_Calculation
    discountDateCalculation = Discount_Date_Calculation
    discountPercent = Discount_Percent
    calculateDiscountOnCreditMemos = Calc_Pmt_Disc_on_Cr_Memos
    lastModifiedDateTime = #SystemModifiedAt
    """,
    rights="CUD",
    webhooks=True,
)

SHIPMENT_METHODS: Final = declare_set(
    "shipmentMethods",
    "shipmentMethod",
    code_tables.SHIPMENT_METHOD,
    _CODE_AND_DESCRIPTION,
    rights="CUD",
    webhooks=True,
)

PAYMENT_METHODS: Final = declare_set(
    "paymentMethods",
    "paymentMethod",
    code_tables.PAYMENT_METHOD,
    _CODE_AND_DESCRIPTION,
    rights="CUD",
    webhooks=True,
)

TAX_AREAS: Final = declare_set(
    "taxAreas", "taxArea", code_tables.TAX_AREA, _CODE_AND_DESCRIPTION, rights="CUD"
)
TAX_GROUPS: Final = declare_set(
    "taxGroups", "taxGroup", code_tables.TAX_GROUP, _CODE_AND_DESCRIPTION, rights="CUD"
)

ITEM_CATEGORIES: Final = declare_set(
    "itemCategories",
    "itemCategory",
    code_tables.ITEM_CATEGORY,
    _CODE_AND_DESCRIPTION,
    rights="CUD",
    webhooks=True,
)

COUNTRIES_REGIONS: Final = declare_set(
    "countriesRegions",
    "countryRegion",
    code_tables.COUNTRY_REGION,
    """
    code = Code
    displayName = Name
    addressFormat = Address_Format
    lastModifiedDateTime = #SystemModifiedAt
    """,
    rights="CUD",
    webhooks=True,
)

GENERAL_LEDGER_SETUP: Final = declare_set(
    "generalLedgerSetup",
    "generalLedgerSetup",
    code_tables.GENERAL_LEDGER_SETUP,
    """
    allowPostingFrom = Allow_Posting_From
    allowPostingTo = Allow_Posting_To
    additionalReportingCurrency = Additional_Reporting_Currency
    localCurrencyCode = LCY_Code
    localCurrencySymbol = Local_Currency_Symbol
    lastModifiedDateTime = #SystemModifiedAt
    """,
)

OPPORTUNITIES: Final = declare_set(
    "opportunities",
    "opportunity",
    OPPORTUNITY,
    """
    number = No
    contactNumber = Contact_No
    contactName = Contact_Name ro
    contactCompanyName = Contact_Company_Name ro
    salespersonCode = Salesperson_Code
    description = Description
    status = Status ro
    closed = Closed ro
    creationDate = Creation_Date ro
    dateClosed = Date_Closed ro
    calculatedCurrentValue = Calcd_Current_Value_LCY ro
    chancesOfSuccessPrc = Chances_of_Success_Percent ro
    completedPrc = Completed_Percent ro
    estimatedClosingDate = Estimated_Closing_Date ro
    estimatedValue = Estimated_Value_LCY ro
    systemCreatedAt = #SystemCreatedAt
    lastModifiedDateTime = #SystemModifiedAt
    """,
    rights="CUD",
)

VENDORS: Final = declare_set(
    "vendors",
    "vendor",
    master_tables.VENDOR,
    f"""
    number = No
    displayName = Name
    {_ADDRESS}
    taxRegistrationNumber = VAT_Registration_No
    currencyId = &Currency_Code
    currencyCode = $Currency_Code
    irs1099Code = .text
    paymentTermsId = &Payment_Terms_Code
    paymentMethodId = &Payment_Method_Code
    taxLiable = Tax_Liable
    blocked = Blocked
    lastModifiedDateTime = #SystemModifiedAt
    """,
    rights="CUD",
    needed=(("displayName",),),
    webhooks=True,
)

MASTER_SETS: Final[tuple[PublishedSet, ...]] = (
    CUSTOMERS,
    CUSTOMER_FINANCIAL_DETAILS,
    CONTACTS,
    CONTACTS_INFORMATION,
    ITEMS,
    ITEM_VARIANTS,
    UNITS_OF_MEASURE,
    CURRENCIES,
    CURRENCY_EXCHANGE_RATES,
    SALESPEOPLE_PURCHASERS,
    PAYMENT_TERMS,
    SHIPMENT_METHODS,
    PAYMENT_METHODS,
    TAX_AREAS,
    TAX_GROUPS,
    ITEM_CATEGORIES,
    COUNTRIES_REGIONS,
    GENERAL_LEDGER_SETUP,
    OPPORTUNITIES,
    VENDORS,
)
