"""How far keys and jobs reach, and who else can read what is stored (requirements K3, Z4, Z6, U3, S1, O4)."""

import ast
import asyncio
import os
import re
import shutil
import ssl
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.web.accounts_desk import cheap_hasher
from tests.web.canned_desk import sample

import interlace
from interlace.bootstrap.accounts import AccountRules, open_accounts
from interlace.bootstrap.application import Application, key_file_of
from interlace.bootstrap.connection_settings import ConnectionSettings
from interlace.bootstrap.desk.opened import open_desk
from interlace.bootstrap.http_server import make_server
from interlace.bootstrap.serving import Server
from interlace.cli.options import opened
from interlace.management import connections
from interlace.management.caller import Caller, Door
from interlace.management.connections import ListConnections
from interlace.management.desk import Desk
from interlace.management.operation import AnyOperation
from interlace.management.operations import ALL_OPERATIONS
from interlace.management.permission import Permission
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.secret_text import secret_names
from interlace.sandbox.tls_authority import tls_files
from interlace.settings import load_config
from interlace.store.key_file import MasterKey

SOURCE = Path(interlace.__file__).parent
DOCUMENTS = SOURCE.parents[1] / "docs"
KEY = Caller(
    user_id="u",
    name="ci",
    permissions=frozenset(Permission),
    door=Door.API,
    token_id="abcdefgh",
    connections=frozenset({"mine"}),
)
_OF_CONNECTION = [
    each
    for each in ALL_OPERATIONS
    if "connection" in each.asked.__struct_fields__ and not each.needs_fresh_sign_in
]
_OF_NONE = frozenset({"users", "tokens", "audit", "account", "views", "connections", "keys", "notifications"})


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The desk of a server that knows two connections and asks no service."""
    state = tmp_path_factory.mktemp("reach")
    config = load_config(environment={}, overrides={"state.directory": str(state)})
    with Application(config) as application, Server(application) as server:
        for name in ("mine", "other"):
            application.add_connection(
                ConnectionSettings(
                    name=name,
                    erp_address="https://erp.example/BC",
                    erp_company=name,
                    erp_user="U",
                    crm_address="https://crm.example",
                    crm_token_url="https://crm.example/token",
                    crm_client_id="c",
                ),
                {},
            )
        accounts = open_accounts(application.state, AccountRules(hasher=cheap_hasher()))
        yield open_desk(server, accounts)


@pytest.mark.parametrize("operation", _OF_CONNECTION, ids=[each.name for each in _OF_CONNECTION])
def test_security_k3_a_key_reaches_its_own_connections_only(desk: Desk, operation: AnyOperation) -> None:
    """Every operation of a connection, asked with a key for another one, is refused before anything is looked at."""
    fields = dict.fromkeys(secret_names(operation.asked), "")
    asked = msgspec.structs.replace(sample(operation.asked), connection="other", **fields)
    with pytest.raises(Refused) as refused:
        asyncio.run(desk.perform(operation, KEY, asked))
    assert refused.value.kind is RefusalKind.FORBIDDEN


def test_security_k3_what_names_no_connection_belongs_to_none(desk: Desk) -> None:
    """Whatever is asked without naming a connection is about none; the list shows a key only its own."""
    without = {each.name for each in ALL_OPERATIONS if "connection" not in each.asked.__struct_fields__}
    assert {name.partition(".")[0] for name in without} <= _OF_NONE
    listed = asyncio.run(desk.perform(connections.LIST, KEY, ListConnections()))
    assert [each.name for each in listed.connections] == ["mine"]


def test_security_z6_jobs_know_no_caller() -> None:
    """Work in the background has the rights of the connection's users in both systems, of nobody who began it."""
    for package in ("engine", "jobs", "connectors", "lead_to_cash"):
        for file in (SOURCE / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                names += [each.name for each in node.names] if isinstance(node, ast.Import) else []
                for name in names:
                    assert not name.startswith(("interlace.management.caller", "interlace.web")), file


def test_security_u3_what_is_stored_is_for_its_owner_only(tmp_path: Path) -> None:
    """Directories and databases are made for nobody else, and those of before are closed when they are opened."""
    state = tmp_path / "state"
    before = os.umask(0o022)
    try:
        with opened(state) as application:
            application.state.check()
        assert os.umask(0o022) == 0o022
        database = state / "interlace.db"
        assert _mode(state) == 0o700
        assert {path.name: _mode(path) for path in state.rglob("*") if path.is_file()} == {
            path.name: 0o600 for path in state.rglob("*") if path.is_file()
        }
        database.chmod(0o644)
        with opened(state):
            assert _mode(database) == 0o600
    finally:
        os.umask(before)


def test_security_u3_the_service_is_fenced_in() -> None:
    """The unit that the documentation gives leaves the service its state directory and the network, and no more."""
    unit = dict(re.findall(r"(?m)^([A-Za-z]+)=(.*)$", _unit().partition("[Service]")[2]))
    wanted = {
        "DynamicUser": "yes",
        "StateDirectoryMode": "0700",
        "UMask": "0077",
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "PrivateDevices": "yes",
        "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
        "CapabilityBoundingSet": "",
        "SystemCallArchitectures": "native",
    }
    assert {name: unit.get(name) for name in wanted} == wanted
    assert "SystemCallFilter=@system-service" in _unit()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed here")
def test_security_u3_systemd_finds_little_left_open(tmp_path: Path) -> None:
    """By systemd's own rating the unit's exposure is 2.0 of 10 at most."""
    unit = tmp_path / "interlace.service"
    unit.write_text(_unit(), encoding="utf-8")
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert rated.returncode == 0, rated.stdout + rated.stderr
    assert "Overall exposure level" in rated.stdout


def test_security_s1_the_key_comes_from_the_supervisor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What systemd gives is used and never written, and no key lies in the state directory then."""
    given, state = tmp_path / "credentials", tmp_path / "state"
    given.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(given))
    first, second = MasterKey.generate(), MasterKey.generate()
    (given / "secret.key").write_bytes(first.line())
    (given / "secret.key").chmod(0o440)
    with opened(state) as application:
        application.state.add_connection("c", connection_id="c")
        application.state.store_secret("c", "p", "words", ())
    # The administrator puts a second key before the first one and starts the service again.
    (given / "secret.key").chmod(0o640)
    (given / "secret.key").write_bytes(second.line() + b"\n" + first.line())
    with opened(state) as application:
        assert application.state.secret("c", "p", ()) == "words"
        assert application.state.rotate_key(lambda *_: ())[0] == 1
    assert (given / "secret.key").read_bytes() == second.line() + b"\n" + first.line()
    (given / "secret.key").write_bytes(second.line())
    with opened(state) as application:
        assert application.state.secret("c", "p", ()) == "words"
    assert not (state / "secret.key").exists()


def test_security_s1_the_first_key_file_that_there_is_counts(tmp_path: Path) -> None:
    """The named one, else the supervisor's, else that of the state directory; the unit gives it under our name."""
    credentials = {"CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")}
    config = load_config(environment={}, overrides={"state.directory": str(tmp_path / "state")})
    named = load_config(environment={}, overrides={"secrets.key_file": str(tmp_path / "named.key")})
    own = tmp_path / "state" / "secret.key"
    assert key_file_of(config, {}).path == key_file_of(config, credentials).path == own
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "secret.key").touch()
    assert key_file_of(config, credentials).path == tmp_path / "credentials" / "secret.key"
    assert key_file_of(named, credentials).path == tmp_path / "named.key"
    page = (DOCUMENTS / "how-to" / "run-the-server.md").read_text(encoding="utf-8")
    assert "\nLoadCredential=secret.key:/" in page


def test_security_o4_tls_begins_with_1_2(tmp_path: Path) -> None:
    """No TLS is older than 1.2, and no recorded one opens with a key that is stolen later; here and to the services."""
    files = tls_files(tmp_path)
    names = {"server.tls_certificate": str(files.certificate), "server.tls_key": str(files.key)}
    server = make_server(None, load_config(environment={}, overrides=names), lambda: None)
    assert server.config.ssl is not None
    for context in (server.config.ssl, ssl.create_default_context()):
        assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
        for each in context.get_ciphers():
            assert each["strength_bits"] >= 128
            assert each["protocol"] == "TLSv1.3" or each["name"].startswith(("ECDHE-", "DHE-")), each["name"]


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _unit() -> str:
    """Return the unit that the documentation gives."""
    page = (DOCUMENTS / "how-to" / "run-the-server.md").read_text(encoding="utf-8")
    return page.partition("```ini\n")[2].partition("```")[0]
