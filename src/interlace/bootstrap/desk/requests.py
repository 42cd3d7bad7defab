"""Carries out what is asked about requests to the services."""

from datetime import UTC, datetime, timedelta

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.desk.listing_place import ListingPlace
from interlace.bootstrap.desk.walked_list import Stretch, WalkedList
from interlace.bootstrap.desk.wanted_rows import wanted_rows
from interlace.domain.keys import key_text
from interlace.domain.side import Side
from interlace.locale.translatable import as_sentence
from interlace.management import requests
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.listing import HeldValue, ListAsked, held_values
from interlace.management.noted_changes import note_change
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.requests import (
    REQUEST_COLUMNS,
    ExchangeShown,
    KeepWhole,
    KeptWhole,
    RequestRow,
    RequestShown,
    RequestsListed,
    ShowRequest,
)
from interlace.management.translatable import translatable
from interlace.store.encoding import time_to_text
from interlace.store.sent_requests import RequestSelection, SentRequest

_THROTTLED = 429
_TROUBLE = 500
_SERVICES = {Side.ERP.value: translatable("The ERP"), Side.CRM.value: translatable("The CRM")}
_DEEDS = {
    "GET": translatable("reading"),
    "POST": translatable("creation or action"),
    "PATCH": translatable("update"),
    "PUT": translatable("update"),
    "DELETE": translatable("deletion"),
}
_TOLD = {
    "done": translatable("{service} carried out the {deed} of {what}."),
    "refused": translatable("{service} refused the {deed} of {what} with status {status}."),
    "throttled": translatable("{service} put off the {deed} of {what}: it was asked too much at a time."),
    "trouble": translatable("{service} was in trouble at the {deed} of {what}: status {status}."),
    "unanswered": translatable("{service} gave no complete answer to the {deed} of {what}."),
}
_NEXT_STEPS = {
    "refused": translatable(
        "If a record could not be written, the error list says what to do about it. Whoever looks after the "
        "service finds the request by its correlation id."
    ),
    "throttled": translatable(
        "It is asked again by itself. Full synchronizations at quieter hours leave more."
    ),
    "trouble": translatable(
        "What can be repeated is repeated by itself. If it goes on, ask whoever looks after the service."
    ),
    "unanswered": translatable(
        "What can be repeated is repeated by itself; of a write it is found out first whether it was done. "
        "If it goes on, check the network and the connection's address."
    ),
}


def add_requests(works: Works, place: ListingPlace) -> None:
    """Let these operations be carried out."""
    application = place.application

    async def list_page(caller: Caller, asked: ListAsked) -> RequestsListed:
        """Read a page."""
        held = await connection_of(application, caller, asked)
        return await off_loop(_page, application, held, caller, asked)

    async def show(caller: Caller, asked: ShowRequest) -> RequestShown:
        """Tell of one request."""
        held = await connection_of(application, caller, asked)
        return await off_loop(_shown, application, held, asked.sequence)

    async def exchange(caller: Caller, asked: ShowRequest) -> ExchangeShown:
        """Give what went over the wire, as far as it is kept."""
        held = await connection_of(application, caller, asked)
        found = await off_loop(_found, application, held, asked.sequence)
        return ExchangeShown(text=found.exchange)

    async def keep_whole(caller: Caller, asked: KeepWhole) -> KeptWhole:
        """Keep what goes well, too."""
        held = await connection_of(application, caller, asked)
        until = datetime.now(UTC) + timedelta(minutes=asked.minutes)
        await off_loop(application.requests.keep_whole, held.id, until)
        note_change("requests.kept_until", None, time_to_text(until))
        message = (
            translatable("All requests are kept until {moment}.", moment=until)
            if asked.minutes
            else translatable("Only requests that go wrong are kept from now on.")
        )
        return KeptWhole(message=message, until=until)

    works.add(requests.LIST, list_page)
    works.add(requests.SHOW, show)
    works.add(requests.EXCHANGE, exchange)
    works.add(requests.KEEP_WHOLE, keep_whole)


def _page(application: Application, held: Connection, caller: Caller, asked: ListAsked) -> RequestsListed:
    kept = application.state.sent_requests
    wanted = wanted_rows(caller, asked, REQUEST_COLUMNS, _values)
    # What was noted a moment ago is on its way to the store.
    application.requests.write()
    until = kept.whole_until().get(held.id)

    def rows(stretch: Stretch) -> list[RequestRow]:
        """Read requests beyond one."""
        selection = RequestSelection(
            newest_first=stretch.newest_first, beyond=stretch.beyond, limit=stretch.limit
        )
        return [_row(each) for each in kept.selected(held.id, selection)]

    def answer(**parts: object) -> RequestsListed:
        """Add until when all requests are kept."""
        is_whole = until is not None and until > datetime.now(UTC)
        return RequestsListed(whole_until=until if is_whole else None, **parts)  # type: ignore[arg-type]  # the list's

    listed: WalkedList[RequestRow, RequestsListed] = WalkedList(read=rows, answer=answer)
    return listed.page(asked, wanted)


def _values(row: RequestRow, name: str) -> tuple[HeldValue, ...]:
    """Find a record by its key as it is kept, and as people read it."""
    return (row.record, key_text(row.record)) if name == "record" else held_values(row, name)


def _found(application: Application, held: Connection, number: int) -> SentRequest:
    application.requests.write()
    found = application.state.sent_requests.one(held.id, number)
    if found is None:
        raise Refused(
            RefusalKind.NOT_FOUND,
            translatable("There is no such request"),
            next_step=translatable(
                "Requests are kept for a week at most; the list shows those that are there."
            ),
        )
    return found


def _shown(application: Application, held: Connection, number: int) -> RequestShown:
    found = _found(application, held, number)
    row = _row(found)
    jobs = application.state.queries.synch_jobs(held.id, run_id=found.run_id, limit=1) if found.run_id else []
    told = translatable(
        _TOLD[row.outcome],
        service=as_sentence(_SERVICES[row.side]),
        deed=as_sentence(_DEEDS.get(row.method, _DEEDS["POST"])),
        what=row.address.partition("?")[0],
        status=str(row.status),
    )
    return RequestShown(
        request=row,
        told=told,
        next_step=_NEXT_STEPS.get(row.outcome, ""),
        job_id=jobs[0].id if jobs else "",
    )


def _row(held: SentRequest) -> RequestRow:
    return RequestRow(
        sequence=held.number,
        at=held.sent_at.isoformat(),
        side=held.side,
        outcome=outcome_of(held.status),
        method=held.method,
        address=held.address,
        status=held.status,
        milliseconds=held.milliseconds,
        mapping=held.mapping,
        record=held.record,
        message=held.message,
        correlation_id=held.correlation_id,
        run_id=held.run_id,
    )


def outcome_of(status: int | None) -> str:
    """Return what became of a request, as the list's choices name it."""
    match status:
        case None:
            return "unanswered"
        case int() if status == _THROTTLED:
            return "throttled"
        case int() if status >= _TROUBLE:
            return "trouble"
        case int() if status >= 300:
            return "refused"
        case _:
            return "done"
