"""Explains a record in every mapping of its table: as a run of this moment would find it, without writing."""

from collections.abc import Sequence
from dataclasses import dataclass

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.planning import Planning
from interlace.domain.keys import MappingName
from interlace.engine.explain import MappingExplanation, RecordPlace, explain, find_record
from interlace.engine.run_setup import RunSetup
from interlace.engine.service import ServiceMismatch
from interlace.store.journal import JournalledWrite


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordExplanation:
    """What one mapping makes of a record, and what was written to the pair last."""

    explanation: MappingExplanation
    journal: tuple[JournalledWrite, ...]
    """Newest first."""


async def explain_record(
    application: Application, connection: Connection, text: str, names: Sequence[MappingName]
) -> list[RecordExplanation]:
    """Explain every record of these mappings that has this key or caption."""
    found: list[RecordExplanation] = []
    async with application.ends(connection) as ends:
        planning = Planning(application=application, connection=connection, ends=ends)
        for name in names:
            run = planning.setup(name)
            for place in await _places(ends, run, text):
                explanation = await ends.run(explain(run, place))
                if any(_is_same_pair(each.explanation, explanation) for each in found):
                    continue
                newest = application.state.queries.last_writes(connection.id, name, place.key)
                found.append(RecordExplanation(explanation=explanation, journal=tuple(newest)))
    return found


def _is_same_pair(one: MappingExplanation, other: MappingExplanation) -> bool:
    """Tell whether two explanations are of one pair, found on either side."""
    return (one.mapping, one.erp_key, one.crm_key) == (other.mapping, other.erp_key, other.crm_key)


async def _places(ends: Ends, run: RunSetup, text: str) -> list[RecordPlace]:
    try:
        places = await ends.run(find_record(run, text))
    except ServiceMismatch:
        # The text can't be a key of this table: then it names none of its records.
        return []
    return list(dict.fromkeys(places))
