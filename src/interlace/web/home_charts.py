"""How a connection stood hour by hour, as charts and as a table, and how far each direction is behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from htpy import Element, Node, details, div, h2, li, p, section, summary, ul

from interlace.domain.error_codes import ErrorClass
from interlace.management.home import DirectionLag, Home, HourFigures, LagRanks
from interlace.management.translatable import translatable
from interlace.ui.badge import Tone
from interlace.ui.card import cue
from interlace.ui.hour_chart import (
    HourAxis,
    Series,
    column_chart,
    counted_scale,
    line_chart,
    scale_of_steps,
)
from interlace.ui.keys import STATISTICS
from interlace.ui.listing import Column, listing
from interlace.ui.notices import empty_state
from interlace.ui.words import Words
from interlace.web.visit import Visit

HOURS = 48
_HOUR = timedelta(hours=1)
_SECONDS = (300, 900, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400)
"""Where the scale of a lag may end."""
_SOON = timedelta(minutes=65)
"""Every mapping's turn comes at least twice in this time."""
_LATE = timedelta(hours=4)
_MARKS_EVERY = 12
_UNITS = (86_400, 3600, 60)
TO_CRM, TO_ERP = "ToIntegrationTable", "FromIntegrationTable"
_CLASS_LOOKS = {
    ErrorClass.TRANSIENT: "busy",
    ErrorClass.DATA: "bad",
    ErrorClass.PERMISSION: "warn",
    ErrorClass.DEPENDENCY: "calm",
    ErrorClass.CONFLICT: "accent",
    ErrorClass.DEFECT: "ink",
}
_DIRECTIONS = {TO_CRM: translatable("ERP to CRM"), TO_ERP: translatable("CRM to ERP")}


def lag_cues(visit: Visit, lags: Sequence[DirectionLag], now: datetime) -> list[Element]:
    """Tell at a glance how old the oldest change can be that has not been carried over."""
    words = visit.words
    return [
        cue(
            "—" if each.seconds is None else words.duration(_roundly(each.seconds)),
            words.t("Lag {direction}", direction=_direction(words, each.direction)),
            "#lag",
            _tone(each, now),
            tooltip=words.t("How old the oldest change can be that has not been carried over."),
        )
        for each in lags
    ]


def _direction(words: Words, name: str) -> str:
    return words.t(_DIRECTIONS[name])


def _roundly(seconds: int) -> timedelta:
    """Round down to the greatest unit: a tile has room for one."""
    unit = next((each for each in _UNITS if seconds >= each), 1)
    return timedelta(seconds=seconds // unit * unit)


def _tone(lag: DirectionLag, now: datetime) -> Tone:
    if lag.looked_until is None:
        return Tone.NEUTRAL
    behind = now - lag.looked_until
    if behind > _LATE:
        return Tone.BAD
    return Tone.WARN if behind > _SOON or lag.failed else Tone.GOOD


def charts(visit: Visit, shown: Home, now: datetime) -> Element:
    """The charts, what the lag is reckoned from, and the table of the same figures."""
    words = visit.words
    return section(".part.history", aria_labelledby="lag", aria_keyshortcuts=STATISTICS)[
        h2("#lag")[words.t("Lag and records, hour by hour")],
        ul(".lags")[[li[_lag_told(words, each)] for each in shown.lags]] if shown.lags else None,
        _drawn(visit, shown.hours, now)
        if shown.hours
        else empty_state(
            words.t("No hour has been kept yet"),
            words.t("A running server keeps how the connection stands once a minute."),
        ),
    ]


def _lag_told(words: Words, lag: DirectionLag) -> str:
    direction = _direction(words, lag.direction)
    if lag.looked_until is None:
        return words.t(
            "{direction}: {mapping} was never synchronized completely, so the lag can't be told.",
            direction=direction,
            mapping=lag.looked_mapping,
        )
    told = [
        words.t(
            "{direction}: every change made before {moment} has been looked at; {mapping} was last.",
            direction=direction,
            moment=lag.looked_until,
            mapping=lag.looked_mapping,
        )
    ]
    if lag.failed_since is not None:
        told.append(
            words.n(
                "{count} record has failed and is tried again, since {moment}.",
                "{count} records have failed and are tried again, the oldest since {moment}.",
                lag.failed,
                moment=lag.failed_since,
            )
        )
    if lag.skipped_since is not None:
        told.append(
            words.n(
                "{count} record is left out until somebody helps, since {moment}.",
                "{count} records are left out until somebody helps, the oldest since {moment}.",
                lag.skipped,
                moment=lag.skipped_since,
            )
        )
    return " ".join(told)


def _drawn(visit: Visit, hours: Sequence[HourFigures], now: datetime) -> Node:
    words = visit.words
    by_hour = {each.hour: each for each in hours}
    last = now.replace(minute=0, second=0, microsecond=0)
    slots = [last - _HOUR * back for back in range(HOURS - 1, -1, -1)]
    found = [by_hour.get(each) for each in slots]
    axis = HourAxis(
        titles=[_told(words, slot, each) for slot, each in zip(slots, found, strict=True)],
        marks=[(place, words.time(slot)) for place, slot in enumerate(slots) if place % _MARKS_EVERY == 0],
    )
    newest = hours[-1]
    return [
        div(".charts")[
            _lag_chart(visit, axis, TO_CRM, [each.to_lag_ranks if each else None for each in found]),
            _lag_chart(visit, axis, TO_ERP, [each.from_lag_ranks if each else None for each in found]),
            _waiting_chart(visit, axis, found, newest),
            _class_chart(visit, axis, found, newest),
            _coupled_chart(visit, axis, found, newest),
        ],
        details[summary[words.t("The same figures as a table")], _table(words, hours)],
    ]


def _told(words: Words, slot: datetime, hour: HourFigures | None) -> str:
    """What an hour tells when one points at it."""
    if hour is None:
        return words.t("{hour}: nothing was kept", hour=slot)
    return words.t(
        "{hour}: {coupled} coupled, {failed} failed, {skipped} skipped, {conflicts} in conflict; lag to the CRM "
        "{to_lag}, to the ERP {from_lag}",
        hour=slot,
        coupled=hour.coupled,
        failed=hour.failed,
        skipped=hour.skipped,
        conflicts=hour.conflicts,
        to_lag=_duration(words, hour.to_lag),
        from_lag=_duration(words, hour.from_lag),
    )


def _duration(words: Words, seconds: int | None) -> str:
    return "—" if seconds is None else words.duration(timedelta(seconds=seconds))


def _lag_chart(visit: Visit, axis: HourAxis, direction: str, found: Sequence[LagRanks | None]) -> Element:
    words = visit.words
    series = [
        Series(
            caption=words.t("half of the time"),
            look="busy",
            values=[each.p50 if each else None for each in found],
        ),
        Series(
            caption=words.t("95 % of the time"),
            look="warn dashed",
            values=[each.p95 if each else None for each in found],
        ),
    ]
    scale = scale_of_steps(series, _SECONDS, lambda seconds: _duration(words, seconds) if seconds else "0")
    newest = next((each for each in reversed(found) if each is not None), None)
    told = words.t(
        "lately {half} at most for half of the time, {most} for 95 % of it",
        half=_duration(words, newest.p50 if newest else None),
        most=_duration(words, newest.p95 if newest else None),
    )
    caption = words.t("Lag {direction}", direction=_direction(words, direction))
    return line_chart(caption, series, axis, scale, told, _list_at(visit, "/jobs"))


def _class_chart(
    visit: Visit, axis: HourAxis, found: Sequence[HourFigures | None], newest: HourFigures
) -> Element:
    words = visit.words
    series = [
        Series(
            caption=words.t(each.value),
            look=look,
            values=[hour.classes.get(each.value, 0) if hour else None for hour in found],
        )
        for each, look in _CLASS_LOOKS.items()
    ]
    told = words.listed(
        [
            words.t("{column}: {value}", column=words.t(each.value), value=newest.classes.get(each.value, 0))
            for each in _CLASS_LOOKS
        ]
    )
    scale = counted_scale(series, words.number)
    return column_chart(words.t("Errors by class"), series, axis, scale, told, _list_at(visit, "/errors"))


def _list_at(visit: Visit, path: str) -> str:
    """Return where the list behind a chart is, as far as the visitor's experience shows it."""
    return visit.to(path) if visit.sees(path) else ""


def _waiting_chart(
    visit: Visit, axis: HourAxis, found: Sequence[HourFigures | None], newest: HourFigures
) -> Element:
    words = visit.words
    captions: Mapping[str, tuple[str, str]] = {
        "failed": (words.t("Failed"), "bad"),
        "skipped": (words.t("Skipped"), "warn"),
    }
    series = [
        Series(caption=caption, look=look, values=[getattr(each, name) if each else None for each in found])
        for name, (caption, look) in captions.items()
    ]
    told = words.t("now {failed} failed and {skipped} skipped", failed=newest.failed, skipped=newest.skipped)
    scale, address = counted_scale(series, words.number), _list_at(visit, "/errors/skipped")
    return column_chart(words.t("Records that wait"), series, axis, scale, told, address)


def _coupled_chart(
    visit: Visit, axis: HourAxis, found: Sequence[HourFigures | None], newest: HourFigures
) -> Element:
    words = visit.words
    caption = words.t("Coupled records")
    series = [Series(caption=caption, look="good", values=[each.coupled if each else None for each in found])]
    told = words.n("now {count} record", "now {count} records", newest.coupled)
    scale = counted_scale(series, words.number)
    return column_chart(caption, series, axis, scale, told, _list_at(visit, "/couplings"))


def _table(words: Words, hours: Sequence[HourFigures]) -> Element:
    columns = [
        Column(caption=words.t("Hour"), is_whole=True),
        Column(caption=words.t("Coupled"), is_number=True),
        Column(caption=words.t("Failed"), is_number=True),
        Column(caption=words.t("Skipped"), is_number=True),
        Column(caption=words.t("Conflicts"), is_number=True),
        Column(caption=words.t("Lag {direction}", direction=_direction(words, TO_CRM)), is_number=True),
        Column(caption=words.t("Lag {direction}", direction=_direction(words, TO_ERP)), is_number=True),
        *(
            Column(
                caption=words.t("{caption}, {part}", caption=_direction(words, direction), part=part),
                is_number=True,
                tooltip=words.t("Under which lag this direction was for that part of the hour."),
            )
            for direction in (TO_CRM, TO_ERP)
            for part in (words.t("half of the time"), words.t("95 % of the time"))
        ),
        *(
            Column(
                caption=words.t("Errors: {kind}", kind=words.t(each.value)),
                is_number=True,
                tooltip=words.t("How many records with an error of this class were waiting."),
            )
            for each in _CLASS_LOOKS
        ),
    ]
    rows: list[list[Node]] = [
        [
            words.datetime(each.hour),
            words.number(each.coupled),
            words.number(each.failed),
            words.number(each.skipped),
            words.number(each.conflicts),
            _duration(words, each.to_lag),
            _duration(words, each.from_lag),
            *(
                _duration(words, seconds)
                for ranks in (each.to_lag_ranks, each.from_lag_ranks)
                for seconds in ((ranks.p50, ranks.p95) if ranks else (None, None))
            ),
            *(words.number(each.classes.get(known.value, 0)) for known in _CLASS_LOOKS),
        ]
        for each in reversed(hours)
    ]
    return listing(columns, rows, caption=words.t("The same figures as a table"), empty=p)
