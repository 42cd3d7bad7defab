"""What a connection needs now and then beside its mappings: recurring work of the job queue like theirs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.availability import ItemAvailability
from interlace.bootstrap.connection_settings import ConnectionSettings
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.webhooks import keep_subscriptions
from interlace.domain.keys import MappingName
from interlace.locale.translatable import translatable
from interlace.settings import Config

AVAILABILITY_TOKEN: Final = MappingName("AVAILABILITY TOKEN")
NOTICES: Final = MappingName("NOTICES OF CHANGES")
CHORES: Final[Mapping[MappingName, int]] = {AVAILABILITY_TOKEN: 1440, NOTICES: 360}
"""Minutes between the runs of each: tokens live for months, subscriptions for three days."""
CAPTIONS: Final[Mapping[MappingName, str]] = {
    AVAILABILITY_TOKEN: translatable("Renew the item availability token"),
    NOTICES: translatable("Keep the subscriptions to notices of changes"),
}


def is_wanted(chore: MappingName, settings: ConnectionSettings, config: Config) -> bool:
    """Tell whether a connection needs a chore."""
    if chore == AVAILABILITY_TOKEN:
        return bool(settings.feed_expires)
    return bool(config.webhook_address) and settings.has_erp_api


@dataclass(frozen=True, slots=True, kw_only=True)
class Chores:
    """The chores of one connection over ends that are open."""

    application: Application
    connection: Connection
    ends: Ends

    async def do(self, chore: MappingName) -> str:
        """Do a chore if it is due; gives what could not be done, in words for users."""
        now = datetime.now(UTC)
        if chore == AVAILABILITY_TOKEN:
            use = ItemAvailability(application=self.application, connection=self.connection, ends=self.ends)
            await use.renew_if_due(now)
            return ""
        return await keep_subscriptions(self.application, self.connection, self.ends, now)
