"""Paths, query options, preferences, entity tags: what clients were seen to send."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlace.odata.etag import EntityTag, Precondition, check_precondition, parse_condition, parse_tag
from interlace.odata.filter_expression import Field
from interlace.odata.prefer import Preferences, parse_prefer
from interlace.odata.protocol_error import PathSyntaxError, ProtocolError, QueryOptionError
from interlace.odata.query_options import (
    CRM_QUERY_POLICY,
    ERP_QUERY_POLICY,
    ExpandItem,
    OrderItem,
    QueryOptions,
    parse_query,
)
from interlace.odata.resource_path import SegmentKind, parse_path


def test_company_path_of_the_erp() -> None:
    """Percent-encoded names, composite keys, double and trailing slashes."""
    path = parse_path(
        "Company('CRONUS%20International%20Ltd.')//SalesOrder(Document_Type='Order',No='1%2F2')/SalesOrderSalesLines/"
    )
    assert [segment.name for segment in path] == ["Company", "SalesOrder", "SalesOrderSalesLines"]
    assert len(path) == 3
    assert path[0].predicate is not None
    assert path[0].predicate.single == "CRONUS International Ltd."
    assert path[1].predicate is not None
    assert path[1].predicate.values_for(("Document_Type", "No")) == {"Document_Type": "Order", "No": "1/2"}
    assert path.last_kind is SegmentKind.NAME


def test_operations_and_references() -> None:
    """Bound operations carry a namespace, `$1` is a reference, `$` segments are known by kind."""
    path = parse_path("accounts(5)/Microsoft.Dynamics.CRM.CreateMultiple")
    assert path[1].is_qualified
    assert (path[1].namespace, path[1].local_name) == ("Microsoft.Dynamics.CRM", "CreateMultiple")
    reference = parse_path("$change-1/name/$value")
    assert reference[0].content_id == "change-1"
    assert reference[1].content_id is None
    assert reference.last_kind is SegmentKind.VALUE
    assert parse_path("").last_kind is None
    assert parse_path("WhoAmI()")[0].predicate is not None
    assert reference.raw == "$change-1/name/$value"


@pytest.mark.parametrize("raw", ["a(1", "(1)", "a(1)b", "a%FF", "$", "$a b", "a('x'y)"])
def test_broken_paths_are_refused(raw: str) -> None:
    """A path that breaks the grammar is an error."""
    with pytest.raises(PathSyntaxError):
        parse_path(raw)


def test_options_as_python_clients_send_them() -> None:
    """Encoded option names, plus signs for blanks, lower-case digits, several clients in one."""
    options = parse_query(
        "%24select=name%2Caccountid&%24filter=name+eq+%27O%27%27Neil%27&$count='true'&$top=10&company=X+Y&&=1"
    )
    assert options.select == ("name", "accountid")
    assert options.filter == Field("name").eq("O'Neil")
    assert options.count
    assert options.top == 10
    assert options.custom_value("company") == "X Y"
    assert options.custom_value("tenant") is None


def test_unknown_options_are_ignored_by_the_erp_and_refused_by_the_crm() -> None:
    """The same option, two policies."""
    assert parse_query("$apply=x&$skip=5&$nonsense", ERP_QUERY_POLICY).others == (
        ("$apply", "x"),
        ("$nonsense", ""),
    )
    assert parse_query("$skip=5", ERP_QUERY_POLICY).skip == 5
    assert parse_query("$schemaversion=2.1", ERP_QUERY_POLICY).others == (("$schemaversion", "2.1"),)
    assert parse_query("$apply=x&$id=a(1)", CRM_QUERY_POLICY).apply == "x"
    with pytest.raises(QueryOptionError) as caught:
        parse_query("$skip=5", CRM_QUERY_POLICY)
    assert caught.value.option == "$skip"


@pytest.mark.parametrize(
    ("query", "option"),
    [
        ("$top=-1", "$top"),
        ("$top=1&$top=2", "$top"),
        ("$skip=x", "$skip"),
        ("$top=9999999999999999999", "$top"),
        ("$count=5", "$count"),
        ("$select=a,,b", "$select"),
        ("$orderby=a sideways", "$orderby"),
        ("$expand=a(", "$expand"),
        ("$filter=a eq", "$filter"),
        ("$filter=%FF", "%FF"),
    ],
)
def test_broken_options_name_the_option(query: str, option: str) -> None:
    """An option that cannot be understood is named in the error."""
    with pytest.raises(QueryOptionError) as caught:
        parse_query(query)
    assert caught.value.option == option


def test_upper_case_direction_is_an_error_in_the_erp_only() -> None:
    """`DESC` is a syntax error in Business Central."""
    assert parse_query("$orderby=a DESC", CRM_QUERY_POLICY).order_by == (OrderItem("a", descending=True),)
    with pytest.raises(QueryOptionError):
        parse_query("$orderby=a DESC", ERP_QUERY_POLICY)


def test_nested_expansion() -> None:
    """Options in parentheses nest, are split at semicolons, and quotes protect."""
    options = parse_query(
        "$expand=lines($select=a,b;$filter=t eq ';)(';$orderby=a desc;$top=1;$expand=item($levels=max)),"
        "customer/$ref, owner($count=true; )"
    )
    assert [item.path for item in options.expand] == ["lines", "customer", "owner"]
    lines = options.expand[0].options
    assert lines.select == ("a", "b")
    assert lines.filter == Field("t").eq(";)(")
    assert lines.expand[0].options.levels == "max"
    assert options.expand[1].ref
    assert options.expand[2].options.count


def test_written_query_is_read_back_equal() -> None:
    """All options, written and read again."""
    options = QueryOptions(
        select=("a", "b/c"),
        filter=Field("Näme").eq("50% & #+?"),
        order_by=(OrderItem("a"), OrderItem("b", descending=True)),
        top=5,
        skip=2,
        count=True,
        expand=(
            ExpandItem(path="x", options=QueryOptions(select=("y",), top=1, count=True)),
            ExpandItem(path="z", options=QueryOptions(), ref=True),
        ),
        apply="groupby((a))",
        id="accounts(1)",
        levels="2",
        aliases={"p1": "'v'"},
        custom=(("company", "Möbel & Co"),),
        others=(("$format", "json"),),
        skip_token="<cookie a='1'/>",
        delta_token="919042!08/22/2017 08:10:44",
    )
    assert parse_query(options.to_query()) == options
    assert QueryOptions().to_query() == ""


@given(st.text())
def test_any_query_string_is_parsed_or_refused(raw: str) -> None:
    """No query string breaks the parser in another way than its own error."""
    with contextlib.suppress(ProtocolError):
        parse_query(raw)
    with contextlib.suppress(ProtocolError):
        parse_path(raw)


# --- preferences


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, Preferences()),
        ("return=representation", Preferences(return_representation=True)),
        ("return=minimal, respond-async", Preferences(return_minimal=True, respond_async=True)),
        (
            'odata.maxpagesize=3,odata.include-annotations="OData.Community.*,a"',
            Preferences(page_size=3, annotations="OData.Community.*,a"),
        ),
        ("odata.track-changes,odata.maxpagesize=3", Preferences(track_changes=True, page_size=3)),
        ("maxpagesize = 7 ; x=1, maxpagesize=9", Preferences(page_size=7)),
        ("odata.maxpagesize=0", Preferences()),
        ("odata.maxpagesize=many", Preferences()),
        ("odata.continue-on-error", Preferences(continue_on_error=True)),
        ("continue-on-error=true", Preferences(continue_on_error=True)),
        ("odata.continue-on-error=false", Preferences()),
        (
            'odata.callback; url="http://x,y", return-no-content, ,,',
            Preferences(others=(("callback", ""), ("return-no-content", ""))),
        ),
        ('x="a\\"b"', Preferences(others=(("x", 'a"b'),))),
        ("return=nonsense", Preferences()),
    ],
)
def test_prefer_header_is_read(header: str | None, expected: Preferences) -> None:
    """Lists, quoted values, prefixes, the first entry wins, nonsense is ignored."""
    assert parse_prefer(header) == expected


def test_prefer_header_is_written() -> None:
    """What is written is read back."""
    wanted = Preferences(
        return_minimal=True,
        page_size=5,
        annotations="*",
        track_changes=True,
        continue_on_error=True,
        respond_async=True,
        others=(("wait", "5"), ("x", "")),
    )
    assert parse_prefer(wanted.header()) == wanted
    assert Preferences(return_representation=True).header() == "return=representation"


@pytest.mark.parametrize(
    ("asked", "name", "included"),
    [
        (None, "a.b", False),
        ("*", "a.b", True),
        ("a.*", "a.b", True),
        ("a.*,-a.b", "a.b", False),
        ("OData.Community.Display.V1.FormattedValue", "OData.Community.Display.V1.FormattedValue", True),
        ("c.*", "a.b", False),
    ],
)
def test_annotations_are_included_when_asked_for(asked: str | None, name: str, *, included: bool) -> None:
    """Wildcards and exclusions of include-annotations."""
    assert Preferences(annotations=asked).includes(name) is included


@given(st.text())
def test_any_prefer_header_is_read(header: str) -> None:
    """No header breaks the parser."""
    assert parse_prefer(header).page_size != 0


# --- entity tags

TAG = EntityTag("5")


@pytest.mark.parametrize(
    ("current", "if_match", "if_none_match", "expected"),
    [
        (TAG, None, None, Precondition.HOLDS),
        (TAG, "*", None, Precondition.HOLDS),
        (None, "*", None, Precondition.MATCH_FAILED),
        (TAG, 'W/"5"', None, Precondition.HOLDS),
        (TAG, '"5"', None, Precondition.HOLDS),
        (TAG, 'W/"4", W/"5"', None, Precondition.HOLDS),
        (TAG, 'W/"4"', None, Precondition.MATCH_FAILED),
        (None, 'W/"4"', None, Precondition.MATCH_FAILED),
        (TAG, None, "*", Precondition.NONE_MATCH_FAILED),
        (None, None, "*", Precondition.HOLDS),
        (TAG, None, "null", Precondition.HOLDS),
        (TAG, "null", "", Precondition.HOLDS),
        (TAG, None, 'W/"5"', Precondition.NONE_MATCH_FAILED),
        (TAG, None, 'W/"6"', Precondition.HOLDS),
    ],
)
def test_preconditions(
    current: EntityTag | None, if_match: str | None, if_none_match: str | None, expected: Precondition
) -> None:
    """Both headers, lists, `*`, and `null` that means nothing."""
    assert check_precondition(current, if_match=if_match, if_none_match=if_none_match) is expected


def test_tags_are_read_and_written() -> None:
    """Strong and weak tags keep their spelling."""
    for text in ('W/"20;MTIz1;00;"', '"x"', 'W/""'):
        assert parse_tag(text).text == text


@pytest.mark.parametrize("header", ["5", '"a" "b"', 'W/"a', '"a",', "*,*"])
def test_broken_conditions_are_refused(header: str) -> None:
    """A header that is no list of tags is an error, never silently true."""
    with pytest.raises(ProtocolError):
        parse_condition(header)
    with pytest.raises(ProtocolError):
        parse_tag(header)
