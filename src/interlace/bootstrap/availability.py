"""Item availability: CRM users look up the ERP's stock of the moment with a token that opens nothing else."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit
from uuid import uuid5

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.before_writing import require_may_write
from interlace.bootstrap.connection_settings import ERP_KEY_SECRET, ConnectionProblem, ConnectionSettings
from interlace.bootstrap.ends import Ends, origin_of, rules_of
from interlace.bootstrap.fingerprint import require_home
from interlace.connectors.business_central.feed_token import issue_feed_token
from interlace.connectors.collection import CollectionReader
from interlace.connectors.http import ChannelLimits, HttpChannel
from interlace.connectors.sign_in import BasicSignIn
from interlace.domain.keys import MappingName, key_namespace
from interlace.domain.side import Side
from interlace.engine.partner_register import RegisterComparison, compare_register, keep_register
from interlace.engine.ports import (
    DeleteRecords,
    Deletion,
    Outcome,
    Precondition,
    ReadKeys,
    Record,
    TableView,
    Write,
    WriteRecords,
    WriteResult,
)
from interlace.engine.service import ServiceFailure, ServiceMismatch, ServiceUnavailable, SignInRefused
from interlace.lead_to_cash.availability_to_product import (
    CONNECTION_FIELDS,
    CONNECTION_TABLE,
    FEED_FIELDS,
    FEED_SERVICE,
    FEED_TABLE,
    ITEM_REGISTER,
)
from interlace.lead_to_cash.needed_privileges import needs_of_availability
from interlace.locale.translatable import as_sentence, joined, text_of, translatable
from interlace.settings import Config

TOKEN_LIFE = timedelta(days=90)
RENEWED_BEFORE = timedelta(days=30)
"""How long before its end a token is replaced: a month in which Interlace may stand still."""

FEED_VIEW = TableView(side=Side.ERP, table=FEED_TABLE, fields=FEED_FIELDS)
_CONNECTION_VIEW = TableView(side=Side.CRM, table=CONNECTION_TABLE, fields=CONNECTION_FIELDS)
_NAMESPACE = MappingName("ITEM AVAILABILITY")
_HIDDEN = "***"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSignIn:
    """Whose sign-in CRM users read the feed with; its key is never shown."""

    user: str
    key: str
    expires: datetime | None = None

    def __repr__(self) -> str:
        return f"FeedSignIn(user={self.user!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedAvailability:
    """What CRM users find, without the key."""

    url: str
    user: str
    expires: datetime | None
    register: RegisterComparison
    reads_more: bool = False
    """The sign-in opens more than the feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityStatus:
    """How item availability stands."""

    published: bool
    url: str = ""
    user: str = ""
    expires: str = ""
    sign_in: str = ""
    """What the ERP says to the sign-in that CRM users have; blank: it works."""
    coupled: int = 0
    differing: int = 0
    problem: str = ""
    """What the ERP lacks, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAvailability:
    """The use cases of one connection over ends that are open."""

    application: Application
    connection: Connection
    ends: Ends

    async def publish(
        self, *, erp_url: str | None = None, own: FeedSignIn | None = None
    ) -> PublishedAvailability:
        """Bring the register in step and tell the CRM where the feed is and how to sign in there.

        Without a sign-in given, the ERP issues a token that reads the feed alone. Raises ConnectionProblem or a
        ServiceFailure; to publish again is always safe.
        """
        settings = self.connection.settings
        await require_may_write(self.application, self.connection, self.ends, (), needs_of_availability())
        require_home(settings, self.application.config)
        if own is not None:
            self._refuse_own_key(own)
        register = await self._register()
        sign_in = own or await self._issued()
        said = await self._tried(sign_in)
        if said:
            raise ConnectionProblem(
                translatable(
                    "The sign-in of {user} does not open the availability feed: {said}",
                    user=sign_in.user,
                    said=as_sentence(said),
                )
            )
        await self.ends.run(_written(settings, sign_in, erp_url))
        self._keep(feed_user=sign_in.user, feed_expires=_text(sign_in.expires))
        return PublishedAvailability(
            url=feed_url(settings),
            user=sign_in.user,
            expires=sign_in.expires,
            register=register,
            reads_more=own is not None and not await self._tried(own, "CustomerCard"),
        )

    async def unpublish(self) -> bool:
        """Take the row out of the CRM and end the token; tells whether there was a row."""
        settings = self.connection.settings
        await require_may_write(self.application, self.connection, self.ends, (), needs_of_availability())
        require_home(settings, self.application.config)
        was_there: bool = await self.ends.run(_deleted(settings))
        if settings.feed_expires:
            # A token ends when the next one is issued: this one nobody gets to know.
            await self._issued()
        self._keep(feed_user="", feed_expires="")
        return was_there

    async def renew_if_due(self, now: datetime) -> bool:
        """Replace a token that comes to its end; tells whether that was needed."""
        expires = self.connection.settings.feed_expires
        if not expires or datetime.fromisoformat(expires) - now > RENEWED_BEFORE:
            return False
        sign_in = await self._issued()
        await self.ends.run(_written(self.connection.settings, sign_in, None))
        self._keep(feed_user=sign_in.user, feed_expires=_text(sign_in.expires))
        return True

    async def status(self) -> AvailabilityStatus:
        """Look at all parts: the CRM's row, whether its sign-in works, and the register. Writes nothing."""
        settings = self.connection.settings
        row = await self.ends.run(_row(settings))
        problem, coupled, differing = "", 0, 0
        try:
            store = self.application.connection_store(self.connection)
            difference = await self.ends.run(compare_register(ITEM_REGISTER, store))
            coupled, differing = difference.entries, difference.count
            await self.ends.erp.count(FEED_VIEW)
        except ServiceMismatch as lacking:
            problem = joined([text_of(lacking), ITEM_REGISTER.without_table])
        if row is None:
            return AvailabilityStatus(published=False, coupled=coupled, differing=differing, problem=problem)
        values = dict(zip(CONNECTION_FIELDS, row.values(), strict=True))
        sign_in = FeedSignIn(
            user=str(values["ilc_odatausername"] or ""), key=str(values["ilc_odataaccesskey"] or "")
        )
        return AvailabilityStatus(
            published=True,
            url=str(values["ilc_odataurl"] or ""),
            user=sign_in.user,
            expires=str(values["ilc_expires"] or ""),
            sign_in=await self._tried(sign_in),
            coupled=coupled,
            differing=differing,
            problem=problem,
        )

    async def _register(self) -> RegisterComparison:
        store = self.application.connection_store(self.connection)
        try:
            comparison = await self.ends.run(keep_register(ITEM_REGISTER, store))
            await self.ends.erp.count(FEED_VIEW)
        except ServiceMismatch as problem:
            raise ConnectionProblem(joined([text_of(problem), ITEM_REGISTER.without_table])) from problem
        return comparison

    def _refuse_own_key(self, own: FeedSignIn) -> None:
        """Keep the sign-ins that Interlace works with out of the CRM, where every sales person could read them."""
        settings = self.connection.settings
        ours = {settings.erp_user.casefold(), settings.sales_order_user.casefold()}
        key = self.application.secret(self.connection, ERP_KEY_SECRET)
        if own.user.casefold() in ours or own.key == key:
            raise ConnectionProblem(
                translatable(
                    "The sign-in of {user} may do more than read the feed, and CRM users could read its key. "
                    "Make a user in the ERP who may only read the page ProductItemAvailability.",
                    user=own.user,
                )
            )

    async def _issued(self) -> FeedSignIn:
        settings = self.connection.settings
        expires = (datetime.now(UTC) + TOKEN_LIFE).replace(microsecond=0)
        root = urlsplit(company_address(settings)).path
        token = await issue_feed_token(self.ends.erp_channel, root, settings.erp_user, expires)
        return FeedSignIn(user=settings.erp_user, key=token, expires=expires)

    async def _tried(self, sign_in: FeedSignIn, service: str = FEED_SERVICE) -> str:
        """Try a sign-in; gives what the ERP says against it, blank: it works."""
        return await feed_refusal(self.connection.settings, self.application.config, sign_in, service)

    def _keep(self, *, feed_user: str, feed_expires: str) -> None:
        """Remember what was published; what else was changed meanwhile stays."""
        self.application.change_settings(
            self.connection, lambda now: replace(now, feed_user=feed_user, feed_expires=feed_expires)
        )


async def feed_refusal(
    settings: ConnectionSettings, config: Config, sign_in: FeedSignIn, service: str = FEED_SERVICE
) -> str:
    """Read a page's number of records with a sign-in; gives what the ERP says against it, blank: it works."""
    limits = ChannelLimits(request_seconds_max=config.timeout_seconds, retries_max=1)
    channel = HttpChannel(
        origin_of(settings.erp_address),
        BasicSignIn(sign_in.user, sign_in.key),
        limits,
        rules=rules_of(settings, Side.ERP),
    )
    async with channel:
        try:
            await CollectionReader(channel, "The ERP").number(f"{company_address(settings)}{service}/$count")
        except SignInRefused:
            return translatable("The ERP refuses the sign-in of {user}. Publish again.", user=sign_in.user)
        except ServiceFailure as problem:
            return str(problem).replace(sign_in.key, _HIDDEN)
    return ""


def company_address(settings: ConnectionSettings) -> str:
    """Return where the company's page services are, with a slash at the end."""
    company = quote(settings.erp_company.replace("'", "''"), safe="")
    return f"{settings.erp_address}/ODataV4/Company('{company}')/"


def feed_url(settings: ConnectionSettings) -> str:
    """Return the address of the availability feed."""
    return f"{company_address(settings)}{FEED_SERVICE}"


def _row_key(settings: ConnectionSettings) -> str:
    namespace = key_namespace(settings.erp_company_id, settings.crm_organization_id, _NAMESPACE)
    return str(uuid5(namespace, CONNECTION_TABLE))


def _text(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat().replace("+00:00", "Z")


async def _row(settings: ConnectionSettings) -> Record | None:
    found: list[Record | None] = await ReadKeys(view=_CONNECTION_VIEW, keys=(_row_key(settings),))
    return found[0]


async def _written(settings: ConnectionSettings, sign_in: FeedSignIn, erp_url: str | None) -> None:
    """Create or replace the CRM's row; the web address of the ERP stays as it is unless another one is given."""
    row = await _row(settings)
    key = _row_key(settings)
    values = {
        "ilc_name": settings.erp_company,
        "ilc_odataurl": feed_url(settings),
        "ilc_odatausername": sign_in.user,
        "ilc_odataaccesskey": sign_in.key,
        "ilc_expires": _text(sign_in.expires) or None,
    }
    if erp_url is not None or row is None:
        values["ilc_erpurl"] = erp_url or settings.erp_address
    write = (
        Write(key=key, precondition=Precondition.ABSENT, values={**values})
        if row is None
        else Write(key=key, precondition=Precondition.UNCHANGED, tag=row.tag, values={**values})
    )
    results: list[WriteResult] = await WriteRecords(view=_CONNECTION_VIEW, writes=(write,))
    _require_done(results[0], sign_in.key)


async def _deleted(settings: ConnectionSettings) -> bool:
    row = await _row(settings)
    if row is None:
        return False
    deletion = Deletion(key=row.key, tag=row.tag)
    results: list[WriteResult] = await DeleteRecords(view=_CONNECTION_VIEW, deletions=(deletion,))
    if results[0].outcome is not Outcome.GONE:
        _require_done(results[0], "")
    return True


def _require_done(result: WriteResult, secret: str) -> None:
    """Raise what went wrong; the words of the service are passed on without the secret."""
    if result.outcome is Outcome.DONE:
        return
    said = result.outcome.value if result.error is None else result.error.message
    if secret:
        said = said.replace(secret, _HIDDEN)
    msg = translatable(
        "The CRM's table {table} was not written: {said} Publish again.", table=CONNECTION_TABLE, said=said
    )
    raise (ConnectionProblem(msg) if result.outcome is Outcome.REJECTED else ServiceUnavailable(msg))
