"""Requests to the services: what was asked of which, what came back, and how much of each allowance was used."""

from datetime import datetime, timedelta
from typing import Annotated, Final

import msgspec

from interlace.domain.filter_language import FieldKind
from interlace.management.listing import SIDE_CHOICES, Choice, ListAnswer, ListAsked, ListColumn, SequencedRow
from interlace.management.operation import Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable

OUTCOME_CHOICES: Final = (
    Choice(value="done", caption=translatable("Done")),
    Choice(value="refused", caption=translatable("Refused")),
    Choice(value="throttled", caption=translatable("Throttled")),
    Choice(value="trouble", caption=translatable("Service in trouble")),
    Choice(value="unanswered", caption=translatable("No answer")),
)
WHOLE_MINUTES_MAX: Final = 60
USE_HOURS_MAX: Final = 24
USE_WINDOW: Final = timedelta(minutes=5)

REQUEST_COLUMNS: Final = (
    ListColumn(
        name="sequence",
        caption=translatable("No."),
        tooltip=translatable("The request's place among all that were kept."),
        kind=FieldKind.NUMBER,
        is_sorted=True,
    ),
    ListColumn(
        name="at",
        caption=translatable("When"),
        tooltip=translatable("When it was sent."),
        kind=FieldKind.MOMENT,
    ),
    ListColumn(
        name="side",
        caption=translatable("Side"),
        tooltip=translatable("The system that was asked."),
        kind=FieldKind.CHOICE,
        choices=SIDE_CHOICES,
    ),
    ListColumn(
        name="outcome",
        caption=translatable("Outcome"),
        tooltip=translatable("What became of it: done, refused, put off, or left without an answer."),
        kind=FieldKind.CHOICE,
        choices=OUTCOME_CHOICES,
    ),
    ListColumn(
        name="message",
        caption=translatable("Message"),
        tooltip=translatable("What the service said, without values of fields."),
        is_searched=True,
    ),
    ListColumn(
        name="mapping",
        caption=translatable("Mapping"),
        tooltip=translatable("The mapping whose run sent it."),
        is_searched=True,
    ),
    ListColumn(
        name="record",
        caption=translatable("Record"),
        tooltip=translatable("Key of the record that it was about, as far as the request names one."),
        is_searched=True,
    ),
    ListColumn(
        name="method",
        caption=translatable("Method"),
        tooltip=translatable("GET reads, POST creates, PATCH changes, DELETE deletes."),
    ),
    ListColumn(
        name="address",
        caption=translatable("Address"),
        tooltip=translatable("What was asked for; values of its filters are hidden."),
        is_searched=True,
    ),
    ListColumn(
        name="status",
        caption=translatable("Status"),
        tooltip=translatable("The number that the service answered with; blank if no complete answer came."),
        kind=FieldKind.NUMBER,
    ),
    ListColumn(
        name="milliseconds",
        caption=translatable("Milliseconds"),
        tooltip=translatable("How long the answer took; 0 for a part of a batch."),
        kind=FieldKind.NUMBER,
    ),
    ListColumn(
        name="correlation_id",
        caption=translatable("Correlation ID"),
        tooltip=translatable("By this id the service's owner finds the request."),
        is_searched=True,
    ),
    ListColumn(
        name="run_id",
        caption=translatable("Run"),
        tooltip=translatable("What identifies the run that sent it; blank for what a page asked."),
        is_searched=True,
    ),
)


class RequestRow(SequencedRow, frozen=True, kw_only=True):
    """One request; the time is ISO 8601 in UTC."""

    at: str
    side: str
    outcome: str
    """A value of OUTCOME_CHOICES."""
    method: str
    address: str
    status: int | None
    milliseconds: int
    mapping: str
    record: str
    message: str
    correlation_id: str
    run_id: str


class RequestsListed(ListAnswer, frozen=True, kw_only=True):
    """A page of requests."""

    rows: tuple[RequestRow, ...] = ()
    whole_until: datetime | None = None
    """Until when what goes well is kept, too; None: only what did not."""


class ShowRequest(OfConnection, frozen=True, kw_only=True):
    """Asks for one request."""

    sequence: int


class RequestShown(Answer, frozen=True, kw_only=True):
    """One request in plain words."""

    request: RequestRow
    told: str
    """What became of it."""
    next_step: str = ""
    job_id: str = ""
    """The newest job of its run."""


class ExchangeShown(Answer, frozen=True, kw_only=True):
    """Headers and bodies as they went; secrets and values of fields are hidden."""

    text: str


class KeepWhole(OfConnection, frozen=True, kw_only=True):
    """Asks to keep every request for some minutes, however it ends; 0: only those that go wrong again."""

    minutes: Annotated[int, msgspec.Meta(ge=0, le=WHOLE_MINUTES_MAX)]


class KeptWhole(Answer, frozen=True, kw_only=True):
    """What is kept from now on."""

    message: str
    until: datetime


class ShowUse(OfConnection, frozen=True, kw_only=True):
    """Asks how much of each service's allowance was used."""

    hours: Annotated[int, msgspec.Meta(ge=1, le=USE_HOURS_MAX)] = 4


class UseOfWindow(Answer, frozen=True, kw_only=True):
    """What was asked of a service within five minutes."""

    at: datetime
    requests: int
    percent: int | None
    """Of the requests that the service allows, those of others included where it tells; None: it has no limit."""
    seconds: int
    """How long the answers took in all."""
    seconds_percent: int | None
    """Of the execution time that the service allows; None: it has no limit, or does not tell."""
    at_once: int
    """How many requests were under way together at most."""
    refused: int


class UseOfService(Answer, frozen=True, kw_only=True):
    """How much of a service's allowance was used; windows without a request are absent."""

    side: str
    requests_max: int | None
    """How many requests the service allows in five minutes; None: no limit is known."""
    seconds_max: int | None
    windows: tuple[UseOfWindow, ...]


class UseShown(Answer, frozen=True, kw_only=True):
    """Both services."""

    services: tuple[UseOfService, ...]


LIST: Final = Operation(
    name="requests.list",
    asked=ListAsked,
    answer=RequestsListed,
    permission=Permission.READ,
    caption=translatable("Requests to Services"),
    tooltip=translatable("List what was asked of both services and went wrong, by any column."),
    command="requests list",
)
SHOW: Final = Operation(
    name="requests.show",
    asked=ShowRequest,
    answer=RequestShown,
    permission=Permission.READ,
    caption=translatable("Request"),
    tooltip=translatable("Say in plain words what became of one request."),
    command="requests show",
)
EXCHANGE: Final = Operation(
    name="requests.exchange",
    asked=ShowRequest,
    answer=ExchangeShown,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Show Request and Answer"),
    tooltip=translatable("Show headers and bodies; secrets and values of fields are hidden."),
    is_kept_reading=True,
    command="requests show",
)
KEEP_WHOLE: Final = Operation(
    name="requests.keep_whole",
    asked=KeepWhole,
    answer=KeptWhole,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Keep All Requests"),
    tooltip=translatable("Keep every request for some minutes, not only those that go wrong."),
    effect=Effect.WRITES,
    command="requests keep-all",
)
USE: Final = Operation(
    name="requests.use",
    asked=ShowUse,
    answer=UseShown,
    permission=Permission.READ,
    caption=translatable("Use of Allowances"),
    tooltip=translatable("Show how much of what each service allows was used in the last hours."),
    command="requests use",
)

OPERATIONS = (LIST, SHOW, EXCHANGE, KEEP_WHOLE, USE)
