"""The unit of systemd that the documentation shows: hardened, and it starts what exists."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from interlace.cli.program import program

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "run-the-server.md"


@pytest.fixture
def options() -> dict[str, list[str]]:
    """The unit's options; one may come several times."""
    found = re.search(r"```ini\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    held: dict[str, list[str]] = {}
    for line in found.group(1).splitlines():
        name, is_option, value = line.partition("=")
        if is_option and not line.startswith("#"):
            held.setdefault(name, []).append(value)
    return held


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("NoNewPrivileges", "yes"),
        ("PrivateTmp", "yes"),
        ("PrivateDevices", "yes"),
        ("DynamicUser", "yes"),
        ("StateDirectoryMode", "0700"),
        ("UMask", "0077"),
        ("CapabilityBoundingSet", ""),
        ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
        ("SystemCallFilter", "@system-service"),
        ("Type", "notify"),
    ],
)
def test_the_unit_is_hardened(options: dict[str, list[str]], name: str, value: str) -> None:
    """What the service may do is what it needs."""
    assert value in options[name]


def test_the_unit_starts_a_command_that_exists(options: dict[str, list[str]]) -> None:
    """Its arguments can be parsed, and it is given longer to stop than it needs."""
    [command] = options["ExecStart"]
    path, *arguments = shlex.split(command)
    assert path.endswith("/interlace")
    serve = get_command(program).commands[arguments[0]]  # type: ignore[attr-defined]
    context = serve.make_context("interlace", arguments[1:], resilient_parsing=True)
    assert context.params["state"] == Path("/var/lib/interlace")
    assert int(options["TimeoutStopSec"][0]) > 10
    assert int(options["WatchdogSec"][0]) > 0
