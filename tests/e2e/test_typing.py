"""What is typed is checked while it is typed: what is wrong is told at its field, and goes when it is corrected."""

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.looking import looked_at


@pytest.mark.parametrize(
    ("path", "typed", "wrong"),
    [
        (
            "/mappings/CUSTOMER/filter?side=erp",
            {"fields": ("Nowhere", "Name"), "values": ("A*", "A*")},
            "fields",
        ),
        (
            "/mappings/CUSTOMER/filter?side=crm",
            {"fields": ("creditlimit", "creditlimit"), "values": ("much", "1000")},
            "values",
        ),
        (
            "/mappings/CUSTOMER/fields/row",
            {"erp_field": ("GLN", "GLN"), "crm_field": ("nowhere", "accountnumber")},
            "crm_field",
        ),
    ],
)
def test_a_field_says_what_is_wrong_while_it_is_typed(
    page: Page, path: str, typed: dict[str, tuple[str, str]], wrong: str
) -> None:
    """Nothing is sent or left: the error comes and goes at the field, and what was typed stands."""
    page.goto(path)
    page.evaluate("window.sinceOpened = true")
    for name, (first, _) in typed.items():
        page.locator(f"main [name={name}]").first.fill(first)
    entered = page.locator(f"main [name={wrong}]").first
    error = page.locator(f"main .field:has([name={wrong}])").first.locator(".error")
    expect(entered).to_have_attribute("aria-invalid", "true")
    expect(error).not_to_be_empty()
    assert looked_at(page) == []
    entered.fill(typed[wrong][1])
    expect(error).to_have_count(0)
    expect(entered).not_to_have_attribute("aria-invalid", "true")
    for name, (_, second) in typed.items():
        expect(page.locator(f"main [name={name}]").first).to_have_value(second)
    assert page.evaluate("window.sinceOpened") is True
