"""No secret leaves its envelope: a whole small run, then every byte that it wrote is searched."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.both_ends import NAME, BothEnds, Interlace
from tests.cli.canary import contents_of, search, spellings, tokens_seen
from tests.directory_server import DirectoryServer, served_directory

from interlace.sandbox.identity.founding import ensure_application


@pytest.mark.parametrize("spelled", list(spellings("canary-0123456789")))
def test_the_search_finds_every_spelling(spelled: bytes) -> None:
    """A search that finds nothing has looked."""
    with pytest.raises(AssertionError):
        search({"fine": b"nothing", "spoilt": b"before " + spelled + b" behind"}, ["canary-0123456789"])


def test_security_s5_a_whole_run_leaves_no_secret_anywhere(
    interlace: Interlace,
    both_ends: BothEnds,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Database, its log, journal, exports, output and debug logs are searched for keys, secrets and tokens."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("INTERLACE_LOG__LEVEL", "DEBUG")
    seen = tokens_seen(monkeypatch)
    written = ""
    for arguments in (
        ("connection", "add", NAME, *both_ends.options()),
        ("connection", "test", NAME),
        ("connection", "enable", NAME),
        ("plan", "CUSTOMER", "--out", str(tmp_path / "state" / "plan.json")),
        ("synch", "--full"),
        ("connection", "show", "--json"),
        ("jobs", "--json"),
        ("errors", "list", "--json"),
        ("journal", "verify"),
        ("doctor",),
        ("keys", "show"),
        ("keys", "rotate"),
        ("settings", "--json"),
    ):
        ended = interlace(*arguments)
        written += ended.out + ended.err
    secrets = [each.read_text(encoding="utf-8").strip() for each in _secret_files(both_ends)]
    assert len(seen) >= 1
    _search(tmp_path / "state", written + caplog.text, [*secrets, *seen])


def _secret_files(both_ends: BothEnds) -> tuple[Path, Path]:
    return both_ends.erp_key_file, both_ends.crm_secret_file


def _search(directory: Path, written: str, secrets: list[str]) -> None:
    contents = contents_of(directory)
    assert "interlace.db" in contents
    search({**contents, "output and logs": written.encode()}, secrets)


@pytest.fixture
def directory_server(tmp_path: Path) -> Iterator[DirectoryServer]:
    """A directory behind TLS with one application."""
    with served_directory(tmp_path) as server:
        ensure_application(
            server.directory, "5b6e7f80-0000-4000-8000-000000000002", "Interlace", secret="canary-" + "x" * 32
        )
        yield server


def test_security_s5_a_refused_sign_in_shows_no_secret(
    interlace: Interlace, both_ends: BothEnds, directory_server: DirectoryServer, tmp_path: Path
) -> None:
    """What the directory refuses is told by client id and code, in text and nowhere with the secret."""
    secret_file = tmp_path / "wrong.txt"
    secret_file.write_text("canary-of-a-wrong-secret-0123456789", encoding="utf-8")
    added = interlace(
        *("connection", "add", NAME, "--erp", both_ends.erp_address, "--company", "Nordlicht"),
        *("--erp-user", "INTERLACE", "--erp-key-file", str(both_ends.erp_key_file)),
        *("--crm", both_ends.crm_address, "--crm-authority", directory_server.authority),
        *("--client-id", "5b6e7f80-0000-4000-8000-000000000002", "--crm-secret-file", str(secret_file)),
        *("--crm-ca-file", str(directory_server.ca_file), "--json"),
    )
    assert added.only["crm_authentication"] == "client-secret"
    ended = interlace("connection", "test", "--json")
    assert ended.code == 5
    (refused,) = [each for each in ended.objects if each["check"] == "CRM sign-in"]
    assert "AADSTS7000215" in refused["message"]
    assert "Enter the client secret's value, not its id" in refused["message"]
    assert "--crm-authority URL" in refused["remedy"]
    _search(tmp_path / "state", added.out + added.err + ended.out + ended.err, [secret_file.read_text()])
