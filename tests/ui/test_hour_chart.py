"""Charts over hours: every hour is there, scales are round, and nothing needs a style of its own."""

from interlace.ui.hour_chart import (
    HourAxis,
    Series,
    column_chart,
    counted_scale,
    line_chart,
    scale_of_steps,
)

AXIS = HourAxis(titles=["10:00 <b>", "11:00", "12:00", "13:00"], marks=[(0, "10:00"), (2, "12:00")])
FAILED = Series(caption="Failed", look="bad", values=[3, None, 0, 12])
SKIPPED = Series(caption="Skipped", look="warn", values=[1, None, 2, 4])


def drawn_columns() -> str:
    """Draw both series on each other."""
    series = [FAILED, SKIPPED]
    return str(column_chart("Waiting", series, AXIS, counted_scale(series, str), "now 16"))


def test_columns_stand_on_each_other_under_a_round_number() -> None:
    """Sixteen fit under twenty; an hour without values has a slot, and no column."""
    shown = drawn_columns()
    assert counted_scale([FAILED, SKIPPED], str).most == 20
    assert shown.count('class="slot"') == 4
    assert shown.count('class="bad"') == 2
    assert shown.count('class="warn"') == 3


def test_a_chart_tells_in_words_what_it_shows() -> None:
    """Who can't see it hears its caption and its newest values; texts are escaped, and no style is inline."""
    shown = drawn_columns()
    assert 'role="img"' in shown
    assert 'aria-label="Waiting: now 16"' in shown
    assert "10:00 &lt;b&gt;" in shown
    assert "style=" not in shown


def test_a_line_is_broken_where_nothing_is_known() -> None:
    """A value that stands alone is a point."""
    lag = Series(caption="Lag", look="busy", values=[60, None, 1500, 1700])
    shown = str(line_chart("Lag", [lag], AXIS, scale_of_steps([lag], (900, 1800), str), "now 1700"))
    assert shown.count("<circle") == 1
    assert shown.count("M") == 1
    assert "legend" not in shown


def test_a_scale_of_steps_grows_beyond_its_last_step() -> None:
    """The first step that fits is taken, else a round multiple of the last one."""
    values = [Series(caption="", look="", values=[each]) for each in (850, 1000, 5000)]
    assert [scale_of_steps([each], (900, 1800), str).most for each in values] == [900, 1800, 9000]
    nothing = Series(caption="", look="", values=[None])
    assert scale_of_steps([nothing], (900,), str).most == 900
    assert counted_scale([nothing], str).most == 1
