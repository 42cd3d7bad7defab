// Web service CRMIntegrationRecords: Interlace keeps here which CRM product shows which item.
page 50101 "ILC CRM Integration Records"
{
    ApplicationArea = All;
    Caption = 'Interlace CRM Integration Records';
    DelayedInsert = true;
    PageType = List;
    SourceTable = "ILC CRM Integration Record";
    UsageCategory = Administration;

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
                    ToolTip = 'Specifies the system id of the item. It follows the item number.';
                }
                field(Table_ID; Rec."Table ID")
                {
                    ApplicationArea = All;
                    ToolTip = 'Specifies the number of the table of items.';
                }
                field(Item_No; Rec."Item No.")
                {
                    ApplicationArea = All;
                    ToolTip = 'Specifies the item that the CRM product shows.';
                }
            }
        }
    }
}
