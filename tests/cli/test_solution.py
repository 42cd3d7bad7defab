"""`interlace solution`: the package on disk, and the way of a bare CRM to one that Interlace can work with."""

import base64
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

import pytest
from tests.cli.both_ends import NAME, BothEnds, Ended, Interlace, served

from interlace.cli.exit_codes import ExitCode
from interlace.cli.program import run_program
from interlace.sandbox.crm.sandbox import CrmSandbox, SandboxOptions, create_crm_sandbox
from interlace.solution.build import build_solution, pack
from interlace.solution.source_files import read_sources

USER_ROLE, ADMINISTRATOR_ROLE = "Interlace Integration User", "Interlace Integration Administrator"
NEWER = pack(replace(read_sources(), version="7.0.0.0"), managed=True)
OLDER = pack(replace(read_sources(), version="0.9.0.0"), managed=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """A CRM of the test's own with a connection to it."""

    crm: CrmSandbox
    address: str
    interlace: Interlace
    administrator: list[str]
    """The options by which an application that is an administrator signs in."""

    def import_solution(self, *options: str) -> Ended:
        """Import as the administrator."""
        return self.interlace("solution", "import", *self.administrator, *options, "--json")

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Ask the CRM as an administrator, past Interlace."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self.crm.options.administrator_client_id,
            "client_secret": self.crm.options.administrator_client_secret,
            "scope": f"{self.address}/.default",
        }
        token_url = f"{self.address}/{self.crm.options.tenant_id}/oauth2/v2.0/token"
        with urlopen(Request(token_url, urlencode(form).encode())) as answer:
            token = json.load(answer)["access_token"]
        request = Request(
            f"{self.address}/api/data/v9.2/{quote(path, safe='()$&=?,')}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            method=method,
        )
        with urlopen(request) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def versions(self) -> list[str]:
        """Return the versions of the solution that the CRM has."""
        found = self.ask("GET", "solutions?$select=version&$filter=uniquename eq 'InterlaceIntegration'")
        return [each["version"] for each in found["value"]]

    def integration_user(self) -> dict[str, Any]:
        """Return the user of the connection's application."""
        path = (
            f"systemusers?$filter=applicationid eq {self.crm.options.client_id}"
            "&$expand=systemuserroles_association($select=name)"
        )
        found: list[dict[str, Any]] = self.ask("GET", path)["value"]
        [user] = found
        return user


Start = Callable[..., Organization]


@pytest.fixture
def start(tmp_path: Path, both_ends: BothEnds, interlace: Interlace) -> Iterator[Start]:
    """Return a function that starts a CRM of the test's own and connects to it."""
    with ExitStack() as stack:

        def begin(**chosen: Any) -> Organization:
            """Start a CRM, bare unless something else is chosen."""
            options = SandboxOptions(**{"integration_roles": (), **chosen})
            crm = create_crm_sandbox(tmp_path / "crm", options)
            stack.callback(crm.close)
            address = stack.enter_context(served(crm))
            token_url = f"{address}/{options.tenant_id}/oauth2/v2.0/token"
            added = interlace("connection", "add", NAME, *both_ends.options(crm=address, token_url=token_url))
            assert added.code == 0, added.err
            secret = tmp_path / "administrator.txt"
            secret.write_text(f"{options.administrator_client_secret}\n", encoding="utf-8")
            return Organization(
                crm=crm,
                address=address,
                interlace=interlace,
                administrator=[
                    "--client-id",
                    options.administrator_client_id,
                    "--secret-file",
                    str(secret),
                ],
            )

        yield begin


def test_build_writes_the_package(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The zip is written under the name that the service would give it, and its digest is told."""
    assert run_program(["solution", "build", "--out", str(tmp_path), "--json"]) == ExitCode.OK
    told = json.loads(capsys.readouterr().out)
    content = Path(told["file"]).read_bytes()
    assert Path(told["file"]).name == build_solution().file_name
    assert (told["bytes"], told["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert told["managed"] is True
    with zipfile.ZipFile(told["file"]) as archive:
        assert archive.testzip() is None


def test_build_says_where_it_cannot_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file in a folder that isn't there is no crash."""
    file = tmp_path / "missing" / "solution.zip"
    assert run_program(["solution", "build", "--out", str(file)]) == ExitCode.CONFIGURATION
    assert "can't be written" in capsys.readouterr().err


def test_bare_crm_becomes_ready(start: Start) -> None:
    """From nothing: the solution is imported, the account gets its roles, and the connection passes its test."""
    bare = start()
    before = bare.interlace("solution", "status", "--json")
    assert before.code == ExitCode.CHANGES_PENDING
    assert "interlace solution import" in before.err
    assert bare.interlace("connection", "test", NAME).code != ExitCode.OK

    ended = bare.import_solution()
    assert ended.code == ExitCode.OK, ended.err
    assert ended.only["deed"] == "imported"
    assert ended.only["roles_given"] == [USER_ROLE, ADMINISTRATOR_ROLE]
    assert "Importing InterlaceIntegration" in ended.err

    after = bare.interlace("solution", "status", "--json")
    assert after.code == ExitCode.OK, after.err
    assert (after.only["installed"], after.only["missing_roles"]) == (build_solution().version, [])
    tested = bare.interlace("connection", "test", NAME)
    assert tested.code == ExitCode.OK, tested.out + tested.err


def test_user_of_the_application_is_made_where_it_is_missing(start: Start) -> None:
    """Nobody has to visit the admin center: the import makes the application's user, and says so."""
    bare = start(integration_user=False)
    ended = bare.import_solution()
    assert ended.code == ExitCode.OK, ended.err
    assert "had no user for the application" in ended.err
    held = {each["name"] for each in bare.integration_user()["systemuserroles_association"]}
    assert {USER_ROLE, ADMINISTRATOR_ROLE} <= held


def test_change_tracking_is_switched_on_with_consent(start: Start) -> None:
    """A table without it is named; only an import that is told so switches it on."""
    bare = start(untracked_tables=("account", "salesorder"))
    plain = bare.import_solution()
    assert (plain.code, plain.objects[0]["tracked"]) == (0, [])
    [check] = _tracking(bare)
    assert check["state"] == "warning"
    assert "Switched off for account, salesorder." in check["message"]
    assert "solution import --connection" in check["remedy"]
    consented = bare.import_solution("--track-changes")
    assert (consented.code, consented.objects[0]["tracked"]) == (0, ["account", "salesorder"]), consented.err
    assert [each["state"] for each in _tracking(bare)] == ["ok"]


def _tracking(bare: Organization) -> list[dict[str, Any]]:
    checks = bare.interlace("connection", "test", "--json").objects
    return [each for each in checks if each["check"] == "CRM change tracking"]


def test_second_import_changes_nothing_and_redeploy_imports_again(start: Start) -> None:
    """What is there is not imported twice, unless that is asked for."""
    bare = start()
    assert bare.import_solution().only["deed"] == "imported"
    again = bare.import_solution()
    assert (again.only["deed"], again.only["roles_given"]) == ("unchanged", [])
    assert bare.import_solution("--redeploy").only["deed"] == "imported again"
    assert bare.versions() == [build_solution().version]


def test_older_solution_is_upgraded(start: Start) -> None:
    """An older version makes way for ours; its records and our roles stay."""
    held = start(solutions=(OLDER,))
    status = held.interlace("solution", "status", "--json")
    assert status.code == ExitCode.CHANGES_PENDING
    held.ask("POST", "accounts", {"name": "Kept", "ilc_erpkey": "10000"})
    ended = held.import_solution()
    assert ended.code == ExitCode.OK, ended.err
    assert (ended.only["deed"], ended.only["version_before"]) == ("upgraded", "0.9.0.0")
    assert held.versions() == [build_solution().version]
    [account] = held.ask("GET", "accounts?$select=name,ilc_erpkey")["value"]
    assert (account["name"], account["ilc_erpkey"]) == ("Kept", "10000")


def test_upgrade_that_broke_off_goes_on(start: Start) -> None:
    """A version that was imported beside the old one, and never put in its place, is put there now."""
    organization = start(solutions=(OLDER,))
    body = {
        "OverwriteUnmanagedCustomizations": True,
        "PublishWorkflows": False,
        "CustomizationFile": base64.b64encode(build_solution().content).decode(),
        "ImportJobId": "0b0b0b0b-0000-4000-8000-000000000002",
        "HoldingSolution": True,
    }
    organization.ask("POST", "ImportSolution", body)
    assert organization.versions() == ["0.9.0.0"]
    ended = organization.import_solution()
    assert ended.code == ExitCode.OK, ended.err
    assert ended.only["deed"] == "upgraded"
    assert organization.versions() == [build_solution().version]


def test_newer_solution_is_left_alone(start: Start) -> None:
    """An older Interlace never puts its solution over a newer one's."""
    held = start(solutions=(NEWER,))
    ended = held.import_solution()
    assert ended.code == ExitCode.CONFIGURATION
    assert "has version 7.0.0.0" in ended.err
    assert held.versions() == ["7.0.0.0"]


def test_unmanaged_solution_is_replaced_by_its_own_kind(start: Start) -> None:
    """Where the unmanaged kind was imported by hand, an import goes on with that kind."""
    held = start(solutions=(build_solution(managed=False).content,))
    ended = held.import_solution("--redeploy")
    assert ended.code == ExitCode.OK, ended.err
    assert (ended.only["deed"], ended.only["managed"]) == ("imported again", False)


def test_disabled_account_is_named_before_anything_is_written(start: Start) -> None:
    """The account that Interlace works with must be enabled first."""
    bare = start()
    bare.ask("PATCH", f"systemusers({bare.integration_user()['systemuserid']})", {"isdisabled": True})
    ended = bare.import_solution()
    assert ended.code == ExitCode.CONFIGURATION
    assert "is disabled in the CRM. Enable the user" in ended.err
    assert bare.versions() == []


def test_account_that_is_no_administrator_is_named(start: Start, both_ends: BothEnds) -> None:
    """Whoever signs in must be a System Administrator; what he holds is told."""
    bare = start()
    ended = bare.interlace(
        "solution",
        "import",
        "--client-id",
        bare.crm.options.client_id,
        "--secret-file",
        str(both_ends.crm_secret_file),
    )
    assert ended.code == ExitCode.CONFIGURATION
    assert "is no System Administrator of the CRM (roles: none" in ended.err
    assert bare.versions() == []


def test_missing_user_is_named_when_none_may_be_made(start: Start) -> None:
    """With --no-add-user the application's user must be there."""
    bare = start(integration_user=False)
    ended = bare.import_solution("--no-add-user")
    assert ended.code == ExitCode.CONFIGURATION
    assert "has no user for the application" in ended.err
    assert bare.versions() == []


def test_wrong_secret_is_a_refused_sign_in(start: Start, tmp_path: Path) -> None:
    """A wrong secret of the administrator is told as what it is, and not shown."""
    bare = start()
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("surely-wrong-secret", encoding="utf-8")
    client_id = bare.crm.options.administrator_client_id
    ended = bare.interlace("solution", "import", "--client-id", client_id, "--secret-file", str(wrong))
    assert ended.code == ExitCode.SIGN_IN
    assert "surely-wrong-secret" not in ended.out + ended.err


ARGUMENTS = [
    (("--sign-in", "token-address"), "Name the one of the administrator with --client-id"),
    (("--sign-in", "magic"), "There is no way to sign in that is called 'magic'"),
    (("--sign-in", "basic"), "user name is missing"),
    (("--sign-in", "device-code"), "has no address of the sign-in service"),
    (("--client-id", "x", "--secret-file", "nowhere.txt"), "can't be read"),
    (("--client-id", "x"), "Give it with --secret-file FILE"),
]


@pytest.mark.parametrize(("options", "text"), ARGUMENTS)
def test_what_is_missing_is_asked_for(connected: Interlace, options: tuple[str, ...], text: str) -> None:
    """Whoever forgets something reads what to add."""
    ended = connected("solution", "import", *options)
    assert ended.code == ExitCode.CONFIGURATION
    assert text in ended.err
