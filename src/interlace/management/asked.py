"""From what a form, an address or a JSON body holds to what an operation is asked."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec

from interlace.management.operation import Operation
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.secret_text import secret_names
from interlace.management.translatable import translatable

_NUMBERS = 2**63
AskedT = TypeVar("AskedT", bound=msgspec.Struct)
AnswerT = TypeVar("AnswerT", bound=msgspec.Struct)


def from_pairs(operation: Operation[AskedT, AnswerT], pairs: Iterable[tuple[str, str]]) -> AskedT:
    """Build what is asked from the pairs of a form or an address; raises Refused naming the wrong field.

    A field that is declared as a list takes every value of its name; a name with a dot, `filters.name`, is an entry
    of a mapping. A field that is not declared is refused.
    """
    lists = {
        each.encode_name for each in msgspec.structs.fields(operation.asked) if _takes_several(each.type)
    }
    values: dict[str, object] = {}
    for name, value in pairs:
        if name in lists:
            several = values.setdefault(name, [])
            assert isinstance(several, list)
            several.append(value)
        elif "." in name:
            outer, _, inner = name.partition(".")
            entries = values.setdefault(outer, {})
            if isinstance(entries, dict):
                entries[inner] = value
        else:
            # The last one counts: a box that is not ticked sends only the hidden value before it.
            values[name] = value
    return _converted(operation, values)


def from_body(operation: Operation[AskedT, AnswerT], body: bytes) -> AskedT:
    """Build what is asked from a JSON body; raises Refused naming the wrong place."""
    try:
        return msgspec.json.decode(body or b"{}", type=operation.asked)
    except msgspec.DecodeError as problem:
        raise _unfit(str(problem)) from problem


def _converted(operation: Operation[AskedT, AnswerT], values: Mapping[str, object]) -> AskedT:
    try:
        return msgspec.convert(values, operation.asked, strict=False)
    except msgspec.ValidationError as problem:
        raise _unfit(str(problem)) from problem


def require_storable(asked: msgspec.Struct) -> None:
    """Raise Refused for what no database holds: numbers beyond 64 bits, and texts with the character 0."""
    hidden = secret_names(type(asked))
    for name in asked.__struct_fields__:
        if name not in hidden and not _is_storable(getattr(asked, name)):
            what = translatable("This number or text can't be stored.")
            raise Refused(
                RefusalKind.INVALID,
                translatable("Something in the request can't be understood"),
                why=what,
                next_step=translatable("Correct it and send it again."),
                fields={name: what},
            )


def _is_storable(value: object) -> bool:
    match value:
        case str():
            return "\0" not in value
        case int():
            return -_NUMBERS <= value < _NUMBERS
        case dict():
            return all(_is_storable(name) and _is_storable(each) for name, each in value.items())
        case list() | tuple() | set() | frozenset():
            return all(_is_storable(each) for each in value)
        case msgspec.Struct():
            return all(_is_storable(getattr(value, name)) for name in value.__struct_fields__)
        case _:
            return True


def _takes_several(kind: object) -> bool:
    told = msgspec.inspect.type_info(kind)
    kinds = told.types if isinstance(told, msgspec.inspect.UnionType) else (told,)
    several = msgspec.inspect.VarTupleType | msgspec.inspect.ListType | msgspec.inspect.SetType
    return any(isinstance(each, several) for each in kinds)


def _unfit(text: str) -> Refused:
    # The library says "Expected `int`, got `str` - at `$.size`".
    what, _, place = text.partition(" - at `$")
    name = place.rstrip("`").lstrip(".")
    return Refused(
        RefusalKind.INVALID,
        translatable("Something in the request can't be understood"),
        why=what,
        next_step=translatable("Correct it and send it again."),
        fields={name: what} if name else {},
    )
