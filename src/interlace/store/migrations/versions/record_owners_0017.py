"""Notifications go to who is responsible for a record: whose a document is, who was told, and who wants others' too.

Choices that were made before go on telling of everything: they were made when there was nothing else. Documents get
their owner at the next look of a run; until then they are nobody's, and are told to everybody as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_ADDED = (("document", "owner", "''"), ("notification_state", "owners", "'[]'"))
_CHOICE = ("notification_choice", "of_others", "'[]'")


def upgrade() -> None:
    """Add the columns."""
    for table, column, given in (*_ADDED, _CHOICE):
        added = sa.Column(column, sa.Text(), nullable=False, server_default=sa.text(given))
        op.add_column(table, added)
    choice = sa.table("notification_choice", sa.column("of_others", sa.Text))
    op.execute(sa.update(choice).values(of_others='["conflict","order"]'))


def downgrade() -> None:
    """Take them away again."""
    for table, column, _ in (*_ADDED, _CHOICE):
        op.drop_column(table, column)
