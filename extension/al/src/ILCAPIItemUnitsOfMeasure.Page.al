// /api/interlace/sync/v1.0/companies(id)/itemUnitsOfMeasure: the units of items, which API v2.0 does not have.
page 50114 "ILC API Item Units Of Measure"
{
    APIGroup = 'sync';
    APIPublisher = 'interlace';
    APIVersion = 'v1.0';
    Caption = 'itemUnitsOfMeasure', Locked = true;
    DelayedInsert = true;
    EntityName = 'itemUnitOfMeasure';
    EntitySetName = 'itemUnitsOfMeasure';
    Extensible = false;
    ODataKeyFields = SystemId;
    PageType = API;
    SourceTable = "Item Unit of Measure";

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
                field(itemNo; Rec."Item No.")
                {
                    Caption = 'itemNo', Locked = true;
                }
                field("code"; Rec."Code")
                {
                    Caption = 'code', Locked = true;
                }
                field(qtyPerUnitOfMeasure; Rec."Qty. per Unit of Measure")
                {
                    Caption = 'qtyPerUnitOfMeasure', Locked = true;
                }
                field(length; Rec.Length)
                {
                    Caption = 'length', Locked = true;
                }
                field(width; Rec.Width)
                {
                    Caption = 'width', Locked = true;
                }
                field(height; Rec.Height)
                {
                    Caption = 'height', Locked = true;
                }
                field(cubage; Rec.Cubage)
                {
                    Caption = 'cubage', Locked = true;
                }
                field(weight; Rec.Weight)
                {
                    Caption = 'weight', Locked = true;
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
