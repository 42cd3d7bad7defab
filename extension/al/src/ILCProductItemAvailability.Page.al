// Web service ProductItemAvailability: the stock of the moment by CRM product, to be read only.
page 50102 "ILC Product Item Availability"
{
    ApplicationArea = All;
    Caption = 'Interlace Product Item Availability';
    DeleteAllowed = false;
    Editable = false;
    InsertAllowed = false;
    ModifyAllowed = false;
    PageType = List;
    Permissions =
        tabledata Item = r,
        tabledata "Item Ledger Entry" = r,
        tabledata "Sales Line" = r;
    SourceTable = "ILC CRM Integration Record";
    UsageCategory = Lists;

    layout
    {
        area(Content)
        {
            repeater(Records)
            {
                field(CRM_ID; Rec."CRM ID")
                {
                    ApplicationArea = All;
                    ToolTip = 'Specifies the id of the CRM product.';
                }
                field(Integration_ID; Rec."Integration ID")
                {
                    ApplicationArea = All;
                    ToolTip = 'Specifies the system id of the item.';
                }
                field(Table_ID; Rec."Table ID")
                {
                    ApplicationArea = All;
                    ToolTip = 'Specifies the number of the table of items.';
                }
                field(ItemNo; Rec."Item No.")
                {
                    ApplicationArea = All;
                    ToolTip = 'Specifies the item that the CRM product shows.';
                }
                field(UOM; Rec.UOM)
                {
                    ApplicationArea = All;
                    ToolTip = 'Specifies the base unit of measure in which the stock is told.';
                }
                field(Inventory; Rec.Inventory)
                {
                    ApplicationArea = All;
                    ToolTip = 'Specifies the stock of the item in all locations.';
                }
                field(Projected_Available_Balance; ProjectedAvailableBalance)
                {
                    ApplicationArea = All;
                    Caption = 'Projected Available Balance';
                    DecimalPlaces = 0 : 5;
                    ToolTip = 'Specifies what is left of the stock after all open sales orders.';
                }
            }
        }
    }

    trigger OnAfterGetRecord()
    begin
        Rec.CalcFields(Inventory, "Qty. on Sales Order");
        ProjectedAvailableBalance := Rec.Inventory - Rec."Qty. on Sales Order";
    end;

    var
        ProjectedAvailableBalance: Decimal;
}
