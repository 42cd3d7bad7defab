"""`interlace sandbox apps`, `people` and `erp-services`: who may sign in, and what is published."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from tests.cli.both_ends import Ended

from interlace.bootstrap.sandbox_directory import open_shared_directory
from interlace.cli.program import run_program
from interlace.sandbox.erp.application_server import ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.identity.founding import INTEGRATION_CLIENT_ID, INTEGRATION_SECRET

Sandbox = Callable[..., Ended]


@pytest.fixture
def sandbox(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Sandbox:
    """The commands on the directory of an ERP that was started once."""
    directory = open_shared_directory(tmp_path)
    create_erp_sandbox(tmp_path / "erp", ErpSandboxOptions(directory=directory)).close()
    directory.close()

    def run(*arguments: str) -> Ended:
        capsys.readouterr()
        code = run_program(["sandbox", *arguments, "--state", str(tmp_path), "--json"])
        written = capsys.readouterr()
        return Ended(code=code, out=written.out, err=written.err)

    return run


def _accepts(state: Path, client_id: str, secret: str) -> bool:
    directory = open_shared_directory(state)
    held = directory.application(client_id)
    directory.close()
    assert held is not None
    return held.accepts(secret, datetime.now(UTC))


def test_an_application_is_registered_and_gets_secrets_that_end(sandbox: Sandbox, tmp_path: Path) -> None:
    """A secret is told once; it ends by its date, or when all are ended."""
    client_id = sandbox("apps", "register", "Reports", "--service", "erp").only["client_id"]
    secret = sandbox("apps", "add-secret", client_id, "--expires", "2199-12-31").only["secret"]
    assert _accepts(tmp_path, client_id, secret)
    listed = sandbox("apps", "list")
    assert secret not in listed.out
    (shown,) = [each for each in listed.objects if each["client_id"] == client_id]
    assert (shown["secrets"], shown["services"], shown["enabled"]) == ("2199-12-31 00:00", "erp", True)
    past = sandbox("apps", "add-secret", client_id, "--expires", "2020-01-01").only["secret"]
    assert not _accepts(tmp_path, client_id, past)
    sandbox("apps", "expire-secrets", client_id)
    assert not _accepts(tmp_path, client_id, secret)


def test_applications_are_disabled_and_lose_services(sandbox: Sandbox, tmp_path: Path) -> None:
    """Each command shows what it left; the integration's own secret is there from the beginning."""
    assert _accepts(tmp_path, INTEGRATION_CLIENT_ID, INTEGRATION_SECRET)
    assert sandbox("apps", "disable", INTEGRATION_CLIENT_ID).only["enabled"] is False
    assert sandbox("apps", "enable", INTEGRATION_CLIENT_ID).only["enabled"] is True
    assert (
        sandbox("apps", "set-services", INTEGRATION_CLIENT_ID, "--service", "crm").only["services"] == "crm"
    )
    assert sandbox("apps", "set-services", INTEGRATION_CLIENT_ID).only["services"] == ""


def test_a_certificate_is_added_from_a_file(sandbox: Sandbox, tmp_path: Path) -> None:
    """Its end is shown; what is no certificate is refused."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Integration")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime(2199, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "integration.pem"
    file.write_bytes(made.public_bytes(Encoding.PEM))
    shown = sandbox("apps", "add-certificate", INTEGRATION_CLIENT_ID, str(file)).only
    assert shown["certificates"] == "2199-01-01 00:00"
    file.write_text("nothing of the kind", encoding="utf-8")
    refused = sandbox("apps", "add-certificate", INTEGRATION_CLIENT_ID, str(file))
    assert refused.code != 0
    assert "holds no certificate" in refused.err
    missing = sandbox("apps", "add-certificate", INTEGRATION_CLIENT_ID, str(tmp_path / "absent.pem"))
    assert "can't be read" in missing.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("apps", "disable", "nobody"), "There is no application nobody."),
        (("apps", "register", "Again", "--client-id", INTEGRATION_CLIENT_ID), "already"),
        (("apps", "set-services", INTEGRATION_CLIENT_ID, "--service", "mail"), "no service"),
        (("people", "disable", "nobody@example.com"), "There is nobody named"),
        (("erp-services", "publish", "Nonsense"), "There is no page service Nonsense."),
        (("erp-services", "publish"), "Name the services"),
        (("erp-users", "set-application", "INTERLACE", "x"), "x is no client id."),
    ],
)
def test_what_is_not_there_is_said(sandbox: Sandbox, arguments: tuple[str, ...], said: str) -> None:
    """The text names it, and what to do next."""
    ended = sandbox(*arguments)
    assert ended.code != 0
    assert said in ended.err


def test_a_directory_without_services_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is founded by looking."""
    code = run_program(["sandbox", "apps", "list", "--state", str(tmp_path)])
    assert code != 0
    assert "holds no embedded service" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_people_get_passwords(sandbox: Sandbox, tmp_path: Path) -> None:
    """One that is made is told once, one from a file never; who is disabled stays so with a new password."""
    made = sandbox("people", "set-password", "ada@example.com", "--full-name", "Ada Berg")
    assert len(made.only["password"]) >= 16
    assert sandbox("people", "disable", "ada@example.com").only["enabled"] is False
    file = tmp_path / "password"
    file.write_text("correct horse\n", encoding="utf-8")
    given = sandbox("people", "set-password", "ada@example.com", "--password-file", str(file))
    assert given.only == {"name": "ada@example.com", "full_name": "Ada Berg", "enabled": False}
    assert sandbox("people", "enable", "ada@example.com").only["enabled"] is True
    listed = sandbox("people", "list")
    assert "correct horse" not in listed.out
    assert [each["name"] for each in listed.objects] == ["ada@example.com"]


def test_page_services_are_published_and_withdrawn(sandbox: Sandbox) -> None:
    """By name, or all of them."""
    assert sandbox("erp-services", "unpublish", "--all").code == 0
    assert not any(each["published"] for each in sandbox("erp-services", "list").objects)
    assert sandbox("erp-services", "publish", "ItemCard").only == {"service": "ItemCard", "published": True}
    published = [each["service"] for each in sandbox("erp-services", "list").objects if each["published"]]
    assert published == ["ItemCard"]


def test_an_application_acts_as_a_user(sandbox: Sandbox) -> None:
    """One client id, or none."""
    other = "2d8b3c1e-0000-4000-8000-0000000000aa"
    assert sandbox("erp-users", "set-application", "INTERLACE", other).only["application"] == other
    assert sandbox("erp-users", "set-application", "INTERLACE").only["application"] == ""
