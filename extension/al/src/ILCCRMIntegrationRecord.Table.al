// Which CRM product shows which item. It is a table of our own: the product's own couplings are left alone.
table 50101 "ILC CRM Integration Record"
{
    Caption = 'Interlace CRM Integration Record';
    DataClassification = SystemMetadata;

    fields
    {
        field(1; "CRM ID"; Guid)
        {
            Caption = 'CRM ID';
        }
        field(2; "Integration ID"; Guid)
        {
            Caption = 'Integration ID';
            Editable = false;
        }
        field(3; "Table ID"; Integer)
        {
            Caption = 'Table ID';
            InitValue = 27;
        }
        field(4; "Item No."; Code[20])
        {
            Caption = 'Item No.';
            NotBlank = true;
            TableRelation = Item;
        }
        field(5; UOM; Code[10])
        {
            Caption = 'Unit of Measure';
            Editable = false;
            FieldClass = FlowField;
            CalcFormula = lookup(Item."Base Unit of Measure" where("No." = field("Item No.")));
        }
        field(6; Inventory; Decimal)
        {
            Caption = 'Inventory';
            DecimalPlaces = 0 : 5;
            Editable = false;
            FieldClass = FlowField;
            CalcFormula = sum("Item Ledger Entry".Quantity where("Item No." = field("Item No.")));
        }
        field(7; "Qty. on Sales Order"; Decimal)
        {
            Caption = 'Quantity on Sales Orders';
            DecimalPlaces = 0 : 5;
            Editable = false;
            FieldClass = FlowField;
            CalcFormula = sum("Sales Line"."Outstanding Qty. (Base)" where("Document Type" = const(Order),
                                                                            Type = const(Item),
                                                                            "No." = field("Item No.")));
        }
    }

    keys
    {
        key(PK; "CRM ID")
        {
            Clustered = true;
        }
        key(Item; "Item No.")
        {
        }
    }

    trigger OnInsert()
    begin
        FollowItem();
    end;

    trigger OnModify()
    begin
        FollowItem();
    end;

    local procedure FollowItem()
    var
        Item: Record Item;
    begin
        if IsNullGuid(Rec."CRM ID") then
            Error(NoProductErr);
        if Rec."Table ID" <> Database::Item then
            Error(OnlyItemsErr, Database::Item);
        Item.Get(Rec."Item No.");
        Rec."Integration ID" := Item.SystemId;
    end;

    var
        NoProductErr: Label 'CRM ID must name a CRM product.';
        OnlyItemsErr: Label 'Table ID must be %1: only items have a stock.', Comment = '%1 = number of the table of items';
}
