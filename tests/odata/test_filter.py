"""Filters: round trips, evaluation, and SQL that selects exactly what evaluation selects."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from interlace.odata import filter_expression as tree
from interlace.odata.filter_evaluation import (
    EvaluationRules,
    GetValue,
    compile_record_filter,
    evaluate,
    resolve_aliases,
)
from interlace.odata.filter_expression import ComparisonOperator, Constant, Expression, Field, Member
from interlace.odata.filter_functions import TextRules
from interlace.odata.filter_parser import parse_filter
from interlace.odata.filter_sql import SqlColumn, SqlCondition, SqlKind, to_sql
from interlace.odata.filter_values import fold_text, read_member
from interlace.odata.literals import EnumLiteral
from interlace.odata.protocol_error import FilterSyntaxError, FilterTypeMismatch, UnsupportedFeature

RECORD: dict[str, object] = {
    "No": "10000",
    "Name": "Möbel O'Neil",
    "Credit": Decimal("12.50"),
    "Count": 7,
    "Blocked": False,
    "Id": "5f0e2d4c-0000-4000-8000-00000000000a",
    "Since": "2026-01-31",
    "Changed": "2026-01-31T10:20:30.5Z",
    "Opens": "08:30:00",
    "Lasts": "PT90M",
    "Status": "Open",
    "Nothing": None,
    "Customer": {"Name": "Anna", "Address": None},
    "Lines": [{"Quantity": 2, "Tags": ["a"]}, {"Quantity": 5, "Tags": []}],
    "Double": 0.5,
}

SELECTED = [
    ("No eq '10000'", True),
    ("No ne '10000'", False),
    ("Name eq 'Möbel O''Neil'", True),
    ("Credit eq 12.5", True),
    ("Credit gt 12", True),
    ("Credit lt 12.5", False),
    ("12 le Credit", True),
    ("Double eq 0.5", True),
    ("Count ge 7 and Count le 7", True),
    ("Count add 3 eq 10", True),
    ("Count sub 3 mul 2 eq 1", True),
    ("Count div 2 eq 3", True),
    ("-Count div 2 eq -3", True),
    ("Count divby 2 eq 3.5", True),
    ("Count mod 4 eq 3", True),
    ("Double add 1 eq 1.5", True),
    ("Blocked eq false", True),
    ("not Blocked", True),
    ("Blocked or Count gt 100", False),
    ("Id eq 5F0E2D4C-0000-4000-8000-00000000000A", True),
    ("5f0e2d4c-0000-4000-8000-00000000000a eq Id", True),
    ("Since eq 2026-01-31", True),
    ("Since ge 2026-01-31T00:00:00Z", True),
    ("Changed gt 2026-01-31", True),
    ("Changed gt 2026-01-31T10:20:30Z", True),
    ("Changed eq 2026-01-31T11:20:30.500+01:00", True),
    ("Opens lt 09:00", True),
    ("Lasts eq duration'PT1H30M'", True),
    ("Status eq NS.Status'Open'", True),
    ("NS.Status'Open' eq Status", True),
    ("5f0e2d4c-0000-4000-8000-00000000000a eq 5f0e2d4c-0000-4000-8000-00000000000a", True),
    ("NS.Status'Open' ne NS.Status'Closed'", True),
    ("2026-01-31 lt 2026-02-01", True),
    ("2026-01-31T00:00:00Z lt 2026-02-01T00:00:00Z", True),
    ("1.5 gt INF", False),
    ("year(2026-01-31) eq 2026", True),
    ("contains(5f0e2d4c-0000-4000-8000-00000000000a,'5f0e')", True),
    ("Nothing eq null", True),
    ("Nothing ne null", False),
    ("null eq null", True),
    ("Nothing gt 5", False),
    ("not (Nothing gt 5)", True),
    ("contains(Nothing,'a')", False),
    ("not contains(Nothing,'a')", False),
    ("contains(Nothing,'a') or No eq '10000'", True),
    ("contains(Nothing,'a') and No eq '1'", False),
    ("Nothing add 1 eq null", True),
    ("-Nothing eq null", True),
    ("Missing eq null", True),
    ("contains(Name,'bel')", True),
    ("contains(Name,'BEL')", False),
    ("startswith(No,'10')", True),
    ("endswith(No,'00')", True),
    ("tolower(Name) eq 'möbel o''neil'", True),
    ("toupper(Status) eq 'OPEN'", True),
    ("trim(' a ') eq 'a'", True),
    ("length(No) eq 5", True),
    ("length(Lines) eq 2", True),
    ("concat(No,'x') eq '10000x'", True),
    ("indexof(No,'0') eq 1", True),
    ("substring(No,1) eq '0000'", True),
    ("substring(No,0,2) eq '10'", True),
    ("year(Changed) eq 2026 and month(Since) eq 1 and day(Since) eq 31", True),
    ("hour(Changed) eq 10 and minute(Changed) eq 20 and second(Changed) eq 30", True),
    ("hour(Opens) eq 8 and minute(08:30) eq 30", True),
    ("fractionalseconds(Changed) eq 0.5", True),
    ("totaloffsetminutes(Changed) eq 0", True),
    ("totalseconds(Lasts) eq 5400", True),
    ("totalseconds(duration'PT1S') eq 1", True),
    ("date(Changed) eq 2026-01-31", True),
    ("time(Changed) eq 10:20:30.5", True),
    ("Changed gt mindatetime() and Changed lt maxdatetime()", True),
    ("round(12.5) eq 13 and floor(12.5) eq 12 and ceiling(12.5) eq 13", True),
    ("Changed gt now() sub duration'P1D'", True),
    ("now() add duration'P1D' gt Changed", True),
    ("now() sub now() eq duration'PT0S'", True),
    ("-duration'PT1S' eq duration'-PT1S'", True),
    ("No in ('1','10000')", True),
    ("No in ['1']", False),
    ("No in ()", False),
    ("Nothing in (null)", True),
    ("Customer/Name eq 'Anna'", True),
    ("$it/Customer/Name eq 'Anna'", True),
    ("Customer/Address/City eq null", True),
    ("Lines/$count eq 2", True),
    ("Lines/any()", True),
    ("Lines/any(l:l/Quantity gt 4)", True),
    ("Lines/all(l:l/Quantity gt 4)", False),
    ("Lines/all(l:l/Quantity gt 1 and $it/Count eq 7 and No eq '10000')", True),
    ("Lines/any(l:l/Tags/any(t:t eq 'a'))", True),
    ("Lines/any(l:l/Tags/any(t:t/Deep eq null))", True),
    ("Nothing/any(l:l eq 1)", False),
    ("Nothing/all(l:l eq 1)", True),
    ("No eq @n", True),
    ("No in @list", True),
    ("@absent eq null", True),
    ("NS.Ever()", True),
    ('NS.Same(PropertyName=\'No\',PropertyValues=["1","10000"])', True),
]

RULES = EvaluationRules(
    aliases={"n": "'10000'", "list": '["1","10000"]'},
    now=datetime(2026, 2, 1, tzinfo=UTC),
    named_functions={
        "NS.Ever": lambda arguments, get: True,
        "NS.Same": lambda arguments, get: _same(arguments["PropertyName"], arguments["PropertyValues"], get),
    },
)


def _same(name: object, values: object, get: GetValue) -> bool:
    assert isinstance(name, str)
    assert isinstance(values, list)
    return get((name,)) in values


@pytest.mark.parametrize(("text", "selected"), SELECTED)
def test_filter_selects_the_record(text: str, *, selected: bool) -> None:
    """The filter selects the record or not, as the protocol says."""
    assert compile_record_filter(parse_filter(text), RULES)(RECORD) is selected


@pytest.mark.parametrize("text", [text for text, _ in SELECTED])
def test_written_filter_is_read_back_equal(text: str) -> None:
    """Writing a parsed filter and parsing it again gives the same tree."""
    node = parse_filter(text)
    assert parse_filter(tree.format_filter(node)) == node


@pytest.mark.parametrize(
    "text",
    [
        "No eq 5",
        "Count eq 'a'",
        "Blocked gt 5",
        "Count",
        "contains(Count,'a')",
        "Count div 0 eq 1",
        "Count add 'a' eq 1",
        "Changed add 2026-01-01 eq 1",
        "maxdatetime() add duration'P1D' gt Changed",
        "Name gt 2026-01-01",
        "year(Name) eq 1",
        "year(Count) eq 1",
        "totalseconds(Name) eq 1",
        "totalseconds(Count) eq 1",
        "No/any()",
        "No in Name",
        "round(true) eq 1",
        "contains(Name,'a','b')",
        "Lasts sub 2026-01-01 eq 1",
        "duration'P1D' sub 2026-01-01 eq null",
    ],
)
def test_values_of_other_types_are_a_mismatch(text: str) -> None:
    """What cannot be compared or computed is reported, never guessed."""
    with pytest.raises(FilterTypeMismatch):
        compile_record_filter(parse_filter(text), RULES)(RECORD)


@pytest.mark.parametrize(
    "text", ["cast(Name,Edm.String) eq 'a'", "Status has NS.S'a'", "NS.No(a=1)", "now() gt Since"]
)
def test_functions_nobody_knows_are_unsupported(text: str) -> None:
    """Unknown functions are refused when the filter is compiled."""
    with pytest.raises(UnsupportedFeature):
        compile_record_filter(parse_filter(text))


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("No eq", 3),
        ("No eq 'a", 6),
        ("No eq 'a' x", 10),
        ("No # 1", 3),
        ("Count-5 eq 1", 5),
        ("(No eq 'a'", 10),
        ("f(a=1,a=2)", 6),
        ("f(a=1,2)", 6),
        ("f(a=1", 5),
        ("Lines/all()", 10),
        ("Lines/any(5:true)", 10),
        ("Lines/any(l true)", 12),
        ("No eq 0000-01-01", 6),
        ("No/5", 3),
        ("No in 5", 6),
        ("contains(No,", 12),
        ('f(a="\\x")', 4),
    ],
)
def test_broken_filter_names_the_position(text: str, position: int) -> None:
    """A syntax error says where the text goes wrong."""
    with pytest.raises(FilterSyntaxError) as caught:
        parse_filter(text)
    assert caught.value.position == position


@pytest.mark.parametrize(
    "text", ["(" * 500 + "true" + ")" * 500, "not " * 500 + "true", "-" * 500 + "a", "[" * 500]
)
def test_security_i2_deep_nesting_is_refused(text: str) -> None:
    """A filter cannot exhaust the stack."""
    with pytest.raises(FilterSyntaxError):
        parse_filter(f"x eq {text}" if text[0] == "[" else text)


def test_negation_binds_a_comparison() -> None:
    """`not a eq b` negates the comparison, as people mean it; `not` alone stays a name."""
    assert parse_filter("not No eq 'a'") == tree.negate(Field("No").eq("a"))
    assert parse_filter("not eq 5") == Field("not").eq(5)


def test_letter_case_is_ignored_on_request() -> None:
    """A service that ignores letter case does so in comparisons, lists and functions."""
    rules = EvaluationRules(text=TextRules(ignore_case=True))
    for text in (
        "Name eq 'MÖBEL o''neil'",
        "contains(Name,'ÖBEL')",
        "Status in ('open')",
        "indexof(Name,'BEL') eq 2",
    ):
        assert compile_record_filter(parse_filter(text), rules)(RECORD), text
    assert fold_text("K\u212a") != fold_text("kk")


@pytest.mark.parametrize(
    ("text", "selected"),
    [
        ("contains(No,'1_0')", True),
        ("startswith(No,'%00')", True),
        ("endswith(No,'[1-2]0000')", True),
        ("endswith(No,'[^1]0000')", False),
        ("contains(No,'[]')", False),
        ("endswith(No,'_')", True),
        ("contains(Status,'p%n')", True),
        ("startswith(No,'1%')", True),
        ("startswith(No,'%[%]')", False),
        ("endswith(No,'0%00%0')", True),
        ("endswith(No,'%0%1')", False),
    ],
)
def test_wildcards_work_on_request(text: str, *, selected: bool) -> None:
    """SQL wildcards in text functions are honoured where the service does so, else they are letters."""
    node = parse_filter(text)
    rules = EvaluationRules(text=TextRules(wildcards=True))
    assert compile_record_filter(node, rules)(RECORD) is selected
    assert not compile_record_filter(node)(RECORD)


def test_many_wildcards_over_a_long_text_come_to_an_end() -> None:
    """No place is tried again for every way in which the pieces before it may fit."""
    rules = EvaluationRules(text=TextRules(wildcards=True))
    selects = compile_record_filter(parse_filter(f"contains(Name,'{'%a' * 20}%b')"), rules)
    assert not selects({"Name": "a" * 3000})
    assert selects({"Name": "a" * 3000 + "b"})


def test_bad_wildcard_range_is_a_mismatch() -> None:
    """A range that runs backwards is reported."""
    rules = EvaluationRules(text=TextRules(wildcards=True))
    with pytest.raises(FilterTypeMismatch):
        compile_record_filter(parse_filter("contains(No,'[z-a]')"), rules)(RECORD)


def test_evaluate_reads_through_a_function() -> None:
    """A record may be anything that gives values by path."""
    values: dict[tuple[str, ...], object] = {("a", "b"): 1}
    assert evaluate(Field("a/b").eq(1), values.__getitem__)


def test_aliases_are_resolved_in_the_tree() -> None:
    """Aliases become their values, absent ones null; an alias that names itself ends."""
    assert resolve_aliases(parse_filter("No eq @n and a eq @x"), {"n": "'1'"}) == parse_filter(
        "No eq '1' and a eq null"
    )
    assert not compile_record_filter(parse_filter("No eq @a"), EvaluationRules(aliases={"a": "@a"}))(RECORD)


def test_members_can_be_looked_up_and_renamed() -> None:
    """A service translates the names of its projection; every name is seen once."""
    node = parse_filter(
        "a eq 1 and not (b/c in (1,-a)) or f(a) and x/any(v:v/a add 1 eq 2) and g(p=a) and x/any()"
    )
    names = {member.path for member in tree.members_of(node)}
    assert names == {("a",), ("b", "c"), ("x",), ("v", "a")}
    renamed = tree.rename_members(node, lambda path: (path[0].upper(), *path[1:]))
    assert {member.path for member in tree.members_of(renamed)} == {("A",), ("B", "c"), ("X",), ("V", "a")}
    named = next(each for each in tree.walk(node) if isinstance(each, tree.NamedCall))
    assert named.argument("p") == Member(("a",))
    assert named.argument("q") is None


def test_or_over_different_members_is_found() -> None:
    """The filters that Business Central refuses are recognised."""
    assert tree.or_over_different_members(parse_filter("a eq 1 or a eq 2")) == ()
    assert tree.or_over_different_members(parse_filter("b eq 1 and (a eq 1 or b eq 2)")) == (
        Member(("a",)),
        Member(("b",)),
    )


def test_client_builds_filters() -> None:
    """The builder writes what a person would write."""
    built = tree.all_of(
        Field("a").eq(1),
        tree.any_of(Field("b").ne("x"), Field("c").gt(Decimal("1.5")), Field("c").ge(2)),
        Field("d").lt(date(2026, 1, 1)),
        Field("d").le(datetime(2026, 1, 1, tzinfo=UTC)),
        tree.negate(Field("e").contains("a")),
        Field("f").startswith("b"),
        Field("g").is_in(["x", None]),
        Field("h").any_equal([UUID(int=1)]),
    )
    assert tree.format_filter(built) == (
        "a eq 1 and (b ne 'x' or c gt 1.5 or c ge 2) and d lt 2026-01-01 and d le 2026-01-01T00:00:00Z "
        "and not contains(e,'a') and startswith(f,'b') and g in ('x',null) "
        "and h eq 00000000-0000-0000-0000-000000000001"
    )
    assert tree.all_of(tree.all_of(Field("a").eq(1), Field("b").eq(2)), Field("c").eq(3)) == parse_filter(
        "a eq 1 and b eq 2 and c eq 3"
    )
    with pytest.raises(ValueError, match="no conditions"):
        tree.any_of()


@given(st.lists(st.text(max_size=30), max_size=40), st.integers(1, 5), st.integers(20, 200))
def test_chunks_cover_all_values_within_bounds(values: list[str], count_max: int, length_max: int) -> None:
    """Every value stands in exactly one chunk, in order, and no chunk of several values is too long."""
    found: list[object] = []
    for node in tree.in_chunks("No", values, count_max=count_max, length_max=length_max):
        constants = [each.value for each in tree.walk(node) if isinstance(each, Constant)]
        assert len(constants) <= count_max
        assert len(constants) == 1 or len(tree.format_filter(node)) <= length_max
        found.extend(constants)
    assert found == values


# --- random trees

NAMES = st.sampled_from(["Text", "Other", "Whole", "Flag", "Guid", "Day", "At", "Exact"])
TEXTS = st.text(alphabet="aAkKiı\u212aÄä%_\\[]' 0", max_size=4)
CONSTANTS: st.SearchStrategy[object] = st.one_of(
    st.none(),
    st.booleans(),
    TEXTS,
    st.integers(-3, 3),
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-9, max_value=9),
    st.uuids(),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.times(),
    st.timedeltas(min_value=timedelta(days=-9), max_value=timedelta(days=9)),
    st.binary(max_size=3),
    st.just(EnumLiteral("NS.E", "A")),
)


def _trees() -> st.SearchStrategy[Expression]:
    leaf = st.one_of(st.builds(lambda name: Member((name,)), NAMES), CONSTANTS.map(_constant))
    return st.recursive(leaf, _compound, max_leaves=12)


def _constant(value: object) -> Expression:
    return Constant(value)  # type: ignore[arg-type]


def _compound(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return st.one_of(
        st.builds(tree.Comparison, st.sampled_from(ComparisonOperator), parts, parts),
        st.builds(tree.Negation, parts),
        st.builds(tree.Minus, parts),
        st.builds(tree.Arithmetic, st.sampled_from(tree.ArithmeticOperator), parts, parts),
        st.builds(
            lambda left, items: tree.Membership(left, tree.ValueList(tuple(items))),
            parts,
            st.lists(parts, max_size=3),
        ),
        st.builds(lambda items: tree.Call("f", tuple(items)), st.lists(parts, max_size=3)),
        st.builds(lambda item: tree.NamedCall("NS.g", (("a", item), ("b", tree.ValueList((item,))))), parts),
        st.builds(lambda item: tree.Lambda(tree.LambdaOperator.ALL, Member(("Lines",)), "v", item), parts),
        st.builds(lambda items: tree.all_of(*items), st.lists(parts, min_size=2, max_size=3)),
        st.builds(lambda items: tree.any_of(*items), st.lists(parts, min_size=2, max_size=3)),
    )


@given(_trees())
@example(tree.Minus(Constant(5)))
@example(tree.Minus(Constant(-5)))
@example(tree.Minus(tree.Minus(Member(("a",)))))
@example(
    tree.Arithmetic(
        tree.ArithmeticOperator.SUB,
        Constant(1),
        tree.Arithmetic(tree.ArithmeticOperator.ADD, Constant(2), Constant(-3)),
    )
)
def test_any_tree_survives_writing_and_reading(node: Expression) -> None:
    """Writing and parsing gives the same tree back, whatever its shape."""
    text = tree.format_filter(node)
    assert tree.format_filter(parse_filter(text)) == text


KINDS = {
    "Text": SqlKind.TEXT,
    "Other": SqlKind.TEXT,
    "Whole": SqlKind.INTEGER,
    "Flag": SqlKind.BOOLEAN,
    "Guid": SqlKind.GUID,
    "Day": SqlKind.DATE,
    "At": SqlKind.SECONDS,
    "Exact": SqlKind.MILLISECONDS,
}
INSTANTS = [datetime(2026, 1, 1, 0, 0, second, millis * 1000, UTC) for second in (0, 1) for millis in (0, 5)]
VALUES: dict[str, st.SearchStrategy[object]] = {
    "Text": TEXTS,
    "Other": TEXTS,
    "Whole": st.integers(-3, 3),
    "Flag": st.booleans(),
    "Guid": st.sampled_from([UUID(int=1), UUID(int=2)]),
    "Day": st.sampled_from([date(2026, 1, 1), date(2026, 1, 2)]),
    "At": st.sampled_from([INSTANTS[0], INSTANTS[2]]),
    "Exact": st.sampled_from(INSTANTS),
}


def _stored(name: str, value: object) -> object:
    match value:
        case datetime() if name == "Exact":
            return value.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%SZ")
        case UUID() | date():
            return str(value)
        case _:
            return value


def _conditions() -> st.SearchStrategy[Expression]:
    def compared(name: str) -> st.SearchStrategy[Expression]:
        member = Member((name,))
        literal = st.one_of(
            st.none(),
            VALUES[name],
            st.sampled_from(INSTANTS) if name in ("At", "Exact", "Day") and name != "Day" else VALUES[name],
        )
        return st.one_of(
            st.builds(
                lambda operator, value: tree.Comparison(operator, member, _constant(value)),
                st.sampled_from([each for each in ComparisonOperator if each is not ComparisonOperator.HAS]),
                literal,
            ),
            st.builds(
                lambda operator, value: tree.Comparison(operator, _constant(value), member),
                st.sampled_from([each for each in ComparisonOperator if each is not ComparisonOperator.HAS]),
                literal,
            ),
            st.builds(
                lambda values: tree.Membership(member, tree.ValueList(tuple(map(_constant, values)))),
                st.lists(VALUES[name], max_size=3),
            ),
        )

    searches = st.builds(
        lambda function, name, needle: tree.Call(function, (Member((name,)), Constant(needle))),
        st.sampled_from(["contains", "startswith", "endswith"]),
        st.sampled_from(["Text", "Other"]),
        TEXTS,
    )
    leaf = st.one_of(NAMES.flatmap(compared), searches, st.just(Member(("Flag",))))
    joined = st.recursive(
        leaf,
        lambda parts: st.one_of(
            st.builds(tree.Negation, parts),
            st.builds(lambda items: tree.all_of(*items), st.lists(parts, min_size=2, max_size=3)),
            st.builds(lambda items: tree.any_of(*items), st.lists(parts, min_size=2, max_size=3)),
        ),
        max_leaves=4,
    )
    return st.one_of(leaf, st.builds(tree.Negation, leaf), joined)


RECORDS = st.lists(
    st.fixed_dictionaries({name: st.one_of(st.none(), values) for name, values in VALUES.items()}),
    min_size=1,
    max_size=8,
)


@given(
    node=_conditions(),
    records=RECORDS,
    ignore_case=st.booleans(),
    wildcards=st.booleans(),
    folded=st.booleans(),
)
def test_sql_selects_what_evaluation_selects(
    node: Expression, records: list[dict[str, object]], *, ignore_case: bool, wildcards: bool, folded: bool
) -> None:
    """SQL plus remainder select exactly the records that evaluation alone selects."""
    text_rules = TextRules(ignore_case=ignore_case, wildcards=wildcards)
    rules = EvaluationRules(text=text_rules)
    rows: list[dict[str, object]] = [
        {name: _stored(name, value) for name, value in each.items()} for each in records
    ]
    kinds = KINDS | ({"Other": SqlKind.FOLDED_TEXT} if folded else {})
    split = to_sql(node, lambda path: SqlColumn(f'"{path[0]}"', kinds[path[0]]), text_rules)
    try:
        expected = [place for place, row in enumerate(rows) if compile_record_filter(node, rules)(row)]
    except FilterTypeMismatch:
        return
    remaining = compile_record_filter(split.remainder or Constant(value=True), rules)
    found = [place for place in _select(rows, kinds, split.condition) if remaining(rows[place])]
    assert found == expected


def _select(
    rows: list[dict[str, object]], kinds: dict[str, SqlKind], condition: SqlCondition | None
) -> list[int]:
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(f"CREATE TABLE t (_place INTEGER, {', '.join(kinds)})")
        for place, row in enumerate(rows):
            values = [
                fold_text(str(row[name]))
                if kind is SqlKind.FOLDED_TEXT and row[name] is not None
                else row[name]
                for name, kind in kinds.items()
            ]
            connection.execute(
                f"INSERT INTO t VALUES ({', '.join('?' * (len(values) + 1))})", [place, *values]
            )
        if condition is None:
            return list(range(len(rows)))
        text, parameters = condition
        return [
            row[0]
            for row in connection.execute(f"SELECT _place FROM t WHERE {text} ORDER BY _place", parameters)
        ]
    finally:
        connection.close()


SAMPLES: dict[str, list[object]] = {
    "Text": ["", "a", "A", "ab", "ä", "Ä", "%", "k", "\u212a"],
    "Other": ["", "a", "A", "ab", "ä", "Ä", "_", "K", "\u212a"],
    "Whole": [-1, 0, 3],
    "Flag": [True, False],
    "Guid": [UUID(int=1), UUID(int=2)],
    "Day": [date(2026, 1, 1), date(2026, 1, 2)],
    "At": [INSTANTS[0], INSTANTS[2], date(2026, 1, 1)],
    "Exact": [*INSTANTS, date(2026, 1, 2)],
}


def _simple_conditions(name: str) -> list[Expression]:
    """Every operator and function of one column with every sample, and their negations."""
    member = Member((name,))
    operators = [each for each in ComparisonOperator if each is not ComparisonOperator.HAS]
    found: list[Expression] = [
        tree.Comparison(operator, member, _constant(value))
        for operator in operators
        for value in [*SAMPLES[name], None]
    ]
    found.append(tree.Membership(member, tree.ValueList(tuple(map(_constant, SAMPLES[name][:3])))))
    if name in ("Text", "Other"):
        functions = ("contains", "startswith", "endswith")
        found += [
            tree.Call(each, (member, _constant(value))) for each in functions for value in SAMPLES[name]
        ]
    return [*found, *map(tree.negate, found)]


@pytest.mark.parametrize("ignore_case", [False, True])
@pytest.mark.parametrize("name", list(SAMPLES))
def test_every_simple_condition_means_the_same_in_sql(name: str, *, ignore_case: bool) -> None:
    """Each operator, function and literal of each kind of column, with nulls and under `not`."""
    text_rules = TextRules(ignore_case=ignore_case)
    kinds = KINDS | ({"Other": SqlKind.FOLDED_TEXT} if ignore_case else {})
    values = [value for value in SAMPLES[name] if name == "Day" or type(value) is not date]
    rows: list[dict[str, object]] = [
        {each: _stored(each, value) if each == name else None for each in kinds} for value in [*values, None]
    ]
    for node in _simple_conditions(name):
        split = to_sql(node, lambda path: SqlColumn(path[0], kinds[path[0]]), text_rules)
        selects = compile_record_filter(node, EvaluationRules(text=text_rules))
        if split.condition is not None:
            expected = [place for place, row in enumerate(rows) if selects(row)]
            assert _select(rows, kinds, split.condition) == expected, tree.format_filter(node)


def test_paths_that_end_early_read_as_null() -> None:
    """Reading behind a text gives null, and counting only works on lists."""
    assert read_member({"a": "x"}, ("a", "b")) is None
    assert read_member({"a": [1, 2]}, ("a", "$count")) == 2
    assert time(8, 30) == parse_constant("08:30")


def parse_constant(text: str) -> object:
    """The value of a filter that is one literal."""
    node = parse_filter(text)
    assert isinstance(node, Constant)
    return node.value
