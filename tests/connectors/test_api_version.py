"""Where the CRM's Web API answers: addresses as people copy them, and the highest version that a service knows."""

import json

import pytest
from tests.connectors.stub_channel import StubChannel

from interlace.connectors.dataverse.administration import Administration
from interlace.connectors.dataverse.api_version import answering_version
from interlace.connectors.dataverse.web_api_address import organization_address, web_api_root
from interlace.connectors.http_message import HttpAnswer
from interlace.engine.service import ServiceUnavailable

NOT_FOUND = HttpAnswer(status=404, headers={"content-type": "text/html"}, body=b"<html>Not found</html>")
SERVER = "https://crm.example"


@pytest.mark.parametrize(
    ("copied", "place", "version"),
    [
        ("https://org.crm4.dynamics.com", "https://org.crm4.dynamics.com", ""),
        ("https://org.crm4.dynamics.com/api/data/v9.2", "https://org.crm4.dynamics.com", "9.2"),
        (f"{SERVER}/CONTOSO", f"{SERVER}/CONTOSO", ""),
        (f"{SERVER}/CONTOSO/api/data/v9.1/", f"{SERVER}/CONTOSO", "9.1"),
        (f"{SERVER}/CONTOSO/API/Data/v8.2/accounts?$top=1", f"{SERVER}/CONTOSO", "8.2"),
        (f"{SERVER}/CONTOSO/api/data", f"{SERVER}/CONTOSO", ""),
        (f"{SERVER}/CONTOSO/main.aspx?etn=account#x", f"{SERVER}/CONTOSO", ""),
    ],
)
def test_an_address_may_be_copied_from_anywhere(copied: str, place: str, version: str) -> None:
    """People have the organization's address, that of the Web API, or that of the page they are on."""
    assert organization_address(copied) == (place, version)


def _answer(body: object, status: int = 200) -> HttpAnswer:
    headers = {"content-type": "application/json; odata.metadata=minimal"}
    return HttpAnswer(status=status, headers=headers, body=json.dumps(body).encode())


async def test_the_highest_version_that_answers_is_taken() -> None:
    """They are asked in falling order, below the organization's path, until one knows itself."""
    channel = StubChannel(NOT_FOUND, NOT_FOUND, _answer({"Version": "9.0.31.7"}))
    assert await answering_version(channel, "/CONTOSO") == "9.0"
    assert [each.url for each in channel.sent] == [
        f"/CONTOSO/api/data/v{version}/RetrieveVersion()" for version in ("9.2", "9.1", "9.0")
    ]


@pytest.mark.parametrize("status", [401, 403])
async def test_a_version_that_lets_nobody_in_is_there(status: int) -> None:
    """Whether the account may enter is another question; a stranger is not led to older versions."""
    channel = StubChannel(
        NOT_FOUND, _answer({"error": {"code": "0x80072560", "message": "No member."}}, status)
    )
    assert await answering_version(channel, "") == "9.1"
    assert len(channel.sent) == 2


async def test_another_service_answers_to_none() -> None:
    """Then nothing is known, and the address is told to be wrong by whoever asked first."""
    assert await answering_version(StubChannel(*[NOT_FOUND] * 4), "/CONTOSO") is None


async def test_a_service_that_is_down_tells_nothing() -> None:
    """It is not taken for one that is older."""
    channel = StubChannel(HttpAnswer(status=503, headers={}, body=b""))
    with pytest.raises(ServiceUnavailable):
        await answering_version(channel, "")


def test_references_name_the_whole_address() -> None:
    """Relationships are made by addresses below the organization's path."""
    crm = Administration(StubChannel(), web_api_root("/CONTOSO", "9.1"))
    assert crm.reference("roles(1)")["@odata.id"].endswith("/CONTOSO/api/data/v9.1/roles(1)")
