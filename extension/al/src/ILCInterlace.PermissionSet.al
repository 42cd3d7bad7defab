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
        codeunit "ILC Item Deletion" = X;
}
