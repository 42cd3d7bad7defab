// For the user that Interlace signs in as, beside the product's own sets: every object of this extension.
permissionset 50100 "ILC Interlace"
{
    Assignable = true;
    Caption = 'Interlace integration user';
    Permissions =
        table "ILC Epoch Marker" = X,
        tabledata "ILC Epoch Marker" = RIM,
        table "ILC CRM Integration Record" = X,
        tabledata "ILC CRM Integration Record" = RIMD,
        page "ILC Epoch Markers" = X,
        page "ILC CRM Integration Records" = X,
        page "ILC Product Item Availability" = X,
        page "ILC Extension" = X,
        page "ILC API Contacts" = X,
        page "ILC API Customer Price Groups" = X,
        page "ILC API Customers" = X,
        page "ILC API Epoch Markers" = X,
        page "ILC API Item Units Of Measure" = X,
        page "ILC API Items" = X,
        page "ILC API Resources" = X,
        page "ILC API Sales Prices" = X,
        page "ILC API Shipping Agents" = X,
        codeunit "ILC Item Deletion" = X;
}
