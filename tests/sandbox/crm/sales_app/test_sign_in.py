"""Who may use the sales app, for how long, and what forms from elsewhere can do: nothing."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import pytest
from tests.sandbox.crm.conftest import Client, Clock, open_sandbox
from tests.sandbox.crm.sales_app.conftest import ANNA, PASSWORD, Person
from tests.sandbox.crm.shop import Shop

from interlace.sandbox.crm.sales_app.routes import ROUTES

_ID = "00000000-0000-4000-8000-000000000001"
ADDRESSES = [(method, pattern.pattern.replace("([0-9a-fA-F-]{36})", _ID)) for method, pattern, _ in ROUTES]


@pytest.mark.parametrize(("method", "address"), [*ADDRESSES, ("POST", "sign-out"), ("GET", "nothing")])
def test_nothing_works_unsigned(stranger: Person, method: str, address: str) -> None:
    """Every address leads to signing in, and a form that is sent changes nothing."""
    response = stranger.request(method, f"/app/{address}")
    if method == "POST":
        assert response.status == 403
        assert b"Sign in" in response.body
    else:
        assert response.status == 303
        assert (response.header("Location") or "").startswith("/app/sign-in")


def test_after_signing_in_the_wanted_page_opens(stranger: Person) -> None:
    """The address asked for first is not lost."""
    page = stranger.open("accounts?search=a%26b")
    assert page.heading == "Sign in"
    page = stranger.send("sign-in", email=ANNA.upper(), password=PASSWORD)
    assert (page.address, page.heading) == ("/app/accounts", "Accounts")
    assert page.form("/app/accounts").fields["search"] == "a&b"


@pytest.mark.parametrize(
    "going_to",
    [
        "https://evil.example/app/",
        "//evil.example",
        "/app//evil.example",
        "/app/\\evil",
        "/api/data/",
        "/app/\r\nX: y",
    ],
)
def test_signing_in_leads_nowhere_else(stranger: Person, going_to: str) -> None:
    """A prepared link cannot send a person to another place after signing in."""
    stranger.open("sign-in")
    form = stranger.page.form("sign-in")
    body = urlencode({**form.fields, "email": ANNA, "password": PASSWORD, "next": going_to}).encode()
    response = stranger.request("POST", "/app/sign-in", body)
    assert (response.status, response.header("Location")) == (303, "/app/")


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (ANNA, "wrong"),
        (ANNA, ""),
        ("nobody@wholesale.invalid", PASSWORD),
        ("", PASSWORD),
        ("admin@interlace.invalid", PASSWORD),
        ("5f0a9c1e-2d3b-4e6f-8a7c-9b0d1e2f3a4b@interlace.invalid", PASSWORD),
    ],
)
def test_only_salespeople_with_the_password_come_in(stranger: Person, email: str, password: str) -> None:
    """Strangers, administrators and programs stay outside; all are told the same, and the address is kept."""
    page = stranger.sign_in(email, password)
    assert page.status == 403
    assert "is not right" in page.text
    assert page.form("sign-in").fields["email"] == email
    assert page.form("sign-in").fields["password"] == ""
    assert stranger.open("accounts").heading == "Sign in"


def test_guessing_is_slowed_down(stranger: Person, clock: Clock) -> None:
    """After ten failures in a minute even the right password waits; a minute later it counts again."""
    for _ in range(10):
        assert stranger.sign_in(password="guess").status == 403
    assert stranger.sign_in().status == 429
    clock.forward(seconds=61)
    assert stranger.sign_in().address == "/app/"


def test_a_form_token_belongs_to_the_browser_that_got_it(client: Client) -> None:
    """The sign-in form of another browser is refused: nobody is signed in as somebody else."""
    attacker, victim = Person(client.app), Person(client.app)
    attacker.open("sign-in")
    victim.open("sign-in")
    body = urlencode({**attacker.page.form("sign-in").fields, "email": ANNA, "password": PASSWORD}).encode()
    assert victim.request("POST", "/app/sign-in", body).status == 403


def test_signing_in_gives_a_new_session_each_time(client: Client) -> None:
    """A session's token is never one that was known before, and its cookie is closed to scripts."""
    person = Person(client.app)
    person.cookies["interlace_sales"] = "planted"
    person.sign_in()
    first = person.cookies["interlace_sales"]
    assert first != "planted"
    person.sign_in()
    assert person.cookies["interlace_sales"] != first
    person.open("sign-in")
    form = person.page.form("sign-in").fields
    body = urlencode({**form, "email": ANNA, "password": PASSWORD}).encode()
    answers = person.app.call(
        "POST",
        "https://crm.example/app/sign-in",
        headers={
            "cookie": f"interlace_sales_sign_in={person.cookies['interlace_sales_sign_in']}",
            "content-type": "application/x-www-form-urlencoded",
        },
        body=body,
    )
    [cookie] = [value for name, value in answers.headers if value.startswith("interlace_sales=")]
    assert {"Path=/app/", "HttpOnly", "SameSite=Lax", "Secure"} <= {
        part.strip() for part in cookie.split(";")
    }


def test_a_session_ends(anna: Person, clock: Clock) -> None:
    """By signing out, and after eight hours."""
    anna.send("sign-out")
    assert anna.open("accounts").heading == "Sign in"
    anna.sign_in()
    assert anna.open("accounts").heading == "Accounts"
    clock.forward(hours=8)
    assert anna.open("accounts").heading == "Sign in"


def test_a_signed_out_token_is_worthless(anna: Person) -> None:
    """The old cookie, put back, opens nothing."""
    token = anna.cookies["interlace_sales"]
    anna.send("sign-out")
    anna.cookies["interlace_sales"] = token
    assert anna.open("accounts").heading == "Sign in"


def test_a_disabled_user_is_out_at_once(anna: Person, client: Client) -> None:
    """A session holds only as long as its user may sell."""
    [user] = client.get(f"systemusers?$filter=internalemailaddress eq '{ANNA}'")["value"]
    assert client.patch(f"systemusers({user['systemuserid']})", {"isdisabled": True}).status == 204
    assert anna.open("accounts").heading == "Sign in"


def test_sessions_survive_a_restart(tmp_path: Path, clock: Clock) -> None:
    """The service is started anew; who was signed in still is."""
    app = open_sandbox(tmp_path, clock)
    person = Person(app)
    person.sign_in()
    app.close()
    app = open_sandbox(tmp_path, clock)
    person.app = app
    assert person.open("accounts").heading == "Accounts"
    app.close()


@pytest.mark.parametrize(
    ("token", "headers", "status"),
    [
        ("", {}, 403),
        ("forged", {}, 403),
        (None, {"origin": "https://evil.example"}, 403),
        (None, {"origin": "null"}, 403),
        (None, {"origin": "http://["}, 403),
        (None, {"sec-fetch-site": "cross-site"}, 403),
        (None, {"content-type": "text/plain"}, 400),
        (None, {"content-type": "multipart/form-data; boundary=x"}, 400),
        (None, {"origin": "http://127.0.0.1", "sec-fetch-site": "same-origin"}, 303),
    ],
)
def test_forms_from_elsewhere_change_nothing(
    anna: Person, shop: Shop, token: str | None, headers: dict[str, str], status: int
) -> None:
    """Without the session's own token, from another site or as no form, an order is not submitted."""
    order = shop.document()
    shop.line(order)
    page = anna.open(f"orders/{order}")
    fields = dict(page.form("submit").fields)
    if token is not None:
        fields["form_token"] = token
    response = anna.request("POST", f"/app/orders/{order}/submit", urlencode(fields).encode(), headers)
    assert response.status == status
    assert shop.read("salesorder", order)["statecode"] == (1 if status == 303 else 0)


def test_reading_an_address_never_writes(anna: Person, shop: Shop) -> None:
    """What changes something answers to forms only."""
    order = shop.document()
    for place in ("submit", "take-back", "unlock", "notes"):
        assert anna.open(f"orders/{order}/{place}").status == 405
    assert anna.request("DELETE", f"/app/orders/{order}").status == 405


def test_too_large_forms_are_refused(anna: Person, shop: Shop) -> None:
    """A form of a megabyte or of ten thousand fields is no order."""
    order = shop.document()
    token = anna.open(f"orders/{order}").form("notes").fields["form_token"]
    big = urlencode({"form_token": token, "note": "x" * 1_000_000}).encode()
    many = urlencode([("form_token", token), *[(f"f{n}", "") for n in range(10_000)]]).encode()
    for body in (big, many, b"\xff\xfe=%zz", b"note=%ff"):
        assert anna.request("POST", f"/app/orders/{order}/notes", body).status == 400


@pytest.mark.parametrize("address", ["", "accounts", "orders/new", "products", "nothing", "sign-in"])
def test_pages_run_nothing_and_are_kept_nowhere(anna: Person, address: str) -> None:
    """A strict policy, no script, no inline style or event, no frame, no cache."""
    page = anna.open(address)
    policy = page.response.header("Content-Security-Policy") or ""
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert page.response.header("Cache-Control") == "no-store"
    assert page.response.header("X-Content-Type-Options") == "nosniff"
    assert not page.reader.elements & {"script", "style", "iframe", "object", "embed", "base"}
    assert not {name for name in page.reader.attributes if name.startswith("on") or name == "style"}


def test_the_stylesheet_needs_no_sign_in(stranger: Person) -> None:
    """The page that asks who comes is not naked; its style may be kept, as its name changes with it."""
    stranger.open("sign-in")
    address = stranger.page.response.body.decode().partition('rel="stylesheet" href="')[2].partition('"')[0]
    response = stranger.request("GET", address)
    assert response.status == 200
    assert "immutable" in (response.header("Cache-Control") or "")
    assert stranger.request("HEAD", address).body == b""
