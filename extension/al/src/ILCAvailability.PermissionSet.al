// For the user whose sign-in stands in the CRM: the stock feed and what it is computed of, to be read only.
permissionset 50101 "ILC Availability"
{
    Assignable = true;
    Caption = 'Interlace availability feed';
    Permissions =
        table "ILC CRM Integration Record" = X,
        tabledata "ILC CRM Integration Record" = R,
        page "ILC Product Item Availability" = X,
        tabledata Item = r,
        tabledata "Item Ledger Entry" = r,
        tabledata "Sales Line" = r;
}
