"""The areas that need the accounts: users, access keys, audit log, one's own account and notifications."""

from interlace.bootstrap.accounts import StoredAccounts
from interlace.bootstrap.desk.account import add_account
from interlace.bootstrap.desk.audit import add_audit
from interlace.bootstrap.desk.notifications import add_notifications
from interlace.bootstrap.desk.tokens import add_tokens
from interlace.bootstrap.desk.users import add_users
from interlace.management.desk import Works


def add_account_areas(works: Works, accounts: StoredAccounts) -> None:
    """Let their operations be carried out."""
    add_users(works, accounts)
    add_tokens(works, accounts)
    add_audit(works, accounts)
    add_account(works, accounts)
    add_notifications(works, accounts)
