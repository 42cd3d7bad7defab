"""The ERP's master tables: customers, contacts, vendors, items, resources and prices.

Notation: see `declaration`. Field names are those of the page web services; the order is the page's.
"""

from typing import Final

from interlace.sandbox.erp.declaration import Table, declare_table

CUSTOMER: Final = declare_table(
    "Customer",
    "No",
    """
    No c20
    Name s100
    Name_2 s50
    Search_Name c100
    Contact_Type opt:contactType
    Balance_LCY dec flow
    Balance_Due_LCY dec flow
    Sales_LCY dec flow
    Sales_This_Year_LCY dec flow
    Outstanding_Orders_LCY dec flow
    Shipped_Not_Invoiced_LCY dec flow
    Outstanding_Invoices_LCY dec flow
    Total_LCY dec flow
    Credit_Limit_LCY dec
    Blocked opt:customerBlocked
    Privacy_Blocked bool
    Salesperson_Code c20 -> Salesperson_Purchaser
    Responsibility_Center c10
    Last_Date_Modified date ro
    Address s100
    Address_2 s50
    Country_Region_Code c10 -> Country_Region
    City s30
    County s30
    Post_Code c20
    Phone_No s30
    Mobile_Phone_No s30
    E_Mail s80
    Fax_No s30
    Home_Page s255
    Language_Code c10
    Territory_Code c10
    Primary_Contact_No c20 -> Contact
    Contact s100
    Bill_to_Customer_No c20 -> Customer
    VAT_Registration_No s50
    GLN c13
    Tax_Liable bool
    Tax_Area_Code c20 -> Tax_Area
    Gen_Bus_Posting_Group c20
    VAT_Bus_Posting_Group c20
    Customer_Posting_Group c20
    Currency_Code c10 -> Currency
    Customer_Price_Group c10 -> Customer_Price_Group
    Customer_Disc_Group c20
    Allow_Line_Disc bool
    Invoice_Disc_Code c20
    Prices_Including_VAT bool
    Payment_Terms_Code c10 -> Payment_Terms
    Payment_Method_Code c10 -> Payment_Method
    Reminder_Terms_Code c10
    Ship_to_Code c10
    Location_Code c10
    Combine_Shipments bool
    Shipping_Advice opt:shippingAdvice
    Shipment_Method_Code c10 -> Shipment_Method
    Shipping_Agent_Code c10 -> Shipping_Agent
    Shipping_Agent_Service_Code c10
    """,
    number_series="CUST",
)

CONTACT: Final = declare_table(
    "Contact",
    "No",
    """
    No c20
    Type opt:contactType
    Name s100
    Name_2 s50
    Search_Name c100
    First_Name s30
    Middle_Name s30
    Surname s30
    Company_No c20 idx -> Contact
    Company_Name s100
    Contact_Business_Relation opt:contactBusinessRelation ro
    Job_Title s30
    Address s100
    Address_2 s50
    Country_Region_Code c10 -> Country_Region
    City s30
    County s30
    Post_Code c20
    Phone_No s30
    Mobile_Phone_No s30
    E_Mail s80
    Fax_No s30
    Home_Page s255
    Pager s30
    Salesperson_Code c20 -> Salesperson_Purchaser
    Currency_Code c10 -> Currency
    Language_Code c10
    Territory_Code c10
    VAT_Registration_No s50
    Privacy_Blocked bool
    Last_Date_Modified date ro
    """,
    number_series="CONT",
)

CONTACT_BUSINESS_RELATION: Final = declare_table(
    "Contact_Business_Relation",
    "Contact_No, Business_Relation_Code",
    """
    Contact_No c20 need -> Contact
    Business_Relation_Code c10 need
    Link_to_Table opt:linkToTable
    No c20 idx
    """,
)

ITEM: Final = declare_table(
    "Item",
    "No",
    """
    No c20
    Description s100
    Description_2 s50
    Blocked bool
    Type opt:itemType
    Base_Unit_of_Measure c10 -> Unit_of_Measure
    Last_Date_Modified date ro
    GTIN c14
    Item_Category_Code c20 -> Item_Category
    Shelf_No c10
    Search_Description c100
    Inventory dec flow
    Qty_on_Sales_Order dec flow
    Projected_Available_Balance dec flow
    Net_Weight dec
    Gross_Weight dec
    Unit_Volume dec
    Costing_Method opt:costingMethod
    Standard_Cost dec
    Unit_Cost dec
    Last_Direct_Cost dec
    Gen_Prod_Posting_Group c20
    VAT_Prod_Posting_Group c20 -> Tax_Group
    Tax_Group_Code c20
    Inventory_Posting_Group c20
    Tariff_No c20
    Country_Region_of_Origin_Code c10 -> Country_Region
    Unit_Price dec
    Price_Includes_VAT bool
    VAT_Bus_Posting_Gr_Price c20
    Profit_Percent dec
    Allow_Invoice_Disc bool
    Item_Disc_Group c20
    Sales_Unit_of_Measure c10
    Sales_Blocked bool
    Vendor_No c20 -> Vendor
    Vendor_Item_No s50
    Purch_Unit_of_Measure c10
    Purchasing_Blocked bool
    """,
    number_series="ITEM",
)

ITEM_VARIANT: Final = declare_table(
    "Item_Variant",
    "Item_No, Code",
    """
    Item_No c20 need -> Item
    Code c10 need
    Description s100
    Description_2 s50
    Blocked bool
    Sales_Blocked bool
    Purchasing_Blocked bool
    """,
)

ITEM_UNIT_OF_MEASURE: Final = declare_table(
    "Item_Unit_of_Measure",
    "Item_No, Code",
    """
    Item_No c20 need -> Item
    Code c10 need -> Unit_of_Measure
    Qty_per_Unit_of_Measure dec
    Length dec
    Width dec
    Height dec
    Cubage dec
    Weight dec
    """,
)

RESOURCE: Final = declare_table(
    "Resource",
    "No",
    """
    No c20
    Name s100
    Name_2 s50
    Type opt:resourceType
    Search_Name c100
    Address s100
    Address_2 s50
    City s30
    County s30
    Post_Code c20
    Country_Region_Code c10 -> Country_Region
    Job_Title s30
    Base_Unit_of_Measure c10 -> Unit_of_Measure
    Resource_Group_No c20
    Direct_Unit_Cost dec
    Indirect_Cost_Percent dec
    Unit_Cost dec
    Profit_Percent dec
    Unit_Price dec
    Capacity dec
    Vendor_No c20 -> Vendor
    Blocked bool
    Privacy_Blocked bool
    Gen_Prod_Posting_Group c20
    VAT_Prod_Posting_Group c20
    Last_Date_Modified date ro
    """,
    number_series="RES",
)

VENDOR: Final = declare_table(
    "Vendor",
    "No",
    """
    No c20
    Name s100
    Name_2 s50
    Search_Name c100
    Contact s100
    Address s100
    Address_2 s50
    City s30
    County s30
    Country_Region_Code c10 -> Country_Region
    Post_Code c20
    Phone_No s30
    Fax_No s30
    E_Mail s80
    Home_Page s255
    VAT_Registration_No s50
    Tax_Liable bool
    Currency_Code c10 -> Currency
    Purchaser_Code c20 -> Salesperson_Purchaser
    Payment_Terms_Code c10 -> Payment_Terms
    Payment_Method_Code c10 -> Payment_Method
    Shipment_Method_Code c10 -> Shipment_Method
    Shipping_Agent_Code c10 -> Shipping_Agent
    Blocked opt:vendorBlocked
    Last_Date_Modified date ro
    """,
    number_series="VEND",
)

SALES_PRICE: Final = declare_table(
    "Sales_Price",
    "Item_No, Sales_Type, Sales_Code, Starting_Date, Currency_Code, Variant_Code, Unit_of_Measure_Code,"
    " Minimum_Quantity",
    """
    Sales_Type opt:salesPriceType
    Sales_Code c20 idx
    Item_No c20 need -> Item
    Variant_Code c10
    Currency_Code c10 -> Currency
    Unit_of_Measure_Code c10 -> Unit_of_Measure
    Minimum_Quantity dec
    Unit_Price dec
    Starting_Date date
    Ending_Date date
    Price_Includes_VAT bool
    Allow_Line_Disc bool
    Allow_Invoice_Disc bool
    VAT_Bus_Posting_Gr_Price c20
    """,
)

MASTER_TABLES: Final[tuple[Table, ...]] = (
    VENDOR,
    CONTACT,
    CUSTOMER,
    CONTACT_BUSINESS_RELATION,
    ITEM,
    ITEM_VARIANT,
    ITEM_UNIT_OF_MEASURE,
    RESOURCE,
    SALES_PRICE,
)
