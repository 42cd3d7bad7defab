// /api/interlace/sync/v1.0/companies(id)/shippingAgents: shipping agents, which API v2.0 does not have.
page 50117 "ILC API Shipping Agents"
{
    APIGroup = 'sync';
    APIPublisher = 'interlace';
    APIVersion = 'v1.0';
    Caption = 'shippingAgents', Locked = true;
    DelayedInsert = true;
    EntityName = 'shippingAgent';
    EntitySetName = 'shippingAgents';
    Extensible = false;
    ODataKeyFields = SystemId;
    PageType = API;
    SourceTable = "Shipping Agent";

    layout
    {
        area(Content)
        {
            repeater(Records)
            {
                field(id; Rec.SystemId)
                {
                    Caption = 'id', Locked = true;
                }
                field("code"; Rec."Code")
                {
                    Caption = 'code', Locked = true;
                }
                field(name; Rec.Name)
                {
                    Caption = 'name', Locked = true;
                }
                field(internetAddress; Rec."Internet Address")
                {
                    Caption = 'internetAddress', Locked = true;
                }
                field(accountNo; Rec."Account No.")
                {
                    Caption = 'accountNo', Locked = true;
                }
                field(lastModifiedDateTime; Rec.SystemModifiedAt)
                {
                    Caption = 'lastModifiedDateTime', Locked = true;
                    Editable = false;
                }
            }
        }
    }

    trigger OnInsertRecord(BelowxRec: Boolean): Boolean
    begin
        // An id that the client chose stays; without one the platform chooses.
        Rec.Insert(true, not IsNullGuid(Rec.SystemId));
        exit(false);
    end;
}
