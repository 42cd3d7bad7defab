"""The CRM lets each caller do what his roles say, and tells him what he lacks."""

import json
from collections.abc import Iterator

import pytest
from tests.sandbox.crm.conftest import Client, Clock, open_sandbox, refusal

from interlace.sandbox.crm import role_privileges
from interlace.sandbox.crm.first_start import link
from interlace.sandbox.crm.usual_roles import ASSIGNED

ROLE = "Interlace Integration User"


@pytest.fixture
def strict() -> Iterator[Client]:
    """A CRM that enforces privileges, asked by the integration user."""
    clock = Clock()
    app = open_sandbox(None, clock, enforces_privileges=True)
    yield Client(app, clock)
    app.close()


def revoke(client: Client, name: str) -> None:
    """Takes a privilege from every role of the integration user."""
    records = client.app.records
    with records.store.transaction():
        for role in records.members_of(records.schema.tables["systemuser"], me(client), ASSIGNED):
            role_privileges.revoke(records, str(role["roleid"]), [name])


def me(client: Client) -> str:
    """The id of the integration user."""
    return str(client.app.records.store.read_state("integration_user"))


def lacks(client: Client, name: str, method: str, address: str, body: object = None) -> bool:
    """Whether a request is refused for want of a privilege, with the service's code and text."""
    answer = client.send(method, address, body)
    text = json.loads(answer.body)["error"]["message"] if answer.status >= 400 else ""
    assert text.startswith(f"Principal user (Id={me(client)}, type=8, roleCount=2, privilegeCount="), text
    assert "accessMode='4 Non-interactive'" in text
    return refusal(answer) == (403, "0x80040220") and f"is missing {name} privilege" in text


@pytest.mark.parametrize("verb", ["Create", "Read", "Write", "Delete"])
def test_each_verb_needs_its_privilege(strict: Client, verb: str) -> None:
    """Create, read, write and delete of one record, and the set's bulk messages."""
    account = strict.create("accounts", {"name": "Berg"})
    revoke(strict, f"prv{verb}Account")
    asked = {
        "Create": ("POST", "accounts", {"name": "Tal"}),
        "Read": ("GET", f"accounts({account})?$select=name", None),
        "Write": ("PATCH", f"accounts({account})", {"name": "Tal"}),
        "Delete": ("DELETE", f"accounts({account})", None),
    }
    for each, (method, address, body) in asked.items():
        if each == verb:
            assert lacks(strict, f"prv{verb}Account", method, address, body)
        else:
            assert strict.send(method, address, body).status in {200, 204}


def test_bulk_messages_need_the_same(strict: Client) -> None:
    """CreateMultiple is no way round, and an upsert needs both."""
    revoke(strict, "prvCreateAccount")
    target = {"@odata.type": "Microsoft.Dynamics.CRM.account", "name": "Tal"}
    for message in ("CreateMultiple", "UpsertMultiple"):
        body = {"Targets": [target]}
        assert lacks(strict, "prvCreateAccount", "POST", f"accounts/Microsoft.Dynamics.CRM.{message}", body)


@pytest.mark.parametrize("name", ["prvAppendContact", "prvAppendToAccount"])
def test_a_lookup_needs_append_on_both_ends(strict: Client, name: str) -> None:
    """Who names an account in a contact needs Append there and AppendTo here."""
    account = strict.create("accounts", {"name": "Berg"})
    revoke(strict, name)
    body = {"lastname": "Tal", "parentcustomerid_account@odata.bind": f"/accounts({account})"}
    assert lacks(strict, name, "POST", "contacts", body)
    assert strict.create("contacts", {"lastname": "Tal"})


def test_another_owner_needs_assign(strict: Client) -> None:
    """One's own records are one's own without it."""
    anna = strict.get("systemusers?$filter=fullname eq 'Anna Berg'")["value"][0]["systemuserid"]
    revoke(strict, "prvAssignAccount")
    body = {"name": "Tal", "ownerid@odata.bind": f"/systemusers({anna})"}
    assert lacks(strict, "prvAssignAccount", "POST", "accounts", body)
    assert strict.create("accounts", {"name": "Tal", "ownerid@odata.bind": f"/systemusers({me(strict)})"})


def test_what_is_expanded_or_nested_counts(strict: Client) -> None:
    """A contact can be read neither by itself nor with its account, nor made with it."""
    revoke(strict, "prvReadContact")
    expanded = "accounts?$select=name&$expand=primarycontactid($select=lastname)"
    assert lacks(strict, "prvReadContact", "GET", expanded)
    revoke(strict, "prvCreateContact")
    body = {"name": "Tal", "primarycontactid": {"lastname": "Berg"}}
    assert lacks(strict, "prvCreateContact", "POST", "accounts", body)


def test_messages_need_what_they_do(strict: Client) -> None:
    """A choice is added by who may change columns."""
    revoke(strict, "prvWriteAttribute")
    body = {"EntityLogicalName": "account", "AttributeLogicalName": "paymenttermscode", "Value": 77}
    assert lacks(strict, "prvWriteAttribute", "POST", "InsertOptionValue", body)


def test_quotes_are_read_only(strict: Client) -> None:
    """The roles hold what is needed, which is to count quotes, and no more of them."""
    assert strict.send("GET", "quotes?$select=name").status == 200
    assert lacks(strict, "prvCreateQuote", "POST", "quotes", {"name": "Tal"})
    revoke(strict, "prvReadQuote")
    assert lacks(strict, "prvReadQuote", "GET", "quotes?$select=name")


def test_a_user_without_roles_may_ask_who_it_is(strict: Client) -> None:
    """Everything else is refused, by a code of its own."""
    records = strict.app.records
    with records.store.transaction():
        for role in records.members_of(records.schema.tables["systemuser"], me(strict), ASSIGNED):
            key = (me(strict), str(role["roleid"]))
            records.store.delete(ASSIGNED, key, version=records.store.next_version())
    assert strict.send("GET", "WhoAmI").status == 200
    assert refusal(strict.send("GET", "accounts")) == (403, "0x80042f09")


def test_a_disabled_user_does_nothing(strict: Client) -> None:
    """Disabled: not even who it is."""
    records = strict.app.records
    row = records.required_row("systemuser", me(strict))
    row["isdisabled"] = True
    with records.store.transaction():
        records.rewrite(records.schema.tables["systemuser"], row)
    assert refusal(strict.send("GET", "WhoAmI")) == (403, "0x80040225")


def test_a_role_of_a_team_counts(strict: Client) -> None:
    """Who is in a team has what its roles hold."""
    records = strict.app.records
    revoke(strict, "prvReadAccount")
    role = records.find_by_key(records.schema.tables["role"], {"name": "Salesperson"})
    team = strict.get("teams?$select=teamid")["value"][0]["teamid"]
    assert role is not None
    with records.store.transaction():
        link(records, "teamroles_association", team, role)
        link(records, "teammembership_association", team, me(strict))
    assert strict.send("GET", "accounts?$select=name").status == 200


def test_an_administrator_may_do_everything(strict: Client) -> None:
    """The service's own role holds every privilege, those of new tables too."""
    strict.token = strict.app.tokens.give(str(strict.app.records.store.read_state("administrator")))
    assert strict.send("GET", "quotes?$select=name").status == 200
    assert strict.create("ilc_connections", {"ilc_name": "x"})


_RELATED = (
    "accounts?$filter=primarycontactid/lastname eq 'Berg'",
    "accounts?$orderby=primarycontactid/lastname",
    "accounts?$filter=contact_customer_accounts/any(c:c/lastname eq 'Berg')",
    "accounts?$expand=contact_customer_accounts($select=lastname)",
    "accounts({account})/primarycontactid",
    "accounts({account})/contact_customer_accounts",
    (
        "accounts?fetchXml=<fetch><entity name='account'><attribute name='name'/><link-entity name='contact' "
        "from='contactid' to='primarycontactid'><filter><condition attribute='lastname' operator='like' "
        "value='B%25'/></filter></link-entity></entity></fetch>"
    ),
)


@pytest.mark.parametrize("address", _RELATED)
def test_security_z4_no_way_round_over_a_neighbour(strict: Client, address: str) -> None:
    """Who may not read contacts learns nothing of them by filtering, sorting or opening an account's."""
    account = strict.create("accounts", {"name": "Tal", "primarycontactid": {"lastname": "Berg"}})
    answered = strict.send("GET", address.replace("{account}", account))
    revoke(strict, "prvReadContact")
    if answered.status == 200:
        assert lacks(strict, "prvReadContact", "GET", address.replace("{account}", account))
    else:
        assert answered.status in {400, 404, 501}


def test_security_z4_each_request_of_a_batch_is_let_in_by_itself(strict: Client) -> None:
    """What one may not do alone isn't done in a batch; what one may do is."""
    revoke(strict, "prvReadContact")
    parts = "".join(
        f"--b\r\nContent-Type: application/http\r\n\r\nGET /api/data/v9.2/{name} HTTP/1.1\r\n\r\n\r\n"
        for name in ("accounts?$select=name", "contacts?$select=lastname")
    )
    headers = {"Content-Type": "multipart/mixed; boundary=b", "Prefer": "odata.continue-on-error"}
    answer = strict.send("POST", "$batch", f"{parts}--b--\r\n".encode(), headers)
    text = answer.body.decode()
    assert (text.count("HTTP/1.1 200"), text.count("HTTP/1.1 403")) == (1, 1)
    assert "is missing prvReadContact privilege" in text
