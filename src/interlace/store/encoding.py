"""How values, times and lists become column values and come back unchanged; numbers stay exact."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import TypeAlias, cast

import msgspec

from interlace.domain.values import Value

JsonValue: TypeAlias = "str | int | bool | Decimal | list[JsonValue] | dict[str, JsonValue] | None"

AgreedPair: TypeAlias = tuple[Value, Value]

_UNKNOWN_PAIR: tuple[list[Value], list[Value]] = ([], [])
_encoder = msgspec.json.Encoder(decimal_format="number")
_canonical_encoder = msgspec.json.Encoder(decimal_format="number", order="sorted")
_json_decoder = msgspec.json.Decoder(float_hook=Decimal)
_names_decoder = msgspec.json.Decoder(tuple[str, ...])


def to_json(value: object) -> str:
    """Encode compactly; a Decimal becomes a number with all its digits."""
    return _encoder.encode(value).decode()


def to_canonical_json(value: object) -> str:
    """Encode compactly with sorted names: equal values give equal text."""
    return _canonical_encoder.encode(value).decode()


def from_json(text: str) -> JsonValue:
    """Decode; numbers with a fraction become Decimal."""
    decoded: JsonValue = _json_decoder.decode(text)
    return decoded


def names_from_json(text: str) -> tuple[str, ...]:
    """Decode a list of names."""
    return _names_decoder.decode(text)


def pairs_to_json(pairs: tuple[AgreedPair | None, ...]) -> str:
    """Encode agreed values as one flat list: ERP value, CRM value, ...; two empty lists stand for "nobody knows"."""
    try:
        flat = list(chain.from_iterable(cast("tuple[AgreedPair, ...]", pairs)))
    except TypeError:
        # Of some row nobody knows what was agreed: rare, and looked for only where it shows.
        known = (_UNKNOWN_PAIR if pair is None else pair for pair in pairs)
        return _encoder.encode(list(chain.from_iterable(known))).decode()
    return _encoder.encode(flat).decode()


def pairs_from_json(text: str) -> tuple[AgreedPair | None, ...]:
    """Decode agreed values."""
    flat: list[Value | list[Value]] = _json_decoder.decode(text)
    pairs = zip(flat[::2], flat[1::2], strict=True)
    if "[]" in text:
        return tuple(None if isinstance(pair[0], list) else cast("AgreedPair", pair) for pair in pairs)
    return cast("tuple[AgreedPair, ...]", tuple(pairs))


@lru_cache(maxsize=64)
def time_to_text(moment: datetime) -> str:
    """Encode an aware time in UTC with a fixed width, so that text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def time_from_text(text: str) -> datetime:
    """Decode what time_to_text made."""
    return datetime.fromisoformat(text)


def optional_time_to_text(moment: datetime | None) -> str | None:
    """Encode a time that may be missing."""
    return None if moment is None else time_to_text(moment)


def optional_time_from_text(text: str | None) -> datetime | None:
    """Decode a time that may be missing."""
    return None if text is None else time_from_text(text)
