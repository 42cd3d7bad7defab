"""The SQL that the Web API takes as `?sql=`: one table, columns, a condition, an order, TOP.

A query is put into the words of `$select`, `$filter`, `$orderby` and `$top`, so that it finds what they would find.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from interlace.odata.protocol_error import ProtocolError
from interlace.odata.query_options import CRM_QUERY_POLICY, QueryOptions, parse_options
from interlace.sandbox.crm import errors
from interlace.sandbox.crm.schema import ColumnKind, Table
from interlace.sandbox.exchange import Refusal

_TOKEN = re.compile(
    r"\s*(?:(?P<text>N?'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][\w.]*|\[[^\]]+\])"
    r"|(?P<sign><>|!=|<=|>=|[=<>(),*]))"
)
_COMPARISONS = {"=": "eq", "<>": "ne", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_BARE = frozenset({ColumnKind.KEY, ColumnKind.GUID, ColumnKind.LOOKUP, ColumnKind.DATETIME, ColumnKind.DATE})
_TRUTHS = frozenset({ColumnKind.BOOLEAN})
_END = ("end", "")
_CODE = "0x80041129"


def sql_options(text: str, table: Table, others: QueryOptions) -> QueryOptions:
    """The options of a query; those of `others` that page through its rows stay. Raises `Refusal`."""
    pairs = [("$skiptoken", others.skip_token)] if others.skip_token is not None else []
    try:
        return parse_options([*pairs, *_Query(text, table).pairs()], CRM_QUERY_POLICY)
    except ProtocolError as error:
        raise _refused(error.message) from error


class _Query:
    """One query, read from left to right."""

    def __init__(self, text: str, table: Table) -> None:
        self._table = table
        self._tokens = list(_tokens(text))
        self._at = 0
        self._prefixes = {""}

    def pairs(self) -> Iterable[tuple[str, str]]:
        """The options in order."""
        self._need("SELECT")
        if self._takes("DISTINCT"):
            raise _refused("DISTINCT is not supported.")
        top = self._take()[1] if self._takes("TOP") else ""
        selected = [self._take()]
        while self._takes(","):
            selected.append(self._take())
        self._need("FROM")
        self._source()
        condition = self._condition() if self._takes("WHERE") else ""
        order = self._order() if self._takes("ORDER") else ""
        if self._peek() != _END:
            raise _refused(f"'{self._peek()[1]}' is not supported here.")
        if selected != [("sign", "*")]:
            yield "$select", ",".join(self._column(each) for each in selected)
        for name, value in (("$filter", condition), ("$orderby", order), ("$top", top)):
            if value:
                yield name, value

    def _source(self) -> None:
        name = self._take()[1].lower()
        if name != self._table.logical_name:
            raise _refused(f"The query is about '{name}', the address about '{self._table.logical_name}'.")
        self._prefixes.add(name)
        self._takes("AS")
        if self._peek()[0] == "name" and not self._sees("WHERE", "ORDER", "JOIN", "INNER", "LEFT", "GROUP"):
            self._prefixes.add(self._take()[1].lower())

    def _order(self) -> str:
        self._need("BY")
        items = []
        while True:
            column = self._column(self._take())
            direction = " desc" if self._takes("DESC") else ""
            self._takes("ASC")
            items.append(column + direction)
            if not self._takes(","):
                return ",".join(items)

    # --- conditions

    def _condition(self) -> str:
        found = self._conjunction()
        while self._takes("OR"):
            found = f"{found} or {self._conjunction()}"
        return found

    def _conjunction(self) -> str:
        found = self._term()
        while self._takes("AND"):
            found = f"{found} and {self._term()}"
        return found

    def _term(self) -> str:
        if self._takes("NOT"):
            return f"not ({self._term()})"
        if self._takes("("):
            inner = self._condition()
            self._need(")")
            return f"({inner})"
        token = self._take()
        column = self._column(token)
        if self._takes("IS"):
            is_not = self._takes("NOT")
            self._need("NULL")
            return f"{column} {'ne' if is_not else 'eq'} null"
        if self._takes("NOT"):
            return f"not ({self._matching(column)})"
        sign = self._peek()[1]
        if sign in _COMPARISONS:
            self._take()
            return f"{column} {_COMPARISONS[sign]} {self._value(column)}"
        return self._matching(column)

    def _matching(self, column: str) -> str:
        if self._takes("LIKE"):
            return _like(column, self._value(column))
        if self._takes("BETWEEN"):
            low = self._value(column)
            self._need("AND")
            return f"({column} ge {low} and {column} le {self._value(column)})"
        self._need("IN")
        self._need("(")
        values = [self._value(column)]
        while self._takes(","):
            values.append(self._value(column))
        self._need(")")
        return f"({' or '.join(f'{column} eq {value}' for value in values)})"

    def _value(self, column: str) -> str:
        kind, text = self._take()
        column_kind = self._table.by_wire_name[column].kind
        if kind == "number":
            return {"0": "false", "1": "true"}.get(text, text) if column_kind in _TRUTHS else text
        if kind != "text":
            raise _refused(f"'{text}' is no value.")
        quoted = text.removeprefix("N")
        return quoted[1:-1] if column_kind in _BARE else quoted

    def _column(self, token: tuple[str, str]) -> str:
        kind, text = token
        prefix, _, name = text.lower().rpartition(".")
        column = self._table.columns.get(name.strip("[]"))
        if kind != "name" or column is None or prefix not in self._prefixes:
            raise _refused(f"'{text}' is no column of '{self._table.logical_name}'.")
        return column.wire_name

    # --- tokens

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _take(self) -> tuple[str, str]:
        token = self._peek()
        if token == _END:
            raise _refused("The query ends too early.")
        self._at += 1
        return token

    def _sees(self, *words: str) -> bool:
        return self._peek()[0] in ("name", "sign") and self._peek()[1].upper() in words

    def _takes(self, word: str) -> bool:
        if not self._sees(word):
            return False
        self._at += 1
        return True

    def _need(self, word: str) -> None:
        if not self._takes(word):
            raise _refused(f"{word} is expected before '{self._peek()[1]}'.")


def _tokens(text: str) -> Iterable[tuple[str, str]]:
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            raise _refused(f"'{text[at:].strip()[:20]}' is not understood.")
        yield str(found.lastgroup), found[str(found.lastgroup)]
        at = found.end()


def _like(column: str, pattern: str) -> str:
    inner = pattern[1:-1]
    middle = inner.strip("%")
    if "%" in middle or "_" in middle or "[" in middle:
        raise _refused(f"The pattern {pattern} is not supported: only % at its ends is.")
    if inner.startswith("%") and inner.endswith("%"):
        return f"contains({column},'{middle}')"
    if inner.endswith("%"):
        return f"startswith({column},'{middle}')"
    return f"endswith({column},'{middle}')" if inner.startswith("%") else f"{column} eq '{middle}'"


def _refused(reason: str) -> Refusal:
    return errors.refused(_CODE, f"The SQL query can't be executed. {reason}")
