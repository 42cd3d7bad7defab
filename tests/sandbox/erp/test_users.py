"""Users of the embedded ERP, their web service access keys, and feed tokens."""

import hmac
import json
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.sandbox.erp.conftest import API, KEY, PAGES, basic

from interlace.sandbox.erp import ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.erp import users as users_module

_PRODUCT = "7c4b9df2-0000-4000-8000-00000000000a"


def _change_key(erp: Any, of_user: str = "INTERLACE", body: object = None, **sign_in: str) -> str:
    url = f"{erp.pages}/Users('{of_user}')/NAV.ChangeWebServiceKey"
    response = erp.send("POST", url, body or {}, {"Authorization": basic(**sign_in)} if sign_in else None)
    assert response.status == 200, response.body
    return str(json.loads(response.body)["value"])


def _issue_token(erp: Any, expiry: str | None = None) -> str:
    body = {} if expiry is None else {"expiry": expiry}
    response = erp.send("POST", f"{erp.pages}/Users('INTERLACE')/NAV.IssueFeedToken", body)
    assert response.status == 200, response.body
    assert response.header("Cache-Control") == "no-store"
    return str(json.loads(response.body)["value"])


def _status(erp: Any, url: str, method: str = "GET", **sign_in: str) -> tuple[int, str]:
    headers = {"Authorization": basic(**sign_in)}
    response = erp.app.call(method, url, headers=headers, body=b"{}" if method != "GET" else b"")
    if response.status < 400:
        return response.status, ""
    error = json.loads(response.body)["error"]
    return response.status, f"{error['code']}: {error['message']}"


def _second_user(erp: Any, name: str = "clerk", **fields: object) -> str:
    erp.post(f"{erp.pages}/Users", {"User_Name": name, **fields})
    return _change_key(erp, name.upper())


def test_page_shows_users_and_never_their_keys(erp: Any) -> None:
    """Neither a key nor its hash is on the page, in its metadata, or open to a filter."""
    key = _second_user(erp, Full_Name="Clara Kern", Authentication_Email="clara@example.com")
    shown = erp.send("GET", f"{erp.pages}/Users").body.decode()
    kept = erp.app.users.find("clerk").text("Web_Service_Key_Hash")
    assert key not in shown
    assert kept not in shown
    assert "Hash" not in shown
    names = {user["User_Name"]: user for user in erp.values(f"{erp.pages}/Users")}
    assert sorted(names) == ["CLERK", "INTERLACE"]
    assert names["CLERK"]["Has_Web_Service_Key"] is True
    assert names["CLERK"]["Authentication_Email"] == "clara@example.com"
    assert "Key_Hash" not in erp.send("GET", f"{PAGES}/$metadata").body.decode()
    filtered = f"{erp.pages}/Users?$filter=startswith(Web_Service_Key_Hash,'a')"
    assert erp.refused("GET", filtered)[0] == 400
    assert erp.refused(
        "PATCH", f"{erp.pages}/Users('CLERK')", {"Has_Web_Service_Key": False}, {"If-Match": "*"}
    )[:2] == (400, "BadRequest_InvalidOperation")


def test_stored_keys_are_hashes(tmp_path: Path) -> None:
    """The database holds no key; the first one lies in a file for its owner alone until it is changed."""
    erp = create_erp_sandbox(tmp_path, ErpSandboxOptions())
    first = erp.access_key
    token = erp.users.issue_feed_token("INTERLACE", "2099-01-01T00:00:00.000Z")
    erp.close()
    file = tmp_path / "first-user.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("erp.sqlite*"))
    assert first.encode() not in stored
    assert token.encode() not in stored
    erp = create_erp_sandbox(tmp_path, ErpSandboxOptions())
    assert erp.access_key == first
    changed = erp.users.set_key("INTERLACE")
    erp.close()
    erp = create_erp_sandbox(tmp_path, ErpSandboxOptions())
    assert erp.access_key == ""
    assert not file.exists()
    headers = {"Authorization": basic(key=changed)}
    assert erp.call("GET", f"{API}/companies", headers=headers).status == 200
    erp.close()


def test_former_keys_are_taken_over(tmp_path: Path) -> None:
    """A state directory of a version that stored keys as they are keeps working, with hashes from then on."""
    erp = create_erp_sandbox(tmp_path, ErpSandboxOptions())
    with erp.records.transaction():
        erp.records.delete(erp.users.all()[0])
        erp.records.store.write_state("users", json.dumps({"INTERLACE": "A" * 44}))
    erp.close()
    (tmp_path / "first-user.key").unlink()
    for _ in range(2):
        erp = create_erp_sandbox(tmp_path, ErpSandboxOptions())
        assert erp.access_key == "A" * 44
        headers = {"Authorization": basic(key="A" * 44)}
        assert erp.call("GET", f"{API}/companies", headers=headers).status == 200
        assert erp.records.store.read_state("users") == "{}"
        erp.close()


def test_changed_key_is_told_once_and_voids_the_old_one(erp: Any) -> None:
    """The action answers 44 characters; the old key stops at once, the feed token with it."""
    token = _issue_token(erp)
    feed = f"{erp.pages}/ProductItemAvailability"
    assert _status(erp, feed, key=token)[0] == 200
    key = _change_key(erp)
    assert len(key) == 44
    assert _status(erp, feed, key=KEY)[0] == 401
    assert _status(erp, feed, key=token)[0] == 401
    assert _status(erp, feed, key=key)[0] == 200


def test_expired_key_is_refused_with_the_reason(erp: Any) -> None:
    """A key holds until its expiry, to the second; only who has it is told that it has expired."""
    moment = erp.clock.moment.replace(minute=30).isoformat()
    key = _change_key(erp, body={"expiry": moment})
    assert _status(erp, f"{API}/companies", key=key)[0] == 200
    erp.clock.advance(minutes=29, seconds=59)
    assert _status(erp, f"{API}/companies", key=key)[0] == 200
    erp.clock.advance(seconds=1)
    status, said = _status(erp, f"{API}/companies", key=key)
    assert status == 401
    assert said.startswith("Authentication_InvalidCredentials: The web service access key")
    assert "expired" in said
    assert "expired" not in _status(erp, f"{API}/companies", key="wrong")[1]


@pytest.mark.parametrize("expiry", ["2020-01-01T00:00:00Z", "soon", "2099-01-01T00:00:00Z"])
def test_expiry_must_be_a_time_to_come(erp: Any, expiry: str) -> None:
    """A past or unreadable expiry is refused, and one too far off for a feed token; the key stays."""
    url = f"{erp.pages}/Users('INTERLACE')/NAV.IssueFeedToken"
    assert erp.refused("POST", url, {"expiry": expiry})[:2] == (400, "BadRequest")
    assert erp.refused("POST", url, {"until": expiry})[:2] == (400, "BadRequest")
    assert erp.send("GET", f"{API}/companies").status == 200


def test_disabled_and_expired_users_are_refused(erp: Any) -> None:
    """A disabled user and one whose account has expired sign in neither by key nor by feed token."""
    key = _second_user(erp)
    erp.patch(f"{erp.pages}/Users('CLERK')", {"State": "Disabled"})
    status, said = _status(erp, f"{API}/companies", user="clerk", key=key)
    assert (status, said.split(":")[0]) == (401, "Authentication_InvalidCredentials")
    assert "disabled" in said
    erp.patch(f"{erp.pages}/Users('CLERK')", {"State": "Enabled", "Expiry_Date": "2026-11-20T13:00:00Z"})
    assert _status(erp, f"{API}/companies", user="clerk", key=key)[0] == 200
    erp.clock.advance(hours=1)
    assert _status(erp, f"{API}/companies", user="clerk", key=key)[0] == 401


def test_user_without_key_can_not_sign_in(erp: Any) -> None:
    """A new user has no key: neither the blank nor any other password opens."""
    erp.post(f"{erp.pages}/Users", {"User_Name": "CLERK"})
    for key in ("", "x", KEY, ":", "00"):
        assert _status(erp, f"{API}/companies", user="clerk", key=key)[0] == 401


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", "{api}/companies"),
        ("GET", "{api}/companies({id})/items"),
        ("GET", "{api}/ProductItemAvailability"),
        ("GET", "{pages}/$metadata"),
        ("GET", "{root}/ItemCard"),
        ("GET", "{root}/Users"),
        ("GET", "{root}/CRMIntegrationRecords"),
        ("GET", "{root}/ProductItemAvailability({product})/x"),
        ("GET", "{root}/ItemCard/ProductItemAvailability"),
        ("GET", "{pages}/Company"),
        ("POST", "{root}/ProductItemAvailability"),
        ("PATCH", "{root}/ProductItemAvailability({product})"),
        ("DELETE", "{root}/ProductItemAvailability({product})"),
        ("POST", "{root}/Users('INTERLACE')/NAV.ChangeWebServiceKey"),
        ("POST", "{root}/Users('INTERLACE')/NAV.IssueFeedToken"),
        ("POST", "{pages}/$batch"),
        ("POST", "{api}/$batch"),
        ("POST", "{api}/subscriptions"),
        ("GET", "/BC/api/microsoft/runtime/beta/companies({id})/webhookSupportedResources"),
    ],
)
def test_feed_token_opens_nothing_but_the_feed(erp: Any, method: str, url: str) -> None:
    """Everything that is no reading of the availability feed answers 401 to a feed token."""
    token = _issue_token(erp)
    address = url.format(api=API, pages=PAGES, root=erp.pages, id=erp.app.company.id, product=_PRODUCT)
    status, said = _status(erp, address, method, key=token)
    if "/api/v2.0/ProductItemAvailability" in address:
        assert status in {401, 404}
        return
    assert (status, said.split(":")[0]) == (401, "Authentication_InvalidCredentials")


def test_feed_token_reads_the_feed_until_it_ends(erp: Any) -> None:
    """It reads list, one record and count; it ends at its expiry, and when the next one is issued."""
    number = erp.post(f"{erp.pages}/ItemCard", {"Base_Unit_of_Measure": "PCS"})["No"]
    erp.post(f"{erp.pages}/CRMIntegrationRecords", {"CRM_ID": _PRODUCT, "Item_No": number})
    token = _issue_token(erp, "2026-11-20T13:00:00Z")
    feed = f"{erp.pages}/ProductItemAvailability"
    for url in (feed, f"{feed}({_PRODUCT})", f"{feed}/$count", f"{feed}?$filter=CRM_ID%20eq%20{_PRODUCT}"):
        assert _status(erp, url, key=token) == (200, "")
    newer = _issue_token(erp)
    assert _status(erp, feed, key=token)[0] == 401
    assert _status(erp, feed, key=newer)[0] == 200
    erp.clock.advance(days=89)
    assert _status(erp, feed, key=newer)[0] == 200
    erp.clock.advance(days=2)
    status, said = _status(erp, feed, key=newer)
    assert status == 401
    assert "feed token" in said


def test_only_administrators_change_users(erp: Any) -> None:
    """Others may read the page and change their own key; the rest is refused with 403."""
    key = _second_user(erp)
    erp.post(f"{erp.pages}/Users", {"User_Name": "OTHER"})
    sign_in = {"Authorization": basic("clerk", key)}
    assert erp.send("GET", f"{erp.pages}/Users", headers=sign_in).status == 200
    attempts = [
        ("POST", "Users", {"User_Name": "X"}),
        ("PATCH", "Users('CLERK')", {"Administrator": True}),
        ("DELETE", "Users('OTHER')", None),
        ("POST", "Users('OTHER')/NAV.ChangeWebServiceKey", {}),
        ("POST", "Users('INTERLACE')/NAV.IssueFeedToken", {}),
    ]
    for method, path, body in attempts:
        answer = erp.refused(method, f"{erp.pages}/{path}", body, {**sign_in, "If-Match": "*"})
        assert answer[:2] == (403, "Authorization_RequestDenied"), path
    assert len(_change_key(erp, "CLERK", user="clerk", key=key)) == 44


def test_administrator_keeps_his_rights(erp: Any) -> None:
    """Nobody locks himself out: own rights and the own user stay."""
    url = f"{erp.pages}/Users('INTERLACE')"
    for body in ({"State": "Disabled"}, {"Administrator": False}, {"Expiry_Date": "2026-01-01T00:00:00Z"}):
        assert erp.refused("PATCH", url, body, {"If-Match": "*"})[1] == "Application_DialogException"
    assert erp.refused("DELETE", url, headers={"If-Match": "*"})[1] == "Application_DialogException"


def test_documents_show_who_created_them(erp: Any) -> None:
    """An order carries the user who made it, through both protocols, and keeps him when others change it."""
    key = _second_user(erp)
    customer = erp.post(f"{erp.company}/customers", {"displayName": "A"})["number"]
    sign_in = {"Authorization": basic("clerk", key)}
    body = {"customerNumber": customer}
    made = erp.send("POST", f"{erp.company}/salesOrders", body, sign_in)
    number = json.loads(made.body)["number"]
    erp.patch(f"{erp.pages}/SalesOrder('{number}')", {"Your_Reference": "x"})
    order = erp.get(f"{erp.pages}/SalesOrder('{number}')")
    users = {user["User_Name"]: user for user in erp.values(f"{erp.pages}/Users")}
    assert order["Created_by_User"] == "CLERK"
    assert order["SystemCreatedBy"] == users["CLERK"]["User_Security_ID"]
    own = erp.post(f"{erp.pages}/SalesOrder", {"Sell_to_Customer_No": customer})
    assert own["Created_by_User"] == "INTERLACE"


def test_no_secret_in_logs_and_representations(erp: Any) -> None:
    """Neither the request log nor what a debugger prints holds a key or a token."""
    token, key = _issue_token(erp), _change_key(erp)
    shown = f"{list(erp.app.requests)!r} {erp.app.users!r} {erp.app!r} {vars(erp.app)!r}"
    assert token not in shown
    assert key not in shown


def test_every_wrong_sign_in_takes_the_same_comparisons(erp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger, a user without a key and a wrong key are compared alike, byte for byte in constant time."""
    erp.post(f"{erp.pages}/Users", {"User_Name": "CLERK"})
    compared: list[tuple[int, int]] = []

    def noted(left: str, right: str) -> bool:
        """Note the lengths that are compared."""
        compared.append((len(left), len(right)))
        return hmac.compare_digest(left, right)

    monkeypatch.setattr(users_module, "hmac", SimpleNamespace(compare_digest=noted))
    seen = []
    for user in ("NOBODY", "CLERK", "INTERLACE", ""):
        compared.clear()
        assert _status(erp, f"{API}/companies", user=user, key="wrong")[0] == 401
        seen.append(tuple(compared))
    assert set(seen) == {((64, 64), (64, 64))}


def test_key_from_before_a_rolled_back_batch_stays(erp: Any) -> None:
    """A batch that is undone as a whole undoes the change of a key with it."""
    requests = [
        {
            "id": "1",
            "method": "POST",
            "url": f"Company('{erp.app.company.name}')/Users('INTERLACE')/NAV.ChangeWebServiceKey",
            "headers": {"Content-Type": "application/json"},
            "body": {},
        },
        {"id": "2", "method": "GET", "url": f"Company('{erp.app.company.name}')/ItemCard('NONE')"},
    ]
    headers = {"Isolation": "snapshot", "Content-Type": "application/json", "Accept": "application/json"}
    answer = erp.send("POST", f"{PAGES}/$batch", {"requests": requests}, headers)
    assert answer.status == 200
    assert erp.send("GET", f"{API}/companies").status == 200
