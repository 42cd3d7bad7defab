"""What is asked of both ends before anything is written to them: who they are, and what our accounts may do."""

from collections.abc import Iterable, Sequence

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.fingerprint import confirm_ends
from interlace.bootstrap.privileges import ask_privileges, require_privileges
from interlace.domain.keys import MappingName
from interlace.domain.plan import Operation
from interlace.domain.privilege import Access, Need
from interlace.domain.side import Side
from interlace.lead_to_cash.needed_privileges import Needs

_ACCESSES = {
    Operation.CREATE: Access.CREATE,
    Operation.CHANGE: Access.WRITE,
    Operation.DELETE: Access.DELETE,
}


async def require_may_write(
    application: Application,
    connection: Connection,
    ends: Ends,
    names: Sequence[MappingName],
    beside: Needs | None = None,
) -> None:
    """Refuse to write for mappings to other ends than the connection's, or without the privileges for it.

    `beside` are needs that the mappings have not by themselves. Raises NotAtHome, PrivilegesMissing, ConnectionProblem
    for a connection that is not enabled, and ServiceFailure when an end can't be asked.
    """
    await confirm_ends(connection.settings, ends)
    require_privileges(application, connection, await ask_privileges(ends), names, beside)


def needs_of_writes(writes: Iterable[tuple[MappingName, Side, str, Operation]]) -> Needs:
    """Return what planned writes need: an undo deletes and creates what its mapping by itself never would."""
    found: dict[Need, dict[str, None]] = {}
    for name, side, table, operation in writes:
        need = Need(side=side, table=table, access=_ACCESSES[operation])
        found.setdefault(need, {})[name] = None
    return {need: tuple(names) for need, names in found.items()}
