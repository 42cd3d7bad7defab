"""Pages of records before a desk that answers as it is told: what they show, ask, and leave to nobody."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path
from typing import Any, cast

import httpx
import msgspec
import pytest
from tests.web.accounts_desk import MACHINE, ORIGIN, PASSWORD, NoChanges, SetClock, cheap_hasher, sign_in

from interlace.bootstrap.accounts import AccountRules, open_accounts
from interlace.bootstrap.desk.account_areas import add_account_areas
from interlace.domain.keys import KEY_SEPARATOR
from interlace.management import connections, record_changes, records
from interlace.management.caller import Caller
from interlace.management.connections import Connections, ConnectionSummary, ListConnections
from interlace.management.desk import Desk, Works
from interlace.management.record_changes import RecordsChanged, SynchronizeRecords
from interlace.management.records import (
    CompareRecords,
    FieldShown,
    FieldValue,
    ListRecords,
    RecordAsked,
    RecordExplained,
    RecordFace,
    RecordRow,
    RecordsCompared,
    RecordShown,
    RecordsListed,
)
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.users import ADD, AddUser
from interlace.management.views import LIST_VIEWS, ListViews, Views
from interlace.store.state_store import StateStore
from interlace.web.app import WebParts, create_web
from interlace.web.security import WebRules

CRM_KEY = "5aab1b72-2ab2-52d3-a4df-7e8ece42915f"
COMPOSITE = f"Order{KEY_SEPARATOR}10/2"
ROW = RecordRow(
    key="C1", number="C1", caption="Brandt", values=(FieldValue(text="Bonn"),), status="uncoupled"
)
FIELD = FieldShown(
    erp_field="City",
    crm_field="address1_city",
    direction="Bidirectional",
    erp=FieldValue(text="Bonn"),
    crm=FieldValue(text="Ulm"),
    state="same",
)
PAIR = RecordShown(
    mapping="CUSTOMER",
    direction="Bidirectional",
    side="erp",
    status="coupled",
    erp=RecordFace(side="erp", key="C1", number="C1", caption="Brandt", is_there=True),
    crm=RecordFace(side="crm", key=CRM_KEY, number=CRM_KEY, caption="Brandt AG", is_there=True),
    fields=(FIELD,),
    was_compared=True,
)
ALONE = msgspec.structs.replace(PAIR, status="uncoupled", crm=RecordFace(side="crm"))
COMPARED = RecordsCompared(erp=PAIR.erp, crm=PAIR.crm, fields=(FIELD,))


class Answers:
    """What the desk answers, and what it was asked."""

    def __init__(self) -> None:
        self.listed: RecordsListed | Refused = RecordsListed(columns=("City",), rows=(ROW,))
        self.shown: RecordShown | Refused = PAIR
        self.compared = COMPARED
        self.asked: list[msgspec.Struct] = []

    async def list(self, _caller: Caller, asked: ListRecords) -> RecordsListed:
        """Answer with records."""
        self.asked.append(asked)
        if isinstance(self.listed, Refused):
            raise self.listed
        return self.listed

    async def show(self, _caller: Caller, asked: RecordAsked) -> RecordShown:
        """Answer with a record."""
        self.asked.append(asked)
        if isinstance(self.shown, Refused):
            raise self.shown
        return self.shown

    async def explain(self, _caller: Caller, asked: RecordAsked) -> RecordExplained:
        """Explain nothing."""
        self.asked.append(asked)
        return RecordExplained(gates=(), decisions=())

    async def compare(self, _caller: Caller, asked: CompareRecords) -> RecordsCompared:
        """Answer with two records."""
        self.asked.append(asked)
        return self.compared

    async def synchronize(self, _caller: Caller, asked: SynchronizeRecords) -> RecordsChanged:
        """Note what is to be synchronized."""
        self.asked.append(asked)
        return RecordsChanged(message="The record is synchronized", done=1)


async def _one_connection(_caller: Caller, _asked: ListConnections) -> Connections:
    summary = ConnectionSummary(
        id="1",
        name="main",
        enabled=True,
        erp_address="https://erp.example",
        erp_company="Nordlicht",
        crm_address="https://crm.example",
    )
    return Connections(connections=(summary,))


async def _no_views(_caller: Caller, _asked: ListViews) -> Views:
    return Views()


@pytest.fixture
def answers() -> Answers:
    """What the desk answers."""
    return Answers()


class Pages:
    """The web client before that desk."""

    def __init__(self, directory: Path, answers: Answers) -> None:
        clock = SetClock()
        self.state = StateStore.open(
            f"sqlite:///{directory / 'interlace.db'}", key_file=directory / "secret.key", clock=clock
        )
        accounts, works = open_accounts(self.state, AccountRules(hasher=cheap_hasher())), Works()
        add_account_areas(works, accounts)
        works.add(connections.LIST, _one_connection)
        works.add(records.LIST, answers.list)
        works.add(LIST_VIEWS, _no_views)
        works.add(records.SHOW, answers.show)
        works.add(records.EXPLAIN, answers.explain)
        works.add(records.COMPARE, answers.compare)
        works.add(record_changes.SYNCHRONIZE, answers.synchronize)
        self.desk = Desk(works, accounts.audit, now=clock)
        parts = WebParts(desk=self.desk, accounts=accounts, changes=NoChanges(), rules=WebRules())
        self.app = create_web(parts)

    @asynccontextmanager
    async def browser(
        self, permission_set: str = "INTERLACE SYNCHRONIZE"
    ) -> AsyncIterator[httpx.AsyncClient]:
        """A browser in which somebody with a permission set is signed in."""
        asked = AddUser(name="ingrid", password=PASSWORD, permission_sets=(permission_set,))
        await self.desk.perform(ADD, MACHINE, asked)
        transport = httpx.ASGITransport(cast("Any", self.app), client=("127.0.0.1", 50000))
        headers = {"Sec-Fetch-Site": "same-origin"}
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as client:
            assert (await sign_in(client, "ingrid")).status_code == 303
            yield client


@pytest.fixture
def pages(tmp_path: Path, answers: Answers) -> Iterator[Pages]:
    """The web client."""
    opened = Pages(tmp_path, answers)
    yield opened
    opened.state.close()


def links(page: str) -> list[str]:
    """Return where a page leads."""
    return [unescape(each) for each in re.findall(r'href="([^"]*)"', page)]


async def test_a_list_leads_to_records_with_any_key(pages: Pages, answers: Answers) -> None:
    """A composite key with a slash in it stands in the address and comes back as it is."""
    row = msgspec.structs.replace(ROW, key=COMPOSITE, number="Order, 10/2", caption="<script>x</script>")
    answers.listed = RecordsListed(columns=("City",), rows=(row,))
    async with pages.browser() as browser:
        page = (await browser.get("/records/SALESPRC-PRODPRICE")).text
        assert "<script>x" not in page
        for path in ("records", "coupling"):
            [link] = [each for each in links(page) if each.startswith(f"/{path}/SALESPRC-PRODPRICE/Order")]
            assert (await browser.get(link)).status_code == 200
            held = [each.key for each in answers.asked if isinstance(each, RecordAsked)]
            assert held[-1] == COMPOSITE


async def test_a_service_that_does_not_answer_leaves_the_page_usable(pages: Pages, answers: Answers) -> None:
    """What happened, and the same address to try again; the other views can still be gone to."""
    refused = Refused(RefusalKind.SERVICE_FAILED, "A service did not answer in time")
    answers.listed = answers.shown = refused
    async with pages.browser() as browser:
        address = "/records/CUSTOMER?side=crm&only=uncoupled&search=brandt"
        page = (await browser.get(address)).text
        assert "A service did not answer in time" in page
        assert address in links(page)
        assert any("only=coupled" in each and "side=crm" in each for each in links(page))
        for path in ("/records/CUSTOMER/C1", "/coupling/CUSTOMER/C1"):
            page = (await browser.get(path)).text
            assert "Try Again" in page
            assert path in links(page)


async def test_a_search_says_what_it_found_and_goes_on(pages: Pages, answers: Answers) -> None:
    """Where nothing was found yet the page says how many were looked at, and leads on with the same search."""
    answers.listed = RecordsListed(columns=("City",), rows=(), next_cursor="abc.0", looked_at=2000)
    async with pages.browser() as browser:
        page = (await browser.get("/records/CUSTOMER", params={"search": "brandt", "side": "crm"})).text
    assert "2,000 records were looked at" in page
    [on] = [each for each in links(page) if "cursor=abc.0" in each]
    assert "search=brandt" in on
    assert "side=crm" in on
    asked = answers.asked[-1]
    assert isinstance(asked, ListRecords)
    assert (asked.search, asked.side, asked.view) == ("brandt", "crm", "all")


async def test_a_view_that_is_none_is_refused(pages: Pages) -> None:
    """An address that was typed wrongly is answered, not failed at."""
    async with pages.browser() as browser:
        assert (await browser.get("/records/CUSTOMER?only=elsewhere")).status_code == 400
        assert (await browser.get("/records/CUSTOMER?side=moon")).status_code == 400


async def test_who_only_views_sees_what_he_may_not_do(pages: Pages, answers: Answers) -> None:
    """The buttons are there with the reason, and none of them sends anything."""
    async with pages.browser("INTERLACE VIEW") as browser:
        for path in ("/records/CUSTOMER", "/records/CUSTOMER/C1"):
            page = (await browser.get(path)).text
            assert "You don't have the permission for this" in unescape(page)
            assert "/do/records/synchronize" not in re.sub(r"<form id=\"chosen\".*?>", "", page)
            assert "/do/couplings/remove" not in page
        answers.shown = ALONE
        page = (await browser.get("/coupling/CUSTOMER/C1", params={"with": CRM_KEY})).text
        assert not re.search(r'<button[^>]*type="submit"[^>]*>Couple<', page)


@pytest.mark.parametrize(
    ("state", "losers"),
    [
        ("same", set()),
        ("crm changed", {"CRM"}),
        ("erp changed", {"ERP"}),
        ("both changed", {"CRM", "ERP"}),
    ],
)
async def test_what_would_be_lost_is_asked_about(
    pages: Pages, answers: Answers, state: str, losers: set[str]
) -> None:
    """Only what the side that is written over has changed since both agreed needs a second word."""
    field = msgspec.convert({**msgspec.to_builtins(FIELD), "state": state}, FieldShown)
    answers.shown = msgspec.structs.replace(PAIR, fields=(field,))
    async with pages.browser() as browser:
        page = unescape((await browser.get("/records/CUSTOMER/C1")).text)
    assert {side for side in ("CRM", "ERP") if f"The {side}'s record was changed" in page} == losers


async def test_a_mapping_of_one_way_offers_no_other(pages: Pages, answers: Answers) -> None:
    """Neither on the card nor for what happens after coupling."""
    answers.shown = msgspec.structs.replace(PAIR, direction="ToIntegrationTable")
    async with pages.browser() as browser:
        page = (await browser.get("/records/CUSTOMER/C1")).text
        assert "Send Data to CRM" in page
        assert "Get Data from CRM" not in page
        answers.shown = msgspec.structs.replace(ALONE, direction="ToIntegrationTable")
        page = unescape((await browser.get("/coupling/CUSTOMER/C1", params={"with": CRM_KEY})).text)
    assert "use the ERP's data" in page
    assert "use the CRM's data" not in page


async def test_several_records_are_one_question(pages: Pages, answers: Answers) -> None:
    """The boxes that are ticked go together; the list comes back with what became of them."""
    async with pages.browser() as browser:
        sent = {"connection": "main", "mapping": "CUSTOMER", "side": "erp", "return_to": "/records/CUSTOMER"}
        done = await browser.post("/do/records/synchronize", data={**sent, "keys": ["C1", COMPOSITE]})
        assert done.headers["location"] == "/records/CUSTOMER"
        assert "The record is synchronized" in (await browser.get("/records/CUSTOMER")).text
    [asked] = [each for each in answers.asked if isinstance(each, SynchronizeRecords)]
    assert asked.keys == ("C1", COMPOSITE)


async def test_a_record_that_belongs_to_another_is_not_offered(pages: Pages, answers: Answers) -> None:
    """Whose it is, and the way to another one; no button couples them."""
    answers.shown = ALONE
    answers.compared = msgspec.structs.replace(COMPARED, crm_is_coupled_with="C9")
    async with pages.browser() as browser:
        page = (await browser.get("/coupling/CUSTOMER/C1", params={"with": CRM_KEY})).text
    assert "It belongs to C9." in page
    assert "/do/couplings/add" not in page
