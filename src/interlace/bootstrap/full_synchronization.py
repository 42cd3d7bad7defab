"""The first complete synchronization as a use case: plan it, start or restart it, follow it to its end."""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from uuid import uuid4

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.fingerprint import require_home
from interlace.bootstrap.job_place import JobPlace, working
from interlace.bootstrap.orders import SAGAS
from interlace.bootstrap.paused_full_synch import close_entries, is_paused
from interlace.bootstrap.service_limits import allowances
from interlace.connectors.business_central.service import BusinessCentralSettings
from interlace.connectors.dataverse.service import DataverseSettings
from interlace.domain.forecast import (
    CallSizes,
    MappingCounts,
    MappingForecast,
    ServicePace,
    forecast_mapping,
    total_of,
)
from interlace.domain.full_synch_review import (
    FullSynchReview,
    InitialSynchRecommendation,
    ReviewLine,
    is_over,
)
from interlace.domain.initial_synch import recommend
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.locale.translatable import translatable

_LOOK_AGAIN_SECONDS = 0.25
_TIMED_COUNTS = 3
_ERP, _CRM = BusinessCentralSettings(company=""), DataverseSettings()
_SIZES = {
    Side.ERP: CallSizes(page=_ERP.page_size, batch=_ERP.batch_size),
    Side.CRM: CallSizes(page=_CRM.page_size, batch=_CRM.batch_size),
}

Watch = Callable[[FullSynchReview], None]
"""Called with the review as it stands, several times a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FullSynchronization:
    """Full synchronizations of one Interlace."""

    application: Application

    def latest(self, connection: Connection) -> FullSynchReview | None:
        """Return the newest review of a connection."""
        return self.application.state.reviews.latest(connection.id)

    def unfinished(self, connection: Connection) -> FullSynchReview | None:
        """Return the newest review if it was started and is not over."""
        review = self.latest(connection)
        if review is None or is_over(review.lines):
            return None
        return review

    def paused(self, connection: Connection) -> FullSynchReview | None:
        """Return the newest review if a person has paused it."""
        review = self.latest(connection)
        return review if review is not None and is_paused(review.lines) else None

    def plan(self, connection: Connection, recommend_full: Collection[MappingName] = ()) -> FullSynchReview:
        """Make a new review with a line for every mapping; raises ConnectionProblem if it is not enabled.

        Mappings in `recommend_full` create what is missing although both sides are filled already.
        """
        require_home(connection.settings, self.application.config)
        lines = asyncio.run(self.recommended_lines(connection, recommend_full))
        return self.application.state.reviews.create(str(uuid4()), connection.id, lines)

    async def recommended_lines(
        self,
        connection: Connection,
        recommend_full: Collection[MappingName] = (),
        counted: dict[MappingName, tuple[int, int]] | None = None,
    ) -> list[ReviewLine]:
        """Count both sides and say what becomes of each mapping; nothing is kept but the counts in `counted`."""
        known = self.application.mappings(connection)
        mappings = {name: known[name] for name in self.application.known_mappings(connection, ())}
        counts = await self._count(connection, list(mappings))
        if counted is not None:
            counted.update(counts)
        couplings = self.application.state.queries.count_couplings(connection.id)
        lines = []
        for mapping in mappings.values():
            erp_records, crm_records = counts[mapping.name]
            source = erp_records if Direction.TO_INTEGRATION_TABLE in mapping.passes else crm_records
            recommendation = recommend(
                mapping,
                erp_records=erp_records,
                crm_records=crm_records,
                couplings=couplings.get(mapping.name, 0),
            )
            if mapping.name in recommend_full:
                recommendation = InitialSynchRecommendation.FULL_SYNCHRONIZATION
            line = ReviewLine(
                mapping=mapping.name,
                direction=mapping.direction,
                depends_on=mapping.depends_on,
                recommendation=recommendation,
                expected=source * len(mapping.passes),
            )
            lines.append(line)
        return lines

    def forecast(
        self, connection: Connection, recommend_full: Collection[MappingName] = ()
    ) -> tuple[list[MappingForecast], MappingForecast]:
        """Tell each mapping's calls and minutes, and those of all; nothing is kept, started or written."""
        return asyncio.run(self.forecast_lines(connection, recommend_full))

    async def forecast_lines(
        self, connection: Connection, recommend_full: Collection[MappingName] = ()
    ) -> tuple[list[MappingForecast], MappingForecast]:
        """Count both sides and forecast; how long counting took tells how fast the services answer."""
        known = self.application.mappings(connection)
        counts: dict[MappingName, tuple[int, int]] = {}
        lines = await self.recommended_lines(connection, recommend_full, counts)
        async with self.application.ends(connection) as ends:
            setup = self.application.run_setup(
                connection, lines[0].mapping, run_id="", create_new=True, compare_all=True
            )
            pace = {}
            allowed = allowances(self.application.config, connection.settings)
            for side, service in ((Side.ERP, ends.erp), (Side.CRM, ends.crm)):
                # The first one signs in and reads metadata.
                await service.count(setup.view(side))
                begun = time.monotonic()
                for _ in range(_TIMED_COUNTS):
                    await service.count(setup.view(side))
                seconds = (time.monotonic() - begun) / _TIMED_COUNTS
                pace[side] = ServicePace(sizes=_SIZES[side], allowance=allowed[side], answer_seconds=seconds)
        forecasts = [
            forecast_mapping(
                MappingCounts(
                    mapping=line.mapping,
                    passes=known[line.mapping].passes,
                    records=dict(zip((Side.ERP, Side.CRM), counts[line.mapping], strict=True)),
                    recommendation=line.recommendation,
                    is_option_set=known[line.mapping].choice_column is not None,
                ),
                pace,
            )
            for line in lines
        ]
        return forecasts, total_of(forecasts, pace)

    async def _count(
        self, connection: Connection, names: Sequence[MappingName]
    ) -> dict[MappingName, tuple[int, int]]:
        """Count the records of each mapping's tables, ERP and CRM."""
        counts = {}
        async with self.application.ends(connection) as ends:
            for name in names:
                setup = self.application.run_setup(
                    connection, name, run_id="", create_new=True, compare_all=True
                )
                erp = await ends.erp.count(setup.view(Side.ERP))
                counts[name] = (erp, await ends.crm.count(setup.view(Side.CRM)))
        return counts

    def run(self, connection: Connection, review: FullSynchReview, watch: Watch) -> FullSynchReview:
        """Have a review worked on until it is over: begin it, or go on with it after an interruption."""
        require_home(connection.settings, self.application.config)
        with working(self.application) as place:
            place.client.start_full_synch(connection.id, review.run_id)
            return self._follow(place, connection, review.run_id, watch)

    def restart(
        self, connection: Connection, watch: Watch, *, every: bool, only: Collection[MappingName] = ()
    ) -> FullSynchReview:
        """Run the failed and blocked lines of the newest review again, every line, or only these, until it is over."""
        require_home(connection.settings, self.application.config)
        review = self.latest(connection)
        if review is None:
            msg = translatable(
                "There is no full synchronization yet. Start one with `interlace full-synch start`."
            )
            raise ConnectionProblem(msg)
        with working(self.application) as place:
            place.client.restart_full_synch(connection.id, review.run_id, every=every, only=only)
            close_entries(self.application, connection, review)
            return self._follow(place, connection, review.run_id, watch)

    def _follow(self, place: JobPlace, connection: Connection, run_id: str, watch: Watch) -> FullSynchReview:
        while True:
            review = self.application.state.reviews.read(run_id)
            assert review is not None
            watch(review)
            if is_over(review.lines) and not place.client.full_synch_is_running(run_id):
                break
            place.go_on()
            time.sleep(_LOOK_AGAIN_SECONDS)
        for name in self.to_follow_up(connection):
            place.wait(place.client.synchronize_now(connection.id, name))
        return review

    def to_follow_up(self, connection: Connection) -> list[MappingName]:
        """Return what runs after a full synchronization: orders, and mappings whose references can be filled now."""
        return [*(saga.name for saga in SAGAS), *self.application.mappings_to_fill(connection)]
