"""Charts over hours, drawn as SVG without a script or a style of their own; the numbers stand in a table below them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from htpy import Element, Node, a, circle, figcaption, figure, g, line, path, rect, span, svg, title
from htpy import text as text_

_WIDTH, _HEIGHT = 420.0, 150.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 6.0, 10.0, 18.0
_BASE = _HEIGHT - _BOTTOM
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One kind of value, hour by hour; None where there is none. Its look is a class of the stylesheet."""

    caption: str
    look: str
    values: Sequence[int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class HourAxis:
    """The hours of a chart: a text for each, shown when one points at it, and marks below some of them."""

    titles: Sequence[str]
    marks: Sequence[tuple[int, str]]

    def left(self, place: int) -> float:
        """Return where the slot of an hour begins."""
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * place / max(1, len(self.titles))

    @property
    def slot(self) -> float:
        """The width of an hour."""
        return self.left(1) - self.left(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What a chart says in words, and where the list behind it is."""

    caption: str
    told: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What the height of a chart means."""

    most: int
    written: Callable[[int], str]

    def top(self, value: float) -> float:
        """Return where a value is drawn."""
        return _BASE - (_BASE - _TOP) * value / self.most


def counted_scale(series: Sequence[Series], written: Callable[[int], str]) -> Scale:
    """Let columns that stand on each other fit, up to a round number."""
    sums = [sum(each or 0 for each in hour) for hour in zip(*(each.values for each in series), strict=True)]
    return Scale(most=_round_up(max([*sums, 1])), written=written)


def scale_of_steps(series: Sequence[Series], steps: Sequence[int], written: Callable[[int], str]) -> Scale:
    """Let every value fit under one of some steps, or under a round multiple of the last one."""
    most = max([each for one in series for each in one.values if each is not None] or [1])
    fitting = next((step for step in steps if most <= step), None)
    return Scale(most=fitting or steps[-1] * _round_up(-(-most // steps[-1])), written=written)


def _round_up(value: int) -> int:
    size = 1
    while True:
        for step in _STEPS:
            if value <= step * size:
                return step * size
        size *= 10


def column_chart(
    caption: str, series: Sequence[Series], axis: HourAxis, scale: Scale, told: str, address: str = ""
) -> Element:
    """Columns that stand on each other, one an hour; `told` says in words what the picture shows.

    `address` is that of the list behind the figures.
    """
    columns: list[Node] = []
    for place, hour in enumerate(axis.titles):
        parts, below = [], 0
        for each in series:
            value = each.values[place]
            if value:
                upper, lower = scale.top(below + value), scale.top(below)
                parts.append(_bar(axis, place, upper, max(lower - upper, 1.0), each.look))
                below += value
        columns.append(_hour(axis, place, hour, parts))
    return _chart(_Shown(caption=caption, told=told, address=address), series, axis, scale, columns)


def line_chart(
    caption: str, series: Sequence[Series], axis: HourAxis, scale: Scale, told: str, address: str = ""
) -> Element:
    """A line for each series, broken where there is no value."""
    drawn: list[Node] = [_hour(axis, place, hour, []) for place, hour in enumerate(axis.titles)]
    for each in series:
        runs = list(_runs(each.values))
        steps = " ".join(
            " ".join(
                f"{'L' if number else 'M'}{_middle(axis, place):.1f} {scale.top(value):.1f}"
                for number, (place, value) in enumerate(run)
            )
            for run in runs
            if len(run) > 1
        )
        drawn.append(path(class_=f"line {each.look}", d=steps) if steps else None)
        drawn += [
            circle(class_=each.look, cx=f"{_middle(axis, place):.1f}", cy=f"{scale.top(value):.1f}", r="2.5")
            for run in runs
            if len(run) == 1
            for place, value in run
        ]
    return _chart(_Shown(caption=caption, told=told, address=address), series, axis, scale, drawn)


def _runs(values: Sequence[int | None]) -> Sequence[Sequence[tuple[int, int]]]:
    runs: list[list[tuple[int, int]]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((place, value))
    return [run for run in runs if run]


def _middle(axis: HourAxis, place: int) -> float:
    return axis.left(place) + axis.slot / 2


def _bar(axis: HourAxis, place: int, top: float, height: float, look: str) -> Element:
    width = max(axis.slot * 0.8, 0.6)
    return rect(
        class_=look, x=f"{axis.left(place):.1f}", y=f"{top:.1f}", width=f"{width:.1f}", height=f"{height:.1f}"
    )


def _hour(axis: HourAxis, place: int, told: str, parts: Sequence[Element]) -> Element:
    """The slot of an hour: it tells its values when one points anywhere above it."""
    whole = {"x": f"{axis.left(place):.1f}", "y": f"{_TOP:.0f}", "width": f"{axis.slot:.1f}"}
    return g[title[told], rect(whole, class_="slot", height=f"{_BASE - _TOP:.0f}"), parts]


def _chart(
    shown: _Shown, series: Sequence[Series], axis: HourAxis, scale: Scale, drawn: Sequence[Node]
) -> Element:
    marks = [
        text_({"text-anchor": "start"}, class_="mark", x=f"{axis.left(place):.1f}", y=f"{_HEIGHT - 5:.0f}")[
            hour
        ]
        for place, hour in axis.marks
    ]
    levels = [level for level in (scale.most, scale.most // 2, 0) if level in (0, scale.most) or level]
    heights = [
        g[
            line(
                class_="level",
                x1=f"{_LEFT:.0f}",
                x2=f"{_WIDTH - _RIGHT:.0f}",
                y1=f"{scale.top(level):.1f}",
                y2=f"{scale.top(level):.1f}",
            ),
            text_(
                {"text-anchor": "end"}, class_="mark", x=f"{_LEFT - 5:.0f}", y=f"{scale.top(level) + 3.5:.1f}"
            )[scale.written(level)],
        ]
        for level in levels
    ]
    legend = [span(class_=f"key {each.look}")[each.caption] for each in series] if len(series) > 1 else None
    view = {"viewBox": f"0 0 {_WIDTH:.0f} {_HEIGHT:.0f}", "aria-label": f"{shown.caption}: {shown.told}"}
    return figure(".chart")[
        figcaption[
            a(href=shown.address)[shown.caption] if shown.address else shown.caption,
            span(".legend")[legend] if legend else None,
        ],
        svg(view, role="img")[heights, drawn, marks],
    ]
