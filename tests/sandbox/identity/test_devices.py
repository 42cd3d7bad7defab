"""People who sign in on another device, and what their tokens are renewed by."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from tests.sandbox.identity.conftest import (
    CLIENT,
    CRM,
    ERP,
    PASSWORD,
    PERSON,
    PUBLIC,
    SECRET,
    TENANT,
    Office,
    claims,
)

from interlace.sandbox.identity.registrations import hashed_password
from interlace.sandbox.identity.resources import Service

PAGE = "/devicelogin/"
SCOPE = f"{CRM}/user_impersonation openid profile offline_access"


def _begin(office: Office, client_id: str = PUBLIC, scope: str = SCOPE) -> dict[str, Any]:
    status, body = office.post(f"/{TENANT}/oauth2/v2.0/devicecode", {"client_id": client_id, "scope": scope})
    assert status == 200, body
    return body


def _poll(office: Office, begun: dict[str, Any], **more: str) -> tuple[int, dict[str, Any]]:
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "client_id": PUBLIC,
        "device_code": begun["device_code"],
        **more,
    }
    return office.token(**form)


def _visit(office: Office, begun: dict[str, Any], **typed: str) -> tuple[int, str]:
    form = {"user_code": begun["user_code"], **typed}
    answer = office.send("POST", PAGE, urlencode(form).encode())
    return answer.status, answer.body.decode()


def _approve(office: Office, begun: dict[str, Any], password: str = PASSWORD) -> tuple[int, str]:
    return _visit(office, begun, decision="approve", email=PERSON, password=password)


def _signed_in(office: Office, scope: str = SCOPE) -> dict[str, Any]:
    begun = _begin(office, scope=scope)
    assert _approve(office, begun)[0] == 200
    status, body = _poll(office, begun, client_info="1")
    assert status == 200, body
    return body


def _refresh(office: Office, token: str, **more: str) -> tuple[int, dict[str, Any]]:
    return office.token(
        **{"grant_type": "refresh_token", "client_id": PUBLIC, "refresh_token": token, **more}
    )


def _number(answer: tuple[int, dict[str, Any]]) -> int:
    number: int = answer[1]["error_codes"][0]
    return number


def test_a_person_finishes_what_a_device_began(office: Office) -> None:
    """Pending until the person signs in; then tokens that name him, once."""
    begun = _begin(office)
    assert begun["user_code"] in begun["message"]
    assert begun["verification_uri"].endswith("/devicelogin")
    assert (_poll(office, begun)[1]["error"], _number(_poll(office, begun))) == (
        "authorization_pending",
        70016,
    )
    status, page = _visit(office, begun)
    assert status == 200
    assert "Sign-in</b> wants to use the CRM in your name" in page
    assert _approve(office, begun)[0] == 200
    status, body = _poll(office, begun, client_info="1")
    assert status == 200
    said = claims(body["access_token"])
    assert (said["upn"], said["scp"], said["appid"]) == (PERSON, "user_impersonation", PUBLIC)
    assert claims(body["id_token"])["preferred_username"] == PERSON
    principal = office.service.tokens.principal(body["access_token"], Service.CRM)
    assert principal is not None
    assert (principal.principal_name, principal.is_application) == (PERSON, False)
    assert office.service.tokens.principal(body["id_token"], Service.CRM) is None
    assert _number(_poll(office, begun)) == 70018


def test_wrong_passwords_disabled_people_and_refusals_give_nothing(office: Office) -> None:
    """Each is said on the page; who declines ends the sign-in."""
    begun = _begin(office)
    status, page = _approve(office, begun, password="wrong")
    assert (status, "AADSTS50126" in page) == (403, True)
    assert PASSWORD not in page
    directory = office.service.directory
    person = directory.person(PERSON)
    assert person is not None
    directory.keep_person(replace(person, is_disabled=True))
    status, page = _approve(office, begun)
    assert (status, "AADSTS50057" in page) == (403, True)
    assert _number(_poll(office, begun)) == 70016
    assert _visit(office, begun, decision="decline")[0] == 200
    assert _poll(office, begun)[1]["error"] == "authorization_declined"


def test_codes_end_and_are_not_guessed(office: Office) -> None:
    """After a quarter of an hour the code is over; ten wrong ones in a minute make everyone wait."""
    begun = _begin(office)
    office.clock.forward(minutes=16)
    assert (_poll(office, begun)[1]["error"], _number(_poll(office, begun))) == ("expired_token", 70019)
    assert [_visit(office, begun)[0] for _ in range(11)] == [400] * 10 + [429]
    office.clock.forward(minutes=2)
    assert _visit(office, _begin(office))[0] == 200


def test_forms_of_other_sites_and_odd_requests_are_refused(office: Office) -> None:
    """The page itself asks for the code; its style is served; nothing else is there."""
    assert b"Enter the code" in office.send("GET", PAGE.rstrip("/")).body
    page = office.send("GET", PAGE, query="user_code=ABC").body.decode()
    assert 'value="ABC"' in page
    style = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    assert office.send("GET", style).status == 200
    assert office.send("POST", PAGE, sec_fetch_site="cross-site").status == 403
    assert office.send("PUT", PAGE).status == 405
    assert office.send("GET", f"{PAGE}other").status == 404
    assert office.send("POST", PAGE, b"user_code=" + b"A" * 20_000).status == 400


def test_only_public_applications_sign_people_in_without_a_secret(office: Office) -> None:
    """An application with a secret must show it; an unknown one gets no code."""
    begun = _begin(office, CLIENT)
    assert _approve(office, begun)[0] == 200
    assert _number(_poll(office, begun, client_id=CLIENT)) == 7000218
    assert _number(_poll(office, begun)) == 70018
    assert _poll(office, begun, client_id=CLIENT, client_secret=SECRET)[0] == 200
    answer = office.post(f"/{TENANT}/oauth2/v2.0/devicecode", {"client_id": "x", "scope": SCOPE})
    assert _number(answer) == 700016
    answer = office.post(f"/{TENANT}/oauth2/v2.0/devicecode", {"client_id": PUBLIC})
    assert _number(answer) == 900144


def test_consent_is_asked_for(office: Office) -> None:
    """An application that may use the CRM gets no token of a person for the ERP."""
    office.change(PUBLIC, consents=["crm"])
    begun = _begin(office, scope=f"{ERP}/.default offline_access")
    assert _approve(office, begun)[0] == 200
    answer = _poll(office, begun)
    assert (_number(answer), answer[1]["suberror"]) == (65001, "consent_required")


def test_a_refresh_token_renews_until_something_changes(office: Office) -> None:
    """Each use gives a new one, also for another service; password, account and time end it."""
    held = _signed_in(office)["refresh_token"]
    status, body = _refresh(office, held, scope=f"{ERP}/.default offline_access")
    assert status == 200
    assert claims(body["access_token"])["scp"] == "Financials.ReadWrite.All user_impersonation"
    newer = body["refresh_token"]
    assert newer != held
    assert _refresh(office, newer)[0] == 200
    assert _number(_refresh(office, held, client_id=CLIENT, client_secret=SECRET)) == 9002313
    assert _number(_refresh(office, "unknown")) == 9002313
    directory = office.service.directory
    person = directory.person(PERSON)
    assert person is not None
    directory.keep_person(replace(person, is_disabled=True))
    assert _number(_refresh(office, held)) == 50057
    directory.keep_person(replace(person, password=hashed_password("another")))
    assert _number(_refresh(office, held)) == 50173
    directory.keep_person(person)
    office.clock.forward(days=91)
    assert _number(_refresh(office, held)) == 700082


def test_the_directory_holds_no_secret_in_clear(office: Office) -> None:
    """Secrets, passwords, device codes and refresh tokens are hashes there."""
    begun = _begin(office)
    held = _signed_in(office)
    directory = office.service.directory
    kept = json.dumps(
        [
            [each.document() for each in directory.applications()],
            [each.document() for each in directory.people()],
        ]
    )
    assert SECRET not in kept
    assert PASSWORD not in kept
    assert directory.device_code(key=begun["device_code"]) is None
    assert directory.refresh_token(held["refresh_token"]) is None
