"""What Interlace is built on: counted, listed, asked about, and free of secrets (requirements U5 to U10)."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from tools.bill_of_materials import REQUIREMENTS, bill, pins
from tools.findings import ROOT

from tools import known_weaknesses, secret_lint

_DIRECT_MAX = 25
_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
_HELD = pins(REQUIREMENTS.read_text(encoding="utf-8"))


def test_security_u5_nothing_is_installed_but_pinned_files() -> None:
    """What runs is installed by hash, from files that are ready to run, and brings nothing along."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    options = "--require-hashes --no-deps --only-binary :all: -r requirements/run.txt"
    assert options in makefile
    assert all(each.digests for each in _HELD)


def test_security_u7_every_package_stands_on_the_bill() -> None:
    """The bill is CycloneDX 1.6, the same each time, with version and digests of all that is pinned."""
    written = json.dumps(bill(_HELD, "1"), sort_keys=True)
    assert written == json.dumps(bill(pins(REQUIREMENTS.read_text(encoding="utf-8")), "1"), sort_keys=True)
    told: Any = json.loads(written)
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    assert [each["purl"] for each in told["components"]] == [each.address for each in _HELD]
    assert len(set(told["dependencies"][0]["dependsOn"])) == len(_HELD) > 50
    assert all(each["properties"] for each in told["components"])
    with pytest.raises(ValueError, match="not pinned"):
        pins("something>=1\n")


_MODULES = {
    "argon2-cffi": "argon2",
    "prometheus-client": "prometheus_client",
    "pyspnego": "spnego",
    "uvloop": "uvicorn",
}
"""What a package is called where it is imported; uvicorn takes the event loop by itself."""


def test_security_u7_each_direct_dependency_has_its_reason_and_owner() -> None:
    """No more than twenty-five, each with what it is for and the part of the source that needs it, which does so."""
    direct = {re.split(r"[\[<>=;]", each)[0] for each in _PROJECT["dependencies"]}
    page = (ROOT / "docs" / "reference" / "dependencies.md").read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^\| `([^`]+)` \| ([^|]+) \| `([a-z]+)` \|", page)
    assert {package for package, *_ in rows} == direct
    assert len(rows) == len(direct) <= _DIRECT_MAX
    for package, reason, owner in rows:
        assert reason.strip(), package
        imported = re.compile(rf"(?m)^\s*(?:from|import) [\w.]*\b{_MODULES.get(package, package)}\w*\b")
        sources = (ROOT / "src" / "interlace" / owner).rglob("*.py")
        assert any(imported.search(each.read_text(encoding="utf-8")) for each in sources), package


class _Database(BaseHTTPRequestHandler):
    """Knows one weakness, and leaves packages out if it is told to."""

    leaves_out = 0

    def do_POST(self) -> None:
        """Answer about each package in order."""
        queries = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
        results = [
            {"vulns": [{"id": "W-1"}]} if "jinja2@0" in each["package"]["purl"] else {} for each in queries
        ]
        body = json.dumps({"results": results[self.leaves_out :]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name for it
        """Say nothing."""


@pytest.fixture
def database() -> Iterator[str]:
    """The address of a database of weaknesses."""
    with HTTPServer(("127.0.0.1", 0), _Database) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("text", "leaves_out", "code", "told"),
    [
        ("a==1 \\\n    --hash=sha256:" + "0" * 64, 0, 0, "1 packages asked about, 0 with"),
        ("a==1\nJinja2==0\n", 0, 1, "Jinja2 0: W-1"),
        ("a==1\nb==2\n", 1, 2, "2 packages were asked about, 1 answered"),
    ],
    ids=["none", "one", "left out"],
)
def test_security_u6_every_package_is_asked_about_or_the_audit_fails(
    database: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    leaves_out: int,
    code: int,
    told: str,
) -> None:
    """A known weakness fails the audit, and so does an answer that leaves a package out."""
    monkeypatch.setattr(_Database, "leaves_out", leaves_out)
    file = tmp_path / "requirements.txt"
    file.write_text(text, encoding="utf-8")
    assert known_weaknesses.main([file], database) == code
    assert told in "".join(capsys.readouterr())


def test_security_u6_without_an_answer_nothing_is_known(tmp_path: Path, database: str) -> None:
    """A database that can't be asked is no clean bill of health."""
    file = tmp_path / "requirements.txt"
    file.write_text("a==1\n", encoding="utf-8")
    assert known_weaknesses.main([file], "http://127.0.0.1:9/") == 2
    assert known_weaknesses.main([file], database) == 0


def test_security_u8_the_pages_use_files_of_ours_only() -> None:
    """Nothing in the web client names another origin, and what is copied in from others is nothing."""
    static = ROOT / "src" / "interlace" / "web" / "static"
    assert {path.name for path in static.iterdir() if path.suffix == ".js"} == {
        "interlace.js",
        "keys.js",
        "rows.js",
        "tour.js",
    }
    for path in (*static.glob("*.js"), ROOT / "src" / "interlace" / "ui" / "style.css"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://(?!www\.w3\.org/)|@import|url\(['\"]?//", text), path.name


@pytest.mark.parametrize(
    "secret",
    [
        "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEpAIBAAKCAQEAabcdefghij\n",
        "AKIA" + "ABCDEFGHIJKLMNOP",
        "ghp_" + "a1" * 18,
        "abc8Q~" + "x" * 34,
        "https://user:" + "hunter22@db.example",
        "eyJ" + "hbGciOiJIUzI1NiIsInR5" + ".eyJ" + "zdWIiOiIxMjM0NTY3ODkw" + "." + "x" * 43,
    ],
)
def test_security_u10_secrets_are_found_and_not_repeated(secret: str) -> None:
    """What looks like a secret is told by line and kind, never by itself."""
    ((line, kind),) = secret_lint.secrets_in(f"first\nkey = {secret}")
    assert line == 2
    assert secret not in kind


def test_security_u10_the_policy_says_who_when_and_how_fast() -> None:
    """Contact, what is maintained, ninety days, and times for what is critical and high."""
    policy = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    for wanted in (
        "report privately",
        "newest release",
        "90 days",
        "| 7 days |",
        "| 30 days |",
        "five working days",
    ):
        assert wanted in policy, wanted


def test_security_u9_the_same_source_gives_the_same_package(tmp_path: Path) -> None:
    """Built in two places, from files of other times, the wheel is the same byte by byte."""
    built = []
    for number, place in enumerate(("one", "another place")):
        source = tmp_path / place
        shutil.copytree(
            ROOT / "src", source / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
        )
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, source)
        for path in source.rglob("*"):
            os.utime(path, (number, number + 1_000_000_000))
        words = [sys.executable, "-c", "from setuptools import build_meta; build_meta.build_wheel('.')"]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000", "PYTHONHASHSEED": str(number)}
        subprocess.run(words, cwd=source, env=environment, check=True, capture_output=True)
        [wheel] = source.glob("*.whl")
        built.append(hashlib.sha256(wheel.read_bytes()).hexdigest())
    assert built[0] == built[1]


def test_security_u9_nobody_builds_with_what_is_not_pinned() -> None:
    """The build has its backend in one version, and no workflow of a host runs actions that others can change."""
    [backend] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"][
        "requires"
    ]
    assert re.fullmatch(r"setuptools==[\d.]+", backend)
    assert backend in (ROOT / "requirements" / "run.in").read_text(encoding="utf-8")
    workflows = (ROOT / ".github" / "workflows").glob("*.y*ml")
    used = [
        each for path in workflows for each in re.findall(r"uses: *(\S+)", path.read_text(encoding="utf-8"))
    ]
    assert [each for each in used if not re.search(r"@[0-9a-f]{40}$", each)] == []
