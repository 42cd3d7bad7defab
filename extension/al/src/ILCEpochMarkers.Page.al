// Web service EpochMarkers: Interlace reads and raises the counters here, one row a mapping.
page 50100 "ILC Epoch Markers"
{
    ApplicationArea = All;
    Caption = 'Interlace Epoch Markers';
    DelayedInsert = true;
    PageType = List;
    SourceTable = "ILC Epoch Marker";
    UsageCategory = Administration;

    layout
    {
        area(Content)
        {
            repeater(Markers)
            {
                field("Code"; Rec."Code")
                {
                    ApplicationArea = All;
                    ToolTip = 'Specifies the mapping, by as many characters of its id as fit.';
                }
                field(Name; Rec.Name)
                {
                    ApplicationArea = All;
                    ToolTip = 'Specifies the full id of the mapping.';
                }
                field(Counter; Rec.Counter)
                {
                    ApplicationArea = All;
                    ToolTip = 'Specifies how often Interlace raised the marker. Leave it alone.';
                }
            }
        }
    }
}
