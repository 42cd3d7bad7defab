"""Metadata: definitions, option sets, $metadata, organization functions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.sandbox.crm.conftest import Client, Clock, open_sandbox, refusal

from interlace.odata.batch import BatchRequest, ChangeSet
from interlace.odata.metadata import parse_metadata
from interlace.odata.multipart_batch import build_batch
from interlace.solution.build import build_solution


def label(text: str) -> dict[str, object]:
    """A label as the actions take it."""
    return {"LocalizedLabels": [{"Label": text, "LanguageCode": 1033}]}


def options(client: Client, column: str = "paymenttermscode") -> list[tuple[int, str]]:
    """Values and labels of a choice of account, as clients read them."""
    found = client.get(
        f"EntityDefinitions(LogicalName='account')/Attributes(LogicalName='{column}')/"
        "Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$select=LogicalName&$expand=OptionSet($select=Options)"
    )
    return [
        (each["Value"], each["Label"]["UserLocalizedLabel"]["Label"])
        for each in found["OptionSet"]["Options"]
    ]


def test_the_first_question_of_the_microsoft_client(client: Client) -> None:
    """A form-encoded look-up of set name and key."""
    found = client.get(
        "EntityDefinitions?%24select=LogicalName%2CEntitySetName%2CPrimaryIdAttribute"
        "&%24filter=LogicalName+eq+%27account%27"
    )["value"]
    assert [(each["EntitySetName"], each["PrimaryIdAttribute"]) for each in found] == [
        ("accounts", "accountid")
    ]
    assert "MetadataId" in found[0]


def test_all_choices_of_a_table(client: Client) -> None:
    """The cast gives the choice columns with their options."""
    found = client.get(
        "EntityDefinitions(LogicalName='account')/Attributes/Microsoft.Dynamics.CRM.PicklistAttributeMetadata"
        "?$select=LogicalName&$expand=OptionSet($select=Options),GlobalOptionSet"
    )["value"]
    by_name = {each["LogicalName"]: each for each in found}
    assert "name" not in by_name
    assert len(by_name["paymenttermscode"]["OptionSet"]["Options"]) == 4
    assert by_name["paymenttermscode"]["GlobalOptionSet"] is None


def test_filters_on_definitions(client: Client) -> None:
    """Enum literals and managed properties can be filtered; $count works."""
    query = (
        "EntityDefinitions(LogicalName='account')?$select=LogicalName&$expand=Attributes($select=LogicalName;"
        "$filter=AttributeType eq Microsoft.Dynamics.CRM.AttributeTypeCode'Money')"
    )
    assert {each["LogicalName"] for each in client.get(query)["Attributes"]} == {
        "creditlimit",
        "creditlimit_base",
        "revenue",
        "revenue_base",
    }
    found = client.get(
        "EntityDefinitions?$filter=CanChangeTrackingBeEnabled/Value eq true&$count=true"
        "&$select=LogicalName,ChangeTrackingEnabled"
    )
    assert found["@odata.count"] == len(found["value"]) > 20


def test_lengths_keys_and_states_are_told(client: Client) -> None:
    """What a connector checks before it writes."""
    base = "EntityDefinitions(LogicalName='account')"
    name = client.get(f"{base}/Attributes(LogicalName='name')")
    assert (name["MaxLength"], name["RequiredLevel"]["Value"]) == (160, "ApplicationRequired")
    keys = client.get(f"{base}/Keys")["value"]
    assert keys[0]["KeyAttributes"] == ["ilc_companyid", "ilc_erptable", "ilc_erpkey"]
    assert keys[0]["EntityKeyIndexStatus"] == "Active"
    status = client.get(
        f"{base}/Attributes(LogicalName='statuscode')/Microsoft.Dynamics.CRM.StatusAttributeMetadata"
        "?$select=LogicalName&$expand=OptionSet"
    )
    assert [(each["Value"], each["State"]) for each in status["OptionSet"]["Options"]] == [(1, 0), (2, 1)]
    relations = client.get(f"{base}/OneToManyRelationships")["value"]
    contacts = next(each for each in relations if each["SchemaName"] == "contact_customer_accounts")
    assert contacts["CascadeConfiguration"]["Delete"] == "Cascade"


def test_unknown_tables_are_404(client: Client) -> None:
    """A table that does not exist has no definition."""
    assert client.send("GET", "EntityDefinitions(LogicalName='nosuch')").status == 404
    assert client.send("GET", "GlobalOptionSetDefinitions(Name='nosuch')").status == 404
    assert client.get("GlobalOptionSetDefinitions")["value"] == []


def test_the_metadata_document_parses(client: Client) -> None:
    """Every type has key and properties of its own; the solution's parts are there."""
    response = client.send("GET", "$metadata", headers={"Accept": "application/xml"})
    model = parse_metadata(response.body)
    sets = {each["name"] for each in client.get("")["value"]}
    assert {"accounts", "productpricelevels", "ilc_epochmarkers"} <= sets
    account = next(each for each in model.schemas[0].entity_types if each.name == "account")
    assert account.key == ("accountid",)
    assert {"_primarycontactid_value", "ilc_erpkey", "creditlimit_base"} <= {
        each.name for each in account.properties
    }


def test_options_are_inserted_changed_ordered_and_deleted(client: Client) -> None:
    """A supplied value is honoured, else the next of the solution's range is given."""
    place = {
        "EntityLogicalName": "account",
        "AttributeLogicalName": "paymenttermscode",
        "SolutionUniqueName": "InterlaceIntegration",
    }
    given = client.send("POST", "InsertOptionValue", {**place, "Value": 77, "Label": label("14 DAYS")})
    made = client.send("POST", "InsertOptionValue", {**place, "Label": label("CM")})
    again = client.send("POST", "InsertOptionValue", {**place, "Label": label("COD")})
    values = [json.loads(each.body)["NewOptionValue"] for each in (given, made, again)]
    assert values == [77, 724_200_000, 724_200_001]
    assert client.send("POST", "InsertOptionValue", {**place, "Value": 77, "Label": label("X")}).status == 400
    client.send(
        "POST", "UpdateOptionValue", {**place, "Value": 77, "Label": label("14 days"), "MergeLabels": True}
    )
    client.send("POST", "OrderOption", {**place, "Values": [77]})
    client.send("POST", "DeleteOptionValue", {**place, "Value": 3})
    assert options(client) == [
        (77, "14 days"),
        (1, "Net 30"),
        (2, "2% 10, Net 30"),
        (4, "Net 60"),
        (724_200_000, "CM"),
        (724_200_001, "COD"),
    ]
    assert client.send("POST", "accounts", {"paymenttermscode": 77}).status == 204
    assert refusal(client.send("POST", "accounts", {"paymenttermscode": 3})) == (400, "0x8004431a")
    assert client.send("POST", "PublishXml", {"ParameterXml": "<importexportxml/>"}).status == 204


def test_new_options_survive_a_restart(tmp_path: Path, clock: Clock) -> None:
    """Options belong to the organization, not to the process."""
    place = {"EntityLogicalName": "account", "AttributeLogicalName": "paymenttermscode"}
    app = open_sandbox(tmp_path, clock)
    Client(app, clock).send("POST", "InsertOptionValue", {**place, "Value": 77, "Label": label("14 DAYS")})
    app.close()
    app = open_sandbox(tmp_path, clock)
    assert (77, "14 DAYS") in options(Client(app, clock))
    app.close()


@pytest.mark.parametrize("spelling", ["WhoAmI", "WhoAmI()"])
def test_who_am_i(client: Client, spelling: str) -> None:
    """Both spellings of a call without arguments are accepted."""
    assert set(client.get(spelling)) == {"@odata.context", "BusinessUnitId", "UserId", "OrganizationId"}


def test_organization_functions(client: Client) -> None:
    """Version, organization and privileges."""
    assert client.get("RetrieveVersion")["Version"].startswith("9.2.")
    detail = client.get(
        "RetrieveCurrentOrganization(AccessType=@p1)?@p1=Microsoft.Dynamics.CRM.EndpointAccessType'Default'"
    )["Detail"]
    assert detail["OrganizationId"] == client.get("WhoAmI")["OrganizationId"]
    assert detail["Endpoints"]["Keys"][0] == "WebApplication"
    user = client.get("WhoAmI")["UserId"]
    found = client.get(f"systemusers({user})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()")[
        "RolePrivileges"
    ]
    granted = {each["PrivilegeName"] for each in found}
    assert "prvWriteAccount" in granted
    assert "prvWriteUser" not in granted
    assert "prvReadUser" in granted


def test_the_first_start_creates_what_the_checks_ask_for(client: Client) -> None:
    """Administrator, integration user, roles, sales users and the solution are there."""
    rows = client.get("systemusers?$expand=systemuserroles_association($select=name)")["value"]
    roles = {row["fullname"]: [role["name"] for role in row["systemuserroles_association"]] for row in rows}
    assert set(roles["System Administrator"]) == {"System Administrator", "System Customizer"}
    assert set(roles["# Interlace Integration"]) == {
        "Interlace Integration User",
        "Interlace Integration Administrator",
    }
    assert set(roles["Anna Berg"]) == {"Salesperson", "Interlace Availability User"}
    assert "Jörg Größe" in roles
    integration = next(row for row in rows if row["applicationid"])
    assert (integration["accessmode"], integration["isintegrationuser"]) == (4, True)
    found = client.get(
        "solutions?$select=solutionid,version,ismanaged&$filter=uniquename eq 'InterlaceIntegration'"
    )
    assert found["value"][0]["version"] == build_solution().version
    template = client.get(
        "roles?$select=name&$filter=_roletemplateid_value eq 627090ff-40a3-4053-8790-584edc5be201"
    )
    assert [row["name"] for row in template["value"]] == ["System Administrator"]


def test_an_option_of_an_undone_change_set_is_gone(client: Client) -> None:
    """What a change set inserted does not outlive its failure."""
    insert = BatchRequest(
        method="POST",
        url="InsertOptionValue",
        body=json.dumps(
            {
                "EntityLogicalName": "account",
                "AttributeLogicalName": "paymenttermscode",
                "Value": 77,
                "Label": label("14 DAYS"),
            }
        ).encode(),
        content_id="1",
    )
    broken = BatchRequest(method="POST", url="accounts", body=b'{"nosuch":1}', content_id="2")
    built = build_batch([ChangeSet(requests=(insert, broken))], boundary="b")
    assert client.send("POST", "$batch", built.body, {"Content-Type": built.content_type}).status == 400
    assert 77 not in dict(options(client))
    assert refusal(client.send("POST", "accounts", {"paymenttermscode": 77})) == (400, "0x8004431a")


def test_change_tracking_is_switched_on_by_a_customizer_and_stays_on(clock: Clock) -> None:
    """A PUT of the whole definition switches it on; less than the whole, or the way back, is refused."""
    app = open_sandbox(None, clock, untracked_tables=("account",))
    client = Client(app, clock)
    held = client.get("EntityDefinitions(LogicalName='account')")
    assert held["ChangeTrackingEnabled"] is False
    where = f"EntityDefinitions({held['MetadataId']})"
    body = {**held, "ChangeTrackingEnabled": True}
    assert client.send("PUT", where, body).status == 403
    client.token = app.tokens.give(app.records.store.read_state("administrator") or "")
    partly = {name: body[name] for name in ("MetadataId", "ChangeTrackingEnabled")}
    assert refusal(client.send("PUT", where, partly)) == (400, "0x80048d19")
    assert client.send("PUT", where, body).status == 204
    assert client.get("accounts?$select=name", Prefer="odata.track-changes")["@odata.deltaLink"]
    assert refusal(client.send("PUT", where, held)) == (400, "0x80040203")
    app.close()
