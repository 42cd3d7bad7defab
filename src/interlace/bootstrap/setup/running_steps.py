"""The last steps: what is missing, what is recommended, enabling, publishing, and the full synchronization."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from interlace.bootstrap.application import Connection
from interlace.bootstrap.availability import FeedSignIn, ItemAvailability
from interlace.bootstrap.connection_settings import FEED_KEY_SECRET
from interlace.bootstrap.enable_connection import enable_connection
from interlace.bootstrap.ends import Ends
from interlace.bootstrap.erp_web_client import web_client_of
from interlace.bootstrap.fingerprint import bound
from interlace.bootstrap.full_synchronization import FullSynchronization
from interlace.bootstrap.setup.desk import Desk
from interlace.bootstrap.setup.progress import StepLook, StepProblem, done, to_do, trouble
from interlace.bootstrap.setup.question import StepName
from interlace.domain.full_synch_review import (
    FullSynchReview,
    InitialSynchRecommendation,
    ReviewLine,
    has_failed,
    is_over,
)
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.engine.ports import TableView
from interlace.lead_to_cash.mapping_names import SALESPEOPLE
from interlace.locale.translatable import as_sentence, translatable


@dataclass(frozen=True, slots=True)
class SalespeopleStep:
    """Shows which salespeople meet a CRM user; the full synchronization couples them by their e-mail addresses."""

    name: StepName = StepName.SALESPEOPLE
    caption: str = translatable("Salespeople")

    async def look(self, desk: Desk) -> StepLook:
        """Compare the e-mail addresses of both sides."""
        held = desk.required_connection
        if SALESPEOPLE not in desk.application.taking_part(held):
            return done(translatable("They take no part"))
        mapping = desk.application.mappings(held)[SALESPEOPLE]
        erp_view = TableView(side=Side.ERP, table=mapping.erp_table, fields=("E_Mail", "Name"))
        fields = ("internalemailaddress", "fullname", *mapping.integration_table_filter.fields)
        crm_view = TableView(
            side=Side.CRM,
            table=mapping.integration_table,
            fields=tuple(dict.fromkeys(fields)),
            filter=mapping.integration_table_filter,
        )
        async with desk.ends() as ends:
            salespeople = [
                (each.key, each.values()) for each in (await ends.erp.read_page(erp_view, None)).records
            ]
            users = {
                str(each.values()[0] or "").casefold(): str(each.values()[1] or "")
                for each in (await ends.crm.read_page(crm_view, None)).records
            }
        alone = [
            (str(values[1] or key), str(values[0] or ""))
            for key, values in salespeople
            if str(values[0] or "").casefold() not in users or not values[0]
        ]
        met = len(salespeople) - len(alone)
        details = [
            translatable(
                "{name} ({address}) is no CRM user: customers with this salesperson wait until a CRM user has that "
                "address, or until `interlace couplings add SALESPEOPLE` couples them.",
                name=name,
                address=address,
            )
            if address
            else translatable(
                "{name} has no e-mail address and is no CRM user: customers with this salesperson wait until "
                "`interlace couplings add SALESPEOPLE` couples them.",
                name=name,
            )
            for name, address in alone
        ]
        return done(
            translatable(
                "{met} of {salespeople} salespeople meet a CRM user by e-mail address",
                met=met,
                salespeople=len(salespeople),
            ),
            details,
        )

    async def perform(self, desk: Desk) -> None:
        """The full synchronization couples them."""


@dataclass(frozen=True, slots=True)
class RecommendationsStep:
    """Shows what the full synchronization does with each mapping, by what both sides hold."""

    name: StepName = StepName.RECOMMENDATIONS
    caption: str = translatable("Recommendations")

    async def look(self, desk: Desk) -> StepLook:
        """Count both sides; once a full synchronization was planned, it is what was recommended."""
        held = desk.required_connection
        full = FullSynchronization(application=desk.application)
        review = full.latest(held)
        lines = (
            review.lines if review is not None else await full.recommended_lines(_as_if_enabled(desk, held))
        )
        count = sum(line.recommendation is InitialSynchRecommendation.FULL_SYNCHRONIZATION for line in lines)
        return done(
            translatable("{count} of {lines} mappings: full synchronization", count=count, lines=len(lines)),
            _lines_text(lines),
        )

    async def perform(self, desk: Desk) -> None:
        """There is nothing to do but to read."""


def _as_if_enabled(desk: Desk, held: Connection) -> Connection:
    """Let the mappings be counted before the connection is enabled; this is kept nowhere."""
    return replace(held, settings=bound(replace(held.settings, enabled=True), desk.application.config))


def _lines_text(lines: Sequence[ReviewLine]) -> list[str]:
    return [_line_text(line) for line in lines]


def _line_text(line: ReviewLine) -> str:
    recommendation = as_sentence(line.recommendation.value)
    if line.recommendation is InitialSynchRecommendation.COUPLE_RECORDS:
        return translatable(
            "{mapping}: {recommendation} (both sides are filled: couple what belongs together first, or name it in "
            "full_synchronization.recommend_full)",
            mapping=line.mapping,
            recommendation=recommendation,
        )
    return translatable("{mapping}: {recommendation}", mapping=line.mapping, recommendation=recommendation)


@dataclass(frozen=True, slots=True)
class EnableStep:
    """Enables the connection and binds it to this memory and these ends."""

    name: StepName = StepName.ENABLE
    caption: str = translatable("Enable")

    async def look(self, desk: Desk) -> StepLook:
        """Tell whether it is enabled."""
        settings = desk.settings
        return (
            done(translatable("The connection is enabled"))
            if settings.enabled
            else to_do(translatable("The connection is not enabled."))
        )

    async def perform(self, desk: Desk) -> None:
        """Enable it."""
        await enable_connection(desk.application, desk.required_connection)


@dataclass(frozen=True, slots=True)
class PublishStep:
    """Publishes item availability, if that was chosen."""

    name: StepName = StepName.PUBLISH
    caption: str = translatable("Publish item availability")

    async def look(self, desk: Desk) -> StepLook:
        """Look at the CRM's row and try its sign-in."""
        settings = desk.settings
        if not settings.publish_availability:
            return done(translatable("Not chosen"))
        async with desk.ends() as ends:
            status = await self._use(desk, ends).status()
        if status.problem:
            remedy = translatable("Publish in the ERP what is missing, or set availability.publish to false.")
            return trouble([StepProblem(what=status.problem, setting="availability.publish", remedy=remedy)])
        if not status.published or status.sign_in:
            return to_do(status.sign_in or translatable("CRM users can't look up the stock yet."))
        return done(translatable("CRM users look it up with the sign-in of {user}", user=status.user))

    async def perform(self, desk: Desk) -> None:
        """Write address and sign-in of the feed into the CRM; then nobody needs the key here any more."""
        held = desk.required_connection
        user = held.settings.availability_user
        key = desk.application.secret(held, FEED_KEY_SECRET)
        own = FeedSignIn(user=user, key=key) if user and key else None
        settings = held.settings
        url = web_client_of(settings.erp_address, settings.erp_web_client) or None
        async with desk.ends() as ends:
            await self._use(desk, ends).publish(erp_url=url, own=own)
        desk.application.store_secret(held, FEED_KEY_SECRET, None)

    @staticmethod
    def _use(desk: Desk, ends: Ends) -> ItemAvailability:
        return ItemAvailability(application=desk.application, connection=desk.required_connection, ends=ends)


@dataclass(frozen=True, slots=True)
class FullSynchronizationStep:
    """Starts the first full synchronization, or goes on with it, and follows it to its end."""

    name: StepName = StepName.FULL_SYNCHRONIZATION
    caption: str = translatable("Full synchronization")

    async def look(self, desk: Desk) -> StepLook:
        """Look at the newest review."""
        if not desk.answers.flag("full_synchronization.start"):
            return done(translatable("Not chosen. Start it with `interlace full-synch start`"))
        review = FullSynchronization(application=desk.application).latest(desk.required_connection)
        if review is None:
            return to_do(translatable("It was not started yet."))
        if not is_over(review.lines):
            return to_do(translatable("It was interrupted; it goes on where it stopped."))
        return done(_outcome(review))

    async def perform(self, desk: Desk) -> None:
        """Work until it is over."""
        held = desk.required_connection
        full = FullSynchronization(application=desk.application)
        names = desk.answers.names("full_synchronization.recommend_full")
        wanted: Sequence[MappingName] = desk.application.known_mappings(held, names) if names else []

        def work() -> None:
            """Plan and run; both have an event loop of their own."""
            full.run(held, full.unfinished(held) or full.plan(held, wanted), desk.watch)

        await asyncio.to_thread(work)


def _outcome(review: FullSynchReview) -> str:
    failed = sum(line.counters.failed for line in review.lines)
    if has_failed(review.lines) or failed:
        return translatable(
            "It is over; {failed} records failed. `interlace errors causes` tells why, `interlace "
            "full-synch restart` runs the lines with errors again",
            failed=failed,
        )
    return translatable("{count} mappings were synchronized", count=len(review.lines))
