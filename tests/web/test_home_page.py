"""The role centre: each figure leads to the list of exactly what it counts."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.web.canned_desk import HOSTILE, canned_app

CUES = {
    "/conflicts": {},
    "/errors": {},
    "/queue": {"filters.status": ["Error"]},
    "/halts": {"filters.is_released": ["no"]},
    "/plans": {"filters.state": ["ready"], "filters.writes": [">0"]},
}
ORDERS = ({"held": ["1"]}, {"under_way": ["1"]})
OF_MAPPING = {
    "/couplings": ({"filters.mapping": ["'" + HOSTILE.replace("'", "''") + "'"]},),
    "/errors/skipped": (
        {"mapping": [HOSTILE], "filters.state": ["failed"]},
        {"mapping": [HOSTILE], "filters.state": ["skipped"]},
    ),
}


async def test_figures_lead_to_what_they_count(tmp_path: Path) -> None:
    """No list shows more than its figure counts: not all jobs, not all orders, no halts that somebody released."""
    place, _ = canned_app(tmp_path)
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        page = (await browser.get("/")).text
    place.close()
    found: dict[str, list[dict[str, list[str]]]] = {}
    for part in page.split('href="')[1:]:
        address = urlsplit(part.partition('"')[0].replace("&amp;", "&").replace("&#39;", "'"))
        found.setdefault(address.path, []).append(parse_qs(address.query))
    for behind, caption in (
        ("/jobs", "Lag ERP to CRM"),
        ("/errors", "Errors by class"),
        ("/errors/skipped", "Records that wait"),
        ("/couplings", "Coupled records"),
    ):
        assert f'<figcaption><a href="{behind}">{caption}</a>' in page
    for path, query in CUES.items():
        assert query in found[path], path
    for query in ORDERS:
        assert query in found["/orders"]
    for path, queries in OF_MAPPING.items():
        for query in queries:
            assert query in found[path], path


@pytest.mark.parametrize("path", ["/", "/queue"])
async def test_no_two_landmarks_have_one_name(tmp_path: Path, path: str) -> None:
    """Who goes from landmark to landmark by their names can tell them apart."""
    place, _ = canned_app(tmp_path)
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        page = (await browser.get(path)).text
    place.close()
    names = re.findall(r'role="region" aria-label="([^"]*)"', page)
    for anchor in re.findall(r'<section[^>]* aria-labelledby="([^"]*)"', page):
        names += re.findall(rf'id="{anchor}"[^>]*>([^<]*)<', page)
    assert names
    assert len(names) == len(set(names)), names


@pytest.mark.parametrize(
    "path",
    [
        "/queue?filters.status=Error",
        "/halts?filters.is_released=no",
        "/orders?under_way=1",
        "/orders?held=1",
        "/errors/skipped?filters.state=failed",
    ],
)
async def test_a_list_behind_a_figure_is_shown(tmp_path: Path, path: str) -> None:
    """With the view that is shown marked among its views."""
    place, _ = canned_app(tmp_path)
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        answer = await browser.get(path)
    place.close()
    assert answer.status_code == 200
    assert answer.text.count('aria-current="true"') == 1
