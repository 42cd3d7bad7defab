"""The page that shows the ERP's stock on an order line: what it asks, what it shows, what it never does."""

import base64
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from interlace.solution.source_files import read_sources

STORIES = Path(__file__).with_name("availability_page_stories.js")
PRODUCT = "5a3c1f52-0f5c-4f44-9d2e-0c1d2e3f4a5b"
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node, which runs the page's script, is not installed")


def source(name: str) -> str:
    """Return a web resource of the package as text."""
    [found] = [each for each in read_sources().web_resources if each.name == name]
    return found.content.decode("utf-8")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Run the page's script with CRMs and feeds of its own, and return what it found."""
    script = tmp_path_factory.mktemp("page") / "ilc_availability.js"
    script.write_text(source("ilc_availability.js"), "utf-8")
    command = [str(NODE), str(STORIES), str(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@needs_node
def test_page_shows_the_stock_of_the_moment(told: dict[str, Any]) -> None:
    """The feed's figures are shown with their unit, and when they were read."""
    live = told["live"]
    assert (live["title"], live["inventory"], live["projected"]) == ("Chair · 1000", "12 PCS", "-3 PCS")
    assert live["age"].startswith("As of ")
    assert live["remark"] == ""


@needs_node
def test_page_asks_the_feed_for_one_product_with_the_token_only(told: dict[str, Any]) -> None:
    """One request: the product's id in the filter, the token as basic sign-in, no cookies, no redirect, no cache."""
    seen = told["seen"]
    assert seen["address"] == (
        "https://erp.example:7048/BC/ODataV4/Company('CRONUS')/ProductItemAvailability"
        f"?$filter=CRM_ID%20eq%20{PRODUCT}"
    )
    credentials = base64.b64decode(seen["how"]["headers"]["Authorization"].removeprefix("Basic "))
    assert credentials.decode("utf-8") == "SALES:tökèn"
    assert (seen["how"]["credentials"], seen["how"]["redirect"], seen["how"]["cache"]) == (
        "omit",
        "error",
        "no-store",
    )


REMARKS = [
    ("unknown", "knows no item"),
    ("other", "knows no item"),
    ("expired", "does not accept the token"),
    ("broken", "answered with an error (503)"),
    ("nonsense", "could not be understood"),
    ("none", "not set up in this CRM"),
    ("plain", "must begin with https"),
    ("script", "must begin with https"),
    ("away", "does not answer"),
]


@needs_node
@pytest.mark.parametrize(("story", "remark"), REMARKS)
def test_page_falls_back_to_the_product_and_says_why(told: dict[str, Any], story: str, remark: str) -> None:
    """Where the feed gives no figure, the last synchronized quantity is shown with its age and the reason."""
    assert remark in told[story]["remark"]
    assert told[story]["inventory"] == "7"
    assert told[story]["age"].startswith("As of the last synchronization")


@needs_node
def test_page_finds_its_product(told: dict[str, Any]) -> None:
    """A product is named by the dialog or by a line; anything else is refused in words."""
    assert told["byData"] == told["byLine"] == PRODUCT
    assert "written-in product" in told["writtenIn"]
    assert "Save the line" in told["foreign"]
    assert "Save the line" in told["injected"]


@needs_node
def test_a_feed_on_this_machine_may_be_plain(told: dict[str, Any]) -> None:
    """Trials run without TLS on this machine, and only there."""
    assert told["local"].startswith("http://127.0.0.1:7048/BC/ODataV4/ProductItemAvailability?")


def test_script_writes_texts_only_and_asks_nobody_else() -> None:
    """The page can't be made to run what a record says: no markup from values, no foreign address, no evaluation."""
    script = source("ilc_availability.js")
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "new Function"):
        assert forbidden not in script
    for forbidden in ("localStorage", "sessionStorage", "document.cookie", "updateRecord", "createRecord"):
        assert forbidden not in script
    for name in ("ilc_availability.js", "ilc_availability.html", "ilc_availability.css"):
        assert not re.search(r"https?://[a-z]", source(name))


def test_page_names_only_files_of_the_package() -> None:
    """The page loads its script and style sheet from the same folder, and nothing inline."""
    page = source("ilc_availability.html")
    names = {each.name for each in read_sources().web_resources}
    assert set(re.findall(r'(?:src|href)="([^"]+)"', page)) <= names
    assert "<style" not in page
    assert not re.search(r"\son[a-z]+=", page)
