"""Applications that sign in on their own: tokens, and every way to be refused."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.sandbox.identity.conftest import BASE, CLIENT, CRM, ERP, SECRET, TENANT, Office, claims

from interlace.sandbox.identity.resources import Service


def _refused(answer: tuple[int, dict[str, Any]]) -> tuple[int, str, int]:
    status, body = answer
    return status, body["error"], body["error_codes"][0]


def test_a_token_says_who_for_what_and_until_when(office: Office) -> None:
    """The claims are those that services and clients read from a token of Entra ID."""
    status, body = office.as_application()
    assert (status, body["token_type"], body["expires_in"]) == (200, "Bearer", 3599)
    said = claims(body["access_token"])
    assert (said["aud"], said["appid"], said["tid"], said["idtyp"]) == (CRM, CLIENT, TENANT, "app")
    assert said["exp"] - said["iat"] == 3599
    assert "roles" not in said
    assert "refresh_token" not in body


def test_a_token_is_for_one_service_and_ends(office: Office) -> None:
    """The other service, and the same one an hour later, don't recognise it; nor one that was tampered with."""
    token = office.as_application()[1]["access_token"]
    tokens = office.service.tokens
    principal = tokens.principal(token, Service.CRM)
    assert principal is not None
    assert (principal.client_id, principal.is_application) == (CLIENT, True)
    assert tokens.principal(token, Service.ERP) is None
    head, _, signature = token.split(".")
    forged = (
        base64.urlsafe_b64encode(json.dumps({**claims(token), "appid": "x"}).encode()).decode().rstrip("=")
    )
    assert tokens.principal(f"{head}.{forged}.{signature}", Service.CRM) is None
    assert tokens.principal("nonsense", Service.CRM) is None
    office.clock.forward(seconds=3599)
    assert tokens.principal(token, Service.CRM) is None


def test_the_erp_is_asked_for_by_its_published_address(office: Office) -> None:
    """Whom an administrator let use the ERP gets the roles that it looks for; others get a token without."""
    token = office.as_application(scope=f"{ERP}/.default")[1]["access_token"]
    assert claims(token)["roles"] == ["API.ReadWrite.All", "Automation.ReadWrite.All"]
    office.change(consents=["crm"])
    token = office.as_application(scope=f"{ERP}/.default")[1]["access_token"]
    assert "roles" not in claims(token)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"client_secret": "wrong"}, (401, "invalid_client", 7000215)),
        ({"client_secret": ""}, (401, "invalid_client", 7000216)),
        ({"client_id": ""}, (400, "invalid_request", 900144)),
        ({"client_id": "00000000-0000-0000-0000-000000000000"}, (400, "unauthorized_client", 700016)),
        ({"grant_type": ""}, (400, "invalid_request", 900144)),
        ({"grant_type": "authorization_code"}, (400, "unsupported_grant_type", 70003)),
        ({"grant_type": "password"}, (400, "invalid_grant", 50076)),
        ({"scope": ""}, (400, "invalid_request", 900144)),
        ({"scope": f"{CRM}/user_impersonation"}, (400, "invalid_scope", 1002012)),
        ({"scope": "openid"}, (400, "invalid_scope", 70011)),
        ({"scope": f"{CRM}/.default {ERP}/.default"}, (400, "invalid_scope", 70011)),
        ({"scope": "https://graph.microsoft.com/.default"}, (400, "invalid_resource", 500011)),
        ({"scope": "https://[::1/.default"}, (400, "invalid_resource", 500011)),
        ({"tenant": "contoso.invalid"}, (400, "invalid_tenant", 90002)),
    ],
)
def test_each_mistake_has_its_own_number(
    office: Office, changes: dict[str, str], expected: tuple[int, str, int]
) -> None:
    """Status, error word and AADSTS number are those of the real service."""
    assert _refused(office.as_application(**changes)) == expected


def test_a_refusal_carries_what_a_support_case_needs(office: Office) -> None:
    """Number, identifiers and time stand in fields and in the text; the client's own id comes back."""
    status, body = office.post(
        f"/{TENANT}/oauth2/v2.0/token", {"grant_type": "client_credentials"}, client_request_id="abc"
    )
    assert (status, body["correlation_id"], body["timestamp"]) == (400, "abc", "2026-03-01 12:00:00Z")
    assert body["error_uri"] == f"{BASE}error?code=900144"
    assert body["error_description"].startswith("AADSTS900144: ")
    assert f"Trace ID: {body['trace_id']} Correlation ID: abc" in body["error_description"]


@pytest.mark.parametrize(
    "audience",
    [
        "http://localhost:7148",
        "http://[::1]:7148",
        "https://crm:7148",
        "https://crm.example",
        "https://interlace.crm4.dynamics.com",
        "https://interlace.api.crm.dynamics.com",
        "00000007-0000-0000-c000-000000000000",
    ],
)
def test_the_crm_is_asked_for_by_where_it_answers(office: Office, audience: str) -> None:
    """On this machine and its network, under names that nobody owns, and as the real one; elsewhere is another's."""
    token = office.as_application(scope=f"{audience}/.default")[1]["access_token"]
    assert office.service.tokens.principal(token, Service.CRM) is not None


def test_an_expired_secret_is_told_apart_from_a_wrong_one(office: Office) -> None:
    """A second secret that holds makes the application well again."""
    held = office.service.directory.application(CLIENT)
    assert held is not None
    ended = {**held.secrets[0].document(), "expires": datetime(2026, 2, 1, tzinfo=UTC).isoformat()}
    office.change(secrets=[ended])
    assert _refused(office.as_application()) == (401, "invalid_client", 7000222)
    assert _refused(office.as_application(client_secret="wrong")) == (401, "invalid_client", 7000215)
    office.change(secrets=[ended, held.secrets[0].document()])
    assert office.as_application()[0] == 200


def test_a_disabled_application_gets_nothing(office: Office) -> None:
    """The text names the application."""
    office.change(is_disabled=True)
    answer = office.as_application()
    assert _refused(answer) == (400, "unauthorized_client", 7000112)
    assert f"'{CLIENT}'(Integration) is disabled" in answer[1]["error_description"]


def test_the_secret_may_come_as_basic(office: Office) -> None:
    """Both halves are form-encoded before they are joined, as the standard says."""
    pair = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
    form = {"grant_type": "client_credentials", "scope": f"{CRM}/.default"}
    address = f"/{TENANT}/oauth2/v2.0/token"
    assert office.post(address, form, authorization=f"Basic {pair}")[0] == 200
    assert _refused(office.post(address, form, authorization="Basic %%%")) == (
        400,
        "invalid_request",
        9002313,
    )


def test_the_former_endpoint_names_a_resource_and_writes_numbers_as_text(office: Office) -> None:
    """Clients of the first version read expires_on."""
    form = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET}
    status, body = office.post(f"/{TENANT}/oauth2/token", {**form, "resource": f"{CRM}/"})
    assert (status, body["expires_in"], body["resource"]) == (200, "3599", CRM)
    assert int(body["expires_on"]) - int(body["not_before"]) == 3599
    assert _refused(office.post(f"/{TENANT}/oauth2/token", form)) == (400, "invalid_request", 900144)


def test_discovery_leads_to_every_endpoint(office: Office) -> None:
    """By id, by domain and for any account; keys are published in both versions."""
    for tenant in (TENANT, "interlace.invalid", "common", "organizations"):
        found = json.loads(office.send("GET", f"/{tenant}/v2.0/.well-known/openid-configuration").body)
        assert found["issuer"] == f"{BASE}{TENANT}/v2.0"
        assert found["token_endpoint"] == f"{BASE}{TENANT}/oauth2/v2.0/token"
        assert found["device_authorization_endpoint"] == f"{BASE}{TENANT}/oauth2/v2.0/devicecode"
    former = json.loads(office.send("GET", f"/{TENANT}/.well-known/openid-configuration").body)
    assert former["token_endpoint"] == f"{BASE}{TENANT}/oauth2/token"
    keys = json.loads(office.send("GET", f"/{TENANT}/discovery/v2.0/keys").body)["keys"]
    assert [key["kid"] for key in keys] == [office.service.directory.signing_key().key_id]
    query = f"authorization_endpoint={BASE}{TENANT}/oauth2/v2.0/authorize&api-version=1.1"
    instance = json.loads(office.send("GET", "/common/discovery/instance", query=query).body)
    assert instance["tenant_discovery_endpoint"] == f"{BASE}{TENANT}/v2.0/.well-known/openid-configuration"
    assert instance["metadata"][0]["aliases"] == ["127.0.0.1:7148"]


def test_other_addresses_and_methods_are_refused(office: Office) -> None:
    """404 for what is not there, 405 for the wrong verb, a page for browsers that an application sends."""
    assert office.send("GET", "/").status == 404
    assert office.send("GET", f"/{TENANT}/oauth2/v2.0/token").status == 405
    assert office.send("POST", f"/{TENANT}/v2.0/.well-known/openid-configuration").status == 405
    assert office.send("GET", f"/{TENANT}/oauth2/v2.0/authorize").status == 400
