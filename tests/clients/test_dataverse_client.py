"""Microsoft's own Dataverse client for Python, unmodified and over TLS, against the embedded CRM.

What connector and sandbox share could hide a shared mistake; this client shares nothing with either.
"""

import datetime as dt
import ipaddress
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.ready_crm import ready_crm

from interlace.sandbox.crm.sandbox import CrmSandbox

client_module = pytest.importorskip(
    "PowerPlatform.Dataverse.client",
    reason="powerplatform-dataverse-client is not installed; requirements/dev.txt brings it",
)
from PowerPlatform.Dataverse.core.errors import HttpError  # noqa: E402 - after the look whether it is there
from PowerPlatform.Dataverse.models.filters import col  # noqa: E402

LOOPBACK = "127.0.0.1"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000001"
FORMATTED = "OData.Community.Display.V1.FormattedValue"


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """A certificate that vouches for itself, and its key, as files."""

    certificate: Path
    key: Path


@dataclass(frozen=True, kw_only=True)
class _Token:
    token: str
    expires_on: int


class _Credential:
    """What the client asks for tokens, in the shape of azure-core's TokenCredential."""

    def __init__(self, token: str) -> None:
        self._token = token
        self.scopes: list[str] = []

    def get_token(self, *scopes: str, **_: object) -> _Token:
        """Give the token, and remember what it was asked for."""
        self.scopes.extend(scopes)
        return _Token(token=self._token, expires_on=2**31)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate of the loopback address, made for this run."""
    directory = tmp_path_factory.mktemp("tls")
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Interlace test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(LOOPBACK))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    held = Certificate(certificate=directory / "certificate.pem", key=directory / "key.pem")
    held.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    held.key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return held


@pytest.fixture
def sandbox() -> Iterator[CrmSandbox]:
    """A new organization in memory."""
    held = ready_crm()
    yield held
    held.close()


@pytest.fixture
def address(sandbox: CrmSandbox, certificate: Certificate) -> Iterator[str]:
    """The organization behind TLS on the loopback."""
    server = uvicorn.Server(
        uvicorn.Config(
            sandbox,
            host=LOOPBACK,
            port=0,
            log_level="warning",
            ws="none",
            # A refused request's traceback keeps its connection open: without this the server's end waits for it.
            headers=[("Connection", "close")],
            ssl_certfile=str(certificate.certificate),
            ssl_keyfile=str(certificate.key),
        )
    )
    thread = threading.Thread(target=server.run, name="crm-sandbox")
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.005)
        yield f"https://{LOOPBACK}:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def client(
    sandbox: CrmSandbox, address: str, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """The client, told which certificate to trust as its documentation says: by the environment."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate.certificate))
    # The integration has no privilege for jobs such as BulkDelete.
    administrator = sandbox.records.store.read_state("administrator")
    assert administrator is not None
    credential = _Credential(sandbox.tokens.give(administrator))
    with client_module.DataverseClient(address, credential) as held:
        yield held
    assert set(credential.scopes) <= {f"{address}/.default"}


def test_a_record_is_created_read_changed_and_deleted(client: Any) -> None:
    """Create gives the id; what was written is read back; an update keeps the rest; a deleted one is gone."""
    account = client.records.create("account", {"name": "Möbel Ærø", "numberofemployees": 12})
    read = client.records.retrieve("account", account, select=["name", "numberofemployees"])
    assert (read["name"], read["numberofemployees"]) == ("Möbel Ærø", 12)
    assert read.etag.startswith('W/"')
    client.records.update("account", account, {"telephone1": "+49 1"})
    read = client.records.retrieve("account", account, select=["name", "telephone1"])
    assert (read["name"], read["telephone1"]) == ("Möbel Ærø", "+49 1")
    client.records.delete("account", account)
    assert client.records.retrieve("account", account, select=["name"]) is None


def test_choices_are_written_by_label_and_read_with_their_caption(client: Any) -> None:
    """The client looks labels up in the metadata; annotations bring them back."""
    account = client.records.create("account", {"name": "A", "accountcategorycode": "Standard"})
    wanted = client.records.list(
        "account",
        filter=f"accountid eq {account}",
        select=["accountcategorycode"],
        include_annotations=FORMATTED,
    )
    assert [each["accountcategorycode"] for each in wanted] == [2]
    assert [each[f"accountcategorycode@{FORMATTED}"] for each in wanted] == ["Standard"]


def test_many_are_created_and_changed_in_one_request(client: Any) -> None:
    """CreateMultiple gives the ids in their order; UpdateMultiple writes one value to all, or each its own."""
    names = [f"Account {number}" for number in range(25)]
    accounts = client.records.create("account", [{"name": name} for name in names])
    assert len(set(accounts)) == 25
    assert [client.records.retrieve("account", each, select=["name"])["name"] for each in accounts[:3]] == (
        names[:3]
    )
    client.records.update("account", accounts, {"address1_city": "Oslo"})
    client.records.update("account", accounts[:2], [{"name": "First"}, {"name": "Second"}])
    found = client.records.list("account", filter="address1_city eq 'Oslo'", select=["name"])
    assert {each["name"] for each in found} == {"First", "Second", *names[2:]}


def _by_key(key: str, **columns: str) -> dict[str, object]:
    return {
        "alternate_key": {"ilc_companyid": "company", "ilc_erptable": "Customer", "ilc_erpkey": key},
        "record": columns,
    }


def test_upserts_by_alternate_key_create_and_then_change(client: Any) -> None:
    """One goes by PATCH on the key, many by UpsertMultiple; the second time the same records are changed."""
    client.records.upsert("account", [_by_key("C'1", name="One")])
    client.records.upsert("account", [_by_key("C'1", name="One again"), _by_key("C2", name="Two")])
    client.records.upsert("account", [_by_key("C'1", telephone1="1"), _by_key("C2", name="Two again")])
    found = client.records.list(
        "account",
        filter="ilc_companyid eq 'company'",
        select=["name", "telephone1"],
        orderby=["ilc_erpkey asc"],
    )
    assert [(each["name"], each["telephone1"]) for each in found] == [("One again", "1"), ("Two again", None)]


def test_pages_follow_the_service_and_hold_everything_once(client: Any) -> None:
    """Seven pages of ten and a rest; an order, a filter, a limit and a count go along."""
    client.records.create("account", [{"name": f"Paged {number:03}"} for number in range(64)])
    pages = list(
        client.records.list_pages(
            "account",
            filter="startswith(name,'Paged')",
            select=["name"],
            orderby=["name desc"],
            page_size=10,
        )
    )
    assert [len(list(page)) for page in pages] == [10, 10, 10, 10, 10, 10, 4]
    names = [each["name"] for page in pages for each in page]
    assert names == [f"Paged {number:03}" for number in reversed(range(64))]
    first = client.records.list("account", filter="startswith(name,'Paged')", top=5, count=True)
    assert len(list(first)) == 5


def test_queries_of_the_builder_are_understood(client: Any) -> None:
    """Comparisons, texts, blanks, membership and brackets."""
    contact = client.records.create("contact", {"lastname": "Lovelace"})
    client.records.create(
        "account",
        [
            {"name": "O'Hara", "numberofemployees": 5, "address1_city": "Cork"},
            {"name": "Smith & Sons", "numberofemployees": 50, "address1_city": "Leeds"},
            {"name": "Ёлка", "numberofemployees": 500},
        ],
    )
    client.records.create(
        "account", {"name": "With contact", "primarycontactid@odata.bind": f"/contacts({contact})"}
    )

    def names(condition: Any) -> set[str]:
        found = client.query.builder("account").select("name").where(condition).execute()
        return {each["name"] for each in found}

    assert names(col("name") == "O'Hara") == {"O'Hara"}
    assert names(col("numberofemployees") > 5) == {"Smith & Sons", "Ёлка"}
    assert names((col("address1_city") == "Cork") | (col("name") == "Ёлка")) == {"O'Hara", "Ёлка"}
    assert names(col("name").in_(["Ёлка", "Smith & Sons"])) == {"Ёлка", "Smith & Sons"}
    assert names(col("address1_city").is_null() & (col("statecode") == 0)) == {"Ёлка", "With contact"}
    expanded = client.query.builder("account").select("name").where(col("name") == "With contact")
    (found,) = expanded.expand("primarycontactid").execute()
    assert found["primarycontactid"]["lastname"] == "Lovelace"


def test_a_batch_holds_change_sets_with_references_and_reads(client: Any) -> None:
    """A contact and its account in one change set, joined by content id; other requests around it."""
    batch = client.batch.new()
    batch.records.create("account", {"name": "Before"})
    with batch.changeset() as changes:
        contact = changes.records.create("contact", {"lastname": "Byron"})
        changes.records.create("account", {"name": "Joined", "primarycontactid@odata.bind": contact})
    batch.records.list("account", filter="name eq 'Joined'", select=["name", "_primarycontactid_value"])
    result = batch.execute()
    assert [each.status_code for each in result.responses] == [204, 204, 204, 200]
    _, contact_id, _ = result.entity_ids
    (joined,) = result.responses[3].data["value"]
    assert joined["_primarycontactid_value"] == contact_id


def test_a_change_set_with_a_bad_request_leaves_nothing(client: Any) -> None:
    """The second request is refused: the first one's record isn't there, and the answer says why."""
    batch = client.batch.new()
    with batch.changeset() as changes:
        changes.records.create("account", {"name": "Undone"})
        changes.records.update("account", UNKNOWN_ID, {"name": "Nobody"})
    result = batch.execute(continue_on_error=True)
    (failed,) = result.failed
    assert (failed.status_code, failed.error_code) == (404, "0x80040217")
    assert list(client.records.list("account", filter="name eq 'Undone'")) == []


def test_bulk_and_upsert_go_through_a_batch_too(client: Any) -> None:
    """CreateMultiple, UpsertMultiple and single deletes as parts of one batch."""
    kept, gone = client.records.create("account", [{"name": "Kept"}, {"name": "Gone"}])
    batch = client.batch.new()
    batch.records.create("account", [{"name": "Many 1"}, {"name": "Many 2"}])
    batch.records.upsert("account", [_by_key("C7", name="Seven"), _by_key("C8", name="Eight")])
    batch.records.update("account", kept, {"telephone1": "7"})
    batch.records.delete("account", gone)
    result = batch.execute()
    assert not result.has_errors, [each.error_message for each in result.failed]
    assert len(result.responses[0].data["Ids"]) == 2
    names = {each["name"] for each in client.records.list("account", select=["name"])}
    assert names == {"Kept", "Many 1", "Many 2", "Seven", "Eight"}


def test_many_are_deleted_as_a_job_or_one_by_one(client: Any) -> None:
    """BulkDelete answers with its job; without it every record is deleted by a request of its own."""
    accounts = client.records.create("account", [{"name": f"Account {number}"} for number in range(6)])
    assert client.records.delete("account", accounts[:3]) is not None
    client.records.delete("account", accounts[3:], use_bulk_delete=False)
    assert list(client.records.list("account", select=["name"])) == []


def test_tables_are_found_in_the_metadata(client: Any) -> None:
    """Names, set and key of a table as the client needs them."""
    account = client.tables.get("account")
    assert (account["table_logical_name"], account["entity_set_name"]) == ("account", "accounts")
    assert "salesorder" in {each["LogicalName"] for each in client.tables.list()}
    assert client.tables.get("nosuchtable") is None
    columns = {each["LogicalName"] for each in client.tables.list_columns("account", select=["LogicalName"])}
    assert {"name", "ilc_erpkey"} <= columns


def test_refusals_arrive_with_status_and_code(client: Any) -> None:
    """A wrong column, a value that is too long, an id that nobody has."""
    with pytest.raises(HttpError) as unknown_column:
        client.records.create("account", {"nosuchcolumn": 1})
    assert unknown_column.value.status_code == 400
    with pytest.raises(HttpError) as too_long:
        client.records.create("account", {"name": "x" * 200})
    assert (too_long.value.status_code, too_long.value.details["service_error_code"]) == (400, "0x80044331")
    with pytest.raises(HttpError) as nobody:
        client.records.update("account", UNKNOWN_ID, {"name": "Nobody"})
    assert (nobody.value.status_code, nobody.value.details["service_error_code"]) == (404, "0x80040217")
