"""Number series: the numbers that the ERP gives to records whose number the client leaves blank."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from interlace.sandbox.entity_store import EntityStore

_NUMBER = re.compile(r"(.*?)(\d+)(\D*)")

# Series: the first number and the step.
SERIES: Final[Mapping[str, tuple[str, int]]] = MappingProxyType(
    {
        "CUST": ("C00010", 10),
        "CONT": ("CT000001", 1),
        "ITEM": ("1000", 1),
        "VEND": ("V00010", 10),
        "RES": ("R0010", 10),
        "S-QUO": ("1001", 1),
        "S-INV": ("102001", 1),
        "S-CR": ("1001", 1),
        "GJNL-PMT": ("G03001", 1),
        "S-CR+": ("104001", 1),
        "S-ORD": ("101001", 1),
        "S-INV+": ("103001", 1),
        "S-SHPT": ("102001", 1),
        "OPP": ("OP000001", 1),
    }
)


def increase(number: str, step: int) -> str:
    """Return the number that many steps later: the last group of digits counts and keeps its width."""
    found = _NUMBER.fullmatch(number)
    if found is None:
        message = f"The number {number} has no digits to count on."
        raise ValueError(message)
    before, digits, after = found.groups()
    return f"{before}{int(digits) + step:0{len(digits)}d}{after}"


def _state_name(series: str) -> str:
    return f"number series {series}"


def next_number(store: EntityStore, series: str, is_taken: Callable[[str], bool]) -> str:
    """Give out the next number of a series that no record has; the transaction remembers it."""
    first, step = SERIES[series]
    last = store.read_state(_state_name(series))
    number = first if last is None else increase(last, step)
    while is_taken(number):
        number = increase(number, step)
    store.write_state(_state_name(series), number)
    return number


def note_used(store: EntityStore, series: str, highest: str) -> None:
    """Let a series go on behind a number that came with loaded records."""
    last = store.read_state(_state_name(series))
    if last is None or (len(highest), highest) > (len(last), last):
        store.write_state(_state_name(series), highest)


def fits(series: str, number: str) -> bool:
    """Say whether a number looks like one of the series."""
    first = _NUMBER.fullmatch(SERIES[series][0])
    given = _NUMBER.fullmatch(number)
    return (
        first is not None
        and given is not None
        and (first[1], first[3]) == (given[1], given[3])
        and len(given[2]) >= len(first[2])
    )
