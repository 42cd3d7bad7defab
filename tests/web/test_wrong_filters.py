"""A filter that is not understood is corrected where it was typed, with all the others as they were."""

from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import httpx
import pytest
from tests.web.canned_desk import canned_app

from interlace.bootstrap.desk.list_page import filters_of
from interlace.management import users
from interlace.management.caller import Caller
from interlace.management.listing import ListAsked
from interlace.web.navigation import PARTS

LIST = "/users?filters.name=A%7C&filters.full_name=Berg*&sort=name&cursor=beyond"


@pytest.fixture
async def ada(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """An administrator's browser; users are looked for with the filters' own rules."""

    async def understand(caller: Caller, asked: ListAsked) -> None:
        """Read the filters as every list does, and find nobody."""
        filters_of(caller, asked.filters, users.USER_COLUMNS)
        raise AssertionError(asked.filters)

    place, _ = canned_app(tmp_path, works_of={users.LIST.name: understand})
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        yield browser
    place.close()


async def test_what_was_typed_stands_in_a_form_with_what_is_wrong(ada: httpx.AsyncClient) -> None:
    """Right filters, the order and nothing of the place in the list go along."""
    answer = await ada.get(LIST)
    page = unescape(answer.text)
    assert answer.status_code == 400
    shown = page.partition('<form class="filters panel" method="get" action="/users">')[2].partition(
        "</form>"
    )[0]
    assert '<label for="field-filters.name"' in shown
    assert 'name="filters.name" value="A|"' in shown
    assert 'aria-invalid="true"' in shown
    assert 'name="filters.full_name" value="Berg*"' in shown
    assert 'type="hidden" name="sort" value="name"' in shown
    assert "beyond" not in shown
    assert 'href="/users?sort=name"' in shown
    assert shown.count("aria-invalid") == 1


async def test_columns_are_called_as_on_the_list(ada: httpx.AsyncClient) -> None:
    """In the reader's language; a column that the list does not have is called as it was asked for."""
    await ada.post("/do/account/change", data={"language": "nb-NO"})
    page = unescape((await ada.get("/users?filters.name=A%7C&filters.shoe_size=44")).text)
    assert ">Brukernavn<" in page
    assert ">shoe_size<" in page


async def test_what_else_is_refused_has_no_form(ada: httpx.AsyncClient) -> None:
    """Only filters are corrected there."""
    page = (await ada.get("/nowhere?filters.name=A%7C")).text
    assert "filters panel" not in page


@pytest.mark.parametrize("path", ["/nowhere", "/jobs/one/too/many/parts", "/favicon.ico"])
async def test_an_address_that_leads_nowhere_keeps_the_menu(ada: httpx.AsyncClient, path: str) -> None:
    """For whoever is signed in; strangers see nothing of it, and are not asked to sign in for nothing."""
    menu = [f'href="{part.places[0].path}"' for part in PARTS]
    answer = await ada.get(path)
    assert answer.status_code == 404
    assert all(each in answer.text for each in [*menu, 'action="/sign-out"'])
    ada.cookies.clear()
    answer = await ada.get(path)
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
    assert not any(each in answer.text for each in [*menu[1:], "/sign-out"])
