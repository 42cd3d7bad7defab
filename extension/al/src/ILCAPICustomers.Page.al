// /api/interlace/sync/v1.0/companies(id)/customers: customers with the stamp of their last change.
page 50110 "ILC API Customers"
{
    APIGroup = 'sync';
    APIPublisher = 'interlace';
    APIVersion = 'v1.0';
    Caption = 'customers', Locked = true;
    DelayedInsert = true;
    EntityName = 'customer';
    EntitySetName = 'customers';
    Extensible = false;
    ODataKeyFields = SystemId;
    PageType = API;
    SourceTable = Customer;

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
                field(name; Rec.Name)
                {
                    Caption = 'name', Locked = true;
                }
                field(name2; Rec."Name 2")
                {
                    Caption = 'name2', Locked = true;
                }
                field(searchName; Rec."Search Name")
                {
                    Caption = 'searchName', Locked = true;
                }
                field(contactType; Rec."Contact Type")
                {
                    Caption = 'contactType', Locked = true;
                }
                field(creditLimitLcy; Rec."Credit Limit (LCY)")
                {
                    Caption = 'creditLimitLcy', Locked = true;
                }
                field(blocked; Rec.Blocked)
                {
                    Caption = 'blocked', Locked = true;
                }
                field(privacyBlocked; Rec."Privacy Blocked")
                {
                    Caption = 'privacyBlocked', Locked = true;
                }
                field(salespersonCode; Rec."Salesperson Code")
                {
                    Caption = 'salespersonCode', Locked = true;
                }
                field(responsibilityCenter; Rec."Responsibility Center")
                {
                    Caption = 'responsibilityCenter', Locked = true;
                }
                field(address; Rec.Address)
                {
                    Caption = 'address', Locked = true;
                }
                field(address2; Rec."Address 2")
                {
                    Caption = 'address2', Locked = true;
                }
                field(countryRegionCode; Rec."Country/Region Code")
                {
                    Caption = 'countryRegionCode', Locked = true;
                }
                field(city; Rec.City)
                {
                    Caption = 'city', Locked = true;
                }
                field(county; Rec.County)
                {
                    Caption = 'county', Locked = true;
                }
                field(postCode; Rec."Post Code")
                {
                    Caption = 'postCode', Locked = true;
                }
                field(phoneNo; Rec."Phone No.")
                {
                    Caption = 'phoneNo', Locked = true;
                }
                field(mobilePhoneNo; Rec."Mobile Phone No.")
                {
                    Caption = 'mobilePhoneNo', Locked = true;
                }
                field(eMail; Rec."E-Mail")
                {
                    Caption = 'eMail', Locked = true;
                }
                field(faxNo; Rec."Fax No.")
                {
                    Caption = 'faxNo', Locked = true;
                }
                field(homePage; Rec."Home Page")
                {
                    Caption = 'homePage', Locked = true;
                }
                field(languageCode; Rec."Language Code")
                {
                    Caption = 'languageCode', Locked = true;
                }
                field(territoryCode; Rec."Territory Code")
                {
                    Caption = 'territoryCode', Locked = true;
                }
                field(primaryContactNo; Rec."Primary Contact No.")
                {
                    Caption = 'primaryContactNo', Locked = true;
                }
                field(contact; Rec.Contact)
                {
                    Caption = 'contact', Locked = true;
                }
                field(billToCustomerNo; Rec."Bill-to Customer No.")
                {
                    Caption = 'billToCustomerNo', Locked = true;
                }
                field(vatRegistrationNo; Rec."VAT Registration No.")
                {
                    Caption = 'vatRegistrationNo', Locked = true;
                }
                field(gln; Rec.GLN)
                {
                    Caption = 'gln', Locked = true;
                }
                field(taxLiable; Rec."Tax Liable")
                {
                    Caption = 'taxLiable', Locked = true;
                }
                field(taxAreaCode; Rec."Tax Area Code")
                {
                    Caption = 'taxAreaCode', Locked = true;
                }
                field(genBusPostingGroup; Rec."Gen. Bus. Posting Group")
                {
                    Caption = 'genBusPostingGroup', Locked = true;
                }
                field(vatBusPostingGroup; Rec."VAT Bus. Posting Group")
                {
                    Caption = 'vatBusPostingGroup', Locked = true;
                }
                field(customerPostingGroup; Rec."Customer Posting Group")
                {
                    Caption = 'customerPostingGroup', Locked = true;
                }
                field(currencyCode; Rec."Currency Code")
                {
                    Caption = 'currencyCode', Locked = true;
                }
                field(customerPriceGroup; Rec."Customer Price Group")
                {
                    Caption = 'customerPriceGroup', Locked = true;
                }
                field(customerDiscGroup; Rec."Customer Disc. Group")
                {
                    Caption = 'customerDiscGroup', Locked = true;
                }
                field(allowLineDisc; Rec."Allow Line Disc.")
                {
                    Caption = 'allowLineDisc', Locked = true;
                }
                field(invoiceDiscCode; Rec."Invoice Disc. Code")
                {
                    Caption = 'invoiceDiscCode', Locked = true;
                }
                field(pricesIncludingVat; Rec."Prices Including VAT")
                {
                    Caption = 'pricesIncludingVat', Locked = true;
                }
                field(paymentTermsCode; Rec."Payment Terms Code")
                {
                    Caption = 'paymentTermsCode', Locked = true;
                }
                field(paymentMethodCode; Rec."Payment Method Code")
                {
                    Caption = 'paymentMethodCode', Locked = true;
                }
                field(reminderTermsCode; Rec."Reminder Terms Code")
                {
                    Caption = 'reminderTermsCode', Locked = true;
                }
                field(shipToCode; Rec."Ship-to Code")
                {
                    Caption = 'shipToCode', Locked = true;
                }
                field(locationCode; Rec."Location Code")
                {
                    Caption = 'locationCode', Locked = true;
                }
                field(combineShipments; Rec."Combine Shipments")
                {
                    Caption = 'combineShipments', Locked = true;
                }
                field(shippingAdvice; Rec."Shipping Advice")
                {
                    Caption = 'shippingAdvice', Locked = true;
                }
                field(shipmentMethodCode; Rec."Shipment Method Code")
                {
                    Caption = 'shipmentMethodCode', Locked = true;
                }
                field(shippingAgentCode; Rec."Shipping Agent Code")
                {
                    Caption = 'shippingAgentCode', Locked = true;
                }
                field(shippingAgentServiceCode; Rec."Shipping Agent Service Code")
                {
                    Caption = 'shippingAgentServiceCode', Locked = true;
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
