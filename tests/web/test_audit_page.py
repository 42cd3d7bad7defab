"""The audit log as a page: what was done in the words of pages, found by them and by technical names."""

from pathlib import Path

import pytest
from tests.web.accounts_desk import Place

from interlace.management.acts import LIST_EXPORT
from interlace.store.audit import AuditSelection

TOLD = {"en_US": "Users: New User", "ru_RU": "Пользователи: Создать пользователя"}


@pytest.mark.parametrize(
    ("language", "search"),
    [
        ("en_US", "users.add"),
        ("en_US", "users"),
        ("en_US", "new user"),
        ("ru_RU", "users.add"),
        ("ru_RU", "создать польз"),
        ("ru_RU", "new user"),
    ],
)
async def test_an_entry_is_found_by_its_words_and_by_its_name(
    tmp_path: Path, language: str, search: str
) -> None:
    """In the reader's language and in English; its technical name is in the details alone."""
    place = Place(tmp_path)
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        await browser.post("/do/account/change", data={"language": language, "return_to": "/account"})
        await browser.post("/new-user", data={"name": "eve", "password": "seven quiet otters"})
        found = (await browser.get("/audit", params={"search": search})).text
        other = (await browser.get("/audit", params={"search": "tokens"})).text
    place.close()
    # Ada was added beside the page.
    assert found.count("<code>users.add</code>") == found.count(f">{TOLD[language]}</td>") == 2
    assert TOLD[language] not in other


async def test_security_u1_what_leaves_as_a_file_is_kept(tmp_path: Path) -> None:
    """Which list, with which filters, as what; and who took the log itself."""
    place = Place(tmp_path)
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        await browser.get("/export/audit/list", params={"format": "csv", "filters.user": "ada"})
        await browser.get("/export/audit/list", params={"format": "exe"})
        await browser.get("/audit/export")
        page = (await browser.get("/audit")).text
    log, exported = place.accounts.state.audit_log, AuditSelection(operation=LIST_EXPORT)
    (kept,) = [each.told for each in log.entries(exported)]
    assert (kept.user, kept.door, kept.outcome) == ("ada", "page", "")
    assert (kept.details["list"], kept.details["format"]) == ("audit.list", "csv")
    assert kept.details["asked"]["filters"] == {"user": "ada"}  # type: ignore[index]  # as it was asked
    (taken,) = [each.told for each in log.entries(AuditSelection(operation="audit.export"))]
    assert (taken.user, taken.outcome) == ("ada", "")
    assert "List exported" in page
    place.close()
