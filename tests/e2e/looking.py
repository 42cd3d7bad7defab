"""How the tests of this directory look at a page: what axe finds, in light and dark, and whether it fits its window."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from tests.e2e.place import WIDE

COLORS = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}
"""Elements are the same in every language and scheme, colors are not."""
ZOOMED = {"width": WIDE["width"] // 2, "height": WIDE["height"] // 2}
"""What a window is wide at 200 %."""
PHONE = {"width": 390, "height": 800}
_AXE_SCRIPT = Axe().axe_script
_VIOLATIONS = "options => axe.run(options).then(found => found.violations)"
"""What is right is told at length too, and takes longer to bring over than to find."""
_SERIOUS = frozenset({"serious", "critical"})
_BESIDES = frozenset({"landmark-unique"})
"""Only moderate, and yet not to come back."""


def looked_at(page: Page) -> list[str]:
    """Return the defects of a page as it stands: in light and dark, at 200 % and on a telephone."""
    found = serious(page)
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {each}" for each in serious(page, COLORS)]
    page.emulate_media(color_scheme="light")
    return found + zoomed(page)


def serious(page: Page, options: dict[str, Any] | None = None) -> list[str]:
    """Return the serious defects of a page, each with the first elements that have it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE_SCRIPT)
    found = page.evaluate(_VIOLATIONS, options or {"resultTypes": ["violations"]})
    return [
        f"{page.url}: {each['id']}: {node['html'][:160]} {node['any'][0]['message'] if node['any'] else ''}"
        for each in found
        if each["impact"] in _SERIOUS or each["id"] in _BESIDES
        for node in each["nodes"][:3]
    ]


def zoomed(page: Page) -> list[str]:
    """Tell whether a page has to be moved sideways, as it is, at 200 % and on a telephone."""
    found = []
    for size in (ZOOMED, PHONE, WIDE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{page.url}: {wide} pixels wider than {size['width']}"] if wide > 0 else []
    return found
