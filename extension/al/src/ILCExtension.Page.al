// Web service InterlaceExtension: that it is published tells clients of the API, and nothing else is asked of it.
page 50103 "ILC Extension"
{
    ApplicationArea = All;
    Caption = 'Interlace Extension';
    DeleteAllowed = false;
    Editable = false;
    InsertAllowed = false;
    ModifyAllowed = false;
    PageType = List;
    SourceTable = "General Ledger Setup";
    UsageCategory = Administration;

    layout
    {
        area(Content)
        {
            repeater(Records)
            {
                field(Primary_Key; Rec."Primary Key")
                {
                    ApplicationArea = All;
                    ToolTip = 'Specifies nothing: the key of the only record, which is blank.';
                }
            }
        }
    }
}
