"""Names of queues, workflows and runs: they stand in stored rows, so they don't change."""

COORDINATORS = "coord"
"""Queue of the runs that only wait for others; never the queue of those, or they would starve them."""
TABLES = "tables"
"""Queue of the work on single mappings."""

FULL_SYNCH = "full_synch"
SYNCH_RUN = "synch_run"
SYNCH_MAPPING = "synch_mapping"
THAW = "thaw"
RECURRING = "recurring_synch"
RETENTION = "retention"

PRIORITY_NOW = 1
PRIORITY_RECURRING = 5
PRIORITY_FULL = 10


def full_synch_id(run_id: str, attempt: int) -> str:
    """Name an attempt at a full synchronization."""
    return f"{run_id}#{attempt}"


def deduplication_id(connection_id: str, mapping: str) -> str:
    """Name what may run only once at a time."""
    return f"{connection_id}:{mapping}"


def recurring_id(connection_id: str, mapping: str) -> str:
    """Name the schedule of a mapping."""
    return f"synch:{connection_id}:{mapping}"
