"""The FetchXML that the Web API takes as `?fetchXml=`: one table, its columns, filters, orders and pages.

A query is put into the words of the query options, so that it finds what they would find. Links to other tables,
groups and aggregates are refused by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from interlace.odata.protocol_error import ProtocolError
from interlace.odata.query_options import CRM_QUERY_POLICY, parse_options
from interlace.sandbox.crm import errors
from interlace.sandbox.crm.reading import PAGE_SIZE_MAX, Reader, ReadRequest
from interlace.sandbox.crm.schema import ColumnKind, Table
from interlace.sandbox.exchange import Refusal
from interlace.sandbox.json_codec import decode_object, encode

_COMPARISONS = {"eq": "eq", "ne": "ne", "neq": "ne", "gt": "gt", "ge": "ge", "lt": "lt", "le": "le"}
_TEXTS = {"begins-with": "startswith", "ends-with": "endswith"}
_PLAIN = frozenset(
    {
        ColumnKind.KEY, ColumnKind.GUID, ColumnKind.LOOKUP, ColumnKind.DATETIME, ColumnKind.DATE,
        ColumnKind.INTEGER, ColumnKind.BIG_INTEGER, ColumnKind.DECIMAL, ColumnKind.DOUBLE, ColumnKind.MONEY,
        ColumnKind.MONEY_BASE, ColumnKind.CHOICE, ColumnKind.STATE, ColumnKind.STATUS,
    }
)  # fmt: skip
_CODE = "0x80041103"
_MORE = "@Microsoft.Dynamics.CRM.morerecords"
_COOKIE = "@Microsoft.Dynamics.CRM.fetchxmlpagingcookie"


def fetch_page(reader: Reader, table: Table, request: ReadRequest, text: str) -> bytes:
    """One page of what a query finds, with the cookie of the next one. Raises `Refusal`."""
    fetch = _parsed(text)
    entity = fetch.find("entity")
    if entity is None or entity.get("name") != table.logical_name:
        raise _refused(f"The query must be about the table of the address, '{table.logical_name}'.")
    for name in ("aggregate", "distinct"):
        if fetch.get(name) in ("true", "1"):
            raise _refused(f"'{name}' is not supported.")
    try:
        options = parse_options([*_paging(fetch), *_pairs(table, entity)], CRM_QUERY_POLICY)
    except ProtocolError as error:
        raise _refused(error.message) from error
    size = _number(fetch, "count") or PAGE_SIZE_MAX
    preferences = replace(request.preferences, page_size=min(size, PAGE_SIZE_MAX))
    body = decode_object(reader.collection(table, replace(request, options=options, preferences=preferences)))
    link = body.pop("@odata.nextLink", None)
    rows = body.pop("value")
    more: dict[str, object] = {}
    if isinstance(link, str):
        cookie = dict(parse_qsl(urlsplit(link).query))["$skiptoken"]
        more = {_MORE: True, _COOKIE: cookie}
    return encode({**body, **more, "value": rows})


def _parsed(text: str) -> Element:
    try:
        fetch: Element = fromstring(text)
    except (ParseError, DefusedXmlException) as error:
        raise _refused(f"It is no XML that may be read: {error}.") from error
    if fetch.tag != "fetch":
        raise _refused(f"It begins with '{fetch.tag}' instead of 'fetch'.")
    return fetch


def _paging(fetch: Element) -> Iterator[tuple[str, str]]:
    top, cookie = fetch.get("top"), fetch.get("paging-cookie")
    if top is not None:
        yield "$top", top
    if cookie:
        page = _number(fetch, "page") or 1
        yield "$skiptoken", f'<cookie pagenumber="{page}" pagingcookie="{cookie}" istracking="False" />'
    elif (_number(fetch, "page") or 1) > 1:
        raise _refused("A page after the first needs the cookie that came with the one before.")


def _number(fetch: Element, name: str) -> int | None:
    given = fetch.get(name)
    if given is None:
        return None
    if not given.isdecimal() or int(given) < 1:
        raise _refused(f"'{given}' is no {name}.")
    return int(given)


def _pairs(table: Table, entity: Element) -> Iterator[tuple[str, str]]:
    selected: list[str] = []
    orders: list[str] = []
    filters: list[str] = []
    for each in entity:
        match each.tag:
            case "attribute":
                selected.append(_column(table, each, "name"))
            case "all-attributes":
                pass
            case "order":
                direction = " desc" if each.get("descending") in ("true", "1") else ""
                orders.append(_column(table, each, "attribute") + direction)
            case "filter":
                filters.append(_filter(table, each))
            case _:
                raise _refused(f"'{each.tag}' is not supported.")
    if selected and entity.find("all-attributes") is None:
        yield "$select", ",".join(selected)
    if any(filters):
        yield "$filter", " and ".join(each for each in filters if each)
    if orders:
        yield "$orderby", ",".join(orders)


def _column(table: Table, element: Element, name: str) -> str:
    given = element.get(name, "")
    column = table.columns.get(given)
    if column is None or element.get("alias") or element.get("entityname"):
        raise _refused(f"'{given}' is no column of '{table.logical_name}' (aliases are not supported).")
    return column.wire_name


def _filter(table: Table, element: Element) -> str:
    parts = []
    for each in element:
        if each.tag not in ("condition", "filter"):
            raise _refused(f"'{each.tag}' is not supported in a filter.")
        parts.append(_filter(table, each) if each.tag == "filter" else _condition(table, each))
    joined = (" or " if element.get("type") == "or" else " and ").join(each for each in parts if each)
    return f"({joined})" if joined else ""


def _condition(table: Table, element: Element) -> str:
    column = _column(table, element, "attribute")
    kind = table.by_wire_name[column].kind
    given = [each.text or "" for each in element.findall("value")]
    values = [_literal(kind, each) for each in (given or [element.get("value", "")])]
    operator = element.get("operator", "")
    is_not = operator.startswith("not-")
    match operator.removeprefix("not-"):
        case "null":
            return f"{column} {'ne' if is_not else 'eq'} null"
        case "in":
            found = " or ".join(f"{column} eq {value}" for value in values)
            return f"not ({found})" if is_not else f"({found})"
        case "like":
            found = _like(column, element.get("value", ""))
            return f"not ({found})" if is_not else found
        case "between" if len(values) == 2 and not is_not:
            return f"({column} ge {values[0]} and {column} le {values[1]})"
        case plain if plain in _COMPARISONS and not is_not:
            return f"{column} {_COMPARISONS[plain]} {values[0]}"
        case plain if plain in _TEXTS and not is_not:
            return f"{_TEXTS[plain]}({column},{values[0]})"
        case _:
            raise _refused(f"The operator '{operator}' is not supported.")


def _literal(kind: ColumnKind, value: str) -> str:
    if kind is ColumnKind.BOOLEAN:
        return "true" if value in ("1", "true") else "false"
    return value.strip("{}") if kind in _PLAIN else _quoted(value)


def _like(column: str, pattern: str) -> str:
    middle = pattern.strip("%")
    if "%" in middle or "_" in middle or "[" in middle:
        raise _refused(f"The pattern '{pattern}' is not supported: only % at its ends is.")
    begins, ends = pattern.endswith("%"), pattern.startswith("%")
    if begins and ends:
        return f"contains({column},{_quoted(middle)})"
    if begins or ends:
        return f"{'startswith' if begins else 'endswith'}({column},{_quoted(middle)})"
    return f"{column} eq {_quoted(middle)}"


def _quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _refused(reason: str) -> Refusal:
    return errors.refused(_CODE, f"The FetchXML query can't be executed. {reason}")
