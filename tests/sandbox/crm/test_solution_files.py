"""Files that are no solutions are refused before anything is looked at, let alone changed."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from tests.sandbox.crm.conftest import Client, refusal
from tests.sandbox.crm.small_solution import PRIVILEGES, VEHICLE, SmallSolution, attribute, zipped
from tests.sandbox.crm.test_solution_import import JOB, Administrator, administrator, parameters

__all__ = ["administrator"]

GOOD = SmallSolution()
SAME_SET = GOOD.customizations().replace("tst_vehicles", "accounts")
ENTITIES = b'<!DOCTYPE x [<!ENTITY a "b">]><ImportExportXml>&a;</ImportExportXml>'


def without(name: str) -> bytes:
    """The zip without one file."""
    return zipped({key: content for key, content in GOOD.files().items() if key != name})


def instead(name: str, content: bytes) -> bytes:
    """The zip with another content of one file."""
    return zipped({**GOOD.files(), name: content})


def manifest(change: Callable[[str], str]) -> bytes:
    """The zip with a changed manifest."""
    return instead("solution.xml", change(GOOD.manifest()).encode())


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "0x80048060"),
        (b"no zip at all", "0x80048060"),
        (GOOD.zip()[:-400], "0x80048060"),
        (without("solution.xml"), "0x80048060"),
        (without("customizations.xml"), "0x80048060"),
        (without("[Content_Types].xml"), "0x80048060"),
        (instead("[Content_Types].xml", b"<nothing />"), "0x80048060"),
        (instead("../outside", b""), "0x80048060"),
        (instead("/outside", b""), "0x80048060"),
        (instead("a\\b", b""), "0x80048060"),
        (instead("SOLUTION.xml", b""), "0x80048060"),
        (instead("huge", b"\0" * (257 * 1024 * 1024)), "0x80048060"),
        (instead("customizations.xml", ENTITIES), "0x80048013"),
        (instead("solution.xml", b"<ImportExportXml>"), "0x80048013"),
        (instead("solution.xml", b"\xff\xfe\xff"), "0x80048013"),
        (instead("solution.xml", b"<Other />"), "0x8004801a"),
        (instead("solution.xml", b"<ImportExportXml />"), "0x8004801a"),
        (manifest(lambda text: text.replace("Fleet", "Fl eet")), "0x8004801a"),
        (manifest(lambda text: text.replace("1.0.0.0", "one")), "0x80048033"),
        (manifest(lambda text: text.replace(">tst<", ">mscrmx<")), "0x8004801a"),
        (manifest(lambda text: text.replace(">51000<", ">5<")), "0x8004801a"),
        (SmallSolution(vehicle=VEHICLE + attribute("Plain", "nvarchar")).zip(), "0x8004801a"),
        (SmallSolution(vehicle=VEHICLE + attribute("tst_x", "image")).zip(), "0x8004801a"),
        (SmallSolution(vehicle=VEHICLE.replace("primarykey", "nvarchar")).zip(), "0x8004801a"),
        (SmallSolution(account=attribute("tst_x", "lookup")).zip(), "0x8004801a"),
        (SmallSolution(account=attribute("tst_x", "picklist", "<OptionSetName>tst_y</OptionSetName>")).zip(),
         "0x8004801d"),
        (SmallSolution(privileges={**PRIVILEGES, "prvRead": "Global"}).zip(), "0x80048058"),
        (SmallSolution(privileges={"prvReadAccount": "Everywhere"}).zip(), "0x8004801a"),
        (SmallSolution(role_name="System Administrator").zip(), "0x80048017"),
        (SmallSolution(roots="").zip(), "0x8004803a"),
        (instead("customizations.xml", SAME_SET.encode()), "0x80048033"),
        (SmallSolution(missing='<MissingDependency><Required type="1" schemaName="lead" displayName="Lead" />'
                       "</MissingDependency>").zip(), "0x8004801d"),
    ],
)  # fmt: skip
def test_bad_files_are_refused(administrator: Administrator, content: bytes, code: str) -> None:
    """Each is refused with its code, the job tells it, and the organization is as before."""
    assert refusal(administrator.bring(content)) == (400, code)
    assert next(iter(administrator.results().values()))
    assert administrator.get(f"importjobs({administrator.job})")["completedon"] is not None
    assert administrator.send("GET", "tst_vehicles").status == 404
    assert administrator.get("solutions?$filter=uniquename eq 'Fleet'")["value"] == []


def test_a_key_that_records_break_is_refused(administrator: Administrator) -> None:
    """Two accounts with the same name cannot get an alternate key over the name."""
    for _ in range(2):
        administrator.create("accounts", {"name": "Twin"})
    key = SmallSolution().vehicle_keys.replace("tst_plate<", "name<")
    answer = administrator.bring(SmallSolution(account_keys=key))
    assert refusal(answer) == (400, "0x80048033")
    assert b"duplicates" in answer.body


def test_a_dependency_that_is_there_is_no_obstacle(administrator: Administrator) -> None:
    """Tables and columns of the organization count as found."""
    needs = (
        '<MissingDependency><Required type="1" schemaName="contact" displayName="Contact" /></MissingDependency>'
        '<MissingDependency><Required type="2" schemaName="name" parentSchemaName="account" /></MissingDependency>'
    )
    assert administrator.bring(SmallSolution(missing=needs)).status == 204


def test_parameters_and_privileges_are_asked_for(administrator: Administrator, client: Client) -> None:
    """Missing parameters, broken base64 and callers without the right to import are refused."""
    good = {**parameters(GOOD.zip()), "ImportJobId": JOB}
    assert client.send("POST", "ImportSolution", good).status == 403
    for name in ("OverwriteUnmanagedCustomizations", "PublishWorkflows", "ImportJobId"):
        lacking = {key: value for key, value in good.items() if key != name}
        assert refusal(administrator.send("POST", "ImportSolution", lacking)) == (400, "0x80040203")
    broken = {**good, "CustomizationFile": base64.b64encode(b"x").decode() + "!"}
    assert refusal(administrator.send("POST", "ImportSolution", broken)) == (400, "0x80040203")
