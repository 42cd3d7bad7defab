// /api/interlace/sync/v1.0/companies(id)/epochMarkers: the markers of Interlace by id. Nobody deletes one here.
page 50118 "ILC API Epoch Markers"
{
    APIGroup = 'sync';
    APIPublisher = 'interlace';
    APIVersion = 'v1.0';
    Caption = 'epochMarkers', Locked = true;
    DelayedInsert = true;
    DeleteAllowed = false;
    EntityName = 'epochMarker';
    EntitySetName = 'epochMarkers';
    Extensible = false;
    ODataKeyFields = SystemId;
    PageType = API;
    SourceTable = "ILC Epoch Marker";

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
                field(counter; Rec.Counter)
                {
                    Caption = 'counter', Locked = true;
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
