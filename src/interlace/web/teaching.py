"""What each page is about and what can be done there, for who opens it for the first time."""

from interlace.management.translatable import translatable

TIPS = {
    "/": translatable(
        "The home page tells whether both sides agree and what needs somebody. Each tile leads to the list behind "
        "its number; green means nothing to do."
    ),
    "/assisted-setup": translatable(
        "Assisted Setup lists what there is to set up, with what is left of each. A guide opens where it stopped; "
        "what is completed can be opened and changed at any time."
    ),
    "/setup": translatable(
        "Assisted Setup asks for what a connection needs, step by step. Each step looks first and does only what is "
        "missing, so you can leave and come back. The administrator's account is used once and kept nowhere."
    ),
    "/connections": translatable(
        "Each connection keeps one ERP company in step with one CRM organization, with mappings, jobs and errors of "
        "its own. The bar at the top, or Ctrl+O, leads to another one; every page stays with the one that is chosen."
    ),
    "/connection": translatable(
        "Connection Setup shows one pair of an ERP company and a CRM organization. Test Connection names everything "
        "that is missing; nothing is written until the connection is enabled."
    ),
    "/mappings": translatable(
        "A mapping says which ERP table meets which CRM table, in which direction, and who wins when both changed. "
        "Open one to change it; the next run works with what you saved."
    ),
    "/review": translatable(
        "The full synchronization goes through every mapping once, what others depend on first. Each status opens "
        "its log. You may leave the page: the work goes on, and Restart runs again what failed."
    ),
    "/jobs": translatable(
        "Every run of a mapping is a job, with the number of records that were created, changed, or failed. Open one "
        "to see its errors, or export the list."
    ),
    "/errors": translatable(
        "Records that can't be synchronized are grouped by their cause: one remedy helps all of them. What was "
        "corrected is tried again by itself; Retry does it at once."
    ),
    "/errors/skipped": translatable(
        "Each record that is not in step stands here with its reason, until it goes through. Choose Set Up Coupling "
        "to give it a partner, or Retry to try it again now. Tick several to do the same with all of them. Find for "
        "Deleted looks for coupled records that are gone; then restore them, or delete their partners, too."
    ),
    "/couplings": translatable(
        "A coupling says which ERP record belongs to which CRM record. Search by any part of a number or name, "
        "filter by column, save the view, or open it in Excel."
    ),
    "/queue": translatable(
        "Recurring jobs run by themselves at their interval. Put one on hold, run it now, or change how often it runs."
    ),
    "/verification": translatable(
        "Verification reads both sides anew and counts each record once: equal, left out by a rule, on the error list, "
        "different, or without partner. Only the last two need somebody."
    ),
    "/findings": translatable(
        "Each record that the last verification found different, without partner or double, and each field with both "
        "values. Filter and sort them, save the view, or open them in Excel."
    ),
    "/plans": translatable(
        "A plan reads both sides and notes every write that a synchronization would make, field by field. Applying it "
        "writes exactly that; a record that changed meanwhile is refused and named."
    ),
    "/journal": translatable(
        "Every write of Interlace, field by field, with what was there before. Its entries are chained: Verify tells "
        "whether one was changed afterwards."
    ),
    "/requests": translatable(
        "What was asked of both services and went wrong, each request with its run and record. Open one: plain words "
        "stand first, what was sent and answered on demand, without secrets and values of fields."
    ),
    "/conflicts": translatable(
        "When both sides changed the same field, or one side deleted a record, a person decides. You see both values "
        "and the one they agreed on last; only what you choose is written."
    ),
    "/orders": translatable(
        "Submitted CRM orders become ERP orders. What holds one is named with what to do; open an order to see both "
        "totals and its timeline."
    ),
    "/availability": translatable(
        "CRM users can see the ERP's stock on the order line. Publishing writes an address and a sign-in that reads "
        "the stock and nothing else into the CRM."
    ),
    "/halts": translatable(
        "An emptied table, or many changes at once, may be a mistake. The mapping then stops before it writes "
        "anything, until a person has looked and releases it."
    ),
    "/records": translatable(
        "Records as they are in the ERP or the CRM now, each with its partner. Choose some to synchronize, couple or "
        "uncouple them."
    ),
    "/users": translatable(
        "Users sign in with a password of their own; permission sets say what they may do. Disabling a user ends all "
        "of his sessions at once."
    ),
    "/tokens": translatable(
        "Access keys let programs use the management API, with no more permissions than the user has. A key is shown "
        "once; after that only its first characters are known."
    ),
    "/about": translatable(
        "Which version runs here, who you are signed in as, what you may do, and what each permission set allows."
    ),
    "/notifications": translatable(
        "Each message tells of one change, such as something that begins to hold records back, and again when it is "
        "good. Open it to get to where it is looked after; under What I Am Told you choose what you want to hear."
    ),
    "/account": translatable(
        "Your own name, language, time zone and password. Two-step sign-in asks for a code of your phone, too; the "
        "list at the end shows where you are signed in, and ends it."
    ),
    "/search": translatable(
        "Tell Me finds pages, actions and records by any part of their names, also by names that other products use "
        "for them."
    ),
    "/undo": translatable(
        "Undo shows what taking writes back would change, record by record, before anything is written. A value that "
        "somebody changed since then stays."
    ),
    "/journal/erase": translatable(
        "What has been erased is gone for everybody, from undo and search as well. The journal keeps the record's keys "
        "and the place of each entry, so it can still be verified."
    ),
    "/coupling": translatable(
        "Choose the record of the other side that is the same customer, item or person. Both are shown field by field "
        "before they are coupled, and you say which side's values count."
    ),
    "/audit": translatable(
        "Who signed in, changed a setting or decided something, when and from where. Entries can't be changed "
        "without being noticed."
    ),
    "/new-user": translatable(
        "You give a new user a first password; under Account the user chooses another one. Permission sets say what "
        "the user may do; several add up."
    ),
    "/unfinished": translatable(
        "Your session ended while you were typing. What you typed is kept until you send it or discard it; passwords "
        "are the exception and must be entered again."
    ),
    "/sign-in": translatable(
        "Sign in with the name and the password that an administrator gave you. After several wrong passwords each "
        "further try has to wait a little longer; nobody is locked out for good."
    ),
    "/sign-in/code": translatable(
        "Two-step sign-in asks for the code that your authenticator app shows now. If the phone is lost, one of your "
        "recovery codes does as well, once."
    ),
    "/sign-in/again": translatable(
        "What changes users, keys or the connection asks for your password again if you entered it a while ago: so "
        "nobody does it at a desk that you left."
    ),
    "/first-start": translatable(
        "The first administrator adds all other users afterwards. The link that led here works once, so nobody else "
        "can use it."
    ),
}
"""By the page's path; pages below take their parent's."""


def tip_of(path: str) -> str:
    """Return the tip of a page, or of the one above it; blank if there is none."""
    while path and path not in TIPS:
        path = path.rpartition("/")[0]
    return TIPS.get(path or "", "")
