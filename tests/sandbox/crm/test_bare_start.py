"""A CRM that nobody has prepared: no solution, and no user for the integration's application until one is made."""

from collections.abc import Iterator

import pytest
from tests.sandbox.crm.conftest import Client, Clock, refusal

from interlace.sandbox.crm import SandboxOptions, create_crm_sandbox
from interlace.sandbox.crm.sandbox import CrmSandbox


@pytest.fixture
def bare(clock: Clock) -> Iterator[CrmSandbox]:
    """The bare organization."""
    held = create_crm_sandbox(None, SandboxOptions(integration_user=False, now=clock))
    yield held
    held.close()


def _as_application(crm: CrmSandbox, clock: Clock, client_id: str) -> Client:
    client = Client.__new__(Client)
    client.app, client.clock = crm, clock
    client.token = crm.identity.tokens.for_application(client_id, "http://127.0.0.1", "http://127.0.0.1/")
    return client


def test_the_integration_is_no_member_until_an_administrator_adds_it(bare: CrmSandbox, clock: Clock) -> None:
    """Its token is good, its user is missing; the user is found as soon as it is there, and refused once disabled."""
    integration = _as_application(bare, clock, bare.options.client_id)
    assert refusal(integration.send("GET", "WhoAmI")) == (403, "0x80072560")
    administrator = _as_application(bare, clock, bare.options.administrator_client_id)
    me = administrator.get("WhoAmI")
    roles = administrator.get(f"systemusers({me['UserId']})/systemuserroles_association?$select=name")[
        "value"
    ]
    assert sorted(each["name"] for each in roles) == ["System Administrator", "System Customizer"]
    user = administrator.create(
        "systemusers",
        {
            "applicationid": bare.options.client_id,
            "businessunitid@odata.bind": f"/businessunits({me['BusinessUnitId']})",
        },
    )
    # Without a role he may do little, but he is known.
    assert b"0x80072560" not in integration.send("GET", "WhoAmI").body
    administrator.patch(f"systemusers({user})", {"isdisabled": True})
    assert refusal(integration.send("GET", "WhoAmI")) == (403, "0x80040225")


def test_nothing_of_the_solution_is_there(bare: CrmSandbox, clock: Clock) -> None:
    """Neither tables nor roles nor the solution itself."""
    administrator = _as_application(bare, clock, bare.options.administrator_client_id)
    assert administrator.get("solutions?$filter=uniquename eq 'InterlaceIntegration'")["value"] == []
    assert administrator.get("roles?$filter=startswith(name,'Interlace')")["value"] == []
    assert administrator.send("GET", "ilc_connections").status == 404
