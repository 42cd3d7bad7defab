"""Two companies, each in step with an organization of its own, in one server: nothing of one reaches the other."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from html import unescape
from itertools import count
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from tests.acceptance.conftest import Installation
from tests.acceptance.outsider import Outsider
from tests.bootstrap.serving_ends import application_at
from tests.cli.both_ends import BothEnds, started
from tests.web.accounts_desk import MACHINE, PASSWORD, cheap_hasher, sign_in

from interlace.bootstrap.accounts import AccountRules, open_accounts
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.demo import DemoEnds
from interlace.bootstrap.desk.opened import open_desk
from interlace.bootstrap.serving import Server
from interlace.bootstrap.web_client import open_web
from interlace.cli.program import run_program
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.jobs.ports import SynchMode
from interlace.lead_to_cash import mapping_names as names
from interlace.management.users import ADD, AddUser

CUSTOMERS = 4
NAMES = ("north", "south")
CHAIN = (
    names.CURRENCY,
    names.SALESPEOPLE,
    names.PAYMENT_TERMS,
    names.SHIPMENT_METHOD,
    names.SHIPPING_AGENT,
    names.CUSTOMER,
)


class Company(Outsider):
    """Both services of one connection, as their other users see them."""

    def __init__(self, ends: BothEnds, state: Path) -> None:
        options = ends.crm.options
        erp = {
            "erp_address": ends.erp_address,
            "erp_company": "Nordlicht",
            "erp_user": "INTERLACE",
            "erp_access_key": str(ends.erp.access_key),
        }
        crm = {
            "crm_address": ends.crm_address,
            "crm_token_url": f"{ends.crm_address}/{options.tenant_id}/oauth2/v2.0/token",
            "crm_client_id": options.client_id,
            "crm_client_secret": options.client_secret,
        }
        super().__init__(Installation(state=state, ends=DemoEnds(erp=erp, crm=crm)))
        self.ends = ends

    def numbers(self) -> list[str]:
        """Return the numbers of the customers."""
        return [f"C{10 * (each + 1):05}" for each in range(CUSTOMERS)]

    def accounts(self) -> dict[str, str]:
        """Return the names of the accounts that belong to customers, by the customers' numbers."""
        return {
            str(each["ilc_erpkey"]): str(each["name"]) for each in self.find("accounts", "ilc_erpkey ne null")
        }

    def forget_requests(self) -> None:
        """Begin to count anew."""
        self.ends.erp.requests.clear()
        self.ends.crm.requests.clear()

    def written(self) -> list[str]:
        """Return what was written since, but marker rows."""
        lines = [*self.ends.erp.requests.writes(), *self.ends.crm.requests.writes()]
        return [each.path for each in lines if "marker" not in each.path.lower()]


@dataclass(frozen=True, kw_only=True)
class Place:
    """A server with both connections, and both companies."""

    server: Server
    web: Any
    north: Company
    south: Company

    def run(self, mappings: Sequence[MappingName], mode: SynchMode = SynchMode.INCREMENTAL) -> None:
        """Run mappings, each in both connections at once."""
        connections = [self.server.application.connection(name) for name in NAMES]
        for mapping in mappings:
            begun = [self.server.client.begin_run(each.id, mapping, mode) for each in connections]
            assert [self.server.place.wait(each.run_id) for each in begun] == ["", ""]

    def pages(self, *paths: str) -> list[str]:
        """Open pages as somebody who is signed in, one after another; gives what stands on them."""

        async def opened() -> list[str]:
            """Ask in one window."""
            transport = httpx.ASGITransport(self.web, client=("127.0.0.1", 50000))
            headers = {"Sec-Fetch-Site": "same-origin"}
            async with httpx.AsyncClient(
                transport=transport, base_url="http://127.0.0.1:8100", headers=headers
            ) as browser:
                assert (await sign_in(browser, "olga")).status_code == 303
                answers = [await browser.get(path) for path in paths]
            assert [each.status_code for each in answers] == [200] * len(paths)
            return [unescape(each.text) for each in answers]

        return asyncio.run(opened())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Two connections, synchronized at the same time; customers of the same numbers have names of their own."""
    directory = tmp_path_factory.mktemp("two")
    state = directory / "state"
    with ExitStack() as stack:
        companies = {}
        for name in NAMES:
            ends = stack.enter_context(started(directory / name, customers=CUSTOMERS))
            company = companies[name] = Company(ends, state)
            for number in company.numbers():
                company.change_customer(number, Name=f"{name.title()} {number}", Salesperson_Code="")
            for arguments in (
                ["connection", "add", name, *ends.options()],
                ["connection", "enable", name],
                ["mappings", "set", "CUSTOMER", "synch_only_coupled_records=no", "--connection", name],
            ):
                assert run_program([*arguments, "--state", str(state)]) == 0
        application = stack.enter_context(application_at(state))
        server = stack.enter_context(Server(application))
        accounts = open_accounts(application.state, AccountRules(hasher=cheap_hasher()))
        user = AddUser(name="olga", password=PASSWORD, permission_sets=("INTERLACE ADMIN",))
        asyncio.run(open_desk(server, accounts).perform(ADD, MACHINE, user))
        held = Place(server=server, web=cast("Any", open_web(server, accounts)), **companies)
        for name in NAMES:
            for mapping in CHAIN:
                # A run of the schedule would be taken for the one that a test begins.
                server.schedules.hold(application.connection(name), mapping)
        held.run(CHAIN, SynchMode.FULL)
        yield held


def test_each_company_is_in_step_with_its_own_organization(place: Place) -> None:
    """The same numbers, the names of one's own; each coupling leads to a record of its own organization."""
    for name, company in zip(NAMES, (place.north, place.south), strict=True):
        assert company.accounts() == {each: f"{name.title()} {each}" for each in company.numbers()}
        application = place.server.application
        store = application.connection_store(application.connection(name))
        coupled = store.couplings_by_key(names.CUSTOMER, Side.ERP, company.numbers())
        assert {number: each.crm_key for number, each in coupled.items()} == {
            number: company.account_of(number)["accountid"] for number in company.numbers()
        }


def test_a_change_is_carried_over_in_its_own_connection_alone(place: Place) -> None:
    """Both run at the same time; in the other one nothing is written, in either direction."""
    number, phones = place.north.numbers()[0], count(10)
    for company in (place.north, place.south):
        other = place.south if company is place.north else place.north
        for change, source, seen, destination in (
            (company.change_customer, "Phone_No", company.account_of, "telephone1"),
            (company.change_account, "telephone1", company.customer, "Phone_No"),
        ):
            value = f"+47 22 00 00 {next(phones)}"
            change(number, **{source: value})
            place.north.forget_requests()
            place.south.forget_requests()
            place.run([names.CUSTOMER])
            assert seen(number)[destination] == value
            assert company.written() != []
            assert other.written() == []


def test_pages_show_one_connection_and_the_bar_leads_to_the_other(place: Place) -> None:
    """Lists, cards, what was written, what was found: of the connection that the address names, and of no other."""
    number = place.north.numbers()[1]
    paths = (
        "/records/CUSTOMER?",
        f"/records/CUSTOMER/{number}?",
        "/couplings?",
        "/search?search=C0&",
        "/journal?",
    )
    ids = {
        name: {company.account_of(each)["accountid"] for each in company.numbers()}
        for name, company in zip(NAMES, (place.north, place.south), strict=True)
    }
    for name, other in (NAMES, NAMES[::-1]):
        texts = place.pages(*(f"{path}connection={name}" for path in paths))
        for path, text in zip(paths, texts, strict=True):
            # Entries of the journal tell keys, no names.
            assert f"{name.title()} C0" in text or any(each in text for each in ids[name]), path
            assert f"{other.title()} C0" not in text, path
            assert not any(each in text for each in ids[other]), path
    [text] = place.pages(f"{paths[0]}connection=north")
    [there] = re.findall(r'href="([^"]*connection=south[^"]*)"[^>]*>[^<]*Nordlicht', text)
    assert there == "/records/CUSTOMER?connection=south"
    assert "South C0" in place.pages(there)[0]


def test_what_rests_in_one_goes_on_in_the_other(place: Place) -> None:
    """Runs of a connection that is disabled are refused; those of the other one end well."""
    application, schedules = place.server.application, place.server.schedules
    north, south = (application.connection(name) for name in NAMES)
    disabled = application.disable(north)
    try:
        with pytest.raises(ConnectionProblem, match="disabled"):
            schedules.run(disabled, names.CURRENCY)
        assert place.server.place.wait(schedules.run(south, names.CURRENCY).run_id) == ""
    finally:
        application.keep(replace(disabled, settings=north.settings))
