"""The alert rules and the dashboard ask for what a server tells, and name commands that exist."""

import functools
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser as promql
import pytest
import yaml
from typer.main import get_command

from interlace.bootstrap.metrics import FIGURES
from interlace.cli.program import program

ROOT = Path(__file__).parents[2]
PLACE = ROOT / "monitoring"
RULES = PLACE / "interlace.rules.yml"
DASHBOARD = PLACE / "interlace.dashboard.json"
TARGET = frozenset({"job", "instance"})
"""What Prometheus adds to everything that it reads from a server."""
OF_THE_PROCESS = frozenset(
    {
        "up",
        "process_cpu_seconds_total",
        "process_max_fds",
        "process_open_fds",
        "process_resident_memory_bytes",
    }
)
OF_THE_LEFT = frozenset({"and", "unless", ">", "<", "==", "/"})
"""Operators whose result has the labels of their left side."""


def rules() -> list[dict[str, Any]]:
    """The alert rules."""
    [group] = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    assert group.keys() == {"name", "rules"}
    return list(group["rules"])


def panels() -> list[dict[str, Any]]:
    """The panels of the dashboard."""
    return list(json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"])


def asked_of_dashboard() -> Iterator[str]:
    """Each expression of the dashboard, as Grafana sends it."""
    for panel in panels():
        for target in panel["targets"]:
            yield target["expr"].replace("$__rate_interval", "5m").replace("$connection", "main")


@functools.singledispatch
def labels_of(expression: promql.Expr) -> frozenset[str]:
    """The labels that a result has; an expression that asks for a metric or a label that no server tells fails."""
    pytest.fail(f"not understood: {expression}")


@labels_of.register
def _(expression: promql.VectorSelector) -> frozenset[str]:
    name = expression.name
    assert name is not None
    known = TARGET if name in OF_THE_PROCESS else TARGET | set(FIGURES[name].labels)
    assert {each.name for each in expression.matchers.matchers} <= known, expression
    return known


@labels_of.register
def _(expression: promql.MatrixSelector) -> frozenset[str]:
    return labels_of(expression.vector_selector)


@labels_of.register
def _(expression: promql.ParenExpr) -> frozenset[str]:
    return labels_of(expression.expr)


@labels_of.register
def _(expression: promql.NumberLiteral) -> frozenset[str]:
    return frozenset()


@labels_of.register
def _(expression: promql.Call) -> frozenset[str]:
    return frozenset[str]().union(*map(labels_of, expression.args))


@labels_of.register
def _(expression: promql.AggregateExpr) -> frozenset[str]:
    inner = labels_of(expression.expr)
    if expression.modifier is None:
        return frozenset()
    assert expression.modifier.type is promql.AggModifierType.By
    kept = frozenset(expression.modifier.labels)
    assert kept <= inner, expression
    return kept


@labels_of.register
def _(expression: promql.BinaryExpr) -> frozenset[str]:
    left, right = labels_of(expression.lhs), labels_of(expression.rhs)
    matching = None if expression.modifier is None else expression.modifier.matching
    if matching is not None:
        assert set(matching.labels) <= left & right, expression
    elif str(expression.op) in OF_THE_LEFT and right:
        assert left == right, expression
    return left or right


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_a_rule_asks_for_what_is_told_and_says_what_helps(rule: dict[str, Any]) -> None:
    """Its texts show labels that its result has, and commands that exist."""
    assert {"alert", "expr", "labels", "annotations"} <= rule.keys() <= {*rule, "for"}
    labels = labels_of(promql.parse(rule["expr"]))
    assert rule["labels"].keys() == {"severity"}
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    assert rule["annotations"].keys() == {"summary", "description"}
    text = " ".join(rule["annotations"].values())
    assert set(re.findall(r"\$labels\.(\w+)", text)) <= labels
    for command in re.findall(r"`interlace ([^`]+)`", text):
        found: Any = get_command(program)
        for word in shlex.split(command):
            found = found.commands[word]


def test_every_rule_has_a_name_of_its_own_and_stands_in_the_guide() -> None:
    """Whoever is woken finds what it means."""
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))
    guide = (ROOT / "docs" / "how-to" / "watch-with-prometheus.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(Interlace\w+)` \|", guide, re.MULTILINE) == names


@pytest.mark.parametrize("expression", [*asked_of_dashboard()])
def test_the_dashboard_asks_for_what_is_told(expression: str) -> None:
    """Each expression can be read, and each metric and label in it is one of ours."""
    labels_of(promql.parse(expression))


def test_the_dashboard_shows_every_figure() -> None:
    """But the version, the moments that the lag is reckoned from, and the runs: connections are listed by those."""
    asked = " ".join(asked_of_dashboard())
    shown = {name for name in FIGURES if re.search(rf"\b{name}\b", asked)}
    assert FIGURES.keys() - shown == {
        "interlace_build_info",
        "interlace_last_success_timestamp_seconds",
        "interlace_runs_total",
    }
    [_, connection] = json.loads(DASHBOARD.read_text(encoding="utf-8"))["templating"]["list"]
    assert connection["definition"] == "label_values(interlace_runs_total, connection)"


def test_panels_do_not_lie_upon_one_another() -> None:
    """Each has a place, a title, a number and words of its own."""
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
        assert panel["description"]
    for key in ("id", "title"):
        values = [panel[key] for panel in panels()]
        assert len(values) == len(set(values))


@pytest.mark.parametrize(
    "arguments", [["check", "rules", RULES.name], ["test", "rules", "interlace.rules.test.yml"]]
)
def test_prometheus_itself_takes_the_rules(arguments: list[str]) -> None:
    """Its own tool finds nothing to complain about, and the stories beside the rules come true."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("not run, there is no promtool: it comes with Prometheus")
    ended = subprocess.run([promtool, *arguments], cwd=PLACE, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
