"""Solutions change the tables of a running organization: imported, upgraded, refused, taken away."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from tests.sandbox.crm.conftest import Client, Clock, open_sandbox, refusal
from tests.sandbox.crm.small_solution import (
    ACCOUNT_KEY,
    COLOURS,
    FILE_ID,
    ROLE_ID,
    VEHICLE,
    SmallSolution,
    attribute,
    options,
    zipped,
)

from interlace.odata.metadata_reader import parse_metadata
from interlace.sandbox.exchange import Response

JOB = "11111111-2222-4333-8444-555555555555"


class Administrator(Client):
    """Sends requests as the administrator."""

    def __init__(self, app: Any, clock: Clock) -> None:
        super().__init__(app, clock)
        self.job = ""
        self.token = app.tokens.give(app.records.store.read_state("administrator"))

    def bring(self, solution: SmallSolution | bytes, **more: object) -> Response:
        """Imports at once, by a job of its own."""
        self.job = str(uuid.uuid4())
        content = solution if isinstance(solution, bytes) else solution.zip()
        return self.send("POST", "ImportSolution", {**parameters(content), "ImportJobId": self.job, **more})

    def results(self, job: str = "") -> dict[str, tuple[str, str]]:
        """Result and text of each component in the data of a job, by id."""
        root = fromstring(self.get(f"importjobs({job or self.job})")["data"])  # noqa: S314 - our own answer
        found = {}
        for each in (component for section in root for component in section):
            result = each.find("result")
            if result is not None:
                found[each.get("id", "")] = (result.get("result", ""), result.get("errortext", ""))
        return found


def parameters(content: bytes) -> dict[str, object]:
    """What both messages need."""
    return {
        "OverwriteUnmanagedCustomizations": True,
        "PublishWorkflows": False,
        "CustomizationFile": base64.b64encode(content).decode(),
    }


@pytest.fixture
def administrator(clock: Clock) -> Iterator[Administrator]:
    """The administrator of a fresh organization in memory."""
    app = open_sandbox(None, clock)
    yield Administrator(app, clock)
    app.close()


def install(client: Administrator, solution: SmallSolution | None = None) -> str:
    """Imports and returns the id of the solution."""
    answer = client.bring(solution or SmallSolution())
    assert answer.status == 204, answer.body
    return str(client.get("solutions?$filter=uniquename eq 'Fleet'")["value"][0]["solutionid"])


# --- what is there afterwards


def test_an_imported_table_takes_records(administrator: Administrator) -> None:
    """All kinds of columns hold values, are checked, filtered and found by the alternate key."""
    install(administrator)
    account = administrator.create("accounts", {"name": "Haulier"})
    vehicle = administrator.create(
        "tst_vehicles",
        {
            "tst_name": "Van",
            "tst_plate": "B-1",
            "tst_doors": 4,
            "tst_price": 12000.5,
            "tst_bought": "2026-02-03",
            "tst_colour": 2,
            "tst_fuel": 1,
            "tst_electric": False,
            "tst_AccountId@odata.bind": f"/accounts({account})",
        },
    )
    row = administrator.get("tst_vehicles(tst_plate='B-1')?$expand=tst_AccountId($select=name)")
    assert (row["tst_vehicleid"], row["tst_AccountId"]["name"]) == (vehicle, "Haulier")
    assert (row["tst_price_base"], row["exchangerate"], row["statuscode"]) == (row["tst_price"], 1, 1)
    assert administrator.get("tst_vehicles?$filter=tst_colour eq 2 and tst_plate eq 'b-1'")["value"]
    members = administrator.get(f"accounts({account})?$expand=tst_account_vehicle($select=tst_plate)")
    assert [each["tst_plate"] for each in members["tst_account_vehicle"]] == ["B-1"]
    assert refusal(administrator.send("POST", "tst_vehicles", {"tst_doors": 1}))[0] == 400
    assert refusal(administrator.send("POST", "tst_vehicles", {"tst_colour": 7}))[0] == 400
    assert refusal(administrator.send("POST", "tst_vehicles", {"tst_plate": "B-1"})) == (412, "0x80060892")
    administrator.send("DELETE", f"accounts({account})")
    assert administrator.get("tst_vehicles")["value"] == []


def test_columns_join_records_that_exist(administrator: Administrator) -> None:
    """An old record shows the new column as null, takes a value, and does not count as changed."""
    account = administrator.create("accounts", {"name": "Old"})
    link = administrator.get("accounts", Prefer="odata.track-changes")["@odata.deltaLink"]
    assert refusal(administrator.patch(f"accounts({account})", {"tst_grade": "A"}))[0] == 400
    install(administrator, SmallSolution(account_keys=ACCOUNT_KEY))
    assert administrator.get(f"accounts({account})")["tst_grade"] is None
    assert "tst_grade" in administrator.get("accounts")["value"][0]
    assert administrator.get(link)["value"] == []
    administrator.patch(f"accounts({account})", {"tst_grade": "A"})
    assert administrator.get("accounts(tst_grade='a')")["accountid"] == account
    assert [each["accountid"] for each in administrator.get(link)["value"]] == [account]


def test_metadata_shows_what_was_imported(administrator: Administrator) -> None:
    """EntityDefinitions, the metadata document, the service document and shared choices know it at once."""
    before = administrator.send("GET", "$metadata").body
    install(administrator)
    model = parse_metadata(administrator.send("GET", "$metadata").body)
    assert before != administrator.send("GET", "$metadata").body
    assert "tst_vehicle" in {each.name for each in model.schemas[0].entity_types}
    assert "tst_vehicles" in {each["name"] for each in administrator.get("")["value"]}
    place = "EntityDefinitions(LogicalName='tst_vehicle')"
    table = administrator.get(place)
    assert (table["SchemaName"], table["PrimaryNameAttribute"], table["OwnershipType"]) == (
        "tst_Vehicle",
        "tst_name",
        "UserOwned",
    )
    assert table["ObjectTypeCode"] > 10_000
    column = administrator.get(f"{place}/Attributes(LogicalName='tst_plate')")
    assert (column["SchemaName"], column["MaxLength"], column["IsCustomAttribute"]) == ("tst_Plate", 20, True)
    keys = administrator.get(f"{place}/Keys")["value"]
    assert [(each["LogicalName"], each["KeyAttributes"]) for each in keys] == [("tst_byplate", ["tst_plate"])]
    fuel = administrator.get(
        f"{place}/Attributes(LogicalName='tst_fuel')/Microsoft.Dynamics.CRM.PicklistAttributeMetadata"
        "?$select=LogicalName&$expand=OptionSet($select=Options),GlobalOptionSet($select=Name,Options)"
    )
    assert fuel["OptionSet"] is None
    assert [each["Value"] for each in fuel["GlobalOptionSet"]["Options"]] == [1, 2]
    shared = administrator.get("GlobalOptionSetDefinitions(Name='tst_fuel')")
    assert [each["Label"]["UserLocalizedLabel"]["Label"] for each in shared["Options"]] == [
        "Petrol",
        "Diesel",
    ]
    relations = administrator.get("EntityDefinitions(LogicalName='account')/OneToManyRelationships")["value"]
    assert "tst_account_vehicle" in {each["SchemaName"] for each in relations}


def test_roles_files_and_components_arrive(administrator: Administrator) -> None:
    """The role has its privileges with their depths, the file its content, the solution its components."""
    solution = install(administrator)
    held = administrator.get(f"RetrieveRolePrivilegesRole(RoleId=@p)?@p={ROLE_ID}")["RolePrivileges"]
    assert {each["PrivilegeName"]: each["Depth"] for each in held} == {
        "prvReadAccount": "Global",
        "prvReadtst_Vehicle": "Local",
        "prvCreatetst_Vehicle": "Basic",
    }
    known = {each["name"]: each["privilegeid"] for each in administrator.get("privileges")["value"]}
    assert {each["PrivilegeName"]: each["PrivilegeId"] for each in held}.items() <= known.items()
    user = administrator.get("systemusers?$filter=applicationid ne null and isintegrationuser eq true")[
        "value"
    ][0]
    reference = {"@odata.id": f"{administrator.get('')['@odata.context'].partition('$')[0]}roles({ROLE_ID})"}
    path = f"systemusers({user['systemuserid']})"
    given = administrator.send("POST", f"{path}/systemuserroles_association/$ref", reference)
    assert given.status == 204
    own = administrator.get(f"{path}/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()")["RolePrivileges"]
    assert ("prvReadtst_Vehicle", "Local") in {(each["PrivilegeName"], each["Depth"]) for each in own}
    page = administrator.get("webresourceset?$filter=name eq 'tst_page.html'")["value"][0]
    assert (page["webresourceid"], base64.b64decode(page["content"])) == (FILE_ID, b"<html></html>")
    parts = administrator.get(f"solutioncomponents?$filter=_solutionid_value eq {solution}")["value"]
    assert sorted(each["componenttype"] for each in parts) == [1, 1, 2, 9, 10, 20, 61]
    whole = administrator.get(f"solutions({solution})?$expand=publisherid($select=customizationprefix)")
    assert (whole["ismanaged"], whole["publisherid"]["customizationprefix"]) == (True, "tst")


def test_what_was_imported_survives_a_restart(tmp_path: Path, clock: Clock) -> None:
    """Tables, columns, options and privileges are data of the organization."""
    first = Administrator(open_sandbox(tmp_path, clock), clock)
    install(first)
    vehicle = first.create("tst_vehicles", {"tst_plate": "B-9", "tst_fuel": 2})
    first.app.close()
    again = Administrator(open_sandbox(tmp_path, clock), clock)
    assert again.get("tst_vehicles(tst_plate='b-9')")["tst_vehicleid"] == vehicle
    assert again.get(f"RetrieveRolePrivilegesRole(RoleId=@p)?@p={ROLE_ID}")["RolePrivileges"]
    assert again.bring(SmallSolution(version="1.0.0.1")).status == 204
    again.app.close()


# --- progress


def test_a_background_import_tells_its_progress(administrator: Administrator) -> None:
    """The job moves from ready over in progress to succeeded, with growing progress, and holds results."""
    begun = administrator.send("POST", "ImportSolutionAsync", parameters(SmallSolution().zip()))
    keys = json.loads(begun.body)
    seen = []
    for _ in range(6):
        operation = administrator.get(f"asyncoperations({keys['AsyncOperationId']})")
        job = administrator.get(f"importjobs({keys['ImportJobKey']})?$select=progress,solutionname")
        seen.append((operation["statecode"], operation["statuscode"], float(job["progress"])))
        if operation["statecode"] == 3:
            break
    assert seen == sorted(seen)
    assert {state[:2] for state in seen} == {(2, 20), (3, 30)}
    assert seen[-1][2] == 100
    assert job["solutionname"] == "Fleet"
    results = administrator.results(keys["ImportJobKey"])
    assert {result for result, _ in results.values()} == {"success"}
    assert {"Fleet", "account", "tst_vehicle", "tst_fuel", f"{{{ROLE_ID}}}", f"{{{FILE_ID}}}"} <= set(results)
    formatted = administrator.get(
        f"RetrieveFormattedImportJobResults(ImportJobId=@p)?@p={keys['ImportJobKey']}"
    )["FormattedResults"]
    assert "Driver" in formatted
    assert "Success" in formatted


def test_a_background_import_goes_on_after_a_restart(tmp_path: Path, clock: Clock) -> None:
    """What was accepted is done, whenever the service comes back."""
    first = Administrator(open_sandbox(tmp_path, clock), clock)
    begun = first.send("POST", "ImportSolutionAsync", parameters(SmallSolution().zip()))
    operation = json.loads(begun.body)["AsyncOperationId"]
    first.app.close()
    again = Administrator(open_sandbox(tmp_path, clock), clock)
    states = [again.get(f"asyncoperations({operation})")["statuscode"] for _ in range(4)]
    assert states[-1] == 30
    assert again.get("tst_vehicles")["value"] == []
    again.app.close()


def test_one_import_at_a_time(administrator: Administrator) -> None:
    """A second import is refused while one is under way."""
    content = parameters(SmallSolution().zip())
    administrator.send("POST", "ImportSolutionAsync", content)
    second = administrator.send("POST", "ImportSolutionAsync", content)
    assert refusal(second) == (400, "0x80071151")


def test_a_failed_background_import_tells_why_and_leaves_nothing(administrator: Administrator) -> None:
    """The operation names the error, the job the component; nothing was changed."""
    wrong = SmallSolution(privileges={"prvFlytst_Vehicle": "Global"})
    keys = json.loads(administrator.send("POST", "ImportSolutionAsync", parameters(wrong.zip())).body)
    for _ in range(5):
        operation = administrator.get(f"asyncoperations({keys['AsyncOperationId']})")
    assert (operation["statecode"], operation["statuscode"]) == (3, 31)
    assert "prvFlytst_Vehicle" in operation["message"]
    assert operation["errorcode"] == 0x80048058 - 2**32
    assert administrator.results(keys["ImportJobKey"])[f"{{{ROLE_ID}}}"][0] == "failure"
    assert administrator.send("GET", "tst_vehicles").status == 404
    assert administrator.bring(SmallSolution()).status == 204


# --- versions


def test_an_upgrade_adds_and_keeps(administrator: Administrator) -> None:
    """A higher version widens columns, adds columns and options, and keeps records and people's options."""
    solution = install(administrator)
    vehicle = administrator.create("tst_vehicles", {"tst_plate": "B-1", "tst_colour": 1})
    place = {"EntityLogicalName": "tst_vehicle", "AttributeLogicalName": "tst_colour"}
    label = {"LocalizedLabels": [{"Label": "Pink", "LanguageCode": 1033}]}
    made = administrator.send(
        "POST", "InsertOptionValue", {**place, "Label": label, "SolutionUniqueName": "Fleet"}
    )
    assert json.loads(made.body)["NewOptionValue"] == 510_000_000
    wider = VEHICLE.replace("<MaxLength>20<", "<MaxLength>30<").replace(
        COLOURS.format(options((1, "Red"), (2, "Blue"))),
        COLOURS.format(options((1, "Dark Red"), (3, "Grey"))),
    )
    upgrade = SmallSolution(
        version="1.1.0.0",
        vehicle=wider + attribute("tst_Seats", "int"),
        fuels=options((1, "Petrol"), (3, "Gas")),
        privileges={"prvReadAccount": "Basic"},
        page=b"<html>2</html>",
    )
    assert install(administrator, upgrade) == solution
    row = administrator.get(f"tst_vehicles({vehicle})")
    assert (row["tst_plate"], row["tst_seats"]) == ("B-1", None)
    change = {"tst_plate": "B" * 30, "tst_colour": 3, "tst_fuel": 2, "tst_seats": 5}
    assert administrator.patch(f"tst_vehicles({vehicle})", change).status == 204
    assert administrator.patch(f"tst_vehicles({vehicle})", {"tst_colour": 510_000_000}).status == 204
    listed = administrator.get(
        "EntityDefinitions(LogicalName='tst_vehicle')/Attributes(LogicalName='tst_colour')"
        "/Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$expand=OptionSet"
    )["OptionSet"]["Options"]
    captions = {each["Value"]: each["Label"]["UserLocalizedLabel"]["Label"] for each in listed}
    assert captions == {1: "Dark Red", 2: "Blue", 3: "Grey", 510_000_000: "Pink"}
    held = administrator.get(f"RetrieveRolePrivilegesRole(RoleId=@p)?@p={ROLE_ID}")["RolePrivileges"]
    assert [(each["PrivilegeName"], each["Depth"]) for each in held] == [("prvReadAccount", "Basic")]
    assert administrator.get(f"solutions({solution})")["version"] == "1.1.0.0"


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (SmallSolution(managed=False, version="2.0.0.0"), "0x80048041"),
        (SmallSolution(version="0.9.9.9"), "0x80048038"),
        (SmallSolution(publisher="others"), "0x8004801c"),
        (SmallSolution(vehicle=VEHICLE.replace("<Type>int<", "<Type>ntext<")), "0x80048033"),
    ],
)
def test_what_cannot_follow_is_refused(
    administrator: Administrator, second: SmallSolution, code: str
) -> None:
    """Other mode, lower version, other publisher, other type: the job tells why, the organization stays."""
    install(administrator)
    assert refusal(administrator.bring(second)) == (400, code)
    job = administrator.get(f"importjobs({administrator.job})")
    assert job["progress"] < 100
    assert "failure" in {result for result, _ in administrator.results().values()}
    assert administrator.get("solutions?$filter=uniquename eq 'Fleet'")["value"][0]["version"] == "1.0.0.0"


def test_managed_does_not_follow_unmanaged(administrator: Administrator) -> None:
    """The modes must match; the same version again is welcome."""
    install(administrator, SmallSolution(managed=False))
    assert refusal(administrator.bring(SmallSolution(version="2.0.0.0"))) == (400, "0x80048040")
    assert administrator.bring(SmallSolution(managed=False)).status == 204


def test_an_upgrade_in_two_steps_drops_what_is_left_out(administrator: Administrator) -> None:
    """A holding solution waits beside the old one; promoting it removes what it no longer has."""
    install(administrator)
    account = administrator.create("accounts", {"name": "A", "tst_grade": "X"})
    assert administrator.send("POST", "DeleteAndPromote", {"UniqueName": "Fleet"}).status == 400
    upgrade = SmallSolution(version="2.0.0.0", account="", vehicle=VEHICLE)
    assert administrator.bring(upgrade, HoldingSolution=True).status == 204
    names = [each["uniquename"] for each in administrator.get("solutions?$orderby=uniquename")["value"]]
    assert {"Fleet", "Fleet_Upgrade"} <= set(names)
    assert administrator.get(f"accounts({account})")["tst_grade"] == "X"
    assert administrator.send("POST", "DeleteAndPromote", {"UniqueName": "Fleet"}).status == 200
    assert "tst_grade" not in administrator.get(f"accounts({account})")
    rows = administrator.get("solutions?$filter=startswith(uniquename,'Fleet')")["value"]
    assert [(each["uniquename"], each["version"]) for each in rows] == [("Fleet", "2.0.0.0")]


# --- taking it away


def test_a_managed_solution_goes_with_everything(administrator: Administrator) -> None:
    """Tables with their records, columns, roles and files are gone; it can come again."""
    solution = install(administrator)
    account = administrator.create("accounts", {"name": "A", "tst_grade": "X"})
    administrator.create("tst_vehicles", {"tst_plate": "B-1"})
    assert administrator.send("DELETE", f"solutions({solution})").status == 204
    assert administrator.send("GET", "tst_vehicles").status == 404
    row = administrator.get(f"accounts({account})")
    assert "tst_grade" not in row
    assert row["name"] == "A"
    assert administrator.send("GET", f"roles({ROLE_ID})").status == 404
    assert administrator.get("webresourceset?$filter=name eq 'tst_page.html'")["value"] == []
    assert administrator.get("GlobalOptionSetDefinitions")["value"] == []
    install(administrator)
    assert administrator.get("tst_vehicles")["value"] == []
    assert administrator.get(f"accounts({account})")["tst_grade"] is None


def test_a_column_comes_again_with_another_type(administrator: Administrator) -> None:
    """Nothing of a removed column is left: neither its values nor its type."""
    grade = attribute("tst_Grade", "int")
    solution = install(administrator, SmallSolution(account=grade, account_keys=ACCOUNT_KEY))
    account = administrator.create("accounts", {"name": "A", "tst_grade": 7})
    assert administrator.get("accounts(tst_grade=7)")["accountid"] == account
    assert administrator.send("DELETE", f"solutions({solution})").status == 204
    install(administrator, SmallSolution(account_keys=ACCOUNT_KEY))
    assert administrator.send("GET", "accounts(tst_grade='7')").status == 404
    administrator.patch(f"accounts({account})", {"tst_grade": "007"})
    assert administrator.get("accounts(tst_grade='007')")["tst_grade"] == "007"
    assert administrator.get("accounts?$filter=tst_grade eq '7'")["value"] == []


def test_what_another_solution_needs_stays(administrator: Administrator) -> None:
    """A solution whose table carries another's column is not removed; shared components are kept."""
    fleet = install(administrator)
    other = SmallSolution(vehicle_keys="", account="", vehicle=attribute("tst_Extra", "int"))
    files = {
        name: content.replace(b"Fleet", b"Garage").replace(
            b"<EntitySetName>tst_vehicles</EntitySetName>", b""
        )
        for name, content in other.files().items()
    }
    extended = files["solution.xml"].replace(b'"tst_vehicle" behavior="0"', b'"tst_vehicle" behavior="2"')
    relation = (
        files["customizations.xml"]
        .partition(b"<EntityRelationship ")[2]
        .partition(b"</EntityRelationships>")[0]
    )
    files["customizations.xml"] = files["customizations.xml"].replace(b"<EntityRelationship " + relation, b"")
    assert administrator.bring(zipped({**files, "solution.xml": extended})).status == 204
    administrator.create("tst_vehicles", {"tst_extra": 5})
    assert refusal(administrator.send("DELETE", f"solutions({fleet})")) == (400, "0x8004f01f")
    garage = administrator.get("solutions?$filter=uniquename eq 'Garage'")["value"][0]["solutionid"]
    assert administrator.send("DELETE", f"solutions({garage})").status == 204
    assert "tst_extra" not in administrator.get("tst_vehicles")["value"][0]
    assert administrator.get(f"roles({ROLE_ID})")["name"] == "Driver"
    assert administrator.send("DELETE", f"solutions({fleet})").status == 204


def test_an_unmanaged_solution_leaves_its_components(administrator: Administrator) -> None:
    """Only the container is deleted."""
    solution = install(administrator, SmallSolution(managed=False))
    assert administrator.send("DELETE", f"solutions({solution})").status == 204
    assert administrator.get("tst_vehicles")["value"] == []
    assert administrator.get(f"roles({ROLE_ID})")["name"] == "Driver"


def test_an_undone_change_set_undoes_an_import(administrator: Administrator) -> None:
    """Store and memory go back together when the change set around an import fails."""
    content = json.dumps({**parameters(SmallSolution().zip()), "ImportJobId": JOB})
    parts = [("POST", "ImportSolution", content), ("PATCH", f"accounts({JOB})", '{"nosuch": 1}')]
    lines = ["--b", "Content-Type: multipart/mixed; boundary=c", ""]
    for number, (method, path, body) in enumerate(parts):
        lines += ["--c", "Content-Type: application/http", "Content-Transfer-Encoding: binary"]
        lines += [f"Content-ID: {number + 1}", "", f"{method} /api/data/v9.2/{path} HTTP/1.1"]
        lines += ["Content-Type: application/json", "", body]
    lines += ["--c--", "--b--", ""]
    administrator.send(
        "POST", "$batch", "\r\n".join(lines).encode(), {"Content-Type": "multipart/mixed; boundary=b"}
    )
    assert administrator.send("GET", "tst_vehicles").status == 404
    account = administrator.create("accounts", {"name": "A"})
    assert "tst_grade" not in administrator.get(f"accounts({account})")
    install(administrator)
    assert administrator.get(f"accounts({account})")["tst_grade"] is None
