"""What an administrator has Interlace ask of the CRM: users, teams, roles, solutions, tracking; byte by byte.

Pages: associate-disassociate-entities-using-web-api ($ref), entity types systemuser, team, role and solution,
solution-async, ImportSolutionAsync, DeleteAndPromote, PublishAllXml, query-metadata-web-api.
"""

import base64
import io
import zipfile

import pytest
from tests.connectors.wire.capture import Wire, documented

from interlace.connectors.dataverse.administration import Administration
from interlace.connectors.dataverse.crm_users import CrmTeam, CrmUser, CrmUsers
from interlace.connectors.dataverse.solutions import CrmSolutions, InstalledSolution
from interlace.connectors.dataverse.tracking import ChangeTracking
from interlace.connectors.runner import SystemClock

ROOT = "https://contoso.crm4.dynamics.com/api/data/v9.2/"
USER = "0c0c0c0c-0000-4000-8000-000000000003"
UNIT = "0d0d0d0d-0000-4000-8000-000000000004"
ROLE = "0e0e0e0e-0000-4000-8000-000000000005"
TEAM = "0f0f0f0f-0000-4000-8000-000000000006"
APPLICATION = "00001111-aaaa-2222-bbbb-3333cccc4444"
OPERATION = "0a0a0a0a-0000-4000-8000-000000000001"
JOB = "0b0b0b0b-0000-4000-8000-000000000002"
COLUMNS = (
    "systemuserid,fullname,internalemailaddress,domainname,isdisabled,accessmode,applicationid,"
    "isintegrationuser,_businessunitid_value"
)
ROLES = "systemuserroles_association($select=roleid,name,_roletemplateid_value)"
HELD = f'{{"systemuserid":"{USER}","fullname":"Ann","_businessunitid_value":"{UNIT}"}}'
ANN = CrmUser(
    id=USER,
    name="Ann",
    business_unit=UNIT,
    disabled=False,
    access_mode=0,
    is_application=False,
    is_integration_user=False,
    roles=(),
    role_templates=frozenset(),
)
SOLUTION = InstalledSolution(id=ROLE, unique_name="Interlace", version="1.0.0.0", managed=True)
IDLE = '{"value":[]}'


@pytest.fixture
def wire() -> Wire:
    """A wire on which nothing has been sent."""
    return Wire()


@pytest.fixture
def users(wire: Wire) -> CrmUsers:
    """The users of an organization."""
    return CrmUsers(Administration(wire.crm()))


@pytest.fixture
def solutions(wire: Wire) -> CrmSolutions:
    """The solutions of an organization."""
    return CrmSolutions(Administration(wire.crm()), SystemClock())


def request(line: str, *headers: str, body: str = "") -> str:
    """Return a request as the pages print it."""
    named = ("Accept: application/json", "Authorization: Bearer TOKEN", "OData-MaxVersion: 4.0")
    return (
        documented("\n".join((line, *sorted((*named, "OData-Version: 4.0", *headers))))) + f"\r\n\r\n{body}"
    )


def get(path: str) -> str:
    """Return a read."""
    return request(f"GET {ROOT}{path}")


def post(path: str, body: str) -> str:
    """Return an action, or the create of a record."""
    return request(f"POST {ROOT}{path}", "Content-Type: application/json", body=body)


def listed(table: str, condition: str, columns: str, expand: str = "", top: str = "") -> str:
    """Return a listing; options come in the order in which they were named."""
    options = {"select": columns, "expand": expand, "filter": condition.replace(" ", "%20"), "top": top}
    return get(f"{table}?" + "&".join(f"${name}={text}" for name, text in options.items() if text))


def package() -> bytes:
    """Return a package that says which solution it brings, and nothing else."""
    manifest = (
        "<ImportExportXml><SolutionManifest><UniqueName>Interlace</UniqueName><Version>1.0.0.0</Version>"
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("solution.xml", f"{manifest}</SolutionManifest></ImportExportXml>")
    return content.getvalue()


async def test_who_signs_in_is_read_with_his_roles(users: CrmUsers, wire: Wire) -> None:
    """A function tells the id, the record the rest; roles hang on it by the name of the association."""
    whole = f"systemusers({USER})?$select={COLUMNS}&$expand={ROLES}"
    for _ in range(2):
        wire.answer(f'{{"UserId":"{USER}","OrganizationId":"{UNIT}"}}')
    wire.answer(HELD).answer(HELD)
    assert await users.caller_id() == USER
    assert await users.caller() == ANN
    assert await users.user(USER) == ANN
    assert wire.taken() == [get("WhoAmI"), get("WhoAmI"), get(whole), get(whole)]


async def test_users_are_found_by_application_and_by_name(users: CrmUsers, wire: Wire) -> None:
    """An id is a bare GUID; a name is quoted, its quote doubled, and encoded."""
    wire.answer(f'{{"value":[{HELD}]}}').answer(IDLE)
    assert await users.of_application(APPLICATION) == ANN
    assert await users.named("søren.o'hara@contoso.com") is None
    name = "'s%C3%B8ren.o''hara@contoso.com'"
    conditions = (
        f"applicationid eq {APPLICATION}",
        f"internalemailaddress eq {name} or domainname eq {name}",
    )
    assert wire.taken() == [listed("systemusers", each, COLUMNS, ROLES, "2") for each in conditions]


async def test_a_user_is_made_for_an_application(users: CrmUsers, wire: Wire) -> None:
    """Its id and the business unit that it is bound to are all that is given; then it is found by the former."""
    wire.answer().answer(f'{{"value":[{HELD}]}}')
    assert await users.add_application(APPLICATION, UNIT) == ANN
    body = f'{{"applicationid":"{APPLICATION}","businessunitid@odata.bind":"/businessunits({UNIT})"}}'
    assert wire.taken() == [
        post("systemusers", body),
        listed("systemusers", f"applicationid eq {APPLICATION}", COLUMNS, ROLES, "2"),
    ]


async def test_roles_are_found_and_given_by_reference(users: CrmUsers, wire: Wire) -> None:
    """The unit's own copy of a role; a POST to $ref below the association names it by its whole address."""
    wire.answer(f'{{"value":[{{"roleid":"{ROLE}","name":"Interlace\'s"}}]}}').answer().answer()
    assert await users.role("Interlace's", UNIT) == ROLE
    await users.give(ANN, ROLE, "Interlace's")
    await users.give_team(CrmTeam(id=TEAM, name="Owners", roles=()), ROLE, "Interlace's")
    reference = f'{{"@odata.id":"{ROOT}roles({ROLE})"}}'
    assert wire.taken() == [
        listed(
            "roles",
            f"name eq 'Interlace''s' and _businessunitid_value eq {UNIT}",
            "roleid,name,_roletemplateid_value",
        ),
        post(f"systemusers({USER})/systemuserroles_association/$ref", reference),
        post(f"teams({TEAM})/teamroles_association/$ref", reference),
    ]


async def test_the_integration_user_is_marked(users: CrmUsers, wire: Wire) -> None:
    """A PATCH that makes no user where there is none: any version will do, but one must be there."""
    wire.answer()
    await users.mark_as_integration(ANN)
    change = request(
        f"PATCH {ROOT}systemusers({USER})",
        "Content-Type: application/json",
        "If-Match: *",
        body='{"isintegrationuser":true}',
    )
    assert wire.taken() == [change]


async def test_the_base_currency_hangs_on_the_organization(users: CrmUsers, wire: Wire) -> None:
    """The lookup is expanded by its navigation property."""
    wire.answer(f'{{"UserId":"{USER}","OrganizationId":"{UNIT}"}}')
    wire.answer('{"basecurrencyid":{"isocurrencycode":"EUR"}}')
    assert await users.base_currency() == "EUR"
    expanded = "$select=organizationid&$expand=basecurrencyid($select=isocurrencycode)"
    assert wire.taken() == [get("WhoAmI"), get(f"organizations({UNIT})?{expanded}")]


async def test_a_team_of_owners_is_made_and_found(users: CrmUsers, wire: Wire) -> None:
    """Bound to its unit and to who administers it; found by its name within the unit."""
    found = f'{{"value":[{{"teamid":"{TEAM}","name":"Owners","teamroles_association":[]}}]}}'
    wire.answer().answer(found).answer(found)
    made = await users.add_team("Owners", UNIT, ANN)
    assert await users.team("Owners", UNIT) == made == CrmTeam(id=TEAM, name="Owners", roles=())
    body = (
        '{"name":"Owners","teamtype":0,'
        f'"businessunitid@odata.bind":"/businessunits({UNIT})",'
        f'"administratorid@odata.bind":"/systemusers({USER})"}}'
    )
    roles = "teamroles_association($select=roleid,name,_roletemplateid_value)"
    look = listed("teams", f"name eq 'Owners' and _businessunitid_value eq {UNIT}", "teamid,name", roles)
    assert wire.taken() == [post("teams", body), look, look]


RUNNING = listed(
    "asyncoperations",
    "operationtype eq 203 and statecode ne 3",
    "asyncoperationid,statecode,statuscode",
    top="1",
)
WATCHED = (
    get(
        f"asyncoperations({OPERATION})?$select=asyncoperationid,statecode,statuscode,message,friendlymessage"
    ),
    get(f"importjobs({JOB})?$select=progress,data"),
)


def imported(more: str = "") -> str:
    """Return the start of an import."""
    content = base64.b64encode(package()).decode()
    return post(
        "ImportSolutionAsync",
        f'{{"OverwriteUnmanagedCustomizations":true,"PublishWorkflows":false,"CustomizationFile":"{content}"{more}}}',
    )


def installed(name: str) -> str:
    """Return the search for a solution."""
    return listed("solutions", f"uniquename eq '{name}'", "solutionid,uniquename,version,ismanaged")


@pytest.mark.parametrize(
    ("hold", "looks", "more"),
    [(False, [], ""), (True, [installed("Interlace_Upgrade")], ',"HoldingSolution":true')],
)
async def test_a_solution_is_imported_and_watched(
    solutions: CrmSolutions, wire: Wire, *, hold: bool, looks: list[str], more: str
) -> None:
    """No other import may run; the package goes as base64, and operation and job tell how far it is."""
    wire.answer(IDLE)
    for _ in looks:
        wire.answer(IDLE)
    wire.answer(f'{{"AsyncOperationId":"{OPERATION}","ImportJobKey":"{JOB}"}}')
    wire.answer('{"statecode":3,"statuscode":30}').answer('{"progress":100.0,"data":""}')
    told: list[float] = []
    assert await solutions.import_package(package(), told.append, hold=hold) == ()
    assert told == [100.0]
    assert wire.taken() == [RUNNING, *looks, imported(more), *WATCHED]


async def test_solutions_are_found_promoted_published_and_removed(
    solutions: CrmSolutions, wire: Wire
) -> None:
    """The holding version takes the old one's place by name; publishing has no parameters, uninstalling no body."""
    wire.answer(
        f'{{"value":[{{"solutionid":"{ROLE}","uniquename":"Interlace","version":"1.0.0.0","ismanaged":true}}]}}'
    )
    wire.answer(f'{{"SolutionId":"{ROLE}"}}').answer().answer()
    assert await solutions.installed("Interlace") == SOLUTION
    await solutions.finish_upgrade("Interlace", "1.0.0.0")
    await solutions.publish()
    await solutions.remove(SOLUTION)
    assert wire.taken() == [
        installed("Interlace"),
        post("DeleteAndPromote", '{"UniqueName":"Interlace"}'),
        post("PublishAllXml", "{}"),
        request(f"DELETE {ROOT}solutions({ROLE})"),
    ]


async def test_tables_without_tracking_are_asked_of_the_metadata(wire: Wire) -> None:
    """One request for all of them; of those that can be tracked the answer holds a managed property."""
    wire.answer(
        '{"value":[{"LogicalName":"account","ChangeTrackingEnabled":false,"CanChangeTrackingBeEnabled":{"Value":true}},'
        '{"LogicalName":"uom","ChangeTrackingEnabled":false,"CanChangeTrackingBeEnabled":{"Value":false}}]}'
    )
    tracking = ChangeTracking(Administration(wire.crm()))
    assert await tracking.untracked(["account", "uom"]) == ("account",)
    columns = "LogicalName,ChangeTrackingEnabled,CanChangeTrackingBeEnabled"
    assert wire.taken() == [
        listed("EntityDefinitions", "LogicalName eq 'account' or LogicalName eq 'uom'", columns)
    ]
