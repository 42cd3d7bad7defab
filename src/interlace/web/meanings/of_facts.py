"""What facts on cards, figures and fields of forms mean."""

from collections.abc import Mapping
from typing import Final

from interlace.management.translatable import translatable

FACTS: Final[Mapping[str, str]] = {
    translatable("Active scheduled synchronization jobs"): translatable(
        "How many jobs run by themselves for this connection."
    ),
    translatable("Added"): translatable("When the user was added."),
    translatable("Added conditions"): translatable("Conditions of your own, on top of the mapping's filter."),
    translatable("Age"): translatable("How old the figure of the stock is."),
    translatable("Ambiguous"): translatable(
        "Records that several of the other side would fit; a person chooses."
    ),
    translatable("Applied by"): translatable("Who had the plan applied."),
    translatable("Began"): translatable("When it was started."),
    translatable("Compared"): translatable("Whether both records were compared since they belong together."),
    translatable("Coupled items"): translatable("How many items are coupled with a product."),
    translatable("Coupled already"): translatable("Records that were coupled before."),
    translatable("E-Mail Address"): translatable("Where e-mails go."),
    translatable("Ended"): translatable("When the work on the plan ended."),
    translatable("Field rows"): translatable("How many pairs of fields the mapping has."),
    translatable("ID"): translatable("What identifies the record in the CRM."),
    translatable("In stock"): translatable("What the ERP has in stock now."),
    translatable("Int. Tbl. Config Template"): translatable("Values that new CRM records begin with."),
    translatable("Table Config Template"): translatable("Values that new ERP records begin with."),
    translatable("Integration Table Filter of the mapping"): translatable(
        "Which CRM records the mapping takes, as it was delivered."
    ),
    translatable("Table Filter of the mapping"): translatable(
        "Which ERP records the mapping takes, as it was delivered."
    ),
    translatable("Item No."): translatable("The number of the item in the ERP."),
    translatable("Items that differ"): translatable("Items whose published stock is not that of the ERP."),
    translatable("Language"): translatable("The language of pages and messages."),
    translatable("Left out by the filter"): translatable("Records that the mapping's filter leaves out."),
    translatable("Local currency"): translatable("The currency in which the company keeps its books."),
    translatable("Management API"): translatable("Where programs read what the API offers."),
    translatable("Needed by"): translatable("Mappings that run after this one."),
    translatable("Runs after"): translatable("Mappings that must have run before this one."),
    translatable("No match"): translatable("Records that no record of the other side fits."),
    translatable("Organization"): translatable("What identifies the CRM's organization."),
    translatable("Ownership"): translatable("Who owns the records that Interlace makes in the CRM."),
    translatable("Posted Invoices"): translatable("The numbers of the order's posted invoices."),
    translatable("Product"): translatable("The product of the CRM."),
    translatable("Projected"): translatable("The stock once all open documents are through."),
    translatable("Signed In Last"): translatable("When the user signed in last."),
    translatable("Signed in as"): translatable("The user who looks at this page."),
    translatable("Source"): translatable("Where the figure comes from."),
    translatable("Synchronized last"): translatable("When the mapping ran last."),
    translatable("Tax"): translatable("The tax of the whole order."),
    translatable("Technical name"): translatable("What the API and exports call the action."),
    translatable("The sign-in ends"): translatable("When the sign-in that reads the stock ends."),
    translatable("Time Zone"): translatable("The zone in which times are shown to you."),
    translatable("Total"): translatable("The whole amount, with tax."),
    translatable("Without tax"): translatable("The whole amount before tax."),
    translatable("Two-Step Sign-In"): translatable("Whether a code of the phone is asked for, too."),
    translatable("Uncoupled in the CRM"): translatable("CRM records that are not coupled yet."),
    translatable("Would be coupled"): translatable("Records that a run would couple."),
    translatable("User"): translatable("The user, by the name used to sign in."),
    translatable("Version"): translatable("Which version of Interlace runs here."),
    translatable("You may"): translatable("What your permission sets let you do."),
    translatable("Orders under way"): translatable("CRM orders that have not come to their end."),
    translatable("Address of the ERP's web client"): translatable(
        "Where people open the ERP; blank: no links to it."
    ),
    translatable("Always decide these fields so in this mapping"): translatable(
        "The same choice settles these fields in this mapping from now on."
    ),
    translatable("Bidirectional Synch of Sales Orders"): translatable(
        "Orders are kept in step both ways, line by line: sales orders of either side."
    ),
    translatable("Create new in the CRM in case of no match"): translatable(
        "Records without a match get a new partner in the CRM."
    ),
    translatable("For everybody"): translatable("Everybody who may see the list gets the view."),
    translatable("Full Name"): translatable("What the user is called on pages."),
    translatable("Hold orders above the credit limit"): translatable(
        "Such orders wait until the limit allows them."
    ),
    translatable("Hold orders whose owner is no salesperson"): translatable(
        "Such orders wait until their owner is coupled with a salesperson."
    ),
    translatable("Name of the view"): translatable("What the view is called in the list of views."),
    translatable("Old Password"): translatable("The password that holds now."),
    translatable("Only for new records"): translatable("Later changes of the field are left alone."),
    translatable("Sales Order Integration Enabled"): translatable(
        "Submitted CRM orders become ERP orders by themselves: sales orders."
    ),
    translatable("Takes part in this connection"): translatable(
        "Whether the mapping runs for this connection."
    ),
    translatable("The order's discount becomes a payment discount, too"): translatable(
        "The ERP gives the order's discount again when it is paid in time."
    ),
    translatable("Transformation"): translatable("How the value is changed on its way."),
    translatable("Type the name of the connection"): translatable(
        "Shows that this connection is meant, and no other."
    ),
    translatable("Web service access key"): translatable(
        "The key with which the ERP lets that user in: its web service access key."
    ),
    translatable("What It Is For"): translatable("Tells later which program uses the key."),
    translatable("Code of Your App"): translatable("The six digits that the app shows now."),
    translatable("User Name"): translatable("The name used to sign in."),
    translatable("CRM Version"): translatable("What the CRM says of itself."),
    translatable("Web API Version"): translatable(
        "The version of the Web API that Interlace speaks with the CRM."
    ),
    translatable("Integration Solution Imported"): translatable("The solution's version in the CRM."),
    translatable("Version That This Interlace Brings"): translatable(
        "The solution's version that comes with this Interlace."
    ),
    translatable("Integration User"): translatable("The account that Interlace works with in the CRM."),
    translatable("Roles"): translatable("Whether the account has the solution's roles."),
    translatable("CRM users see the ERP's stock"): translatable(
        "Whether the stock is published for the order lines of the CRM."
    ),
    translatable("Sign-in of CRM users"): translatable("Whose sign-in reads the stock for CRM users."),
    translatable("ERP changes are read from"): translatable(
        "When the last job began that read the ERP; the next one reads what changed since."
    ),
    translatable("CRM changes are read from"): translatable(
        "When the last job began that read the CRM; the next one reads what changed since."
    ),
}
"""By the English caption."""
