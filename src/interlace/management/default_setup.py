"""Use Default Synchronization Setup: what it takes back is shown first, mapping by mapping."""

from interlace.management.connections import ConnectionChanged, OneConnection
from interlace.management.mapping_answers import SettingChange
from interlace.management.operation import Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable


class MappingDefaults(Answer, frozen=True, kw_only=True):
    """What the default setup takes back in one mapping, and in its job."""

    mapping: str
    changes: tuple[SettingChange, ...]


class DefaultSetup(Answer, frozen=True, kw_only=True):
    """Everything that is not the default."""

    mappings: tuple[MappingDefaults, ...]
    seen: str
    """Stands for what is shown."""


class UseDefaults(OfConnection, frozen=True, kw_only=True):
    """Asks to take back what was changed in these mappings and their jobs."""

    mappings: tuple[str, ...] = ()
    seen: str = ""
    """Refused when something else was changed meanwhile; blank: that is not looked at."""


DEFAULTS = Operation(
    name="connections.defaults",
    asked=OneConnection,
    answer=DefaultSetup,
    permission=Permission.READ,
    caption=translatable("Use Default Synchronization Setup"),
    tooltip=translatable("Show what the default setup takes back in mappings and their jobs."),
    command="connection use-defaults",
)
USE_DEFAULTS = Operation(
    name="connections.use_defaults",
    asked=UseDefaults,
    answer=ConnectionChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Use Default Synchronization Setup"),
    tooltip=translatable("Take back what was changed in the chosen mappings and their jobs."),
    effect=Effect.WRITES,
    command="connection use-defaults",
)

OPERATIONS = (DEFAULTS, USE_DEFAULTS)
