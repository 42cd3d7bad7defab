"""Tables, columns, keys and relationships that a customizer makes and removes by the API."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.ready_crm import ready_crm

from interlace.sandbox.crm.sandbox import CrmSandbox
from interlace.sandbox.exchange import Response

ROOT = "/api/data/v9.2"
KIND = "Microsoft.Dynamics.CRM"


def _label(text: str) -> dict[str, Any]:
    return {"LocalizedLabels": [{"Label": text, "LanguageCode": 1033}]}


def _attribute(kind: str, name: str, **facts: Any) -> dict[str, Any]:
    given = {
        "@odata.type": f"{KIND}.{kind}AttributeMetadata",
        "SchemaName": name,
        "DisplayName": _label(name),
    }
    return {**given, **facts}


GADGET = {
    "@odata.type": f"{KIND}.EntityMetadata",
    "SchemaName": "new_Gadget",
    "DisplayName": _label("Gadget"),
    "OwnershipType": "UserOwned",
    "Attributes": [
        _attribute("String", "new_Name", IsPrimaryName=True, MaxLength=50),
        _attribute("Integer", "new_Size", MinValue=1, MaxValue=5),
    ],
}


class Customizer:
    """The administrator, who may change tables."""

    def __init__(self, crm: CrmSandbox) -> None:
        self.crm = crm
        administrator = crm.records.store.read_state("administrator")
        assert administrator is not None
        self.token = crm.tokens.give(administrator)

    def ask(self, method: str, target: str, body: object = None) -> Response:
        """One request, and its answer."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        content = json.dumps(body).encode() if body is not None else b""
        return self.crm.call(method, f"{ROOT}/{target}", headers=headers, body=content)


@pytest.fixture
def customizer() -> Iterator[Customizer]:
    """A new organization."""
    crm = ready_crm()
    yield Customizer(crm)
    crm.close()


def _definition(customizer: Customizer, name: str) -> dict[str, Any] | None:
    answer = customizer.ask("GET", f"EntityDefinitions?$filter=LogicalName eq '{name}'")
    found = json.loads(answer.body)["value"]
    return found[0] if found else None


def test_a_table_is_there_at_once_and_gone_when_deleted(customizer: Customizer) -> None:
    """Definition, records and $metadata know it; afterwards none of them does."""
    made = customizer.ask("POST", "EntityDefinitions", GADGET)
    assert made.status == 204, made.body
    found = _definition(customizer, "new_gadget")
    assert found is not None
    assert str(made.header("OData-EntityId")).endswith(f"EntityDefinitions({found['MetadataId']})")
    assert (found["EntitySetName"], found["PrimaryNameAttribute"]) == ("new_gadgets", "new_name")
    assert customizer.ask("POST", "new_gadgets", {"new_name": "One", "new_size": 5}).status == 204
    assert customizer.ask("POST", "new_gadgets", {"new_name": "One", "new_size": 6}).status == 400
    assert b"new_gadget" in customizer.ask("GET", "$metadata").body
    assert customizer.ask("DELETE", f"EntityDefinitions({found['MetadataId']})").status == 204
    assert _definition(customizer, "new_gadget") is None
    assert customizer.ask("GET", "new_gadgets").status == 404
    assert b"new_gadget" not in customizer.ask("GET", "$metadata").body


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        ({"SchemaName": "Gadget"}, "publisher's prefix"),
        ({"SchemaName": "new_Ga'dget"}, "publisher's prefix"),
        ({"Attributes": []}, "primary name"),
        ({"Attributes": [*GADGET["Attributes"], _attribute("File", "new_File")]}, "FileAttributeMetadata"),
        (
            {"Attributes": [*GADGET["Attributes"], _attribute("String", "new_Long", MaxLength=5_000)]},
            "5000",
        ),
    ],
)
def test_what_no_table_can_be_is_refused(customizer: Customizer, spoil: dict[str, Any], told: str) -> None:
    """The answer says what is wrong, and nothing is made."""
    refused = customizer.ask("POST", "EntityDefinitions", {**GADGET, **spoil})
    assert refused.status == 400
    assert told in refused.body.decode()
    assert _definition(customizer, "new_gadget") is None


def test_a_table_is_made_once(customizer: Customizer) -> None:
    """Neither one's own nor the CRM's can be made again."""
    assert customizer.ask("POST", "CreateEntities", {"Entities": [GADGET]}).status == 204
    for _ in range(2):
        again = customizer.ask("POST", "EntityDefinitions", GADGET)
        assert (again.status, json.loads(again.body)["error"]["code"]) == (400, "0x80048403")


def test_columns_and_keys_come_and_go(customizer: Customizer) -> None:
    """A column that a key is made of stays until the key is gone; values go with their column."""
    owner = "EntityDefinitions(LogicalName='account')"
    column = f"{owner}/Attributes(LogicalName='new_code')"
    assert customizer.ask("POST", f"{owner}/Attributes", _attribute("String", "new_Code")).status == 204
    assert customizer.ask("POST", f"{owner}/Attributes", _attribute("String", "new_Code")).status == 400
    key = {"SchemaName": "new_ByCode", "KeyAttributes": ["new_code"], "DisplayName": _label("By code")}
    assert customizer.ask("POST", f"{owner}/Keys", key).status == 204
    assert customizer.ask("POST", "accounts", {"name": "A", "new_code": "1"}).status == 204
    assert customizer.ask("GET", "accounts(new_code='1')").status == 200
    assert customizer.ask("DELETE", column).status == 400
    assert customizer.ask("DELETE", f"{owner}/Keys(LogicalName='new_bycode')").status == 204
    assert customizer.ask("DELETE", column).status == 204
    assert customizer.ask("GET", "accounts?$select=new_code").status == 400
    assert customizer.ask("DELETE", f"{owner}/Attributes(LogicalName='name')").status == 400
    assert customizer.ask("DELETE", "EntityDefinitions(LogicalName='account')").status == 400


def test_a_relationship_brings_its_lookup(customizer: Customizer) -> None:
    """Records are joined by it; the table it points to can't go before it."""
    assert customizer.ask("POST", "EntityDefinitions", GADGET).status == 204
    relation = {
        "@odata.type": f"{KIND}.OneToManyRelationshipMetadata",
        "SchemaName": "new_gadget_account",
        "ReferencedEntity": "new_gadget",
        "ReferencingEntity": "account",
        "CascadeConfiguration": {"Delete": "RemoveLink"},
        "Lookup": {"SchemaName": "new_GadgetId", "DisplayName": _label("Gadget")},
    }
    made = customizer.ask("POST", "RelationshipDefinitions", relation)
    assert made.status == 204
    gadget = str(customizer.ask("POST", "new_gadgets", {"new_name": "One"}).header("OData-EntityId"))
    joined = {"name": "A", "new_GadgetId@odata.bind": f"/new_gadgets{gadget[gadget.rindex('(') :]}"}
    assert customizer.ask("POST", "accounts", joined).status == 204
    shown = customizer.ask("GET", "accounts?$select=name&$expand=new_GadgetId($select=new_name)")
    assert json.loads(shown.body)["value"][0]["new_GadgetId"]["new_name"] == "One"
    assert customizer.ask("DELETE", "EntityDefinitions(LogicalName='new_gadget')").status == 400
    place = str(made.header("OData-EntityId")).rpartition("/")[2]
    assert customizer.ask("DELETE", place).status == 204
    assert customizer.ask("DELETE", "EntityDefinitions(LogicalName='new_gadget')").status == 204


def test_a_user_without_the_privilege_changes_nothing(customizer: Customizer) -> None:
    """The integration reads definitions, and makes none."""
    customizer.token = customizer.crm.access_token()
    refused = customizer.ask("POST", "EntityDefinitions", GADGET)
    assert refused.status == 403
    assert b"prvCreateEntity" in refused.body
