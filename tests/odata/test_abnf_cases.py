"""The grammar against facts of the OASIS ABNF test cases: rule, input, whether the rule accepts it.

Where this implementation decides otherwise on purpose, the case stands in a list of its own with the
reason, so that a deviation is never silent.
"""

from __future__ import annotations

import pytest

from interlace.odata.filter_parser import parse_filter, parse_value
from interlace.odata.literals import parse_literal
from interlace.odata.protocol_error import LiteralSyntaxError, ProtocolError
from interlace.odata.query_options import parse_query
from interlace.odata.resource_path import parse_path

LITERALS = [
    ("binaryLiteral", "binary''", True),
    ("binaryLiteral", "binary'Zg=='", True),
    ("binaryLiteral", "binary'Zg'", True),
    ("binaryLiteral", "binary'Zm8='", True),
    ("binaryLiteral", "binary'Zm9vYmFy'", True),
    ("binaryLiteral", "X'1a2B3c4D'", False),
    ("boolean", "true", True),
    ("boolean", "false", True),
    ("null", "null", True),
    ("date", "2012-09-03", True),
    ("dateTimeOffset", "2012-09-03T13:52Z", True),
    ("dateTimeOffset", "2012-09-03T22:09:02Z", True),
    ("dateTimeOffset", "2012-08-31T18:19:22.1Z", True),
    ("dateTimeOffset", "2012-09-03T14:53+02:00", True),
    ("dateTimeOffset", "2011-12-31T24:00Z", False),
    ("dateTimeOffset", "2011-12-31T24:00:00Z", False),
    ("dateTimeOffset", "2012-09-03T24:00-03:00", False),
    ("dateTimeOffset", "2012-09-03T23%3A59Z", False),
    ("decimal", "3.14", True),
    ("decimal", "-1.234567e3", True),
    ("decimal", "1e-101", True),
    ("decimal", "-2", True),
    ("decimal", "+42", True),
    ("decimal", "42.", False),
    ("decimal", ".1", False),
    ("double", "-0.314e1", True),
    ("double", "-0.314e1e2", False),
    ("double", "-INF", True),
    ("double", "INF", True),
    ("double", "NaN", True),
    ("single", "+0.314e+1", True),
    ("int64", "1234567890123456789", True),
    ("int16", "+32000", True),
    ("durationLiteral", "duration'P6DT23H59M59.9999S'", True),
    ("durationLiteral", "duration'-P6DT23H59M59.9999S'", True),
    ("durationLiteral", "duration'+P6DT23H59M59.9999S'", False),
    ("durationLiteral", "duration'P1Y6DT23H59M59.9999S'", False),
    ("durationLiteral", "duration'P1M6DT23H59M59.9999S'", False),
    (
        "stringLiteral",
        "'ABCDEFGHIHJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&('')*+,;=:@'",
        True,
    ),
    ("stringLiteral", "'O''Neil'", True),
    ("stringLiteral", "'O'Neil'", False),
    ("guid", "01234567-89ab-cdef-0123-456789abcdef", True),
    ("guid", "01234g67-89ab-cdef-0123-456789abcdef", False),
    ("guid", "01234567-89ab-cdef-456789abcdef", False),
    ("timeOfDay", "11:22:33", True),
    ("timeOfDay", "11:22", True),
    ("timeOfDay", "11:22:33.4444444", True),
    ("timeOfDay", "24:00:00", False),
    ("enum", "Sales.Pattern'Yellow'", True),
]

OTHER_LITERALS = [
    ("0000-01-01", "the calendar of the language begins with year 1"),
    ("-10000-04-01", "the calendar of the language begins with year 1"),
    ("0000-01-01T00:00Z", "the calendar of the language begins with year 1"),
    ("1972-06-30T23:59:60Z", "the clock of the language has no leap seconds"),
    ("tRUe", "OData 4.0 spells it in lower case"),
]

FILTERS = [
    ("filter", "true", True),
    ("filter", "Completed", True),
    ("filter", "Products/$count gt 0", True),
    ("boolCommonExpr", "true eq false", True),
    ("boolCommonExpr", "Size eq 4.0", True),
    ("boolCommonExpr", "Street eq 'Hugo'", True),
    ("boolCommonExpr", "Address/Street eq 'Hugo'", True),
    ("boolCommonExpr", "Name ne 'Milk'", True),
    ("boolCommonExpr", "Name gt 'Milk'", True),
    ("boolCommonExpr", "Name ge 'Milk'", True),
    ("boolCommonExpr", "Name lt 'Milk'", True),
    ("boolCommonExpr", "Name le 'Milk'", True),
    ("boolCommonExpr", "true and false", True),
    ("boolCommonExpr", "true or false", True),
    ("notExpr", "not false", True),
    ("boolCommonExpr", "Supplier/Name eq 'Milk'", True),
    ("boolCommonExpr", "not endswith(Name,'ilk')", True),
    ("boolCommonExpr", "style has Sales.Pattern'Yellow'", True),
    ("boolCommonExpr", "Name in ('Milk', 'Cheese')", True),
    ("boolCommonExpr", 'Name in ["Milk", "Cheese"]', True),
    ("commonExpr", "Price add 2.45", True),
    ("commonExpr", "(Price add 2.45) mod 2", True),
    ("commonExpr", "-Price", True),
    ("commonExpr", "Price divby 2", True),
    ("boolCommonExpr", "Price mul 2.0 eq 5.10", True),
    ("boolCommonExpr", "Rating mod 5 eq 0", True),
    ("boolCommonExpr", "( true )", True),
    ("boolCommonExpr", "(4 add 5) mod (4 sub 1) eq 0", True),
    ("commonExpr", "concat(CompanyName, Name)", True),
    ("commonExpr", "concat(concat(Street,'-'),City)", True),
    ("boolCommonExpr", "contains(CompanyName,'lfreds')", True),
    ("boolCommonExpr", "length(CompanyName) eq 19", True),
    ("boolCommonExpr", "startswith(Supplier/Name,'Futterkiste')", True),
    ("commonExpr", "substring(CompanyName,5,2)", True),
    ("commonExpr", "hassubsequence([4,1,3],[4,3])", True),
    ("commonExpr", "maxdatetime()", True),
    ("commonExpr", "now( )", True),
    ("commonExpr", "totaloffsetminutes(ReleaseDate)", True),
    ("commonExpr", "cast(Category,Edm.Boolean)", True),
    ("isofExpr", "isof(Category,Model.Customer)", True),
    ("boolCommonExpr", "lambda/Name eq $it/Name", True),
    ("commonExpr", "Products/any(lambda:true)", True),
    ("commonExpr", "Products/any( lambda : true )", True),
    ("commonExpr", "Products/any()", True),
    ("commonExpr", "DirectReports/Sales.Manager/any()", True),
    ("commonExpr", "Supplier/Products/any(lambda:true)", True),
    ("commonExpr", "Products/any(lambda:lambda/Completed)", True),
    ("boolCommonExpr", "any()", False),
    ("boolCommonExpr", "all(lambda:true)", False),
    ("boolCommonExpr", "Products/all(lambda:true)", True),
    ("boolCommonExpr", "Products/all()", False),
    ("filter", "ReleaseDate gt 2013-05-24", True),
    ("commonExpr", "FirstName in [\"Miller\",'Smith']", True),
    ("commonExpr", "FirstName in []", True),
    ("filter", "endswith($it,'.com')", True),
    ("boolCommonExpr", "$this eq 'Hugo'", True),
    ("filter", " ", False),
    ("boolCommonExpr", "Name eq", False),
    ("boolCommonExpr", "Name eq 'Milk' Price eq 3", False),
    ("boolCommonExpr", "Name eq 'O'Neil'", False),
    ("boolCommonExpr", "(Name eq 'Milk'", False),
    ("boolCommonExpr", "Name eq 'Milk'and true", False),
]

OTHER_FILTERS = [
    ("Name EQ 'Milk' AND Price LT 2.55", "OData 4.0 and both services spell operators in lower case"),
    ('Address eq {"Street":"NE 40th"}', "objects in filters are not offered"),
    ("Products/$count($filter=Price gt 5.00) gt 2", "filtered counts are not offered"),
    ("$root/SalesOrganizations('A') eq 1", "entities of other sets in filters are not offered"),
    ("Price/@Measures.Currency eq 'EUR'", "annotations in filters are not offered"),
]

PATHS = [
    ("resourcePath", "Categories(1)/Products", True),
    ("resourcePath", "Categories(ID=1)", True),
    ("resourcePath", "Categories(@key)", True),
    ("resourcePath", "Categories(ID=@key)", True),
    ("odataRelativeUri", "Customers('O''Neil')", True),
    ("odataRelativeUri", "Customers(%27O%27%27Neil%27)", True),
    ("odataRelativeUri", "Customers('O%27Neil')", False),
    ("odataRelativeUri", "Customers%28%27O%27%27Neil%27%29", True),
    ("odataRelativeUri", "Categories('Smartphone%2FTablet')", True),
    ("odataRelativeUri", "$metadata", True),
    ("odataRelativeUri", "$batch", True),
    ("odataRelativeUri", "ProductsByCategoryId(categoryId=2)", True),
    ("odataRelativeUri", "Categories(1)/Model.ProductsByColor(color='red')", True),
    ("resourcePath", "Categories('7''''%20Tablet')", True),
    ("resourcePath", "Categories('Tablet%20)small(')", True),
    ("resourcePath", "Categories(2018-02-13T23:59:59Z)", True),
    ("resourcePath", "Categories(2018-02-13T23%3A59%3A59Z)", True),
    ("resourcePath", "Categories(23%3A59%3A59)", True),
    ("resourcePath", "Categories(ID=wrong)", False),
    ("resourcePath", "OrderItems(OrderID=1,ItemID='a')", True),
    ("resourcePath", "OrderItems(OrderID=1;ItemID='a')", False),
    ("resourcePath", "Products/Model.MostExpensive()", True),
    ("odataRelativeUri", "Categories(1)/Products/Model.AllOrders()/$count", True),
    ("odataRelativeUri", "Categories(1)/Products(2)/$ref", True),
    ("odataRelativeUri", "Categories(1)/ID/$value", True),
    ("odataRelativeUri", "TheBestProduct()", True),
    ("odataRelativeUri", "$entity", True),
]

OTHER_PATHS = [
    ("Categories('Tablet/Slate')", True, "a raw slash inside quotes is unambiguous; clients send it"),
    ("Products/$filter(@foo)", False, "filter segments are not offered"),
    ("$crossjoin(Customers,Countries)", False, "cross joins are not offered"),
]

QUERIES = [
    ("queryOptions", "$top=2&$orderby=Name", True),
    ("queryOptions", "$top=5&$skip=10", True),
    ("queryOptions", "$count=true", True),
    ("queryOptions", "$count", False),
    ("queryOptions", "$count=maybe", False),
    ("expand", "$expand=Items/$ref", True),
    ("expand", "$expand=Customer,Items($expand=Product)", True),
    ("expand", "$expand=Customer($levels=4)", True),
    ("expand", "$expand=Items($select=Quantity;$expand=Product($select=Name,Price);@c=15)", True),
    ("expand", "$expand=Items($count=true)", True),
    ("expand", "$expand=Items($count=true", False),
    ("select", "$select=*", True),
    ("select", "$select=Rating,ReleaseDate", True),
    ("select", "$select=Address/Street", True),
    ("orderby", "$orderby=Name asc,Rating,ReleaseDate desc", True),
    ("queryOptions", "$filter=contains(Title,@word)&@word='Black'", True),
    ("queryOptions", "$filter=Title eq @title&@title='Wizard%20of%20Oz'", True),
    ("skiptoken", "$skiptoken=Start@Next_Chunk:From?=Here!", True),
    ("deltatoken", "$deltatoken=A@Lot_Has:Changed?=Here!", True),
    ("customQueryOption", "find=O%27Neil", True),
    ("queryOptions", "$filter =true", False),
]


@pytest.mark.parametrize(("rule", "text", "accepted"), LITERALS)
def test_literals_are_accepted_as_the_grammar_says(rule: str, text: str, *, accepted: bool) -> None:
    """A literal parses exactly when the rule accepts it."""
    assert _accepts(lambda: parse_literal(text)) is accepted


@pytest.mark.parametrize(("text", "reason"), OTHER_LITERALS)
def test_literals_refused_on_purpose_are_refused(text: str, reason: str) -> None:
    """Values outside of what the language can hold are refused with a clear error."""
    with pytest.raises(LiteralSyntaxError):
        parse_literal(text)


@pytest.mark.parametrize(("rule", "text", "accepted"), FILTERS)
def test_filters_are_accepted_as_the_grammar_says(rule: str, text: str, *, accepted: bool) -> None:
    """A filter parses exactly when the rule accepts it."""
    assert _accepts(lambda: parse_filter(text)) is accepted


@pytest.mark.parametrize(("text", "reason"), OTHER_FILTERS)
def test_filters_refused_on_purpose_are_refused(text: str, reason: str) -> None:
    """What is not offered is refused, not misunderstood."""
    assert not _accepts(lambda: parse_filter(text))


@pytest.mark.parametrize(
    "text", ["[\"Hello\",42,true,false,null,'World']", "'Black'", '["Carrots","Ginger"]', "[]", "5"]
)
def test_values_of_parameter_aliases_are_accepted(text: str) -> None:
    """A parameter alias takes literals and arrays."""
    assert _accepts(lambda: parse_value(text))


@pytest.mark.parametrize(("rule", "text", "accepted"), PATHS)
def test_paths_are_accepted_as_the_grammar_says(rule: str, text: str, *, accepted: bool) -> None:
    """A path parses exactly when the rule accepts it."""
    assert _accepts(lambda: parse_path(text)) is accepted


@pytest.mark.parametrize(("text", "accepted", "reason"), OTHER_PATHS)
def test_paths_decided_otherwise_on_purpose(text: str, reason: str, *, accepted: bool) -> None:
    """Deviations from the path grammar are the listed ones."""
    assert _accepts(lambda: parse_path(text)) is accepted


@pytest.mark.parametrize(("rule", "text", "accepted"), QUERIES)
def test_query_options_are_accepted_as_the_grammar_says(rule: str, text: str, *, accepted: bool) -> None:
    """A query string parses exactly when the rule accepts it."""
    assert _accepts(lambda: parse_query(text)) is accepted


def _accepts(parse: object) -> bool:
    assert callable(parse)
    try:
        parse()
    except ProtocolError:
        return False
    return True
