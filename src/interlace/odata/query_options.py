"""Query options of a request: parsed tolerantly for the server's role, written for the client's.

Option names may arrive percent-encoded (`%24filter`), blanks as `%20` or `+`. What a service does with
options that it does not offer is a policy value: Business Central ignores them, Dataverse refuses them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import quote, unquote_plus

from interlace.odata.filter_expression import Expression, format_filter
from interlace.odata.filter_parser import parse_filter
from interlace.odata.protocol_error import FilterSyntaxError, QueryOptionError

_SAFE_IN_QUERY: Final = "$'(),=@:!*/;-._~"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryPolicy:
    """Which system options a service offers, and whether it refuses or ignores the others."""

    supported: frozenset[str]
    refuse_others: bool
    upper_case_direction: bool = True
    expand_levels: int = 3
    """How deep `$expand` may be nested."""


_COMMON = frozenset(
    ("$select", "$filter", "$orderby", "$top", "$count", "$expand", "$skiptoken", "$deltatoken")
)
ERP_QUERY_POLICY: Final = QueryPolicy(
    supported=_COMMON | {"$skip", "$format", "$schemaversion"},
    refuse_others=False,
    upper_case_direction=False,
)
CRM_QUERY_POLICY: Final = QueryPolicy(supported=_COMMON | {"$apply", "$id"}, refuse_others=True)
ANY_QUERY_POLICY: Final = QueryPolicy(
    supported=_COMMON
    | {"$skip", "$format", "$schemaversion", "$apply", "$id", "$search", "$compute", "$levels", "$index"},
    refuse_others=True,
)


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One property (or path) of `$orderby`."""

    path: str
    descending: bool = False

    @property
    def text(self) -> str:
        """The item as `$orderby` carries it."""
        return f"{self.path} desc" if self.descending else self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpandItem:
    """One navigation path of `$expand` with its nested options; `ref` for `nav/$ref`."""

    path: str
    options: QueryOptions
    ref: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryOptions:
    """The options of one request; None or empty where an option is absent.

    `select` is None when absent and may hold `*`. `aliases` maps `p1` to the raw value of `@p1`; `custom`
    holds the options without `$` or `@` in order, `others` the system options that were ignored or that
    have no field of their own.
    """

    select: tuple[str, ...] | None = None
    filter: Expression | None = None
    order_by: tuple[OrderItem, ...] = ()
    top: int | None = None
    skip: int | None = None
    count: bool = False
    expand: tuple[ExpandItem, ...] = ()
    skip_token: str | None = None
    delta_token: str | None = None
    apply: str | None = None
    id: str | None = None
    levels: str | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)
    custom: tuple[tuple[str, str], ...] = ()
    others: tuple[tuple[str, str], ...] = ()

    def custom_value(self, name: str) -> str | None:
        """The first custom option of that name (`company`, `fetchXml`)."""
        return next((value for key, value in self.custom if key == name), None)

    def to_query(self) -> str:
        """The percent-encoded query string, without `?`; blanks as `%20`."""
        return "&".join(f"{_encode(name)}={_encode(value)}" for name, value in self.items())

    def items(self) -> Iterator[tuple[str, str]]:  # noqa: C901 - one branch an option
        """The options as decoded names and values, in the order in which they are written."""
        if self.apply is not None:
            yield "$apply", self.apply
        if self.select is not None:
            yield "$select", ",".join(self.select)
        if self.filter is not None:
            yield "$filter", format_filter(self.filter)
        if self.order_by:
            yield "$orderby", ",".join(each.text for each in self.order_by)
        for name, number in (("$top", self.top), ("$skip", self.skip)):
            if number is not None:
                yield name, str(number)
        if self.count:
            yield "$count", "true"
        if self.expand:
            yield "$expand", ",".join(map(_format_expand, self.expand))
        for name, text in (("$levels", self.levels), ("$id", self.id)):
            if text is not None:
                yield name, text
        yield from self.others
        yield from ((f"@{name}", value) for name, value in self.aliases.items())
        yield from self.custom
        for name, text in (("$skiptoken", self.skip_token), ("$deltatoken", self.delta_token)):
            if text is not None:
                yield name, text


def _encode(text: str) -> str:
    return quote(text, safe=_SAFE_IN_QUERY)


def _format_expand(item: ExpandItem) -> str:
    path = f"{item.path}/$ref" if item.ref else item.path
    nested = ";".join(f"{name}={value}" for name, value in item.options.items())
    return f"{path}({nested})" if nested else path


def split_query(raw: str) -> list[tuple[str, str]]:
    """The decoded names and values of a raw query string, in order; an empty name is left out."""
    pairs = []
    for part in raw.split("&"):
        name, _, value = part.partition("=")
        if name:
            pairs.append((_decode(name), _decode(value)))
    return pairs


def _decode(text: str) -> str:
    try:
        return unquote_plus(text, errors="strict")
    except UnicodeDecodeError as error:
        raise QueryOptionError(f"'{text}' is not valid UTF-8.", option=text, text=text) from error


def parse_query(raw: str, policy: QueryPolicy = ANY_QUERY_POLICY) -> QueryOptions:
    """The options in a raw (percent-encoded) query string; raises `QueryOptionError`.

    A broken `$filter` raises the error with its position.
    """
    return parse_options(split_query(raw), policy)


def parse_options(pairs: Iterable[tuple[str, str]], policy: QueryPolicy = ANY_QUERY_POLICY) -> QueryOptions:
    """The options given as decoded names and values; raises `QueryOptionError`."""
    system: dict[str, str] = {}
    others: list[tuple[str, str]] = []
    aliases: dict[str, str] = {}
    custom: list[tuple[str, str]] = []
    for name, value in pairs:
        if name.startswith("@"):
            aliases[name[1:]] = value
        elif not name.startswith("$"):
            custom.append((name, value))
        elif name not in policy.supported:
            if policy.refuse_others:
                raise QueryOptionError(
                    f"The query option '{name}' is not supported.", option=name, text=value
                )
            others.append((name, value))
        elif name in system:
            raise QueryOptionError(f"The query option '{name}' is given twice.", option=name, text=value)
        else:
            system[name] = value
    return _typed(system, others, policy, aliases, tuple(custom))


def _typed(
    system: dict[str, str],
    others: list[tuple[str, str]],
    policy: QueryPolicy,
    aliases: Mapping[str, str],
    custom: tuple[tuple[str, str], ...],
) -> QueryOptions:
    def take(name: str) -> str | None:
        return system.pop(name, None)

    select, filter_text, order_by, expand = map(take, ("$select", "$filter", "$orderby", "$expand"))
    top, skip, count = map(take, ("$top", "$skip", "$count"))
    skip_token, delta_token, apply = map(take, ("$skiptoken", "$deltatoken", "$apply"))
    identity, levels = map(take, ("$id", "$levels"))
    return QueryOptions(
        select=None if select is None else _names(select, "$select"),
        filter=None if filter_text is None else _filter(filter_text),
        order_by=() if order_by is None else _order(order_by, policy),
        top=_whole_number("$top", top),
        skip=_whole_number("$skip", skip),
        count=_truth(count),
        expand=() if expand is None else _expand(expand, policy),
        skip_token=skip_token,
        delta_token=delta_token,
        apply=apply,
        id=identity,
        levels=levels,
        aliases=aliases,
        custom=custom,
        others=(*others, *system.items()),
    )


def _filter(text: str) -> Expression:
    try:
        return parse_filter(text)
    except FilterSyntaxError as error:
        raise QueryOptionError(error.message, option="$filter", text=text, position=error.position) from error


def _names(text: str, option: str) -> tuple[str, ...]:
    names = tuple(part.strip() for part in split_outside(text, ","))
    if not all(names):
        raise QueryOptionError(f"A name is missing in {option}: '{text}'.", option=option, text=text)
    return names


def _order(text: str, policy: QueryPolicy) -> tuple[OrderItem, ...]:
    return tuple(_order_item(part, policy, text) for part in _names(text, "$orderby"))


def _order_item(part: str, policy: QueryPolicy, text: str) -> OrderItem:
    path, _, direction = part.partition(" ")
    direction = direction.strip()
    if policy.upper_case_direction:
        direction = direction.lower()
    if direction not in ("", "asc", "desc"):
        raise QueryOptionError(
            f"'{part}' is no sort order: write 'asc' or 'desc'.", option="$orderby", text=text
        )
    return OrderItem(path, direction == "desc")


def _whole_number(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    digits = text.strip()
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 18:
        raise QueryOptionError(f"{option} is a whole number, not '{text}'.", option=option, text=text)
    return int(digits)


def _truth(text: str | None) -> bool:
    if text is None:
        return False
    value = text.strip().strip("'").lower()
    if value not in ("true", "false"):
        raise QueryOptionError(f"$count is true or false, not '{text}'.", option="$count", text=text)
    return value == "true"


def _expand(text: str, policy: QueryPolicy) -> tuple[ExpandItem, ...]:
    return tuple(_expand_item(part, policy, text) for part in _names(text, "$expand"))


def _expand_item(part: str, policy: QueryPolicy, text: str) -> ExpandItem:
    if not policy.expand_levels:
        raise QueryOptionError("$expand is nested too deeply.", option="$expand", text=text)
    path, opening, nested = part.partition("(")
    if opening and not nested.endswith(")"):
        raise QueryOptionError(f"The parenthesis in '{part}' is not closed.", option="$expand", text=text)
    pairs = []
    for piece in split_outside(nested[:-1], ";") if opening else ():
        if piece.strip():
            name, _, value = piece.partition("=")
            pairs.append((name.strip(), value.strip()))
    path = path.strip()
    ref = path.endswith("/$ref")
    return ExpandItem(path=path.removesuffix("/$ref"), options=parse_options(pairs, _nested(policy)), ref=ref)


def _nested(policy: QueryPolicy) -> QueryPolicy:
    return replace(policy, supported=policy.supported | {"$levels"}, expand_levels=policy.expand_levels - 1)


def split_outside(text: str, separator: str) -> list[str]:
    """The parts of a text, split at a separator outside of parentheses, brackets and quotes."""
    parts, start, depth, quoted = [], 0, 0, False
    for position, character in enumerate(text):
        if character == "'":
            quoted = not quoted
        elif quoted:
            continue
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == separator and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    return [*parts, text[start:]]
