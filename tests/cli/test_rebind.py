"""A memory that was copied, moved, or finds other ends refuses to write until a person binds it anew."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.cli.both_ends import NAME, BothEnds, Ended, Interlace, served
from tests.ready_crm import ready_crm

from interlace.bootstrap.connection_settings import ConnectionSettings
from interlace.bootstrap.fingerprint import NotAtHome, bound, ends_of, machine_name, place_of, require_home
from interlace.cli.program import run_program
from interlace.settings import Config, load_config

WRITING = (
    ["synch"],
    ["synch", "--full"],
    ["full-synch", "start"],
    ["connection", "enable", NAME],
    ["recover"],
)
READING = (
    ["couplings", "list"],
    ["errors"],
    ["jobs"],
    ["verify"],
    ["connection", "test"],
    ["connection", "show"],
    ["synch", "SHIPPING AGENT", "--dry-run"],
    ["plan", "SHIPPING AGENT"],
    ["recover", "--dry-run"],
)
At = Callable[..., Ended]


@pytest.fixture
def copied(synchronized_state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> At:
    """Commands on a copy of a state directory that nobody bound."""
    shutil.copytree(synchronized_state, tmp_path / "copy")

    def at(*arguments: str) -> Ended:
        capsys.readouterr()
        code = run_program([*arguments, "--state", str(tmp_path / "copy")])
        written = capsys.readouterr()
        return Ended(code=code, out=written.out, err=written.err)

    return at


@pytest.mark.parametrize("command", WRITING, ids=" ".join)
def test_copied_directory_refuses_to_write(copied: At, command: list[str]) -> None:
    """The refusal says what happened, that nothing was written, and what to do."""
    ended = copied(*command)
    assert ended.code == 4
    assert "was copied or moved" in ended.err
    assert "Nothing was written" in ended.err
    assert "`interlace connection rebind main`" in ended.err


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_copied_directory_can_be_read(copied: At, command: list[str]) -> None:
    """Whoever looks at a copy finds everything."""
    assert copied(*command).code in {0, 2, 3}


def test_copied_directory_that_is_bound_goes_on(copied: At) -> None:
    """After a person has bound it, the copy writes like the original."""
    assert copied("connection", "rebind", "--yes").code == 0
    assert copied("synch", "SHIPPING AGENT").code == 0


def test_binding_asks_first(copied: At) -> None:
    """Where nobody can answer nothing is bound; the question says what one vouches for."""
    ended = copied("connection", "rebind")
    assert ended.code == 4
    assert "must be stopped for good" in ended.err
    assert copied("synch").code == 4


def test_original_goes_on_beside_the_copy(copied: At, synchronized_state: Path) -> None:
    """A copy that was bound takes nothing from the original's right: a person must stop it."""
    assert copied("connection", "rebind", "--yes").code == 0
    assert run_program(["synch", "SHIPPING AGENT", "--state", str(synchronized_state)]) == 0


@pytest.fixture
def other_organization(both_ends: BothEnds) -> Iterator[str]:
    """The address of another organization that knows the same client."""
    crm = ready_crm(organization_id="99999999-6c0e-4a58-9d1b-3e0f4a6c2b90")
    with served(crm) as address:
        yield address
    crm.close()


def test_other_organization_behind_the_address_is_refused(
    synchronized: Interlace, both_ends: BothEnds, other_organization: str, tmp_path: Path
) -> None:
    """Both ends are asked who they are before the first write, whatever their addresses say."""
    with sqlite3.connect(tmp_path / "state" / "interlace.db") as database:
        [(before,)] = database.execute("SELECT settings FROM connection").fetchall()
        held = ConnectionSettings.load(json.loads(before))
        after = before.replace(held.crm_address, other_organization)
        database.execute("UPDATE connection SET settings = ?", (after,))
    database.close()
    secret_file = str(both_ends.crm_secret_file)
    assert synchronized("connection", "change", NAME, "--crm-secret-file", secret_file).code == 0
    ended = synchronized("synch")
    assert ended.code == 4
    assert "now stand" in ended.err


def config(directory: Path, url: str = "") -> Config:
    """Return the settings of an installation."""
    overrides = {"state.directory": str(directory)} | ({"state.database_url": url} if url else {})
    return load_config(environment={}, overrides=overrides)


def settings(**changed: str) -> ConnectionSettings:
    """Return a connection's settings."""
    given = {
        "name": "main",
        "erp_address": "https://erp.example.com/BC",
        "erp_company": "Nordlicht",
        "erp_user": "INTERLACE",
        "crm_address": "https://org.crm4.dynamics.com",
        "crm_token_url": "https://login.example.com/token",
        "crm_client_id": "client",
        "erp_company_id": "company",
        "crm_organization_id": "organization",
        **changed,
    }
    return ConnectionSettings(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changed",
    [
        {"erp_address": "https://test.example.com/BC"},
        {"erp_address": "https://erp.example.com/Sandbox"},
        {"erp_company_id": "other"},
        {"crm_address": "https://test.crm4.dynamics.com"},
        {"crm_organization_id": "other"},
    ],
)
def test_other_ends_are_refused(tmp_path: Path, changed: dict[str, str]) -> None:
    """Address and id of the ERP's company, address and id of the CRM's organization: each counts."""
    held = bound(settings(), config(tmp_path))
    moved = ConnectionSettings.load({**held.dump(), **changed})
    with pytest.raises(NotAtHome, match="interlace connection rebind main"):
        require_home(moved, config(tmp_path))


def test_other_port_on_this_machine_is_the_same_end(tmp_path: Path) -> None:
    """The embedded services take a free port at every start."""
    held = bound(settings(erp_address="http://127.0.0.1:1/BC"), config(tmp_path))
    moved = ConnectionSettings.load({**held.dump(), "erp_address": "http://localhost:2/BC"})
    require_home(moved, config(tmp_path))


def test_unbound_connection_is_at_home_anywhere(tmp_path: Path) -> None:
    """A connection that was never enabled here is bound by enabling it."""
    require_home(settings(), config(tmp_path))


def test_other_path_is_another_place(tmp_path: Path) -> None:
    """A directory that was moved on one machine can't be told from a copy."""
    assert place_of(config(tmp_path / "a")) != place_of(config(tmp_path / "b"))
    assert place_of(config(tmp_path)).endswith(f" on machine {machine_name()}")


def test_machines_are_told_apart_by_the_id_that_their_system_keeps(tmp_path: Path) -> None:
    """The id itself is not told; a system without one has no name."""
    one, other, missing = tmp_path / "one", tmp_path / "other", tmp_path / "missing"
    one.write_text("0123456789abcdef\n", encoding="ascii")
    other.write_text("fedcba9876543210\n", encoding="ascii")
    assert machine_name([missing, one]) == machine_name([one])
    assert machine_name([one]) != machine_name([other])
    assert "0123" not in machine_name([one])
    assert machine_name([missing]) == "unnamed"


def test_link_to_the_directory_is_the_same_place(tmp_path: Path) -> None:
    """However the directory is named, it is the same one."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert place_of(config(tmp_path / "link")) == place_of(config(tmp_path / "real"))


def test_shared_database_is_one_place_for_all_workers(tmp_path: Path) -> None:
    """PostgreSQL's address counts, not whose state directory it is, and no password is told."""
    url = "postgresql+psycopg://user:secret@db.example.com:5433/interlace"
    place = place_of(config(tmp_path / "a", url))
    assert place == place_of(config(tmp_path / "b", url)) == "database interlace at db.example.com:5433"
    assert place != place_of(config(tmp_path, url.replace("/interlace", "/copy")))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://user@localhost/interlace",
        "postgresql+psycopg://user@/interlace",
        "postgresql+psycopg:///interlace?host=/run/postgresql",
    ],
)
def test_database_on_this_machine_belongs_to_this_machine(tmp_path: Path, url: str) -> None:
    """An address that means another server on every machine is told together with the machine."""
    assert place_of(config(tmp_path, url)).endswith(f" on machine {machine_name()}")
    assert place_of(config(tmp_path, url)) != place_of(config(tmp_path, url.replace("interlace", "copy")))


def test_database_in_memory_has_no_place(tmp_path: Path) -> None:
    """What is never kept can't be copied."""
    assert place_of(config(tmp_path, "sqlite://")) == ""


def test_ends_are_named_for_people() -> None:
    """The text of a refusal names hosts and ids."""
    assert ends_of(settings()) == (
        "ERP erp.example.com/BC company company, CRM org.crm4.dynamics.com organization organization"
    )


def test_doctor_names_the_place_and_the_fix(copied: At) -> None:
    """Whoever asks what is wrong with a copy is told."""
    ended = copied("doctor", "--json")
    [place] = [each for each in ended.objects if each["check"] == "Place"]
    assert place["state"] == "problem"
    assert "interlace connection rebind main" in place["remedy"]
