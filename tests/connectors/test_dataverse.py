"""What the Dataverse connector adds to the suite: references, option sets, facts, bulk creates."""

import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest
from tests.ready_crm import ready_crm

from interlace.connectors.dataverse.service import DataverseService, DataverseSettings
from interlace.connectors.http import ChannelLimits, HttpChannel
from interlace.connectors.sign_in import SignIn
from interlace.domain.errors import ErrorCode
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.engine.ports import Outcome, Precondition, TableView, Write, WriteResult
from interlace.engine.service import ServiceMismatch
from interlace.sandbox.crm.sandbox import CrmSandbox, SandboxOptions

Serve = Callable[[Any], Awaitable[str]]


class TokenSignIn:
    """Signs in with a token that is known already."""

    def __init__(self, token: str) -> None:
        self._header = f"Bearer {token}"

    async def authorization(self, post_form: object, refused: str | None) -> str | None:
        """Return the token."""
        return self._header


@pytest.fixture
def crm() -> CrmSandbox:
    """An empty organization."""
    return ready_crm()


@pytest.fixture
async def service(crm: CrmSandbox, serve: Serve) -> AsyncIterator[DataverseService]:
    """A connection to it."""
    sign_in: SignIn = TokenSignIn(crm.access_token())
    limits = ChannelLimits(retry_delay_seconds=0.0)
    async with HttpChannel(await serve(crm), sign_in, limits) as channel:
        yield DataverseService(channel, settings=DataverseSettings(page_size=50, bulk_size=10, batch_size=10))


def key_of(name: str) -> str:
    """Return the key of a record by its name."""
    return str(uuid5(NAMESPACE_URL, name))


def view(table: str, *fields: str, **more: Any) -> TableView:
    """Return a view of a CRM table."""
    return TableView(side=Side.CRM, table=table, fields=fields, **more)


def creation(who: str, /, **values: Value) -> Write:
    """Return a create under the key of a name."""
    return Write(key=key_of(who), precondition=Precondition.ABSENT, values=dict(values))


async def write(service: DataverseService, table: TableView, *writes: Write) -> list[WriteResult]:
    """Carry out writes."""
    return await service.write(table, writes)


async def values(service: DataverseService, table: TableView, key: str) -> tuple[Value, ...]:
    """Read one record's values."""
    [record] = await service.read_keys(table, (key,))
    assert record is not None
    return record.values()


async def update(service: DataverseService, table: TableView, key: str, **changes: Value) -> WriteResult:
    """Update a record under its current tag."""
    [record] = await service.read_keys(table, (key,))
    assert record is not None
    change = Write(key=key, precondition=Precondition.UNCHANGED, values=dict(changes), tag=record.tag)
    [result] = await service.write(table, (change,))
    return result


async def test_facts_name_organization_and_base_currency(service: DataverseService) -> None:
    """The connection learns the organization's id, our user's id and the base currency."""
    facts = await service.facts()
    assert facts.organization_id == SandboxOptions().organization_id
    assert facts.base_currency_code == "EUR"
    currencies = view("transactioncurrency", "isocurrencycode", "exchangerate")
    found = await service.find_records(currencies, "isocurrencycode", ("eur",))
    assert [record.key for record in found] == [facts.base_currency_id]
    assert found[0].values() == ("EUR", Decimal(1))


async def test_reference_is_bound_read_back_and_cleared(service: DataverseService) -> None:
    """A lookup takes the key of the record it points at, reads as that key, and is cleared by nothing."""
    await write(service, view("account", "name"), creation("A", name="A"), creation("B", name="B"))
    contacts = view(
        "contact", "lastname", "parentcustomerid", lookup_targets=(("parentcustomerid", "account"),)
    )
    await write(service, contacts, creation("P", lastname="Anna", parentcustomerid=key_of("A")))
    assert await values(service, contacts, key_of("P")) == ("Anna", key_of("A"))
    found = await service.find_records(contacts, "parentcustomerid", (key_of("A"), key_of("B")))
    assert [record.key for record in found] == [key_of("P")]
    result = await update(service, contacts, key_of("P"), parentcustomerid=key_of("B"))
    assert result.outcome is Outcome.DONE
    assert await values(service, contacts, key_of("P")) == ("Anna", key_of("B"))
    result = await update(service, contacts, key_of("P"), parentcustomerid=None)
    assert result.outcome is Outcome.DONE, result
    assert await values(service, contacts, key_of("P")) == ("Anna", None)


async def test_owner_and_currency_are_references_too(service: DataverseService) -> None:
    """An owner is a user; lookups of one target need no target named."""
    facts = await service.facts()
    accounts = view(
        "account",
        "ownerid",
        "transactioncurrencyid",
        "primarycontactid",
        lookup_targets=(("ownerid", "systemuser"),),
    )
    values_written: dict[str, Value] = {
        "ownerid": facts.user_id,
        "transactioncurrencyid": facts.base_currency_id,
    }
    [result] = await write(service, accounts, creation("A", name="A", **values_written))
    assert result.outcome is Outcome.DONE, result
    assert await values(service, accounts, key_of("A")) == (facts.user_id, facts.base_currency_id, None)


async def test_reference_to_missing_record_is_refused_not_gone(service: DataverseService) -> None:
    """Pointing an existing record at a missing one is the record's error."""
    contacts = view("contact", "parentcustomerid", lookup_targets=(("parentcustomerid", "account"),))
    await write(service, contacts, creation("P", lastname="Anna"))
    result = await update(service, contacts, key_of("P"), parentcustomerid=key_of("nobody"))
    assert result.outcome is Outcome.REJECTED, result


async def test_unbindable_reference_is_told_before_anything_is_sent(
    service: DataverseService, crm: CrmSandbox
) -> None:
    """A lookup with several targets and none named can't be written; nothing is sent for it."""
    contacts = view("contact", "parentcustomerid")
    await service.capabilities(contacts)
    crm.requests.clear()
    [result] = await write(service, contacts, creation("P", lastname="A", parentcustomerid=key_of("A")))
    assert result.outcome is Outcome.REJECTED
    assert result.error is not None
    assert result.error.code is ErrorCode.VALUE_NOT_TRANSFERABLE
    assert result.error.field == "parentcustomerid"
    assert crm.requests.writes() == []


async def test_bulk_create_is_one_request(service: DataverseService, crm: CrmSandbox) -> None:
    """New accounts are created ten at a time, and no tag is invented for them."""
    accounts = view("account", "name")
    await service.capabilities(accounts)
    crm.requests.clear()
    results = await write(service, accounts, *(creation(f"A{n}", name=f"A{n}") for n in range(30)))
    assert {result.outcome for result in results} == {Outcome.DONE}
    assert {result.tag for result in results} == {None}
    assert len(crm.requests.writes()) == 3


async def test_one_bad_record_does_not_spoil_a_bulk_create(service: DataverseService) -> None:
    """A refused bulk create is sent again singly: the bad record is named, the others are there."""
    writes = [creation(f"A{n}", name="x" * 500 if n == 4 else f"A{n}") for n in range(10)]
    results = await write(service, view("account", "name"), *writes)
    assert [result.outcome is Outcome.DONE for result in results] == [n != 4 for n in range(10)]
    assert results[4].error is not None
    assert results[4].error.code is ErrorCode.REJECTED_BY_SERVICE


CHOICES = TableView(
    side=Side.CRM, table="account", fields=("value", "label"), choice_column="paymenttermscode"
)


def choice(key: str, **values: Value) -> Write:
    """Return the write that adds a choice."""
    return Write(key=key, precondition=Precondition.ABSENT, values=dict(values))


async def test_choices_are_records(service: DataverseService) -> None:
    """The options of a column are listed, read by key and found by label like records."""
    page = await service.read_page(CHOICES, None)
    assert page.next is None
    assert [record.key for record in page.records] == ["1", "2", "3", "4"]
    assert page.records[0].values() == (1, "Net 30")
    found, missing = await service.read_keys(CHOICES, ("2", "999"))
    assert found is not None
    assert found.values() == (2, "2% 10, Net 30")
    assert missing is None
    by_label = await service.find_records(CHOICES, "label", ("NET 45", "nothing"))
    assert [record.key for record in by_label] == ["3"]


async def test_choice_is_added_under_its_number_and_renamed(service: DataverseService) -> None:
    """A new choice gets the number that we chose; its label may be changed; a taken number is EXISTS."""
    [added] = await write(service, CHOICES, choice("717480001", label="14 Tage netto"))
    assert added.outcome is Outcome.DONE, added
    [record] = await service.read_keys(CHOICES, ("717480001",))
    assert record is not None
    assert record.values() == (717480001, "14 Tage netto")
    assert record.tag == added.tag
    [taken] = await write(service, CHOICES, choice("717480001", label="Other"))
    assert taken.outcome is Outcome.EXISTS
    renamed = await update(service, CHOICES, "717480001", label="14 days net")
    assert renamed.outcome is Outcome.DONE
    assert (await values(service, CHOICES, "717480001"))[1] == "14 days net"
    stale = Write(
        key="717480001", precondition=Precondition.UNCHANGED, values={"label": "No"}, tag=record.tag
    )
    assert (await write(service, CHOICES, stale))[0].outcome is Outcome.STALE


async def test_choice_without_label_or_number_is_not_sent(service: DataverseService) -> None:
    """A blank label and a key that is no number are refused with the field's name."""
    results = await write(service, CHOICES, choice("717480002", label=""), choice("x", label="A"))
    assert [result.outcome for result in results] == [Outcome.REJECTED] * 2
    assert [result.error.field for result in results if result.error] == ["label", "value"]


async def test_expired_cursor_gives_a_new_one_first(service: DataverseService) -> None:
    """When the feed has forgotten a cursor, the caller gets a new one and is told to compare everything."""
    accounts = view("account", "name")
    start = await service.read_changes(accounts, None)
    assert start.cursor is not None
    forged = start.cursor.rpartition("=")[0] + "=nonsense"
    changes = await service.read_changes(accounts, forged)
    assert not changes.complete
    assert changes.cursor is not None
    await write(service, accounts, creation("A", name="A"))
    following = await service.read_changes(accounts, changes.cursor)
    assert following.complete
    assert following.keys == (key_of("A"),)


async def test_cursor_that_expired_silently_is_noticed(serve: Serve) -> None:
    """A service that answers an expired link with the whole table is compared as a whole."""
    moments = [datetime(2026, 3, 1, tzinfo=UTC)]
    crm = ready_crm(silent_when_delta_token_expired=True, now=lambda: moments[-1])
    accounts, names = view("account", "name"), [f"A{number}" for number in range(30)]
    async with HttpChannel(await serve(crm), TokenSignIn(crm.access_token())) as channel:
        service = DataverseService(channel)
        await write(service, accounts, *(creation(name, name=name) for name in names))
        start = await service.read_changes(accounts, None)
        for name in names[:25]:
            await update(service, accounts, key_of(name), name="Other")
        some = await service.read_changes(accounts, start.cursor)
        assert (some.complete, len(some.keys)) == (True, 25)
        moments.append(moments[-1] + timedelta(days=8))
        channel_after = TokenSignIn(crm.access_token())
        async with HttpChannel(channel.origin, channel_after) as renewed:
            later = await DataverseService(renewed).read_changes(accounts, some.cursor)
    assert (later.complete, later.keys) == (False, ())
    assert later.cursor is not None


async def test_cursor_of_another_address_is_no_cursor(service: DataverseService) -> None:
    """A cursor that leads to another server, because the address changed, is not followed."""
    changes = await service.read_changes(view("account", "name"), "https://old.example/api/x?$deltatoken=1")
    assert not changes.complete
    assert changes.cursor is not None


async def test_user_table_is_read_by_its_own_id(service: DataverseService) -> None:
    """Users are read by key although their metadata declares the key of their common ancestor."""
    facts = await service.facts()
    users = view("systemuser", "fullname", "internalemailaddress")
    [user] = await service.read_keys(users, (facts.user_id,))
    assert user is not None
    assert user.key == facts.user_id


async def test_unknown_table_or_column_names_what_to_correct(service: DataverseService) -> None:
    """A mapping's mistake is told in words for people."""
    with pytest.raises(ServiceMismatch, match="no table shoe"):
        await service.read_page(view("shoe", "size"), None)
    with pytest.raises(ServiceMismatch, match="no column shoesize"):
        await service.read_page(view("account", "shoesize"), None)


async def test_whole_numbers_and_amounts_keep_their_kind(service: DataverseService) -> None:
    """Choices and counts are whole numbers, money and rates are Decimal, flags are Boolean, ids are text."""
    accounts = view("account", "customertypecode", "creditlimit", "creditonhold", "numberofemployees")
    written: dict[str, Value] = {
        "customertypecode": 3,
        "creditlimit": Decimal("0.10"),
        "creditonhold": True,
        "numberofemployees": Decimal(7),
    }
    [result] = await write(service, accounts, creation("A", name="A", **written))
    assert result.outcome is Outcome.DONE, result
    read = await values(service, accounts, key_of("A"))
    assert read == (3, Decimal("0.10"), True, 7)
    assert [type(value) for value in read] == [int, Decimal, bool, int]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("P-10", {"A"}),
        ("müller", {"A", "B"}),
        ("werkzeug MÜLLER", {"B"}),
        ("O'Neill & (Co) 100%", {"C"}),
        ("otto", set()),
    ],
)
async def test_records_are_searched_by_number_and_words(
    service: DataverseService, typed: str, found: set[str]
) -> None:
    """A number begins so, or all words stand in the names together; how the accents are written does not matter."""
    held = {
        "A": ("P-1001", "Müller"),
        "B": ("P-2001", unicodedata.normalize("NFD", "Müller Werkzeuge")),
        "C": ("P-3001", "O'Neill & (Co) 100%"),
    }
    accounts = view("account", "accountnumber", "name")
    for name, (number, caption) in held.items():
        await write(service, accounts, creation(name, accountnumber=number, name=caption))
    records = await service.search_records(accounts, typed, ("name",), ("accountnumber",), count=5)
    assert {record.key for record in records} == {key_of(name) for name in found}


async def test_no_more_records_are_searched_than_wanted(service: DataverseService) -> None:
    """However many there are; choices are searched by their label."""
    accounts = view("account", "name")
    await write(service, accounts, *(creation(f"A{number}", name="Cannon") for number in range(8)))
    assert len(await service.search_records(accounts, "cannon", ("name",), (), count=5)) == 5
    labels = await service.search_records(CHOICES, "NET 45", ("label",), ("label",), count=5)
    assert [record.key for record in labels] == ["3"]
