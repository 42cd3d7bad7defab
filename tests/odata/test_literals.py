"""Literals, wire values and keys: facts of both services, errors and round trips."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlace.odata.edm import PrimitiveType
from interlace.odata.keys import (
    JsonArgument,
    KeyPredicate,
    ParameterAlias,
    format_key,
    parse_key_predicate,
)
from interlace.odata.literals import (
    EnumLiteral,
    PrimitiveValue,
    format_duration,
    format_literal,
    parse_binary,
    parse_duration,
    parse_literal,
    parse_moment,
)
from interlace.odata.protocol_error import LiteralSyntaxError, PathSyntaxError
from interlace.odata.resource_path import parse_path
from interlace.odata.wire_values import json_decoder, json_encoder, read_wire, write_wire

VALUES: st.SearchStrategy[PrimitiveValue] = st.one_of(
    st.none(),
    st.booleans(),
    st.text(),
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20),
    st.uuids(),
    st.dates(),
    st.datetimes(
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=-7))]),
        min_value=datetime.fromisoformat("0002-01-01"),
        max_value=datetime.fromisoformat("9998-01-01"),
    ),
    st.times(),
    st.timedeltas(),
    st.binary(),
    st.just(EnumLiteral("NS.E", "A,B")),
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'O''Neil'", "O'Neil"),
        ("''", ""),
        ("10", 10),
        ("-7", -7),
        ("12.50", Decimal("12.50")),
        ("1e3", Decimal(1000)),
        ("true", True),
        ("null", None),
        ("5F0E2D4C-0000-4000-8000-00000000000A", UUID("5f0e2d4c-0000-4000-8000-00000000000a")),
        ("2026-01-31", date(2026, 1, 31)),
        ("0001-01-01", date(1, 1, 1)),
        ("2026-01-31T10:20:30.1234567Z", datetime(2026, 1, 31, 10, 20, 30, 123456, UTC)),
        ("2026-01-31T10:20-01:30", datetime(2026, 1, 31, 11, 50, tzinfo=UTC)),
        ("10:20:30.5", time(10, 20, 30, 500000)),
        ("duration'-P1DT2H3M4.5S'", -timedelta(days=1, hours=2, minutes=3, seconds=4, milliseconds=500)),
        ("binary'-_8='", b"\xfb\xff"),
        (
            "Microsoft.Dynamics.CRM.EndpointAccessType'Default'",
            EnumLiteral("Microsoft.Dynamics.CRM.EndpointAccessType", "Default"),
        ),
        ("INF", float("inf")),
        ("-INF", float("-inf")),
    ],
)
def test_literal_has_the_value(text: str, value: PrimitiveValue) -> None:
    """The literal stands for the value, types included."""
    parsed = parse_literal(text)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "'a",
        "2026-02-30",
        "2026-13-01",
        "0001-01-01T00:00:00+05:00",
        "duration'P'",
        "duration'P1DT'",
        "duration'PT'",
        "duration'P9999999999D'",
        "binary'a'",
        "binary'***'",
        "5f0e2d4c",
    ],
)
def test_broken_literals_are_refused(text: str) -> None:
    """What is no literal, or none the calendar knows, is an error that quotes the text."""
    with pytest.raises(LiteralSyntaxError):
        parse_literal(text)


@given(VALUES)
def test_literals_survive_a_round_trip(value: PrimitiveValue) -> None:
    """Formatting and parsing gives the value back."""
    assert parse_literal(format_literal(value)) == value


def test_special_numbers_are_written_and_read() -> None:
    """Floats keep their value; what is no number has a word."""
    assert format_literal(0.1) == "0.1"
    assert [format_literal(float(each)) for each in ("inf", "-inf", "nan")] == ["INF", "-INF", "NaN"]
    assert str(parse_literal("NaN")) == "nan"
    with pytest.raises(LiteralSyntaxError):
        format_literal(Decimal("NaN"))
    with pytest.raises(LiteralSyntaxError):
        format_literal(datetime.fromisoformat("2026-01-01"))
    assert format_duration(timedelta(seconds=90)) == "P0DT90S"
    assert parse_duration("PT90M") == timedelta(minutes=90)
    assert parse_binary("+/8=") == parse_binary("-_8")
    assert parse_moment("2026-01-01t00:00:00z") == datetime(2026, 1, 1, tzinfo=UTC)


def test_decimals_stay_exact_on_the_wire() -> None:
    """Money passes JSON both ways with its own digits."""
    text = b'{"amount":0.1000,"big":123456789012345678.90}'
    assert json_encoder.encode(json_decoder.decode(text)) == text


@pytest.mark.parametrize(
    ("edm_type", "raw", "value"),
    [
        (PrimitiveType.STRING, "a", "a"),
        (
            PrimitiveType.GUID,
            "5F0E2D4C-0000-4000-8000-00000000000A",
            UUID("5f0e2d4c-0000-4000-8000-00000000000a"),
        ),
        (PrimitiveType.INT16, -32768, -32768),
        (PrimitiveType.INT32, Decimal("5.0"), 5),
        (PrimitiveType.INT64, "9223372036854775807", 2**63 - 1),
        (PrimitiveType.DECIMAL, 5, Decimal(5)),
        (PrimitiveType.DECIMAL, "1.50", Decimal("1.50")),
        (PrimitiveType.DECIMAL, 0.1, Decimal("0.1")),
        (PrimitiveType.DOUBLE, Decimal("0.5"), 0.5),
        (PrimitiveType.DOUBLE, "-INF", float("-inf")),
        (PrimitiveType.BOOLEAN, True, True),
        (PrimitiveType.DATE, "2026-01-01", date(2026, 1, 1)),
        (PrimitiveType.DATE_TIME_OFFSET, "2026-01-01T00:00:00Z", datetime(2026, 1, 1, tzinfo=UTC)),
        (PrimitiveType.TIME_OF_DAY, "10:00:00", time(10)),
        (PrimitiveType.DURATION, "PT1S", timedelta(seconds=1)),
        (PrimitiveType.BINARY, "Zm9v", b"foo"),
        (PrimitiveType.STREAM, "Zm9v", b"foo"),
        (PrimitiveType.STRING, None, None),
    ],
)
def test_wire_value_is_read_by_type(edm_type: PrimitiveType, raw: object, value: PrimitiveValue) -> None:
    """A JSON value of the right kind becomes the typed value."""
    assert read_wire(raw, edm_type) == value


@pytest.mark.parametrize(
    ("edm_type", "raw"),
    [
        (PrimitiveType.STRING, 5),
        (PrimitiveType.GUID, "x"),
        (PrimitiveType.GUID, "5"),
        (PrimitiveType.INT16, 32768),
        (PrimitiveType.INT32, "5"),
        (PrimitiveType.INT32, True),
        (PrimitiveType.INT32, Decimal("1.5")),
        (PrimitiveType.DECIMAL, True),
        (PrimitiveType.DECIMAL, "abc"),
        (PrimitiveType.DECIMAL, "NaN"),
        (PrimitiveType.DOUBLE, "1"),
        (PrimitiveType.DOUBLE, Decimal("1e999")),
        (PrimitiveType.BOOLEAN, 1),
        (PrimitiveType.DATE, "2026-13-01"),
        (PrimitiveType.DATE_TIME_OFFSET, "2026-01-01"),
        (PrimitiveType.TIME_OF_DAY, "25:00"),
    ],
)
def test_wire_value_of_another_type_is_refused(edm_type: PrimitiveType, raw: object) -> None:
    """A JSON value of the wrong kind or range is an error that names the type."""
    with pytest.raises(LiteralSyntaxError, match=edm_type.value):
        read_wire(raw, edm_type)


TYPES: dict[type, PrimitiveType] = {
    bool: PrimitiveType.BOOLEAN,
    str: PrimitiveType.STRING,
    Decimal: PrimitiveType.DECIMAL,
    float: PrimitiveType.DOUBLE,
    UUID: PrimitiveType.GUID,
    date: PrimitiveType.DATE,
    datetime: PrimitiveType.DATE_TIME_OFFSET,
    time: PrimitiveType.TIME_OF_DAY,
    timedelta: PrimitiveType.DURATION,
    bytes: PrimitiveType.BINARY,
}


@given(st.one_of(VALUES, st.floats(allow_nan=False)).filter(lambda value: type(value) in TYPES))
def test_wire_values_survive_json(value: PrimitiveValue) -> None:
    """Writing to JSON text and reading by type gives the value back."""
    text = json_encoder.encode(write_wire(value))
    assert read_wire(json_decoder.decode(text), TYPES[type(value)]) == value


def test_wire_values_without_a_type_of_their_own() -> None:
    """Whole numbers, null and enumeration members are written as they are."""
    assert write_wire(5) == 5
    assert write_wire(None) is None
    assert [write_wire(float(each)) for each in ("0.5", "-inf")] == [Decimal("0.5"), "-INF"]
    assert write_wire(EnumLiteral("NS.E", "A")) == "A"
    with pytest.raises(LiteralSyntaxError):
        write_wire(Decimal("Infinity"))


# --- keys


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("'x'", ((None, "x"),)),
        ("Document_Type='Order',No='1'", (("Document_Type", "Order"), ("No", "1"))),
        (" a = 'v' , b = 2 ", (("a", "v"), ("b", 2))),
        (
            "_primarycontactid_value=00000000-0000-0000-0000-000000000001",
            (("_primarycontactid_value", UUID(int=1)),),
        ),
        ("AccessType=@p1", (("AccessType", ParameterAlias("p1")),)),
        ("@key", ((None, ParameterAlias("key")),)),
        (
            'EntityNames=["account","a]\\"b"],X={"a":[1]}',
            (("EntityNames", JsonArgument('["account","a]\\"b"]')), ("X", JsonArgument('{"a":[1]}'))),
        ),
        (
            "Starting_Date=2026-01-01,Minimum_Quantity=10.5",
            (("Starting_Date", date(2026, 1, 1)), ("Minimum_Quantity", Decimal("10.5"))),
        ),
        ("", ()),
    ],
)
def test_key_predicate_is_read(text: str, parts: Any) -> None:
    """Positional, named and lookup keys, aliases and JSON arguments."""
    assert parse_key_predicate(text).parts == parts


@pytest.mark.parametrize(
    "text",
    ["'a','b'", "a='1',a='2'", "a=", "a='1',", "a='1' b='2'", "abc", "2026-02-30", "a=[1", "a='1',2", '["a'],
)
def test_broken_key_predicates_are_refused(text: str) -> None:
    """A key that cannot be understood is an error, not another key."""
    with pytest.raises(PathSyntaxError):
        parse_key_predicate(text)


def test_key_predicate_gives_values_for_a_key() -> None:
    """A predicate fits a key by place or by names, in any order, or not at all."""
    named = parse_key_predicate("b=2,a='x'")
    assert named.values_for(("a", "b")) == {"a": "x", "b": 2}
    assert named.values_for(("a",)) is None
    assert named.values_for(("a", "c")) is None
    assert named.names == ("b", "a")
    positional = parse_key_predicate("'x'")
    assert positional.values_for(("No",)) == {"No": "x"}
    assert positional.values_for(("No", "Type")) is None
    assert positional.single == "x"
    assert KeyPredicate(()).is_empty
    with pytest.raises(PathSyntaxError):
        _ = named.single
    assert str(parse_key_predicate("a=@b,c=[1]")) == "(a=@b,c=[1])"


@given(st.dictionaries(st.sampled_from(["No", "Line_No", "_x_value"]), VALUES, min_size=1))
def test_keys_survive_a_path(values: dict[str, PrimitiveValue]) -> None:
    """A formatted key, put in a path and parsed again, holds the same values."""
    path = parse_path(f"Set{format_key(values)}/Name")
    assert path[0].predicate == KeyPredicate.named(values)
    assert parse_path(path.raw) == path


@given(VALUES)
def test_single_keys_survive_a_path(value: PrimitiveValue) -> None:
    """A positional key survives percent-encoding too."""
    encoded = format_key(value)
    assert "+" not in encoded
    assert parse_path(f"Set{encoded}")[0].predicate == KeyPredicate.of(value)
    assert parse_key_predicate(unquote(encoded)[1:-1]) == KeyPredicate.of(value)
