"""What the pages of German NAV call the fields that Interlace reads and writes."""

from collections.abc import Mapping
from typing import Final

GERMAN: Final[Mapping[str, str]] = {
    name.strip(): caption.strip()
    for name, _, caption in (
        line.partition("=")
        for line in """\
No = Nr.
Name_2 = Name 2
Search_Name = Suchbegriff
Search_Description = Suchbegriff
Address = Adresse
Address_2 = Adresse 2
Post_Code = PLZ-Code
City = Ort
County = Bundesregion
Country_Region_Code = Länder-/Regionscode
Phone_No = Telefonnr.
Mobile_Phone_No = Mobiltelefonnr.
E_Mail = E-Mail
Fax_No = Faxnr.
Home_Page = Homepage
Contact = Kontakt
Primary_Contact_No = Primäre Kontaktnr.
Salesperson_Code = Verkäufercode
Currency_Code = Währungscode
Customer_Price_Group = Debitorenpreisgruppe
Payment_Terms_Code = Zlg.-Bedingungscode
Payment_Method_Code = Zahlungsformcode
Shipment_Method_Code = Lieferbedingungscode
Shipping_Agent_Code = Zustellercode
Credit_Limit_LCY = Kreditlimit (MW)
Balance_LCY = Saldo (MW)
Balance_Due_LCY = Fälliger Saldo (MW)
Blocked = Gesperrt
Type = Art
First_Name = Vorname
Middle_Name = Zweiter Vorname
Surname = Nachname
Company_No = Unternehmensnr.
Company_Name = Firmenname
Pager = Pager
Contact_No = Kontaktnr.
Link_to_Table = Verbindung mit Tabelle
Business_Relation_Code = Geschäftsbeziehungscode
Description = Beschreibung
Description_2 = Beschreibung 2
Unit_Price = VK-Preis
Unit_Cost = Einstandspreis
Unit_Volume = Volumen
Gross_Weight = Bruttogewicht
Net_Weight = Nettogewicht
Vendor_No = Kreditorennr.
Vendor_Item_No = Kred.-Artikelnr.
Inventory = Lagerbestand
Base_Unit_of_Measure = Basiseinheitencode
Capacity = Kapazität
Item_No = Artikelnr.
Qty_per_Unit_of_Measure = Menge pro Einheit
Unit_of_Measure_Code = Einheitencode
Variant_Code = Variantencode
Sales_Code = Verkaufscode
Sales_Type = Verkaufsart
Minimum_Quantity = Mindestmenge
Starting_Date = Startdatum
Ending_Date = Enddatum
Symbol = Symbol
Exchange_Rate_Amount = Wechselkursbetrag
Relational_Exch_Rate_Amount = Relativer Wechselkursbetrag
Relational_Currency_Code = Relativer Währungscode
LCY_Code = MW-Code
Line_Discount_Percent = Zeilenrabatt %
Last_Date_Modified = Korrigiert am
Manual_Nos = Manuelle Nr.
Customer_Nos = Debitorennr.
Contact_Nos = Kontaktnr.
Item_Nos = Artikelnr.
Resource_Nos = Ressourcennr.
""".splitlines()
    )
}
"""Captions by the field's own name; a field that is missing is called as in English."""
