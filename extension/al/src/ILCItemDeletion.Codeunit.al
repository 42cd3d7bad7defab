// An item that is deleted takes its CRM products' rows along, whatever the user may do with our table.
codeunit 50100 "ILC Item Deletion"
{
    Access = Internal;
    InherentEntitlements = X;
    InherentPermissions = X;

    [EventSubscriber(ObjectType::Table, Database::Item, 'OnAfterDeleteEvent', '', false, false)]
    [InherentPermissions(PermissionObjectType::TableData, Database::"ILC CRM Integration Record", 'rd')]
    local procedure DeleteRecordsOfItem(var Rec: Record Item; RunTrigger: Boolean)
    var
        CRMIntegrationRecord: Record "ILC CRM Integration Record";
    begin
        if Rec.IsTemporary() then
            exit;
        CRMIntegrationRecord.SetRange("Item No.", Rec."No.");
        CRMIntegrationRecord.DeleteAll();
    end;
}
