"""The tables of who may sign in and of which CRM record shows an item's stock.

Notation: see `declaration`. What users sign in with is stored as a hash only, and no page shows it. `Application_ID` is
the client id of the application that acts as this user.
"""

from typing import Final

from interlace.sandbox.erp.declaration import Table, declare_table

USER: Final = declare_table(
    "User",
    "User_Name",
    """
    User_Name c50 need
    User_Security_ID guid ro
    Full_Name s80
    State opt:userState
    Expiry_Date datetime
    Authentication_Email s250
    Administrator bool
    Has_Web_Service_Key bool ro
    Web_Service_Key_Expiry datetime ro
    Has_Feed_Token bool ro
    Feed_Token_Expiry datetime ro
    Web_Service_Key_Hash s120 ro
    Feed_Token_Hash s120 ro
    Application_ID guid
    """,
)

HIDDEN_USER_FIELDS: Final = frozenset({"Web_Service_Key_Hash", "Feed_Token_Hash"})
"""What no page shows."""

ITEM_TABLE_ID: Final = 27
"""The number under which the ERP knows its table of items."""

CRM_INTEGRATION_RECORD: Final = declare_table(
    "CRM_Integration_Record",
    "CRM_ID",
    """
    CRM_ID guid need
    Integration_ID guid ro
    Table_ID int mir
    Item_No c20 need idx -> Item
    UOM c10 flow
    Inventory dec flow
    Projected_Available_Balance dec flow
    """,
)

EFFECTIVE_PERMISSION: Final = declare_table(
    "Effective_Permission",
    "User_Name, Table_Name",
    """
    User_Name c50 ro
    Table_Name s60 ro
    Read_Permission bool ro
    Insert_Permission bool ro
    Modify_Permission bool ro
    Delete_Permission bool ro
    """,
)
"""What the permission sets of each user come to."""

USER_TABLES: Final[tuple[Table, ...]] = (USER, CRM_INTEGRATION_RECORD, EFFECTIVE_PERMISSION)
