"""Applications and people who sign in to the embedded ERP by access tokens of the directory."""

import json
from dataclasses import replace
from typing import Any

from tests.sandbox.erp.conftest import API, Client, Open

from interlace.sandbox.erp.declaration import BLANK_GUID
from interlace.sandbox.identity import Person
from interlace.sandbox.identity.founding import INTEGRATION_CLIENT_ID, PUBLIC_CLIENT_ID
from interlace.sandbox.identity.resources import BC_AUDIENCE, read_scope

BASE = "http://127.0.0.1/"
OTHER = "2d8b3c1e-0000-4000-8000-0000000000aa"


def _application(erp: Client, client_id: str = INTEGRATION_CLIENT_ID, **changes: Any) -> str:
    audience = changes.pop("audience", BC_AUDIENCE)
    return erp.app.identity.tokens.for_application(
        client_id, audience, BASE, roles=changes.pop("roles", True)
    )


def _person(erp: Client, email: str) -> str:
    wanted = read_scope(f"{BC_AUDIENCE}/user_impersonation", "interlace.invalid")
    person = Person(object_id=OTHER, principal_name=email, name="Ada Berg")
    return erp.app.identity.tokens.for_person(person, PUBLIC_CLIENT_ID, wanted, BASE)


def _ask(erp: Client, token: str, path: str = f"{API}/companies") -> tuple[int, str]:
    answer = erp.app.call("GET", path, headers={"Authorization": f"Bearer {token}"})
    if answer.status < 400:
        return answer.status, ""
    error = json.loads(answer.body)["error"]
    assert error["code"] == "Authentication_InvalidCredentials"
    assert ("WWW-Authenticate", 'Bearer realm="Business Central"') in answer.headers
    return answer.status, error["message"]


def test_an_application_acts_as_its_user(erp: Client) -> None:
    """What it writes shows the user's id, as what the user writes with his key does."""
    headers = {"Authorization": f"Bearer {_application(erp)}"}
    made = erp.app.call("POST", f"{erp.company}/items", headers=headers, body=b'{"displayName":"Lamp"}')
    assert made.status == 201, made.body
    by_key = erp.post(f"{erp.company}/items", {"displayName": "Lamp"})
    user = erp.app.users.find("INTERLACE")
    assert user is not None
    assert user.values["Application_ID"] == INTEGRATION_CLIENT_ID
    assert json.loads(made.body)["number"] < by_key["number"]
    assert erp.app.records.user == "INTERLACE"


def test_tokens_that_are_not_for_the_erp_are_refused(erp: Client) -> None:
    """Unknown, expired, of another service, or without the permission that an administrator grants."""
    assert _ask(erp, "nonsense")[0] == 401
    assert "another service" in _ask(erp, _application(erp, audience="http://127.0.0.1"))[1]
    assert "lacks the permission API.ReadWrite.All" in _ask(erp, _application(erp, roles=False))[1]
    token = _application(erp)
    assert _ask(erp, token)[0] == 200
    erp.clock.advance(seconds=3599)
    assert "has expired" in _ask(erp, token)[1]


def test_an_application_without_a_user_is_told_what_to_do(erp: Client) -> None:
    """It works once a user names it, and no longer when another one does or he is disabled."""
    token = _application(erp, OTHER)
    assert "Microsoft Entra Applications" in _ask(erp, token)[1]
    erp.post(f"{erp.pages}/Users", {"User_Name": "APP", "Application_ID": OTHER})
    assert _ask(erp, token)[0] == 200
    erp.patch(f"{erp.pages}/Users('APP')", {"State": "Disabled"})
    assert "The user APP is disabled" in _ask(erp, token)[1]
    erp.patch(f"{erp.pages}/Users('APP')", {"Application_ID": BLANK_GUID})
    assert "is not set up in the ERP" in _ask(erp, token)[1]


def test_a_person_is_known_by_his_address(erp: Client) -> None:
    """Letter case doesn't matter; nobody else's token opens anything."""
    erp.post(f"{erp.pages}/Users", {"User_Name": "ADA", "Authentication_Email": "Ada@example.com"})
    assert _ask(erp, _person(erp, "ada@EXAMPLE.com"))[0] == 200
    assert "ben@example.com" in _ask(erp, _person(erp, "ben@example.com"))[1]


def test_the_erp_gives_tokens_itself(open_erp: Open) -> None:
    """Its own address answers the sign-in service, over the directory that it was given or has."""
    erp = open_erp()
    form = (
        f"grant_type=client_credentials&client_id={INTEGRATION_CLIENT_ID}&client_secret=sandbox-secret"
        f"&scope={BC_AUDIENCE}/.default"
    )
    tenant = erp.app.identity.directory.tenant.tenant_id
    answer = erp.app.call("POST", f"/{tenant}/oauth2/v2.0/token", body=form.encode())
    assert answer.status == 200, answer.body
    assert _ask(erp, json.loads(answer.body)["access_token"])[0] == 200
    directory = erp.app.identity.directory
    held = directory.application(INTEGRATION_CLIENT_ID)
    assert held is not None
    directory.keep_application(replace(held, is_disabled=True))
    assert erp.app.call("POST", f"/{tenant}/oauth2/v2.0/token", body=form.encode()).status == 400
    assert erp.app.call("GET", "/nowhere").status == 404
