// /api/interlace/sync/v1.0/companies(id)/items: items with the stamp of their last change.
page 50112 "ILC API Items"
{
    APIGroup = 'sync';
    APIPublisher = 'interlace';
    APIVersion = 'v1.0';
    Caption = 'items', Locked = true;
    DelayedInsert = true;
    EntityName = 'item';
    EntitySetName = 'items';
    Extensible = false;
    ODataKeyFields = SystemId;
    PageType = API;
    SourceTable = Item;

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
                field(no; Rec."No.")
                {
                    Caption = 'no', Locked = true;
                }
                field(description; Rec.Description)
                {
                    Caption = 'description', Locked = true;
                }
                field(description2; Rec."Description 2")
                {
                    Caption = 'description2', Locked = true;
                }
                field(blocked; Rec.Blocked)
                {
                    Caption = 'blocked', Locked = true;
                }
                field(type; Rec.Type)
                {
                    Caption = 'type', Locked = true;
                }
                field(baseUnitOfMeasure; Rec."Base Unit of Measure")
                {
                    Caption = 'baseUnitOfMeasure', Locked = true;
                }
                field(gtin; Rec.GTIN)
                {
                    Caption = 'gtin', Locked = true;
                }
                field(itemCategoryCode; Rec."Item Category Code")
                {
                    Caption = 'itemCategoryCode', Locked = true;
                }
                field(shelfNo; Rec."Shelf No.")
                {
                    Caption = 'shelfNo', Locked = true;
                }
                field(searchDescription; Rec."Search Description")
                {
                    Caption = 'searchDescription', Locked = true;
                }
                field(netWeight; Rec."Net Weight")
                {
                    Caption = 'netWeight', Locked = true;
                }
                field(grossWeight; Rec."Gross Weight")
                {
                    Caption = 'grossWeight', Locked = true;
                }
                field(unitVolume; Rec."Unit Volume")
                {
                    Caption = 'unitVolume', Locked = true;
                }
                field(costingMethod; Rec."Costing Method")
                {
                    Caption = 'costingMethod', Locked = true;
                }
                field(standardCost; Rec."Standard Cost")
                {
                    Caption = 'standardCost', Locked = true;
                }
                field(unitCost; Rec."Unit Cost")
                {
                    Caption = 'unitCost', Locked = true;
                }
                field(lastDirectCost; Rec."Last Direct Cost")
                {
                    Caption = 'lastDirectCost', Locked = true;
                }
                field(genProdPostingGroup; Rec."Gen. Prod. Posting Group")
                {
                    Caption = 'genProdPostingGroup', Locked = true;
                }
                field(vatProdPostingGroup; Rec."VAT Prod. Posting Group")
                {
                    Caption = 'vatProdPostingGroup', Locked = true;
                }
                field(taxGroupCode; Rec."Tax Group Code")
                {
                    Caption = 'taxGroupCode', Locked = true;
                }
                field(inventoryPostingGroup; Rec."Inventory Posting Group")
                {
                    Caption = 'inventoryPostingGroup', Locked = true;
                }
                field(tariffNo; Rec."Tariff No.")
                {
                    Caption = 'tariffNo', Locked = true;
                }
                field(countryRegionOfOriginCode; Rec."Country/Region of Origin Code")
                {
                    Caption = 'countryRegionOfOriginCode', Locked = true;
                }
                field(unitPrice; Rec."Unit Price")
                {
                    Caption = 'unitPrice', Locked = true;
                }
                field(priceIncludesVat; Rec."Price Includes VAT")
                {
                    Caption = 'priceIncludesVat', Locked = true;
                }
                field(vatBusPostingGrPrice; Rec."VAT Bus. Posting Gr. (Price)")
                {
                    Caption = 'vatBusPostingGrPrice', Locked = true;
                }
                field(profitPercent; Rec."Profit %")
                {
                    Caption = 'profitPercent', Locked = true;
                }
                field(allowInvoiceDisc; Rec."Allow Invoice Disc.")
                {
                    Caption = 'allowInvoiceDisc', Locked = true;
                }
                field(itemDiscGroup; Rec."Item Disc. Group")
                {
                    Caption = 'itemDiscGroup', Locked = true;
                }
                field(salesUnitOfMeasure; Rec."Sales Unit of Measure")
                {
                    Caption = 'salesUnitOfMeasure', Locked = true;
                }
                field(salesBlocked; Rec."Sales Blocked")
                {
                    Caption = 'salesBlocked', Locked = true;
                }
                field(vendorNo; Rec."Vendor No.")
                {
                    Caption = 'vendorNo', Locked = true;
                }
                field(vendorItemNo; Rec."Vendor Item No.")
                {
                    Caption = 'vendorItemNo', Locked = true;
                }
                field(purchUnitOfMeasure; Rec."Purch. Unit of Measure")
                {
                    Caption = 'purchUnitOfMeasure', Locked = true;
                }
                field(purchasingBlocked; Rec."Purchasing Blocked")
                {
                    Caption = 'purchasingBlocked', Locked = true;
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
