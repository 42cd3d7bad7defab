"""Imports of solutions on the wire: what is asked, what is made of each answer, and what a lost answer means."""

import base64
import json
from typing import Any

import pytest
from tests.connectors.stub_channel import StubChannel

from interlace.connectors.dataverse.administration import (
    Administration,
    AnswerLost,
    RequestRefused,
)
from interlace.connectors.dataverse.crm_users import SYSTEM_ADMINISTRATOR, CrmUsers
from interlace.connectors.dataverse.import_results import component_results
from interlace.connectors.dataverse.solutions import CrmSolutions, ImportFailed
from interlace.connectors.http_message import HttpAnswer, NoAnswer, NothingSent, RequestFailed
from interlace.connectors.runner import SystemClock
from interlace.engine.service import ServiceUnavailable, SignInRefused
from interlace.solution.build import build_solution

ROOT = "/api/data/v9.2/"
OPERATION = "0a0a0a0a-0000-4000-8000-000000000001"
JOB = "0b0b0b0b-0000-4000-8000-000000000002"
USER = "0c0c0c0c-0000-4000-8000-000000000003"
UNIT = "0d0d0d0d-0000-4000-8000-000000000004"
ROLE = "0e0e0e0e-0000-4000-8000-000000000005"
JSON_TYPE = {"content-type": "application/json; odata.metadata=minimal"}

IDLE: dict[str, Any] = {"value": []}
STARTED = {"AsyncOperationId": OPERATION, "ImportJobKey": JOB}
DONE = {"statecode": 3, "statuscode": 30}
FAILURE_DATA = (
    '<importexportxml start="1" stop="2" progress="80" processed="true"><entities>'
    '<entity id="account" LocalizedName="Account"><result result="failure" errorcode="0x80048403" '
    'errortext="A column of that name is there already." datetime="1"/></entity>'
    '<entity id="contact" LocalizedName="Contact"><result result="success" errorcode="0" errortext=""/></entity>'
    '</entities><roles><role id="x" LocalizedName="Sales"><result result="warning" errorcode="0" errortext="Old"/>'
    "</role></roles></importexportxml>"
)


def answer(body: object, status: int = 200) -> HttpAnswer:
    """Return a JSON answer."""
    return HttpAnswer(status=status, headers=JSON_TYPE, body=json.dumps(body).encode())


def refused(code: str, message: str, status: int = 400) -> HttpAnswer:
    """Return an error answer as the service writes it."""
    return answer({"error": {"code": code, "message": message}}, status)


class SwiftClock(SystemClock):
    """A clock on which every pause takes ten minutes at once."""

    def __init__(self) -> None:
        self.passed = 0.0

    def elapsed(self) -> float:
        """Return the time that has passed in pauses."""
        return self.passed

    async def pause(self, seconds: float) -> None:
        """Let time pass."""
        self.passed += 600.0


def solutions(*answers: HttpAnswer | RequestFailed) -> tuple[CrmSolutions, StubChannel]:
    """Return solutions over a channel with prepared answers."""
    channel = StubChannel(*answers)
    return CrmSolutions(Administration(channel), SwiftClock()), channel


async def test_an_import_is_started_watched_and_told() -> None:
    """The package goes as base64 into ImportSolutionAsync; progress is the job's, the end is the operation's."""
    crm, channel = solutions(
        answer(IDLE),
        answer(STARTED),
        answer({"statecode": 0, "statuscode": 20}),
        answer({"progress": 37.5, "data": None}),
        answer(DONE),
        answer({"progress": 100.0, "data": ""}),
    )
    told: list[float] = []
    assert await crm.import_package(b"zip", told.append) == ()
    assert told == [37.5, 100.0]
    idle, start, watch, job, *_ = channel.sent
    assert idle.url == (
        f"{ROOT}asyncoperations?$select=asyncoperationid,statecode,statuscode"
        "&$filter=operationtype%20eq%20203%20and%20statecode%20ne%203&$top=1"
    )
    assert (start.method, start.url) == ("POST", f"{ROOT}ImportSolutionAsync")
    assert json.loads(start.body or b"") == {
        "OverwriteUnmanagedCustomizations": True,
        "PublishWorkflows": False,
        "CustomizationFile": base64.b64encode(b"zip").decode(),
    }
    assert not start.may_be_repeated
    assert watch.url.startswith(f"{ROOT}asyncoperations({OPERATION})?$select=")
    assert job.url == f"{ROOT}importjobs({JOB})?$select=progress,data"


async def test_an_upgrade_is_held_and_promoted() -> None:
    """A new version stands beside the old one first, and is then put in its place by name."""
    crm, channel = solutions(
        answer(IDLE),
        answer(IDLE),
        answer(STARTED),
        answer(DONE),
        answer({"progress": 100.0}),
        HttpAnswer(status=204),
    )
    await crm.import_package(build_solution().content, lambda percent: None, hold=True)
    await crm.finish_upgrade("InterlaceIntegration", "1.1.0.0")
    assert "uniquename%20eq%20'InterlaceIntegration_Upgrade'" in channel.sent[1].url
    assert json.loads(channel.sent[2].body or b"")["HoldingSolution"] is True
    assert channel.sent[-1].url == f"{ROOT}DeleteAndPromote"
    assert json.loads(channel.sent[-1].body or b"") == {"UniqueName": "InterlaceIntegration"}


def held(version: str) -> HttpAnswer:
    """Return an answer that shows a version which an upgrade has left beside the old one."""
    name = "InterlaceIntegration_Upgrade"
    row = {"solutionid": JOB, "uniquename": name, "version": version, "ismanaged": True}
    return answer({"value": [row]})


async def test_an_upgrade_that_broke_off_is_finished() -> None:
    """What was imported already is not imported again: it only has to be put in its place."""
    package = build_solution()
    crm, channel = solutions(answer(IDLE), held(package.version))
    told: list[float] = []
    assert await crm.import_package(package.content, told.append, hold=True) == ()
    assert told == [100.0]
    assert {each.method for each in channel.sent} == {"GET"}


async def test_an_older_upgrade_that_broke_off_is_cleared_away() -> None:
    """A version that nobody wants any more makes room for ours."""
    answers = [answer(STARTED), answer(DONE), answer({"progress": 100.0})]
    crm, channel = solutions(answer(IDLE), held("0.9.5.0"), HttpAnswer(status=204), *answers)
    await crm.import_package(build_solution().content, lambda percent: None, hold=True)
    assert (channel.sent[2].method, channel.sent[2].url) == ("DELETE", f"{ROOT}solutions({JOB})")
    assert channel.sent[3].url == f"{ROOT}ImportSolutionAsync"


async def test_a_failed_import_names_the_components() -> None:
    """The reason is the operation's; each component that failed is named with its own text and code."""
    crm, _ = solutions(
        answer(IDLE),
        answer(STARTED),
        answer({"statecode": 3, "statuscode": 31, "friendlymessage": "Import failed."}),
        answer({"progress": 80.0, "data": FAILURE_DATA}),
    )
    with pytest.raises(ImportFailed) as caught:
        await crm.import_package(b"zip", lambda percent: None)
    assert str(caught.value) == (
        "The CRM did not import the solution: Import failed.\n"
        "  entity Account: A column of that name is there already (0x80048403)"
    )
    assert [each.component for each in caught.value.components] == ["entity Account"]


async def test_a_lost_start_is_followed_if_it_began() -> None:
    """When the answer to the start is lost, the one import that runs now is ours and is watched to its end."""
    crm, channel = solutions(
        answer(IDLE),
        NoAnswer("cut"),
        answer({"value": [{"asyncoperationid": OPERATION, "statecode": 2}]}),
        answer(DONE),
    )
    await crm.import_package(b"zip", lambda percent: None)
    assert [each.method for each in channel.sent] == ["GET", "POST", "GET", "GET"]


async def test_a_lost_start_that_did_not_begin_is_told() -> None:
    """Nothing is sent twice: a person starts it again."""
    crm, channel = solutions(answer(IDLE), NoAnswer("cut"), answer(IDLE))
    with pytest.raises(AnswerLost, match="answer was lost when we were to import the solution"):
        await crm.import_package(b"zip", lambda percent: None)
    assert len(channel.sent) == 3


async def test_two_imports_at_once_are_refused_before_anything_is_sent() -> None:
    """The CRM imports one solution at a time; ours waits for a person's next try."""
    crm, channel = solutions(answer({"value": [{"asyncoperationid": OPERATION, "statecode": 2}]}))
    with pytest.raises(ServiceUnavailable, match="Another solution is being imported"):
        await crm.import_package(b"zip", lambda percent: None)
    assert len(channel.sent) == 1


async def test_watching_survives_answers_that_do_not_come() -> None:
    """While it imports, the CRM may be slow: a look that fails is looked again, the import isn't given up."""
    crm, _ = solutions(
        answer(IDLE),
        answer(STARTED),
        NothingSent("busy"),
        answer({"statecode": 0}),
        refused("0x80040217", "importjob does not exist", 404),
        answer(DONE),
        answer({"progress": 100.0}),
    )
    assert await crm.import_package(b"zip", lambda percent: None) == ()


async def test_an_import_without_end_is_left_to_the_crm() -> None:
    """After an hour the person is told where to look; the import goes on."""
    looks = [each for _ in range(8) for each in (answer({"statecode": 2}), answer({"progress": 5.0}))]
    crm, _ = solutions(answer(IDLE), answer(STARTED), *looks)
    with pytest.raises(ServiceUnavailable, match="not done with the import after an hour"):
        await crm.import_package(b"zip", lambda percent: None)


async def test_a_lost_answer_to_a_promotion_is_settled_by_the_version() -> None:
    """What the CRM shows afterwards says whether the upgrade was finished."""
    row = {
        "solutionid": JOB,
        "uniquename": "InterlaceIntegration",
        "version": "1.0.0.0",
        "ismanaged": True,
    }
    crm, _ = solutions(
        NoAnswer("cut"), answer({"value": [row]}), answer({"value": [{**row, "version": "1.1.0.0"}]})
    )
    await crm.finish_upgrade("InterlaceIntegration", "1.1.0.0")


async def test_an_installed_solution_is_found_by_its_unique_name() -> None:
    """The version that is there is asked for with the shortest request that tells it."""
    row = {"solutionid": JOB, "uniquename": "InterlaceIntegration", "version": "1.0.0.0", "ismanaged": True}
    crm, channel = solutions(answer({"value": [row]}), answer(IDLE), HttpAnswer(status=204))
    found = await crm.installed("InterlaceIntegration")
    assert found is not None
    assert (found.version, found.managed) == ("1.0.0.0", True)
    assert channel.sent[0].url == (
        f"{ROOT}solutions?$select=solutionid,uniquename,version,ismanaged"
        "&$filter=uniquename%20eq%20'InterlaceIntegration'"
    )
    assert await crm.installed("InterlaceIntegration") is None
    await crm.remove(found)
    assert (channel.sent[-1].method, channel.sent[-1].url) == ("DELETE", f"{ROOT}solutions({JOB})")


REFUSALS = [
    (refused("0x80048038", "A managed solution cannot overwrite", 400), RequestRefused, "0x80048038"),
    (
        refused("0x80040220", "missing prvImportCustomization privilege", 403),
        SignInRefused,
        "System Customizer",
    ),
    (refused("", "", 401), SignInRefused, "does not accept the administrator's sign-in"),
    (refused("", "Down for a moment", 503), ServiceUnavailable, "Try again later"),
    (NothingSent("no route"), ServiceUnavailable, "can't be reached"),
]


@pytest.mark.parametrize(("got", "kind", "text"), REFUSALS)
async def test_refusals_say_what_to_do(
    got: HttpAnswer | RequestFailed, kind: type[Exception], text: str
) -> None:
    """A refused publication is told by what happens next."""
    crm, _ = solutions(got)
    with pytest.raises(kind, match=text):
        await crm.publish()


@pytest.mark.parametrize(
    "document",
    ["", "no xml", "<a", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "<importexportxml/>"],
)
def test_job_data_that_tell_nothing_are_no_problem(document: str) -> None:
    """Results are read with care: cut ones, and such with entities, are as good as none."""
    assert component_results(document) == ()


def test_job_data_tell_failures_before_warnings() -> None:
    """What failed comes first; what went well is not told."""
    found = component_results(FAILURE_DATA)
    assert [(each.component, each.is_failure) for each in found] == [
        ("entity Account", True),
        ("role Sales", False),
    ]


def user_row(**more: object) -> dict[str, object]:
    """Return a user as the CRM shows it."""
    roles = [{"roleid": ROLE, "name": "System Administrator", "_roletemplateid_value": SYSTEM_ADMINISTRATOR}]
    return {
        "systemuserid": USER,
        "fullname": "Ada",
        "isdisabled": False,
        "accessmode": 0,
        "applicationid": None,
        "_businessunitid_value": UNIT,
        "systemuserroles_association": roles,
        **more,
    }


async def test_the_caller_is_known_with_roles() -> None:
    """Who is signed in is asked, then read with the roles and their templates."""
    channel = StubChannel(answer({"UserId": USER}), answer(user_row()))
    found = await CrmUsers(Administration(channel)).caller()
    assert (found.name, found.is_administrator, found.business_unit) == ("Ada", True, UNIT)
    assert channel.sent[1].url.endswith(
        "&$expand=systemuserroles_association($select=roleid,name,_roletemplateid_value)"
    )


async def test_a_role_is_given_by_reference() -> None:
    """The role of the user's own business unit is looked up by name and given by its address."""
    row = {"roleid": ROLE, "name": "Interlace Integration User", "_roletemplateid_value": None}
    channel = StubChannel(answer({"value": [user_row()]}), answer({"value": [row]}), HttpAnswer(status=204))
    users = CrmUsers(Administration(channel))
    found = await users.named("o'neil@example.com")
    assert found is not None
    role = await users.role("Interlace Integration User", found.business_unit)
    assert role == ROLE
    await users.give(found, role, "Interlace Integration User")
    assert "internalemailaddress%20eq%20'o''neil@example.com'" in channel.sent[0].url
    assert f"_businessunitid_value%20eq%20{UNIT}" in channel.sent[1].url
    given = channel.sent[2]
    assert given.url == f"{ROOT}systemusers({USER})/systemuserroles_association/$ref"
    assert json.loads(given.body or b"") == {"@odata.id": f"http://127.0.0.1:1{ROOT}roles({ROLE})"}


async def test_a_user_of_an_application_is_made_and_found() -> None:
    """An app registration without a user gets one in the administrator's business unit."""
    channel = StubChannel(
        answer({"value": []}),
        HttpAnswer(status=204),
        answer({"value": [user_row(applicationid="f0f0f0f0-0000-4000-8000-000000000009")]}),
    )
    users = CrmUsers(Administration(channel))
    client = "f0f0f0f0-0000-4000-8000-000000000009"
    assert await users.of_application(client) is None
    made = await users.add_application(client, UNIT)
    assert made is not None
    assert made.is_application
    assert json.loads(channel.sent[1].body or b"") == {
        "applicationid": client,
        "businessunitid@odata.bind": f"/businessunits({UNIT})",
    }
