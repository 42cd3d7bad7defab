// A counter per mapping: where it is lower than Interlace remembers, a backup of the company was restored.
table 50100 "ILC Epoch Marker"
{
    Caption = 'Interlace Epoch Marker';
    DataClassification = SystemMetadata;

    fields
    {
        field(1; "Code"; Code[20])
        {
            Caption = 'Code';
            NotBlank = true;
        }
        field(2; Name; Text[100])
        {
            Caption = 'Name';
        }
        field(3; Counter; Integer)
        {
            Caption = 'Counter';
            MinValue = 0;
        }
    }

    keys
    {
        key(PK; "Code")
        {
            Clustered = true;
        }
    }
}
