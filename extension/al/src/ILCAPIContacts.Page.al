// /api/interlace/sync/v1.0/companies(id)/contacts: contacts with the stamp of their last change.
page 50111 "ILC API Contacts"
{
    APIGroup = 'sync';
    APIPublisher = 'interlace';
    APIVersion = 'v1.0';
    Caption = 'contacts', Locked = true;
    DelayedInsert = true;
    EntityName = 'contact';
    EntitySetName = 'contacts';
    Extensible = false;
    ODataKeyFields = SystemId;
    PageType = API;
    SourceTable = Contact;

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
                field(type; Rec.Type)
                {
                    Caption = 'type', Locked = true;
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
                field(firstName; Rec."First Name")
                {
                    Caption = 'firstName', Locked = true;
                }
                field(middleName; Rec."Middle Name")
                {
                    Caption = 'middleName', Locked = true;
                }
                field(surname; Rec.Surname)
                {
                    Caption = 'surname', Locked = true;
                }
                field(companyNo; Rec."Company No.")
                {
                    Caption = 'companyNo', Locked = true;
                }
                field(companyName; Rec."Company Name")
                {
                    Caption = 'companyName', Locked = true;
                }
                field(jobTitle; Rec."Job Title")
                {
                    Caption = 'jobTitle', Locked = true;
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
                field(pager; Rec.Pager)
                {
                    Caption = 'pager', Locked = true;
                }
                field(salespersonCode; Rec."Salesperson Code")
                {
                    Caption = 'salespersonCode', Locked = true;
                }
                field(currencyCode; Rec."Currency Code")
                {
                    Caption = 'currencyCode', Locked = true;
                }
                field(languageCode; Rec."Language Code")
                {
                    Caption = 'languageCode', Locked = true;
                }
                field(territoryCode; Rec."Territory Code")
                {
                    Caption = 'territoryCode', Locked = true;
                }
                field(vatRegistrationNo; Rec."VAT Registration No.")
                {
                    Caption = 'vatRegistrationNo', Locked = true;
                }
                field(privacyBlocked; Rec."Privacy Blocked")
                {
                    Caption = 'privacyBlocked', Locked = true;
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
