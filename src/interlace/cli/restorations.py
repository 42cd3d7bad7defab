"""`interlace restorations`: backups that were found to have been restored, one banner for each, whatever it touched."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from interlace.bootstrap.application import Application, Connection
from interlace.cli.captions import moment_text
from interlace.cli.options import ConnectionName, Json, State, opened
from interlace.cli.output import Column, Output
from interlace.cli.spoken import said
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.locale.translatable import joined, translatable
from interlace.store.markers import Restoration

_ONE_EVENT = timedelta(hours=1)
"""Mappings notice a restored backup one after the other, each in its own run."""
_COLUMNS = (
    Column(key="restored", caption="Restored"),
    Column(key="noticed", caption="Noticed"),
    Column(key="mappings", caption="Mappings"),
    Column(key="doubtful", caption="Pairs in doubt", number=True),
    Column(key="conflicts", caption="To decide", number=True),
    Column(key="banner", caption="What it means"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One restored backup, as all mappings together noticed it."""

    side: Side | None
    """The service; None: Interlace's own memory."""
    noticed: datetime
    mappings: tuple[MappingName, ...]


def restorations(connection: ConnectionName = None, state: State = None, *, as_json: Json = False) -> None:
    """List the restored backups that were noticed, with what is still to be repaired or decided.

    Example: interlace restorations
    """
    output = Output(as_json=as_json)
    with opened(state) as application:
        held = application.connection(connection)
        rows = _rows(application, held, as_json=as_json)
    output.rows(_COLUMNS, rows, empty="No restored backup was noticed.")


def events_of(found: Iterable[Restoration]) -> list[Event]:
    """Gather what the mappings noticed into one event a backup, the newest first."""
    events: list[Event] = []
    for each in sorted(found, key=lambda it: it.at, reverse=True):
        last = next((event for event in reversed(events) if event.side is each.side), None)
        if last is not None and last.noticed - each.at <= _ONE_EVENT:
            mappings = tuple(dict.fromkeys((*last.mappings, each.mapping)))
            events[events.index(last)] = Event(side=each.side, noticed=each.at, mappings=mappings)
        else:
            events.append(Event(side=each.side, noticed=each.at, mappings=(each.mapping,)))
    return events


def banner(event: Event, doubtful: int, conflicts: int) -> str:
    """Say what happened, what Interlace did about it, and what is left for a person."""
    told = [
        translatable(
            "Interlace's own memory seems to have been restored from a backup. Every record is compared once more; "
            "what it no longer knew is taken from the records, and nothing is created twice."
        )
        if event.side is None
        else translatable(
            "The {side} seems to have been restored from a backup. Every record is compared once more; its old values "
            "are written over with the newer ones, and what is missing there is created again.",
            side=event.side.value.upper(),
        )
    ]
    if doubtful:
        told.append(
            translatable(
                "Pairs that are still to be compared: {count}; let a run through (interlace synch).",
                count=doubtful,
            )
        )
    if conflicts:
        told.append(
            translatable(
                "Conflicts that are yours to decide: {count} (interlace conflicts list).", count=conflicts
            )
        )
    return joined(told)


def banners_since(application: Application, held: Connection, moment: datetime) -> list[str]:
    """Return the banners of the restored backups that were noticed from a moment on."""
    found = application.state.queries.restorations(held.id)
    if not any(each.at >= moment for each in found):
        return []
    events = events_of(found)
    rows = _rows(application, held, as_json=False)
    return [str(row["banner"]) for event, row in zip(events, rows, strict=True) if event.noticed >= moment]


def _rows(application: Application, held: Connection, *, as_json: bool) -> list[dict[str, object]]:
    queries = application.state.queries
    doubtful = queries.doubtful_pairs(held.id)
    waiting = queries.count_conflicts_by_mapping(held.id)
    return [
        _row(event, doubtful, waiting, as_json=as_json) for event in events_of(queries.restorations(held.id))
    ]


def _row(
    event: Event,
    doubtful: Mapping[tuple[MappingName, Side], int],
    waiting: Mapping[MappingName, int],
    *,
    as_json: bool,
) -> dict[str, object]:
    in_doubt = sum(doubtful.get((name, event.side), 0) for name in event.mappings if event.side is not None)
    to_decide = sum(waiting.get(name, 0) for name in event.mappings)
    say = str if as_json else said
    own = translatable("own memory")
    return {
        "restored": say(own) if event.side is None else event.side.value.upper(),
        "noticed": moment_text(event.noticed, as_json=as_json),
        "mappings": ", ".join(event.mappings),
        "doubtful": in_doubt,
        "conflicts": to_decide,
        "banner": say(banner(event, in_doubt, to_decide)),
    }
