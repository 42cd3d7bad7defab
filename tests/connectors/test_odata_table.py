"""Pages are split, decoded on demand and checked; continuations in circles are noticed."""

from decimal import Decimal

import msgspec
import pytest

from interlace.connectors.odata_table import (
    ColumnKind,
    ListingTrail,
    RawRecord,
    RecordReader,
    WireColumn,
    kind_of,
    split_page,
)
from interlace.engine.service import ServiceMismatch

COLUMNS = [
    WireColumn(name="Name", kind=ColumnKind.TEXT),
    WireColumn(name="Amount", kind=ColumnKind.AMOUNT),
    WireColumn(name="Day", kind=ColumnKind.DATE),
    WireColumn(name="Blocked", kind=ColumnKind.BOOLEAN),
]
NUMBER = WireColumn(name="No", kind=ColumnKind.TEXT)


def reader() -> RecordReader:
    """Return a reader of one view."""
    return RecordReader(columns=COLUMNS, key_columns=[NUMBER], key_of=lambda parts: str(parts[0]))


def records(*bodies: str) -> list[RawRecord]:
    """Read a page of records."""
    page = split_page(('{"value":[' + ",".join(bodies) + "]}").encode())
    return reader().read(page.records)


def test_record_is_decoded_in_the_order_of_the_view() -> None:
    """Values come in the view's order whatever the order on the wire; other members are passed over."""
    body = '{"@odata.etag":"W/\\"1\\"","Blocked":true,"x":{"y":[1]},"Amount":1.10,"No":"A","Name":"Ü"}'
    [record] = records(body)
    assert (record.key, record.tag) == ("A", 'W/"1"')
    assert record.values() == ("Ü", Decimal("1.10"), None, True)


@pytest.mark.parametrize("number", ["0.1", "1234567890123456789.0123456789", "1e-10", "0.30000000000000004"])
def test_amounts_keep_every_digit(number: str) -> None:
    """A number becomes the Decimal that its digits say, never by way of floating point."""
    assert records(f'{{"No":"A","Amount":{number}}}')[0].values()[1] == Decimal(number)


def test_blank_date_is_nothing() -> None:
    """The ERP's blank date means that there is none."""
    assert records('{"No":"A","Day":"0001-01-01"}')[0].values()[2] is None
    assert records('{"No":"A","Day":"2026-01-01"}')[0].values()[2] == "2026-01-01"


def test_digest_follows_the_bytes() -> None:
    """Equal bytes give an equal digest, one changed byte another one."""
    one, same, other = records('{"No":"A","Name":"x"}', '{"No":"A","Name":"x"}', '{"No":"A","Name":"y"}')
    assert one.digest == same.digest != other.digest
    assert len(one.digest) == 16


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"value": 1}', b"<html>", b'{"value": [', b"\xff"])
def test_answer_that_is_no_page_is_told(body: bytes) -> None:
    """Anything but a collection is refused, whatever it is."""
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        split_page(body)


@pytest.mark.parametrize("body", ['{"Name":"x"}', '{"No":null}', '{"No":5}', "1", "null"])
def test_record_without_its_key_is_told(body: str) -> None:
    """A record whose key is missing or of another type is the service's breach of its metadata."""
    with pytest.raises(ServiceMismatch):
        records(body)


def test_value_of_another_type_is_told_when_it_is_read() -> None:
    """A value that contradicts the metadata fails its own record, when its values are asked for."""
    good, bad = records('{"No":"A","Name":"x"}', '{"No":"B","Name":5}')
    assert good.values()[0] == "x"
    with pytest.raises(ServiceMismatch, match="Record B"):
        bad.values()


def test_composite_key_is_joined() -> None:
    """A key of several columns is what the table makes of them."""
    line = WireColumn(name="Line", kind=ColumnKind.WHOLE)
    joined = RecordReader(
        columns=COLUMNS, key_columns=[NUMBER, line], key_of=lambda parts: "/".join(map(str, parts))
    )
    [record] = joined.read([msgspec.Raw(b'{"Line":10000,"No":"A"}')])
    assert record.key == "A/10000"


def test_unknown_types_are_read_as_text() -> None:
    """Enumerations travel as text."""
    assert kind_of("Microsoft.NAV.blocked") is ColumnKind.TEXT
    assert kind_of("Edm.Decimal") is ColumnKind.AMOUNT


@pytest.mark.parametrize("links", [["a", "a"], ["a", "b", "a"], ["a", "b", "c", "b"]])
def test_continuation_in_circles_is_noticed(links: list[str]) -> None:
    """A continuation that was followed already ends the listing instead of repeating it for ever."""
    trail = ListingTrail()
    for after, link in zip([None, *links[:-2]], links[:-1], strict=True):
        trail.follow(after, link)
    with pytest.raises(ServiceMismatch, match="leads back"):
        trail.follow(links[-2], links[-1])


def test_listings_side_by_side_do_not_disturb_each_other() -> None:
    """Two listings may meet the same continuation; a listing may be taken up again in the middle."""
    trail = ListingTrail()
    trail.follow(None, "a")
    trail.follow(None, "a")
    trail.follow("a", "b")
    trail.follow("a", "b")
    trail.follow("b", None)
    for number in range(200):
        trail.follow(f"x{number}", f"y{number}")
