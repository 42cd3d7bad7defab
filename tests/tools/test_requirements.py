"""The pinned requirements install from any package index, and nothing else gets in."""

import re
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).parents[2] / "requirements"
PINNED = re.compile(r"^([a-z0-9-]+(?:\.[a-z0-9-]+)*)==(\S+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    """Package and version of every pin in a requirement file."""
    return dict(PINNED.findall((REQUIREMENTS / name).read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", ["run.txt", "dev.txt", "clients.txt"])
def test_every_package_is_pinned_with_hashes(name: str) -> None:
    """Each requirement is an exact version followed by at least one hash."""
    text = (REQUIREMENTS / name).read_text(encoding="utf-8").replace("\\\n", " ")
    requirements = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert len(requirements) == len(pins(name)) > 0
    assert all("--hash=sha256:" in line for line in requirements)


@pytest.mark.parametrize("name", ["run.txt", "dev.txt", "clients.txt"])
def test_no_address_stands_in_a_requirement_file(name: str) -> None:
    """Where packages come from is the installer's configuration, not ours."""
    text = (REQUIREMENTS / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE)


def test_the_test_tools_add_to_what_runs_and_change_nothing() -> None:
    """What is tested is what runs: the same version of every package."""
    run, dev = pins("run.txt"), pins("dev.txt")
    assert run.items() <= dev.items()


def test_the_build_backend_is_the_pinned_one() -> None:
    """Building without isolation needs the version that pyproject.toml names."""
    project = (REQUIREMENTS.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert f'requires = ["setuptools=={pins("run.txt")["setuptools"]}"]' in project
