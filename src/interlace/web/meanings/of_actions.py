"""What buttons and links do."""

from collections.abc import Mapping
from typing import Final

from interlace.management.translatable import translatable

ACTIONS: Final[Mapping[str, str]] = {
    translatable("Add Value"): translatable("Begin new records with one more value."),
    translatable("Continue"): translatable("Go on where it stopped."),
    translatable("Open Guide"): translatable("Open its page, to look at it or to change it."),
    translatable("Access Keys"): translatable(
        "See the keys by which programs use Interlace for a user. Access keys end or are withdrawn there."
    ),
    translatable("Add Criterion"): translatable("Add a field by which records are compared."),
    translatable("Add Condition"): translatable("Add a condition that a record must meet to take part."),
    translatable("All Jobs of the Mapping"): translatable(
        "List every job of the mapping, not only those of this record."
    ),
    translatable("Apply"): translatable("Show only what meets these filters."),
    translatable("Assisted Setup"): translatable("Let the connection be set up or corrected step by step."),
    translatable("Audit Log"): translatable("See who did what in Interlace, when, and from where."),
    translatable("Back"): translatable("Go back without changing anything."),
    translatable("CSV"): translatable("Save the list, as it is filtered, as a text file with commas."),
    translatable("Cancel"): translatable("Leave without saving."),
    translatable("Causes of Errors"): translatable("See what holds records back, and what helps."),
    translatable("Change"): translatable("Change what stands here."),
    translatable("Change Filter"): translatable("Change which records take part."),
    translatable("Change Password"): translatable("Put the new password in place; other sessions end."),
    translatable("Change Web Service Key"): translatable(
        "Make a new key for programs; it takes the place of the newest one."
    ),
    translatable("Check"): translatable("Look for what is wrong, without changing anything."),
    translatable("Choose"): translatable("Choose this record as the partner."),
    translatable("Choose Another"): translatable("Go back to the list and choose another record."),
    translatable("Compare"): translatable("Show what an import would change; nothing is changed yet."),
    translatable("Conflicts"): translatable("Decide records that both sides changed."),
    translatable("Connection Setup"): translatable("See and change how the ERP and the CRM are connected."),
    translatable("All Fields"): translatable("Show also the fields that stay as they are."),
    translatable("Correct it"): translatable("Go to the field that is wrong."),
    translatable("Count Records"): translatable("Count how many records the conditions let take part."),
    translatable("Couple"): translatable("Couple both records from now on."),
    translatable("Couple Salespeople"): translatable("Say which CRM user is which salesperson."),
    translatable("Coupled Data Synchronization Errors"): translatable(
        "See each record that is not in step, with its reason."
    ),
    translatable("Couplings"): translatable(
        "See which ERP record belongs to which CRM record: how many couplings there are."
    ),
    translatable("Decide"): translatable("Say which side is right; only what you chose is written."),
    translatable("Decide later"): translatable("Go back to the list; nothing is decided."),
    translatable("Discard"): translatable("Throw away what was typed."),
    translatable("Dry Run"): translatable("Show what these criteria would couple; nothing is written."),
    translatable("Export"): translatable("Save all entries as a file."),
    translatable("Export and Import Settings"): translatable(
        "Take what was changed in mappings to a file, or from one."
    ),
    translatable("Fields"): translatable("Which fields of both sides meet."),
    translatable("Filter"): translatable("Show only entries that meet what was entered."),
    translatable("First"): translatable("Go to the beginning of the list."),
    translatable("Full Synch. Review"): translatable(
        "Start the first complete synchronization, and watch it."
    ),
    translatable("Go On"): translatable("Look through further records."),
    translatable("Home"): translatable("Go to the home page."),
    translatable("Only Fields That Change"): translatable("Leave out the fields that stay as they are."),
    translatable("Requests"): translatable("Show what was asked of the services for it and went wrong."),
    translatable("Requests of the Run"): translatable(
        "Show what else the run asked of the services and went wrong."
    ),
    translatable("Show as List"): translatable("Show a row for each record, with columns that are sorted."),
    translatable("Show as Tiles"): translatable(
        "Show a tile for each record, with its values below each other."
    ),
    translatable("Import Settings"): translatable("Put the text's settings into effect."),
    translatable("Integration Synchronization Jobs"): translatable(
        "See what ran, and what became of the records: every job."
    ),
    translatable("Integration Table Mapping"): translatable(
        "See how this table meets its partner: the mapping."
    ),
    translatable("Integration Table Mappings"): translatable("See which tables meet, and how: all mappings."),
    translatable("Item Availability"): translatable(
        "See how the stock of items reaches CRM users: item availability."
    ),
    translatable("Items"): translatable("See all items with their products."),
    translatable("Job Log"): translatable("See the jobs of this mapping."),
    translatable("Job Queue Entries"): translatable(
        "See what runs by itself, and when: the job queue entries."
    ),
    translatable("Journal"): translatable("See what was written, field by field: the journal."),
    translatable("Look up"): translatable("Ask the ERP for the stock of this moment."),
    translatable("Make Key"): translatable("Make the key; it is shown this once."),
    translatable("Match-Based Coupling"): translatable(
        "Say by which fields records are coupled on their own."
    ),
    translatable("My Account"): translatable("Go to your own settings."),
    translatable("New Access Key"): translatable("Make an access key for a program."),
    translatable("New Key and Recovery Codes"): translatable(
        "Set up another phone; the old key and codes end."
    ),
    translatable("New User"): translatable("Add somebody who may sign in."),
    translatable("Next"): translatable("Go on to what follows."),
    translatable("Open an example"): translatable("See one of the records that the cause holds back."),
    translatable("Open in CRM"): translatable("Open the record in the CRM, in a window of its own."),
    translatable("Open in ERP"): translatable("Open the record in the ERP, in a window of its own."),
    translatable("Open in Excel"): translatable("Save the list, as it is filtered, as a workbook."),
    translatable("Findings"): translatable("See each record and field that the last verification found."),
    translatable("Plans"): translatable("See which plans were made, and what became of them."),
    translatable("Previous"): translatable("Go back to what came before."),
    translatable("Publish"): translatable("Write the address and the sign-in into the CRM."),
    translatable("Refresh"): translatable("Look again how far it is."),
    translatable("Show Record"): translatable(
        "Show the record with its partner, and what can be done with it."
    ),
    translatable("Remove"): translatable("Take this away."),
    translatable("Replace"): translatable("Make another key in place of this one."),
    translatable("Reset filters"): translatable("Show the whole list again."),
    translatable("Usual columns"): translatable("Show the columns that the list begins with."),
    translatable("Sales Orders"): translatable("See where each sales order is."),
    translatable("Save"): translatable("Keep what was entered."),
    translatable("Search"): translatable("Show only what has this text in it."),
    translatable("Send Now"): translatable("Send what was typed before the session ended."),
    translatable("Set Password"): translatable("Give the user a new password; his sessions end."),
    translatable("Set Up Coupling"): translatable(
        "Choose the partner, with both records side by side, and couple them."
    ),
    translatable("Set Up Two-Step Sign-In"): translatable("Let a code of your phone be asked for, too."),
    translatable("Show all"): translatable("Show everything again, without the search."),
    translatable("Show records"): translatable("List the records that the cause holds back."),
    translatable("Show the Key"): translatable("Show the key for the app; the next page asks for its code."),
    translatable("Skipped Synch. Records"): translatable(
        "See the records that are left out until somebody helps: the skipped ones."
    ),
    translatable("Synchronization Log"): translatable(
        "See the jobs that the record was in, and what became of it."
    ),
    translatable("Take all from the CRM"): translatable("Choose the CRM's value for every field."),
    translatable("Take all from the ERP"): translatable("Choose the ERP's value for every field."),
    translatable("Test Connection"): translatable("Try both services, and name everything that is missing."),
    translatable("Try"): translatable("Show what would be written for this record; nothing is."),
    translatable("Try Again"): translatable("Ask the service again."),
    translatable("Try with a Record"): translatable("See what the rows would write for one record."),
    translatable("Undo"): translatable("See what taking this back would change; nothing is written yet."),
    translatable("New Table Mapping"): translatable("Let one more table of the ERP meet a table of the CRM."),
    translatable("Delete Table Mapping"): translatable("See what goes with the mapping, then delete it."),
    translatable("Use Default"): translatable("See what the defaults would change, and go back to them."),
    translatable("Users"): translatable("See who may sign in, and what each may do."),
    translatable("Verify"): translatable("Reckon through the chain whether an entry was changed afterwards."),
    translatable("Show What This Way Asks"): translatable("Show the fields that this way to sign in needs."),
    translatable("Begin Set-up"): translatable("Make the connection, and go on with Assisted Setup."),
    translatable("New Connection"): translatable("Connect another ERP company with a CRM organization."),
    translatable("Rename"): translatable("Give it another name."),
    translatable("What I Am Told"): translatable(
        "Choose which changes you are told of, for which mappings, and how."
    ),
}
"""By the English caption."""
