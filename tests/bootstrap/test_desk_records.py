"""Records and their couplings, asked for at the desk of a running server over both embedded services."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx
import msgspec
import pytest
from tests.bootstrap.records_place import Place, Waiting
from tests.bootstrap.serving_ends import application_at
from tests.cli.both_ends import CUSTOMERS, NAME, BothEnds, started
from tests.web.accounts_desk import (
    MACHINE,
    ORIGIN,
    PASSWORD,
    NoChanges,
    cheap_hasher,
    fields_of,
    sign_in,
)

from interlace.bootstrap import reading_ends
from interlace.bootstrap.accounts import AccountRules, open_accounts
from interlace.bootstrap.coupling_listing import list_couplings
from interlace.bootstrap.desk import record_list, record_table
from interlace.bootstrap.desk.account_areas import add_account_areas
from interlace.bootstrap.desk.connections import add_connections
from interlace.bootstrap.desk.error_actions import add_error_actions
from interlace.bootstrap.desk.errors import add_errors
from interlace.bootstrap.desk.record_changes import add_record_changes
from interlace.bootstrap.desk.record_log import add_record_log
from interlace.bootstrap.desk.records import add_records
from interlace.bootstrap.desk.views import add_views
from interlace.bootstrap.reading_ends import ReadingEnds
from interlace.bootstrap.serving import Server
from interlace.cli.program import run_program
from interlace.domain.filter_language import FilteredField, Reading, parse_filter, quoted
from interlace.domain.filter_nodes import holds
from interlace.domain.side import Side
from interlace.jobs.ports import SynchMode
from interlace.lead_to_cash.mapping_names import STATISTICS
from interlace.management import error_actions, record_changes, record_log, records
from interlace.management.caller import Caller, Door
from interlace.management.desk import Desk, Works
from interlace.management.error_actions import FindDeleted, SettleErrors
from interlace.management.permission import PERMISSION_SETS
from interlace.management.record_changes import (
    AddCoupling,
    CreateRecords,
    OfMapping,
    RemoveCouplings,
    SynchronizeRecords,
    UpdateStatistics,
)
from interlace.management.records import (
    CompareRecords,
    ListRecords,
    RecordAsked,
    RecordRow,
    RecordShown,
    RecordsListed,
)
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.users import ADD, AddUser
from interlace.sandbox.crm.endpoint import roots_of
from interlace.web.app import WebParts, create_web
from interlace.web.security import WebRules

VIEWER = Caller(
    user_id="2", name="vera", permissions=PERMISSION_SETS["INTERLACE VIEW"].permissions, door=Door.PAGE
)
QUOTE_DRAFT, QUOTE_ACTIVE = 0, 1
CHAIN = (
    "CURRENCY",
    "SALESPEOPLE",
    "PAYMENT TERMS",
    "SHIPMENT METHOD",
    "SHIPPING AGENT",
    "CUSTOMER",
    "CONTACT",
)


def city_of(shown: RecordShown) -> tuple[str | None, str | None, str]:
    """Return both cities and how they stand to each other."""
    [found] = [each for each in shown.fields if each.erp_field == "City"]
    return found.erp.text, found.crm.text, found.state


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BothEnds]:
    """Both embedded services."""
    with started(tmp_path_factory.mktemp("ends")) as opened:
        yield opened


@pytest.fixture(scope="module")
def synchronized(ends: BothEnds, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state whose customers, and what they refer to, are synchronized."""
    state = tmp_path_factory.mktemp("synchronized") / "state"
    for arguments in (
        ["connection", "add", NAME, *ends.options()],
        ["connection", "enable", NAME],
        ["synch", "--full", *CHAIN],
    ):
        assert run_program([*arguments, "--state", str(state), "--json"]) in {0, 3}
    return state


@pytest.fixture(scope="module")
def place(synchronized: Path) -> Iterator[Place]:
    """A desk on that state."""
    with application_at(synchronized) as application:
        reading = ReadingEnds(application)
        server = Waiting(application=application, reading=reading)
        accounts = open_accounts(application.state, AccountRules(hasher=cheap_hasher()))
        works = Works()
        add_records(works, server)
        add_record_changes(works, server)
        add_record_log(works, server)
        add_errors(works, server)
        add_views(works, server)
        add_error_actions(works, server)
        add_connections(works, cast("Server", server))
        add_account_areas(works, accounts)
        desk = Desk(works, accounts.audit)
        list_couplings(application, 5_000)
        opened = Place(server=server, desk=desk, accounts=accounts, untouched=iter(()))
        opened.untouched = iter(list(opened.rows(view="coupled", limit=200)))
        yield opened
        reading.close()


def test_customers_are_listed_with_their_partners(place: Place) -> None:
    """Each page goes on where the one before it ended; every customer comes once."""
    seen: list[RecordRow] = []
    cursor = ""
    while True:
        page = place.ask(records.LIST, ListRecords(mapping="CUSTOMER", limit=15, cursor=cursor))
        assert len(page.rows) <= 15
        assert page.columns
        seen += page.rows
        cursor = page.next_cursor
        if not cursor:
            break
    assert len(seen) == len({each.key for each in seen}) == CUSTOMERS
    untouched = place.coupled()
    coupled = next(each for each in seen if each.key == untouched)
    assert (coupled.status, coupled.partner) == ("coupled", coupled.caption)
    theirs = place.rows(side="crm", search=coupled.caption)
    assert theirs[coupled.partner_key].partner_key == coupled.key


def test_views_take_every_record_apart(place: Place) -> None:
    """Coupled and uncoupled ones together are all; what failed is listed with its code."""
    removed = place.coupled()
    place.remove(removed)
    every = place.rows(limit=200)
    coupled, uncoupled = place.rows(view="coupled", limit=200), place.rows(view="uncoupled", limit=200)
    assert removed in uncoupled
    assert coupled.keys() | uncoupled.keys() == every.keys()
    assert not coupled.keys() & uncoupled.keys()
    failed = place.rows(view="failed", limit=200)
    assert failed
    assert all(each.code and each.status in {"failed", "skipped"} for each in failed.values())


def test_a_search_finds_numbers_names_and_parts_of_names(place: Place) -> None:
    """A number in any case, a whole name, and words anywhere; of another spelling nothing."""
    key = place.coupled()
    one = place.rows(search=key.lower())[key]
    assert key in place.rows(search=one.caption)
    assert key in place.rows(search=one.caption.split()[0][:5].lower())
    assert key in place.rows(search=one.caption, view="coupled")
    assert not place.rows(search="nobody is called so")


def test_columns_are_filtered_and_sorted(place: Place) -> None:
    """Fields, names, partners and statuses in the filter language; each sorted list holds the same records."""
    every = place.rows(limit=200)
    page = place.ask(records.LIST, ListRecords(mapping="CUSTOMER", limit=200))
    city = page.columns.index("City")
    one = next(each for each in every.values() if each.values[city].text)
    wanted = str(one.values[city].text)
    for text in (quoted(wanted), f"@{wanted.lower()}", f"{wanted[:3]}*"):
        found = place.rows(filters={"value.City": text}, limit=200)
        assert one.key in found
        assert found.keys() == {key for key, row in every.items() if _passes(row.values[city].text, text)}
    assert place.rows(filters={"number": one.number}).keys() == {one.key}
    coupled = place.rows(filters={"status": "coupled", "partner": "<>''"}, limit=200)
    assert coupled.keys() == {key for key, row in every.items() if row.status == "coupled"}
    names = [each.caption for each in place.rows(sort="-caption", limit=200).values()]
    assert names == sorted((each.caption for each in every.values()), key=str.casefold, reverse=True)
    for view in ("coupled", "uncoupled", "failed"):
        held = place.rows(view=view, limit=200)
        assert place.rows(view=view, sort="value.City", limit=200).keys() == held.keys()


def _passes(value: str | None, text: str) -> bool:
    return holds(parse_filter(text, FilteredField(), Reading(now=datetime.now(UTC))), value)


def test_a_list_shows_no_field_twice(place: Place) -> None:
    """What stands in the columns of number and name is no field beside them."""
    for mapping in ("CUSTOMER", "PAYMENT TERMS", "CURRENCY"):
        page = place.ask(records.LIST, ListRecords(mapping=mapping, limit=1))
        assert not {"No", "Code", "Name", "Description"} & set(page.columns)


def test_a_sorted_list_has_pages_both_ways_and_an_end(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """It tells how many there are; what is too long to be sorted is refused with what helps."""
    asked = ListRecords(mapping="CUSTOMER", sort="caption", limit=15)
    first = place.ask(records.LIST, asked)
    assert (first.count, first.previous_cursor) == (CUSTOMERS, "")
    second = place.ask(records.LIST, msgspec.structs.replace(asked, cursor=first.next_cursor))
    back = place.ask(records.LIST, msgspec.structs.replace(asked, cursor=second.previous_cursor))
    assert [each.key for each in back.rows] == [each.key for each in first.rows]
    monkeypatch.setattr(record_list, "LOOKED_AT_MAX", CUSTOMERS - 1)
    with pytest.raises(Refused, match="too many records to sort"):
        place.ask(records.LIST, asked)
    assert place.ask(records.LIST, msgspec.structs.replace(asked, sort="")).rows


@pytest.mark.parametrize(
    ("view", "search", "limit"),
    [("all", "", 15), ("all", "a", 4), ("uncoupled", "", 1), ("coupled", "", 15), ("failed", "", 1)],
)
def test_pages_of_an_unsorted_list_lead_back_the_way_one_came(
    place: Place, view: str, search: str, limit: int
) -> None:
    """To the same pages, by whose cursors one goes on as before; the first one holds what was found at once, too."""
    question = {"mapping": "CUSTOMER", "view": view, "search": search, "limit": limit}

    def page(cursor: str) -> RecordsListed:
        """Read a page."""
        return place.ask(records.LIST, msgspec.convert({**question, "cursor": cursor}, ListRecords))

    seen = [page("")]
    assert seen[0].previous_cursor == ""
    while seen[-1].next_cursor and len(seen) < 4:
        seen.append(page(seen[-1].next_cursor))
    back = seen[-1]
    for awaited in reversed(seen[:-1]):
        back = page(back.previous_cursor)
        assert back == awaited
    assert back.previous_cursor == ""


def test_who_reads_a_page_again_and_again_makes_nobody_forget_another() -> None:
    """Its places keep their names; what many pages later is no place any more is found no longer."""
    held, here = record_list.Continuations(), ("c1", "CUSTOMER", "erp")
    name = held.keep(here, "https://erp.example/customers?page=2")
    for _ in range(record_list.REMEMBERED_MAX):
        again = held.keep(here, "https://erp.example/customers?page=3")
    assert held.find(here, name) == "https://erp.example/customers?page=2"
    assert held.find(("c1", "CUSTOMER", "crm"), name) == ""
    for page in range(record_list.REMEMBERED_MAX):
        held.keep(here, f"https://erp.example/items?page={page}")
    assert held.find(here, again) == ""


def test_a_filter_that_no_column_understands_is_refused(place: Place) -> None:
    """A column of numbers wants numbers, once a value has told that it is one."""
    with pytest.raises(Refused):
        place.rows(filters={"value.Nothing": "x"})
    with pytest.raises(Refused):
        place.ask(
            records.LIST,
            ListRecords(mapping="CURRENCY", filters={"value.Exchange_Rate": "many"}),
        )


def test_a_long_search_stops_and_goes_on(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many records it says how many it looked at and offers to go on; then it finds what is behind."""
    # Nobody else takes the last one.
    last = max(place.rows(view="coupled", limit=200))
    place.remove(last)
    monkeypatch.setattr(record_list, "LOOKED_AT_MAX", 10)
    monkeypatch.setattr(reading_ends, "PAGE_SIZE", 10)
    place.server.reading.close()
    asked = ListRecords(mapping="CUSTOMER", view="uncoupled", search=last[-3:])
    found = place.ask(records.LIST, asked)
    seen, pages = {each.key for each in found.rows}, 1
    assert found.looked_at == 10
    while found.next_cursor:
        found = place.ask(records.LIST, msgspec.structs.replace(asked, cursor=found.next_cursor))
        seen |= {each.key for each in found.rows}
        pages += 1
    assert last in seen
    assert pages >= CUSTOMERS // 10


def test_nobody_chooses_where_a_service_is_asked_to_go_on(place: Place) -> None:
    """A cursor names a place that we remember; an address in its stead is refused, and the name of a way back, too."""
    page = place.ask(records.LIST, ListRecords(mapping="CUSTOMER", limit=1))
    way_back = page.next_cursor.rpartition(".")[2]
    wrong = (
        "https://elsewhere.example/accounts.0",
        "unknown.0",
        ".x",
        "0",
        f"{way_back}.0.x",
        "." + "9" * 99,
    )
    for cursor in (*wrong, f".{'9' * 99}.x", f".0.{'x' * 3_000}"):
        with pytest.raises(Refused) as refused:
            place.rows(cursor=cursor)
        assert refused.value.kind is RefusalKind.INVALID


def test_a_card_shows_both_sides_and_what_is_news(place: Place) -> None:
    """Equal fields are the same; what the CRM changed is told apart from what the ERP changed."""
    key = place.coupled()
    shown = place.customer(key)
    assert shown.status == "coupled"
    assert {each.state for each in shown.fields} == {"same"}
    assert shown.crm.link.endswith(shown.crm.key)
    assert shown.writes
    place.edit(Side.CRM, shown.crm.key, address1_city="Ulm")
    assert city_of(place.customer(key))[1:] == ("Ulm", "crm changed")
    place.edit(Side.ERP, key, City="Bonn")
    assert city_of(place.customer(key)) == ("Bonn", "Ulm", "both changed")


@pytest.mark.parametrize(("way", "city"), [("send", "Bonn"), ("get", "Ulm")])
def test_one_side_is_written_over_at_a_persons_word(place: Place, way: str, city: str) -> None:
    """Both sides changed a field: whichever the person names wins, and both agree then."""
    shown = place.customer(place.coupled())
    place.edit(Side.CRM, shown.crm.key, address1_city="Ulm")
    place.edit(Side.ERP, shown.erp.key, City="Bonn")
    asked = {"mapping": "CUSTOMER", "keys": [shown.erp.key], "way": way, "overwrite": True}
    place.ask(record_changes.SYNCHRONIZE, msgspec.convert(asked, SynchronizeRecords))
    assert city_of(place.customer(shown.erp.key)) == (city, city, "same")


def test_what_was_written_over_can_be_taken_back(place: Place) -> None:
    """The page promises it: the journal knows what the CRM held, and an undo writes that again."""
    shown = place.customer(place.coupled())
    place.edit(Side.CRM, shown.crm.key, address1_city="Ulm")
    asked = SynchronizeRecords(mapping="CUSTOMER", keys=(shown.erp.key,), way="send", overwrite=True)
    place.ask(record_changes.SYNCHRONIZE, asked)
    assert city_of(place.customer(shown.erp.key))[1] != "Ulm"
    state = str(place.server.application.config.state_directory)
    undo = ["undo", shown.crm.key, "--mapping", "CUSTOMER", "--yes", "--state", state]
    assert run_program(undo) == 0
    assert city_of(place.customer(shown.erp.key))[1] == "Ulm"


def test_without_overwriting_the_other_sides_news_stays(place: Place) -> None:
    """What only the CRM changed is not lost when the ERP's data are sent; both ways, it comes over."""
    shown = place.customer(place.coupled())
    place.edit(Side.CRM, shown.crm.key, address1_city="Ulm")
    asked = SynchronizeRecords(mapping="CUSTOMER", keys=(shown.erp.key,), way="send")
    place.ask(record_changes.SYNCHRONIZE, asked)
    assert city_of(place.customer(shown.erp.key))[1] == "Ulm"
    place.ask(record_changes.SYNCHRONIZE, SynchronizeRecords(mapping="CUSTOMER", keys=(shown.erp.key,)))
    assert city_of(place.customer(shown.erp.key)) == ("Ulm", "Ulm", "same")


def test_records_are_uncoupled_compared_and_coupled_again(place: Place) -> None:
    """The two stay on both sides; the comparison says what differs before they are a pair again."""
    key = place.coupled()
    account = place.remove(key)
    assert place.customer(key).status == "uncoupled"
    place.edit(Side.CRM, account, address1_city="Ulm")
    compared = place.ask(records.COMPARE, CompareRecords(mapping="CUSTOMER", erp_key=key, crm_key=account))
    assert [each.erp_field for each in compared.fields if each.state == "different"] == ["City"]
    asked = AddCoupling(mapping="CUSTOMER", erp_key=key, crm_key=account, synchronize="get")
    place.ask(record_changes.COUPLE, asked)
    shown = place.customer(key)
    assert shown.status == "coupled"
    assert city_of(shown) == ("Ulm", "Ulm", "same")


def test_a_partner_is_created_for_an_uncoupled_record(place: Place) -> None:
    """A chosen customer gets an account of its own; asked again, it is coupled already."""
    key = place.coupled()
    place.remove(key)
    asked = CreateRecords(mapping="CUSTOMER", keys=(key,))
    place.ask(record_changes.CREATE, asked)
    assert place.customer(key).status == "coupled"
    with pytest.raises(Refused, match="coupled already"):
        place.ask(record_changes.CREATE, asked)


def test_what_is_not_coupled_is_neither_synchronized_nor_uncoupled(place: Place) -> None:
    """The refusal says so, and that nothing was chosen where nothing was."""
    key = place.coupled()
    place.remove(key)
    with pytest.raises(Refused, match="Nothing is coupled"):
        place.ask(record_changes.SYNCHRONIZE, SynchronizeRecords(mapping="CUSTOMER", keys=(key,)))
    with pytest.raises(Refused, match="Nothing was chosen"):
        place.ask(record_changes.UNCOUPLE, RemoveCouplings(mapping="CUSTOMER"))


def test_match_rules_couple_in_a_job(place: Place) -> None:
    """Nothing is created by it; a mapping without rules refuses."""
    begun = place.ask(record_changes.MATCH, OfMapping(mapping="currency"))
    assert begun.run_id
    assert place.server.begun[-1] == ("CURRENCY", SynchMode.COUPLE)
    application = place.server.application
    mappings = application.mappings(application.connection(None)).values()
    bare = next(each for each in mappings if not each.match_rules)
    with pytest.raises(Refused, match="no match rules"):
        place.ask(record_changes.MATCH, OfMapping(mapping=bare.name))
    place.ask(record_changes.STATISTICS, UpdateStatistics())
    assert place.server.begun[-1] == (STATISTICS, SynchMode.INCREMENTAL)


def test_who_only_views_changes_nothing(place: Place) -> None:
    """Looking is open to him, writing is not."""
    key = place.coupled()
    assert place.ask(records.SHOW, RecordAsked(mapping="CUSTOMER", key=key), VIEWER).erp.key == key
    with pytest.raises(Refused) as refused:
        place.ask(record_changes.UNCOUPLE, RemoveCouplings(mapping="CUSTOMER", keys=(key,)), VIEWER)
    assert refused.value.kind is RefusalKind.FORBIDDEN
    assert place.customer(key).status == "coupled"


def test_unknown_records_and_mappings_are_told(place: Place) -> None:
    """Neither becomes a defect."""
    for asked in (
        RecordAsked(mapping="CUSTOMER", key="NOBODY"),
        RecordAsked(mapping="NOTHING", key="C00010"),
    ):
        with pytest.raises(Refused) as refused:
            place.ask(records.SHOW, asked)
        assert refused.value.kind is RefusalKind.NOT_FOUND


def test_conditions_are_told_for_a_record_that_failed(place: Place) -> None:
    """One of them is not met: that is why."""
    [key, *_] = place.rows(view="failed")
    shown = place.customer(key)
    assert shown.problems[0].next_step
    explained = place.ask(records.EXPLAIN, RecordAsked(mapping="CUSTOMER", key=key))
    assert explained.gates
    assert explained.decisions


def test_a_service_that_does_not_answer_is_not_waited_for(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the time that a person waits the list says so."""
    monkeypatch.setattr(record_table, "SECONDS", 0.0)
    with pytest.raises(Refused) as refused:
        place.rows()
    assert refused.value.kind is RefusalKind.SERVICE_FAILED


async def test_an_uncoupled_customer_is_coupled_page_by_page(place: Place) -> None:
    """Over HTTP: sign in, open the customer, choose the account, couple, and see both as a pair."""
    key = await asyncio.to_thread(place.coupled)
    account = await asyncio.to_thread(place.remove, key)
    await place.desk.perform(
        ADD, MACHINE, AddUser(name="ingrid", password=PASSWORD, permission_sets=("INTERLACE SYNCHRONIZE",))
    )
    parts = WebParts(desk=place.desk, accounts=place.accounts, changes=NoChanges(), rules=WebRules())
    transport = httpx.ASGITransport(cast("Any", create_web(parts)), client=("127.0.0.1", 50000))
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as browser:
        assert (await sign_in(browser, "ingrid")).status_code == 303
        listed = await browser.get("/records/CUSTOMER", params={"only": "uncoupled"})
        assert f"/coupling/CUSTOMER/{key}" in listed.text
        candidates = await browser.get(f"/coupling/CUSTOMER/{key}")
        way = f"/coupling/CUSTOMER/{key}?with={account}"
        assert way in candidates.text
        compared = await browser.get(way)
        assert "Synchronize After Coupling" in compared.text
        fields = dict(fields_of(compared.text[compared.text.index("/do/couplings/add") :]))
        done = await browser.post("/do/couplings/add", data={**fields, "synchronize": "send"})
        assert done.status_code == 303
        card = await browser.get(done.headers["location"])
        assert "coupled and synchronized" in card.text
        assert "Delete Coupling" in card.text
    assert (await asyncio.to_thread(place.customer, key)).crm.key == account


def test_a_record_has_a_log_of_its_own(place: Place) -> None:
    """It holds the jobs that the record was in, from either side, and none of the others."""
    shown = place.customer(place.coupled())
    place.edit(Side.ERP, shown.erp.key, City="Bonn")
    place.ask(record_changes.SYNCHRONIZE, SynchronizeRecords(mapping="CUSTOMER", keys=(shown.erp.key,)))
    own = place.ask(record_log.LOG, RecordAsked(mapping="customer", key=shown.erp.key)).jobs
    acts = [each.action.partition(":")[0] for each in own]
    assert (acts[0], acts[-1]) == ("modify", "insert")
    assert len({each.id for each in own}) == len(own)
    theirs = place.ask(record_log.LOG, RecordAsked(mapping="CUSTOMER", key=shown.crm.key, side="crm")).jobs
    assert theirs == own
    assert not place.ask(record_log.LOG, RecordAsked(mapping="CUSTOMER", key="NOBODY")).jobs


def test_errors_of_several_mappings_are_settled_at_once(place: Place) -> None:
    """What an act makes no sense for is passed over; what names no record is refused."""
    key = place.coupled()
    failed = next(key for key, row in place.rows(view="failed").items() if not row.partner_key)

    def settle(action: str, *records: str) -> record_changes.RecordsChanged:
        """Do something with records."""
        asked = {"action": action, "records": records}
        return place.ask(error_actions.SETTLE, msgspec.convert(asked, SettleErrors))

    done = settle("synchronize", f"erp/CUSTOMER/{key}", "erp/SALESPEOPLE/NOBODY", "erp/CUSTOMER/NOBODY")
    assert (done.done, done.failed, done.skipped) == (1, 0, 2)
    begun = len(place.server.begun)
    assert settle("retry", f"erp/CUSTOMER/{failed}").done == 1
    assert place.server.begun[begun:] == [("CUSTOMER", SynchMode.INCREMENTAL)]
    done = settle("remove-coupling", f"erp/CUSTOMER/{key}", f"erp/CUSTOMER/{failed}")
    assert (done.done, done.skipped) == (1, 1)
    assert place.customer(key).status == "uncoupled"
    for action, *chosen in (
        ("retry",),
        ("retry", "C00010"),
        ("retry", "erp/NO SUCH/C00010"),
        ("remove-coupling", f"erp/CUSTOMER/{key}"),
        ("restore", f"erp/CUSTOMER/{key}"),
    ):
        with pytest.raises(Refused) as refused:
            settle(action, *chosen)
        assert refused.value.kind is RefusalKind.INVALID


def test_what_was_deleted_is_found_and_restored_or_deleted_too(place: Place) -> None:
    """The list says which of the two is gone, and since when that is known, without asking a service."""
    pairs = [place.customer(key) for key in (place.coupled(), place.with_entries(), place.coupled())]
    for each in pairs:
        place.delete(Side.CRM, each.crm.key)
    found = place.ask(error_actions.FIND_DELETED, FindDeleted(mapping="CUSTOMER"))
    assert found.done == 1
    assert place.server.begun[-1] == ("CUSTOMER", SynchMode.INCREMENTAL)
    state = str(place.server.application.config.state_directory)
    assert run_program(["synch", "CUSTOMER", "--state", state]) == 3
    rows = [place.error(each.erp.key) for each in pairs]
    assert {(each.exists, each.partner_exists) for each in rows} == {("yes", "no")}
    assert [each.partner_key for each in rows] == [each.crm.key for each in pairs]
    assert all(each.conflict_id and each.partner_exists_at for each in rows)
    assert [place.customer(each.erp.key).conflict_id for each in pairs] == [each.conflict_id for each in rows]
    restored, kept, left = rows
    assert (
        place.ask(error_actions.SETTLE, SettleErrors(action="restore", records=(restored.place,))).done == 1
    )
    assert place.customer(restored.record_key).crm.is_there
    # The ERP keeps customers that have entries in its books.
    with pytest.raises(Refused, match="0 of 1") as refused:
        place.ask(error_actions.SETTLE, SettleErrors(action="delete", records=(kept.place,)))
    assert kept.record_key in refused.value.why
    settled = SettleErrors(action="remove-coupling", records=(kept.place, left.place))
    assert place.ask(error_actions.SETTLE, settled).done == 2
    assert place.customer(left.record_key).status == "uncoupled"


def test_another_record_takes_the_place_of_a_partner(place: Place) -> None:
    """The coupling that was shown gives way, and no other; a record of another pair is not taken."""
    first, second, third = (place.customer(place.coupled()) for _ in range(3))
    account = place.remove(second.erp.key)

    def couple(crm_key: str, replaces: str) -> None:
        """Couple the first customer with another account."""
        asked = AddCoupling(mapping="CUSTOMER", erp_key=first.erp.key, crm_key=crm_key, replaces=replaces)
        place.ask(record_changes.COUPLE, asked)

    couple(account, first.crm.key)
    assert place.customer(first.erp.key).crm.key == account
    left = place.ask(records.SHOW, RecordAsked(mapping="CUSTOMER", key=first.crm.key, side="crm"))
    assert left.status == "uncoupled"
    for crm_key, replaces, kind in (
        (first.crm.key, first.crm.key, RefusalKind.CHANGED_MEANWHILE),
        (third.crm.key, account, RefusalKind.NOT_READY),
        ("00000000-0000-4000-8000-000000000000", account, RefusalKind.NOT_READY),
    ):
        with pytest.raises(Refused) as refused:
            couple(crm_key, replaces)
        assert refused.value.kind is kind
        assert place.customer(first.erp.key).crm.key == account
    assert place.customer(third.erp.key).crm.key == third.crm.key


def test_the_statistics_of_one_customer_are_brought_up_to_date(place: Place) -> None:
    """Only his; no run of all customers begins. Who is not coupled has none."""
    one, other = place.coupled(), place.coupled()
    begun = len(place.server.begun)
    asked = UpdateStatistics(customers=(one,))
    told = [place.ask(record_changes.STATISTICS, asked).message for _ in range(2)]
    assert told == [
        "The account statistics are up to date now",
        "The account statistics were up to date already",
    ]
    assert place.customer(one).statistics
    assert not place.customer(other).statistics
    assert len(place.server.begun) == begun
    place.remove(other)
    with pytest.raises(Refused, match="Nothing is coupled"):
        place.ask(record_changes.STATISTICS, UpdateStatistics(customers=(other,)))


def enter_quote(ends: BothEnds, account: str, state: int) -> None:
    """Enter a quote of an account as the CRM's administrator."""
    records = ends.crm.records
    administrator = records.store.read_state("administrator")
    assert administrator is not None
    headers = {
        "Authorization": f"Bearer {ends.crm.tokens.give(administrator)}",
        "Content-Type": "application/json",
        "Prefer": "return=representation",
    }
    root = f"{ends.crm_address}{roots_of(ends.crm.options.organization)[0]}quotes"
    draft = {"name": "Chairs", "customerid_account@odata.bind": f"/accounts({account})"}
    made = httpx.post(root, headers=headers, json=draft)
    assert made.status_code == 201, made.text
    if state != QUOTE_DRAFT:
        moved = httpx.patch(
            f"{root}({made.json()['quoteid']})",
            headers={**headers, "If-Match": "*"},
            json={"statecode": state},
        )
        assert moved.is_success, moved.text


def test_what_is_under_way_with_an_account_is_counted(ends: BothEnds, place: Place) -> None:
    """What is open in the CRM, by the solution's role; what it doesn't have is not told and hides nothing else."""
    number = place.coupled()
    account = place.customer(number).crm.key
    for state in (QUOTE_DRAFT, QUOTE_ACTIVE, QUOTE_ACTIVE):
        enter_quote(ends, account, state)
    shown = place.customer(number)
    counts = {each.name: each.count for each in shown.crm_counts}
    assert counts == {"opportunities": 0, "quotes": 2, "cases": None}
    assert all(each.link.startswith("http") for each in shown.crm_counts)
