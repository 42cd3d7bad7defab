"""JSON on the wire and in the store: numbers stay exact.

Fractions are read as Decimal and written as JSON numbers with the same digits, so that money never
passes through binary floating point.
"""

from decimal import Decimal

import msgspec

_encoder = msgspec.json.Encoder(decimal_format="number", uuid_format="canonical")
_decoder = msgspec.json.Decoder(float_hook=Decimal)
_object_decoder = msgspec.json.Decoder(dict[str, object], float_hook=Decimal)


def encode(value: object) -> bytes:
    """The compact JSON text of a value; Decimal becomes a number with its own digits."""
    return _encoder.encode(value)


def decode(text: bytes | str) -> object:
    """The value of a JSON text; raises `JsonError` when it is not JSON."""
    try:
        return _decoder.decode(text)
    except UnicodeDecodeError as error:
        raise JsonError(str(error)) from error


def decode_object(text: bytes | str) -> dict[str, object]:
    """The members of a JSON object; raises `JsonError` when it is anything else."""
    try:
        return _object_decoder.decode(text)
    except UnicodeDecodeError as error:
        raise JsonError(str(error)) from error


JsonError = msgspec.MsgspecError
