"""What stands before the web client: health, figures, notices; and the settings of how the server is reached."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from interlace.bootstrap.application import Application
from interlace.bootstrap.front import Front, Receive, Scope, Send
from interlace.bootstrap.http_server import listen, make_server
from interlace.bootstrap.metrics import Figures
from interlace.bootstrap.public_address import address_of, is_reached_by_others
from interlace.bootstrap.web_client import check_addresses, web_rules
from interlace.bootstrap.webhooks import Receivers
from interlace.settings import Config, SettingsError, load_config
from interlace.ui.headers import SCRIPTED_PAGE_HEADERS

HERE = ("127.0.0.1", 50_000)


class Condition:
    """Health as a test wants it."""

    def __init__(self) -> None:
        self.said = ""

    def problem(self) -> str:
        """Say what the test wants."""
        return self.said


async def web(scope: Scope, _receive: Receive, send: Send) -> None:
    """Stand in for the web client."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": f"page {scope['path']}".encode()})


def config_with(tmp_path: Path, settings: Mapping[str, str]) -> Config:
    """Gather settings, with the state in a directory of the test's own."""
    return load_config(environment={}, overrides={"state.directory": str(tmp_path), **settings})


def asked(front: Front, path: str, **changed: Any) -> tuple[int, str, dict[bytes, bytes]]:
    """Ask a front for a path."""
    sent: list[Any] = []
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "client": HERE,
        "headers": [(b"host", b"127.0.0.1:8100")],
        **changed,
    }

    async def receive() -> dict[str, object]:
        """Give the body."""
        return {"type": "http.request", "body": b""}

    async def send(message: object) -> None:
        """Take the answer."""
        sent.append(message)

    asyncio.run(front(scope, receive, send))
    return sent[0]["status"], sent[1]["body"].decode(), dict(sent[0]["headers"])


def front_with(application: Application, condition: Condition, config: Config) -> Front:
    """Make a front over a store."""
    return Front(
        web,
        config=config,
        rules=web_rules(config),
        health=condition,
        figures=Figures(application.state),
        receivers=Receivers(application, lambda *_: None),
    )


def test_health_is_told_and_pages_are_passed_on(tmp_path: Path) -> None:
    """Live as long as it answers, ready as long as it can work; only reading is allowed."""
    config, condition = config_with(tmp_path, {}), Condition()
    with Application(config) as application:
        front = front_with(application, condition, config)
        assert asked(front, "/healthz")[:2] == (200, "live\n")
        assert asked(front, "/readyz")[:2] == (200, "ready\n")
        condition.said = "the database does not answer"
        assert asked(front, "/readyz")[:2] == (503, "the database does not answer\n")
        assert asked(front, "/healthz", method="POST")[0] == 405
        status, body, headers = asked(front, "/healthz", method="HEAD")
        assert (status, body, headers[b"cache-control"]) == (200, "", b"no-store")
        assert asked(front, "/setup")[:2] == (200, "page /setup")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/webhooks/guessed"])
def test_security_w2_w5_what_programs_ask_has_the_headers_too(tmp_path: Path, path: str) -> None:
    """Health, figures and refused notices carry what every page does: policy, no sniffing, no cache, TLS."""
    config = config_with(tmp_path, {"server.public_address": "https://interlace.example"})
    with Application(config) as application:
        headers = asked(front_with(application, Condition(), config), path)[2]
    told = {name.decode(): value.decode() for name, value in headers.items()}
    wanted = {name.lower(): value for name, value in SCRIPTED_PAGE_HEADERS if name != "Content-Type"}
    assert told.items() >= wanted.items()
    assert "max-age=63072000" in told["strict-transport-security"]


@pytest.mark.parametrize(
    ("setting", "changed", "status"),
    [
        ("local", {}, 200),
        ("local", {"client": ("192.0.2.7", 1)}, 404),
        ("local", {"headers": [(b"host", b"localhost"), (b"X-Forwarded-For", b"192.0.2.7")]}, 404),
        ("local", {"headers": [(b"host", b"rebound.example:8100")]}, 404),
        ("open", {"client": ("192.0.2.7", 1), "headers": [(b"host", b"interlace.example")]}, 200),
        ("off", {}, 404),
    ],
)
def test_figures_are_shown_to_whom_the_setting_says(
    tmp_path: Path, setting: str, changed: dict[str, Any], status: int
) -> None:
    """By default to programs on this machine, and to no page of another site that was led here."""
    config = config_with(tmp_path, {"server.metrics": setting})
    with Application(config) as application:
        front = front_with(application, Condition(), config)
        assert asked(front, "/metrics", **changed)[0] == status


def test_figures_can_be_read_by_prometheus(tmp_path: Path) -> None:
    """Every family has the prefix, a base unit and a help text."""
    with Application(config_with(tmp_path, {})) as application:
        families = list(text_string_to_metric_families(Figures(application.state).text()))
    names = {family.name for family in families}
    assert {
        "interlace_records",
        "interlace_run_duration_seconds",
        "interlace_lag_seconds",
        "interlace_api_requests",
        "interlace_api_throttled_seconds",
        "interlace_queue_depth",
        "interlace_conflicts_open",
        "interlace_skipped_open",
        "interlace_last_success_timestamp_seconds",
    } <= names
    assert all(name.startswith(("interlace_", "process_")) for name in names)
    assert all(family.documentation for family in families)


def test_names_and_addresses_follow_the_settings(tmp_path: Path) -> None:
    """The server is known under this machine's names, its own and the named ones, and under no others."""
    rules = web_rules(config_with(tmp_path, {}))
    assert rules.hosts == {"localhost", "127.0.0.1", "::1"}
    assert not rules.is_tls
    settings = {
        "server.host": "192.0.2.5",
        "server.allowed_hosts": "erp.example, Sync.Example",
        "server.public_address": "https://interlace.example/",
    }
    config = config_with(tmp_path, settings)
    rules = web_rules(config)
    assert {"192.0.2.5", "erp.example", "sync.example", "interlace.example"} <= rules.hosts
    assert rules.is_tls
    assert is_reached_by_others(config)
    assert address_of(config, 8100) == "https://interlace.example"
    assert address_of(config_with(tmp_path, {"server.host": "::"}), 81) == "http://localhost:81"
    assert address_of(config_with(tmp_path, {"server.host": "::1"}), 81) == "http://[::1]:81"
    assert not is_reached_by_others(config_with(tmp_path, {}))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("server.public_address", "interlace.example", "must be an address"),
        ("webhooks.address", "https://interlace.example/path", "must be an address"),
        ("server.metrics", "everybody", "local, open or off"),
    ],
)
def test_settings_that_can_not_be_meant_are_refused(tmp_path: Path, name: str, value: str, said: str) -> None:
    """The message names the setting and what is possible."""
    with pytest.raises(SettingsError, match=said):
        check_addresses(config_with(tmp_path, {name: value}))


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    """With the setting to change."""
    with listen(config_with(tmp_path, {"server.port": "0"})) as first:
        taken = str(first.getsockname()[1])
        first.listen()
        with pytest.raises(SettingsError, match=f"port {taken}: .*server.port"):
            listen(config_with(tmp_path, {"server.port": taken}))
    config = config_with(tmp_path, {"server.host": "0.0.0.0", "server.port": "0"})  # noqa: S104
    with listen(config, only_here=True) as here:
        assert here.getsockname()[0] == "127.0.0.1"


def test_half_a_certificate_is_refused(tmp_path: Path) -> None:
    """Both files are needed, and both must be readable."""
    with pytest.raises(SettingsError, match="TLS needs both"):
        make_server(web, config_with(tmp_path, {"server.tls_certificate": "server.pem"}), lambda: None)
    missing = {"server.tls_certificate": str(tmp_path / "no.pem"), "server.tls_key": str(tmp_path / "no.key")}
    with pytest.raises(SettingsError, match="can't be used"):
        make_server(web, config_with(tmp_path, missing), lambda: None)
