"""Keeps mappings that share tables from taking each other's records, before both take part."""

from collections.abc import Collection, Mapping
from itertools import combinations

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.mapping_conditions import FILTER_OF
from interlace.bootstrap.own_mappings import own_mappings
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.domain.shared_tables import Overlap, overlap_of
from interlace.locale.translatable import translatable


class SharedTableProblem(ConnectionProblem):
    """Two mappings that would take the same records can't take part both; `setting` is what has to change."""

    setting = "takes_part"


def require_apart(
    application: Application,
    connection: Connection,
    changes: Mapping[str, Mapping[str, object]],
    taking_part: Collection[str],
    *,
    only: MappingName | None = None,
) -> None:
    """Raise SharedTableProblem if two mappings that are to take part, one of them a user's own, may share a record.

    `only`: look at the pairs of this mapping.
    """
    own = {each.name for each in own_mappings(connection.settings)}
    if not own & {*taking_part}:
        return
    mappings = [
        each for name, each in application.mappings_with(connection, changes).items() if name in taking_part
    ]
    for one, other in combinations(mappings, 2):
        names = {one.name, other.name}
        if own & names and (only is None or only in names):
            found = overlap_of(one, other)
            if found is not None:
                raise SharedTableProblem(_told(one, other, found))


def with_part(
    application: Application, connection: Connection, name: MappingName, *, takes_part: bool | None
) -> set[str]:
    """Return the names of the mappings that take part, once this one does or does not; None: as it is."""
    names: set[str] = {*application.taking_part(connection)}
    if takes_part is None:
        return names
    return names | {name} if takes_part else names - {name}


def _told(one: IntegrationTableMapping, other: IntegrationTableMapping, found: Overlap) -> str:
    if found.writer is None:
        return translatable(
            "{one} and {other} join the same tables, and one record may be in both. Give both a {filter} that no "
            "record meets twice, such as a field that equals one value here and another one there, before both take "
            "part.",
            one=one.name,
            other=other.name,
            filter=FILTER_OF[found.side],
        )
    reader = other if found.writer is one else one
    return translatable(
        "{reader} reads {table}, into which {writer} writes, and would take those records to the ERP. Let {writer} "
        "write a constant value into a column, and give {reader} an integration_table_filter that keeps this value "
        "out, before both take part.",
        reader=reader.name,
        table=reader.integration_table,
        writer=found.writer.name,
    )
