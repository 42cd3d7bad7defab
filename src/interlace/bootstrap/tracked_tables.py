"""Which CRM tables a connection reads the changes of, and which of them the CRM does not track."""

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.ends import Ends
from interlace.connectors.dataverse.tracking import ChangeTracking


def tables_to_track(application: Application, connection: Connection) -> tuple[str, ...]:
    """Return the CRM tables of the mappings that take part; choices have no changes to track."""
    mappings = application.mappings(connection)
    taking_part = (mappings[name] for name in application.taking_part(connection))
    return tuple(dict.fromkeys(each.integration_table for each in taking_part if each.choice_column is None))


async def untracked_tables(application: Application, connection: Connection, ends: Ends) -> tuple[str, ...]:
    """Ask the CRM which of those tables it does not track the changes of although it could."""
    tracking = ChangeTracking(ends.administration)
    return await tracking.untracked(tables_to_track(application, connection))
