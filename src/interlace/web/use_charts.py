"""How much was asked of each service in the last hours, beside what it allows, as charts and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from htpy import Element, Node, details, div, h2, p, section, summary

from interlace.management.requests import USE_WINDOW, UseOfService, UseOfWindow, UseShown
from interlace.management.translatable import translatable
from interlace.ui.hour_chart import HourAxis, Series, column_chart, counted_scale
from interlace.ui.listing import Column, listing
from interlace.ui.words import Words
from interlace.web.visit import Visit

USE_HOURS = 4
_WINDOWS = timedelta(hours=USE_HOURS) // USE_WINDOW
_MARKS_EVERY = 12
_CAPTIONS = {"erp": translatable("Requests to the ERP"), "crm": translatable("Requests to the CRM")}


def use_charts(visit: Visit, shown: UseShown, now: datetime) -> Element | None:
    """Return a chart for each service; nothing as long as no request was counted."""
    words = visit.words
    if not any(each.windows for each in shown.services):
        return None
    return section(".part.history", aria_labelledby="use")[
        h2("#use")[words.t("Use of what the services allow")],
        div(".charts")[[_chart(visit, each, now) for each in shown.services]],
        details[summary[words.t("The requests as a table")], _table(words, shown.services)],
    ]


def _chart(visit: Visit, service: UseOfService, now: datetime) -> Element:
    words = visit.words
    last = datetime.fromtimestamp(
        now.timestamp() // USE_WINDOW.total_seconds() * USE_WINDOW.total_seconds(), now.tzinfo
    )
    slots = [last - USE_WINDOW * back for back in range(_WINDOWS - 1, -1, -1)]
    by_window = {each.at: each for each in service.windows}
    found = [by_window.get(each) for each in slots]
    axis = HourAxis(
        titles=[_told(words, slot, each) for slot, each in zip(slots, found, strict=True)],
        marks=[(place, words.time(slot)) for place, slot in enumerate(slots) if place % _MARKS_EVERY == 0],
    )
    refused = Series(
        caption=words.t("Put off"), look="bad", values=[each.refused if each else 0 for each in found]
    )
    others = Series(
        caption=words.t("Answered"),
        look="busy",
        values=[each.requests - each.refused if each else 0 for each in found],
    )
    most = max((each.percent or 0 for each in service.windows), default=0)
    told = (
        words.t(
            "at most {percent} of the {count} requests in five minutes that it allows",
            percent=words.percent(most / 100),
            count=service.requests_max,
        )
        if service.requests_max is not None
        else words.t("no limit is known")
    )
    series = [others, refused]
    address = visit.to("/requests", {"filters.side": service.side}) if visit.sees("/requests") else ""
    caption = words.t(_CAPTIONS[service.side])
    return column_chart(caption, series, axis, counted_scale(series, words.number), told, address)


def _told(words: Words, slot: datetime, window: UseOfWindow | None) -> str:
    if window is None:
        return words.t("{time}: no request", time=words.time(slot))
    return words.t(
        "{time}: {requests}, {percent} of the allowance, {at_once} at once at most",
        time=words.time(slot),
        requests=words.n("{count} request", "{count} requests", window.requests),
        percent=_percent(words, window.percent),
        at_once=window.at_once,
    )


def _percent(words: Words, percent: int | None) -> str:
    return "—" if percent is None else words.percent(percent / 100)


def _table(words: Words, services: Sequence[UseOfService]) -> Element:
    columns = [
        Column(caption=words.t("Time"), is_whole=True, tooltip=words.t("Beginning of the five minutes.")),
        Column(caption=words.t("Service"), tooltip=words.t("The system that was asked.")),
        *(
            Column(caption=words.t(caption), is_number=True, tooltip=words.t(tooltip))
            for caption, tooltip in (
                (translatable("Requests sent"), translatable("How many requests were sent.")),
                (
                    translatable("Of the requests allowed"),
                    translatable(
                        "The part of the requests that the service allows its user in five minutes."
                    ),
                ),
                (
                    translatable("Of the time allowed"),
                    translatable("The part of the execution time that the service allows its user."),
                ),
                (translatable("At once"), translatable("How many were under way together at most.")),
                (translatable("Put off"), translatable("How many the service refused as too many.")),
            )
        ),
    ]
    rows: list[list[Node]] = [
        [
            words.datetime(window.at),
            words.t("ERP") if service.side == "erp" else words.t("CRM"),
            words.number(window.requests),
            _percent(words, window.percent),
            _percent(words, window.seconds_percent),
            words.number(window.at_once),
            words.number(window.refused),
        ]
        for service in services
        for window in reversed(service.windows)
    ]
    return listing(columns, rows, caption=words.t("The requests as a table"), empty=p)
