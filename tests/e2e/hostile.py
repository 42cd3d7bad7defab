"""Script for every text field of both systems, written as their own clients write, by what their metadata declares."""

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote

from tests.acceptance.trade import Trade

from interlace.odata.edm import EntityType, Model, PrimitiveType
from interlace.odata.metadata_reader import parse_metadata

ATTACKS = (
    "<script>window.attacked=1</script>",
    '"><img src=x onerror=attacked=1>',
    "'-alert(1)-'{{7*7}}</td><svg onload=alert(1)>",
)
LENGTH = 30
"""What the shortest of the fields takes that people write sentences in."""
_OURS = "ilc_"
"""Which record is whose partner is no text that anybody enters."""

Change = Callable[[Mapping[str, object]], object]


def attack(place: int, length: int = LENGTH) -> str:
    """Return one of the attacks, cut to what a field takes."""
    return ATTACKS[place % len(ATTACKS)][:length]


class Hostile:
    """Somebody who may write in both systems, and writes script wherever a text is taken."""

    def __init__(self, trade: Trade) -> None:
        self.trade = trade
        self._erp = parse_metadata(trade.metadata_of_erp())
        self._crm = parse_metadata(trade.metadata_of_crm())

    def page(self, page: str, row: Mapping[str, object]) -> set[str]:
        """Fill every text field of a record of an ERP page, found by what the row has of its key; gives those taken."""
        held = _type(self._erp, page)
        address = f"{page}({','.join(f'{each}={_key(row[each])}' for each in self._erp.key_of(held))})"
        return _filled(self._erp, held, lambda values: self.trade.erp("PATCH", address, dict(values)))

    def record(self, set_name: str, key: str) -> set[str]:
        """Fill every text column of a CRM record; gives those that were taken."""
        held, address = _type(self._crm, set_name), f"{set_name}({key})"
        return _filled(self._crm, held, lambda values: self.trade.catalogue("PATCH", address, dict(values)))


def _type(model: Model, set_name: str) -> EntityType:
    found = model.type_of_set(set_name)
    assert found is not None, set_name
    return found


def _key(value: object) -> str:
    return str(value) if isinstance(value, int) else quote(f"'{value}'")


def _filled(model: Model, held: EntityType, change: Change) -> set[str]:
    """Write all texts; what a system itself refuses, such as a code that it doesn't know, is left out half by half."""
    keys = model.key_of(held)
    texts = [
        each
        for each in model.properties_of(held)
        if each.primitive_type is PrimitiveType.STRING and each.name not in keys and _OURS not in each.name
    ]
    wanted = [
        (each.name, attack(place, min(LENGTH, each.max_length or LENGTH))) for place, each in enumerate(texts)
    ]
    return set(_taken(wanted, change))


def _taken(texts: list[tuple[str, str]], change: Change) -> Iterator[str]:
    try:
        change(dict(texts))
    except OSError:
        if len(texts) > 1:
            middle = len(texts) // 2
            yield from _taken(texts[:middle], change)
            yield from _taken(texts[middle:], change)
    else:
        yield from dict(texts)
