"""Carries out what is asked about item availability."""

from interlace.bootstrap.application import Connection
from interlace.bootstrap.availability import (
    AvailabilityStatus,
    FeedSignIn,
    ItemAvailability,
    PublishedAvailability,
)
from interlace.bootstrap.connection_settings import require_enabled
from interlace.bootstrap.desk.carry_out import connection_of, in_own_loop
from interlace.bootstrap.item_stock import ItemStock, stock_of
from interlace.bootstrap.serving import Server
from interlace.management import availability
from interlace.management.availability import (
    AvailabilityChanged,
    AvailabilityShown,
    PublishAvailability,
    ShowAvailability,
    ShowStock,
    Stock,
    UnpublishAvailability,
)
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable


def add_availability(works: Works, server: Server) -> None:
    """Let these operations be carried out."""
    work = _Availability(server)
    works.add(availability.SHOW, work.show)
    works.add(availability.STOCK, work.stock)
    works.add(availability.PUBLISH, work.publish)
    works.add(availability.UNPUBLISH, work.unpublish)


class _Availability:
    """Item availability of a server's connections."""

    def __init__(self, server: Server) -> None:
        self._application = server.application

    async def show(self, caller: Caller, asked: ShowAvailability) -> AvailabilityShown:
        held = await connection_of(self._application, caller, asked)
        found = await in_own_loop(lambda: self._status(held))
        return AvailabilityShown(
            is_published=found.published,
            url=found.url,
            user=found.user,
            expires=found.expires,
            refusal=found.sign_in,
            coupled=found.coupled,
            differing=found.differing,
            problem=found.problem,
        )

    async def stock(self, caller: Caller, asked: ShowStock) -> Stock:
        held = await connection_of(self._application, caller, asked)
        found = await in_own_loop(lambda: self._stock(held, asked.item))
        return Stock(
            item=found.item,
            unit=found.unit,
            inventory=found.inventory,
            projected=found.projected,
            source=found.source,
            age_seconds=found.age_seconds,
            product=found.product,
        )

    async def publish(self, caller: Caller, asked: PublishAvailability) -> AvailabilityChanged:
        held = await connection_of(self._application, caller, asked)
        if bool(asked.user) != bool(asked.key):
            raise Refused(
                RefusalKind.INVALID,
                translatable("User and key belong together"),
                next_step=translatable("Give both, or none: then the ERP issues a token."),
                fields={"key" if asked.user else "user": translatable("This is missing.")},
            )
        own = FeedSignIn(user=asked.user.strip(), key=asked.key.strip()) if asked.user else None
        published = await in_own_loop(lambda: self._publish(held, asked.erp_url or None, own))
        count = published.register.entries
        if published.reads_more:
            return AvailabilityChanged(
                message=translatable(
                    "Published for {count} items. The user {user} may read more than the stock, and so may whoever "
                    "reads the row in the CRM: take those rights away.",
                    count=count,
                    user=published.user,
                )
            )
        return AvailabilityChanged(message=translatable("Published for {count} items.", count=count))

    async def unpublish(self, caller: Caller, asked: UnpublishAvailability) -> AvailabilityChanged:
        held = await connection_of(self._application, caller, asked)
        if await in_own_loop(lambda: self._unpublish(held)):
            return AvailabilityChanged(message=translatable("CRM users can't look up the stock any more."))
        return AvailabilityChanged(message=translatable("It was not published."))

    async def _status(self, held: Connection) -> AvailabilityStatus:
        require_enabled(held.settings)
        async with self._application.ends(held, retries_max=1) as ends:
            use = ItemAvailability(application=self._application, connection=held, ends=ends)
            return await use.status()

    async def _stock(self, held: Connection, item: str) -> ItemStock:
        require_enabled(held.settings)
        async with self._application.ends(held, retries_max=1) as ends:
            return await ends.run(stock_of(item, self._application.connection_store(held)))

    async def _publish(
        self, held: Connection, erp_url: str | None, own: FeedSignIn | None
    ) -> PublishedAvailability:
        async with self._application.ends(held) as ends:
            use = ItemAvailability(application=self._application, connection=held, ends=ends)
            return await use.publish(erp_url=erp_url, own=own)

    async def _unpublish(self, held: Connection) -> bool:
        async with self._application.ends(held) as ends:
            use = ItemAvailability(application=self._application, connection=held, ends=ends)
            return await use.unpublish()
