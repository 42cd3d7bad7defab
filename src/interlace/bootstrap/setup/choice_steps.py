"""Steps that only decide something: what takes part, item availability, orders, and who owns the records."""

from dataclasses import dataclass

from interlace.bootstrap.availability import FeedSignIn, feed_refusal
from interlace.bootstrap.connection_settings import (
    FEED_KEY_SECRET,
    SALES_ORDER_KEY_SECRET,
    ConnectionProblem,
)
from interlace.bootstrap.order_switches import check_order_settings
from interlace.bootstrap.setup.desk import Desk
from interlace.bootstrap.setup.keep_answers import unanswered
from interlace.bootstrap.setup.progress import StepLook, StepProblem, done, trouble
from interlace.bootstrap.setup.question import StepName
from interlace.engine.service import ServiceFailure
from interlace.locale.translatable import text_of, translatable


@dataclass(frozen=True, slots=True)
class TablesStep:
    """Which mappings take part."""

    name: StepName = StepName.TABLES
    caption: str = translatable("What to synchronize")

    async def look(self, desk: Desk) -> StepLook:
        """Check the names, and tell what is referred to and left out."""
        held = desk.required_connection
        mappings = desk.application.mappings(held)
        unknown = [name for name in held.settings.left_out if name not in mappings]
        if unknown:
            what = translatable(
                "There is no mapping {unknown}. Mappings: {mappings}.",
                unknown=", ".join(unknown),
                mappings=", ".join(mappings),
            )
            remedy = translatable("Correct tables.leave_out.")
            return trouble([StepProblem(what=what, setting="tables.leave_out", remedy=remedy)])
        part = desk.application.taking_part(held)
        left_out = [name for name in mappings if name not in part]
        remarks = [
            translatable(
                "{name} refers to {parent}, which is left out: its records wait for partners that they "
                "refer to.",
                name=name,
                parent=parent,
            )
            for name in part
            for parent in mappings[name].depends_on
            if parent in left_out
        ]
        if not left_out:
            return done(
                translatable("{part} of {all} mappings take part", part=len(part), all=len(mappings)), remarks
            )
        told = translatable(
            "{part} of {all} mappings take part; left out: {names}",
            part=len(part),
            all=len(mappings),
            names=", ".join(left_out),
        )
        return done(told, remarks)

    async def perform(self, desk: Desk) -> None:
        """There is nothing to do but to answer."""


@dataclass(frozen=True, slots=True)
class AvailabilityStep:
    """Whether CRM users may look up the stock, and whose sign-in they get; it is published once all is enabled."""

    name: StepName = StepName.AVAILABILITY
    caption: str = translatable("Item availability")

    async def look(self, desk: Desk) -> StepLook:
        """Try the sign-in that CRM users will get, if it is one of the person's own."""
        held = desk.required_connection
        settings = held.settings
        if not settings.publish_availability:
            return done(translatable("Not published"))
        user = settings.availability_user
        if not user:
            return done(translatable("Published with a token that the ERP issues"))
        key = desk.application.secret(held, FEED_KEY_SECRET)
        if key is None:
            if settings.feed_user == user:
                return done(translatable("Published with the sign-in of {user}", user=user))
            remedy = translatable("Give availability.key_file, or leave availability.user blank.")
            what = translatable("The web service access key of {user} is missing.", user=user)
            return trouble([StepProblem(what=what, setting="availability.key_file", remedy=remedy)])
        sign_in = FeedSignIn(user=user, key=key)
        said = await feed_refusal(settings, desk.application.config, sign_in)
        if said:
            remedy = translatable(
                "Correct availability.user and availability.key_file, or publish the page that is named."
            )
            what = translatable(
                "The sign-in of {user} does not open the availability feed: {said}", user=user, said=said
            )
            return trouble([StepProblem(what=what, setting="availability.user", remedy=remedy)])
        return done(translatable("Published with the sign-in of {user}", user=user))

    async def perform(self, desk: Desk) -> None:
        """There is nothing to do but to answer."""


@dataclass(frozen=True, slots=True)
class OrdersStep:
    """How orders travel."""

    name: StepName = StepName.ORDERS
    caption: str = translatable("Sales orders")

    async def look(self, desk: Desk) -> StepLook:
        """Check that the switches don't exclude each other, the write-in product, and the user's sign-in."""
        held = desk.required_connection
        settings = held.settings
        problems = []
        try:
            await check_order_settings(desk.application, held, settings)
        except ConnectionProblem as problem:
            number = settings.write_in_product_number
            setting = "orders.write_in_number" if number in str(problem) and number else "orders.two_way"
            problems.append(
                StepProblem(
                    what=text_of(problem),
                    setting=setting,
                    remedy=translatable("Correct {setting}.", setting=setting),
                )
            )
        user = settings.sales_order_user
        if user and not desk.is_stored(SALES_ORDER_KEY_SECRET):
            what = translatable("The key of the sales order user {user} is missing.", user=user)
            remedy = translatable("Give orders.key_file, or leave orders.user blank.")
            problems.append(StepProblem(what=what, setting="orders.key_file", remedy=remedy))
        if user and not problems:
            problems += await _tried(desk)
        if problems:
            return trouble(problems)
        if not (settings.order_integration or settings.bidirectional_orders):
            return done(translatable("Orders don't travel"))
        creator = user or settings.erp_user or settings.erp_client_id
        if settings.bidirectional_orders:
            return done(translatable("Orders travel both ways, created by {user}", user=creator))
        return done(translatable("Orders travel from the CRM to the ERP, created by {user}", user=creator))

    async def perform(self, desk: Desk) -> None:
        """There is nothing to do but to answer."""


async def _tried(desk: Desk) -> list[StepProblem]:
    async with desk.ends() as ends:
        assert ends.sales_orders is not None
        try:
            await ends.sales_orders.facts()
        except ServiceFailure as problem:
            remedy = translatable(
                "Correct orders.user or orders.key_file, or give the user the right that is named."
            )
            return [StepProblem(what=text_of(problem), setting="orders.user", remedy=remedy, is_sign_in=True)]
    return []


@dataclass(frozen=True, slots=True)
class OwnershipStep:
    """Who owns what Interlace creates in the CRM; chosen before the administrator signs in, who may make the team."""

    name: StepName = StepName.OWNERSHIP
    caption: str = translatable("Owners")

    async def look(self, desk: Desk) -> StepLook:
        """Tell what was chosen."""
        problems = list(unanswered(desk, self.name))
        if problems:
            return trouble(problems)
        settings = desk.settings
        if not settings.is_owned_by_team:
            return done(
                translatable("The CRM user of the record's salesperson; his coupling is looked at below")
            )
        if not settings.owning_team.strip():
            remedy = translatable("Name the team with ownership.team.")
            problem = StepProblem(
                what=translatable("The owning team has no name."), setting="ownership.team", remedy=remedy
            )
            return trouble([problem])
        return done(
            translatable("The team {owning_team}; salespeople take no part", owning_team=settings.owning_team)
        )

    async def perform(self, desk: Desk) -> None:
        """There is nothing to do but to answer."""
