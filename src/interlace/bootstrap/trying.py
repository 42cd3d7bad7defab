"""Tries a mapping with one record, and counts who takes part: read from both services now, nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from time import monotonic

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.planning import Planning
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.domain.plan import PlannedAction
from interlace.domain.side import Side
from interlace.domain.table_filter import EVERYTHING, Condition, TableFilter
from interlace.engine.explain import RecordPlace, find_record
from interlace.engine.plan import Planner
from interlace.engine.run_setup import RunSetup
from interlace.engine.service import ServiceMismatch

COUNT_SECONDS = 8.0


@dataclass(slots=True, kw_only=True)
class Trial:
    """What a run over everything would do with one record, in the directions of its mapping."""

    place: RecordPlace | None = None
    """Where the record was found; None: nowhere."""
    actions: list[PlannedAction] = field(default_factory=list)
    message: str = ""


async def try_record(
    application: Application, connection: Connection, ends: Ends, name: MappingName, text: str
) -> Trial:
    """Plan a run over one record as if it were to be created where it has no partner."""
    planning = Planning(application=application, connection=connection, ends=ends)
    run = planning.setup(name, creates_new=True)
    try:
        places = await ends.run(find_record(run, text))
    except ServiceMismatch:
        # The text can't be a key of this table: then it names none of its records.
        places = []
    trial = Trial(place=places[0] if places else None)
    if trial.place is None:
        return trial
    planner = Planner(application.connection_store(connection), trial.actions.append)
    stage = await ends.run(planner.stage(run, 0, _chosen(run, trial.place)))
    trial.message = stage.message
    return trial


def _chosen(run: RunSetup, place: RecordPlace) -> dict[Direction, tuple[str, ...]]:
    coupling = run.couplings_by_key(place.side, [place.key]).get(place.key)
    keys: dict[Side, str] = {place.side: place.key}
    if coupling is not None:
        keys = {Side.ERP: coupling.erp_key, Side.CRM: coupling.crm_key}
    return {way: (keys[way.source_side],) for way in run.mapping.passes if way.source_side in keys}


@dataclass(slots=True, kw_only=True)
class Count:
    """How many records of a table take part."""

    total: int = 0
    taking_part: int = 0
    coupled_leaving: int = 0
    is_complete: bool = True


async def count_records(
    ends: Ends,
    run: RunSetup,
    default: IntegrationTableMapping,
    side: Side,
    conditions: Sequence[Condition],
    *,
    seconds: float = COUNT_SECONDS,
) -> Count:
    """Count the records that the default's filter and further conditions let take part."""
    given = default.table_filter if side is Side.ERP else default.integration_table_filter
    wanted = TableFilter(conditions=(*given.conditions, *conditions))
    view = run.view(side)
    fields = wanted.fields or view.fields[:1]
    view = replace(view, fields=fields, filter=EVERYTHING)
    service = ends.erp if side is Side.ERP else ends.crm
    count, until = Count(), monotonic() + seconds
    after: str | None = None
    while True:
        page = await service.read_page(view, after)
        leaving = []
        for record in page.records:
            values = dict(zip(fields, record.values(), strict=True))
            count.total += 1
            if wanted.first_failing(values.__getitem__) is None:
                count.taking_part += 1
            else:
                leaving.append(record.key)
        count.coupled_leaving += len(run.couplings_by_key(side, leaving))
        after = page.next
        if after is None:
            return count
        if monotonic() > until:
            count.is_complete = False
            return count
