"""The page of metrics names what is told, no more and no less."""

import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from interlace.bootstrap.application import Application
from interlace.bootstrap.metrics import FIGURES, Figures
from interlace.settings import load_config

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"


def test_the_page_names_every_metric_and_no_other(tmp_path: Path) -> None:
    """With its kind and its labels."""
    text = PAGE.read_text(encoding="utf-8")
    table = {
        name: (kind, tuple(labels.split(", ")))
        for name, kind, labels in re.findall(
            r"^\| `(interlace_\w+)` \| (\w+) \| ([^|]+) \|", text, re.MULTILINE
        )
    }
    with Application(
        load_config(environment={}, overrides={"state.directory": str(tmp_path)})
    ) as application:
        families = list(text_string_to_metric_families(Figures(application.state).text()))
    told = {
        f"{family.name}_total" if family.type == "counter" else family.name: family.type
        for family in families
        if family.name.startswith("interlace_")
    }
    assert table == {name: (kind, FIGURES[name].labels) for name, kind in told.items()}
