"""Answers to writes that claim success and do not prove it."""

import json
from typing import Any

import pytest
from tests.connectors.stub_channel import StubChannel

from interlace.connectors.business_central.published_tables import PublishedTable
from interlace.connectors.business_central.tables import ErpTable
from interlace.connectors.business_central.writing import ErpWriter
from interlace.connectors.dataverse.tables import CrmTable
from interlace.connectors.dataverse.writing import CrmWriter
from interlace.connectors.http_message import HttpAnswer, NoAnswer, NothingSent
from interlace.connectors.odata_table import ColumnKind, WireColumn
from interlace.domain.side import Side
from interlace.engine.ports import Deletion, Outcome, Precondition, TableView, Write

KEYS = [f"00000000-0000-4000-8000-00000000000{n}" for n in range(4)]
ACCOUNT = CrmTable(
    name="account",
    set_name="accounts",
    key="accountid",
    columns={"name": WireColumn(name="name", kind=ColumnKind.TEXT)},
    creates_in_bulk=True,
)
CUSTOMER = ErpTable(
    published=PublishedTable(name="Customer", service="CustomerCard", key=("No",), search_field="No"),
    columns={
        name: WireColumn(name=name, kind=ColumnKind.TEXT) for name in ("No", "Name", "Blocked", "Search_Name")
    },
    options=frozenset({"Blocked"}),
)
CRM_VIEW = TableView(side=Side.CRM, table="account", fields=("name",))


def creation(key: str) -> Write:
    """Return a create."""
    return Write(key=key, precondition=Precondition.ABSENT, values={"name": "A"})


def ids(*keys: str) -> HttpAnswer:
    """Return the answer to a bulk create."""
    return HttpAnswer(status=200, body=json.dumps({"Ids": keys}).encode())


def part(status: int, *headers: str, body: str = "") -> str:
    """Return one part of a multipart answer."""
    lines = [f"HTTP/1.1 {status} Any", *headers]
    return "Content-Type: application/http\r\n\r\n" + "\r\n".join(lines) + f"\r\n\r\n{body}"


def multipart(*parts: str) -> HttpAnswer:
    """Return a multipart answer."""
    text = "".join(f"--b\r\n{each}\r\n" for each in parts) + "--b--\r\n"
    headers = {"content-type": "multipart/mixed; boundary=b"}
    return HttpAnswer(status=200, headers=headers, body=text.encode())


async def create(channel: StubChannel, *keys: str) -> list[Outcome]:
    """Create accounts through a stub."""
    writer = CrmWriter(channel, "/api/", bulk_size=10, batch_size=10)
    results = await writer.write(ACCOUNT, CRM_VIEW, [creation(key) for key in keys])
    return [result.outcome for result in results]


@pytest.mark.parametrize(
    "answer", [ids(), ids(KEYS[0]), ids(KEYS[1], KEYS[0]), ids(KEYS[0], KEYS[2]), HttpAnswer(status=204)]
)
async def test_bulk_create_that_names_other_keys_is_unknown(answer: HttpAnswer) -> None:
    """A bulk create is believed only when it names every key in order."""
    assert await create(StubChannel(answer), *KEYS[:2]) == [Outcome.UNKNOWN] * 2


async def test_bulk_create_that_names_every_key_is_done() -> None:
    """Letter case of ids does not matter."""
    assert await create(StubChannel(ids(*(key.upper() for key in KEYS))), *KEYS) == [Outcome.DONE] * 4


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (NoAnswer("cut"), Outcome.UNKNOWN),
        (NothingSent("no route"), Outcome.RETRY_LATER),
        (HttpAnswer(status=429), Outcome.RETRY_LATER),
        (HttpAnswer(status=500), Outcome.UNKNOWN),
        (HttpAnswer(status=401), Outcome.RETRY_LATER),
    ],
)
async def test_bulk_create_in_trouble_is_not_sent_singly(failure: Any, outcome: Outcome) -> None:
    """Only a refusal for good is looked into record by record; trouble is every record's outcome."""
    channel = StubChannel(failure)
    assert await create(channel, *KEYS[:2]) == [outcome] * 2
    assert len(channel.sent) == 1


async def test_too_large_bulk_create_is_halved() -> None:
    """A bulk create refused for its size is sent again in halves, and a single one as a batch."""
    channel = StubChannel(HttpAnswer(status=413), ids(*KEYS[:2]), ids(*KEYS[2:]))
    assert await create(channel, *KEYS) == [Outcome.DONE] * 4
    assert len(channel.sent) == 3


async def test_answer_about_another_record_is_unknown() -> None:
    """A success whose address names another record proves nothing about ours."""
    other = f"OData-EntityId: http://127.0.0.1:1/api/accounts({KEYS[1]})"
    own = f"OData-EntityId: http://127.0.0.1:1/api/accounts({KEYS[0]})"
    assert await create(StubChannel(multipart(part(204, other))), KEYS[0]) == [Outcome.UNKNOWN]
    assert await create(StubChannel(multipart(part(204, own))), KEYS[0]) == [Outcome.DONE]


async def erp_write(body: object, status: int = 200) -> list[tuple[Outcome, str | None]]:
    """Update a customer through a stub that answers with a body."""
    answer = {"responses": [{"id": "1", "status": status, "body": body}]}
    channel = StubChannel(HttpAnswer(status=200, body=json.dumps(answer).encode()))
    writer = ErpWriter(channel, "/BC/", "/BC/Company('X')/", batch_size=10)
    write = Write(key="A/1", precondition=Precondition.UNCHANGED, values={"Blocked": None, "Name": "A"})

    async def refresh() -> None:
        """Fail: nothing here needs virtual fields."""
        raise AssertionError

    results = await writer.write(CUSTOMER, {}, refresh, [write])
    sent = json.loads(channel.sent[0].body or b"")["requests"][0]
    assert sent["url"] == "Company('X')/CustomerCard(No='A%2F1')"
    assert sent["body"] == {"Blocked": "_x0020_", "Name": "A"}
    assert {name.lower(): value for name, value in sent["headers"].items()}["if-match"] == "*"
    return [(result.outcome, result.tag) for result in results]


async def test_erp_answer_must_hold_the_record_written() -> None:
    """The ERP answers with the record: its key must be ours, its etag is the write's tag."""
    assert await erp_write({"No": "A/1", "@odata.etag": 'W/"2"'}) == [(Outcome.DONE, 'W/"2"')]
    assert await erp_write({"No": "B", "@odata.etag": 'W/"2"'}) == [(Outcome.UNKNOWN, None)]
    assert await erp_write({}) == [(Outcome.UNKNOWN, None)]
    assert await erp_write([1]) == [(Outcome.UNKNOWN, None)]
    assert await erp_write(None, status=204) == [(Outcome.DONE, None)]


async def test_lost_answers_to_deletions_are_unknown() -> None:
    """A deletion without an answer may have happened, on both sides."""
    erp = ErpWriter(StubChannel(NoAnswer("cut")), "/BC/", "/BC/Company('X')/", batch_size=10)
    crm = CrmWriter(StubChannel(NoAnswer("cut")), "/api/", bulk_size=10, batch_size=10)
    results = await erp.delete(CUSTOMER, [Deletion(key="A")])
    results += await crm.delete(ACCOUNT, [Deletion(key=KEYS[0], tag='W/"1"')])
    assert [result.outcome for result in results] == [Outcome.UNKNOWN] * 2
