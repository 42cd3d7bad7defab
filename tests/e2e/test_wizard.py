"""From nothing to the first green full synchronization, all in the browser."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.cli.both_ends import Ended
from tests.cli.set_up import COMPANY, PARTIES_ONLY, Ends, Erp, prepared_erp, start_ends
from tests.e2e.looking import looked_at
from tests.e2e.place import PASSWORD, WORK_MILLISECONDS, Watch, new_context, serving

STEPS_MAX = 30
UNKNOWN = "HV"
"""A salesperson whom the CRM doesn't know."""
ADDRESS_MAX = 200
"""The characters that the CRM takes for an address of the web."""


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ends]:
    """Both systems as nobody has prepared them."""
    directory = tmp_path_factory.mktemp("bare")
    (directory / "erp").mkdir()

    def no_command(*arguments: str) -> Ended:
        pytest.fail("everything is done in the browser")

    with ExitStack() as stack:
        erp = prepared_erp(directory / "erp", stack)
        _correct(erp, "CustomerCard", "No,Salesperson_Code,Home_Page")
        _correct(erp, "ContactCard", "No,Salesperson_Code,Home_Page")
        yield start_ends(erp, directory, no_command, stack)


def _correct(erp: Erp, page: str, columns: str) -> None:
    """Correct what the demo company holds wrong on purpose: an unknown salesperson, an address that is too long."""
    for record in _ask(erp, "GET", f"{page}?$select={columns}")["value"]:
        wrong = {"Salesperson_Code": ""} if record["Salesperson_Code"] == UNKNOWN else {}
        if len(record["Home_Page"]) > ADDRESS_MAX:
            wrong["Home_Page"] = ""
        if wrong:
            _ask(erp, "PATCH", f"{page}('{record['No']}')", wrong)


def _ask(erp: Erp, method: str, path: str, body: dict[str, str] | None = None) -> Any:
    key = b64encode(f"INTERLACE:{erp.sandbox.access_key}".encode()).decode()
    headers = {"Authorization": f"Basic {key}", "Content-Type": "application/json"}
    if body is not None:
        headers["If-Match"] = "*"
    request = Request(
        f"{erp.address}/ODataV4/Company('{COMPANY}')/{path}",
        None if body is None else json.dumps(body).encode(),
        headers,
        method=method,
    )
    with urlopen(request) as answer:
        return json.load(answer)


@pytest.fixture
def first_start(tmp_path: Path) -> Iterator[str]:
    """The link that a server on an empty machine prints."""
    with serving(tmp_path / "state") as (_, link):
        assert link is not None
        yield link


@pytest.mark.slow
def test_the_wizard_leads_from_nothing_to_a_green_full_synchronization(
    browser: Browser, ends: Ends, first_start: str, watch: Watch
) -> None:
    """The administrator is made, both systems are connected and prepared, and all lines end without an error."""
    with new_context(browser, first_start.partition("/first-start")[0]) as context:
        page = context.new_page()
        watch.follow(page)
        watch.expected = ("the server responded with a status of 403",)
        page.goto(first_start)
        defects = looked_at(page)
        _become_administrator(page)
        page.goto(first_start)
        expect(page.get_by_role("heading", level=1)).to_have_text("This link is used up")
        defects += looked_at(page)
        page.goto("/setup")
        seen = _walk(page, ends, defects)
        assert defects == []
        assert len(seen) > 5, seen
        page.locator(".finish button.primary").click()
        expect(page).to_have_url(re.compile("/review"))
        _ends_green(page)


def test_the_first_step_works_without_a_script(
    browser: Browser, ends: Ends, first_start: str, watch: Watch
) -> None:
    """What is wrong is told at the field, and what is right leads on."""
    with new_context(browser, first_start.partition("/first-start")[0], java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(first_start)
        _become_administrator(page)
        page.goto("/setup")
        title = _title(page).inner_text()
        page.locator(".wizard-step button.primary").click()
        expect(page.locator(".wizard-step .error, .wizard-step [aria-invalid]").first).to_be_visible()
        expect(_title(page)).to_have_text(title)
        _fill(page, ends)
        page.locator(".wizard-step button.primary").click()
        for _ in range(STEPS_MAX):
            # Without a script nobody looks again by itself: there is a link.
            if page.locator("[data-live-poll]").count() == 0:
                break
            page.wait_for_timeout(500)
            page.get_by_role("link", name="Refresh").click()
        expect(_title(page)).not_to_have_text(title)


def _become_administrator(page: Page) -> None:
    for name, value in (
        ("name", "olga"),
        ("full_name", "Olga Larsen"),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ):
        page.fill(f"main input[name={name}]", value)
    page.click("main button[type=submit]")
    page.wait_for_load_state()


def _title(page: Page) -> Locator:
    return page.locator(".wizard-step h2").first


def _walk(page: Page, ends: Ends, defects: list[str]) -> list[str]:
    """Answer step after step until everything is done, looking at each; gives the titles of the steps."""
    seen: list[str] = []
    for _ in range(STEPS_MAX):
        expect(page.locator("[data-live-poll]")).to_have_count(0, timeout=WORK_MILLISECONDS)
        defects += looked_at(page)
        if page.locator(".finish").count():
            return seen
        title = _title(page).inner_text()
        assert seen[-2:] != [title, title], page.locator(".wizard-step").inner_text()
        seen.append(title)
        _fill(page, ends)
        with page.expect_navigation():
            page.locator(".wizard-step form[data-kept] button.primary").click()
    pytest.fail(f"the wizard came to no end: {seen}")


def _fill(page: Page, ends: Ends) -> None:
    """Give the answers that the step asks for."""
    for name, value in _answers(ends).items():
        field = page.locator(f'.wizard-step [name="{name}"]:not([type=hidden])')
        if field.count() == 0 or not field.is_visible():
            continue
        if field.evaluate("each => each.tagName") != "SELECT":
            field.fill(value)
        elif field.input_value() != value:
            _choose(page, field, value)


def _choose(page: Page, field: Locator, value: str) -> None:
    """Choose; where other questions hang on it, the page comes again with them."""
    asks_anew = bool(field.evaluate("each => each.closest('[data-keeps]') !== null"))
    has_script = page.evaluate("document.documentElement.classList.contains('scripted')")
    if asks_anew and has_script:
        with page.expect_navigation():
            field.select_option(value)
    else:
        field.select_option(value)


def _answers(ends: Ends) -> dict[str, str]:
    answers = {name: str(value) for name, value in ends.answers.items()}

    def secret(name: str) -> str:
        return (ends.directory / answers[name]).read_text(encoding="utf-8").strip()

    plain = ("erp.address", "erp.company", "crm.address", "erp.user", "crm.token_url", "crm.client_id")
    # Choices first: what else is asked hangs on them.
    return {
        "answers.crm.sign_in": "token-address",
        "answers.administrator.sign_in": "token-address",
        **{f"answers.{name}": answers[name] for name in plain},
        "secrets.erp.key_file": secret("erp.key_file"),
        "secrets.crm.secret_file": secret("crm.secret_file"),
        "answers.tables.leave_out": "\n".join(PARTIES_ONLY),
        "answers.administrator.client_id": answers["administrator.client_id"],
        "secrets.administrator.secret_file": secret("administrator.secret_file"),
    }


def _ends_green(page: Page) -> None:
    """Wait for the end of each line, on the open page: it follows by itself."""
    rows = page.locator("main tbody tr")
    expect(rows.first).to_be_visible()
    expect(page.locator("main tbody")).not_to_contain_text("In Process", timeout=WORK_MILLISECONDS)
    expect(rows.filter(has_text="Ready")).to_have_count(0, timeout=WORK_MILLISECONDS)
    expect(rows.filter(has_not_text="Finished")).to_have_count(0, timeout=WORK_MILLISECONDS)
    expect(page.locator("main tbody")).not_to_contain_text("Error")
